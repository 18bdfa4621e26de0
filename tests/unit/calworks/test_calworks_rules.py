"""The rules of CalWORKs records, through the REST face."""

from datetime import date, datetime, timedelta

import pytest

from services.calworks_api.domain.noncompliance import Noncompliance
from shared.clock import FrozenClock
from tests.contract.program_world import NOW, Api, new


async def family(calworks: Api) -> tuple[dict[str, object], str, str]:
    """An application of a mother and a child."""
    application = await calworks.intake(new("aided_adult"), new("aided_child", "Leo"))
    mother, child = calworks.refs(application)
    return application, mother, child


async def test_an_application_says_why_it_is_urgent(calworks: Api) -> None:
    made = await calworks.intake(new("aided_adult"), expedite=["HA", "IN", "HA"])
    assert made["expedite"] == ["HA", "IN"]
    event = calworks.published()[1]
    assert (event.data["expedite"], event.data["au"]) == (["HA", "IN"], made["au"])
    assert calworks.published()[0].data["units"] == [made["au"]]


async def test_a_unit_is_named_in_one_way(calworks: Api) -> None:
    body = calworks.program.intake(new("aided_adult"), unit={"ref": "au_x", "record_id": "U"})
    response = await calworks.post("/v1/applications", body)
    assert response.json()["errors"][0]["pointer"] == "/unit"


async def test_an_approval_carries_members_and_eligibility_worker_over(calworks: Api) -> None:
    body = calworks.program.intake(
        new("aided_adult"), new("ssi", "Tom"), worker={"ref": "w-7", "phone": "555"}
    )
    application = await calworks.made("/v1/applications", body)
    case = await calworks.made("/v1/cases", {"application": application["ref"], "aid_start": "2026-03-15"})
    assert (case["au"], case["status"], case["version"]) == (application["au"], "active", 1)
    assert case["members"] == application["persons"]
    approved, assigned = calworks.published()[-2:]
    assert (approved.type, approved.key) == ("linkages.calworks.case.approved.v1", case["ref"])
    assert approved.headers["ce_effectivedate"] == "2026-03-15"
    assert datetime.fromisoformat(approved.headers["ce_time"]) == NOW
    assert [one["role"] for one in approved.data["members"]] == ["aided_adult", "ssi"]
    assert (assigned.data["kind"], assigned.data["on_kind"]) == ("EW", "case")
    assert assigned.data["worker"] == {"ref": "w-7", "phone": "555"}
    assert (await calworks.get(f"/v1/cases/{case['ref']}")).json() == case
    read = (await calworks.get(f"/v1/applications/{application['ref']}")).json()
    assert (read["status"], read["version"]) == ("approved", 2)


async def test_an_application_is_approved_once(calworks: Api) -> None:
    application, _, _ = await family(calworks)
    body = {"application": application["ref"], "aid_start": "2026-03-01"}
    await calworks.made("/v1/cases", body)
    again = await calworks.post("/v1/cases", body)
    assert (again.status_code, again.json()["type"].rsplit("/", 1)[1]) == (409, "already-approved")


