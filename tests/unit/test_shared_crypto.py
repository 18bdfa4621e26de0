"""Keys: what is sealed stays bound to its place, and SSN tokens tell one slip of the pen and nothing more."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.crypto import CannotOpen, CountyKeys, KeyFile, Keyring, SsnTokens

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
RING = Keyring({"k1": OLD, "k2": NEW}, "k2")
KEYS = CountyKeys({"cws": RING}, token_key=b"t" * 32)
OTHER = CountyKeys({"cws": RING}, token_key=b"u" * 32)

numbers = st.text("0123456789", min_size=9, max_size=9)


def shared(one: SsnTokens, two: SsnTokens) -> tuple[bool, list[int], list[int]]:
    """Whether equal; the positions of which one may be substituted; those where neighbours may be swapped."""
    return (
        one.exact == two.exact,
        [i for i, (a, b) in enumerate(zip(one.substituted, two.substituted, strict=True)) if a == b],
        [i for i, (a, b) in enumerate(zip(one.transposed, two.transposed, strict=True)) if a == b],
    )


@given(ssn=numbers)
def test_equal_numbers_give_equal_tokens(ssn: str) -> None:
    assert shared(KEYS.ssn_tokens(ssn), KEYS.ssn_tokens(ssn)) == (True, list(range(9)), list(range(8)))


@given(ssn=numbers, at=st.integers(0, 8), digit=st.sampled_from("0123456789"))
def test_one_substituted_digit_is_seen_at_its_position_alone(ssn: str, at: int, digit: str) -> None:
    assume(ssn[at] != digit)
    other = ssn[:at] + digit + ssn[at + 1 :]
    exact, substituted, transposed = shared(KEYS.ssn_tokens(ssn), KEYS.ssn_tokens(other))
    assert not exact
    assert substituted == [at]
    assert transposed == []


@given(ssn=numbers, at=st.integers(0, 7))
def test_one_transposition_is_seen_at_its_pair_alone(ssn: str, at: int) -> None:
    assume(ssn[at] != ssn[at + 1])
    other = ssn[:at] + ssn[at + 1] + ssn[at] + ssn[at + 2 :]
    exact, substituted, transposed = shared(KEYS.ssn_tokens(ssn), KEYS.ssn_tokens(other))
    assert not exact
    assert substituted == []
    assert transposed == [at]


@given(one=numbers, two=numbers)
def test_numbers_further_apart_share_no_token(one: str, two: str) -> None:
    differ = [i for i in range(9) if one[i] != two[i]]
    swapped = (
        len(differ) == 2
        and differ[1] == differ[0] + 1
        and sorted(one[differ[0] : differ[1] + 1]) == sorted(two[differ[0] : differ[1] + 1])
    )
    assume(len(differ) > 1 and not swapped)
    assert shared(KEYS.ssn_tokens(one), KEYS.ssn_tokens(two)) == (False, [], [])


@given(ssn=numbers)
def test_all_tokens_of_a_number_are_different_and_do_not_show_it(ssn: str) -> None:
    tokens = KEYS.ssn_tokens(ssn)
    every = [tokens.exact, *tokens.substituted, *tokens.transposed]
    assert len(set(every)) == 18
    assert all(len(token) == 32 and int(token, 16) >= 0 for token in every)


@given(ssn=numbers)
def test_tokens_of_another_county_have_nothing_in_common(ssn: str) -> None:
    assert shared(KEYS.ssn_tokens(ssn), OTHER.ssn_tokens(ssn)) == (False, [], [])


@given(plain=st.binary(max_size=200), associated=st.binary(max_size=40))
def test_what_is_sealed_can_be_opened_where_it_belongs(plain: bytes, associated: bytes) -> None:
    sealed = RING.seal(plain, associated)
    assert RING.open(sealed, associated) == plain
    assert len(plain) < 8 or plain not in sealed


@given(plain=st.binary(max_size=50), associated=st.binary(max_size=20), elsewhere=st.binary(max_size=20))
def test_what_is_sealed_cannot_be_opened_elsewhere(plain: bytes, associated: bytes, elsewhere: bytes) -> None:
    assume(associated != elsewhere)
    with pytest.raises(CannotOpen):
        RING.open(RING.seal(plain, associated), elsewhere)


@given(plain=st.binary(max_size=50), at=st.integers(0, 500), flip=st.integers(1, 255))
def test_one_altered_byte_is_noticed(plain: bytes, at: int, flip: int) -> None:
    sealed = bytearray(RING.seal(plain, b"a"))
    sealed[at % len(sealed)] ^= flip
    with pytest.raises(CannotOpen):
        RING.open(bytes(sealed), b"a")


@given(garbage=st.binary(max_size=80))
def test_bytes_that_were_never_sealed_cannot_be_opened(garbage: bytes) -> None:
    with pytest.raises(CannotOpen):
        RING.open(garbage, b"a")


def test_the_same_sealed_twice_looks_different() -> None:
    assert RING.seal(b"the same", b"a") != RING.seal(b"the same", b"a")


def test_the_newest_key_seals_and_older_ones_still_open() -> None:
    before, after = Keyring({"k1": OLD}, "k1"), Keyring({"k2": NEW}, "k2")
    assert RING.open(before.seal(b"old", b"a"), b"a") == b"old"
    assert after.open(RING.seal(b"new", b"a"), b"a") == b"new"
    with pytest.raises(CannotOpen):
        before.open(RING.seal(b"new", b"a"), b"a")


def test_a_key_file_gives_each_county_and_program_keys_of_its_own() -> None:
    made = KeyFile(counties={"43": KeyFile.county(), "07": KeyFile.county()})
    keys = KeyFile.model_validate_json(made.model_dump_json()).keys()
    assert keys["43"].digest("x") != keys["07"].digest("x")
    sealed = keys["43"].keyring("cws").seal(b"it", b"a")
    assert keys["43"].keyring("cws").open(sealed, b"a") == b"it"
    for stranger in (
        keys["43"].keyring("calworks"),
        keys["43"].keyring("matcher"),
        keys["07"].keyring("cws"),
    ):
        with pytest.raises(CannotOpen):
            stranger.open(sealed, b"a")


def test_the_last_key_of_a_program_in_the_file_is_the_one_that_seals() -> None:
    county = KeyFile.county()
    county.keyrings["cws"]["k2"] = NEW.hex()
    ring = KeyFile(counties={"43": county}).keys()["43"].keyring("cws")
    assert Keyring({"k2": NEW}, "k2").open(ring.seal(b"it", b"a"), b"a") == b"it"
