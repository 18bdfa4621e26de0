"""Record ids of CWS/CMS: a key of 10 characters and its 19 digits are one id, and case tells ids apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cws_api.domain.record_id import shown, stored
from tests.contract.program_world import Api, new

KEYS = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", min_size=10, max_size=10)
KEY, DASHED, DIGITS = "AHooKwN0F4", "0584-3274-2768-3000934", "0584327427683000934"


def test_a_key_and_its_digits_are_known_from_a_real_one() -> None:
    assert stored(DASHED) == stored(DIGITS) == stored(KEY) == KEY
    assert shown(KEY) == DASHED
    assert stored("0" * 19) == "0" * 10


@given(KEYS)
def test_every_key_comes_back_from_its_digits(key: str) -> None:
    digits = shown(key)
    assert stored(digits) == stored(digits.replace("-", "")) == stored(key) == key
    assert [len(part) for part in digits.split("-")] == [4, 4, 4, 7]


@given(KEYS, KEYS)
def test_two_keys_have_the_same_digits_only_if_they_are_one(one: str, other: str) -> None:
    assert (shown(one) == shown(other)) == (one == other)


@given(st.integers(0, 62**7 - 1), st.integers(0, 62**3 - 1))
def test_all_digits_of_a_time_and_a_worker_come_back_from_their_key(time: int, worker: int) -> None:
    digits = f"{time:013}{worker:06}"
    assert shown(stored(digits)).replace("-", "") == digits


@given(st.integers(62**7, 10**13 - 1), st.integers(62**3, 10**6 - 1))
def test_digits_that_no_key_has_are_refused(time: int, worker: int) -> None:
    for digits in (f"{time:013}{0:06}", f"{0:013}{worker:06}"):
        with pytest.raises(ValueError, match="more than"):
            stored(digits)


@pytest.mark.parametrize(
    "other", ["R-1", "", "0584-32742768-3000934", "05843274-2768-3000934", "058432742768300093", f"{DASHED}0"]
)
def test_any_other_record_id_stays_as_it_is(other: str) -> None:
    assert stored(other) == other


@pytest.mark.parametrize("no_key", ["", "AHooKwN0F", "AHooKwN0F44", "AHooKwN0F-", "AHooKwN0F\u0664"])
def test_only_a_key_has_digits(no_key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        shown(no_key)


async def test_somebody_is_found_under_the_key_and_under_its_digits(cws: Api) -> None:
    made = await cws.intake(new("parent", record_id=DASHED), new("child", "Leo", record_id=KEY.upper()))
    mother, child = cws.refs(made)
    assert mother != child
    assert [one["record_id"] for one in made["participants"]] == [KEY, KEY.upper()]
    for name in (KEY, DASHED, DIGITS):
        again = await cws.intake({"record_id": name, "role": "parent"})
        assert cws.refs(again) == [mother]
        taken = await cws.post("/v1/referrals", cws.program.intake(new("parent", record_id=name)))
        assert (taken.status_code, taken.json()["type"].rsplit("/", 1)[1]) == (409, "record-id-taken")
    home = await cws.intake(new("other", "Tom"), household={"record_id": DIGITS})
    same = await cws.intake(new("other", "Max"), household={"record_id": KEY})
    assert same["household"] == home["household"]


async def test_digits_of_no_record_are_refused_and_not_repeated(cws: Api) -> None:
    response = await cws.post("/v1/referrals", cws.program.intake(new("parent", record_id="9" * 19)))
    assert response.status_code == 422
    assert response.json()["errors"] == [
        {
            "pointer": "/participants/0/record_id",
            "message": "has 19 digits that no record id of CWS/CMS has: check them",
        }
    ]
    assert "9" * 19 not in response.text
