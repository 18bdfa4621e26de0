"""What normalising makes of a person."""

from datetime import date

import pytest

from services.matcher.identity.names import first_name_level, last_name_level, same_by_nickname, sound
from services.matcher.identity.person import dump, load, normalise
from shared.events.person import Address, Name, PersonDetails


def called(first=None, last=None, middle=None, suffix=None):
    name = Name(first_name=first, middle_name=middle, last_name=last, suffix=suffix)
    return normalise(PersonDetails(name=name)).names


def born(text):
    return normalise(PersonDetails(name=Name(), birth_date=text)).birth_date


def living(street, unit=None, zip_code="90011"):
    address = Address(street=street, unit=unit, zip=zip_code, from_date=date(2025, 1, 1))
    return normalise(PersonDetails(name=Name(), addresses=(address,))).addresses


def test_accents_case_and_punctuation_do_not_matter():
    assert called("José-Luis", "Núñez") == called("JOSE LUIS", "NUNEZ")
    assert called("Đức", "O'Brien") == called("DUC", "OBRIEN")


def test_two_surnames_are_kept_whole_and_as_tokens():
    (name,) = called("Ana", "García-López")
    assert name.last == "GARCIA LOPEZ"
    assert name.tokens == ("GARCIA", "LOPEZ")


@pytest.mark.parametrize("written", ["de la Cruz", "DelaCruz", "De La  CRUZ"])
def test_particles_are_no_tokens(written):
    assert called("Ana", written)[0].tokens == ("CRUZ",)


def test_a_surname_that_is_a_particle_elsewhere_stays():
    assert called("Minh", "La")[0].tokens == ("LA",)


def test_a_suffix_leaves_the_name():
    in_surname, in_field = called("Luis", "Reyes Jr."), called("Luis", "Reyes", suffix="junior")
    assert in_surname == in_field
    assert in_surname[0].suffix == "JR"


@pytest.mark.parametrize(
    "first",
    ["Baby Boy", "BABY GIRL B", "Babyboy", "Unborn", "Unknown", "Infant of Maria", "Test", "Mrs", "Occupant"],
)
def test_a_placeholder_is_a_missing_first_name(first):
    assert called(first, "Garcia")[0].first == ""


@pytest.mark.parametrize("last", ["No Last Name", "UNKNOWN", "Doe", "NLN"])
def test_a_placeholder_is_a_missing_surname(last):
    assert called("Ana", last)[0].last == ""


def test_someone_without_any_name_has_none():
    assert called("Baby Girl", "Unknown") == ()
    assert called() == ()


def test_a_second_given_name_counts_as_a_middle_name():
    assert called("María Elena", "Ruiz")[0].middle == called("Maria", "Ruiz", "Elena")[0].middle == "ELENA"


def test_an_alias_that_gives_only_a_surname_shares_the_first_name():
    details = PersonDetails(name=Name(first_name="Ana", last_name="Ruiz"), aliases=(Name(last_name="Soto"),))
    assert [(name.first, name.last) for name in normalise(details).names] == [
        ("ANA", "RUIZ"),
        ("ANA", "SOTO"),
    ]


@pytest.mark.parametrize(
    "filler",
    ["1900-01-01", "01-01-1900", "1/1/1900", "9999-12-31", "2101-05-05", "", "  ", "unknown", None],
)
def test_a_filler_birth_date_is_missing(filler):
    assert born(filler) is None


def test_a_birth_date_far_beyond_the_day_on_which_it_was_told_is_missing_and_a_near_one_is_not():
    told = date(2026, 3, 2)
    for text, kept in (("2026-03-03", "2026-03-03"), ("12/31/2036", "2036-12-31"), ("2037-01-01", None)):
        details = PersonDetails(name=Name(), birth_date=text)
        assert normalise(details, told).birth_date == kept


@pytest.mark.parametrize(
    "said",
    ["Lady of the House", "Son Of", "Man in the", "Male Child", "Adult Male", "Child F", "MRS", "Hijo"],
)
def test_a_first_name_that_only_says_what_somebody_is_is_missing(said):
    (name,) = called(said, "Ruiz")
    assert (name.first, name.last) == ("", "RUIZ")


