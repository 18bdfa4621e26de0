"""The integrated release on paper, in a real browser, on the real system: both languages, on screen and printed."""

from collections.abc import Iterator

import pytest

from tests.browser.conftest import Look, Looking
from tests.browser.living import Family, System, eventually, social_worker, specialist

PAPER = "/release-form"
SPECIAL_PAGES = 6


@pytest.fixture(scope="module")
def family(system: System) -> Family:
    one = Family(
        system, social_worker("sw-f"), specialist("es-f"), "Flora", "O'Brien & Sons", "Gil", 81
    ).come()
    eventually(lambda: system.tasks(one.social) or None, "the task")
    return one


@pytest.fixture
def window(look: Look) -> Iterator[Looking]:
    one = look()
    yield one
    assert one.complaints == []


def names(window: Looking) -> list[str]:
    return [one.input_value() for one in window.page.get_by_label("Name", exact=True).all()]


def test_from_the_task_it_has_the_family_s_names_and_birth_dates(window: Looking, family: Family) -> None:
    window.sign_in(family.social).page.get_by_role("link", name="Offer the release").click()
    window.page.get_by_role("link", name="Print the release form").click()
    assert names(window)[:2] == ["Flora O'Brien & Sons", "Gil O'Brien & Sons"]
    assert names(window)[2:] == ["", ""]
    assert "2024" in window.page.get_by_label("Birth date").nth(1).input_value()
    assert window.page.get_by_label("Adult", exact=True).first.input_value() == "Flora O'Brien & Sons"
    assert window.page.get_by_label("Child", exact=True).first.input_value() == "Gil O'Brien & Sons"
    assert window.page.locator("main input:checked").count() == 0
    text = window.text()
    assert "Santa Clara" in text
    assert "Linkages ROI" in text
    assert "12 months after the day of signing" in text
    held = [one.input_value() for one in window.page.locator("main input[type=text]").all()]
    assert not [one for one in family.other_sides if one in window.page.content() or one in held]
    window.is_accessible()
    window.page.get_by_role("link", name="Español").click()
    assert window.page.locator("html").get_attribute("lang") == "es"
    assert window.page.get_by_label("Adulto", exact=True).first.input_value() == "Flora O'Brien & Sons"
    assert "de 2024" in window.page.get_by_label("Fecha de nacimiento").nth(1).input_value()
    window.page.get_by_role("link", name="Back to the task").click()
    assert "Offer the release" in window.text()


def test_it_is_filled_in_without_scripts_and_nothing_is_sent(look: Look, family: Family) -> None:
    window = look(java_script=False).sign_in(family.social)
    assert window.go(PAPER) == 200
    assert names(window) == [""] * 5
    assert window.page.locator("main form").count() == 0
    window.page.get_by_label("Child Welfare Services may tell CalWORKs").check()
    window.page.get_by_label("Last day").fill("March 5, 2027")
    window.page.get_by_role("link", name="Español").click()
    assert "Permiso para compartir información" in window.text()
    assert not [word for word in ("share", "sign ", "None") if word in window.page.inner_text(".paper")]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_blank_it_is_accessible_and_prints_the_paper_alone(
    window: Looking, family: Family, lang: str
) -> None:
    window.sign_in(family.specialist)
    window.go(f"{PAPER}?lang={lang}")
    window.is_accessible()
    assert window.page.locator(".own-page").count() == SPECIAL_PAGES
    window.page.emulate_media(media="print")
    hidden = ("header.site", "nav", ".screen", "footer")
    assert not [one for one in hidden if window.page.locator(one).first.is_visible()]
    assert not window.page.get_by_role("button").first.is_visible()
    assert family.specialist.ref not in window.text()
    assert window.page.locator(".paper input").first.is_visible()
    assert window.page.pdf().startswith(b"%PDF")


def test_nobody_else_s_task_fills_it_in_and_it_is_not_kept(
    system: System, window: Looking, family: Family
) -> None:
    task = system.tasks(family.social)[0]["id"]
    window.sign_in(family.specialist)
    assert window.go(f"{PAPER}?task={task}") == 404
    assert "Flora" not in window.text()
    assert window.go(f"{PAPER}?lang=fr") == 400
    window.complaints.clear()  # the browser tells of each refusal
    answer = window.page.goto(f"{system.url}{PAPER}")
    assert answer is not None
    assert answer.headers["cache-control"] == "no-store"
