"""The rules of child welfare records, through the REST face."""

from datetime import datetime, timedelta

from shared.clock import FrozenClock
from tests.contract.program_world import NOW, Api, new


async def family(cws: Api) -> tuple[dict[str, object], str, str]:
    """A referral with a mother and a child."""
    referral = await cws.intake(new("parent"), new("child", "Leo"))
    mother, child = cws.refs(referral)
    return referral, mother, child


def a_case(child: str, **more: object) -> dict[str, object]:
    return {"child": child, "component": "FM", "court": False, "opened_on": "2026-03-01", **more}


async def test_a_household_tells_all_its_members_each_time_one_joins(cws: Api) -> None:
    first = await cws.intake(new("parent", "Ana"), new("other", "Tom"), household={"record_id": "H"})
    entry = {**new("child", "Leo"), "relation": "son", "in_household": True}
    stranger = {**new("other", "Max"), "in_household": False}
    second = await cws.intake(entry, stranger, household={"ref": first["household"]})
    changes = [e for e in cws.published() if e.type == "linkages.cws.household.changed.v1"]
    assert [(e.key, e.sequence) for e in changes] == [(first["household"], 1), (first["household"], 2)]
    assert changes[1].data["members"] == [
        *(
            {"person": ref, "role": role}
            for ref, role in zip(cws.refs(first), ("parent", "other"), strict=True)
        ),
        {"person": cws.refs(second)[0], "role": "child", "relation": "son"},
    ]
    upserted = {e.key: e.data for e in cws.published() if e.type == "linkages.cws.client.upserted.v1"}
    assert upserted[cws.refs(second)[0]]["households"] == [first["household"]]
    assert upserted[cws.refs(second)[1]]["households"] == []


async def test_an_intake_can_protect_a_household_and_not_expose_it(cws: Api) -> None:
    made = await cws.intake(new("parent"), household={"record_id": "H", "protected": True})
    await cws.intake(new("child", "Leo"), household={"record_id": "H", "protected": False})
    assert (await cws.get(f"/v1/households/{made['household']}")).json()["protected"] is True
    assert cws.published()[-3].data["protected"] is True


async def test_a_household_is_named_in_one_way(cws: Api) -> None:
    body = cws.program.intake(new("parent"), household={"ref": "hh_x", "record_id": "H"})
    response = await cws.post("/v1/referrals", body)
    assert response.json()["errors"] == [
        {"pointer": "/household", "message": "must have `ref` alone, or `record_id` and `protected`"}
    ]


async def test_a_case_takes_household_and_participants_from_its_referral(cws: Api) -> None:
    referral, mother, child = await family(cws)
    case = await cws.made("/v1/cases", a_case(child, referral=referral["ref"], projected_end="2026-09-01"))
    assert case["household"] == referral["household"]
    assert [(one["client"], one["role"]) for one in case["participants"]] == [
        (mother, "parent"),
        (child, "child"),
    ]
    opened, assigned = cws.published()[-2:]
    assert (opened.type, opened.key, opened.sequence) == ("linkages.cws.case.opened.v1", case["ref"], 1)
    assert opened.data["child"] == child
    assert opened.headers["ce_effectivedate"] == "2026-03-01"
    assert opened.headers["ce_time"] == "2026-03-01T08:00:00+00:00"  # midnight in California
    assert (assigned.key, assigned.sequence, assigned.data["kind"]) == (case["ref"], 2, "P")
    assert (await cws.get(f"/v1/cases/{case['ref']}")).json() == case


async def test_a_child_has_one_open_case(cws: Api) -> None:
    referral, _, child = await family(cws)
    await cws.made("/v1/cases", a_case(child, referral=referral["ref"]))
    again = await cws.post("/v1/cases", a_case(child, referral=referral["ref"]))
    assert (again.status_code, again.json()["type"].rsplit("/", 1)[1]) == (409, "child-has-case")


async def test_a_case_is_for_a_child(cws: Api) -> None:
    referral, mother, _ = await family(cws)
    for body in (a_case(mother, referral=referral["ref"]), a_case(mother, household=referral["household"])):
        response = await cws.post("/v1/cases", body)
        assert (response.status_code, response.json()["type"].rsplit("/", 1)[1]) == (409, "not-a-child")


async def test_a_case_needs_a_household_and_keeps_its_referrals(cws: Api) -> None:
    referral, _, child = await family(cws)
    other = await cws.intake(new("parent", "Eva"))
    for more, pointer in (
        ({}, "/household"),
        ({"household": "hh_none"}, "/household"),
        ({"household": other["household"], "referral": referral["ref"]}, "/household"),
        ({"referral": "rf_none"}, "/referral"),
        (
            {"referral": referral["ref"], "participants": [{"client": "cl_x", "role": "parent"}]},
            "/participants/0/client",
        ),
        ({"referral": referral["ref"], "opened_on": "2026-03-03"}, "/opened_on"),
        ({"referral": referral["ref"], "projected_end": "2026-02-01"}, "/projected_end"),
    ):
        response = await cws.post("/v1/cases", a_case(child, **more))
        assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_sealed_client_is_not_carried_into_a_case(cws: Api) -> None:
    referral, mother, child = await family(cws)
    await cws.post(f"/v1/clients/{mother}/seal", {}, "cws_supervisor")
    case = await cws.made("/v1/cases", a_case(child, referral=referral["ref"]))
    assert [one["client"] for one in case["participants"]] == [child]
    await cws.post(f"/v1/clients/{child}/seal", {}, "cws_supervisor")
    response = await cws.post("/v1/cases", a_case(child, referral=referral["ref"]))
    assert response.json()["errors"] == [{"pointer": "/child", "message": "is not known here"}]


