"""Sealing of the one field that carries identity, bound to its event so that it cannot be moved to another."""

import base64

from shared.crypto import CannotOpen, Keyring
from shared.errors import InvalidEvent
from shared.events.person import PersonDetails


def _associated(event_id: str, event_type: str, county: str, subject: str) -> bytes:
    return f"{event_id}\n{event_type}\n{county}\n{subject}".encode()


def seal_person(
    details: PersonDetails, keyring: Keyring, *, event_id: str, event_type: str, county: str, subject: str
) -> str:
    """Details as base64 text of sealed JSON."""
    plain = details.model_dump_json(exclude_defaults=True).encode()
    sealed = keyring.seal(plain, _associated(event_id, event_type, county, subject))
    return base64.b64encode(sealed).decode()


def open_person(
    sealed: str, keyring: Keyring, *, event_id: str, event_type: str, county: str, subject: str
) -> PersonDetails:
    """The details again; raises InvalidEvent when they were altered, moved, or cannot be read."""
    try:
        plain = keyring.open(base64.b64decode(sealed), _associated(event_id, event_type, county, subject))
        return PersonDetails.model_validate_json(plain)
    except (CannotOpen, ValueError):  # not base64, not ours, or not a person
        raise InvalidEvent("The sealed person cannot be opened") from None
