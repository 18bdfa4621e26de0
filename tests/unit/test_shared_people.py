"""What is made of the people in request bodies."""

import pytest
from pydantic import ValidationError

from shared.crypto import KeyFile
from shared.web.people import AddressIn, PersonIn, new_details

KEYS = KeyFile(counties={"43": KeyFile.county()}).keys()["43"]


@pytest.mark.parametrize(
    "filler",
    [
        *(
            "000-12-3456",
            "666-12-3456",
            "612-00-8391",
            "612-47-0000",
            "123456789",
            "111111111",
            "999-99-9999",
        ),
        *("900-12-3456", "987-49-6543", "911-66-1234", "999-93-1234", "950-89-1234"),
    ],
)
def test_a_number_that_is_nobodys_is_taken_and_makes_no_token(filler: str) -> None:
    assert new_details(PersonIn(last_name="Reyes", ssn=filler), KEYS).ssn == ()


@pytest.mark.parametrize("number", ["612-47-8391", "912-70-1234", "950-99-1234", "899-12-3456"])
def test_a_number_that_somebody_may_have_becomes_tokens(number: str) -> None:
    (tokens,) = new_details(PersonIn(last_name="Reyes", ssn=number), KEYS).ssn
    assert tokens == KEYS.ssn_tokens(number.replace("-", ""))


@pytest.mark.parametrize("filler", ["1900-01-01", "01-01-1900", "2126-03-02"])
def test_a_birth_date_that_stands_for_none_is_kept_as_the_program_has_it(filler: str) -> None:
    assert new_details(PersonIn(last_name="Reyes", birth_date=filler), KEYS).birth_date == filler


def test_an_address_does_not_end_before_it_begins() -> None:
    assert AddressIn.model_validate({"from_date": "2026-01-01", "until_date": "2026-01-01"}).until_date
    with pytest.raises(ValidationError, match="must not end before it begins"):
        AddressIn.model_validate({"from_date": "2026-01-02", "until_date": "2026-01-01"})
