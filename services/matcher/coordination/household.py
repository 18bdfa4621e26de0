"""Who is in a household or an assistance unit now, from the registers that say so.

A CWS household has one register, its own. A unit's members are those of its approved case, as it was approved or last
changed, and before there is one those of its application.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

EVIDENCE_LIMIT = 8  # a household with more active members is no evidence (a shelter, a group home)
_PRECEDENCE = {"application": 0, "case": 1, "household": 1}


@dataclass(frozen=True, slots=True)
class Membership:
    """One spell of one person in one household, as one register has it. Dates are inclusive."""

    household: str
    source: str
    kind: str  # household | application | case; no membership: placement | left (see repository.Group)
    program: str
    person: str
    role: str
    from_date: date | None = None
    until_date: date | None = None

    def holds(self, today: date) -> bool:
        """Whether the spell includes the day."""
        return (self.from_date is None or self.from_date <= today) and (
            self.until_date is None or today <= self.until_date
        )


def counting_for(spell: Membership, root: Callable[[str], str]) -> Membership:
    """The spell of whom the person counts for, after merges."""
    person = root(spell.person)
    return spell if person == spell.person else replace(spell, person=person)


def current_members(rows: Iterable[Membership], today: date) -> dict[str, dict[str, str]]:
    """Household -> person -> role, today."""
    by_household: dict[str, list[Membership]] = defaultdict(list)
    for row in rows:
        by_household[row.household].append(row)
    found: dict[str, dict[str, str]] = {}
    for household, spells in by_household.items():
        rank = max(_PRECEDENCE[spell.kind] for spell in spells)
        standing = [s for s in spells if _PRECEDENCE[s.kind] == rank and s.holds(today)]
        found[household] = {
            s.person: s.role for s in sorted(standing, key=lambda s: (s.source, s.person, s.role))
        }
    return found


def evidence_households(
    members: Mapping[str, Mapping[str, str]],
    active: Collection[tuple[str, str]],
    program_of: Mapping[str, str],
) -> dict[str, frozenset[tuple[str, str]]]:
    """The households small enough to be evidence, as sets of active persons."""
    found = {}
    for household, persons in members.items():
        program = program_of[household]
        inside = frozenset((program, person) for person in persons if (program, person) in active)
        if inside and len(inside) <= EVIDENCE_LIMIT:
            found[household] = inside
    return found
