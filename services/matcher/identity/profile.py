"""What a county's index profile lets the index keep of a person; what it does not keep is not scored either.

`10850_admin`: identity basics, identifiers and household (WIC 10850, both programs in one welfare department).
`18961_5`: what the section lists (WIC 18961.5: name, address, telephone number, date of birth): no identifier, no sex.
`hashed`: keyed hashes of the normalised values, which agree or differ and say nothing else; no name is left to show.
A fourth, which would index nobody before there is a release, is not there yet.
"""

from dataclasses import replace
from typing import Literal

from services.matcher.identity.blocking import Digest
from services.matcher.identity.person import CalledName, Person, Place
from shared.events.person import PersonDetails

Profile = Literal["10850_admin", "18961_5", "hashed"]

_OUTSIDE: dict[Profile, dict[str, object]] = {
    "10850_admin": {},
    "18961_5": {"sex": "U", "ssn": (), "cin": None},
    "hashed": {},
}
"""The fields that a profile does not keep, as they are when they say nothing."""


def within(profile: Profile, details: PersonDetails) -> tuple[PersonDetails, tuple[str, ...]]:
    """The details that the profile keeps, and the names of the fields that said something and were dropped."""
    outside = _OUTSIDE[profile]
    dropped = tuple(name for name, nothing in outside.items() if getattr(details, name) != nothing)
    return details.model_copy(update={name: outside[name] for name in dropped}), dropped


def hashed(person: Person, digest: Digest) -> Person:
    """The person with every text as a keyed hash. Kinds of addresses and tokens of numbers stay: they say nothing."""

    def h(kind: str, text: str) -> str:
        return digest(f"person/{kind}/{text}").hex() if text else ""

    return replace(
        person,
        names=tuple(
            CalledName(
                first=h("name", name.first),
                given=h("name", name.given),
                middle=h("name", name.middle),
                last=h("name", name.last),
                tokens=tuple(h("name", token) for token in name.tokens),
                suffix=h("suffix", name.suffix),
            )
            for name in person.names
        ),
        birth_date=h("birth", person.birth_date or "") or None,
        sex=h("sex", person.sex or "") or None,
        cin=h("cin", person.cin or "") or None,
        addresses=tuple(
            Place(h("street", p.street), h("zip", p.zip), p.kind, h("city", p.city)) for p in person.addresses
        ),
        phones=tuple(h("phone", phone) for phone in person.phones),
    )
