"""Blocking keys: two records are compared when they share one of these keyed hashes.

The union is wide on purpose (most lost pairs are lost here), and each kind is narrow: none rests on a birth year or a
surname alone. Month and day stand in sorted order, so a swap of the two still meets. A block that outgrows the cap
offers nobody; the kinds in `NEVER_CAPPED` stay small by themselves and have no cap, and a pair is linked by itself only
if it shares one of them: closing a block can therefore not take a link away.
"""

import re
from collections.abc import Callable, Collection, Iterator

from services.matcher.identity.names import formals, sound
from services.matcher.identity.person import CalledName, Person

SHARED_KINDS = frozenset(("shelter", "office"))  # addresses of strangers

NEVER_CAPPED = frozenset(("birth", "name+birth", "names+year", "names+day"))
"""Kinds without a cap: a birth date that is no estimate, or with a name; both names and the year, or month and day.

An identifier has one: a number that hundreds have is a filler that nobody knew.
"""

STANDARD = NEVER_CAPPED | {
    "ssn",
    "cin",
    "name+year",
    "name+day",
    "names",
    "sound",
    "three",
    "phone",
    "door",
    "street",
    "roof",
}
"""The kinds that every county has."""

KINDS = STANDARD | {"zip"}
"""All kinds. `zip` is for areas in which few people share a ZIP code."""

CAP = 200
"""The most people in a block of a capped kind that counts, where nobody says otherwise."""

_ISO = re.compile(r"(.{4})-(.{2})-(.{2})")
_LETTERS = 3
_HAS_NO_CAP, HAS_CAP = b"\x01", b"\x00"

Digest = Callable[[str], bytes]


def keys(person: Person, digest: Digest, kinds: Collection[str] = STANDARD) -> frozenset[bytes]:
    """All blocking keys of a person, over every alias; none if there is nothing to go by."""
    return frozenset(_key(kind, text, digest) for kind, text in set(_said(person)) if kind in kinds)


def kinds_by_key(person: Person, digest: Digest) -> dict[bytes, str]:
    """The kind of each blocking key that a person may have, which the key itself does not tell."""
    return {_key(kind, text, digest): kind for kind, text in set(_said(person))}


def ssn_keys(person: Person, digest: Digest) -> frozenset[bytes]:
    """The keys of the exact Social Security numbers alone: equal key, equal number."""
    return frozenset(_key("ssn", token.exact, digest) for token in person.ssn)


def is_capped_kind(key: bytes) -> bool:
    """Whether the block of a key may be closed because it is too large."""
    return key[:1] == HAS_CAP


def anchored(x: Person, y: Person) -> bool:
    """Whether two records share a key that has no cap."""
    return not _anchors(x).isdisjoint(_anchors(y))


def _anchors(person: Person) -> set[tuple[str, str]]:
    return {(kind, text) for kind, text in _said(person) if kind in NEVER_CAPPED}


def _key(kind: str, text: str, digest: Digest) -> bytes:
    mark = _HAS_NO_CAP if kind in NEVER_CAPPED else HAS_CAP
    return mark + digest(f"block/{kind}/{text}")[1:]


def _said(person: Person) -> Iterator[tuple[str, str]]:
    """Kind and text of each key."""
    year, day = _birth(person.birth_date)
    yield from _identifiers(person)
    yield from _places(person)
    estimate = person.birth_date is not None and person.birth_date.endswith("-01-01")
    if person.birth_date and not estimate:
        yield "birth", f"{year}/{day}" if year and day else person.birth_date
    for name in person.names:
        firsts = {name.first, name.given} - {""}
        lasts = {"".join(name.tokens), *name.tokens} - {""}
        if estimate:
            yield from (("name+birth", f"{one}/{person.birth_date}") for one in firsts | lasts)
        if year:
            yield from (("name+year", f"{one}/{year}") for one in firsts | lasts)
        if day:
            yield from (("name+day", f"{one}/{day}") for one in firsts | lasts)
        yield from _both_names(name, year, day)


def _identifiers(person: Person) -> Iterator[tuple[str, str]]:
    yield from (("ssn", token.exact) for token in person.ssn)
    if person.cin:
        yield "cin", person.cin
    yield from (("phone", phone) for phone in person.phones)


def _places(person: Person) -> Iterator[tuple[str, str]]:
    for place in person.addresses:
        if place.kind in SHARED_KINDS:
            continue
        street = place.street.partition(" # ")[0]
        number, _, road = street.partition(" ")
        if road:
            yield "street", street
            yield from (("roof", f"{street}/{said}") for said in _signs(person))
        if place.zip:
            yield "zip", place.zip
            if number[:1].isdigit():
                firsts = {first for name in person.names for first in (name.first, name.given) if first}
                yield from (("door", f"{place.zip}/{number}/{sound(first)}") for first in firsts)


def _signs(person: Person) -> set[str]:
    """Short signs of the names, for those under one roof: how the surnames sound, and the first letters."""
    lasts = {sound(last) for name in person.names for last in name.tokens}
    return lasts | {name.first[0] for name in person.names if name.first}


def _birth(text: str | None) -> tuple[str, str]:
    """Year, and month and day in sorted order; each empty where the text has no digits for it."""
    if text is None or not (date := _ISO.fullmatch(text)):
        return "", ""
    year, month, day = date.groups()
    return year if year.isdigit() else "", "/".join(sorted((month, day))) if (month + day).isdigit() else ""


def _both_names(name: CalledName, year: str, day: str) -> Iterator[tuple[str, str]]:
    for first in {name.first, *formals(name.first)} - {""}:
        for last in name.tokens:
            both = "/".join(sorted((first, last)))  # one key for both orders of the columns
            yield "names", both
            if day:
                yield "names+day", f"{both}/{day}"
            if year:
                yield "names+year", f"{both}/{year}"
                yield "sound", f"{sound(last)}/{first[0]}/{year}"
    if name.first and name.last:
        for last in name.tokens:
            yield "three", "/".join(sorted((name.first[:_LETTERS], last[:_LETTERS])))
