"""The words of the accounting: whatever the gate can say has plain ones in both languages."""

from datetime import date

import pytest

from services.matcher.disclosure.accounting_languages import ENGLISH, LANGUAGES, SPANISH
from services.matcher.disclosure.accounting_words import Words, kind_of
from services.matcher.disclosure.disclosures import SignedRelease
from services.matcher.disclosure.policy import table_on
from services.matcher.disclosure.request import BasisKind, Category, Purpose, Reason, Role
from services.matcher.web import words as page_words

EACH = pytest.mark.parametrize("words", LANGUAGES.values(), ids=list(LANGUAGES))
_SECRETS = ("violen", "hiv", "vih", "substance", "drog", "immigra", "inmigra", "adop", "report")
_NEVER_RECEIVE = {Role.SYSTEM_MATCHER, Role.ANALYST, Role.AUDITOR, Role.INTEGRATION}


@EACH
def test_each_word_of_the_gate_has_plain_words(words: Words) -> None:
    said = [
        *(words.category(one) for one in Category),
        *(words.purposes[one] for one in Purpose),
        *(words.grounds[one] for one in BasisKind),
        *(words.because([one]) for one in Reason),
        *(words.roles[one] for one in Role if one not in _NEVER_RECEIVE),
    ]
    assert all(said)
    assert not [one for one in said if "_" in one]


@EACH
def test_what_a_special_law_protects_is_not_named(words: Words) -> None:
    special = [Category(f"K{number}") for number in range(9, 19)]
    assert {words.category(one) for one in special} == {words.special}
    shown = " ".join([words.special, words.reasons["special"], *(words.category(one) for one in Category)])
    assert not [secret for secret in _SECRETS if secret in shown.lower()]
    for reason in (Reason.DOMESTIC_VIOLENCE, Reason.HIV, Reason.SUBSTANCE_USE_RECORD, Reason.MINOR_CONSENTED):
        assert words.because([Reason.PURPOSE_NOT_COVERED, reason]) == words.reasons["special"]


def test_every_redaction_of_the_table_is_told_in_spanish() -> None:
    table = table_on(date(2026, 11, 20))
    every = {cell.redaction for row in table.rows.values() for cell in row.cells.values() if cell.redaction}
    every |= {"without what could tell the reason or the place", "the class alone, without the reason"}
    assert every <= SPANISH.redactions.keys()
    assert (
        SPANISH.redaction("the city alone; the minutes of the meeting")
        == "solo la ciudad; el acta de la reunión"
    )
    assert ENGLISH.redaction("the city alone") == "the city alone"


@pytest.mark.parametrize(
    ("reasons", "kind"),
    [
        (["purpose_not_covered", "revoked"], "revoked"),
        (["purpose_not_covered", "category_not_named"], "category"),
        (["no_basis"], "nothing"),
        (["subject_sensitive", "no_basis"], "few"),
        (["unheard_of"], "nothing"),
        ([], "nothing"),
    ],
)
def test_of_several_reasons_the_one_that_says_most_is_told(reasons: list[str], kind: str) -> None:
    assert kind_of(reasons) == kind


def test_days_and_times_are_told_as_people_say_them() -> None:
    one, other = date(2027, 3, 5), date(2027, 4, 1)
    assert ENGLISH.day(one) == page_words.day(one) == "March 5, 2027"
    assert SPANISH.day(one) == "5 de marzo de 2027"
    assert ENGLISH.span(one, one, 1) == "On March 5, 2027"
    assert ENGLISH.span(one, one, 3) == "3 times on March 5, 2027"
    assert ENGLISH.span(one, other, 3) == "3 times between March 5, 2027 and April 1, 2027"
    assert SPANISH.span(one, other, 3) == "3 veces entre el 5 de marzo de 2027 y el 1 de abril de 2027"
    assert SPANISH.lasted(one, other) == "Entre el 5 de marzo de 2027 y el 1 de abril de 2027"


def test_a_ground_names_the_day_of_the_release_or_the_law() -> None:
    release = SignedRelease("rl_1", date(2027, 3, 1), None)
    assert ENGLISH.ground("ROI", release) == "The release that was signed on March 1, 2027."
    revoked = SignedRelease("rl_1", date(2027, 3, 1), date(2027, 4, 2))
    assert "taken back on April 2, 2027" in ENGLISH.ground("ROI", revoked)
    assert "se retiró el 2 de abril de 2027" in SPANISH.ground("ROI", revoked).lower()
    assert "10850" in ENGLISH.ground("ADMIN_10850", None)


@EACH
def test_whom_it_went_to_is_a_role_or_just_somebody(words: Words) -> None:
    assert words.recipient("calworks", "eligibility_worker").endswith("CalWORKs")
    assert words.recipient("calworks", None) == words.somebody_at.format(
        who=words.somebody, program="CalWORKs"
    )
