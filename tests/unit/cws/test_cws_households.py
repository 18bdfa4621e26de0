"""Who lives in a household, whether it is protected, and what its members are to each other."""

from typing import Any

import httpx
import pytest

from tests.contract.program_world import ELSEWHERE, Api, new
from tests.unit.cws.moves import family, misdated, moved, refused, told

TODAY, TOMORROW = "2026-03-02", "2026-03-03"


async def change(cws: Api, household: str, **body: Any) -> httpx.Response:
    """Say what changes in a household."""
    headers = {"if-match": body.pop("if_match", "*")}
    return await cws.call("PATCH", f"/v1/households/{household}", json=body, headers=headers)


def upserted(cws: Api, since: int) -> dict[str, dict[str, Any]]:
    """Who was published again since, without who they are."""
    return {
        event.key: {name: value for name, value in event.data.items() if name != "person"}
        for event in told(cws, "client.upserted")[since:]
    }


async def test_the_members_of_a_household_are_the_whole_list_that_was_sent(cws: Api) -> None:
    referral, mother, child = await family(cws)
    aunt = cws.refs(await cws.intake(new("other", "Eva")))[0]
    home = referral["household"]
    response = await change(
        cws,
        home,
        members=[
            {"ref": child, "role": "child", "relation": "daughter", "from_date": "2020-01-01"},
            {"ref": aunt, "role": "relative_caregiver"},
        ],
        if_match='"1"',
    )
    assert response.status_code == 200, response.text
    assert response.headers["etag"] == '"2"'
    assert response.json()["members"] == [
        {"client": child, "role": "child", "relation": "daughter", "from_date": "2020-01-01"},
        {"client": aunt, "role": "relative_caregiver"},
    ]
    assert (await cws.get(f"/v1/households/{home}")).json() == response.json()
    event = told(cws, "household.changed")[-1]
    assert event.key == home
    assert [one["person"] for one in event.data["members"]] == [child, aunt]
    assert mother not in str(event.data)


async def test_members_are_published_again_only_if_their_households_or_roles_change(cws: Api) -> None:
    referral, mother, child = await family(cws)
    other = await cws.intake(new("other", "Eva"))
    aunt = cws.refs(other)[0]
    before = len(told(cws, "client.upserted"))
    home = referral["household"]
    members = [{"ref": child, "role": "child"}, {"ref": aunt, "role": "relative_caregiver"}]
    assert (await change(cws, home, members=members)).status_code == 200
    again = upserted(cws, before)
    assert set(again) == {mother, aunt}
    assert again[mother]["households"] == []
    assert again[aunt]["households"] == sorted([home, other["household"]])
    assert again[aunt]["roles"] == ["other", "relative_caregiver"]
    before = len(told(cws, "client.upserted"))
    assert (await change(cws, home, members=members)).status_code == 200
    assert not upserted(cws, before)


async def test_who_leaves_on_a_day_is_no_longer_of_the_household(cws: Api) -> None:
    referral, mother, child = await family(cws)
    before = len(told(cws, "client.upserted"))
    members = [
        {"ref": mother, "role": "parent", "from_date": "2020-01-01", "until_date": TODAY},
        {"ref": child, "role": "child"},
    ]
    assert (await change(cws, referral["household"], members=members)).status_code == 200
    assert upserted(cws, before)[mother]["households"] == []
    early = [{**members[0], "until_date": "2019-12-31"}]
    message = misdated(await change(cws, referral["household"], members=early), "/members/0/until_date")
    assert message == "must not be before from_date"


async def test_a_protected_household_marks_everybody_in_it(cws: Api) -> None:
    referral, mother, child = await family(cws)
    home = referral["household"]
    for protected in (True, False):
        before = len(told(cws, "client.upserted"))
        response = await change(cws, home, protected=protected)
        assert response.json()["protected"] is protected
        assert len(response.json()["members"]) == 2
        assert told(cws, "household.changed")[-1].data["protected"] is protected
        again = upserted(cws, before)
        assert {ref: one["address_protected"] for ref, one in again.items()} == {
            mother: protected,
            child: protected,
        }


