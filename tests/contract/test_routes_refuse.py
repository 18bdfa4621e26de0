"""Every address of the three services refuses whom it must: walked from the OpenAPI documents, so none is forgotten."""

import asyncio
import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from fastapi.routing import iter_route_contexts

from shared.web.auth import ROLES, ROLES_OF_THE_OTHER
from tests.contract.callers import BOTH, CALLERS, OPEN, OPEN_PAGES
from tests.contract.county import HOME, ISSUER, SECRET
from tests.contract.operations import (
    DOCUMENTS,
    EVERY_OPERATION,
    OPERATIONS,
    Operation,
    World,
    refused,
)
from tests.databases import Databases

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def databases(sqlite_databases: Databases) -> Databases:
    """One is enough: who is refused is so before the database is asked."""
    return sqlite_databases


async def test_every_address_has_its_callers_written_down() -> None:
    """A new address: say in `callers.py` who may call it, and why nobody else."""
    assert {(o.service, o.name) for o in OPERATIONS} == {
        (service, name) for service, operations in CALLERS.items() for name in operations
    }


async def test_only_health_and_the_contract_are_open() -> None:
    for document in DOCUMENTS.values():
        unprotected = {
            path
            for path, methods in document["paths"].items()
            for o in methods.values()
            if not o.get("security")
        }
        assert unprotected <= OPEN


def claims(**other: Any) -> dict[str, Any]:
    """Claims of a token that is right, but for what is given; None leaves one out."""
    right = {
        "iss": ISSUER,
        "aud": "linkages",
        "sub": "w",
        "exp": int(datetime.now(UTC).timestamp()) + 600,
        "county": HOME,
        "program": "cws",
        "roles": ["er_worker", "linkages_liaison", "eligibility_worker", "cws_supervisor"],
        "scope": "",
        "worker": "w",
    }
    return {name: value for name, value in {**right, **other}.items() if value is not None}


def unsigned(payload: dict[str, Any]) -> str:
    """A token with `alg: none`."""
    parts = ({"alg": "none", "typ": "JWT"}, payload)
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts) + "."
    )


def signed(secret: str = SECRET, algorithm: str = "HS256", **other: Any) -> str:
    """A token with other claims."""
    return jwt.encode(claims(**other), secret, algorithm=algorithm)


BAD_TOKENS: dict[str, Callable[[], str]] = {
    "another secret": lambda: signed(secret="another secret, also long enough to be used"),
    "expired": lambda: signed(exp=int(datetime.now(UTC).timestamp()) - 1),
    "without an end": lambda: signed(exp=None),
    "another audience": lambda: signed(aud="another"),
    "without an audience": lambda: signed(aud=None),
    "another issuer": lambda: signed(iss="another"),
    "without an issuer": lambda: signed(iss=None),
    "no algorithm": lambda: unsigned(claims()),
    "another algorithm": lambda: signed(secret=SECRET * 2, algorithm="HS512"),
    "same secret, another algorithm": lambda: signed(secret=SECRET * 2, algorithm="HS384"),
    "not a token": lambda: "a.b.c",
    "not even text": lambda: "\x00",
    "a county that is not served": lambda: signed(county="58"),
    "no county": lambda: signed(county=None),
    "a number for a county": lambda: signed(county=43),
    "no such county": lambda: signed(county="59"),
    "all counties": lambda: signed(county="*"),
    "no roles": lambda: signed(roles=None),
    "roles as text": lambda: signed(roles="er_worker"),
    "no worker": lambda: signed(worker=None),
    "another program altogether": lambda: signed(program="medi_cal"),
}


@EVERY_OPERATION
async def test_without_a_caller_nothing_is_answered(world: World, operation: Operation) -> None:
    ref = world.home.refs[operation.service].get(operation.noun, "none")
    refused(await world.send(operation, None, ref), 401)
    for header in ("", "Bearer", "Bearer ", "Basic dzp3", f"Token {signed()}", f"{signed()}"):
        refused(await world.send(operation, None, ref, headers={"authorization": header}), 401)
    refused(await world.send(operation, None, ref, params={"access_token": signed()}), 401)
    refused(await world.send(operation, None, ref, headers={"cookie": f"linkages_session={signed()}"}), 401)


