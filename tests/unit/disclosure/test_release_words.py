"""The words of the integrated release: the same parts in every language, and all that a release can name."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from string import Formatter

import pytest

from services.matcher.disclosure.paper import SafeContact, Statement
from services.matcher.disclosure.policy import ORDINARY, county_policy
from services.matcher.disclosure.recording import OPEN_PURPOSES
from services.matcher.disclosure.release_languages import RELEASE_LANGUAGES
from services.matcher.disclosure.release_words import BY_PROOF, FOR_CHILDREN, MORE, SPECIAL, ReleaseWords
from services.matcher.disclosure.request import Category
from services.matcher.disclosure.signers import ROWS
from services.matcher.disclosure.validity import NEVER
from services.matcher.web import counties
from services.matcher.web import words as page_words
from services.matcher.web.release_form import integrated, printed

EACH = pytest.mark.parametrize("words", RELEASE_LANGUAGES.values(), ids=list(RELEASE_LANGUAGES))
ENGLISH = RELEASE_LANGUAGES["en"]
ON = date(2026, 11, 20)


def every(value: object, path: str = "") -> dict[str, str]:
    """Each text by where it stands."""
    match value:
        case str():
            return {path: value}
        case tuple():
            parts = {str(at): part for at, part in enumerate(value)}
        case Mapping():
            parts = {str(key): part for key, part in value.items()}
        case _ if is_dataclass(value):
            parts = {one.name: getattr(value, one.name) for one in fields(value)}
        case _:
            raise AssertionError(path)
    return {at: text for name, part in parts.items() for at, text in every(part, f"{path}/{name}").items()}


def blanks(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@EACH
def test_every_language_says_the_same_parts_with_the_same_blanks(words: ReleaseWords) -> None:
    english, theirs = every(ENGLISH), every(words)
    assert theirs.keys() == english.keys()
    for at, text in english.items():
        assert bool(theirs[at].strip()) == bool(text.strip()), at
        assert blanks(theirs[at]) == blanks(text), at
        assert "_" not in theirs[at]


def test_no_text_was_left_in_english() -> None:
    english = every(ENGLISH)
    for lang, words in RELEASE_LANGUAGES.items():
        same = {at for at, text in every(words).items() if text == english[at] and text}
        assert lang == "en" or not same


@EACH
def test_every_category_that_a_release_can_name_stands_on_the_paper(words: ReleaseWords) -> None:
    can = set(Category) - NEVER
    assert set(words.categories) == can == {*ORDINARY, *MORE, *SPECIAL}
    assert set(words.sections) == set(SPECIAL)
    for county in ("01", "43"):
        form = integrated(county_policy(county, ON))
        assert form is not None
        assert set(form.categories) == can
    assert len(words.never_list) == len(NEVER)


@EACH
def test_it_tells_all_that_a_form_must_tell_and_asks_all_that_a_record_may_need(words: ReleaseWords) -> None:
    assert set(words.statements) == set(Statement)
    assert set(words.purposes) == set(OPEN_PURPOSES)
    assert set(words.contacts) == set(SafeContact)
    assert set(words.authorities) == set(BY_PROOF) == {a for row in ROWS.values() for a in row.by_proof}
    assert set(words.children) == set(FOR_CHILDREN)


@EACH
def test_the_records_that_a_law_names_have_what_it_asks_for(words: ReleaseWords) -> None:
    treatment = words.sections[Category.K10]
    assert len(treatment.asks) == 3  # patient, who discloses, who receives
    assert treatment.describe
    assert "42 CFR" in treatment.says[0]
    assert words.sections[Category.K12].one_of
    assert "HIV" in words.sections[Category.K14].agree or "VIH" in words.sections[Category.K14].agree


def test_a_county_prints_it_in_the_languages_that_it_uses_the_form_in() -> None:
    policy = county_policy("01", ON)
    form = integrated(policy)
    assert form is not None
    assert printed(form, policy) == ("en", "es")
    assert printed(form.model_copy(update={"languages": ("es", "vi")}), policy) == ("es",)
    assert integrated(policy.model_copy(update={"forms": policy.forms[1:]})) is None


def test_what_a_worker_records_of_the_paper_has_words_for_all_that_it_may_say() -> None:
    assert set(page_words.STATEMENTS) == set(Statement)
    assert page_words.LANGUAGES.keys() >= {*RELEASE_LANGUAGES, *county_policy("01", ON).languages}


def test_counties_are_numbered_as_the_state_does() -> None:
    names = [counties.name(f"{number:02}") for number in range(1, 59)]
    assert names == sorted(names)
    assert counties.name("43") == "Santa Clara"
    assert counties.name("19") == "Los Angeles"
