"""The normalised person: what is compared, and how it is written down.

A value that says nothing (a placeholder name, a filler date) becomes missing, which is neither agreement
nor disagreement. Nothing here has a readable `repr`: a person must not end in a log by accident.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from pydantic_core import from_json

from services.matcher.identity.names import plain
from shared.crypto import SsnTokens
from shared.events.person import Address, Name, PersonDetails

T = TypeVar("T")

# Whole names that name nobody (domain section D, linkage pitfall 3).
_NOBODY = (
    "UNKNOWN,UNK,UNKN,UNBORN,NEWBORN,BABY,BB,BG,INFANT,BOY,GIRL,MALE,FEMALE,TEST,TESTING,DOE,"
    "OCCUPANT,RESIDENT,TENANT,CHILD,MINOR,KID,NO LAST NAME,NO FIRST NAME,"
    "NO NAME,NO MIDDLE NAME,NLN,NFN,NMN,NONE,N A,MR,MRS,MS,MISS,SR,SRA,MOTHER,FATHER,MOM,DAD,PARENT,"
    "ADULT,GENTLEMAN,LADY,SENOR,SENORA,DAUGHTER,GRANDSON,GRANDDAUGHTER,GRANDCHILD,HIJO,HIJA,HUSBAND,WIFE,"
    "SPOUSE,ROOMMATE,BOARDER,NAME,LAST NAME,FIRST NAME,DONT KNOW,"
    "UNIDENTIFIED,REFUSED,ANONYMOUS,DECLINED,XX,XXX,NAME UNKNOWN,NOT KNOWN,DESCONOCIDO,BEBE,FNU,LNU"
)
_PLACEHOLDERS = frozenset(_NOBODY.split(","))
# A first name that begins so names a child before it has a name: BABY BOY A, INFANT GIRL OF MARIA.
_NAMELESS = re.compile(
    r"(BABY|BABYBOY|BABYGIRL|INFANT|NEWBORN|UNBORN|UNKNOWN|UNK|TEST|BB|BG|BEBE|BOY|GIRL)( |$)"
)
# LADY OF THE HOUSE, SON OF, MALE CHILD, DE LA CASA: whoever filled the form in did not know a name.
_SOMEBODY = re.compile(
    r"((LADY|MAN|WOMAN|GENTLEMAN|SON|DAUGHTER|CHILD|PERSON|HEAD|SENORA?) )?(OF|IN)( THE)?( (HOUSE|HOME|HOUSEHOLD))?"
    r"|THE (HOUSE|HOME)|DE LA CASA"
    r"|(MALE|FEMALE|ADULT|CHILD|MINOR|KID)( (MALE|FEMALE|ADULT|CHILD|MINOR|M|F))+"
)
_TITLES = frozenset(("MR", "MRS", "MS", "MISS", "DR", "SRA"))
_SUFFIXES = {
    "JR": "JR", "JUNIOR": "JR", "SR": "SR", "SENIOR": "SR", "II": "II", "2ND": "II",
    "III": "III", "3RD": "III", "IV": "IV", "4TH": "IV",
}  # fmt: skip
_WRITTEN_IN_NAMES = frozenset(("JR", "SR", "II", "III", "IV", "2ND", "3RD", "4TH"))
_PARTICLES = frozenset(
    ("DE", "DEL", "LA", "LAS", "LOS", "DA", "DOS", "DI", "VAN", "VON", "DER", "DEN", "Y", "E")
)
_JOINING = frozenset(("MC", "MAC", "O", "ST"))  # MC DONALD is MCDONALD
_RUN_ON = ("DELAS", "DELOS", "DELA")  # DELACRUZ is DE LA CRUZ
_RUN_ON_REST = 4  # letters that must follow, so that DELANEY keeps its name

_FILLER_DATES = frozenset(
    ("1900-01-01", "1800-01-01", "1111-11-11", "0001-01-01", "0000-00-00", "1901-01-01", "1753-01-01")
)
_LAST_YEAR = 2098  # a later year is a filler, whenever it was told
_YEARS_AHEAD = 10  # and so is one that lies so far ahead
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_US = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")

_CIN = re.compile(r"([0-9]{8}[A-Z])[0-9A-Z]?")  # a tenth character only checks the nine
_PHONE_DIGITS = 10
_ZIP_DIGITS = 5
_UNIT = re.compile(
    r"(?:\b(?:APT|APARTMENT|UNIT|STE|SUITE|SPC|SPACE|RM|ROOM|LOT|DEPTO|DEPT)\b ?#? ?|# ?)(\w+)$"
)
_STREET_WORDS = {
    "STREET": "ST", "AVENUE": "AVE", "AV": "AVE", "BOULEVARD": "BLVD", "ROAD": "RD", "DRIVE": "DR",
    "LANE": "LN", "COURT": "CT", "PLACE": "PL", "CIRCLE": "CIR", "TERRACE": "TER", "PARKWAY": "PKWY",
    "HIGHWAY": "HWY", "WAY": "WY", "SQUARE": "SQ", "TRAIL": "TRL", "NORTH": "N", "SOUTH": "S", "EAST": "E",
    "WEST": "W", "FIRST": "1ST", "SECOND": "2ND", "THIRD": "3RD", "FOURTH": "4TH", "FIFTH": "5TH",
}  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class CalledName:
    """One way in which a person is called; an empty text is a missing part.

    first: the first of the given names; given: all of the first-name field, joined; middle: the other
    given names; last: the surname with its particles; tokens: its words without them.
    """

    first: str
    given: str
    middle: str
    last: str
    tokens: tuple[str, ...]
    suffix: str


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """An address: `street` is number, name and, after " # ", the unit; `zip` has five digits if it is one."""

    street: str
    zip: str
    kind: str
    city: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """A normalised person. `names` holds the common name first, then the aliases; it may be empty."""

    names: tuple[CalledName, ...] = ()
    birth_date: str | None = None
    sex: str | None = None
    ssn: tuple[SsnTokens, ...] = ()
    cin: str | None = None
    addresses: tuple[Place, ...] = ()
    phones: tuple[str, ...] = ()


def normalise(details: PersonDetails, told: date | None = None) -> Person:
    """The person as it is compared. Never fails: what cannot be read is missing.

    No clock is read: a birth date is a filler if it lies far beyond the day on which it was `told`, where that is
    known. One that is near is an expected day of birth or a slip, and evidence like any other.
    """
    return Person(
        names=_names(details.name, details.aliases),
        birth_date=_birth_date(details.birth_date, told),
        sex=None if details.sex == "U" else details.sex,
        ssn=details.ssn,
        cin=_cin(details.cin),
        addresses=_unique(place for address in details.addresses if (place := _place(address))),
        phones=_unique(phone for text in details.phones if (phone := _phone(text))),
    )


def _unique(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))


def _names(name: Name, aliases: tuple[Name, ...]) -> tuple[CalledName, ...]:
    common = _called(name)
    others = (_filled(_called(alias), common) for alias in aliases)
    return _unique(called for called in (common, *others) if called.first or called.last)


def _called(name: Name) -> CalledName:
    first, first_suffix = _without_suffix(plain(name.first_name))
    middle, middle_suffix = _without_suffix(plain(name.middle_name))
    last, last_suffix = _without_suffix(plain(name.last_name))
    suffix = _SUFFIXES.get(plain(name.suffix), "") or last_suffix or first_suffix or middle_suffix
    words = first.split()
    if len(words) > 1 and words[0] in _TITLES:
        words = words[1:]
    if _is_nobody(" ".join(words)) or _NAMELESS.match(first):
        words = []
    if _is_nobody(middle) and len(middle) > 1:
        middle = ""
    if _is_nobody(last) or last.startswith(("UNKNOWN ", "BABY ")):
        last = ""
    rest = [word for word in (*words[1:], *middle.split()) if word not in _PARTICLES or len(word) == 1]
    last = " ".join(_joined(last.split()))
    return CalledName(
        first=words[0] if words else "",
        given="".join(words),
        middle=" ".join(rest) if words else "",
        last=last,
        tokens=_tokens(last.split()),
        suffix=suffix,
    )


def _is_nobody(name: str) -> bool:
    """Whether a whole name names nobody."""
    return name in _PLACEHOLDERS or _SOMEBODY.fullmatch(name) is not None


def _filled(alias: CalledName, common: CalledName) -> CalledName:
    """An alias that gives only a surname or only a first name shares the rest with the common name."""
    first = alias if alias.first else common
    last = alias if alias.last else common
    return CalledName(
        first.first, first.given, first.middle, last.last, last.tokens, alias.suffix or common.suffix
    )


def _without_suffix(text: str) -> tuple[str, str]:
    words = text.split()
    if len(words) > 1 and words[-1] in _WRITTEN_IN_NAMES:
        return " ".join(words[:-1]), _SUFFIXES[words[-1]]
    return text, ""


def _joined(words: list[str]) -> list[str]:
    if len(words) > 1 and words[0] in _JOINING:
        return [words[0] + words[1], *words[2:]]
    return words


def _tokens(words: list[str]) -> tuple[str, ...]:
    bare = [word for word in words if word not in _PARTICLES] or words
    return tuple(_without_run_on(word) for word in bare)


def _without_run_on(word: str) -> str:
    for particle in _RUN_ON:
        if word.startswith(particle) and len(word) >= len(particle) + _RUN_ON_REST:
            return word[len(particle) :]
    return word


def _birth_date(text: str | None, told: date | None) -> str | None:
    if text is None or not (given := text.strip().upper()):
        return None
    if us := _US.fullmatch(given):
        given = f"{us[3]}-{us[1]:0>2}-{us[2]:0>2}"
    if given in _FILLER_DATES or given in _PLACEHOLDERS:
        return None
    if _ISO.fullmatch(given) and int(given[:4]) > (
        min(told.year + _YEARS_AHEAD, _LAST_YEAR) if told else _LAST_YEAR
    ):
        return None
    return given


def _cin(text: str | None) -> str | None:
    cin = plain(text).replace(" ", "")
    found = _CIN.fullmatch(cin)
    return found[1] if found else None


def _phone(text: str) -> str | None:
    digits = "".join(c for c in text if c in "0123456789")
    if len(digits) == _PHONE_DIGITS + 1 and digits[0] == "1":
        digits = digits[1:]
    if (
        len(digits) != _PHONE_DIGITS
        or digits[0] in "01"
        or len(set(digits)) == 1
        or len(set(digits[3:])) == 1
    ):
        return None
    return digits


def _place(address: Address) -> Place | None:
    street, unit = plain(address.street), plain(address.unit)
    if found := _UNIT.search(street):
        street, unit = street[: found.start()].strip(), unit or found[1]
    elif " #" in street:
        street = street.replace("#", "").strip()
    if found := _UNIT.search(unit):
        unit = found[1]
    name = " ".join(_STREET_WORDS.get(word, word) for word in street.split())
    name = name.replace("P O BOX", "PO BOX")
    digits = "".join(c for c in address.zip or "" if c in "0123456789")
    zip_code = digits[:_ZIP_DIGITS] if len(digits) >= _ZIP_DIGITS else plain(address.zip)
    if len(set(zip_code)) == 1:
        zip_code = ""
    city = plain(address.city)
    city = "" if city in _PLACEHOLDERS else city
    if not name and not zip_code and not city:
        return None
    return Place(f"{name} # {unit}" if name and unit else name, zip_code, address.kind, city)


def dump(person: Person) -> bytes:
    """Compact JSON of a person, for the sealed record; `load` gives the equal person back."""
    return json.dumps(
        [
            [[n.first, n.given, n.middle, n.last, n.tokens, n.suffix] for n in person.names],
            person.birth_date,
            person.sex,
            [[s.exact, s.substituted, s.transposed] for s in person.ssn],
            person.cin,
            [[p.street, p.zip, p.kind, p.city] for p in person.addresses],
            person.phones,
        ],
        separators=(",", ":"),
    ).encode()


def load(data: bytes) -> Person:
    """The person that `dump` wrote."""
    names, birth_date, sex, ssn, cin, addresses, phones = from_json(data, cache_strings=False)
    return Person(
        tuple(CalledName(f, g, m, last, tuple(t), s) for f, g, m, last, t, s in names),
        birth_date,
        sex,
        # Validated when they were made: doing it again would cost more than the rest of the record.
        tuple(
            SsnTokens.model_construct(exact=e, substituted=tuple(s), transposed=tuple(t)) for e, s, t in ssn
        ),
        cin,
        tuple(Place(*place) for place in addresses),
        tuple(phones),
    )