async def test_a_new_primary_worker_ends_the_one_before(cws: Api, clock: FrozenClock) -> None:
    referral, _, _ = await family(cws)
    clock.advance(timedelta(hours=1))
    path, on = "/v1/assignments", referral["ref"]
    second = await cws.made(path, {"on": on, "kind": "P", "worker": {"ref": "w-2", "phone": "555"}})
    helper = await cws.made(path, {"on": on, "kind": "S", "worker": {"ref": "w-3"}})
    over, begun, helps = cws.published()[-3:]
    assert over.data["assignment"] == referral["assignment"]
    assert datetime.fromisoformat(over.data["until_at"]) == NOW + timedelta(hours=1)
    assert begun.data["worker"] == {"ref": "w-2", "phone": "555"}
    assert [e.sequence for e in (over, begun, helps)] == [3, 4, 5]
    assert "until_at" not in helper
    read = (await cws.get(f"/v1/referrals/{on}")).json()
    assert (read["assignment"], read["version"]) == (second["ref"], 3)
    first = (await cws.get(f"{path}/{referral['assignment']}")).json()
    assert (first["until_at"], first["version"]) == (second["from_at"], 2)


async def test_an_assignment_does_not_end_before_it_began(cws: Api) -> None:
    referral, _, _ = await family(cws)
    body = {
        "on": referral["ref"],
        "kind": "P",
        "worker": {"ref": "w-2"},
        "from_at": "2026-02-01T09:00:00-08:00",
    }
    await cws.made("/v1/assignments", body)
    over, begun = cws.published()[-2:]
    assert over.data["until_at"] == over.data["from_at"]
    assert begun.data["from_at"] == "2026-02-01T17:00:00Z"


async def test_an_assignment_is_on_something_known(cws: Api) -> None:
    response = await cws.post("/v1/assignments", {"on": "rf_x", "kind": "P", "worker": {"ref": "w"}})
    assert response.json()["errors"] == [{"pointer": "/on", "message": "is not known here"}]


async def test_a_removal_is_told_under_the_child_and_stands_alone(cws: Api) -> None:
    _, _, child = await family(cws)
    path = f"/v1/clients/{child}/removals"
    body = {"removed_on": "2026-03-01", "all_eligible_removed": True, "court_date": "2026-03-04"}
    removal = await cws.made(path, body)
    event = cws.published()[-1]
    assert (event.type, event.key, event.sequence) == ("linkages.cws.child.removed.v1", child, 2)
    assert event.headers["ce_time"] == "2026-03-01T08:00:00+00:00"
    assert event.data["removal"] == removal["ref"]
    assert (await cws.post(path, body)).status_code == 409
    assert (await cws.get(path)).json() == {"items": [removal]} == (await cws.get("/v1/removals")).json()
    assert (await cws.get(f"/v1/removals/{removal['ref']}")).json() == removal


async def test_only_a_known_child_can_be_removed_and_not_tomorrow(cws: Api) -> None:
    _, mother, child = await family(cws)
    for ref, day, status in (
        (mother, "2026-03-01", 409),
        (child, "2026-03-03", 422),
        ("cl_x", "2026-03-01", 404),
    ):
        response = await cws.post(f"/v1/clients/{ref}/removals", {"removed_on": day})
        assert response.status_code == status


async def test_today_is_the_countys_day(cws: Api, clock: FrozenClock) -> None:
    _, _, child = await family(cws)
    clock.set(datetime.fromisoformat("2026-03-03T07:59:00+00:00"))  # 23:59 on the second in California
    path = f"/v1/clients/{child}/removals"
    assert (await cws.post(path, {"removed_on": "2026-03-03"})).status_code == 422
    assert (await cws.post(path, {"removed_on": "2026-03-02"})).status_code == 201


async def test_the_removals_of_a_sealed_child_are_hidden(cws: Api) -> None:
    _, _, child = await family(cws)
    path = f"/v1/clients/{child}/removals"
    removal = await cws.made(path, {"removed_on": "2026-03-01"})
    await cws.post(f"/v1/clients/{child}/seal", {}, "privacy_officer")
    assert (await cws.get("/v1/removals")).json() == {"items": []}
    for hidden in (path, f"/v1/removals/{removal['ref']}"):
        assert (await cws.get(hidden)).status_code == 404
    assert (await cws.post(path, {"removed_on": "2026-03-01"})).status_code == 404
