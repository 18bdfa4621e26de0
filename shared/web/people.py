"""People in request and response bodies: one shape for both programs, and the way from it to `PersonDetails`.

A Social Security number is read here and goes no further: it becomes keyed tokens, and no answer shows it.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from shared.crypto import CountyKeys, SsnTokens
from shared.errors import FieldError, Invalid
from shared.events.parts import Worker
from shared.events.person import Address, Name, PersonDetails
from shared.web.fields import Body, Day, Flag, Reference, ShortText, Text, fix

MAX_LISTED = 20  # aliases, addresses or phones of one person
_DIGITS = 9
_BIRTH_DATE = 10
_NEEDS_NAME = "needs a first or a last name"

# Numbers that people type where there is none, or that were printed as examples.
_FILLERS = frozenset({"123456789", "987654321", "078051120", "219099999"})
# The groups of areas 900-999 that are issued: to taxpayers who have no Social Security number.
_TAXPAYERS = frozenset(map(str, (*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100))))


def _nine_digits(text: str) -> str:
    digits = text.replace("-", "").replace(" ", "")
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
        raise fix("must be nine digits, with or without dashes")
    return "" if _is_filler(digits) else digits


def _is_filler(digits: str) -> bool:
    """Whether no person can have this number: of an area or group that is not issued, serial 0000, a known filler."""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    never_issued = area in ("000", "666") or group == "00" or serial == "0000"
    never_issued = never_issued or (area >= "900" and group not in _TAXPAYERS)
    return never_issued or len(set(digits)) == 1 or digits in _FILLERS


def _short_enough(text: str) -> str:
    if len(text) > _BIRTH_DATE:
        raise fix("must be text of at most 10 characters")
    return text


def _not_sealed(value: Any) -> Any:
    if value == "R":
        raise fix("must be N or S: sealing has its own address")
    return value


Ssn = Annotated[str, Field(max_length=40), AfterValidator(_nine_digits)]
BirthDate = Annotated[Text, AfterValidator(_short_enough)]
OpenSensitivity = Annotated[Literal["N", "S"], BeforeValidator(_not_sealed)]
Sex = Literal["F", "M", "X", "U"]
AddressKind = Literal["residence", "mailing", "shelter", "office", "other"]


class NameIn(Body):
    """A name as the program writes it."""

    first_name: Text | None = None
    middle_name: Text | None = None
    last_name: Text | None = None
    suffix: Text | None = None


class AddressIn(Body):
    """A dated address; without dates it is current."""

    street: Text | None = None
    unit: Text | None = None
    city: Text | None = None
    state: Text | None = None
    zip: Text | None = None
    from_date: Day | None = None
    until_date: Day | None = None
    kind: AddressKind = "residence"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_date is not None and self.until_date is not None and self.until_date < self.from_date:
            raise fix("must not end before it begins")
        return self


class PersonChange(Body):
    """Changes to a person: a field that is absent stays as it is, null removes what it held."""

    first_name: Text | None = None
    middle_name: Text | None = None
    last_name: Text | None = None
    suffix: Text | None = None
    aliases: Annotated[list[NameIn], Field(max_length=MAX_LISTED)] | None = None
    birth_date: BirthDate | None = Field(
        default=None, description="As the program has it, even if no such day exists"
    )
    sex: Sex | None = None
    ssn: Ssn | None = Field(default=None, description="Nine digits; kept as keyed tokens only, never shown")
    cin: ShortText | None = Field(
        default=None,
        description="As the program has it. Compared are eight digits and a letter, a tenth character dropped; "
        "anything else is kept and is no evidence",
    )
    addresses: Annotated[list[AddressIn], Field(max_length=MAX_LISTED)] | None = None
    phones: Annotated[list[ShortText], Field(max_length=MAX_LISTED)] | None = None
    language: ShortText | None = None
    sensitivity: OpenSensitivity | None = None
    address_protected: Flag | None = None


class PersonIn(PersonChange):
    """A new person: a first or a last name at least."""

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if not (self.first_name or self.last_name):
            raise fix(_NEEDS_NAME)
        return self


class PersonOut(BaseModel):
    """A person as the program's own workers see him or her; of the SSN only whether there is one."""

    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    suffix: str | None = None
    aliases: Sequence[Name] = ()
    birth_date: str | None = None
    sex: Sex = "U"
    ssn_on_file: bool
    cin: str | None = None
    addresses: Sequence[Address] = ()
    phones: Sequence[str] = ()
    language: str | None = None
    sensitivity: Literal["N", "S"]
    address_protected: bool

    @classmethod
    def of(cls, details: PersonDetails, *, sensitivity: str, address_protected: bool) -> Self:
        """What may be shown of these details."""
        return cls.model_validate(
            {
                **details.name.model_dump(),
                **{name: getattr(details, name) for name in _SHOWN},
                "ssn_on_file": bool(details.ssn),
                "sensitivity": sensitivity,
                "address_protected": address_protected,
            }
        )


