"""Who takes part in an intake: people known here, named by reference or record_id, and new ones."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from services.cws_api.domain.client import Client, RecordIdTaken, Sensitivity
from shared.errors import FieldError, Invalid
from shared.events.person import PersonDetails
from shared.ids import mint

NOT_KNOWN = "is not known here"


@dataclass(frozen=True, slots=True)
class Found:
    """What is looked up about somebody known; `survivor` is the record that this one was merged into."""

    ref: str
    record_id: str | None
    is_sealed: bool
    survivor: "Found | None" = None

    @property
    def person(self) -> "Found":
        """The record that counts for him or her."""
        return self.survivor or self


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody not known yet."""

    details: PersonDetails
    sensitivity: Sensitivity
    address_protected: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of an intake: `person` brings somebody new; else `ref` or `record_id` names somebody."""

    role: str
    ref: str | None = None
    record_id: str | None = None
    person: NewPerson | None = None
    relation: str | None = None
    in_household: bool = True


@dataclass(frozen=True, slots=True)
class Admitted:
    """An entry with the client that it stands for; `new` where that client has still to be stored."""

    entry: Entry
    client: str
    record_id: str | None
    new: Client | None = None


def admit(entries: Sequence[Entry], found: Iterable[Found], *, pointer: str) -> tuple[Admitted, ...]:
    """The clients that entries stand for, in their order; new ones get their reference here.

    Raises RecordIdTaken for a new person under a known record_id, and Invalid, which points below `pointer`,
    for a name that nobody has, for somebody sealed (the two look alike) and for one person twice.
    """
    by_ref, by_record_id = by_names(found)
    admitted: list[Admitted] = []
    errors: list[FieldError] = []
    seen: set[str] = set()
    for place, entry in enumerate(entries):
        one = _admit(entry, by_ref, by_record_id, f"{pointer}/{place}")
        if isinstance(one, FieldError):
            errors.append(one)
            continue
        marks = {one.client, f"record_id {one.record_id}"} if one.record_id else {one.client}
        if marks & seen:
            errors.append(FieldError(f"{pointer}/{place}", "names somebody who is named before"))
        seen |= marks
        admitted.append(one)
    if errors:
        raise Invalid(*errors)
    return tuple(admitted)


def admit_one(entry: Entry, found: Iterable[Found], *, pointer: str) -> Admitted:
    """The client that the entry at `pointer` stands for. Raises as `admit` does."""
    one = _admit(entry, *by_names(found), pointer)
    if isinstance(one, FieldError):
        raise Invalid(one)
    return one


def by_names(found: Iterable[Found], kept: Container[str] = ()) -> tuple[dict[str, Found], dict[str, Found]]:
    """Who counts under each reference and under each record_id; a merged record that is `kept` counts itself."""
    known = [(one, one if one.ref in kept else one.person) for one in found]
    return (
        {one.ref: person for one, person in known},
        {one.record_id: person for one, person in known if one.record_id is not None},
    )


def _admit(
    entry: Entry, by_ref: dict[str, Found], by_record_id: dict[str, Found], pointer: str
) -> Admitted | FieldError:
    if entry.person is not None:
        if entry.record_id in by_record_id:
            raise RecordIdTaken
        return _admit_new(entry, entry.person)
    field, named = ("ref", by_ref.get(entry.ref)) if entry.ref else _by_record(entry, by_record_id)
    if named is None or named.is_sealed:
        return FieldError(f"{pointer}/{field}", NOT_KNOWN)
    return Admitted(entry, named.ref, named.record_id)


def _by_record(entry: Entry, by_record_id: dict[str, Found]) -> tuple[str, Found | None]:
    return "record_id", by_record_id.get(entry.record_id or "")


def _admit_new(entry: Entry, new: NewPerson) -> Admitted:
    client = Client(
        ref=mint("cl"),
        record_id=entry.record_id,
        details=new.details,
        sensitivity=new.sensitivity,
        address_protected=new.address_protected,
    )
    return Admitted(entry, client.ref, client.record_id, client)
