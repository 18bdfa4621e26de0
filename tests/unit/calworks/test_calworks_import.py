"""A roster of CalWORKs: each row becomes what a worker would have entered."""

import asyncio
from typing import Any

import httpx

from tests.contract.program_world import Api

HEADER = "record_id,first_name,last_name,birth_date,household_id,role,case_id,status,worker"
FAMILY = (
    "P-1,Ana,Reyes,1990-04-17,,aided_adult,C-1,active,w-7",
    "P-2,Leo,Reyes,2019-08-02,,aided_child,C-1,,",
)


async def read(calworks: Api, path: str) -> httpx.Response:
    token = calworks.token("integration", scope="imports:write")
    return await calworks.client.get(path, headers={"authorization": f"Bearer {token}"})


async def imported(calworks: Api, *rows: str, header: str = HEADER) -> dict[str, Any]:
    """A roster, applied to its end."""
    token = calworks.token("integration", scope="imports:write")
    response = await calworks.client.post(
        "/v1/imports",
        content="\r\n".join((header, *rows)),
        headers={"authorization": f"Bearer {token}", "content-type": "text/csv"},
    )
    assert response.status_code == 202, response.text
    for _ in range(500):
        found: dict[str, Any] = (await read(calworks, response.headers["location"])).json()
        if found["state"] == "done":
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(found)


async def listed(calworks: Api, path: str) -> list[dict[str, Any]]:
    return list((await calworks.get(path)).json()["items"])


def told(calworks: Api, kind: str) -> int:
    return [event.type for event in calworks.published()].count(f"linkages.calworks.{kind}.v1")


async def test_a_case_id_becomes_an_approved_case_with_all_members_and_the_status_of_its_adult(
    calworks: Api,
) -> None:
    found = await imported(calworks, *FAMILY)
    assert (found["accepted"], found["done"], found["units"]) == (2, 2, 1)
    (case,) = await listed(calworks, "/v1/cases")
    assert (case["status"], [one["role"] for one in case["members"]]) == (
        "active",
        ["aided_adult", "aided_child"],
    )
    (assignment,) = await listed(calworks, "/v1/assignments")
    assert (assignment["kind"], assignment["worker"]["ref"]) == ("EW", "w-7")
    assert (told(calworks, "wtw.status_changed"), await listed(calworks, "/v1/applications")) == (1, [])


async def test_without_a_case_id_there_is_an_application(calworks: Api) -> None:
    await imported(calworks, "P-1,Ana,Reyes,,H-1,aided_adult,,,", "P-2,Leo,Reyes,,H-1,aided_child,,,")
    (application,) = await listed(calworks, "/v1/applications")
    assert (application["status"], len(application["persons"])) == ("pending", 2)
    await imported(calworks, "P-1,Ana,Reyes,,H-1,aided_adult,,closed,")
    (application,) = await listed(calworks, "/v1/applications")
    assert (application["status"], application["reason_class"]) == ("denied", "other")


async def test_somebody_new_joins_a_case_that_is_known_and_a_closed_one_ends(calworks: Api) -> None:
    await imported(calworks, *FAMILY)
    await imported(calworks, *FAMILY, "P-3,Eva,Reyes,,,aided_child,C-1,,")
    (case,) = await listed(calworks, "/v1/cases")
    assert len(case["members"]) == 3
    assert told(calworks, "au.member_added") == 1
    closed = [f"P-{n},,Reyes,,,,C-1,closed," for n in (1, 2, 3)]
    await imported(calworks, *closed)
    await imported(calworks, "P-9,Ida,Moss,,,aided_adult,C-9,closed,")
    await imported(calworks, *closed)
    assert sorted(case["status"] for case in await listed(calworks, "/v1/cases")) == ["discontinued"] * 2
    assert told(calworks, "case.discontinued") == 2


async def test_a_sealed_row_makes_a_sealed_record(calworks: Api) -> None:
    header = "record_id,last_name,case_id,role,sensitivity"
    await imported(calworks, "P-1,Reyes,C-1,aided_adult,R", "P-2,Reyes,C-1,aided_child,", header=header)
    assert [one["record_id"] for one in await listed(calworks, "/v1/persons")] == ["P-2"]
    assert told(calworks, "person.sealed") == 1
