"""The documentation of each service's addresses in a real browser: it is there, and nothing leaves the host."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Look
from tests.browser.living import System

OPERATIONS = {
    "cws": "Take in a referral",
    "calworks": "Take in an application",
    "matcher": "Say that you have it",
}


@pytest.mark.parametrize("service", OPERATIONS)
def test_the_page_shows_the_operations_and_loads_only_from_its_own_host(
    system: System, look: Look, service: str
) -> None:
    window = look()
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(request.url))
    answer = window.page.goto(f"http://127.0.0.1:{system.port}/{service}/docs")
    assert answer is not None
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    expect(window.page.get_by_text(OPERATIONS[service]).first).to_be_visible()
    window.page.get_by_text(OPERATIONS[service]).first.click()
    expect(window.page.get_by_text("Parameters").first).to_be_visible()
    assert {urlsplit(one).netloc for one in asked} <= {f"127.0.0.1:{system.port}", ""}
    assert {urlsplit(one).scheme for one in asked} <= {"http", "data"}
    assert len(asked) >= 4
    assert window.complaints == []


def test_without_java_script_the_page_leads_to_the_document(system: System, look: Look) -> None:
    window = look(java_script=False)
    window.page.goto(f"http://127.0.0.1:{system.port}/cws/docs")
    window.page.get_by_role("link", name="openapi.json").click()
    assert "receive_referral" in window.page.content()
