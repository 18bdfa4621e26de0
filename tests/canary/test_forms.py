"""The search sees through every shape that it says it does, and takes nothing for what it is not."""

import base64
import bz2
import gzip
import hashlib
import json
import zlib
from collections.abc import Callable
from random import Random
from urllib.parse import quote, quote_plus

import pytest

from tests.canary.canaries import Canary, Crowd, make_crowd
from tests.canary.forms import Search

SHAPES: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "upper case": lambda one: one.upper().encode(),
    "within a word": lambda one: f"x{one}x".encode() if one[0].isalpha() else f"x {one}".encode(),
    "JSON": lambda one: json.dumps({"who": one}).encode(),
    "JSON, all escaped": lambda one: "".join(f"\\u{ord(letter):04x}" for letter in one).encode(),
    "URL": lambda one: quote(f"/x y/{one}", safe="").encode(),
    "form": lambda one: quote_plus(f"a b={one}&").encode(),
    "UTF-16": lambda one: one.encode("utf-16-be"),
    "hex": lambda one: b"f" + one.encode().hex().encode(),
    "upper hex": lambda one: one.encode().hex().upper().encode(),
    "base64": lambda one: base64.b64encode(one.encode()),
    "base64, one on": lambda one: base64.b64encode(f"x{one}".encode()),
    "base64, two on": lambda one: base64.b64encode(f"xy{one}".encode()),
    "base64 behind a word": lambda one: b"key" + base64.urlsafe_b64encode(one.encode()),
    "gzip": lambda one: b"head" + gzip.compress(one.encode()),
    "zlib": lambda one: zlib.compress(one.encode()),
    "bzip2": lambda one: bz2.compress(one.encode()),
    "base64 of gzip": lambda one: base64.b64encode(gzip.compress(one.encode())),
    "hex of base64": lambda one: base64.b64encode(one.encode()).hex().encode(),
}
NUMBERS: dict[str, Callable[[str], bytes]] = {
    "digits": lambda one: one.replace("-", "").encode(),
    "spaces": lambda one: one.replace("-", " ").encode(),
    "backwards": lambda one: one[::-1].encode(),
    "in a path": lambda one: f"/clients/{one}/x".encode(),
    "glued to a date": lambda one: f"{one.replace('-', '')}2".encode(),
    **{
        f"{name} of digits": lambda one, name=name: (
            hashlib.new(  # type: ignore[misc]
                name, one.replace("-", "").encode()
            )
            .hexdigest()
            .encode()
        )
        for name in ("md5", "sha1", "sha256", "sha512", "blake2b")
    },
    "raw sha256": lambda one: hashlib.sha256(one.encode()).digest(),
    "base64 of sha256": lambda one: base64.b64encode(hashlib.sha256(one.encode()).digest()),
}


@pytest.fixture(scope="module")
def crowd() -> Crowd:
    return make_crowd(200, 5)


@pytest.fixture(scope="module")
def search(crowd: Crowd) -> Search:
    return Search(crowd.canaries)


def missed(search: Search, crowd: Crowd, canaries: list[Canary], shape: Callable[[str], bytes]) -> list[str]:
    return [
        one.value
        for one in canaries
        if not any(
            crowd.canaries[at] is one for at, _ in search.find(b"before " + shape(one.value) + b" after")
        )
    ]


@pytest.mark.parametrize("shape", SHAPES)
def test_everything_known_of_anybody_is_found_in_every_shape(
    search: Search, crowd: Crowd, shape: str
) -> None:
    for kind in ("name", "ssn", "street", "phone", "birth date", "cin"):
        assert not missed(search, crowd, crowd.of(kind)[:25], SHAPES[shape]), kind


@pytest.mark.parametrize("shape", NUMBERS)
def test_a_social_security_number_is_found_in_every_shape(search: Search, crowd: Crowd, shape: str) -> None:
    assert not missed(search, crowd, crowd.of("ssn"), NUMBERS[shape])


def test_a_birth_date_is_found_as_americans_write_it(search: Search, crowd: Crowd) -> None:
    def american(day: str) -> bytes:
        year, month, of_month = day.split("-")
        return f"{month}/{of_month}/{year}".encode()

    assert not missed(search, crowd, crowd.of("birth date"), american)


def test_nobody_is_found_in_what_only_looks_like_somebody(search: Search, crowd: Crowd) -> None:
    rng = Random(1)
    ssn = crowd.of("ssn")[0].value.replace("-", "")
    harmless = [
        rng.randbytes(300_000),
        " ".join(rng.randbytes(16).hex() for _ in range(5_000)).encode(),
        json.dumps([rng.random() for _ in range(5_000)]).encode(),
        base64.b64encode(rng.randbytes(100_000)),
        f'{{"weight": 3.{ssn}1}}'.encode(),
        f"{'a0' * 10}{ssn}{'f1' * 10}".encode(),
        b"2026-11-22T10:11:12.345678Z 127.0.0.1:8000 408-555-0101",
    ]
    assert [search.find(one) for one in harmless] == [{}] * len(harmless)
