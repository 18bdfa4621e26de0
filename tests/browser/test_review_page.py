"""The liaison's pages of doubtful matches in a real browser, on the real system."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.browser.conftest import Look, Looking
from tests.browser.living import System, Worker, eventually, social_worker, specialist

NEVER_SAID = ("abuse", "allegation", "drug", "violence", "sealed", "social security")


def liaison(ref: str, program: str = "cws") -> Worker:
    return Worker(ref, program, ("linkages_liaison",))


@dataclass
class Doubtful:
    """Somebody of one name and birthday in both programs, under another middle name in each."""

    system: System
    last_name: str
    refs: dict[str, str] = field(default_factory=dict)

    def come(self) -> "Doubtful":
        """Come to both, and wait until somebody has to look. What the review is called stays in `review`."""
        before = {one["id"] for one in self._reviews()}
        now = datetime.now(UTC).isoformat()
        client = self.system.post(
            "cws",
            "/v1/referrals",
            social_worker("sw-r"),
            {
                "received_at": now,
                "response": "10_day",
                "participants": [{"person": self._person("Elena", "408-555-0111"), "role": "parent"}],
            },
        )
        person = self.system.post(
            "calworks",
            "/v1/applications",
            specialist("es-r"),
            {
                "received_at": now,
                "persons": [{"person": self._person("Luisa", "415-555-0122"), "role": "aided_adult"}],
            },
        )
        self.refs = {
            "cws": client["participants"][0]["client"],
            "calworks": person["persons"][0]["person"],
            "review": eventually(
                lambda: next((one["id"] for one in self._reviews() if one["id"] not in before), None),
                "the review",
            ),
        }
        return self

    @property
    def page(self) -> str:
        """Its address."""
        return f"/review/{self.refs['review']}"

    def waits(self) -> bool:
        """Whether somebody still has to look."""
        return self.refs["review"] in {one["id"] for one in self._reviews()}

    def _reviews(self) -> list[dict[str, Any]]:
        answer = self.system.call("GET", "matcher", "/v1/reviews?limit=200", liaison("li-all"))
        return list(answer.json()["items"])

    def _person(self, middle: str, phone: str) -> dict[str, Any]:
        return {
            "first_name": "Rosa",
            "middle_name": middle,
            "last_name": self.last_name,
            "birth_date": "1988-03-09",
            "sex": "F",
            "phones": [phone],
        }


@pytest.fixture
def window(look: Look) -> Looking:
    return look()


def test_both_records_stand_side_by_side_with_their_differences_in_words(
    system: System, window: Looking
) -> None:
    pair = Doubtful(system, "Quintanilla").come()
    window.sign_in(liaison("li-a"))
    window.is_accessible()
    window.page.get_by_role("link", name="Reviews", exact=True).click()
    window.is_accessible()
    window.page.get_by_role("link", name="Rosa Elena Quintanilla").click()
    text = window.text()
    assert re.search(r"Middle name\s+Elena\s+Luisa\s+different", text)
    assert re.search(r"Birth date\s+1988-03-09\s+1988-03-09\s+same", text)
    assert re.search(r"Last name\s+the same\s+\+10\.3", text)
    assert window.page.get_by_role("img", name="Weights that add up to").is_visible()
    assert re.search(r"In all\s+[+-]\d+\.\d", text)
    assert "State law on running public social services" in text
    content = window.page.content()
    assert "555-0122" not in content
    assert pair.refs["calworks"] not in content
    assert not [word for word in NEVER_SAID if word in content.lower()]
    window.is_accessible()
    assert window.complaints == []


@pytest.mark.parametrize("java_script", [True, False])
def test_a_review_is_claimed_judged_and_taken_back_with_and_without_scripts(
    system: System, look: Look, java_script: bool
) -> None:
    pair = Doubtful(system, "Ybarra" if java_script else "Zavala").come()
    window = look(java_script=java_script).sign_in(liaison(f"li-{java_script}"))
    window.go(pair.page)
    assert window.page.get_by_role("button", name="Save what you found").count() == 0
    window.press("Claim this review")
    assert "It is yours until" in window.text()
    if java_script:
        window.is_accessible()

    window.press("Save what you found")
    assert "Please fix this first" in window.text()
    assert "Choose what you found." in window.text()
    assert "Write why" in window.text()
    if java_script:
        window.is_accessible()
    window.page.get_by_label("Two different people").check()
    window.page.get_by_label("Why?").fill("The school knows\nboth of them.")
    window.press("Save what you found")
    assert "Saved: what you found." in window.text()
    assert "Two different people, given on" in window.text()
    eventually(lambda: not pair.waits() or None, "the decision")
    assert window.go(pair.page) == 404

    window.go("/review")
    if java_script:
        window.is_accessible()
    window.page.get_by_label("Why do you take it back?").fill("It was the sister.")
    window.press("Take it back")
    assert "Saved: your verdict is taken back." in window.text()
    assert "Your last verdict" not in window.text()
    eventually(lambda: pair.waits() or None, "the review again")


def test_one_liaison_at_a_time_looks_at_a_review(system: System, look: Look) -> None:
    pair = Doubtful(system, "Urrutia").come()
    first, second = (
        look().sign_in(liaison(ref, program)) for ref, program in (("li-b", "cws"), ("li-c", "calworks"))
    )
    second.go(pair.page)
    first.go(pair.page)
    first.press("Claim this review")

    second.press("Claim this review")
    assert "Somebody else looks at this review now" in second.text()
    second.go(pair.page)
    assert "Somebody else looks at this review until" in second.text()
    assert second.page.get_by_role("button", name="Claim this review").count() == 0
    second.is_accessible()
    second.go("/review")
    assert "Somebody else looks at it until" in second.text()

    first.press("Leave it to somebody else")
    assert "Saved: the review waits for somebody else." in first.text()
    second.go(pair.page)
    second.press("Claim this review")
    assert "It is yours until" in second.text()
    assert re.search(r"Middle name\s+Luisa\s+Elena\s+different", second.text())


def test_nobody_but_a_liaison_learns_that_there_are_reviews(system: System, window: Looking) -> None:
    pair = Doubtful(system, "Tapia").come()
    window.sign_in(social_worker("sw-r"))
    assert "Review" not in window.text()
    for path in ("/review", pair.page, f"/review/{pair.refs['cws']}"):
        assert window.go(path) == 403
        assert "You may not do this" in window.text()
        assert "Tapia" not in window.text()
