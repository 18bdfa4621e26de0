"""Meetings about a household and hearings in a case: set, set anew, and what becomes of them."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.contract.program_world import ELSEWHERE, Api, new
from tests.unit.cws.moves import a_case, family, misdated, moved, refused, told

TODAY, TOMORROW = "2026-03-02", "2026-03-03"
STARTS, ENDS = "2026-03-05T18:00:00Z", "2026-03-05T19:30:00Z"


async def a_meeting(cws: Api, **more: Any) -> dict[str, Any]:
    """A meeting about a family."""
    referral, mother, child = await family(cws)
    body = {
        "household": referral["household"],
        "kind": "TDM",
        "starts_at": STARTS,
        "ends_at": ENDS,
        "place": "Salinas North, room 2",
        "clients": [mother, child],
        "workers": ["w-1", "w-2"],
    }
    return await cws.made("/v1/meetings", {**body, **more})


async def patch(cws: Api, path: str, body: dict[str, Any], tag: str = "*") -> httpx.Response:
    """A change by who has read it."""
    return await cws.call("PATCH", path, json=body, headers={"if-match": tag})


async def test_a_meeting_is_told_with_when_where_and_who_is_asked(cws: Api) -> None:
    made = await a_meeting(cws)
    assert (made["status"], made["outcomes"], made["version"]) == ("scheduled", [], 1)
    assert (await cws.get(f"/v1/meetings/{made['ref']}")).json() == made
    assert (await cws.get("/v1/meetings")).json() == {"items": [made]}
    event = cws.published()[-1]
    assert (event.type, event.key) == ("linkages.cws.meeting.scheduled.v1", made["ref"])
    told_of = ("household", "kind", "starts_at", "ends_at", "place", "clients", "workers")
    assert event.data == {"meeting": made["ref"], **{name: made[name] for name in told_of}}


async def test_the_least_of_a_meeting_is_its_household_kind_and_start(cws: Api) -> None:
    referral, _, _ = await family(cws)
    body = {"household": referral["household"], "kind": "joint", "starts_at": STARTS}
    made = await cws.made("/v1/meetings", body)
    assert made == {
        **body,
        "ref": made["ref"],
        "county": "43",
        "status": "scheduled",
        "clients": [],
        "workers": [],
        "outcomes": [],
        "version": 1,
    }


async def test_a_meeting_that_is_set_anew_is_told_anew(cws: Api) -> None:
    made = await a_meeting(cws)
    path = f"/v1/meetings/{made['ref']}"
    later = {"starts_at": "2026-03-06T18:00:00Z", "ends_at": None, "workers": ["w-3"]}
    response = await patch(cws, path, later, '"1"')
    assert response.status_code == 200, response.text
    after = {**made, "starts_at": later["starts_at"], "workers": ["w-3"], "version": 2}
    del after["ends_at"]
    assert response.json() == after
    assert (await cws.get(path)).json() == after
    first, second = told(cws, "meeting.scheduled")
    assert (second.key, second.sequence, second.data["starts_at"]) == (first.key, 2, later["starts_at"])
    assert "ends_at" not in second.data
    assert (await patch(cws, path, {}, '"1"')).status_code == 412
    assert (await cws.call("PATCH", path, json={})).status_code == 428


async def test_a_meeting_is_held_with_its_outcomes_or_cancelled_and_then_stays(cws: Api) -> None:
    made = await a_meeting(cws)
    path = f"/v1/meetings/{made['ref']}"
    held = {"held_on": TODAY, "outcomes": ["stay_home", "plan_agreed", "stay_home"]}
    over = await moved(cws, f"{path}/held", held)
    assert over == {
        **made,
        "status": "held",
        "held_on": TODAY,
        "outcomes": ["stay_home", "plan_agreed"],
        "version": 2,
    }
    event = cws.published()[-1]
    assert (event.type, event.key) == ("linkages.cws.meeting.held.v1", made["ref"])
    assert event.data == {"meeting": made["ref"], "held_on": TODAY, "outcomes": over["outcomes"]}
    refused(await cws.post(f"{path}/held", held), "meeting-over")
    refused(await cws.post(f"{path}/cancel", {}), "meeting-over")
    refused(await patch(cws, path, {"place": "room 3"}), "meeting-over")


async def test_a_meeting_is_cancelled_today_unless_it_is_said_otherwise(cws: Api) -> None:
    referral, _, _ = await family(cws)
    for body, day in (({}, TODAY), ({"cancelled_on": "2026-02-27"}, "2026-02-27")):
        meeting = {"household": referral["household"], "kind": "CFT", "starts_at": STARTS}
        made = await cws.made("/v1/meetings", meeting)
        path = f"/v1/meetings/{made['ref']}"
        off = await moved(cws, f"{path}/cancel", body)
        assert (off["status"], off["cancelled_on"]) == ("cancelled", day)
        assert cws.published()[-1].data == {"meeting": made["ref"], "cancelled_on": day}
        refused(await cws.post(f"{path}/held", {"held_on": TODAY}), "meeting-over")


async def test_what_becomes_of_a_meeting_is_not_told_before_it_happens(cws: Api) -> None:
    path = f"/v1/meetings/{(await a_meeting(cws))['ref']}"
    for move, field in (("held", "held_on"), ("cancel", "cancelled_on")):
        message = misdated(await cws.post(f"{path}/{move}", {field: TOMORROW}), f"/{field}")
        assert message == "must not be in the future"


async def test_a_meeting_does_not_end_before_it_starts(cws: Api) -> None:
    made = await a_meeting(cws)
    body = {"household": made["household"], "kind": "TDM", "starts_at": ENDS, "ends_at": STARTS}
    answers = [
        await cws.post("/v1/meetings", body),
        await patch(cws, f"/v1/meetings/{made['ref']}", {"ends_at": "2026-03-05T17:00:00Z"}),
    ]
    assert {misdated(one, "/ends_at") for one in answers} == {"must not be before starts_at"}


async def test_a_meeting_asks_nobody_who_may_not_be_seen(cws: Api) -> None:
    made = await a_meeting(cws)
    mother, child = made["clients"]
    body = cws.program.intake(new("parent", "Eva"))
    stranger = (await cws.post("/v1/referrals", body, county=ELSEWHERE)).json()
    await cws.post(f"/v1/clients/{mother}/seal", {}, "cws_supervisor")
    meeting = {"household": made["household"], "kind": "TDM", "starts_at": STARTS}
    for ref in (mother, cws.refs(stranger)[0], "cl_nobody"):
        asked = {"clients": [child, ref]}
        for response in (
            await cws.post("/v1/meetings", {**meeting, **asked}),
            await patch(cws, f"/v1/meetings/{made['ref']}", asked),
        ):
            assert misdated(response, "/clients/1") == "is not known here"
    for household in (stranger["household"], "hh_nobody"):
        response = await cws.post("/v1/meetings", {**meeting, "household": household})
        assert misdated(response, "/household") == "is not known here"
    assert (await cws.get(f"/v1/meetings/{made['ref']}", county=ELSEWHERE)).status_code == 404


async def test_a_meeting_ends_once_when_two_say_how(cws: Api) -> None:
    path = f"/v1/meetings/{(await a_meeting(cws))['ref']}"
    both = await asyncio.gather(cws.post(f"{path}/held", {"held_on": TODAY}), cws.post(f"{path}/cancel", {}))
    assert sorted(one.status_code for one in both) == [200, 409]


async def test_a_hearing_is_set_and_moved_to_another_day_each_told(cws: Api) -> None:
    case = await a_case(cws)
    path = f"/v1/cases/{case['ref']}/hearings"
    made = await cws.made(path, {"kind": "review_6", "on": "2026-08-28"})
    assert made == {
        "ref": made["ref"],
        "county": "43",
        "case": case["ref"],
        "kind": "review_6",
        "on": "2026-08-28",
        "version": 1,
    }
    moved_to = await patch(cws, f"/v1/hearings/{made['ref']}", {"on": "2026-09-04"}, '"1"')
    assert moved_to.status_code == 200, moved_to.text
    assert moved_to.json() == {**made, "on": "2026-09-04", "version": 2}
    assert (await cws.get(f"/v1/hearings/{made['ref']}")).json() == moved_to.json()
    assert (await cws.get(path)).json() == {"items": [moved_to.json()]}
    events = told(cws, "court.hearing_set")
    assert [(event.key, event.data["on"]) for event in events] == [
        (case["ref"], "2026-08-28"),
        (case["ref"], "2026-09-04"),
    ]
    assert {(event.data["hearing"], event.data["kind"]) for event in events} == {(made["ref"], "review_6")}
    assert (await patch(cws, f"/v1/hearings/{made['ref']}", {"on": TODAY}, '"1"')).status_code == 412


async def test_a_hearing_is_set_in_an_open_case_of_the_county(cws: Api) -> None:
    case = await a_case(cws)
    path, body = f"/v1/cases/{case['ref']}/hearings", {"kind": "disposition", "on": TOMORROW}
    made = await cws.made(path, body)
    assert (await cws.post(path, body, county=ELSEWHERE)).status_code == 404
    assert (await cws.get(path, county=ELSEWHERE)).status_code == 404
    assert (await cws.get(f"/v1/hearings/{made['ref']}", county=ELSEWHERE)).status_code == 404
    await moved(cws, f"/v1/cases/{case['ref']}/close", {"reason_class": "reunified", "closed_on": TODAY})
    refused(await cws.post(path, body), "case-closed")


@pytest.mark.parametrize("kind", ["trial", "", None])
async def test_a_hearing_is_of_a_kind_that_the_court_has(cws: Api, kind: str | None) -> None:
    path = f"/v1/cases/{(await a_case(cws))['ref']}/hearings"
    response = await cws.post(path, {"kind": kind, "on": TOMORROW})
    assert misdated(response, "/kind").startswith("must be 'detention'")
