"""What alerts a mutual case should have now: a pure function of its circumstances.

Nothing is fired and nothing remembered: the same circumstances give the same alerts, entries and items, whatever
the order in which they came about. An alert cannot be made without a permit of the gate.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.matcher.alerts.catalogue import AlertType
from services.matcher.alerts.circumstances import Circumstances
from services.matcher.alerts.deadlines import noncompliance_window
from services.matcher.alerts.routing import (
    Assigned,
    Recipient,
    assigned_in_calworks,
    assigned_in_cws,
    recipients,
)
from services.matcher.coordination.fact import Fact, of_type
from services.matcher.coordination.mutual_case import (
    Link,
    household_is_open,
    mutual_types,
    unit_is_open,
)
from services.matcher.disclosure import decide as gate
from services.matcher.disclosure.decide import Permit, Refusal
from services.matcher.disclosure.request import Category, Item, Program, Request, Sensitivity, Subject
from shared.events import calworks, cws
from shared.ids import named

_PLAIN = Item(implies=(), minor_consented=False, names_hiv=False, alleged_abuser_in_recipient_clients=False)


@dataclass(frozen=True, slots=True, order=True)
class CrossingItem:
    """One fact that may cross: its category, whose it is, about whom, and the event it comes from. No content."""

    category: Category
    holder: Program
    subject: str
    source: str


@dataclass(frozen=True)
class Judged:
    """An item and what the gate said of it for one recipient."""

    item: CrossingItem
    request: Request
    outcome: Permit | Refusal


@dataclass(frozen=True)
class StandingEntry:
    """What one inbox should show of one alert: only what the gate permitted; without that there is no entry."""

    alert: str
    type: AlertType
    mutual_case: str
    cause: str
    recipient: Recipient
    permits: tuple[tuple[CrossingItem, Permit], ...]
    legal_due: datetime | None
    notice: calworks.NoncomplianceStarted | None

    def __post_init__(self) -> None:
        """Refuse to be made without a permit."""
        if not self.permits or not all(isinstance(permit, Permit) for _, permit in self.permits):
            raise TypeError("an entry needs a permit of the disclosure gate")


@dataclass(frozen=True)
class Derived:
    """A mutual case: its kinds of link (none: it is closed), its entries, every judgement, and what is over."""

    types: tuple[str, ...]
    entries: tuple[StandingEntry, ...]
    judged: tuple[tuple[str, AlertType, Recipient, Judged], ...]
    over: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Cause:
    """Something that an alert is about: its reference, and the links that it concerns."""

    type: AlertType
    ref: str
    links: tuple[Link, ...]
    recorded_at: datetime | None
    legal_due: datetime | None = None
    notice: calworks.NoncomplianceStarted | None = None


def alert_id(county: str, alert: AlertType, mutual_case: str, cause: str) -> str:
    """The id of an alert: one for each type, mutual case and cause."""
    return named(county, alert.value, mutual_case, cause)


def derive(c: Circumstances) -> Derived:
    """The standing alerts of a mutual case."""
    types = mutual_types(c.links, c.cws_roles, c.unit_roles, counted=c.policy.mutual_types)
    both_open = household_is_open(c.facts, referral_counts=c.policy.referral_counts) and unit_is_open(c.facts)
    if not types or not both_open:
        return Derived((), (), (), frozenset())
    causes, over = _causes(c)
    entries, judged = [], []
    for cause in causes:
        ident = alert_id(c.county, cause.type, c.id, cause.ref)
        for recipient in _recipients(c, cause.type):
            found = tuple(_judge(c, cause, recipient, ident))
            judged += [(ident, cause.type, recipient, one) for one in found]
            permits = tuple((one.item, one.outcome) for one in found if isinstance(one.outcome, Permit))
            if permits:
                entries.append(
                    StandingEntry(
                        ident, cause.type, c.id, cause.ref, recipient, permits, cause.legal_due, cause.notice
                    )
                )
    return Derived(types, tuple(entries), tuple(judged), frozenset(over))


def _causes(c: Circumstances) -> tuple[list[_Cause], set[str]]:
    """What there is to tell, and the alerts whose matter is over."""
    causes = [_Cause(AlertType.MUTUAL_AT_INTAKE, c.id, c.links, _later_intake(c.facts))]
    over: set[str] = set()
    for fact, removal in of_type(c.facts, cws.ChildRemoved):
        links = tuple(link for link in c.links if link.cws == removal.child)
        causes.append(_Cause(AlertType.CHILD_REMOVED, fact.ref, links, fact.recorded_at))
    for fact, notice in of_type(c.facts, calworks.NoncomplianceStarted):
        window = noncompliance_window(notice.notice_date, c.policy)
        links = tuple(link for link in c.links if link.calworks == notice.person)
        if window.past(c.now):
            over.add(alert_id(c.county, AlertType.NONCOMPLIANCE_WINDOW, c.id, fact.ref))
            continue
        causes.append(
            _Cause(AlertType.NONCOMPLIANCE_WINDOW, fact.ref, links, fact.recorded_at, window.due.at, notice)
        )
    for fact, sanction in of_type(c.facts, calworks.SanctionImposed):
        links = tuple(link for link in c.links if link.calworks == sanction.person)
        causes.append(_Cause(AlertType.SANCTION_IMPOSED, fact.ref, links, fact.recorded_at))
    since = c.policy.live_since
    live = [
        x for x in causes if x.links and (since is None or x.recorded_at is None or x.recorded_at >= since)
    ]
    return live, over


def _later_intake(facts: Iterable[Fact]) -> datetime | None:
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


def _recipients(c: Circumstances, alert: AlertType) -> list[Recipient]:
    has_case = bool(of_type(c.facts, cws.CaseOpened))
    return [
        *recipients(alert, assigned_in_cws(c.facts, c.now), Program.CWS, has_case=has_case),
        *recipients(alert, assigned_in_calworks(c.facts, c.now), Program.CALWORKS, has_case=has_case),
    ]


def _judge(c: Circumstances, cause: _Cause, recipient: Recipient, alert: str) -> Iterator[Judged]:
    """Every item that the type holds for this recipient, decided one by one."""
    share = recipient.share
    holder = Program.CALWORKS if share.program is Program.CWS else Program.CWS
    for item in sorted(set(_items(c, cause, share.categories, holder))):
        # Recipients are found among assignments in force, so they are assigned.
        yield judge(c, alert, recipient, item, assigned=True)


def judge(
    c: Circumstances, alert: str, recipient: Recipient, item: CrossingItem, *, assigned: bool
) -> Judged:
    """Ask the gate about one item for one recipient."""
    share = recipient.share
    request = Request(
        id=f"{alert}/{recipient.inbox}/{item.category}/{item.subject}",
        category=item.category,
        holder=item.holder,
        recipient=share.program,
        purpose=share.purpose,
        role=share.role,
        assigned=assigned,
        subject=Subject(
            id=item.subject,
            sensitivity=Sensitivity(c.sensitivity.get(item.subject, "R")),
            limited_access=False,
        ),
        item=_PLAIN,
        bases=c.bases,
        now=c.now,
    )
    return Judged(item, request, gate.decide(request, c.table))


def _items(
    c: Circumstances, cause: _Cause, categories: Sequence[Category], holder: Program
) -> Iterator[CrossingItem]:
    """The items of a cause: about its linked people only."""
    for link in cause.links:
        subject = link.calworks if holder is Program.CALWORKS else link.cws
        for category in categories:
            for source in _sources(c, cause, category, subject, holder):
                yield CrossingItem(category, holder, subject, source)


def _sources(
    c: Circumstances, cause: _Cause, category: Category, subject: str, holder: Program
) -> Iterator[str]:
    """The facts that an item of a category rests on."""
    match category, cause.type:
        case Category.K0, _:
            yield from (one.assignment for one in contacts(c, holder))
        case Category.K1, _:
            yield subject
        case Category.K2, _:
            yield involvement(c, holder)
        case Category.K3, AlertType.MUTUAL_AT_INTAKE:
            yield involvement(c, holder)
        case Category.K3, _:
            yield cause.ref
        case Category.K4, _:
            yield from (fact.ref for fact in c.facts if fact.ref == cause.ref and _has_slots(fact))
        case Category.K6, AlertType.CHILD_REMOVED:
            yield cause.ref
        case Category.K6, _:
            yield from (f.ref for f, case in of_type(c.facts, cws.CaseOpened) if case.child == subject)
        case _:
            return


def _has_slots(fact: Fact) -> bool:
    """Whether a notice or a sanction says what was missed, or what cures it."""
    match fact.data:
        case calworks.NoncomplianceStarted(missed=slot):
            return slot is not None
        case calworks.SanctionImposed(cure_steps=steps):
            return bool(steps)
    return False


def contacts(c: Circumstances, holder: Program) -> list[Assigned]:
    """Whom to call on the holder's side."""
    return assigned_in_cws(c.facts, c.now) if holder is Program.CWS else assigned_in_calworks(c.facts, c.now)


def involvement(c: Circumstances, holder: Program) -> str:
    """The fact that makes the family known to the holder: a case if there is one, else the intake."""
    kinds = (
        (cws.CaseOpened, cws.ReferralReceived)
        if holder is Program.CWS
        else (calworks.CaseApproved, calworks.ApplicationReceived)
    )
    for kind in kinds:
        found = of_type(c.facts, kind)
        if found:
            return found[0][0].ref
    return c.id
