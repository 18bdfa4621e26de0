"""Two records in words: how they differ, why somebody has to look, and what is masked."""

import pytest

from services.matcher.identity import record as records
from services.matcher.identity.decision import pair_id
from services.matcher.identity.guards import GUARDS
from services.matcher.identity.model import Model
from services.matcher.identity.record import Record
from services.matcher.identity.review import (
    AGREES,
    DIFFERS,
    ONLY_HERE,
    ONLY_THERE,
    REASONS,
    SAME,
    compare,
    masked,
    reasons,
)
from services.matcher.identity.scoring import weigh
from shared.events.person import Address, Name, PersonDetails


def record(first: str | None, last: str | None = "Reyes", **given: str) -> Record:
    """A record of a made-up person."""
    return records.of(
        PersonDetails(
            name=Name(
                first_name=first,
                middle_name=given.get("middle"),
                last_name=last,
                suffix=given.get("suffix"),
            ),
            birth_date=given.get("born"),
            sex=given.get("sex", "U"),
            addresses=(Address(street=given["street"], zip="93901"),) if "street" in given else (),
            phones=(given["phone"],) if "phone" in given else (),
        )
    )


def said(model: Model, one: Record, other: Record) -> dict[str, str]:
    """How each field is said to differ."""
    levels = {part.field: part.level for part in weigh(model, one.person, other.person).parts}
    return {compared.field: compared.says for compared in compare(one, other, levels)}


@pytest.mark.parametrize(
    ("one", "other", "field", "says"),
    [
        (record("Luz"), record("Luz"), "first_name", SAME),
        (record("LUZ"), record("Luz"), "first_name", SAME),
        (record("Marisol"), record("Marisal"), "first_name", "one letter differs"),
        (record("Guadalupe"), record("Lupe"), "first_name", "a short form of the same name"),
        (record("Luz", middle="Elena"), record("Luz"), "middle_name", ONLY_HERE),
        (record("Luz"), record("Luz", middle="Elena"), "middle_name", ONLY_THERE),
        (record("Luz", middle="Elena"), record("Luz", middle="Sofia"), "middle_name", "different"),
        (record("Luz", "De La Cruz"), record("Luz", "Delacruz"), "last_name", "one way or another"),
        (
            record("Luz", born="2019-08-02"),
            record("Luz", born="2019-02-08"),
            "birth_date",
            "day and month have changed places",
        ),
        (
            record("Luz", born="2019-08-02"),
            record("Luz", born="2019-08-03"),
            "birth_date",
            "one digit is different",
        ),
        (record("Luz", born="2019-08-02"), record("Luz"), "birth_date", ONLY_HERE),
        (record("Luz", sex="F"), record("Luz", sex="M"), "sex", "different"),
        (record("Luz", suffix="Jr"), record("Luz", suffix="Sr"), "suffix", "different"),
        (record("Luz", phone="831 555 0142"), record("Luz", phone="831-555-0142"), "phone", SAME),
        (record("Luz", street="12 Elm Street"), record("Luz", street="12 Elm St"), "street", SAME),
        (record("Luz", street="12 Elm Street"), record("Luz"), "street", ONLY_HERE),
    ],
)
def test_each_difference_has_words(model: Model, one: Record, other: Record, field: str, says: str) -> None:
    found = said(model, one, other)[field]
    if says == "one way or another":
        assert found.startswith(SAME)
        assert found != SAME
    else:
        assert found == says


def test_a_field_that_neither_has_is_not_compared(model: Model) -> None:
    assert set(said(model, record("Luz"), record("Lus"))) == {"first_name", "last_name"}


def test_a_place_and_a_telephone_are_never_shown(model: Model) -> None:
    one = record("Luz", street="12 Elm Street", phone="831 555 0142")
    for compared in compare(one, one, {}):
        if compared.field in ("street", "zip", "city", "phone"):
            assert (compared.own, compared.other) == (None, None)


def test_values_that_may_not_be_shown_agree_or_differ_and_the_words_stay(model: Model) -> None:
    one, other = record("Marisol", born="2019-08-02"), record("Marisal", born="2019-08-02")
    levels = {part.field: part.level for part in weigh(model, one.person, other.person).parts}
    plain = compare(one, other, levels)
    hidden = masked(plain, lambda _: False)
    assert {c.field: c.other for c in hidden} == {
        "first_name": DIFFERS,
        "last_name": AGREES,
        "birth_date": AGREES,
    }
    assert [(c.field, c.own, c.says) for c in hidden] == [(c.field, c.own, c.says) for c in plain]
    assert masked(plain, lambda _: True) == plain


def test_what_may_be_shown_is_asked_for_each_field() -> None:
    one, other = record("Luz", born="2019-08-02"), record("Luz", born="2019-08-03")
    shown = {c.field: c.other for c in masked(compare(one, other, {}), lambda field: field == "birth_date")}
    assert shown["birth_date"] == "2019-08-03"
    assert shown["first_name"] != "Luz"


def test_every_reason_of_the_decision_has_words() -> None:
    codes = ["weight_below_link", "verdicts_disagree", *(name for name, _ in GUARDS)]
    assert set(codes) == set(REASONS)
    assert all("_" not in one for one in reasons(codes))


def test_a_reason_of_a_newer_model_is_still_said() -> None:
    assert reasons(["something_new"]) == ["Something new"]


def test_a_pair_is_called_the_same_each_time_and_otherwise_in_another_county() -> None:
    assert pair_id("43", "cl_a", "pn_b") == pair_id("43", "cl_a", "pn_b")
    assert pair_id("43", "cl_a", "pn_b") != pair_id("07", "cl_a", "pn_b")
