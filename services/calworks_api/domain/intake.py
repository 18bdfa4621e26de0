"""Who takes part in an intake: people known here, named by reference or record_id, and new ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.calworks_api.domain.person import Person, RecordIdTaken, Sensitivity
from shared.errors import FieldError, Invalid
from shared.events.person import PersonDetails
from shared.ids import mint

NOT_KNOWN = "is not known here"


@dataclass(frozen=True, slots=True)
class Found:
    """What is looked up about somebody known: `person` is whom the record counts for, a survivor or itself."""

    ref: str
    record_id: str | None
    is_hidden: bool  # sealed or void
    person: str
    person_record_id: str | None


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody not known yet."""

    details: PersonDetails
    sensitivity: Sensitivity
    address_protected: bool
    county_id: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of an intake: `person` brings somebody new; else `ref` or `record_id` names somebody."""

    role: str
    ref: str | None = None
    record_id: str | None = None
    person: NewPerson | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """An entry with the person that it stands for; `new` where that person has still to be stored."""

    entry: Entry
    person: str
    record_id: str | None
    new: Person | None = None


def admit(entries: Sequence[Entry], found: Iterable[Found], *, pointer: str) -> tuple[Admitted, ...]:
    """The persons that entries stand for, in their order; new ones get their reference here.

    Raises RecordIdTaken for a new person under a known record_id, and Invalid, which points below `pointer`,
    for a name that nobody has, for somebody sealed or void (they look alike) and for one person twice.
    A record that was merged stands for its survivor.
    """
    known = list(found)
    by_ref = {one.ref: one for one in known}
    by_record_id = {one.record_id: one for one in known if one.record_id is not None}
    admitted: list[Admitted] = []
    errors: list[FieldError] = []
    seen: set[str] = set()
    for place, entry in enumerate(entries):
        if entry.person is not None:
            if entry.record_id in by_record_id:
                raise RecordIdTaken
            one = _admit_new(entry, entry.person)
        else:
            field, named = ("ref", by_ref.get(entry.ref)) if entry.ref else _by_record(entry, by_record_id)
            if named is None or named.is_hidden:
                errors.append(FieldError(f"{pointer}/{place}/{field}", NOT_KNOWN))
                continue
            one = Admitted(entry, named.person, named.person_record_id)
        marks = {one.person, f"record_id {one.record_id}"} if one.record_id else {one.person}
        if marks & seen:
            errors.append(FieldError(f"{pointer}/{place}", "names somebody who is named before"))
        seen |= marks
        admitted.append(one)
    if errors:
        raise Invalid(*errors)
    return tuple(admitted)


def admit_one(entry: Entry, found: Iterable[Found]) -> Admitted:
    """The person that a single entry stands for. Raises what `admit` raises, pointing at the body itself."""
    try:
        (one,) = admit([entry], found, pointer="")
    except Invalid as error:
        raise Invalid(
            *(FieldError(each.pointer.removeprefix("/0"), each.message) for each in error.errors)
        ) from None
    return one


def _by_record(entry: Entry, by_record_id: dict[str, Found]) -> tuple[str, Found | None]:
    return "record_id", by_record_id.get(entry.record_id or "")


def _admit_new(entry: Entry, new: NewPerson) -> Admitted:
    person = Person(
        ref=mint("ps"),
        record_id=entry.record_id,
        details=new.details,
        sensitivity=new.sensitivity,
        address_protected=new.address_protected,
        county_id=new.county_id,
    )
    return Admitted(entry, person.ref, person.record_id, person)