@pytest.mark.parametrize(
    "said", ["Of the House", "The Home", "No Name", "Last Name", "De La Casa", "Daughter"]
)
def test_a_last_name_that_only_says_what_somebody_is_is_missing(said):
    (name,) = called("Ana", said)
    assert (name.first, name.last) == ("ANA", "")


@pytest.mark.parametrize("said", ["De La Cruz", "House", "Son", "Man", "Homan", "Delacasa"])
def test_a_surname_that_only_looks_so_is_kept(said):
    (name,) = called("Ana", said)
    assert name.last


def test_an_impossible_birth_date_stays_as_it_is():
    assert born("1990-13-41") == "1990-13-41"


def test_a_birth_date_written_the_american_way_is_the_same_date():
    assert born("3/4/1990") == born("1990-03-04")


@pytest.mark.parametrize(
    ("street", "unit"),
    [("123 North Main Street", "4"), ("123 N. Main St. Apt 4", None), ("123 N MAIN ST #4", None)],
)
def test_a_street_is_written_one_way(street, unit):
    (place,) = living(street, unit, "90011-1234")
    assert (place.street, place.zip) == ("123 N MAIN ST # 4", "90011")


@pytest.mark.parametrize(
    ("cin", "kept"),
    [
        ("91234567a", "91234567A"),
        ("9123-4567 A", "91234567A"),
        ("91234567A5", "91234567A"),
        ("91234567A56", None),
        ("912345678", None),
        ("1234", None),
        ("", None),
    ],
)
def test_a_cin_is_checked_for_its_format(cin, kept):
    assert normalise(PersonDetails(name=Name(), cin=cin)).cin == kept


def test_phones_have_ten_digits_and_fillers_are_missing():
    given = ("+1 (213) 555-0123", "2135550123", "555-0123", "0000000000", "(213) 000-0000")
    assert normalise(PersonDetails(name=Name(), phones=given)).phones == ("2135550123",)


def test_a_person_is_written_and_read_back(person):
    someone = person(
        "María Elena García-López", "1990-03-04", ssn="123456789", cin="91234567A", street="1 Oak St",
        phone="2135550123", sex="F", also="Elena Soto",
    )  # fmt: skip
    assert load(dump(someone)) == someone


def test_a_person_does_not_show_in_a_log(person):
    assert "GARCIA" not in repr(person("Ana Garcia", "1990-03-04", street="1 Oak St"))


@pytest.mark.parametrize(
    ("short", "formal"),
    [("PEPE", "JOSE"), ("LUPE", "GUADALUPE"), ("PANCHO", "FRANCISCO"), ("LIZ", "ELIZABETH")],
)
def test_a_nickname_stands_for_its_name(short, formal):
    assert same_by_nickname(short, formal)
    assert same_by_nickname(formal, short)


def test_two_formal_names_with_one_nickname_are_two_names():
    assert not same_by_nickname("ALEJANDRO", "ALEJANDRA")


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("ALEJANDRO", "ALEJANDRA", "rhyme"),
        ("JAYDEN", "KAYDEN", "rhyme"),
        ("MARIA", "MARAI", "close"),
        ("J", "JOSE", "prefix"),
        ("MIGUEL", "MICHAEL", "variant"),
        ("ROSA", "LUIS", "differ"),
        ("", "LUIS", "missing"),
    ],
)
def test_first_names_agree_at_a_level(a, b, level):
    assert first_name_level(a, b, "", "") == level
    assert first_name_level(b, a, "", "") == level


def test_surnames_in_another_order_are_the_same():
    assert (
        last_name_level("GARCIA LOPEZ", "LOPEZ GARCIA", ("GARCIA", "LOPEZ"), ("LOPEZ", "GARCIA")) == "exact"
    )


@pytest.mark.parametrize(
    ("a", "b"), [("GONZALES", "GONZALEZ"), ("CHAVES", "CHAVEZ"), ("JIMENEZ", "XIMENEZ"), ("BILLA", "VIYA")]
)
def test_the_phonetic_key_hears_spanish(a, b):
    assert sound(a) == sound(b)


def test_the_phonetic_key_tells_names_apart():
    assert len({sound(name) for name in ("GARCIA", "GOMEZ", "REYES", "NGUYEN", "VANG", "CHANG")}) == 6
