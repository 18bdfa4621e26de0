"""Placements with relatives: planned, begun, ended; one at a time, for a child, with somebody else."""

import asyncio
from typing import Any

import pytest

from tests.contract.program_world import ELSEWHERE, Api, new
from tests.unit.cws.moves import family, misdated, moved, refused, told

TODAY, TOMORROW, YESTERDAY = "2026-03-02", "2026-03-03", "2026-03-01"


async def aunt_of(cws: Api) -> str:
    """Somebody known, in a household of her own."""
    return cws.refs(await cws.intake(new("other", "Eva", record_id="R-3")))[0]


async def placed(cws: Api, child: str, caregiver: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A placement, planned unless it is said otherwise."""
    dated = more if "started_on" in more else {"planned_on": TODAY, **more}
    return await cws.made(f"/v1/clients/{child}/relative-placements", {"caregiver": caregiver, **dated})


async def test_a_placement_is_planned_begun_and_ended_each_told_once(cws: Api) -> None:
    _, _, child = await family(cws)
    aunt = await aunt_of(cws)
    made = await placed(cws, child, {"record_id": "R-3"}, degree=3, funding="EC", planned_on=YESTERDAY)
    assert made == {
        "ref": made["ref"],
        "county": "43",
        "status": "planned",
        "child": child,
        "caregiver": aunt,
        "degree": 3,
        "funding": "EC",
        "planned_on": YESTERDAY,
        "version": 1,
    }
    path = f"/v1/relative-placements/{made['ref']}"
    begun = await moved(cws, f"{path}/start", {"started_on": TODAY})
    assert begun == {**made, "status": "started", "started_on": TODAY, "version": 2}
    over = await moved(cws, f"{path}/end", {"ended_on": TODAY})
    assert over == {**begun, "status": "ended", "ended_on": TODAY, "version": 3}
    common = {"child": child, "placement": made["ref"], "caregiver": aunt, "degree": 3, "funding": "EC"}
    events = [event for event in cws.published() if ".placement." in event.type]
    assert {event.key for event in events} == {child}
    assert [(event.type.split(".", 2)[2], event.data) for event in events] == [
        ("placement.relative_planned.v1", {**common, "planned_on": YESTERDAY}),
        ("placement.relative_started.v1", {**common, "started_on": TODAY}),
        ("placement.relative_ended.v1", {"child": child, "placement": made["ref"], "ended_on": TODAY}),
    ]
    assert events[1].headers["ce_effectivedate"] == TODAY


async def test_a_placement_that_has_begun_is_told_as_begun_alone(cws: Api) -> None:
    _, _, child = await family(cws)
    aunt = await aunt_of(cws)
    made = await placed(cws, child, {"ref": aunt}, started_on=YESTERDAY, degree=None)
    assert (made["status"], made["funding"]) == ("started", "none")
    assert "degree" not in made
    assert not told(cws, "placement.relative_planned")
    assert len(told(cws, "placement.relative_started")) == 1
    path = f"/v1/relative-placements/{made['ref']}/start"
    refused(await cws.post(path, {"started_on": TODAY}), "placement-begun")


async def test_a_new_caregiver_is_taken_in_with_the_placement(cws: Api) -> None:
    _, _, child = await family(cws)
    entry = {"record_id": "R-9", "person": {"first_name": "Inés", "last_name": "Reyes"}}
    made = await placed(cws, child, entry)
    shown = (await cws.get(f"/v1/clients/{made['caregiver']}")).json()
    assert (shown["record_id"], shown["person"]["first_name"]) == ("R-9", "Inés")
    event = told(cws, "client.upserted")[-1]
    assert (event.key, event.data["roles"], event.data["households"]) == (
        made["caregiver"],
        ["relative_caregiver"],
        [],
    )
    assert cws.opened(event).name.first_name == "Inés"
    again = {"caregiver": entry, "planned_on": TODAY}
    other = cws.refs(await cws.intake(new("child", "Sol")))[0]
    refused(await cws.post(f"/v1/clients/{other}/relative-placements", again), "record-id-taken")


async def test_a_known_caregiver_is_published_again_with_the_role_and_without_it(cws: Api) -> None:
    _, _, child = await family(cws)
    aunt = await aunt_of(cws)
    made = await placed(cws, child, {"ref": aunt})
    event = told(cws, "client.upserted")[-1]
    assert (event.key, event.data["roles"]) == (aunt, ["other", "relative_caregiver"])
    await moved(cws, f"/v1/relative-placements/{made['ref']}/end", {"ended_on": TODAY})
    event = told(cws, "client.upserted")[-1]
    assert (event.key, event.data["roles"]) == (aunt, ["other"])


async def test_a_child_has_one_placement_at_a_time(cws: Api) -> None:
    _, mother, child = await family(cws)
    aunt = await aunt_of(cws)
    made = await placed(cws, child, {"ref": aunt})
    path, body = (
        f"/v1/clients/{child}/relative-placements",
        {"caregiver": {"ref": mother}, "planned_on": TODAY},
    )
    refused(await cws.post(path, body), "already-placed")
    end = f"/v1/relative-placements/{made['ref']}/end"
    await moved(cws, end, {"ended_on": TODAY})
    refused(await cws.post(end, {"ended_on": TODAY}), "placement-over")
    refused(await cws.post(end.replace("/end", "/start"), {"started_on": TODAY}), "placement-over")
    both = await asyncio.gather(cws.post(path, body), cws.post(path, body))
    assert sorted(one.status_code for one in both) == [201, 409]
    listed = (await cws.get(path)).json()["items"]
    assert {one["status"] for one in listed} == {"planned", "ended"}
    assert len((await cws.get("/v1/relative-placements")).json()["items"]) == 2


async def test_only_a_child_is_placed_and_not_with_itself(cws: Api) -> None:
    _, mother, child = await family(cws)
    body = {"caregiver": {"ref": child}, "planned_on": TODAY}
    refused(await cws.post(f"/v1/clients/{mother}/relative-placements", body), "not-a-child")
    response = await cws.post(f"/v1/clients/{child}/relative-placements", body)
    assert misdated(response, "/caregiver") == "must not be the child"
    by_record = {**body, "caregiver": {"record_id": "R-2"}}
    response = await cws.post(f"/v1/clients/{child}/relative-placements", by_record)
    assert misdated(response, "/caregiver") == "must not be the child"


async def test_a_caregiver_who_may_not_be_seen_is_answered_like_nobody(cws: Api) -> None:
    _, mother, child = await family(cws)
    body = cws.program.intake(new("parent", "Eva", record_id="R-8"))
    stranger = (await cws.post("/v1/referrals", body, county=ELSEWHERE)).json()
    await cws.post(f"/v1/clients/{mother}/seal", {}, "cws_supervisor")
    path = f"/v1/clients/{child}/relative-placements"
    for field, name in (
        ("ref", mother),
        ("record_id", "R-1"),
        ("ref", cws.refs(stranger)[0]),
        ("record_id", "R-8"),
        ("ref", "cl_nobody"),
    ):
        response = await cws.post(path, {"caregiver": {field: name}, "planned_on": TODAY})
        assert misdated(response, f"/caregiver/{field}") == "is not known here"
    assert not [event for event in cws.published() if ".placement." in event.type]


@pytest.mark.parametrize(
    ("body", "pointer", "message"),
    [
        ({}, "", "must have `planned_on` alone or `started_on` alone"),
        (
            {"planned_on": TODAY, "started_on": TODAY},
            "",
            "must have `planned_on` alone or `started_on` alone",
        ),
        ({"started_on": TOMORROW}, "/started_on", "must not be in the future"),
        ({"planned_on": TODAY, "degree": 6}, "/degree", "is too large"),
        ({"planned_on": TODAY, "degree": 0}, "/degree", "is too small"),
    ],
)
async def test_a_placement_is_dated_in_one_way_and_within_reason(
    cws: Api, body: dict[str, Any], pointer: str, message: str
) -> None:
    _, mother, child = await family(cws)
    response = await cws.post(
        f"/v1/clients/{child}/relative-placements", {"caregiver": {"ref": mother}, **body}
    )
    assert misdated(response, pointer) == message


async def test_the_days_of_a_placement_are_in_their_order(cws: Api) -> None:
    _, mother, child = await family(cws)
    made = await placed(cws, child, {"ref": mother})
    path = f"/v1/relative-placements/{made['ref']}"
    message = misdated(await cws.post(f"{path}/start", {"started_on": TOMORROW}), "/started_on")
    assert message == "must not be in the future"
    await moved(cws, f"{path}/start", {"started_on": TODAY})
    for day, message in (
        (TOMORROW, "must not be in the future"),
        (YESTERDAY, "must not be before started_on"),
    ):
        assert misdated(await cws.post(f"{path}/end", {"ended_on": day}), "/ended_on") == message
    stale = await cws.post(f"{path}/end", {"ended_on": TODAY}, headers={"if-match": '"1"'})
    assert stale.status_code == 412
    await moved(cws, f"{path}/end", {"ended_on": TODAY}, headers={"if-match": '"2"'})


@pytest.mark.parametrize("hide", ["seal", "void"])
async def test_a_placement_is_hidden_with_its_child(cws: Api, hide: str) -> None:
    _, mother, child = await family(cws)
    made = await placed(cws, child, {"ref": mother})
    path = f"/v1/relative-placements/{made['ref']}"
    await cws.post(f"/v1/clients/{child}/{hide}", {}, "cws_supervisor")
    assert (await cws.get(path)).status_code == 404
    assert (await cws.get("/v1/relative-placements")).json() == {"items": []}
    assert (await cws.post(f"{path}/start", {"started_on": TODAY})).status_code == 404


async def test_a_placement_is_of_the_callers_county(cws: Api) -> None:
    _, mother, child = await family(cws)
    made = await placed(cws, child, {"ref": mother})
    path = f"/v1/relative-placements/{made['ref']}"
    assert (await cws.get(path, county=ELSEWHERE)).status_code == 404
    assert (await cws.get("/v1/relative-placements", county=ELSEWHERE)).json() == {"items": []}
