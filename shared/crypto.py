"""Keys: sealing of personal data, SSN tokens and keyed hashes.

A county has one keyring per program (a program holds its own, the matcher both) and one token key, which
both programs share so that equal identifiers give equal tokens. Keys live in a key file, never in a database.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict

from shared.errors import LinkagesError

_NONCE = 12


class CannotOpen(LinkagesError):
    """Sealed bytes were altered, belong elsewhere, or were sealed with a key that is not here."""

    slug, title = "cannot-open", "Sealed data cannot be opened"


class Keyring:
    """AES-256-GCM under the newest of several keys; older ones still open what they sealed.

    Sealed bytes are: length of the key id, key id, nonce (12 bytes), ciphertext with its tag.
    """

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = current

    def seal(self, plain: bytes, associated: bytes) -> bytes:
        """Encrypt; `associated` is bound to the result and must be given again to open it."""
        key_id = self._current.encode()
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._ciphers[self._current].encrypt(nonce, plain, associated)
        return bytes([len(key_id)]) + key_id + nonce + sealed

    def open(self, sealed: bytes, associated: bytes) -> bytes:
        """Decrypt; raises CannotOpen for altered bytes, another `associated` or an unknown key."""
        try:
            length = sealed[0]
            key_id = sealed[1 : 1 + length].decode()
            nonce = sealed[1 + length : 1 + length + _NONCE]
            return self._ciphers[key_id].decrypt(nonce, sealed[1 + length + _NONCE :], associated)
        except (IndexError, KeyError, UnicodeDecodeError, InvalidTag, ValueError):
            raise CannotOpen from None


class SsnTokens(BaseModel):
    """A Social Security number as keyed tokens, from which it cannot be had back.

    exact: equal numbers. substituted: nine, each with one position left out; equal at one position means
    one digit differs. transposed: eight, each with a neighbouring pair sorted; equal means that pair is
    swapped (or equal). All are hex text of 16 bytes of HMAC-SHA256.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    exact: str
    substituted: tuple[str, ...]
    transposed: tuple[str, ...]


@dataclass(frozen=True)
class CountyKeys:
    """The keys of one county: a keyring per program, and the token key."""

    keyrings: Mapping[str, Keyring]
    token_key: bytes

    def keyring(self, program: str) -> Keyring:
        """The keyring of `cws`, `calworks` or `matcher` (the matcher's own store)."""
        return self.keyrings[program]

    def digest(self, text: str) -> bytes:
        """A keyed hash of 16 bytes, for blocking keys and for comparing bodies."""
        return hmac.digest(self.token_key, text.encode(), hashlib.sha256)[:16]

    def ssn_tokens(self, ssn: str) -> SsnTokens:
        """The tokens of nine digits."""

        def token(kind: str) -> str:
            return self.digest(f"ssn/{kind}").hex()

        return SsnTokens(
            exact=token(f"exact/{ssn}"),
            substituted=tuple(token(f"without/{i}/{ssn[:i]}{ssn[i + 1 :]}") for i in range(9)),
            transposed=tuple(
                token(f"sorted/{i}/{ssn[:i]}{''.join(sorted(ssn[i : i + 2]))}{ssn[i + 2 :]}")
                for i in range(8)
            ),
        )


class KeyFile(BaseModel):
    """The key file: counties, each with its keyrings and token key, as hex. It never leaves the host."""

    class County(BaseModel):
        """One county's keys: program -> key id -> key; the last key id of a program seals."""

        keyrings: dict[str, dict[str, str]]
        token_key: str

    counties: dict[str, County]

    @staticmethod
    def county(programs: tuple[str, ...] = ("cws", "calworks", "matcher")) -> "KeyFile.County":
        """New random keys for a county."""
        return KeyFile.County(
            keyrings={program: {"k1": secrets.token_hex(32)} for program in programs},
            token_key=secrets.token_hex(32),
        )

    def keys(self) -> dict[str, CountyKeys]:
        """The keys by county, ready for use."""
        return {
            number: CountyKeys(
                keyrings={
                    program: Keyring({i: bytes.fromhex(k) for i, k in keys.items()}, current=list(keys)[-1])
                    for program, keys in county.keyrings.items()
                },
                token_key=bytes.fromhex(county.token_key),
            )
            for number, county in self.counties.items()
        }
