"""References: random where they are minted, derived where the same thing must get the same id twice."""

import secrets
import uuid

_LETTERS = bytes(b"abcdefghijklmnopqrstuvwxyz234567"[byte % 32] for byte in range(256))  # each eight times
_NAMESPACE = uuid.UUID("6f2b8a52-3d0e-5c56-9c0b-2f1f0a4f7d11")


def mint(prefix: str) -> str:
    """A new reference, `prefix` + `_` + 26 characters: 130 random bits, nothing about whom or when."""
    return f"{prefix}_{secrets.token_bytes(26).translate(_LETTERS).decode()}"


def named(*parts: str) -> str:
    """The uuid5 of some parts in order: the same parts always give the same id."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))
