"""Of which types a household and a unit belong together, worked out from scratch: what was told, followed in order.

Knows none of the matcher's rules: who is placed with whom, who is away from home, who was taken off a unit and which
aid has ended are followed event by event, and then asked of every two homes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from shared.calendars import add_months
from shared.events import Event, calworks, cws

NEWS_DAYS = 30  # for which the return of a child is news


@dataclass
class Belonging:
    """Where everybody is at the end. People are named by whom they count for."""

    caregivers: dict[str, tuple[str, str]] = field(default_factory=dict)  # placement -> child, caregiver
    placed: set[str] = field(default_factory=set)  # the placements that stand
    away: dict[str, list[date]] = field(
        default_factory=dict
    )  # child -> days of removals from which it is not home, or has come home not long ago
    taken_off: dict[str, dict[str, date]] = field(default_factory=dict)  # unit -> person -> from which month
    aid_ended: dict[str, date] = field(default_factory=dict)  # unit -> the last day of aid of what has ended

    def near(self, household: Iterable[str]) -> set[str]:
        """The members, and with whom some of them are or were placed."""
        members = set(household)
        return members | {caregiver for child, caregiver in self.caregivers.values() if child in members}

    def types(
        self,
        links: Iterable[tuple[str, str]],
        household: Mapping[str, str],
        unit: str,
        aided: Mapping[str, str],
        *,
        known_to: tuple[bool, bool],
        today: date,
        months: int,
    ) -> set[str]:
        """`known_to`: whether something is open in the household, and in the unit."""
        cws_open, unit_open = known_to
        found = set()
        for client, person in links if cws_open else ():
            role = household.get(client)
            if unit_open and person in aided:
                if role in ("parent", "guardian") and aided[person] in (
                    "aided_adult",
                    "sanctioned",
                    "timed_out",
                ):
                    found.add("M1")
                if role == "child":
                    found.add("M2")
                if any(
                    caregiver == client and household.get(child) == "child"
                    for placement, (child, caregiver) in self.caregivers.items()
                    if placement in self.placed
                ):
                    found.add("M3")
            if role == "child" and self._was_there(client, person, unit, aided, unit_open, today, months):
                found.add("M5")
        return found

    def _was_there(
        self,
        client: str,
        person: str,
        unit: str,
        aided: Mapping[str, str],
        unit_open: bool,
        today: date,
        months: int,
    ) -> bool:
        """Whether the child was in the unit when it was removed, and not too long ago."""
        days = self.away.get(client, ())
        if person in aided:
            since = None if unit_open else self.aid_ended.get(unit)
            was_in = since is not None and any(day <= since for day in days)
        else:
            since = self.taken_off.get(unit, {}).get(person)
            was_in = since is not None and any(
                (day.year, day.month) <= (since.year, since.month) for day in days
            )
        return since is not None and was_in and today <= add_months(since, months)


def follow(told: Sequence[tuple[int, Event]], survivors: Mapping[str, str], today: date) -> Belonging:
    """What was told, each with its number, in the order in which it was told of each thing."""
    found = Belonging()
    _children(told, survivors, today, found)
    _units([data for _, data in told], survivors, today, found)
    return found


def _children(
    told: Iterable[tuple[int, Event]], survivors: Mapping[str, str], today: date, found: Belonging
) -> None:
    removals: dict[str, tuple[str, date]] = {}
    home: dict[str, tuple[int, date]] = {}
    last: dict[str, int] = {}  # child -> the number of what was last told of its removals and returns
    for number, data in told:
        match data:
            case cws.RelativePlacementPlanned() | cws.RelativePlacementStarted():
                child, caregiver = (survivors.get(ref, ref) for ref in (data.child, data.caregiver))
                found.caregivers[data.placement] = (child, caregiver)
                found.placed.add(data.placement)
            case cws.RelativePlacementEnded():
                found.placed.discard(data.placement)
            case cws.ChildRemoved():
                child = survivors.get(data.child, data.child)
                removals[data.removal], last[child] = (child, data.removed_on), number
            case cws.ChildReturned():
                home[data.removal] = (number, data.returned_on)
                last[survivors.get(data.child, data.child)] = number
    for removal, (child, day) in removals.items():
        number, came = home.get(removal, (0, today))
        if removal not in home or (number == last[child] and (today - came).days <= NEWS_DAYS):
            found.away.setdefault(child, []).append(day)


def _units(told: Iterable[Event], survivors: Mapping[str, str], today: date, found: Belonging) -> None:
    off: dict[tuple[str, str], tuple[str, date]] = {}
    unit_of: dict[str, str] = {}
    ended: dict[str, date] = {}
    for data in told:
        match data:
            case calworks.AuMemberRemoved():
                off[(data.case, data.person)] = (data.au, data.effective_month)
            case calworks.AuMemberAdded():
                off.pop((data.case, data.person), None)
            case calworks.CaseApproved():
                unit_of[data.case] = data.au
                ended.pop(data.case, None)
            case calworks.CaseRestored():
                ended.pop(data.case, None)
            case calworks.CaseDiscontinued():
                ended[data.case] = data.aid_end
    for (_, person), (unit, month) in off.items():
        theirs = found.taken_off.setdefault(unit, {})
        root = survivors.get(person, person)
        theirs[root] = max(month, theirs.get(root, month))
    for case, last in ended.items():
        if last < today and case in unit_of:
            found.aid_ended[unit_of[case]] = max(last, found.aid_ended.get(unit_of[case], last))
