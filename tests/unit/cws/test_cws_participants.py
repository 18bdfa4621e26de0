"""Who takes part in a case: the whole list each time, the child among them, and nobody who may not be seen."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.contract.program_world import ELSEWHERE, Api, new
from tests.unit.cws.moves import a_case, misdated, refused, told


async def put(cws: Api, case: dict[str, Any], *people: dict[str, Any], **more: Any) -> httpx.Response:
    """Say who takes part."""
    headers = {"if-match": more.pop("if_match", f'"{case["version"]}"')}
    path = f"/v1/cases/{case['ref']}/participants"
    return await cws.call("PUT", path, json={"participants": list(people)}, headers=headers, **more)


async def test_the_participants_of_a_case_are_the_whole_list_that_was_sent(cws: Api) -> None:
    case = await a_case(cws)
    aunt = cws.refs(await cws.intake(new("other", "Eva", record_id="R-3")))[0]
    people = (
        {"record_id": "R-3", "role": "relative_caregiver"},
        {"ref": case["child"], "role": "child"},
    )
    response = await put(cws, case, *people)
    assert response.status_code == 200, response.text
    assert response.headers["etag"] == '"2"'
    assert response.json()["participants"] == [
        {"client": aunt, "record_id": "R-3", "role": "relative_caregiver"},
        {"client": case["child"], "record_id": "R-2", "role": "child"},
    ]
    assert (await cws.get(f"/v1/cases/{case['ref']}")).json() == response.json()
    event = cws.published()[-1]
    assert (event.type, event.key) == ("linkages.cws.case.participants_changed.v1", case["ref"])
    assert event.data["participants"] == [
        {"person": aunt, "role": "relative_caregiver"},
        {"person": case["child"], "role": "child"},
    ]


async def test_participants_are_changed_only_by_who_has_read_the_case_as_it_is(cws: Api) -> None:
    case = await a_case(cws)
    child = {"ref": case["child"], "role": "child"}
    path = f"/v1/cases/{case['ref']}/participants"
    bare = await cws.call("PUT", path, json={"participants": [child]})
    assert bare.status_code == 428
    assert (await put(cws, case, child, if_match="1")).status_code == 400
    assert (await put(cws, case, child, if_match='"9"')).status_code == 412
    both = await asyncio.gather(put(cws, case, child), put(cws, case, child))
    assert sorted(one.status_code for one in both) == [200, 412]
    assert len(told(cws, "case.participants_changed")) == 1


async def test_the_child_of_a_case_stays_in_it_as_a_child(cws: Api) -> None:
    case = await a_case(cws)
    mother = {"record_id": "R-1", "role": "parent"}
    message = misdated(await put(cws, case, mother), "/participants")
    assert message == "must keep the child of the case"
    refused(await put(cws, case, mother, {"ref": case["child"], "role": "other"}), "not-a-child")
    twice = ({"ref": case["child"], "role": "child"}, {"record_id": "R-2", "role": "child"})
    assert misdated(await put(cws, case, *twice), "/participants") == "must not name anybody twice"


@pytest.mark.parametrize("entry", [{}, {"ref": "cl_x", "record_id": "R-1"}])
async def test_a_participant_is_named_in_one_way(cws: Api, entry: dict[str, str]) -> None:
    response = await put(cws, await a_case(cws), {**entry, "role": "parent"})
    message = misdated(response, "/participants/0")
    assert message == "must have `ref` alone or `record_id` alone"


async def test_a_sealed_participant_and_another_countys_are_answered_like_nobody(cws: Api) -> None:
    case = await a_case(cws)
    child = {"ref": case["child"], "role": "child"}
    body = cws.program.intake(new("parent", "Eva", record_id="R-9"))
    stranger = (await cws.post("/v1/referrals", body, county=ELSEWHERE)).json()
    mother = case["participants"][0]["client"]
    await cws.post(f"/v1/clients/{mother}/seal", {}, "cws_supervisor")
    answers = [
        await put(cws, case, child, {**entry, "role": "parent"})
        for entry in (
            {"ref": mother},
            {"record_id": "R-1"},
            {"ref": cws.refs(stranger)[0]},
            {"record_id": "R-9"},
            {"ref": "cl_nobody"},
        )
    ]
    assert {one.status_code for one in answers} == {404}
    assert {one.json()["detail"] for one in answers} == {"/participants/1 names nobody who is known here"}
    assert not told(cws, "case.participants_changed")
