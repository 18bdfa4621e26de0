"""What a row of a roster says: checked column by column, so that little of it keeps a row out.

A birth date, zip or phone that cannot be right stays as it is written: it is evidence still. A Social Security number
becomes keyed tokens here, or nothing. A finding names the column and the fix, never the value.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from shared.crypto import CountyKeys
from shared.events.person import Address, Name, PersonDetails
from shared.roster.reading import Read
from shared.web.fields import holds_an_ssn, is_reference
from shared.web.people import Ssn

PERSON_COLUMNS = (
    "record_id", "first_name", "middle_name", "last_name", "suffix", "birth_date", "sex", "ssn", "cin", "phone",
    "street", "unit", "city", "state", "zip", "role", "status", "worker", "sensitivity", "address_protected",
    "language",
)  # fmt: skip

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_US_DAY = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})")
_ZIP = re.compile(r"[0-9]{5}(-?[0-9]{4})?")
_NOT_A_DIGIT = re.compile(r"[^0-9]")
_TEXT, _SHORT, _BIRTH_DATE = 200, 80, 10  # characters
_YES, _NO = frozenset({"true", "yes", "y", "1"}), frozenset({"false", "no", "n", "0"})
_SSN: TypeAdapter[str] = TypeAdapter(Ssn)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a row: the column (empty: the whole row), and what to do."""

    column: str
    fix: str


@dataclass(frozen=True)
class Words:
    """A program's words: its roles, what each status can be said of (None: of everybody), what names a unit.

    `units` are columns, the first that is filled names what the row belongs to. `record_id` gives an id as it is
    kept, or raises ValueError.
    """

    roles: frozenset[str]
    statuses: Mapping[str, frozenset[str] | None]
    units: tuple[str, ...]
    record_id: Callable[[str], str] = str

    @property
    def columns(self) -> frozenset[str]:
        """All columns."""
        return frozenset((*PERSON_COLUMNS, *self.units))


class Row(BaseModel):
    """An accepted row. `named` are the units that it names, by column; a role or worker may be left out."""

    model_config = ConfigDict(frozen=True)

    line: int
    record_id: str
    details: PersonDetails
    role: str | None = None
    status: str = "open"
    worker: str | None = None
    sensitivity: str | None = None
    address_protected: bool | None = None
    named: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Checked:
    """A row with what was found; without `row` it is rejected. `unit` is what it belongs to."""

    line: int
    record_id: str | None
    row: Row | None
    findings: tuple[Finding, ...]
    unit: str = ""


class _Findings:
    """What is wrong with one row (it is rejected), and what is odd (it is not)."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields
        self.errors: list[Finding] = []
        self.warnings: list[Finding] = []

    def wrong(self, column: str, fix: str) -> None:
        """The row is rejected."""
        self.errors.append(Finding(column, fix))

    def odd(self, column: str, fix: str) -> None:
        """The row is accepted all the same."""
        self.warnings.append(Finding(column, fix))

    def text(self, column: str, limit: int) -> str | None:
        """A column's text; what cannot be printed or is too much is left out."""
        given = self._fields.get(column, "")
        if not given:
            return None
        if not given.isprintable():
            given = "".join(one if one.isprintable() else " " for one in given)
        clean = " ".join(given.split())
        if len(clean) > limit:
            self.odd(column, f"is cut to {limit} characters")
            clean = clean[:limit].rstrip()
        return clean or None

    def one_of(self, column: str, allowed: Mapping[str, str]) -> str | None:
        """A column with a word of a list, whatever its case."""
        given = self._fields.get(column, "").strip().lower()
        if not given:
            return None
        found = allowed.get(given)
        if found is None:
            self.wrong(column, f"must be one of {', '.join(dict.fromkeys(allowed.values()))}")
        return found


