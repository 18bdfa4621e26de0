"""What there is to tell of a mutual case now, and what is over.

A cause is a fact that an alert is about. Its matter is over when what it told has ended (the child is home, the
notice is resolved) or its time is past: nothing was wrong with it, so its entries are closed and nobody is told to
disregard them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from services.matcher.alerts.catalogue import AlertType
from services.matcher.alerts.circumstances import Circumstances
from services.matcher.alerts.deadlines import new_worker_until, noncompliance_window
from services.matcher.alerts.routing import Assigned, in_force
from services.matcher.coordination.fact import Fact, of_type
from services.matcher.coordination.life_cycle import closed_in_error
from services.matcher.coordination.mutual_case import Link
from services.matcher.coordination.removal import news_until
from services.matcher.disclosure.request import Program
from shared.events import calworks, cws
from shared.ids import named

_NAMES = {Program.CWS: "cws", Program.CALWORKS: "calworks"}  # as inboxes spell the programs


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that an alert is about: its reference, the links that it concerns, and who alone is to hear of it."""

    type: AlertType
    ref: str
    links: tuple[Link, ...]
    recorded_at: datetime | None
    legal_due: datetime | None = None
    notice: calworks.NoncomplianceStarted | None = None
    to: Program | None = None
    child: str | None = None  # who is told of besides the linked person: the child of a placement


@dataclass(frozen=True)
class Over:
    """What is over without having been wrong: the whole mutual case, alerts, or (program, inbox) of former workers."""

    case: bool = False
    alerts: frozenset[str] = frozenset()
    workers: frozenset[tuple[str, str]] = frozenset()

    def covers(self, alert: str, program: str, inbox: str) -> bool:
        """Whether an entry that should not stand any more is closed, and neither withdrawn nor recalled."""
        return self.case or alert in self.alerts or (program, inbox) in self.workers


def alert_id(county: str, alert: AlertType, mutual_case: str, cause: str) -> str:
    """The id of an alert: one for each type, mutual case and cause."""
    return named(county, alert.value, mutual_case, cause)


def causes(c: Circumstances) -> tuple[list[Cause], Over]:
    """The live causes, each with at least one linked person, and what is over."""
    found = [Cause(AlertType.MUTUAL_AT_INTAKE, c.id, c.near, later_intake(c.facts))]
    past: list[tuple[AlertType, str]] = []
    for standing, over in (_children(c), _placements(c), _notices(c), _sanctions(c), _new_workers(c)):
        found += standing
        past += over
    since = c.policy.live_since
    live = []
    for cause in found:
        links = tuple(link for link in cause.links if link in c.links)
        is_news = since is None or cause.recorded_at is None or cause.recorded_at >= since
        if cause.links and not (links and is_news):
            past.append((cause.type, cause.ref))
        elif links:
            live.append(replace(cause, links=links))
    alerts = frozenset(alert_id(c.county, kind, c.id, ref) for kind, ref in past)
    return live, Over(alerts=alerts, workers=_former_workers(c))


def closed(c: Circumstances) -> Over:
    """What is over in a case that is not open on both sides: all of it, unless it had been opened in error."""
    return Over(case=not closed_in_error(c.facts))


_Found = tuple[list[Cause], list[tuple[AlertType, str]]]


def _children(c: Circumstances) -> _Found:
    """A removal stands until the child is home; the return stands for a while, until the child's next removal."""
    standing, over = [], []
    for removal in c.removals:
        links = tuple(link for link in c.near if link.cws == removal.child)
        if removal.home is None:
            standing.append(Cause(AlertType.CHILD_REMOVED, removal.ref, links, removal.recorded_at))
            continue
        over.append((AlertType.CHILD_REMOVED, removal.ref))
        if removal.is_news:
            came = removal.home.recorded_at
            standing.append(Cause(AlertType.CHILD_RETURNED, removal.ref, links, came))
        else:
            over.append((AlertType.CHILD_RETURNED, removal.ref))
    return standing, over


def _placements(c: Circumstances) -> _Found:
    """A placement with a relative stands until it ends, where it makes the mutual case."""
    standing, over = [], []
    kind = AlertType.RELATIVE_PLACEMENT
    for placement in c.placements:
        if not placement.stands:
            over.append((kind, placement.ref))
        elif "M3" in c.shared.types and c.cws_roles.get(placement.child) == "child":
            links = tuple(
                link for link in c.near if link.cws == placement.caregiver and link.calworks in c.unit_roles
            )
            cause = Cause(kind, placement.ref, links, placement.recorded_at, child=placement.child)
            standing.append(cause)
    return standing, over