async def test_an_intake_that_protects_a_household_marks_those_who_are_in_it_and_who_join(cws: Api) -> None:
    referral, mother, child = await family(cws, household={"record_id": "H"})
    before = len(told(cws, "client.upserted"))
    joined = await cws.intake(new("other", "Eva"), household={"record_id": "H", "protected": True})
    again = upserted(cws, before)
    assert {ref for ref, one in again.items() if one["address_protected"]} == {
        mother,
        child,
        *cws.refs(joined),
    }
    assert joined["household"] == referral["household"]


async def test_a_client_who_is_protected_is_marked_and_told(cws: Api) -> None:
    _, mother, _ = await family(cws)
    body = {
        "address_protected": True,
        "aliases": [{"first_name": "Anita", "last_name": "Soto"}],
        "addresses": [
            {"street": "1 Oak St", "from_date": "2020-01-01", "until_date": "2025-06-30", "kind": "shelter"},
            {"street": "2 Elm St", "from_date": "2025-07-01", "kind": "mailing"},
        ],
        "phones": ["831-555-0142"],
    }
    response = await cws.call("PATCH", f"/v1/clients/{mother}", json=body, headers={"if-match": '"1"'})
    assert response.status_code == 200, response.text
    assert response.json()["person"]["addresses"] == body["addresses"]
    event = cws.published()[-1]
    assert (event.key, event.data["address_protected"]) == (mother, True)
    person = cws.opened(event)
    assert [one.kind for one in person.addresses] == ["shelter", "mailing"]
    assert str(person.addresses[0].until_date) == "2025-06-30"
    assert (person.aliases[0].last_name, person.phones) == ("Soto", ("831-555-0142",))


async def test_a_household_names_nobody_who_may_not_be_seen_and_keeps_whom_it_has(cws: Api) -> None:
    referral, mother, child = await family(cws)
    body = cws.program.intake(new("parent", "Eva"))
    stranger = (await cws.post("/v1/referrals", body, county=ELSEWHERE)).json()
    hidden = cws.refs(await cws.intake(new("parent", "Eva")))[0]
    for ref in (mother, hidden):
        await cws.post(f"/v1/clients/{ref}/seal", {}, "cws_supervisor")
    home, one = referral["household"], {"ref": child, "role": "child"}
    for ref in (hidden, cws.refs(stranger)[0], "cl_nobody"):
        response = await change(cws, home, members=[one, {"ref": ref, "role": "parent"}])
        assert misdated(response, "/members/1/ref") == "is not known here"
    assert misdated(await change(cws, home, members=[one, one]), "/members") == "must not name anybody twice"
    before = len(told(cws, "client.upserted"))
    kept = await change(cws, home, members=[one, {"ref": mother, "role": "guardian"}])
    assert kept.status_code == 200, kept.text
    assert not upserted(cws, before), "a sealed client is not published again"


async def test_a_household_is_changed_only_by_who_has_read_it_as_it_is(cws: Api) -> None:
    home = (await family(cws))[0]["household"]
    path = f"/v1/households/{home}"
    assert (await cws.call("PATCH", path, json={"protected": True})).status_code == 428
    stale = await change(cws, home, protected=True, if_match='"9"')
    assert stale.status_code == 412
    assert stale.json()["current"] == (await cws.get(path)).json()
    assert (await change(cws, "hh_nobody", protected=True)).status_code == 404
    assert (await cws.call("PATCH", path, json={}, county=ELSEWHERE)).status_code == 404


async def relate(cws: Api, client: str, to: str, kind: str, **more: Any) -> dict[str, Any]:
    """A relationship."""
    return await cws.made(f"/v1/clients/{client}/relationships", {"to": to, "kind": kind, **more})


async def test_a_relationship_is_read_at_both_ends(cws: Api) -> None:
    _, mother, child = await family(cws)
    made = await relate(cws, mother, child, "parent", same_home=True, from_date="2020-01-01")
    assert made == {
        "ref": made["ref"],
        "county": "43",
        "client": mother,
        "to": child,
        "kind": "parent",
        "same_home": True,
        "from_date": "2020-01-01",
        "version": 1,
    }
    assert (await cws.get(f"/v1/relationships/{made['ref']}")).json() == made
    for ref in (mother, child):
        assert (await cws.get(f"/v1/clients/{ref}/relationships")).json() == {"items": [made]}
    assert (await cws.get("/v1/clients/cl_nobody/relationships")).status_code == 404


