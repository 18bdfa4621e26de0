"""A service case: one for each child (domain trap 2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from services.cws_api.domain.client import ClientNotFound, NotAChild
from services.cws_api.domain.intake import Entry, Found, by_names
from services.cws_api.domain.referral import CHILD, Participant, references
from shared.days import check_order, check_past
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events.cws import (
    CaseClosed,
    CaseComponentChanged,
    CaseOpened,
    CaseParticipantsChanged,
    CaseReopened,
    ClosureReason,
)

# Emergency response, family maintenance, family reunification, permanent placement, supportive transition.
Component = Literal["ER", "FM", "FR", "PP", "ST"]
Status = Literal["open", "closed"]

# A case is in one component at a time. FM to FR is a removal, FR to FM a return.
MOVES: dict[Component, tuple[Component, ...]] = {
    "ER": ("FM", "FR", "PP"),
    "FM": ("FR",),
    "FR": ("FM", "PP", "ST"),
    "PP": ("FM", "ST"),
    "ST": (),
}


class CaseNotFound(NotFound):
    """No case with this reference."""


class ChildHasCase(Conflict):
    """A second open case for one child."""

    slug, title = "child-has-case", "The child has an open case"


class CaseIsClosed(Conflict):
    """What can only happen to an open case."""

    slug, title = "case-closed", "The case is closed"


class CaseIsOpen(Conflict):
    """A case that is not closed cannot be opened again."""

    slug, title = "case-open", "The case is open"


class NoSuchMove(Conflict):
    """A component that cannot follow the present one."""

    slug, title = "no-such-move", "A case does not move between these components"


@dataclass(frozen=True, slots=True)
class Case:
    """A case's record; `assignment` is the one of its present primary worker.

    `moved_on` is the day on which it was last closed, reopened or moved to another component: moves are told
    in their order. Only a closed case has `reason_class` and `closed_on`.
    """

    ref: str
    child: str
    household: str
    component: Component
    court: bool
    opened_on: date
    referral: str | None = None
    projected_end: date | None = None
    participants: tuple[Participant, ...] = ()
    status: Status = "open"
    assignment: str | None = None
    moved_on: date | None = None
    reason_class: ClosureReason | None = None
    closed_on: date | None = None
    version: int = 1

    def event(self) -> CaseOpened:
        """What is published when it is opened."""
        return CaseOpened(
            case=self.ref,
            child=self.child,
            household=self.household,
            referral=self.referral,
            participants=references(self.participants),
            component=self.component,
            court=self.court,
            opened_on=self.opened_on,
            projected_end=self.projected_end,
        )

    def closed(self, reason_class: ClosureReason, on: date, today: date) -> tuple["Case", CaseClosed]:
        """The next version, over, and what is published of it. Raises CaseIsClosed, or Invalid."""
        self.check_open("The case is closed: reopen it before you close it again")
        self._check_day("/closed_on", on, today)
        after = replace(
            self,
            status="closed",
            reason_class=reason_class,
            closed_on=on,
            moved_on=on,
            version=self.version + 1,
        )
        return after, CaseClosed(case=self.ref, reason_class=reason_class, closed_on=on)

    def reopened(self, component: Component, on: date, today: date) -> tuple["Case", CaseReopened]:
        """The next version, open, and what is published of it. Raises CaseIsOpen, or Invalid."""
        if self.status == "open":
            raise CaseIsOpen("Only a closed case can be reopened")
        self._check_day("/reopened_on", on, today)
        after = replace(
            self,
            status="open",
            component=component,
            reason_class=None,
            closed_on=None,
            moved_on=on,
            version=self.version + 1,
        )
        return after, CaseReopened(case=self.ref, component=component, reopened_on=on)

    def in_component(
        self, to: Component, on: date, today: date, *, court: bool | None
    ) -> tuple["Case", CaseComponentChanged]:
        """The next version, and what is published of it; without `court` that stays as it is.

        Raises CaseIsClosed, NoSuchMove with the moves that there are, or Invalid.
        """
        self.check_open("The case is closed: reopen it in the component that it goes on in")
        if to not in MOVES[self.component]:
            legal = " or ".join(MOVES[self.component]) or "no other component"
            raise NoSuchMove(f"From {self.component} a case moves to {legal}")
        self._check_day("/changed_on", on, today)
        court = self.court if court is None else court
        after = replace(self, component=to, court=court, moved_on=on, version=self.version + 1)
        event = CaseComponentChanged(
            case=self.ref, from_component=self.component, to_component=to, court=court, changed_on=on
        )
        return after, event

    def with_participants(
        self, participants: tuple[Participant, ...]
    ) -> tuple["Case", CaseParticipantsChanged]:
        """The next version with these alone, and what is published of it.

        Raises CaseIsClosed, Invalid without the child of the case, NotAChild if it has another role.
        """
        self.check_open("The case is closed: reopen it before you change who takes part")
        child = next((one for one in participants if one.client == self.child), None)
        if child is None:
            raise Invalid(FieldError("/participants", "must keep the child of the case"))
        after = replace(self, participants=with_child(participants, child), version=self.version + 1)
        return after, CaseParticipantsChanged(case=self.ref, participants=references(participants))

    def check_open(self, fix: str) -> None:
        """Raise CaseIsClosed, which says what to do, unless the case is open."""
        if self.status != "open":
            raise CaseIsClosed(fix)

    def _check_day(self, pointer: str, day: date, today: date) -> None:
        check_past(pointer, day, today)
        check_order(
            pointer, day, self.moved_on or self.opened_on, "the case was last opened, moved or closed"
        )


def check_dates(opened_on: date, projected_end: date | None, today: date) -> None:
    """Raise Invalid for a case that opens in the future or is to end before it opens."""
    check_past("/opened_on", opened_on, today)
    if projected_end is not None:
        check_order("/projected_end", projected_end, opened_on, "opened_on")


def check_household(named: str, of_referral: str) -> None:
    """Raise Invalid if a case leaves the household of its referral: the two stay one mutual case."""
    if named != of_referral:
        raise Invalid(FieldError("/household", "must be the household of the referral"))


def with_child(participants: Sequence[Participant], child: Participant) -> tuple[Participant, ...]:
    """The participants of a case: its child always takes part, and as a child (else NotAChild)."""
    named = next((one for one in participants if one.client == child.client), None)
    if named is None:
        return (child, *participants)
    if named.role != CHILD:
        raise NotAChild
    return tuple(participants)


def taking_part(
    entries: Sequence[Entry], found: Iterable[Found], present: Iterable[Participant]
) -> tuple[Participant, ...]:
    """Those whom entries name by `ref` or `record_id`, in their order; `present` ones keep their record.

    Raises ClientNotFound for a name that nobody has and for somebody sealed (the two look alike), and
    Invalid for one person twice.
    """
    by_ref, by_record_id = by_names(
        (one for one in found if not one.person.is_sealed), {one.client for one in present}
    )
    named = [by_ref.get(one.ref) if one.ref else by_record_id.get(one.record_id or "") for one in entries]
    people = [one for one in named if one is not None]
    if len(people) < len(named):
        raise ClientNotFound(f"/participants/{named.index(None)} names nobody who is known here")
    if len({one.ref for one in people}) < len(people):
        raise Invalid(FieldError("/participants", "must not name anybody twice"))
    return tuple(
        Participant(one.ref, entry.role, one.record_id) for entry, one in zip(entries, people, strict=True)
    )
