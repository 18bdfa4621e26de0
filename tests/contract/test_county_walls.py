"""What is another county's, another program's or another worker's is not there, and looks like what never was."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.contract import county as counties
from tests.contract.county import ELSEWHERE, HOME
from tests.contract.operations import LISTS, OPERATIONS, WITH_REF, Operation, World, masked, refused, sound

pytestmark = pytest.mark.asyncio(loop_scope="module")


@WITH_REF
async def test_an_object_of_another_county_is_not_there(world: World, operation: Operation) -> None:
    theirs = world.elsewhere.refs[operation.service][operation.noun]
    stranger = await world.send(operation, world.somebody(operation), theirs, json=sound(operation))
    nobody = await world.send(operation, world.somebody(operation), "none", json=sound(operation))
    refused(stranger, 404)
    assert masked(stranger) == masked(nobody)
    if operation.method == "GET":
        own = await world.send(operation, world.somebody(operation, ELSEWHERE), theirs)
        assert own.status_code == 200, own.text


NEW_CHILD: dict[str, Any] = {"role": "child", "person": {"first_name": "Eva", "last_name": "Stone"}}
TODAY = "2026-03-02"
NAMED_IN_BODIES: list[tuple[str, str, str, Callable[[str], Any]]] = [
    # service, address (POST, if it does not say), what is named, the body; {noun} is one of the caller's county
    (
        "cws",
        "/v1/cases",
        "clients",
        lambda ref: {"child": ref, "component": "FM", "court": False, "opened_on": TODAY},
    ),
    ("cws", "/v1/assignments", "referrals", lambda ref: {"on": ref, "kind": "P", "worker": {"ref": "w"}}),
    ("cws", "/v1/assignments", "cases", lambda ref: {"on": ref, "kind": "S", "worker": {"ref": "w"}}),
    ("cws", "/v1/referrals", "clients", lambda ref: intake("cws", {"ref": ref, "role": "parent"})),
    (
        "cws",
        "/v1/meetings",
        "households",
        lambda ref: {"household": ref, "kind": "CFT", "starts_at": f"{TODAY}T18:00:00Z"},
    ),
    ("cws", "/v1/referrals", "households", lambda ref: intake("cws", NEW_CHILD, household={"ref": ref})),
    (
        "cws",
        "/v1/meetings",
        "clients",
        lambda ref: {
            "household": "{households}",
            "kind": "CFT",
            "starts_at": f"{TODAY}T18:00:00Z",
            "clients": [ref],
        },
    ),
    ("cws", "PATCH /v1/meetings/{meetings}", "clients", lambda ref: {"clients": [ref]}),
    (
        "cws",
        "PATCH /v1/households/{households}",
        "clients",
        lambda ref: {"members": [{"ref": ref, "role": "parent"}]},
    ),
    ("cws", "/v1/clients/{clients}/merge", "clients", lambda ref: {"into": ref}),
    (
        "cws",
        "/v1/clients/{clients}/relationships",
        "clients",
        lambda ref: {"to": ref, "kind": "other_relative"},
    ),
    ("calworks", "/v1/persons/{persons}/merge", "persons", lambda ref: {"into": ref}),
    (
        "calworks",
        "/v1/cases/{cases}/members",
        "persons",
        lambda ref: {"ref": ref, "role": "aided_child", "effective_month": "2027-03-01"},
    ),
    (
        "calworks",
        "/v1/sanctions",
        "noncompliances",
        lambda ref: {
            "person": "{persons}",
            "sanction_class": "wtw",
            "effective_month": "2026-03-01",
            "noncompliance": ref,
        },
    ),
    ("calworks", "/v1/cases", "applications", lambda ref: {"application": ref, "aid_start": TODAY}),
    ("calworks", "/v1/cases", "units", lambda ref: {"au": ref, "aid_start": TODAY}),
    (
        "calworks",
        "/v1/assignments",
        "applications",
        lambda ref: {"on": ref, "kind": "EW", "worker": {"ref": "w"}},
    ),
    ("calworks", "/v1/assignments", "cases", lambda ref: {"on": ref, "kind": "WTW", "worker": {"ref": "w"}}),
    ("calworks", "/v1/noncompliances", "persons", lambda ref: {"person": ref, "notice_date": TODAY}),
    (
        "calworks",
        "/v1/sanctions",
        "persons",
        lambda ref: {"person": ref, "sanction_class": "wtw", "effective_month": "2026-03-01"},
    ),
    (
        "calworks",
        "/v1/applications",
        "persons",
        lambda ref: intake("calworks", {"ref": ref, "role": "aided_adult"}),
    ),
    (
        "calworks",
        "/v1/applications",
        "units",
        lambda ref: intake("calworks", {**NEW_CHILD, "role": "aided_child"}, unit={"ref": ref}),
    ),
]


def intake(service: str, *people: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The body of an intake."""
    now = datetime.now(UTC).isoformat()
    if service == "cws":
        return {"received_at": now, "response": "3_day", "participants": list(people), **more}
    return {"received_at": now, "persons": list(people), **more}


