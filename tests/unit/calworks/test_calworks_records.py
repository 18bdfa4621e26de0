"""Records that are changed, merged or void, and what the county's own systems call them, through the REST face."""

from typing import Any

import pytest

from services.calworks_api.domain.identifiers import case_number, county_id
from tests.contract.program_world import ELSEWHERE, Api, new

EVENT = "linkages.calworks."
TODAY = "2026-03-02"


def slug(response: Any) -> tuple[int, str]:
    """The status and the kind of a refusal."""
    return response.status_code, response.json()["type"].rsplit("/", 1)[1]


async def mothers(calworks: Api, **more: Any) -> tuple[str, str]:
    """Two records of one mother, each in a unit of its own."""
    one = await calworks.intake(new("aided_adult", record_id="R-1", **more))
    other = await calworks.intake(new("aided_adult", record_id="R-2"))
    return calworks.refs(one)[0], calworks.refs(other)[0]


async def merged(calworks: Api, person: str, into: str) -> dict[str, Any]:
    """A merge that must be accepted."""
    response = await calworks.post(f"/v1/persons/{person}/merge", {"into": into})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    assert response.headers["etag"] == f'"{answer["version"]}"'
    return answer


async def change(calworks: Api, person: str, body: dict[str, Any], match: str = "*") -> Any:
    """A change of a person, accepted or not."""
    return await calworks.call("PATCH", f"/v1/persons/{person}", json=body, headers={"if-match": match})


async def test_aliases_dated_addresses_and_their_protection_are_changed_and_published(calworks: Api) -> None:
    (person,) = calworks.refs(await calworks.intake(new("aided_adult")))
    body = {
        "aliases": [{"first_name": "Ana", "last_name": "Soto"}],
        "addresses": [
            {"street": "1 Oak St", "zip": "93901", "until_date": "2026-01-31"},
            {"street": "2 Elm St", "zip": "93905", "from_date": "2026-02-01", "kind": "shelter"},
        ],
        "address_protected": True,
    }
    after = (await change(calworks, person, body)).json()["person"]
    assert after["aliases"] == body["aliases"]
    assert [one["kind"] for one in after["addresses"]] == ["residence", "shelter"]
    event = calworks.published()[-1]
    assert (event.type, event.data["address_protected"]) == (f"{EVENT}person.upserted.v1", True)
    details = calworks.opened(event)
    assert [str(one.from_date or one.until_date) for one in details.addresses] == ["2026-01-31", "2026-02-01"]
    assert details.aliases[0].last_name == "Soto"
    reversed_days = {"street": "1 Oak St", "from_date": "2026-02-01", "until_date": "2026-01-31"}
    refused = await change(calworks, person, {"addresses": [reversed_days]})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/addresses/0")


async def test_a_merged_record_is_read_and_names_its_survivor(calworks: Api) -> None:
    retired, survivor = await mothers(calworks)
    after = await merged(calworks, retired, survivor)
    assert (after["merged_into"], after["record_id"], after["version"]) == (survivor, "R-1", 2)
    assert (await calworks.get(f"/v1/persons/{retired}")).json() == after
    listed = (await calworks.get("/v1/persons")).json()["items"]
    assert {one["ref"]: one.get("merged_into") for one in listed} == {retired: survivor, survivor: None}
    event = calworks.published()[-1]
    assert (event.type, event.key) == (f"{EVENT}person.merged.v1", retired)
    assert event.data == {"person_ref": retired, "survivor": survivor}


async def test_nothing_is_written_to_a_merged_record(calworks: Api) -> None:
    retired, survivor = await mothers(calworks)
    await merged(calworks, retired, survivor)
    seen = len(calworks.published())
    path = f"/v1/persons/{retired}"
    plan = {"signed_on": TODAY, "activities": [{"kind": "job search"}], "hours_per_week": 20}
    refused = [await change(calworks, retired, {"sex": "F"})] + [
        await calworks.post(where, body, role)
        for where, body, role in (
            (f"{path}/seal", {}, "calworks_supervisor"),
            (f"{path}/merge", {"into": survivor}, "eligibility_worker"),
            (f"/v1/persons/{survivor}/merge", {"into": retired}, "eligibility_worker"),
            (f"{path}/void", {}, "eligibility_worker"),
            (f"{path}/wtw-status", {"to_status": "active", "effective_on": TODAY}, "wtw_worker"),
            (f"{path}/exemptions", {"from_date": TODAY}, "wtw_worker"),
            (f"{path}/wtw-plans", plan, "wtw_worker"),
            (f"{path}/clock-milestones", {"month": "2026-02-01", "used": 1}, "wtw_worker"),
            ("/v1/noncompliances", {"person": retired, "notice_date": TODAY}, "wtw_worker"),
            (
                "/v1/sanctions",
                {"person": retired, "sanction_class": "wtw", "effective_month": "2026-04-01"},
                "wtw_worker",
            ),
        )
    ]
    for response in refused:
        assert slug(response) == (409, "person-merged")
        assert survivor in response.json()["detail"]
    assert len(calworks.published()) == seen


