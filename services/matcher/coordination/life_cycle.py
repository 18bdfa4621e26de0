"""How referrals, cases and applications stand now: which of them have ended.

The events of one object have comparable sequences: the newest of those that open, close or reopen it says how it
stands, whatever the order in which they came. A closing of something that was never opened here ends nothing yet.
"""

from collections.abc import Iterable
from datetime import date

from services.matcher.coordination.fact import Fact, of_type
from shared.events import Event, calworks, cws

_STATES = (
    cws.ReferralReceived,
    cws.ReferralClosed,
    cws.CaseOpened,
    cws.CaseClosed,
    cws.CaseReopened,
    calworks.ApplicationReceived,
    calworks.ApplicationDecided,
    calworks.ApplicationWithdrawn,
    calworks.CaseApproved,
    calworks.CaseDiscontinued,
    calworks.CaseRestored,
)


def ended(facts: Iterable[Fact], today: date) -> frozenset[str]:
    """The referrals, cases and applications that are over: closed, discontinued, denied, withdrawn or become a case.

    A discontinuance is told in advance: the case goes on until the last day of aid.
    """
    facts = list(facts)
    over = {ref for ref, fact in _newest(facts).items() if _ends(fact.data, today)}
    return frozenset(over | _became_a_case(facts))


def closed_in_error(facts: Iterable[Fact]) -> frozenset[str]:
    """The cases that were closed because they should not have been opened: what was told of them was wrong."""
    return frozenset(
        ref
        for ref, fact in _newest(facts).items()
        if isinstance(fact.data, cws.CaseClosed) and fact.data.reason_class == "error"
    )


def _newest(facts: Iterable[Fact]) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    for fact in facts:
        if isinstance(fact.data, _STATES) and (fact.ref not in found or found[fact.ref].seq < fact.seq):
            found[fact.ref] = fact
    return found


def _ends(data: Event, today: date) -> bool:
    match data:
        case cws.ReferralClosed() | cws.CaseClosed() | calworks.ApplicationWithdrawn():
            return True
        case calworks.CaseDiscontinued(aid_end=last):
            return last < today
        case calworks.ApplicationDecided(outcome=outcome):
            return outcome == "denied"
    return False


def _became_a_case(facts: list[Fact]) -> set[str]:
    """Applications whose case is there: it names them, or they were approved in a unit that has one."""
    cases = of_type(facts, calworks.CaseApproved)
    if not cases:
        return set()
    units = {fact.about for fact, _ in cases}
    inside = {fact.ref for fact, _ in of_type(facts, calworks.ApplicationReceived) if fact.about in units}
    decided = of_type(facts, calworks.ApplicationDecided)
    return {case.application for _, case in cases if case.application} | {
        fact.ref for fact, decision in decided if decision.outcome == "approved" and fact.ref in inside
    }
