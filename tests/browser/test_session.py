"""Links, cookies and form tokens by themselves; and that production has no links."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from services.matcher.app import create_app
from services.matcher.settings import MatcherSettings
from shared.errors import Unauthenticated
from shared.web import session
from shared.web.auth import Caller

SECRET = "for the tests of sessions alone, nowhere else"
NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


def test_a_ticket_a_session_and_a_token_never_pass_for_each_other() -> None:
    link = session.one_time_link(
        SECRET, "http://here/matcher/", county="43", program="cws", roles=["er_worker"], worker="w", now=NOW
    )
    assert link.startswith("http://here/matcher/login?ticket=")
    ticket = parse_qs(urlsplit(link).query)["ticket"][0]
    opened = session.open_ticket(SECRET, ticket, NOW)
    assert opened.caller == Caller(
        "w", "43", "cws", frozenset({"er_worker"}), "w", (NOW + timedelta(hours=1)).timestamp()
    )
    cookie = session.make_session(SECRET, opened.caller, NOW)
    assert session.read_session(SECRET, cookie, NOW).caller.worker == "w"
    with pytest.raises(Unauthenticated):
        session.read_session(SECRET, ticket, NOW)
    with pytest.raises(Unauthenticated):
        session.open_ticket(SECRET, cookie, NOW)
    with pytest.raises(Unauthenticated):
        session.open_ticket(SECRET, ticket, NOW + timedelta(hours=1))
    with pytest.raises(Unauthenticated):
        session.read_session(SECRET, cookie, NOW + session.SESSION_LIFETIME)


def test_two_sessions_of_one_worker_have_different_form_tokens() -> None:
    caller = Caller("w", "43", "cws", frozenset({"er_worker"}), "w")
    one, other = (
        session.read_session(SECRET, session.make_session(SECRET, caller, NOW), NOW) for _ in range(2)
    )
    session.require_csrf(one, one.csrf)
    with pytest.raises(session.FormExpired):
        session.require_csrf(one, other.csrf)


async def test_production_refuses_one_time_links(tmp_path: Path) -> None:
    settings = MatcherSettings(environment="production", data_dir=tmp_path, token_secret=SECRET)
    app = create_app(settings)
    app.state.settings = settings
    ticket = session.one_time_link(
        SECRET, "", county="43", program="cws", roles=["er_worker"], worker="w", now=datetime.now(UTC)
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.get(ticket)
    assert answer.status_code == 403
    assert "One-time links are turned off here" in answer.text
    assert "set-cookie" not in answer.headers