@pytest.mark.parametrize(
    ("service", "path", "noun", "body"),
    NAMED_IN_BODIES,
    ids=[f"{p.partition('/v1/')[2]}-{n}" for _, p, n, _ in NAMED_IN_BODIES],
)
async def test_a_body_cannot_name_an_object_of_another_county(
    world: World, service: str, path: str, noun: str, body: Callable[[str], Any]
) -> None:
    """It is answered like one that never was."""
    token = world.county.token(counties.WRITERS[service], program=service)
    own, theirs = world.home.refs[service], world.elsewhere.refs[service][noun]
    method, where = path.split(" ") if " " in path else ("POST", path)
    answers = []
    for ref in (theirs, theirs[:3] + "a" * 26):
        sent = {name: one.format(**own) if isinstance(one, str) else one for name, one in body(ref).items()}
        headers = {"if-match": "*"}
        answers.append(
            await world.county.call(service, method, where.format(**own), token, json=sent, headers=headers)
        )
    refused(answers[0], 422)
    assert answers[0].json()["errors"]
    assert masked(answers[0]) == masked(answers[1])


@pytest.mark.parametrize("of", ["elsewhere", "the other program"])
async def test_a_release_cannot_name_a_person_of_another_county_or_program(world: World, of: str) -> None:
    ref = (
        world.elsewhere.refs["cws"]["clients"]
        if of == "elsewhere"
        else world.home.refs["calworks"]["persons"]
    )
    token = world.county.token("er_worker", "case_worker", program="cws")
    answers = [
        await world.county.call(
            "matcher", "POST", "/v1/releases", token, json=counties.release_of((one, "self"))
        )
        for one in (ref, "cl_" + "a" * 26)
    ]
    refused(answers[0], 404)
    assert masked(answers[0]) == masked(answers[1])


@LISTS
async def test_a_list_shows_the_callers_county_alone(world: World, operation: Operation) -> None:
    for county, mine, theirs in (
        (HOME, world.home, world.elsewhere),
        (ELSEWHERE, world.elsewhere, world.home),
    ):
        response = await world.send(operation, world.somebody(operation, county))
        assert response.status_code == 200
        foreign = {ref for service in theirs.refs.values() for ref in service.values()}
        assert not [ref for ref in foreign if ref in response.text]
        assert mine.refs[operation.service][operation.noun] in response.text


@pytest.mark.parametrize("noun", ["alerts", "tasks", "releases"])
async def test_what_is_another_workers_or_the_other_programs_is_not_there(world: World, noun: str) -> None:
    ref = world.home.refs["matcher"][noun]
    program, other = "cws", "calworks"
    others = [
        world.county.token("eligibility_worker", "wtw_worker", program=other, worker="w-another"),
    ]
    if noun != "alerts":  # the same alert may have an entry for a worker of the other program
        others += [
            world.county.token("eligibility_worker", "wtw_worker", program=other),
            world.county.token("eligibility_worker", program=other, worker="w-cws"),
            world.county.token("linkages_liaison", program=other),
        ]
    if noun != "releases":  # a release is its program's
        others += [
            world.county.token("er_worker", "case_worker", program=program, worker="w-another"),
            world.county.token("linkages_liaison", program=program, worker="w-another"),
        ]
    for token in others:
        for operation in OPERATIONS:
            if operation.service == "matcher" and operation.noun == noun and "{ref}" in operation.path:
                refused(await world.send(operation, token, ref, json=sound(operation)), 404)
        listed = await world.county.call("matcher", "GET", f"/v1/{noun}", token)
        assert ref not in listed.text
