"""Identifiers of a county's own systems, as they are kept: in capitals, without dashes.

A COUNTY-ID is 14 characters, `CC-AA-SSSSSSS-F-PP`: county, aid code, case number, family budget unit, person.
Its seven characters in the middle are the county's case number.
"""

import re

from shared.errors import FieldError, Invalid

_COUNTY_ID = re.compile(r"[0-9]{2}(-?)[0-9A-Z]{2}\1[0-9A-Z]{7}\1[0-9A-Z]\1[0-9A-Z]{2}")
_CASE_NUMBER = re.compile(r"[0-9A-Z]{7}")


def county_id(text: str) -> str:
    """A COUNTY-ID as it is kept. Raises ValueError for what is none."""
    if not _COUNTY_ID.fullmatch(text.upper()):
        raise ValueError("not a COUNTY-ID")
    return text.upper().replace("-", "")


def case_number(text: str) -> str:
    """A county's case number as it is kept. Raises ValueError for what is none."""
    if not _CASE_NUMBER.fullmatch(text.upper()):
        raise ValueError("not a case number")
    return text.upper()


def check_county(pointer: str, kept: str | None, county: str) -> None:
    """Raise Invalid for a COUNTY-ID of another county."""
    if kept is not None and not kept.startswith(county):
        raise Invalid(FieldError(pointer, "must begin with the number of your county"))
