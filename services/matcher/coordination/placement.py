"""Placements with relatives, as the newest of their own events have them.

The events of a placement are numbered with its child: the newest that plans or begins it names the caregiver, and it
stands until its end is the newest of all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.matcher.coordination.fact import Fact
from shared.events import cws

BEGINNINGS = (cws.RelativePlacementPlanned, cws.RelativePlacementStarted)


@dataclass(frozen=True, slots=True)
class Placement:
    """A child with a relative. `recorded_at`: when the newest plan or beginning was."""

    ref: str
    child: str
    caregiver: str
    stands: bool
    recorded_at: datetime


def placements(facts: Iterable[Fact]) -> list[Placement]:
    """Every placement that was planned or has begun, in the order of their references."""
    begun: dict[str, tuple[Fact, str, str]] = {}
    ended: dict[str, int] = {}
    for fact in facts:
        match fact.data:
            case cws.RelativePlacementPlanned() | cws.RelativePlacementStarted():
                if fact.ref not in begun or begun[fact.ref][0].seq < fact.seq:
                    begun[fact.ref] = (fact, fact.data.child, fact.data.caregiver)
            case cws.RelativePlacementEnded():
                ended[fact.ref] = fact.seq
    return [
        Placement(ref, child, caregiver, ended.get(ref, 0) < fact.seq, fact.recorded_at)
        for ref, (fact, child, caregiver) in sorted(begun.items())
    ]
