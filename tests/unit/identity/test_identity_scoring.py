"""Match weights, blocking keys and the model, on named cases."""

import json
from importlib.resources import files

import pytest
from pydantic import ValidationError

from services.matcher.identity.blocking import keys, ssn_keys
from services.matcher.identity.levels import birth_date_level
from services.matcher.identity.model import Model, load_model
from services.matcher.identity.person import Person
from services.matcher.identity.scoring import probability, weigh


def broken(**changes):
    text = (files("services.matcher.identity") / "models" / "2026_01_hand.json").read_text()
    return Model.model_validate(json.loads(text) | changes)


def test_names_and_birth_date_alone_reach_the_link_line(model, person):
    one = person("Ximena Reynoso", "1991-07-14")
    assert weigh(model, one, one).weight >= model.thresholds.link


def test_an_equal_ssn_alone_never_reaches_the_link_line(model, person):
    score = weigh(
        model,
        person("Ana Garcia", "1970-01-02", ssn="123456789"),
        person("Luis Soto", "2011-05-06", ssn="123456789"),
    )
    assert score.level("ssn") == "exact"
    assert score.weight < model.thresholds.review


def test_an_equal_ssn_without_a_name_never_reaches_the_link_line(model, person):
    nameless = person("Unknown Unknown", "1990-03-04", ssn="123456789")
    assert (
        weigh(model, nameless, person("Ana Garcia", "1990-03-04", ssn="123456789")).weight
        < model.thresholds.link
    )


def test_twins_stay_under_the_ceiling_whatever_the_family_shares(model, person):
    family = {"street": "12 Oak St", "phone": "2135550123", "ssn": "123456789", "cin": "91234567A"}
    one, other = person("Rosa Garcia", "2015-03-04", **family), person("Luz Garcia", "2015-03-04", **family)
    score = weigh(model, one, other)
    assert score.weight == model.ceiling
    assert score.parts[-1].field == "cap"
    assert score.weight + model.household[-1] < model.thresholds.link


def test_parts_begin_with_the_prior(model, person):
    score = weigh(model, person("Ana Garcia"), person("Ana Garcia"))
    assert (score.parts[0].field, score.parts[0].weight) == ("prior", model.prior)


def test_records_with_nothing_weigh_the_prior(model):
    assert weigh(model, Person(), Person()).weight == model.prior


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("123456789", "123456789", "exact"),
        ("123456789", "123456780", "one_off"),
        ("123456789", "123456798", "one_off"),
        ("123456789", "987651234", "differ"),
    ],
)
def test_numbers_agree_at_a_level(model, person, a, b, level):
    score = weigh(model, person("Ana Garcia", ssn=a), person("Ana Garcia", ssn=b))
    assert score.level("ssn") == level


def test_a_number_one_digit_apart_under_another_first_name_is_a_sibling_and_no_support(model, person):
    score = weigh(model, person("Ana Garcia", ssn="123456789"), person("Luis Garcia", ssn="123456788"))
    assert score.level("ssn") == "sibling"
    assert score.of("ssn") <= 0


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("1990-03-04", "1990-03-04", "exact"),
        ("1990-01-01", "1990-01-01", "default"),
        ("1990-03-04", "1990-04-03", "swapped"),
        ("1990-03-04", "1980-03-04", "one_edit"),
        ("1990-03-04", "1967-03-04", "two_parts"),
        ("1990-03-04", "1991-03-05", "two_edits"),
        ("1990-13-41", "1990-13-41", "exact"),
        ("1990-03-04", "1975-11-28", "differ"),
        (None, "1990-03-04", "missing"),
    ],
)
def test_birth_dates_agree_at_a_level(a, b, level):
    assert birth_date_level(a, b) == birth_date_level(b, a) == level


def test_swapped_name_columns_count_once(model, person):
    score = weigh(model, person("Nguyen Thao"), person("Thao Nguyen"))
    assert (score.level("first_name"), score.level("last_name")) == ("swapped", "swapped")
    assert score.weight < weigh(model, person("Thao Nguyen"), person("Thao Nguyen")).weight


def test_the_best_alias_counts(model, person):
    married, maiden = person("Ana Garcia", also="Ana Soto"), person("Ana Soto")
    assert weigh(model, married, maiden).level("last_name") == "exact"


def test_a_shelter_address_is_no_evidence(model, person):
    one = person("Ana Garcia", street="1 Shelter Way")
    sheltered = Person(**{f: getattr(one, f) for f in ("names", "birth_date", "sex", "ssn", "cin", "phones")})
    assert weigh(model, one, sheltered).level("street") == "missing"


def test_a_differing_sex_is_weak(model, person):
    one, other = person("Ana Garcia", sex="F"), person("Ana Garcia", sex="M")
    assert -3 < weigh(model, one, other).of("sex") < 0


def test_probability_is_even_at_no_weight_and_never_overflows():
    assert probability(0) == 0.5
    assert probability(-5000) == 0
    assert probability(5000) == 1


def test_the_shipped_model_has_an_order_of_lines(model):
    lines = model.thresholds
    assert lines.review < model.ceiling < lines.corroborate < lines.link <= lines.duplicate


@pytest.mark.parametrize(
    "changes",
    [
        {"ceiling": 9.0},
        {"household": [0.0, 4.0, 2.0]},
        {"population": 0},
        {"comparisons": {}},
        {"thresholds": {"link": 1, "review": 2, "duplicate": 3, "corroborate": 1, "rival_delta": 1}},
        {"extra": 1},
    ],
)
def test_a_model_that_contradicts_itself_is_refused(changes):
    with pytest.raises(ValidationError):
        broken(**changes)


def test_an_unknown_model_is_not_found():
    with pytest.raises(FileNotFoundError):
        load_model("no_such_model")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Ana Garcia", "1990-03-04"), ("Luz Soto", "1990-04-03")),
        (("Thao Nguyen", None), ("Nguyen Thao", None)),
        (("Ana Garcia_Lopez", None), ("Ana Lopez", None)),
        (("Ana Gonzalez", "1990-03-04"), ("Anita Gonzales", "1990-11-12")),
        (("Ana Garcia", "1990-03-04"), ("Ana Garcia", "1975-12-11")),
    ],
)
def test_two_records_of_one_person_share_a_key(county, person, one, other):
    assert keys(person(*one), county.digest) & keys(person(*other), county.digest)


def test_a_moved_person_with_a_new_surname_is_found_by_the_number(county, person):
    one, other = person("Ana Garcia", "1990-03-04", ssn="123456789"), person("Luz Soto", ssn="123456789")
    assert keys(one, county.digest) & keys(other, county.digest) == ssn_keys(one, county.digest)


def test_strangers_of_one_surname_and_birth_year_share_no_key(county, person):
    one, other = person("Ana Garcia", None, street="1 Oak St"), person("Luis Garcia", None, street="7 Elm St")
    assert not keys(one, county.digest) & keys(other, county.digest)


def test_a_record_with_nothing_has_no_keys(county):
    assert keys(Person(), county.digest) == frozenset()
    assert ssn_keys(Person(), county.digest) == frozenset()
