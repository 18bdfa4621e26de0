"""Signing in with a link that works once, and what a page tells whoever may not see it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from shared.web import session
from tests.browser.conftest import Look
from tests.browser.living import (
    COUNTY,
    Family,
    System,
    Worker,
    eventually,
    social_worker,
    specialist,
)


@contextmanager
def visit(system: System, worker: Worker | None = None) -> Iterator[httpx.Client]:
    """A visitor without a browser, signed in if a worker is given."""
    with httpx.Client(base_url=system.url, trust_env=False, timeout=15) as client:
        if worker is not None:
            assert client.get(system.link(worker)).status_code == 303
        yield client


def csrf_of(html: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found is not None
    return found[1]


def plain(html: str) -> str:
    """A page without what is drawn anew each time."""
    return re.sub(r"[0-9a-f]{64}", "", html)


def test_a_link_works_once(system: System, look: Look) -> None:
    link = system.link(social_worker("sw-once"))
    first, second = look(), look()
    first.page.goto(link)
    assert first.page.url == f"{system.url}/inbox"
    answer = second.page.goto(link)
    assert answer is not None
    assert answer.status == 401
    assert "This link was used before" in second.text()
    assert "Ask whoever runs Linkages for a new one" in second.text()
    assert "set-cookie" not in answer.headers
    second.is_accessible()


@pytest.mark.parametrize("spoil", ["old", "changed", "signed elsewhere", "another county", "no link"])
def test_a_link_that_is_not_good_signs_nobody_in(system: System, spoil: str) -> None:
    worker = social_worker("sw-spoilt")
    link = {
        "old": system.link(worker, now=datetime.now(UTC) - timedelta(hours=2)),
        "changed": system.link(worker)[:-2] + "zz",
        "signed elsewhere": session.one_time_link(
            "another secret",
            system.url,
            county=COUNTY,
            program="cws",
            roles=["er_worker"],
            worker="x",
            now=datetime.now(UTC),
        ),
        "another county": system.link(worker, county="07"),
        "no link": f"{system.url}/login?ticket=",
    }[spoil]
    with visit(system) as client:
        answer = client.get(link)
        assert answer.status_code == 401
        assert "This link does not work" in answer.text
        assert not client.cookies


def test_without_a_session_a_page_says_how_to_sign_in(system: System, look: Look) -> None:
    window = look()
    for path in ("/inbox", "/inbox/alerts/some", "/inbox/tasks/some", "/inbox/stream", "/inbox/nothing"):
        assert window.go(path) == 401
        assert "Please sign in" in window.text()
        assert "You sign in with a link that works once." in window.text()
    window.is_accessible()


def test_the_cookie_is_for_the_matcher_s_pages_alone(system: System) -> None:
    with visit(system) as client:
        told = client.get(system.link(social_worker("sw-cookie"))).headers["set-cookie"]
    assert "HttpOnly" in told
    assert "SameSite=lax" in told
    assert "Path=/matcher;" in told
    with visit(system, social_worker("sw-cookie")) as client:
        cookie = client.cookies[session.COOKIE]
        answer = client.get("/v1/alerts", headers={"authorization": f"Bearer {cookie}"})
        assert answer.status_code == 401  # no bearer token
        assert client.get("/v1/alerts").status_code == 401  # and no way around one


def test_signing_out_ends_the_session_of_the_browser(system: System, look: Look) -> None:
    window = look().sign_in(social_worker("sw-out"))
    window.press("Sign out")
    assert "You are signed out" in window.text()
    window.is_accessible()
    assert window.go("/inbox") == 401


def test_a_form_without_the_session_s_token_changes_nothing(system: System) -> None:
    family = Family(system, social_worker("sw-form"), specialist("es-form"), "Dora", "Vega", "Rafa", 12)
    family.come_to_cws()
    task = eventually(lambda: next(iter(system.tasks(family.social)), None), "the task")
    with visit(system, family.social) as mine, visit(system, social_worker("sw-other")) as other:
        foreign = csrf_of(other.get("/inbox").text)
        for token in ({}, {"csrf": ""}, {"csrf": "é"}, {"csrf": foreign}):
            answer = mine.post(f"/inbox/tasks/{task['id']}/done", data={"outcome": "declined", **token})
            assert answer.status_code == 403
            assert "This form cannot be used any more" in answer.text
            assert mine.post("/logout", data=token).status_code == 403
            assert mine.post("/inbox/alerts/some/acknowledge", data=token).status_code == 403
        assert [one["id"] for one in system.tasks(family.social)] == [task["id"]]
        own = csrf_of(mine.get("/inbox").text)
        answer = mine.post(f"/inbox/tasks/{task['id']}/done", data={"outcome": "declined", "csrf": own})
        assert answer.status_code == 303
        assert not system.tasks(family.social)


def test_what_is_hidden_and_what_is_not_there_look_alike(system: System) -> None:
    family = Family(system, social_worker("sw-hid"), specialist("es-hid"), "Kyo", "Tanaka", "Ren", 17).come()
    family.sign()
    alert = system.alert(family.social, "A01")
    task = system.tasks(family.social)[0]
    with visit(system, social_worker("sw-nobody")) as client:
        absent = client.get("/inbox/alerts/00000000-0000-0000-0000-000000000000")
        assert absent.status_code == 404
        hidden = (
            "/inbox/alerts/" + alert["id"],
            "/inbox/tasks/" + task["id"],
            "/inbox/alerts/~!",
            "/inbox/x/y",
        )
        for path in hidden:
            answer = client.get(path)
            assert (answer.status_code, plain(answer.text)) == (404, plain(absent.text))
        token = csrf_of(client.get("/inbox").text)
        answer = client.post(f"/inbox/alerts/{alert['id']}/acknowledge", data={"csrf": token})
        assert (answer.status_code, plain(answer.text)) == (404, plain(absent.text))
    assert system.alert(family.social, "A01")["state"] == "open"


def test_every_page_carries_strict_headers(system: System) -> None:
    with visit(system, social_worker("sw-head")) as client:
        for path in (
            "/inbox",
            "/inbox?page=2",
            "/inbox?page=x",
            "/login",
            "/inbox/tasks/none",
            "/static/none",
        ):
            headers = client.get(path).headers
            assert headers["cache-control"] == "no-store"
            assert headers["content-type"] == "text/html; charset=utf-8"
        found = re.findall(r'(?:src|href)="/matcher(/static/[^"]+)"', client.get("/inbox").text)
        assert len(found) == 3
        for path in ("/inbox", "/login", *found):
            headers = client.get(path).headers
            policy = headers["content-security-policy"]
            assert "default-src 'self'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"


def test_a_token_without_a_program_or_a_worker_s_role_has_no_inbox(system: System) -> None:
    for worker in (Worker("au-1", "cws", ("auditor",)), Worker("op-1", "cws", ("ops",))):
        with visit(system, worker) as client:
            assert client.get("/inbox").status_code == 403
