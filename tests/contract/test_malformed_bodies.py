"""Whatever is sent to a writing address of the three services: a problem in answer, never a failure, never an echo.

Bodies are made from the schema in the OpenAPI document, with references that exist, and then spoilt; so they get as
far into a service as they can, and a new address is tested as soon as it is there.
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import structlog
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shared.web.auth import caller_of
from shared.web.session import COOKIE, CSRF_FIELD, make_session, read_session
from shared.web.tracing import MAX_BODY
from tests.contract import county as counties
from tests.contract.callers import CALLERS
from tests.contract.county import HOME, SECRET, County, Family
from tests.databases import Stored

BODIES = 1000  # for each service
CANARY = "zqcanary4417"

# What no field expects.
NASTY: tuple[Any, ...] = (
    None, True, False, -1, 0, 1.5, 2**31, 2**63, -(2**63) - 1, 10**400, 1e308, float("nan"), float("inf"),
    "", " ", "\t\n", "\x00", "\ud800", "\udfff\ud800", "\u202e", "\ufeff", "a\u0301" * 50, "%00", "'; --", "{{7*7}}",
    CANARY, f"{CANARY}\x00", f"\ud800{CANARY}", CANARY * 3000, f"<b>{CANARY}</b>", f"{CANARY}@x", "R", "K9", "all",
    "0000-00-00", "9999-12-31", "0001-01-01", "2026-02-30", "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00", "2026-03-02T09:00:00", "2026-03-02T25:00Z", "1e3", "١٢٣", "612-47-83911",
    [], {}, [[]], [None], [CANARY], {CANARY: CANARY}, {"ref": CANARY}, {"": 1}, [{}] * 60, [[[[]]]] * 50,
)  # fmt: skip

CONTENT_TYPES = (
    "application/json",
    "application/json; charset=utf-16",
    "application/json; charset=no-such",
    "application/merge-patch+json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "text/plain",
    "text/xml",
    CANARY,
    "",
)


def sample(draw: st.DrawFn, schema: dict[str, Any], document: dict[str, Any], refs: list[str]) -> Any:
    """Something that a schema allows."""
    if "$ref" in schema:
        parts = schema["$ref"].removeprefix("#/").split("/")
        found = document
        for part in parts:
            found = found[part]
        return sample(draw, found, document, refs)
    if "anyOf" in schema:
        return sample(draw, draw(st.sampled_from(schema["anyOf"])), document, refs)
    if "const" in schema or "enum" in schema:
        return draw(st.sampled_from(schema.get("enum") or [schema["const"]]))
    return typed(draw, schema, document, refs)


def typed(draw: st.DrawFn, schema: dict[str, Any], document: dict[str, Any], refs: list[str]) -> Any:
    """Something of the schema's type."""
    match schema.get("type"):
        case "object":
            needed = set(schema.get("required", ()))
            return {
                name: sample(draw, field, document, refs)
                for name, field in schema.get("properties", {}).items()
                if name in needed or draw(st.booleans())
            }
        case "array":
            number = draw(st.integers(schema.get("minItems", 0), 3))
            return [sample(draw, schema["items"], document, refs) for _ in range(number)]
        case "string":
            return text(draw, schema, refs)
        case "boolean":
            return draw(st.booleans())
        case "integer" | "number":
            return draw(st.integers(0, 5))
        case _:
            return None


def text(draw: st.DrawFn, schema: dict[str, Any], refs: list[str]) -> str:
    """Text that a schema allows: dates near now, references that exist."""
    if schema.get("format") == "date":
        return draw(st.sampled_from(["2026-01-01", "2026-03-02", "2026-11-01", "2027-03-01", "2030-01-01"]))
    if schema.get("format") == "date-time":
        return draw(st.sampled_from(["2026-03-02T09:00:00-08:00", "2026-03-02T09:00:00Z"]))
    if "pattern" in schema:
        return draw(st.sampled_from(refs))
    return draw(
        st.sampled_from(["Ana", "self", "K0", "K2", "both", "P2", "CalWORKs", "1990-04-17", "612-47-8391"])
    )


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a body."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inside for place in places(one, (*path, key)))]


MISSING = object()


