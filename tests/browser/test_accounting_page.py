"""The paper of what was shared, in a real browser, on the real system: both languages, on screen and printed."""

from collections.abc import Iterator

import pytest

from tests.browser.conftest import Look, Looking
from tests.browser.living import Family, System, Worker, eventually, social_worker, specialist


def liaison(program: str = "cws") -> Worker:
    return Worker(f"li-{program}", program, ("linkages_liaison",))


@pytest.fixture(scope="module")
def family(system: System) -> Family:
    """One that has signed a release, of which the CalWORKs worker has seen something three times."""
    one = Family(system, social_worker("sw-p"), specialist("es-p"), "Paloma", "Navarro", "Beto", 61).come()
    one.sign()
    system.alert(one.specialist, "A01")
    for _ in range(2):
        system.alerts(one.specialist)
    return one


@pytest.fixture
def window(look: Look) -> Iterator[Looking]:
    one = look()
    yield one
    assert one.complaints == []


def paper(family: Family) -> str:
    return f"/accounting/{family.mother}"


def test_a_liaison_finds_the_paper_by_the_reference_of_a_record(window: Looking, family: Family) -> None:
    window.sign_in(liaison())
    window.page.get_by_role("link", name="What was shared").click()
    window.is_accessible()
    window.page.get_by_label("Record of the person").fill("two words")
    window.press("Make the paper")
    assert "It has no blanks" in window.text()
    window.is_accessible()
    window.page.get_by_label("Record of the person").fill(f" {family.mother} ")
    window.press("Make the paper")
    assert window.page.url.endswith(paper(family))
    assert "Who was shown your information" in window.text()


def test_it_says_what_went_to_whom_when_and_why_and_what_was_withheld(
    system: System, window: Looking, family: Family
) -> None:
    window.sign_in(liaison())
    window.go(paper(family))
    text = window.text()
    assert "Paloma Navarro" in text
    assert "An eligibility worker at CalWORKs" in text
    assert "That this program serves you" in text
    assert "The release that was signed on" in text
    assert "3 times on" in text
    assert "What was not shown" in text
    assert text.count("An eligibility worker at CalWORKs") == window.page.locator(".crossed").count()
    hidden = (family.adult, family.specialist.ref, family.specialist.name, "Josefa", "ROI", "ADMIN_10850")
    assert not [one for one in hidden if one in window.page.content()]
    window.is_accessible()


def test_it_is_there_in_spanish_without_scripts(look: Look, family: Family) -> None:
    window = look(java_script=False).sign_in(liaison())
    window.go(paper(family))
    window.page.get_by_role("link", name="In Spanish").click()
    text = window.page.inner_text("main")
    assert window.page.locator("html").get_attribute("lang") == "es"
    assert "Quién vio su información" in text
    assert "Una trabajadora o un trabajador de elegibilidad en CalWORKs" in text
    assert "La autorización que se firmó el " in text
    assert "3 veces el " in text
    assert not [
        word for word in ("shown", "release", "worker", "None") if word in text.partition("Quién vio")[2]
    ]
    with_scripts = look().sign_in(liaison())
    with_scripts.go(f"{paper(family)}?lang=es")
    with_scripts.is_accessible()
    window.page.get_by_role("link", name="In English").click()
    assert "Who was shown your information" in window.text()


def test_on_paper_stands_what_is_for_the_family_and_nothing_else(window: Looking, family: Family) -> None:
    window.sign_in(liaison())
    window.go(paper(family))
    window.page.emulate_media(media="print")
    assert not window.page.locator("header.site").is_visible()
    assert not window.page.get_by_role("link", name="In Spanish").is_visible()
    assert not window.page.get_by_role("button").first.is_visible()
    assert not window.page.locator("footer").is_visible()
    assert "li-cws" not in window.text()
    assert "Paloma Navarro" in window.text()
    assert window.page.pdf().startswith(b"%PDF")


def test_what_was_taken_back_stays_on_the_paper(system: System, window: Looking) -> None:
    one = Family(system, social_worker("sw-r"), specialist("es-r"), "Rocio", "Ochoa", "Tito", 62).come()
    release = one.sign()
    system.alert(one.specialist, "A01")
    system.post("matcher", f"/v1/releases/{release}/revoke", one.social, {})
    system.alerts(one.specialist)
    window.sign_in(liaison())
    window.go(paper(one))
    assert "It was taken back on" in window.text()
    assert "The release was taken back." in window.text()


def test_for_somebody_of_whom_nothing_was_shown_it_says_so(
    system: System, window: Looking, family: Family
) -> None:
    one = Family(system, social_worker("sw-n"), specialist("es-n"), "Nadia", "Quiroz", "Leo", 63)
    one.come_to_cws()
    window.sign_in(liaison())
    eventually(lambda: window.go(paper(one)) == 200 or None, "the record")
    assert "Nothing about this person was shown to the other program up to" in window.text()
    window.is_accessible()
    window.go(f"{paper(one)}?lang=es")
    assert "no se mostró nada sobre esta persona" in window.text()


def test_nobody_else_gets_it_and_a_record_of_the_other_program_is_not_there(
    window: Looking, look: Look, family: Family
) -> None:
    window.sign_in(family.social)
    for path in ("/accounting", paper(family)):
        assert window.go(path) == 403
    assert window.page.get_by_role("link", name="What was shared").count() == 0
    window.complaints.clear()  # the browser tells of each refusal
    other = look().sign_in(liaison("calworks"))
    assert other.go(paper(family)) == 404
    assert other.go(f"{paper(family)}?lang=fr") == 400
    assert "Navarro" not in other.text()
