"""Whatever a body holds, a service answers with a problem, never with a failure, and never repeats it."""

# ruff: noqa: F811 - fixtures are imported and named again as parameters

import asyncio
import copy
import json
import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.operations import DOCUMENTS, Operation
from tests.contract.program_world import (  # noqa: F401 - fixtures among them
    Api,
    Program,
    api,
    clock,
    new,
    program,
    running,
)
from tests.contract.records import PROGRAMS, WRITES, Records, address, all_records, body_of
from tests.databases import Databases

CANARY = "zqcanary7731"
EXAMPLES = 500  # bodies for each service

NASTY: list[Any] = [
    *(None, True, -1, 0, 1.5, 10**400, 1e308, float("nan"), float("inf"), "", " ", "\x00", "\ud800", "\u202e"),
    *(CANARY, f"{CANARY}\x00", f"{CANARY}\udfff", CANARY * 2000, f"<script>{CANARY}</script>", "0000-00-00"),
    *("9999-12-31", "0001-01-01", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-03-02T25:00Z"),
    *([], {}, [CANARY], {CANARY: CANARY}, [[[[]]]] * 50, {"ref": CANARY}, [None], ["\ud800"], "R", "612-47-83911"),
]  # fmt: skip

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DAYS = [
    "0001-01-01",
    "0001-01-31",
    "1899-12-31",
    "2026-03-01",
    "2026-03-02",
    "2400-02-29",
    "9999-12-01",
    "9999-12-31",
]
MOMENTS = [*(f"{day}T00:00:00Z" for day in DAYS), "0001-01-01T23:59:59-23:59", "9999-12-31T23:59:59+23:59"]
NUMBERS = [0, 1, 59, 60, 61, -1, 2**31, 2**63, 10**40]


def _valid(operation: Operation, found: Records) -> Any:
    """A body that an operation accepts, with everything in it: the full example, about these records."""
    described = DOCUMENTS[operation.service]["paths"][operation.path][operation.method.lower()]
    full = described["requestBody"]["content"]["application/json"]["examples"]["full"]["value"]
    return body_of(PROGRAMS[operation.service], full, found)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a body."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inside for place in _places(one, (*path, key)))]


def _spoilt(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The body with another value at a place."""
    if not place:
        return value
    body = copy.deepcopy(body)
    at = body
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    return body


def _with(body: Any, name: str, value: Any) -> Any:
    return {**body, name: value} if isinstance(body, dict) else body


def _strange(draw: st.DrawFn, value: Any) -> Any:
    """The body with days, times and numbers that have the right form, and need not make sense."""
    if isinstance(value, dict):
        return {name: _strange(draw, one) for name, one in value.items()}
    if isinstance(value, list):
        return [_strange(draw, one) for one in value]
    if type(value) is int:
        return draw(st.sampled_from([value, *NUMBERS]))
    if not isinstance(value, str) or not DAY.match(value):
        return value
    return draw(st.sampled_from([value] * 3 + (MOMENTS if "T" in value else DAYS)))


@st.composite
def bodies(draw: st.DrawFn, valid: Any) -> bytes:
    """A body that is wrong in one or two places, or of strange days, or no JSON at all."""
    kinds = [*["spoilt"] * 3, *["strange"] * 3, "unknown field", "bytes", "cut", "deep"]
    kind = draw(st.sampled_from(kinds))
    if kind == "strange":
        return json.dumps(_strange(draw, valid)).encode()
    if kind == "bytes":
        return draw(st.binary(max_size=60)) + CANARY.encode()
    if kind == "deep":
        return b'{"x":' * 30_000 + f'"{CANARY}"'.encode() + b"}" * draw(st.sampled_from([0, 30_000]))
    nasty = st.sampled_from(NASTY) | st.text(max_size=20).map(lambda text: text + CANARY) | st.integers()
    body = valid
    for _ in range(draw(st.integers(1, 2))):
        body = _spoilt(body, draw(st.sampled_from(_places(body))), draw(nasty))
    if kind == "unknown field":
        body = _with(body, f"{CANARY}/~", draw(nasty))
    text = json.dumps(body).encode()
    return text[: len(text) // 2] if kind == "cut" else text


def _is_a_proper_answer(response: httpx.Response) -> None:
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"
        assert CANARY not in response.text
        assert CANARY not in str(response.headers)


def test_no_body_makes_a_service_fail_or_repeat_it(
    program: Program, databases: Databases, tmp_path: Path
) -> None:
    with databases.fresh(program.name, tmp_path) as stored, asyncio.Runner() as runner:
        stack = AsyncExitStack()
        api = runner.run(stack.enter_async_context(running(program, stored, tmp_path)))
        found = runner.run(all_records(api))
        writes = [one for one in WRITES if one.service == program.name]
        restore = stored.snapshot()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=[
                HealthCheck.too_slow,
                HealthCheck.data_too_large,
                HealthCheck.large_base_example,
            ],
        )
        @given(data=st.data())
        def holds(data: st.DataObject) -> None:
            operation = data.draw(st.sampled_from(writes))
            others = [operation.address(ref) for ref in found.values()]
            path = data.draw(st.sampled_from([address(operation, found)] * len(others) + others))
            headers = {"content-type": "application/json", "if-match": "*"}
            if data.draw(st.booleans()):
                headers["idempotency-key"] = data.draw(st.sampled_from(["k", CANARY, CANARY * 20]))
            response = runner.run(
                api.call(
                    operation.method,
                    path,
                    *(program.writer, program.sealer),
                    content=data.draw(bodies(_valid(operation, found))),
                    headers=headers,
                )
            )
            _is_a_proper_answer(response)
            if response.is_success:
                # What was taken can be shown; and the next body is not about what this one ended.
                _is_a_proper_answer(runner.run(api.get("/".join(path.split("/")[:4]), program.writer)))
                runner.run(asyncio.to_thread(restore))  # while the service goes on: it may hold a lock

        try:
            holds()
        finally:
            runner.run(stack.aclose())


@pytest.mark.parametrize(
    "spelled",
    [
        f"?cursor={CANARY}",
        f"?limit={CANARY}",
        f"/{CANARY}%00",
        f"/{CANARY}%ff",
        f"/{CANARY * 9}",
        f"/{CANARY}%2F..",
    ],
)
async def test_no_address_makes_a_service_fail_or_repeat_it(api: Api, spelled: str) -> None:
    for path in (api.program.intake_path, api.program.people_path, "/v1/assignments"):
        response = await api.get(path + spelled)
        assert 400 <= response.status_code < 500
        _is_a_proper_answer(response)


@pytest.mark.parametrize(
    "header", ["authorization", "if-match", "traceparent", "idempotency-key", "content-type"]
)
async def test_no_header_makes_a_service_fail_or_repeat_it(api: Api, header: str) -> None:
    (ref,) = api.refs(await api.intake(new(api.program.adult)))
    for value in (CANARY, f"Bearer {CANARY}", f'"{CANARY}"', f'W/"{CANARY}", *', CANARY * 30, "é" + CANARY):
        for method, path in (
            ("PATCH", f"{api.program.people_path}/{ref}"),
            ("POST", api.program.intake_path),
        ):
            sent = {header.encode(): value.encode("latin-1")}
            headers = [*sent.items(), *(() if header == "authorization" else _token(api))]
            response = await api.client.request(method, path, headers=headers, content=b"{}")
            assert 400 <= response.status_code < 500
            _is_a_proper_answer(response)


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        (CANARY, b"record_id\r\nA\r\n"),
        ("text/csv; charset=" + CANARY, CANARY.encode("utf-16")),
        ("text/csv", b"\xff" + CANARY.encode()),
        ("text/csv", f'record_id,last_name\r\n"{CANARY}'.encode()),
        ("text/csv", f"record_id,{CANARY}\r\nA,B\r\n".encode()),
        ("text/csv", f"record_id,ssn,birth_date,role\r\nA,{CANARY},{CANARY},{CANARY}\r\n".encode()),
        ("text/csv", f"record_id\r\n{CANARY * 9_000}\r\n".encode()),
        ("application/x-ndjson", b"[" * 30_000 + CANARY.encode()),
        ("application/x-ndjson", f'{{"{CANARY}": "{CANARY}"}}\n{{"record_id": {{"{CANARY}": 1}}}}'.encode()),
        ("application/x-ndjson", b'{"record_id": ' + b"9" * 5_000 + b"}\n"),
    ],
)
async def test_no_file_makes_a_service_fail_or_repeat_it(api: Api, kind: str, file: bytes) -> None:
    caller = {"authorization": f"Bearer {api.token('integration', scope='imports:write')}"}
    headers = {"content-type": kind, **caller}
    response = await api.client.post("/v1/imports", content=file, headers=headers)
    _is_a_proper_answer(response)
    if response.is_success:
        rows = await api.client.get(f"{response.headers['location']}/rows", headers=caller)
        assert rows.is_success
        assert CANARY not in response.text + rows.text


def _token(api: Api) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", f"Bearer {api.token()}".encode())]