async def test_a_case_can_be_approved_for_a_unit_with_named_members_and_workers(calworks: Api) -> None:
    application, mother, child = await family(calworks)
    case = await calworks.made(
        "/v1/cases",
        {
            "au": application["au"],
            "aid_start": "2026-03-01",
            "members": [{"person": child, "role": "aided_child"}],
            "workers": [
                {"kind": "liaison", "worker": {"ref": "w-5"}},
                {"kind": "EW", "worker": {"ref": "w-3"}},
                {"kind": "WTW", "worker": {"ref": "w-4"}},
            ],
        },
    )
    events = {e.data["assignment"]: e.data["kind"] for e in calworks.published()[-3:]}
    assert [events[ref] for ref in case["assignments"]] == ["EW", "WTW", "liaison"]
    assert (await calworks.get(f"/v1/cases/{case['ref']}")).json() == case
    unit = (await calworks.get(f"/v1/units/{application['au']}")).json()
    assert [one["person"] for one in unit["members"]] == [child]
    await calworks.call("PATCH", f"/v1/persons/{mother}", json={"sex": "F"}, headers={"if-match": "*"})
    assert calworks.published()[-1].data["units"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"application": "ap_x", "au": "au_x"}, ""),
        ({"application": "ap_x"}, "/application"),
        ({"au": "au_x", "members": [{"person": "ps_x", "role": "ssi"}]}, "/au"),
        ({"au": "AU"}, "/members"),
        ({"au": "AU", "members": [{"person": "ps_x", "role": "ssi"}]}, "/members/0/person"),
        ({"au": "AU", "members": []}, "/members"),
        ({"application": "AP", "workers": [{"kind": "EW", "worker": {"ref": "a"}}] * 2}, ""),
    ],
)
async def test_a_malformed_approval_is_pointed_at(
    calworks: Api, body: dict[str, object], pointer: str
) -> None:
    application, _, _ = await family(calworks)
    known = {"AU": application["au"], "AP": application["ref"]}
    named = {field: known.get(str(value), value) for field, value in body.items()}
    response = await calworks.post("/v1/cases", {**named, "aid_start": "2026-03-01"})
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_sealed_person_is_not_carried_into_a_case(calworks: Api) -> None:
    application, mother, child = await family(calworks)
    await calworks.post(f"/v1/persons/{mother}/seal", {}, "calworks_supervisor")
    case = await calworks.made("/v1/cases", {"application": application["ref"], "aid_start": "2026-03-01"})
    assert [one["person"] for one in case["members"]] == [child]


async def test_a_new_worker_ends_the_one_of_its_kind(calworks: Api, clock: FrozenClock) -> None:
    application, _, _ = await family(calworks)
    clock.advance(timedelta(hours=1))
    path, on = "/v1/assignments", application["ref"]
    wtw = await calworks.made(path, {"on": on, "kind": "WTW", "worker": {"ref": "w-4"}})
    assert len(calworks.published()) == 5
    second = await calworks.made(path, {"on": on, "kind": "EW", "worker": {"ref": "w-2"}})
    over, begun = calworks.published()[-2:]
    assert over.data["assignment"] == application["assignment"]
    assert datetime.fromisoformat(over.data["until_at"]) == NOW + timedelta(hours=1)
    assert begun.data["assignment"] == second["ref"]
    assert "until_at" not in (await calworks.get(f"{path}/{wtw['ref']}")).json()
    assert (await calworks.get(f"/v1/applications/{on}")).json()["assignment"] == second["ref"]


def test_the_twenty_days_begin_the_day_after_the_notice_and_end_on_a_sunday_too() -> None:
    notice = Noncompliance("nc_1", "ps_1", date(2026, 3, 2))
    assert (notice.day1, notice.day20) == (date(2026, 3, 3), date(2026, 3, 22))
    assert notice.is_open(date(2026, 3, 22))
    assert not notice.is_open(date(2026, 3, 23))


async def test_a_notice_tells_its_days_under_the_person(calworks: Api) -> None:
    _, mother, _ = await family(calworks)
    missed = {"kind": "job_club", "starts_at": "2026-02-25T09:00:00-08:00"}
    body = {"person": mother, "notice_date": "2026-03-02", "missed": missed}
    notice = await calworks.made("/v1/noncompliances", body)
    assert (notice["day1"], notice["day20"], notice["status"]) == ("2026-03-03", "2026-03-22", "started")
    event = calworks.published()[-1]
    assert (event.type, event.key) == ("linkages.calworks.wtw.noncompliance.started.v1", mother)
    assert (event.sequence, event.data["day20"]) == (2, "2026-03-22")
    assert event.data["missed"] == {"kind": "job_club", "starts_at": "2026-02-25T17:00:00Z"}
    assert event.headers["ce_time"] == "2026-03-02T08:00:00+00:00"
    assert (await calworks.get(f"/v1/noncompliances/{notice['ref']}")).json() == notice


async def test_one_notice_runs_at_a_time(calworks: Api, clock: FrozenClock) -> None:
    _, mother, _ = await family(calworks)
    body = {"person": mother, "notice_date": "2026-03-02"}
    await calworks.made("/v1/noncompliances", body)
    assert (await calworks.post("/v1/noncompliances", body)).status_code == 409
    clock.set(datetime.fromisoformat("2026-03-23T06:59:00+00:00"))  # still the 22nd in California
    assert (await calworks.post("/v1/noncompliances", body)).status_code == 409
    clock.advance(timedelta(minutes=1))
    assert (await calworks.post("/v1/noncompliances", body)).status_code == 201