async def test_an_intake_that_names_a_merged_record_takes_the_survivor(calworks: Api) -> None:
    retired, survivor = await mothers(calworks)
    await merged(calworks, retired, survivor)
    for named in ({"ref": retired}, {"record_id": "R-1"}, {"ref": survivor}):
        made = await calworks.intake({**named, "role": "aided_adult"})
        assert made["persons"] == [{"person": survivor, "record_id": "R-2", "role": "aided_adult"}]
    twice = calworks.program.intake(
        {"ref": retired, "role": "aided_adult"}, {"record_id": "R-2", "role": "aided_adult"}
    )
    assert (await calworks.post("/v1/applications", twice)).json()["errors"][0]["pointer"] == "/persons/1"
    taken = calworks.program.intake(new("aided_adult", record_id="R-1"))
    assert slug(await calworks.post("/v1/applications", taken)) == (409, "record-id-taken")


async def test_a_case_takes_the_survivor_of_a_merged_applicant_once(calworks: Api) -> None:
    application = await calworks.intake(new("aided_adult"), new("aided_adult"), new("aided_child", "Leo"))
    retired, survivor, child = calworks.refs(application)
    await merged(calworks, retired, survivor)
    case = await calworks.made("/v1/cases", {"application": application["ref"], "aid_start": "2026-03-01"})
    assert [one["person"] for one in case["members"]] == [survivor, child]
    again = {"ref": retired, "role": "aided_adult", "effective_month": "2026-04-01"}
    response = await calworks.post(f"/v1/cases/{case['ref']}/members", again)
    assert slug(response) == (409, "already-member")
    named = [{"person": one, "role": "aided_adult"} for one in (retired, survivor)]
    both = await calworks.post(
        "/v1/cases", {"au": application["au"], "aid_start": "2026-03-01", "members": named}
    )
    assert both.json()["errors"] == [{"pointer": "/members", "message": "must not name anybody twice"}]


async def test_what_stands_under_a_merged_record_counts_for_the_survivor_and_comes_to_its_end(
    calworks: Api,
) -> None:
    aided = await calworks.intake(new("aided_adult"))
    spare = await calworks.intake(new("excluded"))
    (retired,), (survivor,) = calworks.refs(aided), calworks.refs(spare)
    sanction = {"person": retired, "sanction_class": "wtw", "effective_month": "2026-04-01"}
    first = await calworks.made("/v1/sanctions", sanction)
    notice = await calworks.made("/v1/noncompliances", {"person": retired, "notice_date": TODAY})
    exemption = await calworks.made(f"/v1/persons/{retired}/exemptions", {"from_date": TODAY})
    plan = {"activities": [{"kind": "job search"}], "hours_per_week": 20}
    old = await calworks.made(f"/v1/persons/{retired}/wtw-plans", {"signed_on": TODAY, **plan})
    await calworks.made(f"/v1/persons/{retired}/clock-milestones", {"month": "2026-02-01", "used": 9})
    await merged(calworks, retired, survivor)

    second = await calworks.made("/v1/sanctions", {**sanction, "person": survivor})
    assert (first["instance_no"], second["instance_no"]) == (1, 2)
    open_notice = await calworks.post("/v1/noncompliances", {"person": survivor, "notice_date": TODAY})
    assert open_notice.status_code == 409
    exempt = await calworks.post(f"/v1/persons/{survivor}/exemptions", {"from_date": TODAY})
    assert slug(exempt) == (409, "already-exempt")
    behind = {"month": "2026-02-01", "used": 9}
    response = await calworks.post(f"/v1/persons/{survivor}/clock-milestones", behind)
    assert slug(response) == (409, "clock-not-ahead")
    await calworks.made(f"/v1/persons/{survivor}/wtw-plans", {"signed_on": TODAY, **plan})
    assert (await calworks.get(f"/v1/wtw-plans/{old['ref']}")).json()["status"] == "superseded"

    for path, body in (
        (f"/v1/sanctions/{first['ref']}/rescind", {"rescinded_on": TODAY}),
        (f"/v1/noncompliances/{notice['ref']}/resolve", {"outcome": "complied", "resolved_on": TODAY}),
        (f"/v1/exemptions/{exemption['ref']}/end", {"ended_on": TODAY}),
    ):
        assert (await calworks.post(path, body)).status_code == 200
        assert calworks.published()[-1].key == retired


