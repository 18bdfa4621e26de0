"""Welfare-to-work plans and time clocks, through the REST face."""

from datetime import date
from typing import Any

import pytest

from services.calworks_api.domain.clock import ClockMilestone, months_in
from shared.errors import Invalid
from tests.contract.program_world import Api, new

EVENT = "linkages.calworks."
TODAY = "2026-03-02"
SEARCH = {
    "kind": "job search",
    "starts_at": "2026-03-09T09:00:00-07:00",
    "ends_at": "2026-03-09T12:00:00-07:00",
}
AGREED = {
    "activities": [SEARCH, {"kind": "English as a second language"}],
    "hours_per_week": 30,
    "supportive_services": ["child_care", "transport", "child_care"],
}


def slug(response: Any) -> tuple[int, str]:
    """The status and the kind of a refusal."""
    return response.status_code, response.json()["type"].rsplit("/", 1)[1]


async def adult(calworks: Api) -> str:
    """A mother in a unit."""
    return calworks.refs(await calworks.intake(new("aided_adult"), new("aided_child", "Leo")))[0]


async def signed(calworks: Api, person: str, **more: Any) -> dict[str, Any]:
    """A plan that she signed."""
    return await calworks.made(
        f"/v1/persons/{person}/wtw-plans", {"signed_on": "2026-03-01", **AGREED, **more}
    )


async def amend(calworks: Api, plan: str, body: dict[str, Any], match: str | None = "*") -> Any:
    """An amendment, accepted or not."""
    headers = {} if match is None else {"if-match": match}
    return await calworks.call("PATCH", f"/v1/wtw-plans/{plan}", json=body, headers=headers)


async def test_a_plan_that_is_signed_is_kept_and_published_whole(calworks: Api) -> None:
    person = await adult(calworks)
    response = await calworks.post(f"/v1/persons/{person}/wtw-plans", {"signed_on": "2026-03-01", **AGREED})
    made = response.json()
    assert (response.status_code, response.headers["location"]) == (201, f"/v1/wtw-plans/{made['ref']}")
    assert (made["status"], made["supportive_services"]) == ("standing", ["child_care", "transport"])
    assert (await calworks.get(f"/v1/wtw-plans/{made['ref']}")).json() == made
    assert (await calworks.get("/v1/wtw-plans")).json() == {"items": [made]}
    event = calworks.published()[-1]
    assert (event.type, event.key) == (f"{EVENT}wtwplan.signed.v1", person)
    assert event.data == {
        "person": person,
        "plan": made["ref"],
        "signed_on": "2026-03-01",
        "activities": [
            {
                "kind": "job search",
                "starts_at": "2026-03-09T16:00:00Z",
                "ends_at": "2026-03-09T19:00:00Z",
            },
            {"kind": "English as a second language"},
        ],
        "hours_per_week": 30,
        "supportive_services": ["child_care", "transport"],
    }
    assert event.headers["ce_time"] == "2026-03-01T08:00:00+00:00"