@pytest.mark.parametrize("role", ["aided_child", "excluded", "non_needy_caretaker", "ssi"])
async def test_notices_and_sanctions_are_for_adult_members(calworks: Api, role: str) -> None:
    application = await calworks.intake(new(role), new("aided_adult", "Eva"))
    person = calworks.refs(application)[0]
    notice = {"person": person, "notice_date": "2026-03-02"}
    sanction = {"person": person, "sanction_class": "wtw", "effective_month": "2026-04-01"}
    for path, body in (("/v1/noncompliances", notice), ("/v1/sanctions", sanction)):
        response = await calworks.post(path, body)
        assert (response.status_code, response.json()["type"].rsplit("/", 1)[1]) == (
            409,
            "not-an-adult-member",
        )
        unknown = await calworks.post(path, body | {"person": "ps_x"})
        assert unknown.json()["errors"] == [{"pointer": "/person", "message": "is not known here"}]


async def test_a_notice_is_not_from_the_future(calworks: Api) -> None:
    _, mother, _ = await family(calworks)
    response = await calworks.post("/v1/noncompliances", {"person": mother, "notice_date": "2026-03-03"})
    assert response.json()["errors"][0]["pointer"] == "/notice_date"


async def test_sanctions_are_numbered_for_each_person(calworks: Api) -> None:
    application = await calworks.intake(new("aided_adult"), new("timed_out", "Eva"))
    one, other = calworks.refs(application)
    notice = await calworks.made("/v1/noncompliances", {"person": one, "notice_date": "2026-03-02"})
    body = {"person": one, "sanction_class": "wtw", "effective_month": "2026-04-01"}
    first = await calworks.made(
        "/v1/sanctions", body | {"noncompliance": notice["ref"], "cure_steps": [{"kind": "sign_plan"}]}
    )
    second = await calworks.made("/v1/sanctions", body | {"effective_month": "2026-08-01"})
    elsewhere = await calworks.made("/v1/sanctions", body | {"person": other})
    assert [s["instance_no"] for s in (first, second, elsewhere)] == [1, 2, 1]
    event = next(e for e in calworks.published() if e.type == "linkages.calworks.sanction.imposed.v1")
    assert (event.key, event.data["instance_no"], event.data["cure_steps"]) == (
        one,
        1,
        [{"kind": "sign_plan"}],
    )
    assert event.headers["ce_effectivedate"] == "2026-04-01"
    assert (await calworks.get(f"/v1/sanctions/{first['ref']}")).json() == first


async def test_a_sanction_is_a_wtw_sanction_from_a_month_on_for_a_notice_of_the_person(calworks: Api) -> None:
    application = await calworks.intake(new("aided_adult"), new("aided_adult", "Eva"))
    one, other = calworks.refs(application)
    notice = await calworks.made("/v1/noncompliances", {"person": other, "notice_date": "2026-03-02"})
    body = {"person": one, "sanction_class": "wtw", "effective_month": "2026-04-01"}
    for more, pointer in (
        ({"sanction_class": "child_support"}, "/sanction_class"),
        ({"effective_month": "2026-04-02"}, "/effective_month"),
        ({"noncompliance": notice["ref"]}, "/noncompliance"),
    ):
        response = await calworks.post("/v1/sanctions", body | more)
        assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_notices_and_sanctions_of_a_sealed_person_are_hidden(calworks: Api) -> None:
    _, mother, _ = await family(calworks)
    notice = await calworks.made("/v1/noncompliances", {"person": mother, "notice_date": "2026-03-02"})
    body = {"person": mother, "sanction_class": "wtw", "effective_month": "2026-04-01"}
    sanction = await calworks.made("/v1/sanctions", body)
    await calworks.post(f"/v1/persons/{mother}/seal", {}, "privacy_officer")
    for path, ref in (("/v1/noncompliances", notice["ref"]), ("/v1/sanctions", sanction["ref"])):
        assert (await calworks.get(path)).json() == {"items": []}
        assert (await calworks.get(f"{path}/{ref}")).status_code == 404
    assert (await calworks.post("/v1/sanctions", body)).json()["errors"][0]["pointer"] == "/person"
