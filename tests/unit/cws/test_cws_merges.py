"""Two records of one person, and records that were made in error."""

import asyncio
from typing import Any

import pytest

from tests.contract.program_world import ELSEWHERE, Api, new
from tests.unit.cws.moves import a_case, family, misdated, refused, told

TODAY = "2026-03-02"


async def two(cws: Api) -> tuple[str, str]:
    """Two records of a woman."""
    first = await cws.intake(new("parent", "Ana", record_id="M-1"))
    second = await cws.intake(new("parent", "Anna", record_id="M-2"))
    return cws.refs(first)[0], cws.refs(second)[0]


async def merged(cws: Api, client: str, into: str) -> None:
    """The one record retired for the other."""
    response = await cws.post(f"/v1/clients/{client}/merge", {"into": into})
    assert response.status_code == 200, response.text


async def test_a_merged_record_is_read_with_its_survivor_and_told_once(cws: Api) -> None:
    old, kept = await two(cws)
    before = (await cws.get(f"/v1/clients/{old}")).json()
    response = await cws.post(f"/v1/clients/{old}/merge", {"into": kept})
    assert response.status_code == 200, response.text
    assert response.json() == {**before, "merged_into": kept, "version": 2}
    read = await cws.get(f"/v1/clients/{old}")
    assert (read.json(), read.headers["etag"]) == (response.json(), response.headers["etag"])
    event = cws.published()[-1]
    assert (event.type, event.key) == ("linkages.cws.client.merged.v1", old)
    assert event.data == {"client": old, "survivor": kept}
    assert "merged_into" not in (await cws.get(f"/v1/clients/{kept}")).json()


async def test_who_writes_to_a_merged_record_is_told_which_one_counts(cws: Api) -> None:
    old, kept = await two(cws)
    await merged(cws, old, kept)
    before = cws.stored.counts()
    path = f"/v1/clients/{old}"
    patch: dict[str, Any] = {"json": {"last_name": "Soto"}, "headers": {"if-match": "*"}}
    answers = [
        await cws.call("PATCH", path, **patch),
        await cws.post(f"{path}/removals", {"removed_on": TODAY}),
        await cws.post(f"{path}/merge", {"into": kept}),
        await cws.post(f"{path}/void", {}),
        await cws.post(f"{path}/relationships", {"to": kept, "kind": "sibling"}),
        await cws.post(f"{path}/relative-placements", {"caregiver": {"ref": kept}, "planned_on": TODAY}),
        await cws.post(f"{path}/seal", {}, "cws_supervisor"),
    ]
    for answer in answers:
        assert kept in refused(answer, "client-merged")
    assert cws.stored.counts() == before


@pytest.mark.parametrize("by", ["ref", "record_id"])
async def test_an_intake_that_names_the_merged_record_uses_the_survivor(cws: Api, by: str) -> None:
    old, kept = await two(cws)
    await merged(cws, old, kept)
    name = {"ref": old} if by == "ref" else {"record_id": "M-1"}
    referral = await cws.intake({"role": "parent", **name}, new("child", "Leo"))
    assert referral["participants"][0] == {"client": kept, "record_id": "M-2", "role": "parent"}
    assert told(cws, "household.changed")[-1].data["members"][0]["person"] == kept
    again = cws.program.intake({"ref": kept, "role": "parent"}, {"ref": old, "role": "other"})
    message = misdated(await cws.post("/v1/referrals", again), "/participants/1")
    assert message == "names somebody who is named before"
    taken = await cws.post("/v1/referrals", cws.program.intake(new("parent", record_id="M-1")))
    refused(taken, "record-id-taken")


async def test_what_was_merged_before_follows_the_survivor_of_the_survivor(cws: Api) -> None:
    first, second = await two(cws)
    third = cws.refs(await cws.intake(new("parent", "Ann", record_id="M-3")))[0]
    await merged(cws, first, second)
    await merged(cws, second, third)
    for old in (first, second):
        assert (await cws.get(f"/v1/clients/{old}")).json()["merged_into"] == third
    referral = await cws.intake({"role": "parent", "ref": first})
    assert cws.refs(referral) == [third]