async def test_a_merge_names_two_records_of_the_county_that_can_be_seen(calworks: Api) -> None:
    one, _ = await mothers(calworks)
    foreign = await calworks.post(
        "/v1/applications", calworks.program.intake(new("aided_adult")), county=ELSEWHERE
    )
    (stranger,) = calworks.refs(foreign.json())
    (sealed,) = calworks.refs(await calworks.intake(new("aided_adult")))
    await calworks.post(f"/v1/persons/{sealed}/seal", {}, "privacy_officer")
    for into in (stranger, sealed, "ps_x"):
        response = await calworks.post(f"/v1/persons/{one}/merge", {"into": into})
        assert response.json()["errors"] == [{"pointer": "/into", "message": "is not known here"}]
        assert (await calworks.post(f"/v1/persons/{into}/merge", {"into": one})).status_code == 404
    itself = await calworks.post(f"/v1/persons/{one}/merge", {"into": one})
    assert (itself.status_code, itself.json()["errors"][0]["pointer"]) == (422, "/into")


async def test_those_merged_before_follow_their_survivor(calworks: Api) -> None:
    first, second = await mothers(calworks)
    (third,) = calworks.refs(await calworks.intake(new("aided_adult", record_id="R-3")))
    await merged(calworks, first, second)
    await merged(calworks, second, third)
    assert (await calworks.get(f"/v1/persons/{first}")).json()["merged_into"] == third
    made = await calworks.intake({"record_id": "R-1", "role": "aided_adult"})
    assert calworks.refs(made) == [third]


async def test_a_survivor_is_guarded_as_well_as_what_was_merged_into_it(calworks: Api) -> None:
    retired, survivor = await mothers(calworks, sensitivity="S", address_protected=True)
    await merged(calworks, retired, survivor)
    shown = (await calworks.get(f"/v1/persons/{survivor}")).json()["person"]
    assert (shown["sensitivity"], shown["address_protected"]) == ("S", True)
    upserted, merge = calworks.published()[-2:]
    assert (upserted.key, upserted.data["sensitivity"], upserted.data["address_protected"]) == (
        survivor,
        "S",
        True,
    )
    assert merge.type == f"{EVENT}person.merged.v1"


async def test_sealing_a_survivor_seals_what_was_merged_into_it(calworks: Api) -> None:
    retired, survivor = await mothers(calworks)
    await merged(calworks, retired, survivor)
    assert (await calworks.post(f"/v1/persons/{survivor}/seal", {}, "privacy_officer")).status_code == 204
    for ref in (retired, survivor):
        assert (await calworks.get(f"/v1/persons/{ref}")).status_code == 404
    assert {one.key for one in calworks.published()[-2:]} == {retired, survivor}
    named = calworks.program.intake({"record_id": "R-1", "role": "aided_adult"})
    assert (await calworks.post("/v1/applications", named)).status_code == 422


