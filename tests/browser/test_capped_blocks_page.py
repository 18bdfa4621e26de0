"""The liaison's pages of what too many records share, in a real browser, on the real system."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.browser.conftest import Look, Looking
from tests.browser.living import System, Worker, eventually, social_worker, specialist

PHONE = "408-555-0199"
AT_ONCE = 30  # people of an intake
PAGE = "/review/capped-blocks"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """One in which few people are too many."""
    one = System(tmp_path_factory.mktemp("system"), more={"LINKAGES_BLOCK_CAP": "10"})
    try:
        one.start()
        yield one
    finally:
        one.stop()


def liaison(program: str = "cws") -> Worker:
    return Worker(f"li-{program}", program, ("linkages_liaison",))


def strangers(number: int, last_name: str) -> list[dict[str, Any]]:
    """People who have a telephone number and a family name in common, and nothing else."""
    letters = "bcdfghklmnprstvz"
    return [
        {
            "first_name": f"{letters[at % 16]}{'aeiou'[at // 16]}{letters[at // 3 % 16]}na".capitalize(),
            "last_name": last_name,
            "birth_date": (date(1940, 1, 2) + at * timedelta(days=371)).isoformat(),
            "sex": "F",
            "phones": [PHONE],
        }
        for at in range(number)
    ]


def come(system: System) -> None:
    """Fifty-five come to Child Welfare Services and twelve to CalWORKs; wait until they are counted."""
    now, people = datetime.now(UTC).isoformat(), strangers(55, "Estrella")
    for at in range(0, len(people), AT_ONCE):
        told = [{"person": one, "role": "parent"} for one in people[at : at + AT_ONCE]]
        body = {"received_at": now, "response": "10_day", "participants": told}
        system.post("cws", "/v1/referrals", social_worker("sw-c"), body)
    told = [{"person": one, "role": "aided_adult"} for one in strangers(12, "Fontana")]
    system.post("calworks", "/v1/applications", specialist("es-c"), {"received_at": now, "persons": told})

    def counted() -> bool | None:
        listed = system.call("GET", "matcher", "/v1/capped-blocks?limit=200", liaison()).json()["items"]
        return any((one["kind"], one["own"], one.get("other")) == ("phone", 55, 12) for one in listed) or None

    eventually(counted, "the capped block")


@pytest.fixture
def window(look: Look) -> Looking:
    return look()


def test_a_liaison_finds_what_too_many_records_share_and_which_of_the_own_do(
    system: System, look: Look, window: Looking
) -> None:
    window.sign_in(liaison())
    window.page.get_by_role("link", name="Reviews", exact=True).click()
    window.page.get_by_role("link", name="See what too many records share").click()
    assert "Nothing now. No name, number or address is shared by so many records" in window.text()
    window.is_accessible()

    come(system)
    window.go(PAGE)
    assert "Telephone number" in window.text()
    assert "Records of your program: 55. CalWORKs: 12." in window.text()
    window.is_accessible()
    window.page.get_by_role("link", name="Telephone number").click()
    assert "Does the number stand for nobody" in window.text()
    assert window.page.get_by_role("row").count() == 51
    window.is_accessible()
    window.page.get_by_role("link", name="More records").click()
    assert window.page.get_by_role("row").count() == 6
    assert window.page.get_by_role("link", name="More records").count() == 0
    window.page.get_by_role("link", name="First page").click()
    assert window.page.get_by_role("row").count() == 51
    content = window.page.content()
    assert "Estrella" in content
    assert "Fontana" not in content
    assert "ps_" not in content
    assert PHONE not in content
    block = window.page.url.removeprefix(system.url)

    other = look(java_script=False).sign_in(liaison("calworks"))
    other.go(block)
    assert "Records of your program: 12. Child Welfare Services: 55." in other.text()
    assert "Fontana" in other.text()
    assert "Estrella" not in other.text()
    assert "cl_" not in other.page.content()
    assert window.complaints == other.complaints == []


def test_nobody_but_a_liaison_sees_that_there_is_such_a_list(system: System, window: Looking) -> None:
    window.sign_in(social_worker("sw-c"))
    for path in (PAGE, f"{PAGE}/{'0' * 32}"):
        assert window.go(path) == 403
        assert "You may not do this" in window.text()


def test_an_address_or_a_place_in_the_list_that_is_none_is_a_page_that_says_so(
    system: System, window: Looking
) -> None:
    window.sign_in(liaison())
    assert window.go(f"{PAGE}/{'0' * 32}") == 404
    assert window.go(f"{PAGE}/none") == 404
    assert window.go(f"{PAGE}?cursor=x") == 400
    assert window.go(f"{PAGE}/{'0' * 32}?cursor=x") == 400
