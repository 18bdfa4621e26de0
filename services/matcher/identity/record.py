"""What is stored of a person: the normalised person for matching and the name to show, sealed in one blob."""

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pydantic_core import from_json

from services.matcher.identity import person as persons
from services.matcher.identity.person import Person
from shared.crypto import Keyring
from shared.events.person import PersonDetails


@dataclass(frozen=True, slots=True)
class Record:
    """A person as the index knows them. `shown` is for the person's own program, or for a permitted K1 item."""

    person: Person
    shown: dict[str, str]


def of(details: PersonDetails, told: date | None = None) -> Record:
    """A record of what an event tells, `told` on a day; the SSN is in it as tokens only."""
    name = details.name
    parts = {
        "first_name": name.first_name,
        "middle_name": name.middle_name,
        "last_name": name.last_name,
        "suffix": name.suffix,
        "birth_date": details.birth_date,
    }
    return Record(persons.normalise(details, told), {key: value for key, value in parts.items() if value})


def seal(record: Record, keyring: Keyring, *, county: str, ref: str) -> bytes:
    """The blob, bound to its person."""
    plain = json.dumps({"shown": record.shown, "person": persons.dump(record.person).decode()})
    return keyring.seal(plain.encode(), f"{county}/{ref}".encode())


@lru_cache(maxsize=8192)
def open_record(blob: bytes, keyring: Keyring, *, county: str, ref: str) -> Record:
    """The record again. Those opened last are kept: one person is a candidate of many.

    Whoever asks has read the blob just now, so what is sealed or gone from the database cannot be asked for.
    """
    plain = from_json(keyring.open(blob, f"{county}/{ref}".encode()), cache_strings=False)
    return Record(persons.load(plain["person"].encode()), plain["shown"])
