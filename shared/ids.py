"""References: random where they are minted, derived where the same thing must get the same id twice."""

import base64
import secrets
import uuid

_NAMESPACE = uuid.UUID("6f2b8a52-3d0e-5c56-9c0b-2f1f0a4f7d11")


def mint(prefix: str) -> str:
    """A new reference, `prefix` + `_` + 26 characters: 130 random bits, nothing about whom or when."""
    return f"{prefix}_{base64.b32encode(secrets.token_bytes(17)).decode().lower()[:26]}"


def named(*parts: str) -> str:
    """The uuid5 of some parts in order: the same parts always give the same id."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))
