"""Types for request bodies: stricter than pydantic's own, so that no number passes for a date or a flag."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt
from pydantic_core import PydanticCustomError

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SSN = re.compile(r"(?<![0-9])[0-9]{3}([-. _:])[0-9]{2}\1[0-9]{4}(?![0-9])")


def fix(message: str) -> PydanticCustomError:
    """A finding whose message is shown to the caller: it must not contain a value."""
    return PydanticCustomError("fix", message)


class Body(BaseModel):
    """A request body: unknown fields are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


REFERENCE = r"^[A-Za-z0-9_.:-]+$"
"""What an id may consist of, as a schema says it."""

_LONGEST = 64  # characters of an id


def is_reference(text: str) -> bool:
    """Whether a text can be an id."""
    return len(text) <= _LONGEST and re.fullmatch(REFERENCE, text) is not None


def holds_an_ssn(text: str) -> bool:
    """Whether a text has a Social Security number in it, as people write one. Nine digits alone may be an id."""
    return _SSN.search(text) is not None


def _no_ssn(value: str) -> str:
    """Only `ssn` is turned into keyed tokens: whatever else is told is kept, and published, as it was written."""
    if holds_an_ssn(value):
        raise fix("must not hold a Social Security number")
    return value


def _clean(value: str) -> str:
    if not value.isprintable():
        raise fix("must be printable text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise fix("must be printable text") from None
    return _no_ssn(" ".join(value.split()))


def _iso_text(value: Any) -> Any:
    if isinstance(value, (date, datetime)) or (isinstance(value, str) and _DAY.match(value)):
        return value
    raise fix("must be a date or time in ISO 8601")


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise fix("must be a time with an offset, such as 2026-03-01T09:00:00-08:00")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise fix("is not a time that can be") from None


def _whole(value: Any) -> Any:
    """20.0 is an integer to JSON Schema, and so to a caller's tools."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _not_blank(value: str) -> str:
    if not value:
        raise fix("must not be blank")
    return value


Text = Annotated[str, Field(max_length=200), AfterValidator(_clean)]
ShortText = Annotated[
    str, Field(min_length=1, max_length=80), AfterValidator(_clean), AfterValidator(_not_blank)
]
Reason = Annotated[
    str, Field(min_length=1, max_length=500), AfterValidator(_clean), AfterValidator(_not_blank)
]
Reference = Annotated[
    str, Field(min_length=1, max_length=_LONGEST, pattern=REFERENCE), AfterValidator(_no_ssn)
]
Day = Annotated[date, BeforeValidator(_iso_text)]
Moment = Annotated[datetime, BeforeValidator(_iso_text), AfterValidator(_aware)]
Flag = StrictBool
Count = StrictInt  # with its bounds; then WHOLE, so that the schema keeps them
WHOLE = BeforeValidator(_whole)
