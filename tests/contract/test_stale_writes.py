"""Who sends a stale If-Match is shown the object as it is now, as its GET shows it, and can repeat the change."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.contract.callers import CALLERS
from tests.contract.operations import DOCUMENTS, Operation, refused, sound
from tests.contract.program_world import Api, running
from tests.contract.records import PROGRAMS, WRITES, address, body_of, records
from tests.databases import Databases

GUARDED = [
    one
    for one in WRITES
    if "412" in DOCUMENTS[one.service]["paths"][one.path][one.method.lower()]["responses"]
]
EVERY_GUARDED_WRITE = pytest.mark.parametrize("operation", GUARDED, ids=str)


@pytest.fixture
async def api(operation: Operation, databases: Databases, tmp_path: Path) -> AsyncIterator[Api]:
    with databases.fresh(operation.service, tmp_path) as stored:
        async with running(PROGRAMS[operation.service], stored, tmp_path) as api:
            yield api


def change(operation: Operation) -> dict[str, Any]:
    """A change that can be made."""
    if operation.name in ("change_client", "change_person"):
        return {"phones": ["831 555 0142"]}
    if operation.name == "change_participants":
        return {"participants": [{"ref": "", "role": "child"}, {"ref": "", "role": "parent"}]}
    body: dict[str, Any] = sound(operation)
    return body


def home(path: str) -> str:
    """The address of the object itself."""
    return "/".join(path.split("/")[:4])


def test_both_services_have_writes_that_check_if_match() -> None:
    assert {one.service for one in GUARDED} == set(PROGRAMS)
    headers = {
        one.name
        for one in WRITES
        for parameter in DOCUMENTS[one.service]["paths"][one.path][one.method.lower()].get("parameters", ())
        if parameter["name"] == "If-Match"
    }
    assert headers == {one.name for one in GUARDED}


@EVERY_GUARDED_WRITE
def test_who_may_write_may_read_what_a_stale_write_shows(operation: Operation) -> None:
    reader = {"referrals": "get_referral", "clients": "get_client", "cases": "get_case"} | {
        "removals": "get_removal",
        "households": "get_household",
        "relationships": "get_relationship",
        "relative-placements": "get_placement",
        "meetings": "get_meeting",
        "hearings": "get_hearing",
        "persons": "get_person",
        "wtw-plans": "get_wtw_plan",
    }
    may_read = CALLERS[operation.service][reader[operation.noun]]
    assert operation.callers.roles <= may_read.roles
    assert operation.callers.programs <= may_read.programs
    assert operation.callers.scope is None or "integration" in may_read.roles


@EVERY_GUARDED_WRITE
async def test_a_stale_write_is_answered_with_the_object_as_its_get_shows_it(
    operation: Operation, api: Api
) -> None:
    found = await records(api, operation)
    path = address(operation, found)
    body = body_of(api.program, change(operation), found)
    stale = await api.call(operation.method, path, json=body, headers={"if-match": '"999"'})
    refused(stale, 412)
    now = await api.get(home(path))
    assert stale.json()["current"] == now.json()
    assert stale.headers["etag"] == now.headers["etag"]
    document = DOCUMENTS[operation.service]
    schema = document["paths"][operation.path][operation.method.lower()]["responses"]["412"]["content"]
    validator = Draft202012Validator(
        schema["application/problem+json"]["schema"] | {"components": document["components"]}
    )
    validator.validate(stale.json())

    again = await api.call(operation.method, path, json=body, headers={"if-match": stale.headers["etag"]})
    assert again.status_code == 200, again.text
    assert again.headers["etag"] != stale.headers["etag"]


@EVERY_GUARDED_WRITE
async def test_a_stale_write_says_nothing_of_what_a_get_would_not_show(
    operation: Operation, api: Api
) -> None:
    found = await records(api, operation)
    path = address(operation, found)
    body = body_of(api.program, change(operation), found)
    stale = {"if-match": '"999"'}
    refused(await api.call(operation.method, path, json=body, headers=stale, county="07"), 404)
    person = next(
        ref
        for ref in (found["child"], found["adult"])
        if operation.noun != "persons" or ref == found["adult"]
    )
    sealed = await api.post(f"{api.program.people_path}/{person}/seal", {}, api.program.sealer)
    assert sealed.status_code == 204
    hidden = await api.call(operation.method, path, json=body, headers=stale)
    shown = await api.get(home(path))
    assert (hidden.status_code == 404) == (shown.status_code == 404)
    if shown.status_code == 404:
        assert "current" not in hidden.json()
        assert "etag" not in hidden.headers
    else:
        assert hidden.json()["current"] == shown.json()


@EVERY_GUARDED_WRITE
async def test_a_stale_answer_is_not_kept_for_the_key_of_the_write(operation: Operation, api: Api) -> None:
    found = await records(api, operation)
    path = address(operation, found)
    body = body_of(api.program, change(operation), found)
    key = {"idempotency-key": "k-1"}
    stale = await api.call(operation.method, path, json=body, headers={"if-match": '"999"', **key})
    tag = stale.headers["etag"]
    again = await api.call(operation.method, path, json=body, headers={"if-match": tag, **key})
    assert (stale.status_code, again.status_code) == (412, 200)
