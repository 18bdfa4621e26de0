"""A roster of child welfare: each row becomes what a worker would have entered."""

import asyncio
import csv
import io
import json
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.clock import FrozenClock
from shared.events.cws import ImportCompleted, ImportStarted
from tests.contract.program_world import SSN, Api
from tests.unit.cws.moves import told

HEADER = "record_id,first_name,last_name,birth_date,ssn,household_id,role,case_id,status,worker"
FAMILY = (
    f"R-1,Ana,Reyes,1990-04-17,{SSN},H-1,parent,,,",
    "R-2,Leo,Reyes,2019-08-02,,H-1,child,,open,w-7",
)


def roster(*rows: str, header: str = HEADER) -> str:
    return "\r\n".join((header, *rows)) + "\r\n"


async def sent(cws: Api, file: str | bytes, kind: str = "text/csv", **query: Any) -> httpx.Response:
    token = cws.token("integration", scope="imports:write")
    return await cws.client.post(
        "/v1/imports",
        content=file,
        params=query,
        headers={"authorization": f"Bearer {token}", "content-type": kind},
    )


async def read(cws: Api, path: str, **headers: str) -> httpx.Response:
    token = cws.token("integration", scope="imports:write")
    return await cws.client.get(path, headers={"authorization": f"Bearer {token}", **headers})


async def imported(cws: Api, *rows: str, header: str = HEADER) -> dict[str, Any]:
    """A roster, applied to its end."""
    response = await sent(cws, roster(*rows, header=header))
    assert response.status_code == 202, response.text
    return await finished(cws, response.headers["location"])


async def finished(cws: Api, location: str) -> dict[str, Any]:
    for _ in range(500):
        found: dict[str, Any] = (await read(cws, location)).json()
        if found["state"] == "done":
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(found)


async def results(cws: Api, ref: str) -> list[dict[str, Any]]:
    response = await read(cws, f"/v1/imports/{ref}/rows")
    assert response.headers["content-type"].startswith("application/x-ndjson")
    return [json.loads(line) for line in response.text.splitlines()]


async def listed(cws: Api, path: str) -> list[dict[str, Any]]:
    return list((await cws.get(path)).json()["items"])


async def test_a_household_without_a_case_becomes_a_referral_of_all_of_it(cws: Api) -> None:
    found = await imported(cws, *FAMILY)
    assert (found["rows"], found["accepted"], found["done"], found["left"]) == (2, 2, 2, 0)
    assert (found["record_ids"], found["units"]) == (2, 1)
    (referral,) = await listed(cws, "/v1/referrals")
    assert [one["record_id"] for one in referral["participants"]] == ["R-1", "R-2"]
    (household,) = await listed(cws, "/v1/households")
    assert (household["ref"], household["record_id"]) == (referral["household"], "H-1")
    (assignment,) = await listed(cws, "/v1/assignments")
    assert assignment["worker"]["ref"] == "w-7"
    assert [event.type.split(".", 2)[2] for event in cws.published()] == [
        "import.started.v1",
        "client.upserted.v1",
        "client.upserted.v1",
        "household.changed.v1",
        "referral.received.v1",
        "assignment.changed.v1",
        "import.completed.v1",
    ]


async def test_a_number_is_stored_as_tokens_alone_and_nothing_waits_in_clear(cws: Api) -> None:
    await imported(cws, *FAMILY)
    stored = cws.stored.everything()
    for plain in (SSN, SSN.replace("-", ""), "Reyes", "1990-04-17"):
        assert plain.encode() not in stored
    (mother, *_) = told(cws, "client.upserted")
    assert cws.opened(mother).ssn == (cws.settings.keys["43"].ssn_tokens(SSN.replace("-", "")),)
    assert cws.stored.query("SELECT count(*) FROM roster_row WHERE sealed IS NOT NULL") == [(0,)]