async def test_a_whole_number_may_be_written_with_a_point(calworks: Api) -> None:
    person = await adult(calworks)
    assert (await signed(calworks, person, hours_per_week=20.0))["hours_per_week"] == 20
    body = {"signed_on": TODAY, **AGREED, "hours_per_week": 20.5}
    refused = await calworks.post(f"/v1/persons/{person}/wtw-plans", body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/hours_per_week")


async def test_a_new_plan_replaces_the_one_that_stands(calworks: Api) -> None:
    person = await adult(calworks)
    first = await signed(calworks, person)
    second = await signed(calworks, person, signed_on=TODAY)
    read = (await calworks.get(f"/v1/wtw-plans/{first['ref']}")).json()
    assert (read["status"], read["version"], second["status"]) == ("superseded", 2, "standing")
    late = await amend(calworks, first["ref"], {"amended_on": TODAY, **AGREED})
    assert slug(late) == (409, "wtw-plan-superseded")
    early = await calworks.post(f"/v1/persons/{person}/wtw-plans", {"signed_on": "2026-03-01", **AGREED})
    assert (early.status_code, early.json()["errors"][0]["pointer"]) == (422, "/signed_on")


async def test_a_plan_is_amended_as_a_whole_by_who_has_read_it(calworks: Api) -> None:
    person = await adult(calworks)
    plan = (await signed(calworks, person))["ref"]
    body = {"amended_on": TODAY, "activities": [{"kind": "work study"}], "hours_per_week": 0}
    assert slug(await amend(calworks, plan, body, match=None)) == (428, "if-match-required")
    stale = await amend(calworks, plan, body, match='"2"')
    assert (stale.status_code, stale.json()["current"]["hours_per_week"]) == (412, 30)
    response = await amend(calworks, plan, body, match='"1"')
    after = response.json()
    assert (response.status_code, response.headers["etag"], after["version"]) == (200, '"2"', 2)
    assert (after["signed_on"], after["amended_on"]) == ("2026-03-01", TODAY)
    assert (after["hours_per_week"], after["supportive_services"]) == (0, [])
    assert (await calworks.get(f"/v1/wtw-plans/{plan}")).json() == after
    event = calworks.published()[-1]
    assert (event.type, event.key) == (f"{EVENT}wtwplan.amended.v1", person)
    assert event.data == {"person": person, "plan": plan, **body, "supportive_services": []}


async def test_the_days_of_a_plan_are_in_order_and_not_in_the_future(calworks: Api) -> None:
    person = await adult(calworks)
    ahead = await calworks.post(f"/v1/persons/{person}/wtw-plans", {"signed_on": "2026-03-03", **AGREED})
    assert ahead.json()["errors"][0]["pointer"] == "/signed_on"
    plan = (await signed(calworks, person))["ref"]
    for day in ("2026-02-28", "2026-03-03"):
        response = await amend(calworks, plan, {"amended_on": day, **AGREED})
        assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/amended_on")


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"hours_per_week": 61}, "/hours_per_week"),
        ({"hours_per_week": -1}, "/hours_per_week"),
        ({"hours_per_week": "30"}, "/hours_per_week"),
        ({"activities": []}, "/activities"),
        (
            {"activities": [SEARCH, {**SEARCH, "ends_at": "2026-03-09T08:00:00-07:00"}]},
            "/activities/1/ends_at",
        ),
        ({"supportive_services": ["shelter"]}, "/supportive_services/0"),
        ({"reason": "x"}, ""),
    ],
)
async def test_a_plan_that_does_not_fit_is_pointed_at(
    calworks: Api, more: dict[str, Any], pointer: str
) -> None:
    path = f"/v1/persons/{await adult(calworks)}/wtw-plans"
    response = await calworks.post(path, {"signed_on": TODAY, **AGREED, **more})
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_plans_and_clocks_are_for_adult_members(calworks: Api) -> None:
    _, child = calworks.refs(await calworks.intake(new("aided_adult"), new("aided_child", "Leo")))
    for verb, body in (
        ("wtw-plans", {"signed_on": TODAY, **AGREED}),
        ("clock-milestones", {"month": "2026-02-01", "used": 1}),
    ):
        path = f"/v1/persons/{{}}/{verb}"
        assert slug(await calworks.post(path.format(child), body)) == (409, "not-an-adult-member")
        assert (await calworks.post(path.format("ps_x"), body)).status_code == 404


async def test_a_milestone_tells_the_months_used_and_left(calworks: Api) -> None:
    person = await adult(calworks)
    path = f"/v1/persons/{person}/clock-milestones"
    body = {"month": "2026-02-01", "used": 54, "remaining": 6, "projected_end": "2026-08-31"}
    response = await calworks.post(path, body)
    made = response.json()
    assert (response.status_code, response.headers["location"]) == (
        201,
        f"/v1/clock-milestones/{made['ref']}",
    )
    assert {name: made[name] for name in body} == body
    for listed in (path, "/v1/clock-milestones"):
        assert (await calworks.get(listed)).json() == {"items": [made]}
    assert (await calworks.get(f"/v1/clock-milestones/{made['ref']}")).json() == made
    event = calworks.published()[-1]
    assert (event.type, event.key) == (f"{EVENT}clock.milestone.v1", person)
    assert event.data == {"person": person, **body}
    assert event.headers["ce_effectivedate"] == "2026-02-01"


