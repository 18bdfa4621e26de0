"""Whatever a body holds, a service answers with a problem, never with a failure, and never repeats it."""

# ruff: noqa: F811 - fixtures are imported and named again as parameters

import asyncio
import copy
import json
import os
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.program_world import (  # noqa: F401 - fixtures among them
    CWS,
    Api,
    Program,
    api,
    clock,
    new,
    program,
    running,
    template,
)

CANARY = "zqcanary7731"
EXAMPLES = int(os.environ.get("LINKAGES_MALFORMED_EXAMPLES", "150"))  # bodies for each service

NASTY: list[Any] = [
    *(None, True, -1, 0, 1.5, 10**400, 1e308, float("nan"), float("inf"), "", " ", "\x00", "\ud800", "\u202e"),
    *(CANARY, f"{CANARY}\x00", f"{CANARY}\udfff", CANARY * 2000, f"<script>{CANARY}</script>", "0000-00-00"),
    *("9999-12-31", "0001-01-01", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-03-02T25:00Z"),
    *([], {}, [CANARY], {CANARY: CANARY}, [[[[]]]] * 50, {"ref": CANARY}, [None], ["\ud800"], "R", "612-47-83911"),
]  # fmt: skip


def _valid(program: Program, intake: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A body that each address accepts."""
    group, on = intake[program.group_out], intake["ref"]
    adult, child = (one[program.person_key] for one in intake[program.people])
    worker = {"ref": "w-2", "name": "N", "phone": "1", "office": "O", "supervisor": "w-3"}
    person = {
        **new(program.adult)["person"],
        "aliases": [{"last_name": "B"}],
        "birth_date": "1990-01-01",
        "sex": "F",
        "ssn": "612-47-8391",
        "cin": "9",
        "addresses": [{"street": "1 A St", "from_date": "2020-01-01", "kind": "mailing"}],
        "phones": ["1"],
        "language": "es",
        "sensitivity": "S",
        "address_protected": True,
    }
    entry = {"role": program.adult, "record_id": "R", "person": person}
    slot = {"kind": "job_club", "starts_at": "2026-03-01T09:00:00-08:00", "ends_at": None}
    return {
        program.intake_path: program.intake(entry, **{program.group: {"record_id": "H"}}, worker=worker),
        f"{program.people_path}/{{ref}}": person,
        f"{program.people_path}/{{ref}}/seal": {},
        "/v1/clients/{ref}/removals": {
            "removed_on": "2026-03-01",
            "all_eligible_removed": True,
            "placement_class": "relative",
            "court_date": "2026-03-05",
        },
        "/v1/referrals/{ref}/close": {"outcome": "promoted", "closed_on": "2026-03-01"},
        "/v1/cases/{ref}/close": {"reason_class": "reunified", "closed_on": "2026-03-01"},
        "/v1/cases/{ref}/reopen": {"component": "FM", "reopened_on": "2026-03-01"},
        "/v1/cases/{ref}/component": {"to_component": "FR", "changed_on": "2026-03-01", "court": True},
        "/v1/removals/{ref}/return": {"returned_on": "2026-03-01"},
        "/v1/assignments": {
            "on": on,
            "kind": "P" if program is CWS else "WTW",
            "worker": worker,
            "from_at": "2026-03-01T09:00:00Z",
        },
        "/v1/cases": {
            "child": child,
            "referral": on,
            "household": group,
            "component": "FM",
            "court": True,
            "opened_on": "2026-03-01",
            "projected_end": "2026-09-01",
            "participants": [{"client": child, "role": "child"}],
            "worker": worker,
        }
        if program is CWS
        else {
            "application": on,
            "aid_start": "2026-03-01",
            "members": [{"person": adult, "role": "aided_adult"}],
            "workers": [{"kind": "EW", "worker": worker}],
        },
        "/v1/noncompliances": {"person": adult, "notice_date": "2026-03-01", "missed": slot},
        "/v1/sanctions": {
            "person": adult,
            "sanction_class": "wtw",
            "effective_month": "2026-04-01",
            "noncompliance": None,
            "cure_steps": [slot],
        },
        "/v1/applications/{ref}/decide": {
            "outcome": "denied",
            "reason_class": "income",
            "decided_on": "2026-03-01",
        },
        "/v1/applications/{ref}/withdraw": {"withdrawn_on": "2026-03-01"},
        "/v1/cases/{ref}/discontinue": {"reason_class": "moved", "aid_end": "2026-03-31"},
        "/v1/cases/{ref}/restore": {"restored_on": "2026-04-01"},
        "/v1/cases/{ref}/members": {**entry, "effective_month": "2026-04-01"},
        "/v1/cases/{ref}/members/{person}/remove": {"effective_month": "2026-04-01"},
        "/v1/persons/{ref}/wtw-status": {"to_status": "active", "effective_on": "2026-03-01"},
        "/v1/persons/{ref}/exemptions": {"from_date": "2026-03-01", "review_on": "2026-09-01"},
        "/v1/exemptions/{ref}/end": {"ended_on": "2026-03-01"},
        "/v1/noncompliances/{ref}/resolve": {"outcome": "complied", "resolved_on": "2026-03-01"},
        "/v1/noncompliances/{ref}/good-cause": {
            "granted": True,
            "from_date": "2026-03-01",
            "until_date": "2026-04-01",
        },
        "/v1/noncompliances/{ref}/compliance-plan": {"signed_on": "2026-03-01"},
        "/v1/sanctions/{ref}/cure": {"cured_on": "2026-03-01", "effective_month": "2026-04-01"},
        "/v1/sanctions/{ref}/rescind": {"rescinded_on": "2026-03-01"},
    }


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


@st.composite
def bodies(draw: st.DrawFn, valid: Any) -> bytes:
    """A body that is wrong in one or two places, or no JSON at all."""
    kind = draw(st.sampled_from(["spoilt", "spoilt", "spoilt", "unknown field", "bytes", "cut", "deep"]))
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


def test_no_body_makes_a_service_fail_or_repeat_it(program: Program, template: Path, tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        api = runner.run(stack.enter_async_context(running(program, template, tmp_path)))
        intake = runner.run(api.intake(new(program.adult), new(program.child)))
        valid = _valid(program, intake)
        document = runner.run(api.client.get("/openapi.json")).json()["paths"]
        writes = [(m, path) for path, ways in document.items() for m in ways if m in ("post", "patch")]

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
            method, path = data.draw(st.sampled_from(writes))
            headers = {"content-type": "application/json", "if-match": "*"}
            if data.draw(st.booleans()):
                headers["idempotency-key"] = data.draw(st.sampled_from(["k", CANARY, CANARY * 20]))
            response = runner.run(
                api.call(
                    method.upper(),
                    path.replace("{ref}", data.draw(st.sampled_from(api.refs(intake)))),
                    *(program.writer, program.sealer),
                    content=data.draw(bodies(valid[path])),
                    headers=headers,
                )
            )
            _is_a_proper_answer(response)

        try:
            assert {path for _, path in writes} <= set(valid)
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


def _token(api: Api) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", f"Bearer {api.token()}".encode())]
