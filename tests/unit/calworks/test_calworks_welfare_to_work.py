"""How notices, sanctions, exemptions and welfare-to-work statuses go on and end, through the REST face."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.calworks_api.domain.noncompliance import Noncompliance
from shared.clock import FrozenClock
from tests.contract.program_world import Api, new

EVENT = "linkages.calworks."
NOTICE, TODAY = "2026-03-01", "2026-03-02"


def slug(response: Any) -> tuple[int, str]:
    """The status and the kind of a refusal."""
    return response.status_code, response.json()["type"].rsplit("/", 1)[1]


async def adult(calworks: Api) -> str:
    """A mother in a unit."""
    return calworks.refs(await calworks.intake(new("aided_adult"), new("aided_child", "Leo")))[0]


async def notice_of(calworks: Api, person: str) -> str:
    """A notice that was sent to her."""
    made = await calworks.made("/v1/noncompliances", {"person": person, "notice_date": NOTICE})
    return str(made["ref"])


async def sanction_of(calworks: Api, person: str, **more: Any) -> dict[str, Any]:
    """A sanction that was imposed on her."""
    body = {"person": person, "sanction_class": "wtw", "effective_month": "2026-04-01", **more}
    return await calworks.made("/v1/sanctions", body)


async def changed(calworks: Api, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """A change that must be accepted, and is what is read afterwards."""
    response = await calworks.post(path, body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    assert response.headers["etag"] == f'"{answer["version"]}"'
    assert (await calworks.get("/".join(path.split("/")[:4]))).json() == answer
    return answer


async def points_at(calworks: Api, path: str, body: dict[str, Any], pointer: str) -> None:
    """The body is refused at this field."""
    response = await calworks.post(path, body)
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize("outcome", ["good_cause", "compliance_plan", "sanction", "complied", "rescinded"])
async def test_a_notice_is_resolved_once(calworks: Api, outcome: str) -> None:
    person = await adult(calworks)
    path = f"/v1/noncompliances/{await notice_of(calworks, person)}"
    body = {"outcome": outcome, "resolved_on": TODAY}
    after = await changed(calworks, f"{path}/resolve", body)
    assert (after["status"], after["outcome"], after["version"]) == ("resolved", outcome, 2)
    event = calworks.published()[-1]
    assert (event.type, event.key) == (f"{EVENT}wtw.noncompliance.resolved.v1", person)
    assert event.data == {"person": person, "noncompliance": after["ref"], **body}
    assert event.headers["ce_effectivedate"] == TODAY
    for verb, again in (
        ("resolve", body),
        ("good-cause", {"granted": True}),
        ("compliance-plan", {"signed_on": TODAY}),
    ):
        assert slug(await calworks.post(f"{path}/{verb}", again)) == (409, "noncompliance-resolved")


async def test_a_notice_is_not_resolved_before_it_was_sent_or_in_the_future(calworks: Api) -> None:
    path = f"/v1/noncompliances/{await notice_of(calworks, await adult(calworks))}"
    for day in ("2026-02-28", "2026-03-03"):
        await points_at(
            calworks, f"{path}/resolve", {"outcome": "complied", "resolved_on": day}, "/resolved_on"
        )
        await points_at(calworks, f"{path}/compliance-plan", {"signed_on": day}, "/signed_on")


async def test_a_resolved_notice_is_open_no_more_and_another_can_be_sent(calworks: Api) -> None:
    person = await adult(calworks)
    first = await notice_of(calworks, person)
    await changed(calworks, f"/v1/noncompliances/{first}/compliance-plan", {"signed_on": TODAY})
    assert calworks.published()[-1].data["outcome"] == "compliance_plan"
    assert await notice_of(calworks, person) != first
    over = Noncompliance("nc_1", "ps_1", date(2026, 3, 1), status="resolved", outcome="complied")
    assert not over.is_open(date(2026, 3, 2))


async def test_good_cause_that_is_granted_resolves_the_notice_and_one_that_is_not_does_not(
    calworks: Api,
) -> None:
    person = await adult(calworks)
    notice = await notice_of(calworks, person)
    path = f"/v1/noncompliances/{notice}/good-cause"
    refused = await changed(calworks, path, {"granted": False})
    assert (refused["status"], [one["granted"] for one in refused["good_causes"]]) == ("started", [False])
    event = calworks.published()[-1]
    assert (event.type, event.key) == (f"{EVENT}goodcause.decided.v1", person)
    assert event.data == {
        "person": person,
        "good_cause": refused["good_causes"][0]["ref"],
        "noncompliance": notice,
        "granted": False,
    }
    days = {"from_date": NOTICE, "until_date": "2026-04-01"}
    granted = await changed(calworks, path, {"granted": True, **days})
    assert (granted["outcome"], granted["resolved_on"], len(granted["good_causes"])) == (
        "good_cause",
        TODAY,
        2,
    )
    decided, resolved = calworks.published()[-2:]
    assert {name: decided.data[name] for name in days} == days
    assert (resolved.data["outcome"], resolved.key) == ("good_cause", person)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"granted": False, "until_date": "2026-04-01"}, "/until_date"),
        ({"granted": True, "from_date": "2026-04-01", "until_date": "2026-03-31"}, "/until_date"),
        ({"granted": 1}, "/granted"),
        ({"granted": True, "reason": "visit"}, ""),
    ],
)
async def test_good_cause_has_days_in_order_and_no_reason(
    calworks: Api, body: dict[str, Any], pointer: str
) -> None:
    notice = await notice_of(calworks, await adult(calworks))
    await points_at(calworks, f"/v1/noncompliances/{notice}/good-cause", body, pointer)


async def test_a_sanction_resolves_the_notice_that_it_names(calworks: Api) -> None:
    person = await adult(calworks)
    notice = await notice_of(calworks, person)
    await sanction_of(calworks, person, noncompliance=notice)
    resolved, imposed = calworks.published()[-2:]
    assert (resolved.data["outcome"], resolved.data["resolved_on"]) == ("sanction", TODAY)
    assert imposed.data["noncompliance"] == notice
    assert (await calworks.get(f"/v1/noncompliances/{notice}")).json()["outcome"] == "sanction"
    await sanction_of(calworks, person, noncompliance=notice)
    assert len([e for e in calworks.published() if e.type.endswith("noncompliance.resolved.v1")]) == 1


async def test_a_sanction_is_cured_from_a_month_on(calworks: Api) -> None:
    person = await adult(calworks)
    path = f"/v1/sanctions/{(await sanction_of(calworks, person))['ref']}"
    body = {"cured_on": TODAY, "effective_month": "2026-04-01"}
    after = await changed(calworks, f"{path}/cure", body)
    assert (after["status"], after["ended_on"], after["restored_month"]) == ("cured", TODAY, "2026-04-01")
    event = calworks.published()[-1]
    assert (event.type, event.key) == (f"{EVENT}sanction.cured.v1", person)
    assert event.data == {"person": person, "sanction": after["ref"], **body}
    assert event.headers["ce_effectivedate"] == "2026-04-01"


async def test_a_sanction_is_rescinded(calworks: Api) -> None:
    person = await adult(calworks)
    path = f"/v1/sanctions/{(await sanction_of(calworks, person))['ref']}"
    after = await changed(calworks, f"{path}/rescind", {"rescinded_on": TODAY})
    assert (after["status"], after["ended_on"], "restored_month" in after) == ("rescinded", TODAY, False)
    event = calworks.published()[-1]
    assert event.type == f"{EVENT}sanction.rescinded.v1"
    assert event.data == {"person": person, "sanction": after["ref"], "rescinded_on": TODAY}


async def test_a_sanction_ends_once_and_in_one_way(calworks: Api) -> None:
    person = await adult(calworks)
    ways = {
        "cure": {"cured_on": TODAY, "effective_month": "2026-04-01"},
        "rescind": {"rescinded_on": TODAY},
    }
    for first, end in ways.items():
        path = f"/v1/sanctions/{(await sanction_of(calworks, person))['ref']}"
        await changed(calworks, f"{path}/{first}", end)
        for second, body in ways.items():
            assert slug(await calworks.post(f"{path}/{second}", body)) == (409, "sanction-over")


async def test_the_days_of_a_cure_and_a_rescission_fit(calworks: Api) -> None:
    path = f"/v1/sanctions/{(await sanction_of(calworks, await adult(calworks)))['ref']}"
    for more, pointer in (
        ({"cured_on": "2026-03-03"}, "/cured_on"),
        ({"effective_month": "2026-04-02"}, "/effective_month"),
        ({"effective_month": "2026-03-01"}, "/effective_month"),
    ):
        body = {"cured_on": TODAY, "effective_month": "2026-04-01", **more}
        await points_at(calworks, f"{path}/cure", body, pointer)
    await points_at(calworks, f"{path}/rescind", {"rescinded_on": "2026-03-03"}, "/rescinded_on")


async def test_a_welfare_to_work_status_is_kept_with_the_person(calworks: Api, clock: FrozenClock) -> None:
    person = await adult(calworks)
    path = f"/v1/persons/{person}/wtw-status"
    first = await changed(calworks, path, {"to_status": "active", "effective_on": "2026-02-01"})
    assert (first["wtw_status"], first["wtw_since"], first["version"]) == ("active", "2026-02-01", 2)
    clock.advance(timedelta(days=3))
    await changed(calworks, path, {"to_status": "noncompliance", "effective_on": TODAY})
    begun, after = calworks.published()[-2:]
    assert (begun.type, begun.key) == (f"{EVENT}wtw.status_changed.v1", person)
    assert begun.data == {"person": person, "to_status": "active", "effective_on": "2026-02-01"}
    assert (after.data["from_status"], after.data["to_status"]) == ("active", "noncompliance")
    await calworks.call("PATCH", f"/v1/persons/{person}", json={"sex": "F"}, headers={"if-match": '"3"'})
    assert (await calworks.get(f"/v1/persons/{person}")).json()["wtw_status"] == "noncompliance"


async def test_a_welfare_to_work_status_is_another_one_and_in_order(calworks: Api) -> None:
    path = f"/v1/persons/{await adult(calworks)}/wtw-status"
    body = {"to_status": "active", "effective_on": "2026-02-01"}
    await changed(calworks, path, body)
    assert slug(await calworks.post(path, body)) == (409, "wtw-status-unchanged")
    for day in ("2026-01-31", "2026-03-03"):
        await points_at(calworks, path, {"to_status": "exempt", "effective_on": day}, "/effective_on")
    await points_at(calworks, path, {"to_status": "dv_waiver", "effective_on": TODAY}, "/to_status")


async def test_an_exemption_is_granted_and_ended_without_a_reason(calworks: Api) -> None:
    person = await adult(calworks)
    path, body = f"/v1/persons/{person}/exemptions", {"from_date": TODAY, "review_on": "2026-09-01"}
    await points_at(calworks, path, {**body, "reason": "YC24"}, "")
    response = await calworks.post(path, body)
    made = response.json()
    assert (response.status_code, response.headers["etag"]) == (201, '"1"')
    assert response.headers["location"] == f"/v1/exemptions/{made['ref']}"
    assert (made["status"], made["person"]) == ("granted", person)
    assert (await calworks.get("/v1/exemptions")).json() == {"items": [made]}
    event = calworks.published()[-1]
    assert (event.type, event.key) == (f"{EVENT}exemption.granted.v1", person)
    assert event.data == {"person": person, "exemption": made["ref"], **body}
    assert slug(await calworks.post(path, body)) == (409, "already-exempt")
    end = f"/v1/exemptions/{made['ref']}/end"
    after = await changed(calworks, end, {"ended_on": TODAY})
    assert (after["status"], after["ended_on"]) == ("ended", TODAY)
    event = calworks.published()[-1]
    assert event.type == f"{EVENT}exemption.ended.v1"
    assert event.data == {"person": person, "exemption": made["ref"], "ended_on": TODAY}
    assert slug(await calworks.post(end, {"ended_on": TODAY})) == (409, "exemption-ended")
    assert (await calworks.post(path, body)).status_code == 201


async def test_the_days_of_an_exemption_are_in_order(calworks: Api) -> None:
    path = f"/v1/persons/{await adult(calworks)}/exemptions"
    await points_at(calworks, path, {"from_date": TODAY, "review_on": "2026-03-01"}, "/review_on")
    made = await calworks.made(path, {"from_date": TODAY})
    for day in ("2026-03-01", "2026-03-03"):
        await points_at(calworks, f"/v1/exemptions/{made['ref']}/end", {"ended_on": day}, "/ended_on")


async def test_statuses_and_exemptions_are_for_adult_members(calworks: Api) -> None:
    _, child = calworks.refs(await calworks.intake(new("aided_adult"), new("aided_child", "Leo")))
    for verb, body in (
        ("wtw-status", {"to_status": "active", "effective_on": TODAY}),
        ("exemptions", {"from_date": TODAY}),
    ):
        path = f"/v1/persons/{{}}/{verb}"
        assert slug(await calworks.post(path.format(child), body)) == (409, "not-an-adult-member")
        assert (await calworks.post(path.format("ps_x"), body)).status_code == 404


async def test_nothing_goes_on_about_a_sealed_person(calworks: Api) -> None:
    person = await adult(calworks)
    notice, sanction = await notice_of(calworks, person), await sanction_of(calworks, person)
    exemption = await calworks.made(f"/v1/persons/{person}/exemptions", {"from_date": TODAY})
    await calworks.post(f"/v1/persons/{person}/seal", {}, "privacy_officer")
    seen = len(calworks.published())
    for path, body in (
        (f"/v1/noncompliances/{notice}/resolve", {"outcome": "complied", "resolved_on": TODAY}),
        (f"/v1/noncompliances/{notice}/good-cause", {"granted": False}),
        (f"/v1/noncompliances/{notice}/compliance-plan", {"signed_on": TODAY}),
        (f"/v1/sanctions/{sanction['ref']}/cure", {"cured_on": TODAY, "effective_month": "2026-04-01"}),
        (f"/v1/sanctions/{sanction['ref']}/rescind", {"rescinded_on": TODAY}),
        (f"/v1/exemptions/{exemption['ref']}/end", {"ended_on": TODAY}),
        (f"/v1/persons/{person}/wtw-status", {"to_status": "active", "effective_on": TODAY}),
        (f"/v1/persons/{person}/exemptions", {"from_date": TODAY}),
    ):
        assert slug(await calworks.post(path, body)) == (404, "not-found")
    assert (await calworks.get("/v1/exemptions")).json() == {"items": []}
    assert len(calworks.published()) == seen