async def test_a_child_with_an_open_case_gets_a_case_and_no_referral(cws: Api) -> None:
    await imported(cws, "R-1,Ana,Reyes,,,H-1,parent,C-1,open,", "R-2,Leo,Reyes,,,H-1,child,C-1,open,")
    (case,) = await listed(cws, "/v1/cases")
    assert (case["status"], case["component"], case["opened_on"]) == ("open", "ER", "2026-03-02")
    assert sorted(one["role"] for one in case["participants"]) == ["child", "parent"]
    assert await listed(cws, "/v1/referrals") == []
    again = await imported(cws, "R-2,Leo,Reyes,,,H-1,child,C-1,closed,")
    assert again["accepted"] == 1
    (case,) = await listed(cws, "/v1/cases")
    assert case["status"] == "closed"


async def test_what_is_closed_is_told_as_opened_and_closed_and_only_once(cws: Api) -> None:
    closed = "R-2,Leo,Reyes,,,H-1,child,C-1,closed,"
    await imported(cws, closed)
    await imported(cws, "R-9,Eva,Moss,,,H-9,child,,closed,")
    await imported(cws, closed)
    assert [case["status"] for case in await listed(cws, "/v1/cases")] == ["closed"]
    assert [referral["status"] for referral in await listed(cws, "/v1/referrals")] == ["closed"]
    assert len(told(cws, "case.closed")) == len(told(cws, "referral.closed")) == 1


async def test_a_row_of_somebody_known_changes_what_it_says_and_nothing_else(cws: Api) -> None:
    await imported(cws, *FAMILY)
    before = len(cws.published())
    await imported(cws, *FAMILY, "R-3,Eva,Reyes,,,H-1,child,,open,")
    named = [event.type.split(".")[2] for event in cws.published()[before:]]
    assert named == ["import", "client", "household", "import"]
    before = len(cws.published())
    await imported(cws, "R-1,Anna,Reyes,,,H-1,parent,,,")
    (_, event, _) = cws.published()[before:]
    person = cws.opened(event)
    assert (person.name.first_name, person.birth_date, bool(person.ssn)) == ("Anna", "1990-04-17", True)


async def test_a_sealed_row_makes_a_sealed_record(cws: Api) -> None:
    header = "record_id,last_name,household_id,role,sensitivity"
    await imported(cws, "R-1,Reyes,H-1,parent,R", "R-2,Reyes,H-1,child,S", header=header)
    (client,) = await listed(cws, "/v1/clients")
    assert (client["record_id"], client["person"]["sensitivity"]) == ("R-2", "S")
    assert len(told(cws, "client.sealed")) == 1
    await imported(cws, "R-2,Reyes,H-1,child,R", header=header)
    assert await listed(cws, "/v1/clients") == []
    assert len(told(cws, "client.sealed")) == 2
    await imported(cws, "R-2,Reyes,H-1,child,N", header=header)
    assert await listed(cws, "/v1/clients") == []


async def test_a_rejected_row_names_line_column_and_fix_and_never_the_value(cws: Api) -> None:
    found = await imported(
        cws,
        FAMILY[0],
        FAMILY[0],
        "R-1,Other,Name,,,H-1,parent,,,",
        "R-5,,,,,H-1,zqcanary,,zqcanary,",
        ",Eva,Moss,31/31/2020,61,,,,,",
    )
    assert (found["accepted"], found["repeated"], found["rejected"]) == (1, 1, 3)
    told_rows = await results(cws, found["ref"])
    assert [(one["line"], one["outcome"], one.get("column")) for one in told_rows] == [
        (2, "accepted", None),
        (3, "repeated", None),
        (4, "rejected", "record_id"),
        (5, "rejected", "last_name"),
        (5, "rejected", "role"),
        (5, "rejected", "status"),
        (6, "rejected", "record_id"),
        (6, "rejected", "ssn"),
        (6, "rejected", "birth_date"),
    ]
    assert "zqcanary" not in json.dumps(told_rows)
    response = await read(cws, f"/v1/imports/{found['ref']}/rows", accept="text/csv")
    lines = list(csv.DictReader(io.StringIO(response.text)))
    assert [(line["line"], line["column"]) for line in lines] == [
        (str(one["line"]), one.get("column", "")) for one in told_rows
    ]


async def test_a_dry_run_checks_the_file_and_applies_nothing(cws: Api) -> None:
    response = await sent(cws, roster(*FAMILY), dry_run=True)
    found = response.json()
    assert (found["state"], found["accepted"], found["done"]) == ("done", 2, 0)
    assert cws.published() == []
    assert cws.stored.query("SELECT count(*) FROM roster_row WHERE sealed IS NOT NULL") == [(0,)]