def check(read: Read, words: Words, keys: CountyKeys) -> Checked:
    """The row that a record is, or why it is none."""
    if read.fix:
        return Checked(read.line, None, None, (Finding("", read.fix),))
    found = _Findings(read.fields)
    record_id = _identifier("record_id", found, read.fields, words)
    if record_id is None and not found.errors:
        found.wrong("record_id", "is required")
    named = {
        column: value
        for column in words.units
        if (value := _identifier(column, found, read.fields, words)) is not None
    }
    details = _details(found, read.fields, keys)
    if not (details.name.first_name or details.name.last_name):
        found.wrong("last_name", "needs a first or a last name")
    role = found.one_of("role", _themselves(words.roles))
    status = found.one_of("status", _themselves(words.statuses)) or "open"
    of = words.statuses.get(status)
    if of is not None and role not in of:
        found.odd("status", "does not fit the role: it is left out")
        status = "open"
    worker = found.text("worker", _SHORT)
    if worker is not None and not is_reference(worker):
        found.odd("worker", "is no worker's reference: it is left out")
        worker = None
    sensitivity = found.one_of("sensitivity", {"n": "N", "s": "S", "r": "R"})
    protected = found.one_of("address_protected", dict.fromkeys(_YES, "true") | dict.fromkeys(_NO, "false"))
    if found.errors or record_id is None:
        return Checked(read.line, record_id, None, (*found.errors, *found.warnings))
    row = Row.model_construct(
        line=read.line,
        record_id=record_id,
        details=details,
        role=role,
        status=status,
        worker=worker,
        sensitivity=sensitivity,
        address_protected=None if protected is None else protected == "true",
        named=named,
    )
    return Checked(read.line, record_id, row, tuple(found.warnings), _unit(record_id, named, words))


def _unit(record_id: str, named: Mapping[str, str], words: Words) -> str:
    """What rows that belong together have in common; somebody without one is alone."""
    return next((f"{column} {named[column]}" for column in words.units if column in named), f"- {record_id}")


def _themselves(words: Any) -> dict[str, str]:
    return {word.lower(): word for word in sorted(words)}


def _identifier(column: str, found: _Findings, fields: Mapping[str, str], words: Words) -> str | None:
    given = fields.get(column, "").strip()
    if not given:
        return None
    if not is_reference(given):
        found.wrong(column, "must be at most 64 letters, digits and the signs _ . : -")
        return None
    if holds_an_ssn(given):
        found.wrong(column, "must not hold a Social Security number")
        return None
    try:
        return words.record_id(given)
    except ValueError:
        found.wrong(column, "has digits that no such id has: check them")
        return None


def _details(found: _Findings, fields: Mapping[str, str], keys: CountyKeys) -> PersonDetails:
    name = Name(
        **{part: found.text(part, _TEXT) for part in ("first_name", "middle_name", "last_name", "suffix")}
    )
    phone = found.text("phone", _SHORT)
    if phone is not None and len(_NOT_A_DIGIT.sub("", phone).removeprefix("1")) != 10:  # noqa: PLR2004
        found.odd("phone", "should be a telephone number of ten digits")
    sex = found.one_of("sex", {"f": "F", "m": "M", "x": "X", "u": "U"}) or "U"
    ssn = _ssn(found, fields)
    address = _address(found)
    return PersonDetails.model_validate(
        {
            "name": name,
            "birth_date": _birth_date(found),
            "sex": sex,
            "ssn": (keys.ssn_tokens(ssn),) if ssn else (),
            "cin": found.text("cin", _SHORT),
            "addresses": () if address is None else (address,),
            "phones": () if phone is None else (phone,),
            "language": found.text("language", _SHORT),
        }
    )


def _birth_date(found: _Findings) -> str | None:
    text = found.text("birth_date", _BIRTH_DATE)
    if text is None:
        return None
    us = _US_DAY.fullmatch(text)
    iso = f"{us[3]}-{us[1]:0>2}-{us[2]:0>2}" if us else text
    try:
        if _ISO_DAY.fullmatch(iso) and date.fromisoformat(iso):
            return text
    except ValueError:
        pass
    found.odd("birth_date", "should be a day that exists, as YYYY-MM-DD")
    return text


def _ssn(found: _Findings, fields: Mapping[str, str]) -> str:
    given = fields.get("ssn", "").strip()
    if not given:
        return ""
    try:
        return _SSN.validate_python(given)
    except (ValidationError, PydanticCustomError):
        found.odd("ssn", "should be nine digits: it is left out")
        return ""


def _address(found: _Findings) -> Address | None:
    parts = {part: found.text(part, _TEXT) for part in ("street", "unit", "city", "state", "zip")}
    if parts["zip"] is not None and not _ZIP.fullmatch(parts["zip"]):
        found.odd("zip", "should be five or nine digits")
    if not any(parts.values()):
        return None
    return Address.model_validate(parts)
