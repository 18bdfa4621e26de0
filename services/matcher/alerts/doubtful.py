"""A02, a doubtful match: what the gate says of it, and its entries in the liaison inboxes of the two programs.

It belongs to no mutual case. Its cause is the review, which takes the case's place in its row. An entry is told by
the pair as it was decided, so it is derived with the pairs that changed, in the same transaction.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.matcher import dead_letters
from services.matcher.alerts.catalogue import AlertType
from services.matcher.alerts.causes import Over, alert_id, later_intake
from services.matcher.alerts.derive import CrossingItem, Judged, StandingEntry
from services.matcher.alerts.handlers import Changes, Derivation, Telling
from services.matcher.alerts.inbox import difference
from services.matcher.alerts.live_since import IMPORTING
from services.matcher.alerts.routing import LIAISON, Recipient, share_of
from services.matcher.coordination.fact import Fact
from services.matcher.coordination.repository import CoordinationRepository
from services.matcher.disclosure import accounting
from services.matcher.disclosure import decide as gate
from services.matcher.disclosure.decide import Permit
from services.matcher.disclosure.policy import CountyPolicy, table_on
from services.matcher.disclosure.repository import account
from services.matcher.disclosure.request import Category, Item, Program, Request, Role, Sensitivity, Subject
from services.matcher.due import Due
from services.matcher.identity.decision import pair_id
from services.matcher.identity.repository import IdentityRepository
from services.matcher.identity.resolution import Ends
from shared.calendars import local_date

_PLAIN = Item(implies=(), minor_consented=False, names_hiv=False, alleged_abuser_in_recipient_clients=False)


@dataclass(frozen=True)
class Asked:
    """What the gate said of the other side's record, for one program's liaisons."""

    recipient: Recipient
    judged: Judged

    @property
    def permit(self) -> Permit | None:
        """The permit, if there is one."""
        outcome = self.judged.outcome
        return outcome if isinstance(outcome, Permit) else None


def ask(
    review: str, inbox: str, recipient: Program, ends: Ends, sensitivity: str, policy: CountyPolicy, now: Any
) -> Asked:
    """Whether a liaison of this program may see the other side's record (category K1), for matching alone.

    Releases cannot name matching, so none is gathered. `sensitivity`: of that record.
    """
    to_cws = recipient is Program.CWS
    mine, theirs = ends if to_cws else ends[::-1]
    holder = Program.CALWORKS if to_cws else Program.CWS
    share = share_of(AlertType.REVIEW_MATCH, recipient, Role.LINKAGES_LIAISON)
    request = Request(
        id=f"{review}/{inbox}/K1",
        category=Category.K1,
        holder=holder,
        recipient=recipient,
        purpose=share.purpose,
        role=share.role,
        assigned=True,  # a liaison is, to every pair in review
        subject=Subject(id=theirs, sensitivity=Sensitivity(sensitivity), limited_access=False),
        item=_PLAIN,
        bases=policy.gather(),
        now=now,
    )
    outcome = gate.decide(request, table_on(local_date(now, policy.zone)))
    judged = Judged(CrossingItem(Category.K1, holder, theirs, mine), request, outcome)
    return Asked(Recipient(inbox, share), judged)


@dataclass(frozen=True)
class Doubts:
    """Pairs whose entries may differ: their rows, what their reviews are called, and who of them is active."""

    rows: Mapping[Ends, Any]
    reviews: Mapping[Ends, str]
    active: Mapping[str, str]


async def doubts(
    identity: IdentityRepository, county: str, due: Collection[Due], changed: Collection[Ends]
) -> Doubts:
    """The pairs that changed, and those of persons who are perhaps on hold no more."""
    rows = {(r.cws, r.calworks): r for r in await identity.pairs({cws for cws, _ in changed})}
    rows |= {
        (r.cws, r.calworks): r for r in await identity.pairs({d.subject for d in due if d.kind == "derive"})
    }
    reviews = {
        ends: pair_id(county, *ends)
        for ends in {*changed, *(e for e, r in rows.items() if r.decision == "review")}
    }
    return Doubts(rows, reviews, await identity.active({ref for ends in reviews for ref in ends}))


async def derive_reviews(derivation: Derivation, doubts: Doubts, stored: Iterable[Any]) -> Changes:
    """The changes of the entries of these pairs, of which `stored` stand."""
    if not doubts.reviews:
        return []
    county, policy, active = derivation.county, derivation.policy, doubts.active
    refs = {ref for ends in doubts.reviews for ref in ends}
    held = await dead_letters.held(derivation.connection, county, sorted(refs))
    changes: Changes = []
    decisions: list[dict[str, Any]] = []
    news = await _news(derivation, doubts.reviews.keys())
    entries = derivation.by_case(stored)
    for ends, review in sorted(doubts.reviews.items()):
        row, hidden = doubts.rows.get(ends), not active.keys() >= set(ends)
        waits = row is not None and row.decision == "review" and not hidden and ends in news
        asked = _asked(derivation, review, ends, active) if waits else []
        found = difference(
            county,
            [_entry(county, review, one, one.permit) for one in asked if one.permit is not None],
            entries.get(review, {}),
            over=Over(case=not waits and not hidden),
            held=not held.isdisjoint(ends),
        )
        if found:
            changes += [(change, Telling(review, policy, refs=frozenset(ends))) for change in found]
            decisions += [_accounted(derivation, review, one) for one in asked]
    await account(derivation.connection, decisions)
    return changes


async def _news(derivation: Derivation, pairs: Collection[Ends]) -> set[Ends]:
    """Those of the pairs that could not be seen before the county was live: one side's intake is later."""
    since = derivation.policy.live_since
    if since is None or since == IMPORTING:
        return set(pairs) if since is None else set()
    coordination = CoordinationRepository(derivation.connection, derivation.county)
    spells = await coordination.memberships(persons={ref for ends in pairs for ref in ends})
    homes: dict[str, set[str]] = defaultdict(set)
    for spell in spells:
        homes[spell.person].add(spell.household)
    facts: dict[str, list[Fact]] = defaultdict(list)
    for fact in await coordination.facts(about={spell.household for spell in spells}):
        facts[fact.about].append(fact)
    found = set()
    for ends in pairs:
        later = later_intake(fact for end in ends for home in homes[end] for fact in facts[home])
        if later is None or later >= since:
            found.add(ends)
    return found


def _asked(derivation: Derivation, review: str, ends: Ends, active: Mapping[str, str]) -> list[Asked]:
    return [
        ask(
            review,
            LIAISON,
            program,
            ends,
            active[ends[program is Program.CWS]],
            derivation.policy,
            derivation.now,
        )
        for program in Program
    ]


def _entry(county: str, review: str, asked: Asked, permit: Permit) -> StandingEntry:
    return StandingEntry(
        alert_id(county, AlertType.REVIEW_MATCH, review, review),
        AlertType.REVIEW_MATCH,
        review,
        review,
        asked.recipient,
        ((asked.judged.item, permit),),
        None,
        None,
    )


def _accounted(derivation: Derivation, review: str, asked: Asked) -> dict[str, Any]:
    return accounting.row(
        asked.judged,
        county=derivation.county,
        stage="derived",
        alert=review,
        alert_type=AlertType.REVIEW_MATCH,
        recipient=asked.recipient,
        at=derivation.now,
    )