async def test_in_a_household_of_both_the_relation_follows(cws: Api) -> None:
    referral, mother, child = await family(cws)
    father = cws.refs(await cws.intake(new("parent", "Tom"), household={"ref": referral["household"]}))[0]

    def relations() -> dict[str, str | None]:
        members = told(cws, "household.changed")[-1].data["members"]
        return {one["person"]: one.get("relation") for one in members}

    first = await relate(cws, mother, child, "parent")
    assert relations() == {mother: "parent", child: None, father: None}
    second = await relate(cws, mother, father, "spouse")
    assert relations()[mother] == "spouse"
    read = (await cws.get(f"/v1/households/{referral['household']}")).json()
    assert read["members"][0]["relation"] == "spouse"
    await moved(cws, f"/v1/relationships/{second['ref']}/end", {"until_date": TODAY})
    assert relations()[mother] == "parent"
    await moved(cws, f"/v1/relationships/{first['ref']}/end", {"until_date": TODAY})
    assert relations()[mother] is None


async def test_a_relationship_across_households_changes_none(cws: Api) -> None:
    _, mother, _ = await family(cws)
    aunt = cws.refs(await cws.intake(new("other", "Eva")))[0]
    before = cws.stored.counts()["outbox"]
    made = await relate(cws, aunt, mother, "sibling", same_home=False)
    await moved(cws, f"/v1/relationships/{made['ref']}/end", {"until_date": TODAY})
    assert cws.stored.counts()["outbox"] == before


async def test_a_client_is_one_thing_to_another_at_a_time(cws: Api) -> None:
    _, mother, child = await family(cws)
    path = f"/v1/clients/{mother}/relationships"
    await relate(cws, mother, child, "guardian", from_date="2019-01-01", until_date="2020-01-01")
    made = await relate(cws, mother, child, "parent", from_date="2020-01-01")
    refused(await cws.post(path, {"to": child, "kind": "guardian"}), "already-related")
    end = f"/v1/relationships/{made['ref']}/end"
    for day, message in (
        (TOMORROW, "must not be in the future"),
        ("2019-12-31", "must not be before from_date"),
    ):
        assert misdated(await cws.post(end, {"until_date": day}), "/until_date") == message
    await moved(cws, end, {"until_date": TODAY})
    refused(await cws.post(end, {"until_date": TODAY}), "relationship-over")
    await relate(cws, mother, child, "guardian")


@pytest.mark.parametrize("who", ["herself", "a stranger", "sealed", "nobody"])
async def test_nobody_is_related_to_who_may_not_be_seen(cws: Api, who: str) -> None:
    _, mother, child = await family(cws)
    body = cws.program.intake(new("parent", "Eva"))
    stranger = (await cws.post("/v1/referrals", body, county=ELSEWHERE)).json()
    if who == "sealed":
        await cws.post(f"/v1/clients/{child}/seal", {}, "cws_supervisor")
    to = {"herself": mother, "a stranger": cws.refs(stranger)[0], "sealed": child}.get(who, "cl_nobody")
    response = await cws.post(f"/v1/clients/{mother}/relationships", {"to": to, "kind": "sibling"})
    expected = "must be another client" if who == "herself" else "is not known here"
    assert misdated(response, "/to") == expected


async def test_a_relationship_is_hidden_with_either_of_the_two(cws: Api) -> None:
    _, mother, child = await family(cws)
    made = await relate(cws, mother, child, "parent")
    await cws.post(f"/v1/clients/{child}/seal", {}, "cws_supervisor")
    assert (await cws.get(f"/v1/relationships/{made['ref']}")).status_code == 404
    assert (await cws.get(f"/v1/clients/{mother}/relationships")).json() == {"items": []}
    end = await cws.post(f"/v1/relationships/{made['ref']}/end", {"until_date": TODAY})
    assert end.status_code == 404