def spoilt(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The body with another value at a place, or without that place."""
    if not place:
        return None if value is MISSING else value
    body = json.loads(json.dumps(body))
    at = body
    for key in place[:-1]:
        at = at[key]
    if value is MISSING:
        del at[place[-1]]
    else:
        at[place[-1]] = value
    return body


@st.composite
def bodies(
    draw: st.DrawFn, schema: dict[str, Any] | None, document: dict[str, Any], refs: list[str]
) -> bytes:
    """A body that is nearly right, or not JSON at all."""
    kind = draw(
        st.sampled_from([*["spoilt"] * 6, "sound", "unknown", "missing", "cut", "bytes", "deep", "long"])
    )
    if kind == "bytes":
        return draw(st.binary(max_size=80)) + draw(st.sampled_from([b"", CANARY.encode()]))
    if kind == "deep":
        depth = draw(st.sampled_from([50, 2_000, 100_000]))
        opening, closing = draw(st.sampled_from([("[", "]"), ('{"person":', "}"), ('[{"x":', "}]")]))
        return (opening * depth + f'"{CANARY}"' + draw(st.sampled_from(["", closing * depth]))).encode()
    if kind == "long":
        return json.dumps({CANARY: "x" * draw(st.sampled_from([MAX_BODY, MAX_BODY * 2]))}).encode()
    nasty = (
        st.sampled_from(NASTY) | st.text(max_size=20).map(lambda t: t + CANARY) | st.floats() | st.integers()
    )
    body = sample(draw, schema, document, refs) if schema else {}
    if kind == "spoilt":
        for _ in range(draw(st.integers(1, 3))):
            body = spoilt(body, draw(st.sampled_from(places(body))), draw(nasty))
    if kind == "missing":
        body = spoilt(body, draw(st.sampled_from(places(body))), MISSING)
    if kind == "unknown" and isinstance(body, dict):
        body = {
            **body,
            draw(st.sampled_from([CANARY, f"{CANARY}/~", "", "__proto__", "county", "ref "])): draw(nasty),
        }
    raw = json.dumps(body).encode()
    return raw[: draw(st.integers(0, len(raw)))] if kind == "cut" else raw


def judge(response: httpx.Response, logs: list[Any]) -> None:
    """A proper answer; nothing that was sent is in it, or in a log."""
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json", response.headers
        problem = response.json()
        if response.status_code == 412:
            problem.pop(
                "current", None
            )  # the object as it is stored and as its GET shows it: nothing that was sent
        assert set(problem) <= {"type", "title", "status", "detail", "trace_id", "errors"}
        assert problem["status"] == response.status_code
        assert CANARY not in str(problem) + str(response.headers)
    assert CANARY not in str(logs)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="module")
def world(runner: asyncio.Runner, folder: Path, stored: dict[str, Stored]) -> Iterator[tuple[County, Family]]:
    stack = AsyncExitStack()
    county = runner.run(stack.enter_async_context(counties.running(folder, stored)))
    yield county, runner.run(county.family())
    runner.run(stack.aclose())


def somebody(county: County, service: str, name: str) -> str:
    """A token of somebody who may call."""
    callers = CALLERS[service][name]
    roles = sorted(callers.roles) or ["integration"]
    program = "cws" if service == "matcher" else service
    return county.token(*roles, program=program, worker=f"w-{program}", scope=callers.scope or "")


@pytest.mark.parametrize("service", ["cws", "calworks", "matcher"])
def test_no_body_makes_a_service_fail_or_is_repeated(
    world: tuple[County, Family], runner: asyncio.Runner, service: str
) -> None:
    county, family = world
    document = county.apps[service].openapi()
    writes = [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in ("post", "patch", "put")
    ]
    refs = [ref for ref in (*family.refs[service].values(), *family.refs["cws"].values()) if ref] + [CANARY]
    sent = 0

    @settings(
        max_examples=BODIES,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def holds(data: st.DataObject) -> None:
        nonlocal sent
        method, path, operation = data.draw(st.sampled_from(writes))
        content = operation.get("requestBody", {}).get("content", {})
        body = data.draw(bodies(next(iter(content.values()))["schema"] if content else None, document, refs))
        own = family.refs[service].get(path.split("/")[2], CANARY)
        headers = {
            "content-type": data.draw(st.sampled_from((*["application/json"] * 8, *CONTENT_TYPES))),
            "if-match": data.draw(st.sampled_from(["*", '"1"', CANARY, f'"{CANARY}"'])),
        }
        if data.draw(st.booleans()):
            headers["idempotency-key"] = data.draw(st.sampled_from(["k", CANARY, CANARY * 20, " ", "a b"]))
        with structlog.testing.capture_logs() as logs:
            response = runner.run(
                county.call(
                    service,
                    method.upper(),
                    path.replace("{ref}", data.draw(st.sampled_from([own, own, *refs]))),
                    somebody(county, service, operation["operationId"]),
                    content=body,
                    headers=headers,
                )
            )
        sent += 1
        judge(response, logs)

    holds()
    assert sent >= BODIES


def test_a_body_that_does_not_say_how_long_it_is_is_cut_off(
    world: tuple[County, Family], runner: asyncio.Runner
) -> None:
    county, _ = world

    async def send(service: str, path: str, name: str) -> httpx.Response:
        async def long() -> Any:
            for _ in range(40):
                yield b'"' + CANARY.encode() * (MAX_BODY // 100)

        return await county.call(
            service,
            "POST",
            path,
            somebody(county, service, name),
            content=long(),
            headers={"content-type": "application/json"},
        )

    for service, path, name in (
        ("cws", "/v1/referrals", "receive_referral"),
        ("calworks", "/v1/applications", "receive_application"),
        ("matcher", "/v1/releases", "record_release"),
    ):
        response = runner.run(send(service, path, name))
        judge(response, [])
        assert response.status_code == 413


@pytest.mark.parametrize("service", ["cws", "calworks", "matcher"])
@pytest.mark.parametrize("value", [CANARY, "%00", "%ff", "1e9", "-1", "9" * 400, "own%00", "%ed%a0%80"])
def test_no_address_makes_a_service_fail_or_is_repeated(
    world: tuple[County, Family], runner: asyncio.Runner, service: str, value: str
) -> None:
    county, _ = world
    for path, methods in county.apps[service].openapi()["paths"].items():
        for method, operation in methods.items():
            if "security" not in operation:
                continue
            query = urlencode(
                [(p["name"], "") for p in operation.get("parameters", ()) if p["in"] == "query"]
            )
            for address in (
                path.replace("{ref}", f"{CANARY}{value}")
                + (f"?{query.replace('=', '=' + value)}" if query else ""),
                path.replace("{ref}", value) + f"?{CANARY}={value}",
            ):
                if (
                    operation["operationId"] == "stream_alerts"
                    and "=" + value not in address.split("inbox")[-1]
                ):
                    continue
                if "stream" in address and "after" not in address:
                    continue
                with structlog.testing.capture_logs() as logs:
                    token = somebody(county, service, operation["operationId"])
                    sending = county.call(
                        service, method.upper(), address, token, headers={"last-event-id": "x"}
                    )
                    judge(runner.run(asyncio.wait_for(sending, 20)), logs)


def test_no_form_makes_a_page_fail_or_is_repeated(
    world: tuple[County, Family], runner: asyncio.Runner
) -> None:
    county, family = world
    app = county.apps["matcher"]
    now = app.state.clock.now()
    caller = caller_of(
        {
            "sub": "w-cws",
            "exp": now.timestamp() + 600,
            "county": HOME,
            "program": "cws",
            "roles": ["er_worker", "case_worker"],
            "worker": "w-cws",
        }
    )
    cookie = make_session(SECRET, caller, now)
    csrf = read_session(SECRET, cookie, now).csrf
    documented = set(app.openapi()["paths"])
    forms = [
        str(route.path)
        for route in iter_route_contexts(app.routes)
        if "POST" in (route.methods or ()) and route.path not in documented and route.path != "/logout"
    ]
    assert forms
    refs = [*family.refs["matcher"].values(), *family.refs["cws"].values(), CANARY]
    names = [
        "outcome",
        "person",
        "categories",
        "directions",
        "purposes",
        "form",
        "signed_on",
        "expires_on",
        "action",
    ]
    values = st.sampled_from([v for v in NASTY if isinstance(v, str)]).map(
        lambda v: v.encode(errors="surrogatepass")
    )

    @settings(max_examples=BODIES // 4, database=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def holds(data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(forms))
        fields = data.draw(
            st.lists(st.tuples(st.sampled_from([*names, CANARY]) | st.sampled_from(refs), values), max_size=6)
        )
        token = data.draw(st.sampled_from([csrf, csrf, csrf, CANARY, ""]))
        body = urlencode([*fields, (CSRF_FIELD, token)]).encode()
        kind = data.draw(st.sampled_from(["application/x-www-form-urlencoded"] * 4 + list(CONTENT_TYPES)))
        for name in ("ref", "alert", "task", "name"):
            path = path.replace(f"{{{name}}}", data.draw(st.sampled_from(refs)))
        with structlog.testing.capture_logs() as logs:
            response = runner.run(
                county.clients["matcher"].post(
                    path, content=body, headers={"content-type": kind, "cookie": f"{COOKIE}={cookie}"}
                )
            )
        assert response.status_code < 500, response.text
        assert CANARY not in response.text + str(response.headers.get("location"))
        assert CANARY not in str(logs)

    holds()
