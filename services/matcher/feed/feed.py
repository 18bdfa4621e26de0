"""What one transaction tells the coordination topic. It leaves by the matcher's outbox, or not at all.

References are keyed hashes: who knows a program's own references cannot work them out. The envelope names nobody
either: no actor, no trace, nothing that ties the events of one transaction together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from services.matcher.alerts.catalogue import AlertType
from services.matcher.alerts.causes import later_intake
from services.matcher.alerts.circumstances import Circumstances
from services.matcher.alerts.inbox import Change
from services.matcher.disclosure.policy import CountyPolicy
from services.matcher.disclosure.release import Release
from services.matcher.feed import words
from services.matcher.identity.decision import Decision, Linked, NeedsReview
from services.matcher.tables import OUTBOX
from shared.crypto import CountyKeys
from shared.database import Connection, upsert
from shared.events import Event, coordination
from shared.events.coordination import Program
from shared.outbox import Outbox

if TYPE_CHECKING:
    from services.matcher.alerts.handlers import Telling

_ORDER = "(order)"  # a key of no event: its counter is locked by whoever writes, county by county

_ALERT_EVENTS: Mapping[str, type[coordination.AlertEvent]] = {
    "created": coordination.AlertCreated,
    "acknowledged": coordination.AlertAcknowledged,
    "withdrawn": coordination.AlertWithdrawn,
    "recalled": coordination.AlertRecalled,
    "closed": coordination.AlertClosed,
}


@dataclass
class Feed:
    """The events of one transaction about one county. `write` is called once, last, before the commit."""

    county: str
    keys: CountyKeys
    now: datetime
    outbox: Outbox = field(default_factory=lambda: Outbox(OUTBOX, coordination.SOURCE, correlation=None))

    def tell(self, event: Event) -> None:
        """Publish an event when the transaction commits; what it shows of the time is the hour."""
        hour = words.hour_of(self.now)
        self.outbox.add(self.county, event, time=hour, recorded=hour)

    def pair(self, ends: tuple[str, str], row: Any, decision: Decision) -> None:
        """A pair was decided; `row` is what stood before."""
        was = None if row is None else row.decision
        now = {Linked: "linked", NeedsReview: "review"}.get(type(decision))
        if was == now:
            return
        because = [[part.field, part.level, part.weight] for part in decision.because]
        who = words.decided_by(because)
        if was is not None and (was == "linked" or now is None):
            ended = coordination.LinkWithdrawn if was == "linked" else coordination.LinkRejected
            self._link(ended, ends, row.weight, row.because, who)
        if now is not None:
            opened = coordination.LinkConfirmed if now == "linked" else coordination.LinkReviewOpened
            self._link(opened, ends, decision.weight, because, who)

    def _link(
        self,
        kind: type[coordination.LinkEvent],
        ends: tuple[str, str],
        weight: float,
        because: Iterable[Any],
        who: coordination.DecidedBy,
    ) -> None:
        self.tell(
            kind(
                link=self._minted("link", *ends),
                score_band=words.band_of(weight),
                method=words.method_of(because),
                decided_by=who,
            )
        )

    def mutual_case(self, c: Circumstances, row: Any, types: tuple[str, ...]) -> None:
        """A mutual case was derived; `row` is what stood before, `types` are empty when it is not open now."""
        was = tuple(row.types) if row is not None and row.is_open else ()
        if was == types:
            return
        kind: type[coordination.MutualEvent] = coordination.MutualChanged
        if not was:
            kind = coordination.MutualOpened
        elif not types:
            kind = coordination.MutualClosed
        since = later_intake(c.facts)
        self.tell(
            kind(
                mutual=self._minted("mutual", c.id),
                types=cast("tuple[coordination.MutualType, ...]", types or was),
                days_since_intake=None if since is None else max(0, (self.now - since).days),
            )
        )

    def release(self, kind: type[coordination.ReleaseEvent], release: Release) -> None:
        """A release was recorded, revoked, or has expired."""
        self.tell(
            kind(
                release=self._minted("release", release.id),
                program=cast("Program", release.program),
                form=words.form_class(release.form),
                categories=len(release.categories),
                directions=tuple(words.DIRECTIONS[one] for one in release.directions),
            )
        )

    def change(
        self, change: Change, row: Any, values: Mapping[str, Any], c: "Circumstances | Telling"
    ) -> None:
        """An entry gets `values`; `row` is what stood before. One whose content alone changed is not told."""
        if change.kind == "updated":
            return
        alert_type = (
            change.entry.type if change.entry else AlertType.ALERT_RECALLED if row is None else row.type
        )
        if change.entry is not None:
            since = change.entry.recorded_at
        else:
            cause = None if row is None else row.cause
            since = max((fact.recorded_at for fact in c.facts if fact.ref == cause), default=None)
        begun = self.now if row is None or change.kind == "created" else row.created_at
        self._alert(change.kind, change.alert, str(alert_type), values, since or begun, c.policy)

    def acknowledged(self, row: Any, since: datetime | None, policy: CountyPolicy) -> None:
        """An entry was acknowledged; `since`: when what it is about was recorded."""
        values = {"program": row.program, "role": row.role, "acknowledge_by": row.acknowledge_by}
        self._alert(
            "acknowledged",
            row.alert,
            row.type,
            {**values, "acknowledged_at": self.now},
            since or row.created_at,
            policy,
        )

    def _alert(
        self,
        kind: str,
        alert: str,
        alert_type: str,
        values: Mapping[str, Any],
        since: datetime,
        policy: CountyPolicy,
    ) -> None:
        due = policy.acknowledge.get(alert_type)
        self.tell(
            _ALERT_EVENTS[kind](
                alert=self._minted("alert", alert),
                alert_type=alert_type,
                severity=words.SEVERITY[alert_type],
                program=values["program"],
                role=values["role"],
                due_class=None if due is None else words.due_class(due.count, due.unit),
                minutes_since_cause=words.minutes_between(since, self.now),
                on_time=words.on_time(values["acknowledged_at"], values["acknowledge_by"], self.now),
            )
        )

    def _minted(self, kind: str, *parts: str) -> str:
        return f"{kind}_{self.keys.digest('/'.join(('feed', kind, *parts))).hex()}"

    async def write(self, connection: Connection) -> bool:
        """Store the events. The county's writers take turns from here to their commit; whether there was one."""
        if self.outbox.is_empty:
            return False
        turn = {"county": self.county, "key": _ORDER, "last": 1}
        await connection.execute(upsert(connection, OUTBOX.keys, add=("last",)), turn)
        await self.outbox.write(connection, self.now)
        return True
