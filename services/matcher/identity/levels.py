"""How two records agree, field by field: the level of each comparison.

Every level can also be said in SQL, over the columns of a normalised person: `training.comparisons` says it, and a test
holds the two together. Edit distances are Damerau-Levenshtein's, unrestricted, as databases have them.
"""

from collections.abc import Iterable
from operator import eq
from typing import Literal

from rapidfuzz.distance import DamerauLevenshtein

from services.matcher.identity.names import alike, first_name_level, last_name_level, middle_name_level
from services.matcher.identity.person import CalledName, Place
from shared.crypto import SsnTokens

LEVELS = {
    "first_name": "exact nickname swapped close variant middle prefix similar rhyme missing differ",
    "last_name": "exact close token similar swapped missing differ",
    "middle_name": "exact initial similar missing differ",
    "suffix": "equal missing differ",
    "birth_date": "exact swapped default one_edit two_parts two_edits missing differ",
    "sex": "equal missing differ",
    "ssn": "exact one_off sibling missing differ",
    "cin": "equal missing differ",
    "street": "exact close similar missing differ",
    "zip": "equal close missing differ",
    "city": "equal close missing differ",
    "phone": "equal missing differ",
}
"""What is compared, and the levels of each comparison. A missing value is neutral, and so is a swapped surname: the
swap counts once, at the first name."""

SAME_FIRST_NAME = frozenset(("exact", "swapped"))
"""Levels at which two first names are surely one. A short form is not: Jimena and Ximena may be sisters."""

OTHER_FIRST_NAME = frozenset(("differ", "rhyme"))
"""Levels at which they are two names; `rhyme` is two well-known ones that look alike (Jade, Jaden)."""

OTHER_BIRTH_DATE = frozenset(("differ", "two_edits"))
"""Levels at which two birth dates are two."""

STREET_CLOSE = 0.9
"""The Jaro-Winkler similarity from which two streets of one number are one."""

_ISO_LENGTH = 10
_TWO = 2
_EDITS = {1: "one_edit", 2: "two_edits"}


def name_levels(x: CalledName, y: CalledName) -> tuple[str, str, str, str]:
    """The levels of first name, last name, middle name and suffix of two names."""
    if len(x.given) > 1 and x.given == y.given:
        first = "exact"
    else:
        first = first_name_level(x.first, y.first, x.middle, y.middle)
    if first == "exact" or not _swapped(x, y):
        last = last_name_level(x.last, y.last, x.tokens, y.tokens)
    else:
        first = last = "swapped"
    return first, last, middle_name_level(x.middle, y.middle), equal_level(x.suffix, y.suffix)


def _swapped(x: CalledName, y: CalledName) -> bool:
    return x.first in y.tokens and y.first in x.tokens and bool(x.first)


def equal_level(a: str | None, b: str | None) -> Literal["equal", "missing", "differ"]:
    """Whether two values are the same; an empty one is missing."""
    if not a or not b:
        return "missing"
    return "equal" if a == b else "differ"


def birth_date_level(a: str | None, b: str | None) -> str:
    """How two birth dates agree, as texts: an impossible date is compared like any other."""
    if not a or not b:
        return "missing"
    if a == b:
        return "default" if a.endswith("-01-01") else "exact"  # 1 January is what an estimate looks like
    if len(a) == len(b) == _ISO_LENGTH:
        return _iso_date_level(a, b)
    return _EDITS.get(DamerauLevenshtein.distance(a, b, score_cutoff=_TWO), "differ")


def _iso_date_level(a: str, b: str) -> str:
    if swapped_date(a) == b:
        return "swapped"
    edits = DamerauLevenshtein.distance(a, b, score_cutoff=_TWO)
    if edits == 1:
        return "one_edit"
    if (a[:4] == b[:4]) + (a[5:7] == b[5:7]) + (a[8:] == b[8:]) == _TWO:
        return "two_parts"
    slipped = edits == _TWO or _slipped_swap(a, b) or _slipped_swap(b, a)
    return "two_edits" if slipped else "differ"


def swapped_date(text: str) -> str:
    """A date of ten characters with month and day changed about."""
    return f"{text[:4]}-{text[8:]}-{text[5:7]}"


def _slipped_swap(a: str, b: str) -> bool:
    return DamerauLevenshtein.distance(swapped_date(a), b, score_cutoff=1) == 1


def ssn_level(xs: tuple[SsnTokens, ...], ys: tuple[SsnTokens, ...], first_name: str) -> str:
    """How two sets of numbers agree. Brothers and sisters are often numbered in a row: one digit apart
    under another first name is a sibling, and no support."""
    if not xs or not ys:
        return "missing"
    if any(x.exact == y.exact for x in xs for y in ys):
        return "exact"
    for x in xs:
        for y in ys:
            if _any_equal(x.substituted, y.substituted) or _any_equal(x.transposed, y.transposed):
                return "one_off" if first_name in SAME_FIRST_NAME else "sibling"
    return "differ"


def _any_equal(xs: Iterable[str], ys: Iterable[str]) -> bool:
    return any(map(eq, xs, ys))


def place_levels(x: Place, y: Place) -> tuple[str, str, str]:
    """The levels of street, ZIP code and city of two addresses."""
    return _street_level(x.street, y.street), _zip_level(x.zip, y.zip), _city_level(x.city, y.city)


def _street_level(a: str, b: str) -> str:
    if not a or not b:
        return "missing"
    if a == b:
        return "exact"
    if _same_door(a, b):
        return "close"
    slip = DamerauLevenshtein.distance(a, b, score_cutoff=_TWO) <= _TWO
    return "similar" if slip or alike(a, b) >= STREET_CLOSE else "differ"


def _zip_level(a: str, b: str) -> str:
    if not a or not b:
        return "missing"
    if a == b:
        return "equal"
    return "close" if DamerauLevenshtein.distance(a, b, score_cutoff=1) == 1 else "differ"


def _city_level(a: str, b: str) -> str:
    if not a or not b:
        return "missing"
    if a == b:
        return "equal"
    return "close" if alike(a, b) >= STREET_CLOSE else "differ"


def _same_door(a: str, b: str) -> bool:
    """Whether both have the same number and a like street; the unit may differ."""
    number, _, street_a = a.partition(" # ")[0].partition(" ")
    other, _, street_b = b.partition(" # ")[0].partition(" ")
    if number != other or not number[:1].isdigit():
        return False
    return not street_a or not street_b or alike(street_a, street_b) >= STREET_CLOSE


def phone_level(xs: tuple[str, ...], ys: tuple[str, ...]) -> Literal["equal", "missing", "differ"]:
    """Whether any number is the same."""
    if not xs or not ys:
        return "missing"
    return "differ" if set(xs).isdisjoint(ys) else "equal"