@EVERY_OPERATION
async def test_a_token_that_is_not_right_is_none(world: World, operation: Operation) -> None:
    ref = world.home.refs[operation.service].get(operation.noun, "none")
    for kind, make in BAD_TOKENS.items():
        response = await world.send(operation, None, ref, headers={"authorization": f"Bearer {make()}"})
        assert response.status_code == 401, kind
        refused(response, 401)


@EVERY_OPERATION
async def test_each_role_may_do_what_is_written_down_and_nothing_else(
    world: World, operation: Operation
) -> None:
    callers = operation.callers
    for program in (*sorted(BOTH), None):
        for role in sorted(ROLES):
            token = world.county.token(role, program=program)
            response = await world.send(operation, token)
            own = role not in ROLES_OF_THE_OTHER.get(program or "", ())
            may = own and role in callers.roles and program in callers.programs
            assert (response.status_code not in (401, 403)) == may, (program, role, response.text)
            if not may:
                refused(response, 403)
    refused(await world.send(operation, world.county.token(program="cws")), 403)
    refused(await world.send(operation, world.county.token("ER_WORKER", "admin", "*", program="cws")), 403)


@EVERY_OPERATION
async def test_an_integration_writes_only_with_the_scope_of_that_write(
    world: World, operation: Operation
) -> None:
    callers = operation.callers
    for scope in ("cws:intake:write", "calworks:intake:write", "*", "intake"):
        for program in sorted(BOTH):
            token = world.county.token("integration", program=program, scope=scope)
            response = await world.send(operation, token)
            may = program in callers.programs and (scope == callers.scope or "integration" in callers.roles)
            assert (response.status_code not in (401, 403)) == may, (program, scope, response.text)
    scoped = world.county.token("analyst", program="cws", scope=callers.scope or "cws:intake:write")
    refused(await world.send(operation, scoped), 403)


async def test_only_a_liaison_opens_the_liaison_inbox(world: World) -> None:
    for path in ("/v1/alerts", "/v1/tasks", "/v1/alerts/stream"):
        for role in ("er_worker", "cws_supervisor", "linkages_coordinator"):
            token = world.county.token(role, program="cws")
            response = await asyncio.wait_for(
                world.county.call(
                    "matcher", "GET", path, token, params={"inbox": "liaison"}, headers={"last-event-id": "x"}
                ),
                5,
            )
            assert (
                response.status_code in (400, 403) if path.endswith("stream") else response.status_code == 403
            )


async def test_every_page_but_the_first_needs_a_session(world: World) -> None:
    app = world.county.apps["matcher"]
    known = set(DOCUMENTS["matcher"]["paths"]) | OPEN
    pages = [route for route in iter_route_contexts(app.routes) if route.path not in known]
    assert pages
    for route in pages:
        for method in sorted(route.methods or ()):
            path = (
                str(route.path).replace("{ref}", "x").replace("{rest:path}", "x/y/z").replace("{name}", "x")
            )
            assert "{" not in path, "a parameter that this test does not know"
            for cookie in ("", f"linkages_session={signed()}", "linkages_session=x"):
                response = await world.county.clients["matcher"].request(
                    method, path, headers={"cookie": cookie}
                )
                if route.path in OPEN_PAGES:
                    assert response.status_code in (200, 303, 404), (method, path)
                    assert "Reyes" not in response.text
                else:
                    assert response.status_code == 401, (method, path)


async def test_no_address_hides_from_the_documents(world: World) -> None:
    """Every address that a service answers is in its OpenAPI document, or is a page."""
    for service, app in world.county.apps.items():
        paths = {str(route.path) for route in iter_route_contexts(app.routes)}
        hidden = paths - set(DOCUMENTS[service]["paths"]) - OPEN
        if service == "matcher":
            pages = ("/inbox", "/tasks", "/alerts", "/log", "/review", "/accounting", "/release-form")
            hidden = {path for path in hidden if not path.startswith(pages)}
            hidden -= OPEN_PAGES
        assert not hidden


@EVERY_OPERATION
async def test_the_document_says_that_a_caller_is_needed_and_how_it_refuses(operation: Operation) -> None:
    described = DOCUMENTS[operation.service]["paths"][operation.path][operation.method.lower()]
    assert described["security"]
    assert {"400", "401", "403", "422"} <= set(described["responses"])
    assert ("404" in described["responses"]) >= ("{ref}" in operation.path)
    assert described["summary"]
