"""What alerts a mutual case should have now: a pure function of its circumstances.

Nothing is fired and nothing remembered: the same circumstances give the same alerts, entries and items, whatever
the order in which they came about. An alert cannot be made without a permit of the gate.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.matcher.alerts.catalogue import TOPICS, AlertType
from services.matcher.alerts.causes import Cause, Over, alert_id, causes, closed
from services.matcher.alerts.circumstances import Circumstances
from services.matcher.alerts.routing import Assigned, Recipient, recipients
from services.matcher.coordination.fact import Fact, of_type
from services.matcher.disclosure import decide as gate
from services.matcher.disclosure.decide import Permit, Refusal
from services.matcher.disclosure.request import Category, Item, Program, Request, Sensitivity, Subject, Topic
from shared.events import calworks, cws

_ABOUT_THE_CHILD = frozenset({Category.K1, Category.K6})
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
    recorded_at: datetime | None = None  # when what it is about was recorded

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
    over: Over


def derive(c: Circumstances) -> Derived:
    """The standing alerts of a mutual case."""
    if not c.shared.types:
        return Derived((), (), (), closed(c) if c.shared.past else Over())
    live, over = causes(c)
    entries, judged = [], []
    for cause in live:
        ident = alert_id(c.county, cause.type, c.id, cause.ref)
        for recipient in _recipients(c, cause):
            found = tuple(_judge(c, cause, recipient, ident))
            judged += [(ident, cause.type, recipient, one) for one in found]
            permits = tuple((one.item, one.outcome) for one in found if isinstance(one.outcome, Permit))
            if permits:
                entries.append(
                    StandingEntry(
                        ident,
                        cause.type,
                        c.id,
                        cause.ref,
                        recipient,
                        permits,
                        cause.legal_due,
                        cause.notice,
                        cause.recorded_at,
                    )
                )
    return Derived(c.shared.types, tuple(entries), tuple(judged), over)


def _recipients(c: Circumstances, cause: Cause) -> list[Recipient]:
    has_case = any(fact.ref not in c.ended for fact, _ in of_type(c.facts, cws.CaseOpened))
    return [
        recipient
        for program in Program
        if cause.to in (None, program)
        for recipient in recipients(cause.type, c.workers[program], program, has_case=has_case)
    ]


def _judge(c: Circumstances, cause: Cause, recipient: Recipient, alert: str) -> Iterator[Judged]:
    """Every item that the type holds for this recipient, decided one by one."""
    share = recipient.share
    holder = Program.CALWORKS if share.program is Program.CWS else Program.CWS
    for item in sorted(set(_items(c, cause, share.categories, holder))):
        # Recipients are found among assignments in force, so they are assigned.
        yield judge(c, alert, recipient, item, assigned=True, topic=TOPICS.get(cause.type))


def judge(
    c: Circumstances,
    alert: str,
    recipient: Recipient,
    item: CrossingItem,
    *,
    assigned: bool,
    topic: Topic | None = None,
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
            id=c.told_of.get((item.source, item.subject), item.subject),
            sensitivity=Sensitivity(c.sensitivity.get(item.subject, "R")),
            limited_access=False,
        ),
        item=_PLAIN,
        bases=c.bases,
        now=c.now,
        topic=topic,
    )
    return Judged(item, request, gate.decide(request, c.table))


def _items(
    c: Circumstances, cause: Cause, categories: Sequence[Category], holder: Program
) -> Iterator[CrossingItem]:
    """The items of a cause: about its linked people only, and the child who is placed with one of them."""
    for link in cause.links:
        linked = link.calworks if holder is Program.CALWORKS else link.cws
        for category in categories:
            subject = cause.child if cause.child and category in _ABOUT_THE_CHILD else linked
            for source in _sources(c, cause, category, subject, holder):
                yield CrossingItem(category, holder, subject, source)


def _sources(
    c: Circumstances, cause: Cause, category: Category, subject: str, holder: Program
) -> Iterator[str]:
    """The facts that an item of a category rests on."""
    match category, cause.type:
        case Category.K0, AlertType.WORKER_CHANGED:
            yield cause.ref
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
        case Category.K6, AlertType.CHILD_REMOVED | AlertType.CHILD_RETURNED | AlertType.RELATIVE_PLACEMENT:
            yield cause.ref
        case Category.K6, _:
            opened = of_type(c.facts, cws.CaseOpened)
            yield from (f.ref for f, case in opened if case.child == subject and f.ref not in c.ended)
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


def contacts(c: Circumstances, holder: Program) -> Sequence[Assigned]:
    """Whom to call on the holder's side."""
    return c.workers[holder]


def involvement(c: Circumstances, holder: Program) -> str:
    """What makes the family known to the holder: an open case if there is one, else the intake, else an ended case."""
    kinds = (
        (cws.CaseOpened, cws.ReferralReceived)
        if holder is Program.CWS
        else (calworks.CaseApproved, calworks.ApplicationReceived)
    )
    for kind in kinds:
        found = [fact.ref for fact, _ in of_type(c.facts, kind) if fact.ref not in c.ended]
        if found:
            return found[0]
    return next((fact.ref for fact, _ in of_type(c.facts, kinds[0])), c.id)
