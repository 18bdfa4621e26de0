"""Blocking keys: two records are compared when they share one of these keyed hashes.

The union is wide on purpose (most lost pairs are lost here), and each kind is narrow: none rests on a birth
year, a surname or an address alone. Month and day stand in sorted order, so a swap of the two still meets.
"""

import re
from collections.abc import Callable, Iterator

from services.matcher.identity.names import sound
from services.matcher.identity.person import CalledName, Person

SHARED_KINDS = frozenset(("shelter", "office"))  # addresses of strangers
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_LETTERS = 3

Digest = Callable[[str], bytes]


def keys(person: Person, digest: Digest) -> frozenset[bytes]:
    """All blocking keys of a person, over every alias; none if there is nothing to go by."""
    return frozenset(
        digest(f"block/{text}") for text in {*_identifiers(person), *_name_keys(person)}
    ) | ssn_keys(person, digest)


def ssn_keys(person: Person, digest: Digest) -> frozenset[bytes]:
    """The keys of the exact Social Security numbers alone: equal key, equal number."""
    return frozenset(digest(f"block/ssn/{token.exact}") for token in person.ssn)


def _identifiers(person: Person) -> Iterator[str]:
    if person.cin:
        yield f"cin/{person.cin}"
    if person.birth_date:
        year, day = _birth(person.birth_date)
        yield f"birth/{year}/{day}" if year else f"birth/{person.birth_date}"
    for phone in person.phones:
        yield f"phone/{phone}"


def _birth(text: str | None) -> tuple[str, str]:
    """Year, and month and day in sorted order; empty for a text that is no ISO date."""
    if text is None or not (date := _ISO.fullmatch(text)):
        return "", ""
    return date[1], "/".join(sorted((date[2], date[3])))


def _name_keys(person: Person) -> Iterator[str]:
    year, day = _birth(person.birth_date)
    doors = [
        f"{place.zip}/{number}"
        for place in person.addresses
        if place.zip
        and place.kind not in SHARED_KINDS
        and (number := place.street.split(" ", 1)[0])[:1].isdigit()
    ]
    for name in person.names:
        firsts = {name.first, name.given} - {""}
        lasts = {"".join(name.tokens), *name.tokens} - {""}
        yield from _one_name(firsts, "first", year, day)
        yield from _one_name(lasts, "last", year, day)
        yield from (f"door/{door}/{sound(first)}" for door in doors for first in firsts)
        yield from _both_names(name, firsts, lasts, year)


def _one_name(names: set[str], kind: str, year: str, day: str) -> Iterator[str]:
    for name in names:
        if year:
            yield f"{kind}+year/{name}/{year}"
            yield f"{kind}+day/{name}/{day}"


def _both_names(name: CalledName, firsts: set[str], lasts: set[str], year: str) -> Iterator[str]:
    for first in firsts:
        for last in lasts:
            yield "names/" + "/".join(sorted((first, last)))  # one key for both orders of the columns
            if year:
                yield f"sound/{sound(last)}/{first[0]}/{year}"
    if name.first and name.last:
        for last in name.tokens:
            yield "three/" + "/".join(sorted((name.first[:_LETTERS], last[:_LETTERS])))
