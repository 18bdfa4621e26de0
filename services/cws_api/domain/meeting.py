"""A meeting about a household: set, perhaps set anew, then held or cancelled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from services.cws_api.domain.intake import NOT_KNOWN, Found, by_names
from shared.days import check_past
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events.cws import MeetingCancelled, MeetingHeld, MeetingKind, MeetingOutcome, MeetingScheduled

Status = Literal["scheduled", "held", "cancelled"]


class MeetingNotFound(NotFound):
    """No meeting with this reference."""


class MeetingIsOver(Conflict):
    """What can only happen to a meeting that is to come."""

    slug, title = "meeting-over", "The meeting was held or cancelled"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting's record. Only a held one has `held_on` and `outcomes`, only a cancelled one `cancelled_on`."""

    ref: str
    household: str
    kind: MeetingKind
    starts_at: datetime
    ends_at: datetime | None = None
    place: str | None = None
    clients: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()
    status: Status = "scheduled"
    held_on: date | None = None
    outcomes: tuple[MeetingOutcome, ...] = ()
    cancelled_on: date | None = None
    version: int = 1

    def event(self) -> MeetingScheduled:
        """What is published when it is set, and each time that it is set anew."""
        return MeetingScheduled(
            meeting=self.ref,
            household=self.household,
            kind=self.kind,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            place=self.place,
            clients=self.clients,
            workers=self.workers,
        )

    def set_anew(self, changes: Mapping[str, Any]) -> "Meeting":
        """The next version with these fields. Raises MeetingIsOver, or Invalid for an end before the start."""
        self._check_to_come()
        after = replace(self, **changes, version=self.version + 1)
        check_times(after.starts_at, after.ends_at)
        return after

    def held(
        self, on: date, outcomes: tuple[MeetingOutcome, ...], today: date
    ) -> tuple["Meeting", MeetingHeld]:
        """The next version, over, and what is published of it. Raises MeetingIsOver, or Invalid for a day to come."""
        self._check_to_come()
        check_past("/held_on", on, today)
        once = tuple(dict.fromkeys(outcomes))
        after = replace(self, status="held", held_on=on, outcomes=once, version=self.version + 1)
        return after, MeetingHeld(meeting=self.ref, held_on=on, outcomes=once)

    def cancelled(self, on: date, today: date) -> tuple["Meeting", MeetingCancelled]:
        """The next version, off, and what is published of it. Raises MeetingIsOver, or Invalid for a day to come."""
        self._check_to_come()
        check_past("/cancelled_on", on, today)
        after = replace(self, status="cancelled", cancelled_on=on, version=self.version + 1)
        return after, MeetingCancelled(meeting=self.ref, cancelled_on=on)

    def _check_to_come(self) -> None:
        if self.status != "scheduled":
            raise MeetingIsOver("It stays as it is: set another meeting")


def check_times(starts_at: datetime, ends_at: datetime | None) -> None:
    """Raise Invalid for a meeting that ends before it starts."""
    if ends_at is not None and ends_at < starts_at:
        raise Invalid(FieldError("/ends_at", "must not be before starts_at"))


def asked(clients: Sequence[str], found: Iterable[Found]) -> tuple[str, ...]:
    """Who is asked to a meeting, each under the reference that counts, once. Raises Invalid for who is not known."""
    by_ref, _ = by_names(one for one in found if not one.person.is_sealed)
    errors = [
        FieldError(f"/clients/{place}", NOT_KNOWN) for place, ref in enumerate(clients) if ref not in by_ref
    ]
    if errors:
        raise Invalid(*errors)
    return tuple(dict.fromkeys(by_ref[ref].ref for ref in clients))