async def test_a_record_is_merged_only_into_one_that_counts(cws: Api) -> None:
    old, kept = await two(cws)
    path = f"/v1/clients/{old}/merge"
    assert misdated(await cws.post(path, {"into": old}), "/into") == "must be another client"
    stranger = await cws.post("/v1/referrals", cws.program.intake(new("parent", "Eva")), county=ELSEWHERE)
    third = cws.refs(await cws.intake(new("parent", "Eva")))[0]
    fourth = cws.refs(await cws.intake(new("parent", "Ida")))[0]
    await cws.post(f"/v1/clients/{third}/seal", {}, "cws_supervisor")
    await cws.post(f"/v1/clients/{fourth}/void", {})
    for into in (cws.refs(stranger.json())[0], third, fourth, "cl_nobody"):
        assert misdated(await cws.post(path, {"into": into}), "/into") == "is not known here"
        back = await cws.post(f"/v1/clients/{into}/merge", {"into": kept})
        assert back.status_code == 404
    await merged(cws, kept, old)
    assert old in refused(await cws.post(path, {"into": kept}), "client-merged")
    assert len(told(cws, "client.merged")) == 1


async def test_two_merges_of_each_other_at_once_leave_one_that_counts(cws: Api) -> None:
    old, kept = await two(cws)
    both = await asyncio.gather(
        cws.post(f"/v1/clients/{old}/merge", {"into": kept}),
        cws.post(f"/v1/clients/{kept}/merge", {"into": old}),
    )
    assert sorted(one.status_code for one in both) == [200, 409]
    assert len(told(cws, "client.merged")) == 1


async def test_who_is_sealed_is_sealed_under_every_record(cws: Api) -> None:
    old, kept = await two(cws)
    await merged(cws, old, kept)
    await cws.post(f"/v1/clients/{kept}/seal", {}, "cws_supervisor")
    for ref in (old, kept):
        assert (await cws.get(f"/v1/clients/{ref}")).status_code == 404
    assert {event.key for event in told(cws, "client.sealed")} == {old, kept}
    named = await cws.post("/v1/referrals", cws.program.intake({"record_id": "M-1", "role": "parent"}))
    assert misdated(named, "/participants/0/record_id") == "is not known here"


async def test_a_survivor_is_where_the_merged_record_was(cws: Api) -> None:
    old, kept = await two(cws)
    referral = await cws.intake({"ref": old, "role": "guardian"}, household={"record_id": "H"})
    await merged(cws, old, kept)
    change: dict[str, Any] = {"json": {"language": "es"}, "headers": {"if-match": "*"}}
    assert (await cws.call("PATCH", f"/v1/clients/{kept}", **change)).status_code == 200
    data = told(cws, "client.upserted")[-1].data
    assert referral["household"] in data["households"]
    assert data["roles"] == ["guardian", "parent"]


async def test_a_child_has_one_open_case_and_one_removal_under_whichever_record(cws: Api) -> None:
    referral, _, child = await family(cws)
    twin = cws.refs(await cws.intake(new("child", "Leon")))[0]
    case = {"component": "FM", "court": False, "opened_on": TODAY, "household": referral["household"]}
    await cws.made("/v1/cases", {"child": child, **case})
    await cws.made(f"/v1/clients/{child}/removals", {"removed_on": TODAY})
    await merged(cws, child, twin)
    for name in (child, twin):
        refused(await cws.post("/v1/cases", {"child": name, **case}), "child-has-case")
    refused(await cws.post(f"/v1/clients/{twin}/removals", {"removed_on": TODAY}), "already-removed")


async def test_a_case_keeps_the_record_that_it_names_when_that_is_merged(cws: Api) -> None:
    case = await a_case(cws)
    twin = cws.refs(await cws.intake(new("child", "Leon", record_id="R-8")))[0]
    await merged(cws, case["child"], twin)
    people = [{"client": one["client"], "role": one["role"]} for one in case["participants"]]
    body = {"participants": [{"ref": one["client"], "role": one["role"]} for one in people]}
    path = f"/v1/cases/{case['ref']}/participants"
    response = await cws.call("PUT", path, json=body, headers={"if-match": "*"})
    assert response.status_code == 200, response.text
    shown = response.json()
    assert [{"client": one["client"], "role": one["role"]} for one in shown["participants"]] == people
    assert shown["child"] == case["child"]


