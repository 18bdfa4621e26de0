"""A normalised person as a row of columns: what the levels are said of in SQL.

Of several names or addresses the first is taken. An empty value is null; text is ASCII, so that bytes are letters.
"""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from services.matcher.identity.blocking import SHARED_KINDS
from services.matcher.identity.levels import swapped_date
from services.matcher.identity.names import SHARED_TOKEN, formals, is_head, is_known, sound
from services.matcher.identity.person import CalledName, Person, Place

_TEXTS = pa.list_(pa.string())
SCHEMA = pa.schema(
    {
        "unique_id": pa.string(),
        "first": pa.string(),  # the first of the given names
        "given": pa.string(),  # all of them, joined
        "first_sound": pa.string(),
        "formals": _TEXTS,  # the formal names that the first can stand for
        "is_head": pa.bool_(),  # it is one itself
        "is_known": pa.bool_(),
        "last": pa.string(),
        "last_words": pa.string(),  # its words without particles, in an order of their own
        "last_sound": pa.string(),
        "tokens": _TEXTS,  # its words
        "long_tokens": _TEXTS,  # those that are evidence where they are shared
        "middle": pa.string(),
        "middles": _TEXTS,  # its words
        "middle_letters": _TEXTS,  # those of one letter
        "middle_initials": _TEXTS,
        "middle_words": _TEXTS,  # those of more
        "suffix": pa.string(),
        "birth_date": pa.string(),
        "birth_swapped": pa.string(),  # month and day changed about
        "sex": pa.string(),
        "ssn": _TEXTS,  # exact tokens
        "ssn_near": _TEXTS,  # tokens of one digit off, or two changed about
        "cin": pa.string(),
        "street": pa.string(),
        "zip": pa.string(),
        "city": pa.string(),
        "door": pa.string(),  # the house number
        "road": pa.string(),  # the rest without the unit
        "phones": _TEXTS,
        # for blocking alone
        "birth_year": pa.string(),
        "birth_day": pa.string(),  # month and day in sorted order
        "first_three": pa.string(),
        "last_three": pa.string(),
        "one_ssn": pa.string(),
    }
)

_NOBODY = CalledName("", "", "", "", (), "")
_NOWHERE = Place("", "", "residence")
_ISO_LENGTH, _LETTERS = 10, 3


def table(people: Iterable[tuple[str, Person]]) -> pa.Table:
    """The people, each with a name of its own, as a table."""
    rows = [row(ident, person) for ident, person in people]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def row(ident: str, person: Person) -> dict[str, Any]:
    """One person's columns."""
    name = person.names[0] if person.names else _NOBODY
    own = (place for place in person.addresses if place.kind not in SHARED_KINDS)
    return {
        "unique_id": ident,
        **_first(name),
        **_last(name),
        **_middle(name.middle),
        "suffix": name.suffix or None,
        **_birth(person.birth_date),
        "sex": person.sex,
        "ssn": [tokens.exact for tokens in person.ssn] or None,
        "ssn_near": [near for tokens in person.ssn for near in (*tokens.substituted, *tokens.transposed)]
        or None,
        "one_ssn": person.ssn[0].exact if person.ssn else None,
        "cin": person.cin,
        **_place(next(own, _NOWHERE)),
        "phones": list(person.phones) or None,
    }


def _first(name: CalledName) -> dict[str, Any]:
    first = name.first
    return {
        "first": first or None,
        "given": name.given or None,
        "first_sound": sound(first) if first else None,
        "formals": sorted(formals(first)),
        "is_head": is_head(first),
        "is_known": is_known(first),
        "first_three": first[:_LETTERS] or None,
    }


def _last(name: CalledName) -> dict[str, Any]:
    words = sorted(name.tokens) if len(set(name.tokens)) == len(name.tokens) else name.tokens
    return {
        "last": name.last or None,
        "last_words": " ".join(words) or None,
        "last_sound": sound(name.last) if name.last else None,
        "tokens": list(name.tokens),
        "long_tokens": [token for token in name.tokens if len(token) >= SHARED_TOKEN],
        "last_three": name.tokens[0][:_LETTERS] if name.tokens else None,
    }


def _middle(middle: str) -> dict[str, Any]:
    words = middle.split()
    return {
        "middle": middle or None,
        "middles": words,
        "middle_letters": [word for word in words if len(word) == 1],
        "middle_initials": [word[0] for word in words],
        "middle_words": [word for word in words if len(word) > 1],
    }


def _birth(text: str | None) -> dict[str, Any]:
    whole = text is not None and len(text) == _ISO_LENGTH
    return {
        "birth_date": text,
        "birth_swapped": swapped_date(text) if text and whole else None,
        "birth_year": text[:4] if text and whole else None,
        "birth_day": "/".join(sorted((text[5:7], text[8:]))) if text and whole else None,
    }


def _place(place: Place) -> dict[str, Any]:
    number, _, road = place.street.partition(" # ")[0].partition(" ")
    at_a_door = number[:1].isdigit()
    return {
        "street": place.street or None,
        "zip": place.zip or None,
        "city": place.city or None,
        "door": number if at_a_door else None,
        "road": road if at_a_door else None,
    }