def _notices(c: Circumstances) -> _Found:
    """A notice stands until it is resolved, or its last day is past."""
    standing, over = [], []
    resolved = {fact.ref for fact, _ in of_type(c.facts, calworks.NoncomplianceResolved)}
    kind = AlertType.NONCOMPLIANCE_WINDOW
    for fact, notice in of_type(c.facts, calworks.NoncomplianceStarted):
        window = noncompliance_window(notice.notice_date, c.policy)
        if fact.ref in resolved or window.past(c.now):
            over.append((kind, fact.ref))
            continue
        links = tuple(link for link in c.near if link.calworks == notice.person)
        standing.append(Cause(kind, fact.ref, links, fact.recorded_at, window.due.at, notice))
    return standing, over


def _sanctions(c: Circumstances) -> _Found:
    """A sanction stands until it is cured or taken back; that is then told for a while."""
    standing, over = [], []
    ends: dict[str, tuple[Fact, datetime]] = {}
    for cured, cure in of_type(c.facts, calworks.SanctionCured):
        ends[cured.ref] = (cured, news_until(cure.cured_on, c.policy.zone))
    for taken, rescission in of_type(c.facts, calworks.SanctionRescinded):
        if taken.ref not in ends or ends[taken.ref][0].seq < taken.seq:
            ends[taken.ref] = (taken, news_until(rescission.rescinded_on, c.policy.zone))
    for fact, sanction in of_type(c.facts, calworks.SanctionImposed):
        links = tuple(link for link in c.near if link.calworks == sanction.person)
        if fact.ref not in ends:
            standing.append(Cause(AlertType.SANCTION_IMPOSED, fact.ref, links, fact.recorded_at))
            continue
        over.append((AlertType.SANCTION_IMPOSED, fact.ref))
        end, until = ends[fact.ref]
        if c.now < until:
            standing.append(Cause(AlertType.SANCTION_ENDED, fact.ref, links, end.recorded_at))
        else:
            over.append((AlertType.SANCTION_ENDED, fact.ref))
    return standing, over


def _new_workers(c: Circumstances) -> _Found:
    """Who took over from another worker, later than both sides knew the family, and not long ago."""
    standing, over = [], []
    later = later_intake(c.facts)
    recorded = {fact.ref: fact.recorded_at for fact in c.facts}
    for program, other in ((Program.CWS, Program.CALWORKS), (Program.CALWORKS, Program.CWS)):
        appointed = c.appointed[program]
        for one in appointed:
            if later is None or one.data.from_at <= later or not _took_over(one, appointed, c.now):
                continue
            if one in c.workers[program] and c.now < new_worker_until(one.data.from_at):
                ref = one.assignment
                standing.append(Cause(AlertType.WORKER_CHANGED, ref, c.near, recorded[ref], to=other))
            else:
                over.append((AlertType.WORKER_CHANGED, one.assignment))
    return standing, over


def _took_over(one: Assigned, appointed: Iterable[Assigned], now: datetime) -> bool:
    """Whether another worker began before this one in the same place and does not work there any more."""
    return any(
        other.worker != one.worker
        and (other.data.on, other.data.kind) == (one.data.on, one.data.kind)
        and other.data.from_at < one.data.from_at
        and other.data.until_at is not None
        and other.data.until_at <= now
        for other in appointed
    )


def _former_workers(c: Circumstances) -> frozenset[tuple[str, str]]:
    """Who would still be assigned, had what they work on not ended in the ordinary way."""
    ordinary = c.ended - closed_in_error(c.facts)
    if not ordinary:
        return frozenset()
    still = {(program, one.worker) for program, them in c.workers.items() for one in them}
    return frozenset(
        (_NAMES[program], one.worker)
        for program, them in c.appointed.items()
        for one in them
        if one.data.on in ordinary and (program, one.worker) not in still and in_force(one.data, c.now)
    )


def later_intake(facts: Iterable[Fact]) -> datetime | None:
    """When the mutual case could first be seen: the first intake of the side that came second."""
    facts = list(facts)
    first_cws = [
        f.recorded_at for kind in (cws.ReferralReceived, cws.CaseOpened) for f, _ in of_type(facts, kind)
    ]
    first_calworks = [
        f.recorded_at
        for kind in (calworks.ApplicationReceived, calworks.CaseApproved)
        for f, _ in of_type(facts, kind)
    ]
    return max(min(first_cws), min(first_calworks)) if first_cws and first_calworks else None