async def test_the_same_file_is_one_import_until_another_comes(cws: Api, clock: FrozenClock) -> None:
    first = await imported(cws, *FAMILY)
    assert (await imported(cws, *FAMILY))["ref"] == first["ref"]
    clock.advance(timedelta(seconds=1))
    await imported(cws, "R-1,Anna,Reyes,,,H-1,parent,,,")
    again = await imported(cws, *FAMILY)
    assert again["ref"] != first["ref"]
    assert (await listed(cws, "/v1/clients")) != []
    names = {one["person"]["first_name"] for one in await listed(cws, "/v1/clients")}
    assert names == {"Ana", "Leo"}


async def test_a_row_that_cannot_be_applied_keeps_no_other_out(cws: Api) -> None:
    await imported(cws, FAMILY[0])
    (client,) = await listed(cws, "/v1/clients")
    kept = await cws.intake({"role": "child", "record_id": "R-8", "person": {"last_name": "Moss"}})
    merged = await cws.post(
        f"/v1/clients/{client['ref']}/merge", {"into": cws.refs(kept)[0]}, "cws_supervisor"
    )
    assert merged.status_code in (200, 204, 404), merged.text
    found = await imported(cws, FAMILY[0], FAMILY[1], "R-4,Eva,Moss,,,H-4,child,,open,")
    assert found["state"] == "done"
    assert "R-4" in {one.get("record_id") for one in await listed(cws, "/v1/clients")}


@pytest.mark.parametrize(
    ("file", "kind", "status"),
    [
        ("{}", "application/json", 415),
        ("", "text/csv", 422),
        ("first_name\r\nAna\r\n", "text/csv", 422),
        ("record_id,zqcanary\r\n1,2\r\n", "text/csv", 422),
        ("record_id,record_id\r\n1,2\r\n", "text/csv", 422),
        (b"\xff\xfe", "text/csv", 422),
        ("", "application/x-ndjson", 422),
    ],
)
async def test_a_file_that_is_no_roster_is_refused_whole(
    cws: Api, file: str | bytes, kind: str, status: int
) -> None:
    response = await sent(cws, file, kind)
    assert response.status_code == status, response.text
    assert "zqcanary" not in response.text
    assert cws.stored.query("SELECT count(*) FROM roster_import") == [(0,)]


async def test_a_worker_cannot_import(cws: Api) -> None:
    response = await cws.call(
        "POST", "/v1/imports", "cws_supervisor", content="", headers={"content-type": "text/csv"}
    )
    assert response.status_code == 403


async def test_metrics_tell_how_many_rows_wait_to_be_applied(cws: Api) -> None:
    await imported(cws, *FAMILY)
    assert await waiting(cws) == 0
    until = "9e15" if cws.stored.is_sqlite else "'infinity'"
    held = f"SET state = 'applying', done = 0, owner = 'another', until = {until}"
    cws.stored.query(f"UPDATE roster_import {held}")  # another process has it and is cut off
    assert await waiting(cws) == 2


async def waiting(cws: Api) -> float:
    token = cws.token("integration", scope="metrics:read")
    told = (await cws.client.get("/metrics", headers={"authorization": f"Bearer {token}"})).text
    found = re.search(r'linkages_waiting{what="cws import"} ([0-9.]+)', told)
    assert found
    return float(found[1])


async def test_an_initial_import_says_so_to_its_end(cws: Api) -> None:
    response = await sent(cws, roster(*FAMILY), initial=True)
    assert (await finished(cws, response.headers["location"]))["initial"] is True
    first, *_, last = cws.published()
    assert (first.type, last.type) == (ImportStarted.type(), ImportCompleted.type())
    assert first.data == last.data == {"import_ref": response.json()["ref"], "initial": True}


async def test_a_file_of_which_nothing_is_applied_begins_nothing(cws: Api) -> None:
    await sent(cws, roster(*FAMILY), initial=True, dry_run=True)
    await imported(cws, "R-1,,,,,H-1,parent,,,")
    assert cws.published() == []