async def test_each_milestone_is_later_than_the_last(calworks: Api) -> None:
    path = f"/v1/persons/{await adult(calworks)}/clock-milestones"
    await calworks.made(path, {"month": "2026-02-01", "used": 54})
    for month in ("2026-02-01", "2026-01-01"):
        assert slug(await calworks.post(path, {"month": month, "used": 54})) == (409, "clock-not-ahead")
    made = await calworks.made(path, {"month": "2026-03-01", "used": 53})  # a month was given back
    assert made["remaining"] == 7
    assert len((await calworks.get(path)).json()["items"]) == 2


async def test_that_the_time_is_out_is_told_once(calworks: Api) -> None:
    person = await adult(calworks)
    path = f"/v1/persons/{person}/clock-milestones"
    await calworks.made(path, {"month": "2026-01-01", "used": 59})
    assert (await calworks.made(path, {"month": "2026-02-01", "used": 60}))["remaining"] == 0
    milestone, out = calworks.published()[-2:]
    assert milestone.type == f"{EVENT}clock.milestone.v1"
    assert (out.type, out.key) == (f"{EVENT}clock.timed_out.v1", person)
    assert out.data == {"person": person, "month": "2026-02-01"}
    await calworks.made(path, {"month": "2026-03-01", "used": 60})
    assert [one.type for one in calworks.published()].count(f"{EVENT}clock.timed_out.v1") == 1


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"month": "2026-02-02"}, "/month"),
        ({"month": "2026-04-01"}, "/month"),
        ({"used": 61}, "/used"),
        ({"used": -1}, "/used"),
        ({"remaining": 7}, "/remaining"),
        ({"projected_end": "2026-01-31"}, "/projected_end"),
        ({"month": "2022-04-01", "used": 49}, "/used"),
    ],
)
async def test_a_milestone_that_does_not_fit_is_pointed_at(
    calworks: Api, more: dict[str, Any], pointer: str
) -> None:
    path = f"/v1/persons/{await adult(calworks)}/clock-milestones"
    response = await calworks.post(path, {"month": "2026-02-01", "used": 54, **more})
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, pointer)


def test_the_clock_has_the_months_that_the_law_gave_at_the_time() -> None:
    assert (months_in(date(2022, 4, 1)), months_in(date(2022, 5, 1))) == (48, 60)
    before = ClockMilestone("cm_1", "ps_1", date(2022, 4, 1), 48)
    assert (before.remaining, before.is_timed_out, len(before.events(None))) == (0, False, 1)
    with pytest.raises(Invalid):
        ClockMilestone("cm_2", "ps_1", date(2022, 4, 1), 49).check(
            remaining=None, last=None, today=date(2026, 3, 2)
        )


async def test_plans_and_milestones_of_a_sealed_person_are_hidden(calworks: Api) -> None:
    person = await adult(calworks)
    plan = (await signed(calworks, person))["ref"]
    milestones = f"/v1/persons/{person}/clock-milestones"
    milestone = (await calworks.made(milestones, {"month": "2026-02-01", "used": 1}))["ref"]
    await calworks.post(f"/v1/persons/{person}/seal", {}, "privacy_officer")
    for path in ("/v1/wtw-plans", "/v1/clock-milestones"):
        assert (await calworks.get(path)).json() == {"items": []}
    for path in (f"/v1/wtw-plans/{plan}", f"/v1/clock-milestones/{milestone}", milestones):
        assert (await calworks.get(path)).status_code == 404
    seen = len(calworks.published())
    assert slug(await amend(calworks, plan, {"amended_on": TODAY, **AGREED})) == (404, "not-found")
    assert len(calworks.published()) == seen
