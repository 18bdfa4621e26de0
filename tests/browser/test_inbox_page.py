"""The worker's pages in a real browser, on the real system."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import ViewportSize, expect

from shared.calendars import PACIFIC
from tests.browser.conftest import DESK, TELEPHONE, Look, Looking
from tests.browser.living import Family, System, Worker, eventually, social_worker, specialist

NEVER_SAID = ("abuse", "allegation", "drug", "violence", "sealed")


@pytest.fixture(scope="module")
def shared_family(system: System) -> Family:
    """A family with a release, cases on both sides, a notice, a sanction and a child placed out of the home."""
    family = Family(
        system, social_worker("sw-a"), specialist("es-a"), "Ana", "Garcia-Lopez", "Luis", 21
    ).come()
    family.sign()
    family.open_cases()
    family.get_a_notice()
    family.get_a_sanction()
    family.lose_the_child()
    for kind in ("A01", "A09", "A10"):
        system.alert(family.social, kind)
    for kind in ("A01", "A05", "A09"):
        system.alert(family.specialist, kind)
    return family


@pytest.fixture
def window(look: Look) -> Iterator[Looking]:
    one = look()
    yield one
    assert one.complaints == []


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_an_alert_comes_to_the_open_inbox_and_moves_nothing(
    system: System, window: Looking, size: ViewportSize
) -> None:
    if size is DESK:
        family = Family(system, social_worker("sw-b"), specialist("es-b"), "Mai", "Nguyen", "Minh", 22)
    else:
        family = Family(system, social_worker("sw-l"), specialist("es-l"), "Kofi", "Mensah", "Ama", 26)
    family.come()
    window.page.set_viewport_size(size)
    eventually(lambda: system.tasks(family.social) or None, "the task")
    page = window.sign_in(family.social).page
    expect(page.locator("#live-state")).to_have_text("Live")
    assert "No alerts now." in window.text()
    before = page.get_by_role("link", name="Offer the release").bounding_box()

    family.sign()

    expect(page.locator("#live-news")).to_have_text("1 new", timeout=20_000)
    assert page.title() == "(1) My alerts - Linkages"
    assert page.get_by_role("link", name="Offer the release").bounding_box() == before
    assert "No alerts now." in window.text()
    page.get_by_role("link", name="Show").click()
    expect(page.get_by_role("heading", name="New shared family")).to_be_visible()
    assert page.title() == "My alerts - Linkages"


def test_the_law_s_clock_comes_first(shared_family: Family, window: Looking) -> None:
    window.sign_in(shared_family.social)
    titles = window.page.locator("ol.cards h3").all_inner_texts()
    assert [title.splitlines()[0] for title in titles] == [
        "A sanction can still be avoided",
        "A sanction is in place",
        "New shared family",
    ]
    assert window.page.locator("ol.cards .due").first.inner_text() == "6 days left"
    window.is_accessible()


def test_an_alert_says_what_crossed_and_why_but_never_the_other_side_s_values(
    shared_family: Family, window: Looking
) -> None:
    window.sign_in(shared_family.social)
    for title in ("A sanction can still be avoided", "A sanction is in place", "New shared family"):
        window.go("/inbox")
        window.page.get_by_role("link", name=title).click()
        text = window.text()
        for heading in (
            "Why you see this",
            "Next step",
            "Whom to call",
            "shares with you",
            "the same person",
        ):
            assert heading in text
        assert "Jin Kim" in text
        assert "408-555-0177" in text
        assert "A release that the family signed" in text
        assert "For support only" in text
        assert f", {datetime.now(UTC).year}" in text or f", {datetime.now(UTC).year + 1}" in text
        assert re.search(r"Birth date\s+the same", text)
        assert re.search(r"Street\s+different", text)
        assert re.search(r"1 in [\d,]+ such matches is wrong", text)
        assert not any(value in window.page.content() for value in shared_family.other_sides)
        window.is_accessible()


def test_the_eligibility_worker_reads_that_a_child_was_placed(shared_family: Family, window: Looking) -> None:
    window.sign_in(shared_family.specialist)
    window.page.get_by_role("link", name="Child placed out of the home").click()
    text = window.text()
    assert "Rosa Ortiz" in text
    assert "Luis Garcia-Lopez" in text
    assert re.search(r"Placed out of the home on\s+\w+ \d+, \d{4}", text)
    window.is_accessible()


def test_no_page_says_a_word_that_tells_why(shared_family: Family, window: Looking) -> None:
    for worker in (shared_family.social, shared_family.specialist):
        window.sign_in(worker)
        links = window.page.locator("main a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        for link in ["/inbox", *(link.removeprefix("/matcher") for link in links if "/inbox/" in link)]:
            window.go(link)
            said = window.page.content().lower()
            assert not [word for word in NEVER_SAID if word in said]


@pytest.mark.parametrize("java_script", [True, False])
def test_acknowledging_works_with_and_without_scripts(
    system: System,
    look: Look,
    java_script: bool,
) -> None:
    ref = "sw-c" if java_script else "sw-d"
    first = ("Thuy", "Pham", "Bao", 31) if java_script else ("Ines", "Salas", "Hugo", 43)
    family = Family(system, social_worker(ref), specialist("es-c"), *first).come()
    family.sign()
    alert = system.alert(family.social, "A01")
    window = look(java_script=java_script).sign_in(family.social)

    window.press("Acknowledge")

    assert "Saved: you have acknowledged the alert." in window.text()
    assert window.page.get_by_role("button", name="Acknowledge").count() == 0
    assert system.alert(family.social, "A01")["state"] == "acknowledged"
    window.go(f"/inbox/alerts/{alert['id']}")
    assert "Acknowledged on" in window.text()
    assert window.complaints == []


def test_without_a_release_nobody_sees_anything(system: System, window: Looking) -> None:
    family = Family(system, social_worker("sw-e"), specialist("es-e"), "Lupe", "Ramos", "Teo", 55).come()
    for worker in (family.social, family.specialist):
        eventually(partial(_tasks, system, worker), "the task")
        window.sign_in(worker)
        assert "No alerts now." in window.text()
        assert window.page.locator("ol.cards").count() == 0
        assert window.page.get_by_role("link", name="Offer the release").count() == 1
        window.is_accessible()


def test_a_revoked_release_takes_the_alert_away_at_once(system: System, window: Looking) -> None:
    family = Family(system, social_worker("sw-f"), specialist("es-f"), "Noor", "Haddad", "Sami", 64).come()
    release = family.sign()
    alert = system.alert(family.social, "A01")
    window.sign_in(family.social).go(f"/inbox/alerts/{alert['id']}")
    assert "Jin Kim" in window.text()

    system.post("matcher", f"/v1/releases/{release}/revoke", family.social, {})

    answer = window.context.request.get(f"{system.url}/inbox/alerts/{alert['id']}")
    assert "Jin Kim" not in answer.text()
    system.alert(family.social, "A26")
    window.go("/inbox")
    window.page.get_by_role("link", name="Disregard an earlier alert").click()
    assert f"alert {alert['id'][:8]}" in window.text()
    assert "Noor" not in window.text()
    window.is_accessible()


def test_a_release_is_recorded_on_the_task_s_page(system: System, look: Look, window: Looking) -> None:
    family = Family(system, social_worker("sw-g"), specialist("es-g"), "Grace", "Lee", "Tom", 72).come()
    eventually(lambda: system.tasks(family.social) or None, "the task")
    window.sign_in(family.social).page.get_by_role("link", name="Offer the release").click()
    page = window.page
    assert page.locator("input[name=category]:checked").count() == 7
    assert page.locator("input[name=purpose]:checked").count() == 5
    assert page.locator("input[name=person]:checked").count() == 0
    window.is_accessible()

    page.fill("#signed_on", "2019-02-03")
    complaints = list(window.complaints)
    window.press("Record the release")
    assert "Please fix this first" in window.text()
    assert "Tick each person whose information" in window.text()
    assert page.input_value("#signed_on") == "2019-02-03"
    window.is_accessible()
    window.complaints[:] = complaints  # the browser says so of every answer that is not a success

    page.get_by_label("Grace Lee (parent)").check()
    page.get_by_label("Tom Lee (child)").check()
    assert page.get_by_label("Who signed for Tom Lee").input_value() == "parent_guardian"
    page.fill("#signed_on", _today())
    page.get_by_label("That they have a right to a copy").uncheck()
    page.select_option("#language", "vi")
    window.press("Record the release")
    assert "Tell of revocation and how" in window.text()
    assert "Use the form in the signer's language, or an interpreter." in window.text()
    window.complaints[:] = complaints
    page.get_by_label("That they have a right to a copy").check()
    page.get_by_label("An interpreter helped").check()
    page.fill("#form_version", "2026-11")
    window.press("Record the release")

    assert "the release is recorded" in window.text()
    assert "No tasks now." in window.text()
    system.alert(family.social, "A01")
    system.alert(family.specialist, "A01")
    taken = system.call("GET", "matcher", "/v1/releases", family.social).json()["items"]
    mine = next(one for one in taken if {p["ref"] for p in one["persons"]} == {family.mother, family.boy})
    assert mine["categories"] == ["K0", "K1", "K2", "K3", "K4", "K6", "K7"]
    assert mine["purposes"] == ["P2", "P3", "P4", "P6", "P7"]
    assert mine["directions"] == ["both"]
    assert (mine["language"], mine["interpreter"], mine["form_version"]) == ("vi", True, "2026-11")
    assert (mine["explained_by"], mine["explained_on"]) == (family.social.ref, _today())
    assert mine["statements"] == ["right_to_revoke", "aid_not_conditioned", "redisclosure", "copy"]


def test_a_task_is_declined_without_scripts_and_then_says_so(system: System, look: Look) -> None:
    family = Family(system, social_worker("sw-h"), specialist("es-h"), "Olga", "Petrov", "Ivan", 77)
    family.come_to_cws()
    task = eventually(lambda: next(iter(system.tasks(family.social)), None), "the task")
    window = look(java_script=False).sign_in(family.social)
    window.page.get_by_role("link", name="Offer the release").click()
    window.press("The family said no")
    assert "Saved: the family said no." in window.text()
    assert "No tasks now." in window.text()
    window.go(f"/inbox/tasks/{task['id']}")
    assert "The family said no. It was recorded on" in window.text()
    assert window.page.get_by_role("button", name="Record the release").count() == 0


def test_only_a_liaison_opens_the_liaison_inbox(system: System, look: Look) -> None:
    other = look().sign_in(social_worker("sw-i"))
    assert other.page.get_by_role("link", name="Liaison inbox").count() == 0
    assert other.go("/inbox?inbox=liaison") == 403
    assert "You may not do this" in other.text()
    liaison = look().sign_in(Worker("li-a", "cws", ("linkages_liaison",)))
    liaison.page.get_by_role("link", name="Liaison inbox").click()
    assert liaison.page.get_by_role("heading", name="Liaison inbox").is_visible()
    liaison.is_accessible()


def test_the_browser_runs_no_script_that_is_not_a_file_of_ours(system: System, look: Look) -> None:
    window = look().sign_in(social_worker("sw-j"))
    window.page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.ran = true'; "
        "document.body.append(s); }"
    )
    assert window.page.evaluate("window.ran") is None
    assert any("Content Security Policy" in complaint for complaint in window.complaints)


def test_a_lost_stream_is_said_and_found_again(system: System, look: Look) -> None:
    window = look().sign_in(social_worker("sw-k"))
    expect(window.page.locator("#live-state")).to_have_text("Live")
    system.kill()
    expect(window.page.locator("#live-state")).to_have_text(
        re.compile(r"Not live since \d+:\d\d"), timeout=10_000
    )
    system.start()
    expect(window.page.locator("#live-state")).to_have_text("Live", timeout=30_000)


def _tasks(system: System, worker: Worker) -> list[dict[str, Any]] | None:
    return system.tasks(worker) or None


def _today() -> str:
    return datetime.now(PACIFIC).date().isoformat()
