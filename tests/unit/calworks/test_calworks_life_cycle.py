"""What happens to applications, cases and their members after they were made, through the REST face."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.clock import FrozenClock
from tests.contract.program_world import ELSEWHERE, NOW, Api, Published, new

EVENT = "linkages.calworks."


def named(published: list[Published], name: str) -> list[Published]:
    """The events of a type."""
    return [one for one in published if one.type == f"{EVENT}{name}.v1"]


def slug(response: Any) -> tuple[int, str]:
    """The status and the kind of a refusal."""
    return response.status_code, response.json()["type"].rsplit("/", 1)[1]


async def changed(calworks: Api, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """A change that must be accepted."""
    response = await calworks.post(path, body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    assert response.headers["etag"] == f'"{answer["version"]}"'
    return answer


async def approved(calworks: Api) -> tuple[str, str, str, str]:
    """A case of a mother and a child: the case, its unit, and they."""
    application = await calworks.intake(new("aided_adult"), new("aided_child", "Leo"))
    case = await calworks.made("/v1/cases", {"application": application["ref"], "aid_start": "2026-03-01"})
    mother, child = calworks.refs(application)
    return str(case["ref"]), str(case["au"]), mother, child


async def test_an_application_is_denied_for_a_class_of_reason(calworks: Api) -> None:
    application = await calworks.intake(new("aided_adult"))
    path = f"/v1/applications/{application['ref']}"
    body = {"outcome": "denied", "reason_class": "income", "decided_on": "2026-03-02"}
    after = await changed(calworks, f"{path}/decide", body)
    assert (after["status"], after["reason_class"], after["ended_on"], after["version"]) == (
        "denied",
        "income",
        "2026-03-02",
        2,
    )
    assert (await calworks.get(path)).json() == after
    event = calworks.published()[-1]
    assert (event.type, event.key) == (f"{EVENT}application.decided.v1", application["ref"])
    assert event.data == {"application": application["ref"], **body}
    assert event.headers["ce_effectivedate"] == "2026-03-02"


async def test_an_application_is_decided_or_withdrawn_once(calworks: Api) -> None:
    for verb, body in (
        ("decide", {"outcome": "approved", "decided_on": "2026-03-02"}),
        ("decide", {"outcome": "denied", "reason_class": "residence", "decided_on": "2026-03-02"}),
        ("withdraw", {"withdrawn_on": "2026-03-02"}),
    ):
        application = await calworks.intake(new("aided_adult"))
        path = f"/v1/applications/{application['ref']}"
        await changed(calworks, f"{path}/{verb}", body)
        events = len(calworks.published())
        for again, same in (
            ("decide", {"outcome": "approved", "decided_on": "2026-03-02"}),
            ("withdraw", {"withdrawn_on": "2026-03-02"}),
        ):
            assert slug(await calworks.post(f"{path}/{again}", same)) == (409, "already-decided")
        assert len(calworks.published()) == events


@pytest.mark.parametrize(
    ("verb", "body", "pointer"),
    [
        ("decide", {"outcome": "denied", "decided_on": "2026-03-02"}, "/reason_class"),
        (
            "decide",
            {"outcome": "approved", "reason_class": "other", "decided_on": "2026-03-02"},
            "/reason_class",
        ),
        ("decide", {"outcome": "pending", "decided_on": "2026-03-02"}, "/outcome"),
        ("decide", {"outcome": "approved", "decided_on": "2026-03-03"}, "/decided_on"),
        ("decide", {"outcome": "approved", "decided_on": "2026-03-01"}, "/decided_on"),
        ("withdraw", {"withdrawn_on": "2026-03-03"}, "/withdrawn_on"),
        ("withdraw", {}, "/withdrawn_on"),
    ],
)
async def test_a_decision_that_does_not_fit_is_pointed_at(
    calworks: Api, verb: str, body: dict[str, Any], pointer: str
) -> None:
    application = await calworks.intake(new("aided_adult"))
    response = await calworks.post(f"/v1/applications/{application['ref']}/{verb}", body)
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_an_approval_decides_a_pending_application_with_it(calworks: Api) -> None:
    case, _, _, _ = await approved(calworks)
    application = (await calworks.get(f"/v1/cases/{case}")).json()["application"]
    (event,) = named(calworks.published(), "application.decided")
    assert event.data == {"application": application, "outcome": "approved", "decided_on": "2026-03-02"}
    read = (await calworks.get(f"/v1/applications/{application}")).json()
    assert (read["status"], read["ended_on"], read["version"]) == ("approved", "2026-03-02", 2)


async def test_an_application_that_was_decided_before_is_not_decided_again_by_its_case(calworks: Api) -> None:
    application = await calworks.intake(new("aided_adult"))
    path = f"/v1/applications/{application['ref']}"
    await changed(calworks, f"{path}/decide", {"outcome": "approved", "decided_on": "2026-03-02"})
    body = {"application": application["ref"], "aid_start": "2026-03-01"}
    await calworks.made("/v1/cases", body)
    assert len(named(calworks.published(), "application.decided")) == 1
    assert (await calworks.get(path)).json()["version"] == 2
    assert slug(await calworks.post("/v1/cases", body)) == (409, "already-approved")


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("decide", {"outcome": "denied", "reason_class": "income", "decided_on": "2026-03-02"}),
        ("withdraw", {"withdrawn_on": "2026-03-02"}),
    ],
)
async def test_no_case_comes_of_an_application_that_was_denied_or_withdrawn(
    calworks: Api, verb: str, body: dict[str, Any]
) -> None:
    application = await calworks.intake(new("aided_adult"))
    await changed(calworks, f"/v1/applications/{application['ref']}/{verb}", body)
    refused = await calworks.post("/v1/cases", {"application": application["ref"], "aid_start": "2026-03-01"})
    assert slug(refused) == (409, "already-decided")
    assert (await calworks.get("/v1/cases")).json() == {"items": []}


async def test_the_applicant_takes_an_application_back(calworks: Api) -> None:
    application = await calworks.intake(new("aided_adult"))
    path = f"/v1/applications/{application['ref']}"
    assert (await changed(calworks, f"{path}/withdraw", {"withdrawn_on": "2026-03-02"}))[
        "status"
    ] == "withdrawn"
    event = calworks.published()[-1]
    assert event.type == f"{EVENT}application.withdrawn.v1"
    assert event.data == {"application": application["ref"], "withdrawn_on": "2026-03-02"}


async def test_aid_is_discontinued_and_restored(calworks: Api) -> None:
    case, _, _, _ = await approved(calworks)
    path = f"/v1/cases/{case}"
    over = {"reason_class": "report_missing", "aid_end": "2026-03-31"}
    after = await changed(calworks, f"{path}/discontinue", over)
    assert (after["status"], after["reason_class"], after["aid_end"]) == ("discontinued", *over.values())
    assert (await calworks.get(path)).json() == after
    again = await changed(calworks, f"{path}/restore", {"restored_on": "2026-04-01"})
    assert (again["status"], "aid_end" in again, again["version"]) == ("active", False, 3)
    assert again["members"] == after["members"]
    ended, restored = calworks.published()[-2:]
    assert (ended.type, ended.key) == (f"{EVENT}case.discontinued.v1", case)
    assert ended.data == {"case": case, **over}
    assert ended.headers["ce_effectivedate"] == "2026-03-31"
    assert (restored.type, restored.data) == (
        f"{EVENT}case.restored.v1",
        {"case": case, "restored_on": "2026-04-01"},
    )


async def test_only_what_is_active_is_discontinued_and_only_what_is_discontinued_is_restored(
    calworks: Api,
) -> None:
    case, _, mother, _ = await approved(calworks)
    path, over = f"/v1/cases/{case}", {"reason_class": "moved", "aid_end": "2026-03-31"}
    assert slug(await calworks.post(f"{path}/restore", {"restored_on": "2026-04-01"})) == (
        409,
        "case-not-discontinued",
    )
    await changed(calworks, f"{path}/discontinue", over)
    member = {**new("aided_child", "Eva"), "effective_month": "2026-04-01"}
    for verb, body in (
        ("discontinue", over),
        ("members", member),
        (f"members/{mother}/remove", {"effective_month": "2026-04-01"}),
    ):
        assert slug(await calworks.post(f"{path}/{verb}", body)) == (409, "case-not-active")


async def test_aid_does_not_end_or_go_on_before_it_began(calworks: Api) -> None:
    case, _, _, _ = await approved(calworks)
    path = f"/v1/cases/{case}"
    early = await calworks.post(f"{path}/discontinue", {"reason_class": "income", "aid_end": "2026-02-28"})
    assert early.json()["errors"][0]["pointer"] == "/aid_end"
    await changed(calworks, f"{path}/discontinue", {"reason_class": "income", "aid_end": "2026-03-31"})
    early = await calworks.post(f"{path}/restore", {"restored_on": "2026-02-28"})
    assert early.json()["errors"][0]["pointer"] == "/restored_on"


async def test_somebody_new_joins_a_case_and_its_unit(calworks: Api) -> None:
    case, unit, mother, child = await approved(calworks)
    body = {**new("aided_child", "Eva", record_id="R-9"), "effective_month": "2026-04-01"}
    after = await changed(calworks, f"/v1/cases/{case}/members", body)
    members = after["members"]
    eva = members[-1]["person"]
    assert members[-1] == {"person": eva, "record_id": "R-9", "role": "aided_child"}
    assert (await calworks.get(f"/v1/cases/{case}")).json() == after
    assert (await calworks.get(f"/v1/units/{unit}")).json()["members"] == members
    person, added = calworks.published()[-2:]
    assert (person.key, person.data["units"], person.data["roles"]) == (eva, [unit], ["aided_child"])
    assert (added.type, added.key) == (f"{EVENT}au.member_added.v1", case)
    assert (added.data["au"], added.data["person"], added.data["role"]) == (unit, eva, "aided_child")
    assert [one["person"] for one in added.data["members"]] == [mother, child, eva]
    assert added.headers["ce_effectivedate"] == added.data["effective_month"] == "2026-04-01"


async def test_somebody_known_joins_by_reference_or_by_record_id(calworks: Api) -> None:
    case, _, mother, child = await approved(calworks)
    other = await calworks.intake(new("aided_child", "Eva"), new("ssi", "Tom", record_id="R-2"))
    eva, tom = calworks.refs(other)
    for entry in ({"ref": eva, "role": "aided_child"}, {"record_id": "R-2", "role": "ssi"}):
        await changed(calworks, f"/v1/cases/{case}/members", {**entry, "effective_month": "2026-04-01"})
    last = calworks.published()[-1]
    assert [one["person"] for one in last.data["members"]] == [mother, child, eva, tom]


async def test_who_joins_is_known_and_no_member_yet(calworks: Api) -> None:
    case, _, mother, _ = await approved(calworks)
    stranger = calworks.refs(
        (
            await calworks.post("/v1/applications", calworks.program.intake(new("ssi")), county=ELSEWHERE)
        ).json()
    )[0]
    path, month = f"/v1/cases/{case}/members", {"effective_month": "2026-04-01"}
    member = {"ref": mother, "role": "aided_adult"}
    assert slug(await calworks.post(path, {**member, **month})) == (409, "already-member")
    for body, pointer in (
        ({"ref": stranger, "role": "ssi", **month}, "/ref"),
        ({"record_id": "R-0", "role": "ssi", **month}, "/record_id"),
        ({"ref": mother, "role": "aided_adult", "effective_month": "2026-04-02"}, "/effective_month"),
        ({"ref": mother, "record_id": "R", "role": "ssi", **month}, ""),
        ({"role": "ssi", **month}, ""),
    ):
        response = await calworks.post(path, body)
        assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_member_leaves_a_case_and_its_unit(calworks: Api) -> None:
    case, unit, mother, child = await approved(calworks)
    path, month = f"/v1/cases/{case}/members", {"effective_month": "2026-04-01"}
    after = await changed(calworks, f"{path}/{child}/remove", month)
    assert after["members"] == [{"person": mother, "role": "aided_adult"}]
    assert (await calworks.get(f"/v1/units/{unit}")).json()["members"] == after["members"]
    event = calworks.published()[-1]
    assert (event.type, event.key) == (f"{EVENT}au.member_removed.v1", case)
    assert event.data == {
        "case": case,
        "au": unit,
        "person": child,
        **month,
        "members": [{"person": mother, "role": "aided_adult"}],
    }
    assert slug(await calworks.post(f"{path}/{child}/remove", month)) == (409, "not-a-member")
    assert slug(await calworks.post(f"{path}/{mother}/remove", month)) == (409, "last-member")
    late = await calworks.post(f"{path}/{mother}/remove", {"effective_month": "2026-04-30"})
    assert late.json()["errors"][0]["pointer"] == "/effective_month"


async def test_nothing_more_is_published_of_a_sealed_member(calworks: Api) -> None:
    case, _, mother, child = await approved(calworks)
    path, month = f"/v1/cases/{case}/members", {"effective_month": "2026-04-01"}
    await calworks.post(f"/v1/persons/{child}/seal", {}, "calworks_supervisor")
    seen = len(calworks.published())
    assert slug(await calworks.post(f"{path}/{child}/remove", month)) == (409, "not-a-member")
    assert slug(await calworks.post(f"{path}/{mother}/remove", month)) == (409, "last-member")
    named_again = await calworks.post(path, {"ref": child, "role": "aided_child", **month})
    assert named_again.json()["errors"] == [{"pointer": "/ref", "message": "is not known here"}]
    await changed(calworks, path, {**new("aided_child", "Eva"), **month})
    assert not [one for one in calworks.published()[seen:] if child in str(one)]


async def test_a_change_that_is_sent_twice_is_done_once(calworks: Api, clock: FrozenClock) -> None:
    case, _, _, _ = await approved(calworks)
    path, over = f"/v1/cases/{case}/discontinue", {"reason_class": "income", "aid_end": "2026-03-31"}
    first = await calworks.post(path, over, headers={"idempotency-key": "k-1"})
    clock.advance(timedelta(hours=1))
    second = await calworks.post(path, over, headers={"idempotency-key": "k-1"})
    assert (second.status_code, second.text, second.headers["etag"]) == (200, first.text, '"2"')
    (event,) = named(calworks.published(), "case.discontinued")
    assert datetime.fromisoformat(event.headers["ce_time"]) == NOW