async def test_a_case_that_is_opened_for_a_merged_record_is_the_survivors(cws: Api) -> None:
    referral, mother, child = await family(cws)
    twin = cws.refs(await cws.intake(new("child", "Leon", record_id="R-8")))[0]
    await merged(cws, child, twin)
    body = {"child": child, "referral": referral["ref"], "component": "FM", "court": False}
    case = await cws.made("/v1/cases", {**body, "opened_on": TODAY})
    assert case["child"] == twin
    assert [one["client"] for one in case["participants"]] == [mother, twin]


async def test_a_void_record_is_not_there(cws: Api) -> None:
    referral, mother, child = await family(cws)
    taken = await cws.made(f"/v1/clients/{child}/removals", {"removed_on": TODAY})
    response = await cws.post(f"/v1/clients/{child}/void", {})
    assert (response.status_code, response.content) == (204, b"")
    event = cws.published()[-1]
    assert (event.type, event.key, event.data) == (
        "linkages.cws.client.voided.v1",
        child,
        {"client": child},
    )
    path, nobody = f"/v1/clients/{child}", "/v1/clients/cl_nobody"
    for method, below, more in (
        ("GET", "", {}),
        ("GET", "/removals", {}),
        ("GET", "/relationships", {}),
        ("PATCH", "", {"json": {}, "headers": {"if-match": "*"}}),
        ("POST", "/void", {"json": {}}),
        ("POST", "/seal", {"json": {}}),
        ("POST", "/merge", {"json": {"into": mother}}),
    ):
        one = await cws.call(method, path + below, "cws_supervisor", **more)
        none = await cws.call(method, nobody + below, "cws_supervisor", **more)
        assert one.status_code == none.status_code == 404, (method, below)
        assert {**one.json(), "trace_id": ""} == {**none.json(), "trace_id": ""}
    assert [one["ref"] for one in (await cws.get("/v1/clients")).json()["items"]] == [mother]
    assert (await cws.get(f"/v1/removals/{taken['ref']}")).status_code == 404
    shown = (await cws.get(f"/v1/referrals/{referral['ref']}")).json()["participants"]
    assert shown[1] == {"client": child, "role": "child"}
    for name in ({"ref": child}, {"record_id": "R-2"}):
        named = await cws.post("/v1/referrals", cws.program.intake({**name, "role": "child"}))
        assert named.json()["errors"][0]["message"] == "is not known here"
    assert len(told(cws, "client.voided")) == 1


async def test_the_record_id_of_a_void_record_is_free_again(cws: Api) -> None:
    _, _, child = await family(cws)
    await cws.post(f"/v1/clients/{child}/void", {})
    referral = await cws.intake(new("child", "Luz", record_id="R-2"))
    assert cws.refs(referral) != [child]


async def test_the_child_of_an_open_case_is_not_void(cws: Api) -> None:
    referral, mother, child = await family(cws)
    case = await cws.made(
        "/v1/cases",
        {"child": child, "referral": referral["ref"], "component": "FM", "court": False, "opened_on": TODAY},
    )
    refused(await cws.post(f"/v1/clients/{child}/void", {}), "child-of-open-case")
    assert (await cws.post(f"/v1/clients/{mother}/void", {})).status_code == 204
    await cws.post(f"/v1/cases/{case['ref']}/close", {"reason_class": "error", "closed_on": TODAY})
    assert (await cws.post(f"/v1/clients/{child}/void", {})).status_code == 204


async def test_a_record_that_others_were_merged_into_is_not_void(cws: Api) -> None:
    old, kept = await two(cws)
    await merged(cws, old, kept)
    refused(await cws.post(f"/v1/clients/{kept}/void", {}), "has-merged")
    assert not told(cws, "client.voided")


async def test_a_merge_that_is_sent_twice_happens_once(cws: Api) -> None:
    old, kept = await two(cws)
    headers = {"idempotency-key": "k-1"}
    answers = [await cws.post(f"/v1/clients/{old}/merge", {"into": kept}, headers=headers) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert len(told(cws, "client.merged")) == 1
