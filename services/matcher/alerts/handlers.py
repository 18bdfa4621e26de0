"""Deriving: what should stand for some households, and the difference written in the same transaction."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.matcher.alerts.arrivals import Arrivals
from services.matcher.alerts.catalogue import AlertType
from services.matcher.alerts.circumstances import Circumstances
from services.matcher.alerts.deadlines import DeadlineFacts, acknowledge_by
from services.matcher.alerts.derive import Derived, derive
from services.matcher.alerts.inbox import Change, InboxAddress, content, difference
from services.matcher.alerts.loading import Loaded, Loader
from services.matcher.alerts.repository import AlertRepository
from services.matcher.coordination.fact import Fact
from services.matcher.coordination.repository import CoordinationRepository
from services.matcher.disclosure import accounting
from services.matcher.disclosure.policy import CountyPolicy
from services.matcher.disclosure.repository import account
from services.matcher.feed.feed import Feed
from shared.crypto import CountyKeys
from shared.database import Connection


@dataclass(frozen=True)
class Telling:
    """What entries belong to that are of no mutual case: its id, and the county's policy."""

    id: str
    policy: CountyPolicy
    facts: tuple[Fact, ...] = ()
    refs: frozenset[str] = frozenset()  # the two records of a doubtful match


Changes = list[tuple[Change, Circumstances | Telling]]
"""Changes of entries, each with what it belongs to."""


@dataclass(frozen=True)
class Derivation:
    """Derives one county's mutual cases and alerts in one transaction."""

    connection: Connection
    county: str
    keys: CountyKeys
    policy: CountyPolicy
    now: datetime
    feed: Feed
    arrivals: Arrivals

    async def load(self, households: Collection[str]) -> Loaded:
        """What the mutual cases of these CWS households are derived from."""
        loader = Loader(self.connection, self.county, self.keys, self.policy, self.now)
        return await loader.load(households) if households else Loaded()

    async def derive(self, loaded: Loaded, stored: Iterable[Any]) -> Changes:
        """Write the mutual cases that differ; the changes of their entries, of which `stored` stand."""
        changes: Changes = []
        cases: list[dict[str, Any]] = []
        decisions: list[dict[str, Any]] = []
        entries = self.by_case(stored)
        for circumstances in loaded.circumstances:
            derived = derive(circumstances)
            its = entries.get(circumstances.id, {})
            changes += [
                (change, circumstances)
                for change in difference(
                    self.county, derived.entries, its, over=derived.over, held=circumstances.held
                )
            ]
            judged = [self._decision(*one) for one in derived.judged]
            case = self._case(circumstances, derived, loaded, accounting.digest(judged))
            if case is not None:
                self.feed.mutual_case(circumstances, loaded.cases.get(circumstances.id), derived.types)
                cases.append(case)
                decisions += judged
        await CoordinationRepository(self.connection, self.county).save_mutual_cases(cases)
        await account(self.connection, decisions)
        return changes

    def by_case(self, stored: Iterable[Any]) -> dict[str, dict[tuple[str, InboxAddress], Any]]:
        """Rows of entries by mutual case or review, then by alert and inbox."""
        found: dict[str, dict[tuple[str, InboxAddress], Any]] = defaultdict(dict)
        for row in stored:
            found[row.mutual_case][(row.alert, InboxAddress(self.county, row.program, row.inbox))] = row
        return found

    def _decision(self, alert: str, alert_type: AlertType, recipient: Any, judged: Any) -> dict[str, Any]:
        return accounting.row(
            judged,
            county=self.county,
            stage="derived",
            alert=alert,
            alert_type=alert_type,
            recipient=recipient,
            at=self.now,
        )

    def _case(
        self, c: Circumstances, derived: Derived, loaded: Loaded, judged: bytes
    ) -> dict[str, Any] | None:
        """The mutual case's row if it differs from the stored one; None when nothing is to be written."""
        row = loaded.cases.get(c.id)
        if row is None and not derived.types:
            return None
        same = row is not None and (
            row.is_open == bool(derived.types)
            and (tuple(row.types) == derived.types or not derived.types)
            and row.judged == judged
        )
        if same:
            return None
        return {
            "id": c.id,
            "household": c.household,
            "unit": c.unit,
            "types": list(derived.types),
            "is_open": bool(derived.types),
            "judged": judged,
            "version": row.version + 1 if row is not None else 1,
            "changed_at": self.now,
        }

    async def write(
        self, alerts: AlertRepository, changes: Changes, stored: Iterable[Any]
    ) -> set[InboxAddress]:
        """Write changes of entries; the inboxes that changed."""
        if not changes:
            return set()
        before = {(row.alert, InboxAddress(self.county, row.program, row.inbox)): row for row in stored}
        last = await alerts.next_seqs(dict(Counter(change.address for change, _ in changes)))
        rows = []
        for change, circumstances in changes:
            last[change.address] += 1
            row = before.get((change.alert, change.address))
            rows.append(self._entry(change, row, last[change.address], circumstances.policy))
            if change.kind == "created":
                self.arrivals.add(_type_of(change).value, circumstances.refs)
            self.feed.change(change, row, rows[-1], circumstances)
        await alerts.save_alerts(
            [self._alert(change, c) for change, c in changes if change.kind == "created"]
        )
        await alerts.save_entries(rows)
        return {change.address for change, _ in changes}

    def _alert(self, change: Change, c: Circumstances | Telling) -> dict[str, Any]:
        entry = change.entry
        return {
            "id": change.alert,
            "type": _type_of(change).value,
            "mutual_case": c.id,
            "cause": entry.cause if entry else change.recalls,
            "legal_due": entry.legal_due if entry else None,
            "created_at": self.now,
        }

    def _entry(self, change: Change, row: Any, seq: int, policy: CountyPolicy) -> dict[str, Any]:
        """An entry's row after a change. One that stands again is new to its reader."""
        values: dict[str, Any] = {
            "alert": change.alert,
            "program": change.address.program,
            "inbox": change.address.inbox,
            "state": change.state,
            "seq": seq,
            "change": change.kind,
            "version": row.version + 1 if row is not None else 1,
            "created_at": self.now,
        }
        if change.kind == "created":
            notice = change.entry.notice if change.entry else None
            facts = DeadlineFacts(notice_on=notice.notice_date if notice else None)
            due = acknowledge_by(_type_of(change).value, self.now, policy, facts).at
            values |= {"acknowledge_by": due, "read_at": None, "acknowledged_at": None}
        else:
            values |= {n: getattr(row, n) for n in ("acknowledge_by", "read_at", "acknowledged_at")}
        if change.entry is not None:
            values |= {"role": change.entry.recipient.share.role.value, "items": content(change.entry)}
        else:
            values |= {"role": change.role or row.role, "items": [] if row is None else row.items}
        return values


def _type_of(change: Change) -> AlertType:
    return change.entry.type if change.entry else AlertType.ALERT_RECALLED