_SHOWN = ("aliases", "birth_date", "sex", "cin", "addresses", "phones", "language")


def only_one_way(ref: str | None, record_id: str | None, person: PersonIn | None) -> None:
    """Raise unless an entry names a person we know (`ref`, or `record_id` alone) or brings a new one."""
    if ref is not None and (record_id is not None or person is not None):
        raise fix("must have `ref` alone, or `record_id` alone, or `person` with or without `record_id`")
    if ref is None and record_id is None and person is None:
        raise fix("must have `ref`, `record_id` or `person`")


def new_details(given: PersonIn, keys: CountyKeys) -> PersonDetails:
    """The details of a new person."""
    return _with_changes(PersonDetails(name=Name()), given, keys)


def changed_details(before: PersonDetails, given: PersonChange, keys: CountyKeys) -> PersonDetails:
    """The details after a change. Raises Invalid if no name would be left."""
    after = _with_changes(before, given, keys)
    if not (after.name.first_name or after.name.last_name):
        raise Invalid(FieldError("", _NEEDS_NAME))
    return after


def _with_changes(before: PersonDetails, given: PersonChange, keys: CountyKeys) -> PersonDetails:
    fields = given.model_fields_set
    name = {part: getattr(given, part) or None for part in Name.model_fields if part in fields}
    update: dict[str, object] = {"name": before.name.model_copy(update=name)} if name else {}
    for field in ("birth_date", "cin", "language"):
        if field in fields:
            update[field] = getattr(given, field) or None
    if "sex" in fields:
        update["sex"] = given.sex or "U"
    if "ssn" in fields:
        update["ssn"] = _tokens(given.ssn, keys)
    if "aliases" in fields:
        update["aliases"] = tuple(_name(alias) for alias in given.aliases or ())
    if "addresses" in fields:
        update["addresses"] = tuple(_address(address) for address in given.addresses or ())
    if "phones" in fields:
        update["phones"] = tuple(phone for phone in given.phones or () if phone)
    return before.model_copy(update=update)


def _tokens(ssn: str | None, keys: CountyKeys) -> tuple[SsnTokens, ...]:
    return (keys.ssn_tokens(ssn),) if ssn else ()


def _name(given: NameIn) -> Name:
    return Name(**{part: value or None for part, value in given.model_dump().items()})


def _address(given: AddressIn) -> Address:
    return Address.model_validate({part: value or None for part, value in given.model_dump().items()})


class WorkerIn(Body):
    """Whom to call about this: a worker by the reference that his or her token carries."""

    ref: Reference
    name: ShortText | None = None
    phone: ShortText | None = None
    office: ShortText | None = None
    supervisor: Reference | None = None


def worker_of(given: WorkerIn | None, caller: str) -> Worker:
    """The worker that a body names; without one, the worker who calls."""
    if given is None:
        return Worker(ref=caller)
    return Worker(**{field: value or None for field, value in given.model_dump().items()})