async def test_a_void_record_is_not_there(calworks: Api) -> None:
    made = await calworks.intake(new("aided_adult", record_id="R-1"), new("aided_child", "Leo"))
    person, child = calworks.refs(made)
    notice = await calworks.made("/v1/noncompliances", {"person": person, "notice_date": TODAY})
    assert (await calworks.post(f"/v1/persons/{person}/void", {})).status_code == 204
    event = calworks.published()[-1]
    assert (event.type, event.key, event.data) == (
        f"{EVENT}person.voided.v1",
        person,
        {"person_ref": person},
    )
    assert (await calworks.get(f"/v1/persons/{person}")).status_code == 404
    assert [one["ref"] for one in (await calworks.get("/v1/persons")).json()["items"]] == [child]
    assert (await calworks.get(f"/v1/noncompliances/{notice['ref']}")).status_code == 404
    shown = (await calworks.get(f"/v1/applications/{made['ref']}")).json()["persons"][0]
    assert shown == {"person": person, "role": "aided_adult"}
    seen = len(calworks.published())
    assert (await change(calworks, person, {"sex": "F"})).status_code == 404
    for verb, body in (("void", {}), ("merge", {"into": child}), ("exemptions", {"from_date": TODAY})):
        assert (await calworks.post(f"/v1/persons/{person}/{verb}", body)).status_code == 404
    for entry in ({"ref": person}, {"record_id": "R-1"}):
        named = calworks.program.intake({**entry, "role": "aided_adult"})
        assert (await calworks.post("/v1/applications", named)).status_code == 422
    assert len(calworks.published()) == seen
    again = await calworks.intake(new("aided_adult", record_id="R-1"))
    assert calworks.refs(again) != [person]


async def test_a_member_of_an_active_case_is_not_void(calworks: Api) -> None:
    made = await calworks.intake(new("aided_adult"), new("aided_child", "Leo"))
    person, child = calworks.refs(made)
    case = await calworks.made("/v1/cases", {"application": made["ref"], "aid_start": "2026-03-01"})
    assert slug(await calworks.post(f"/v1/persons/{child}/void", {})) == (409, "member-of-active-case")
    over = {"reason_class": "income", "aid_end": "2026-03-31"}
    await calworks.post(f"/v1/cases/{case['ref']}/discontinue", over)
    assert (await calworks.post(f"/v1/persons/{child}/void", {})).status_code == 204
    assert (await calworks.get(f"/v1/persons/{person}")).status_code == 200


async def test_a_record_that_others_were_merged_into_is_not_void(calworks: Api) -> None:
    retired, survivor = await mothers(calworks)
    await merged(calworks, retired, survivor)
    assert slug(await calworks.post(f"/v1/persons/{survivor}/void", {})) == (409, "has-merged")


async def test_a_county_id_is_kept_without_dashes_and_only_of_the_own_county(calworks: Api) -> None:
    entry = {**new("aided_adult"), "county_id": "43-3r-0012345-0-01"}
    (person,) = calworks.refs(await calworks.intake(entry))
    shown = (await calworks.get(f"/v1/persons/{person}")).json()
    assert shown["county_id"] == "433R0012345001"
    assert not [row for row in calworks.stored.query("SELECT county_id FROM person") if b"0012345" in row[0]]
    assert "0012345" not in str(calworks.published())
    elsewhere = calworks.program.intake({**entry, "county_id": "07-3R-0012345-0-01"})
    refused = await calworks.post("/v1/applications", elsewhere)
    assert refused.json()["errors"][0]["pointer"] == "/persons/0/county_id"
    known = calworks.program.intake({"ref": person, "role": "aided_adult", "county_id": "43300012345001"})
    assert (await calworks.post("/v1/applications", known)).status_code == 422
    for given, kept in (("43300012345002", "43300012345002"), (None, None)):
        response = await change(calworks, person, {"county_id": given})
        assert response.json().get("county_id") == kept
    foreign = await change(calworks, person, {"county_id": "07300012345002"})
    assert (foreign.status_code, foreign.json()["errors"][0]["pointer"]) == (422, "/county_id")


@pytest.mark.parametrize(
    "text",
    ["4330001234500", "433000123450011", "43-300012345001", "43 30 0012345 0 01", "AB300012345001", ""],
)
def test_what_is_no_county_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="COUNTY-ID"):
        county_id(text)


def test_a_case_number_has_seven_letters_and_digits() -> None:
    assert case_number("00a2345") == "00A2345"
    for text in ("012345", "01234567", "01-2345"):
        with pytest.raises(ValueError, match="case number"):
            case_number(text)


async def test_a_case_shows_the_countys_number(calworks: Api) -> None:
    application = await calworks.intake(new("aided_adult"))
    body = {"application": application["ref"], "aid_start": "2026-03-01", "case_number": "00a2345"}
    case = await calworks.made("/v1/cases", body)
    assert case["case_number"] == "00A2345"
    assert (await calworks.get(f"/v1/cases/{case['ref']}")).json() == case
    refused = await calworks.post("/v1/cases", {**body, "case_number": "123"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/case_number")
