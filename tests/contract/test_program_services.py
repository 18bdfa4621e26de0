"""What both program services promise of every write, asked of each in the same words."""

# ruff: noqa: F811 - fixtures are imported and named again as parameters

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.contract.program_world import (  # noqa: F401 - fixtures among them
    COUNTY,
    ELSEWHERE,
    NOW,
    SSN,
    TRACEPARENT,
    Api,
    Program,
    api,
    clock,
    new,
    program,
    running,
)
from tests.databases import Databases


async def test_an_intake_makes_its_people_and_publishes_each_event_once(api: Api) -> None:
    program = api.program
    made = await api.intake(
        new(program.adult, "Ana", ssn=SSN, record_id="R-1"),
        new(program.child, "Lucía", birth_date="2019-02-30"),
    )
    adult, child = api.refs(made)
    assert [one["role"] for one in made[program.people]] == [program.adult, program.child]
    assert made[program.people][0]["record_id"] == "R-1"

    events = api.published()
    kinds = [
        program.events[kind]
        for kind in ("person", "person", "group", "intake", "assignment")
        if kind in program.events
    ]
    assert [event.type for event in events] == kinds
    assert {event.headers["ce_correlationid"] for event in events} == {events[0].headers["ce_correlationid"]}
    assert all(
        event.headers["ce_actor"] == "w-1" and event.headers["ce_county"] == COUNTY for event in events
    )
    by_type = {event.type: event for event in events}
    assert [(event.key, event.sequence) for event in events[:2]] == [(adult, 1), (child, 1)]
    intake, assignment = by_type[program.events["intake"]], by_type[program.events["assignment"]]
    assert (intake.key, intake.sequence) == (made["ref"], 1)
    assert datetime.fromisoformat(intake.headers["ce_time"]) == NOW
    assert intake.data["worker"] == "w-1"
    assert [one["person"] for one in intake.data[program.people]] == [adult, child]
    assert (assignment.key, assignment.sequence) == (made["ref"], 2)
    assert assignment.data["worker"] == {"ref": "w-1"}


async def test_only_the_matcher_can_open_the_person_in_an_event_and_finds_no_number_in_it(api: Api) -> None:
    await api.intake(new(api.program.adult, ssn=SSN, birth_date="1990-13-45", cin="91234567A"))
    event = api.published()[0]
    details = api.opened(event)
    tokens = api.settings.keys[COUNTY].ssn_tokens(SSN.replace("-", ""))
    assert (details.name.first_name, details.birth_date, details.cin) == ("Ana", "1990-13-45", "91234567A")
    assert details.ssn == (tokens,)
    assert event.data["sensitivity"] == "N"
    assert event.data["roles"] == [api.program.adult]


async def test_what_was_made_can_be_read_where_it_says(api: Api) -> None:
    program = api.program
    response = await api.post(program.intake_path, program.intake(new(program.adult)))
    read = await api.get(response.headers["location"])
    assert response.headers["location"] == f"{program.intake_path}/{response.json()['ref']}"
    assert read.json() == response.json()
    assert read.headers["etag"] == response.headers["etag"] == '"1"'
    group = await api.get(f"{program.group_path}/{read.json()[program.group_out]}")
    assert [one["role"] for one in group.json()["members"]] == [program.adult]
    person = await api.get(f"{program.people_path}/{api.refs(read.json())[0]}")
    assert person.json()["person"]["last_name"] == "Reyes"
    assert person.json()["person"]["ssn_on_file"] is False


async def test_known_people_are_named_by_either_reference(api: Api) -> None:
    program = api.program
    first = await api.intake(new(program.adult, record_id="R-1"), new(program.child, "Leo"))
    adult, child = api.refs(first)
    before = len(api.published())
    second = await api.intake(
        {"record_id": "R-1", "role": program.adult},
        {"ref": child, "role": program.child},
        **{program.group: {"ref": first[program.group_out]}},
    )
    assert api.refs(second) == [adult, child]
    assert second[program.group_out] == first[program.group_out]
    assert [event.type for event in api.published()[before:]] == [
        program.events["intake"],
        program.events["assignment"],
    ]
    assert len((await api.get(program.people_path)).json()["items"]) == 2


async def test_an_intake_adds_people_to_a_group_named_by_record_id(api: Api) -> None:
    program = api.program
    named = {program.group: {"record_id": "H-9"}}
    first = await api.intake(new(program.adult), **named)
    second = await api.intake(new(program.child, "Leo"), **named)
    group = (await api.get(f"{program.group_path}/{first[program.group_out]}")).json()
    assert second[program.group_out] == first[program.group_out]
    assert group["record_id"] == "H-9"
    assert [one[program.person_key] for one in group["members"]] == [*api.refs(first), *api.refs(second)]
    assert group["version"] == 2


async def test_names_that_nobody_has_are_pointed_at(api: Api) -> None:
    program = api.program
    body = program.intake(
        new(program.adult),
        {"ref": "cl_nobody", "role": program.adult},
        {"record_id": "X", "role": program.child},
    )
    response = await api.post(program.intake_path, body)
    assert response.status_code == 422
    assert response.json()["errors"] == [
        {"pointer": f"/{program.people}/1/ref", "message": "is not known here"},
        {"pointer": f"/{program.people}/2/record_id", "message": "is not known here"},
    ]
    unknown = await api.post(
        program.intake_path, program.intake(new(program.adult), **{program.group: {"ref": "hh_none"}})
    )
    assert unknown.json()["errors"][0]["pointer"] == f"/{program.group}/ref"
    assert not api.published()


async def test_one_person_cannot_stand_twice_in_an_intake(api: Api) -> None:
    program = api.program
    (ref,) = api.refs(await api.intake(new(program.adult, record_id="R-1")))
    for twice in (
        [{"ref": ref, "role": program.adult}, {"record_id": "R-1", "role": program.adult}],
        [new(program.adult, record_id="R-2"), new(program.child, record_id="R-2")],
    ):
        response = await api.post(program.intake_path, program.intake(*twice))
        assert response.status_code == 422
        assert response.json()["errors"][0]["pointer"] == f"/{program.people}/1"


async def test_a_new_person_under_a_taken_record_id_is_refused(api: Api) -> None:
    program = api.program
    await api.intake(new(program.adult, record_id="R-1"))
    before = api.stored.counts()
    response = await api.post(program.intake_path, program.intake(new(program.adult, "Eva", record_id="R-1")))
    assert response.status_code == 409
    assert response.json()["type"].endswith("/record-id-taken")
    assert api.stored.counts() == before


@pytest.mark.parametrize(
    "entry", [{}, {"ref": "a", "record_id": "b"}, {"ref": "a", "person": {"first_name": "A"}}]
)
async def test_an_entry_names_one_person_in_one_way(api: Api, entry: dict[str, object]) -> None:
    response = await api.post(
        api.program.intake_path, api.program.intake({**entry, "role": api.program.adult})
    )
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == f"/{api.program.people}/0"
    assert response.json()["errors"][0]["message"].startswith("must have `ref`")


async def test_an_intake_from_the_future_is_refused_but_clocks_may_differ(api: Api) -> None:
    program = api.program
    for minutes, status in ((4, 201), (6, 422)):
        body = program.intake(new(program.adult)) | {
            "received_at": (NOW + timedelta(minutes=minutes)).isoformat()
        }
        assert (await api.post(program.intake_path, body)).status_code == status


async def test_a_repeat_with_the_same_key_answers_the_same_bytes_and_writes_nothing(api: Api) -> None:
    program = api.program
    key = {"idempotency-key": "k-1"}
    body = program.intake(new(program.adult))
    first = await api.post(program.intake_path, body, headers=key)
    before = api.stored.counts()
    again = await api.post(program.intake_path, body, headers=key)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert {h: again.headers[h] for h in ("location", "etag")} == {
        h: first.headers[h] for h in ("location", "etag")
    }
    assert api.stored.counts() == before
    other = await api.post(program.intake_path, program.intake(new(program.adult, "Eva")), headers=key)
    assert other.status_code == 422
    assert other.json()["type"].endswith("/idempotency-key-reused")
    assert api.stored.counts() == before


async def test_a_key_is_the_callers_own_and_the_countys(api: Api) -> None:
    program, key = api.program, {"idempotency-key": "k-1"}
    first = await api.post(program.intake_path, program.intake(new(program.adult)), headers=key)
    second = await api.post(
        program.intake_path, program.intake(new(program.adult)), headers=key, county=ELSEWHERE
    )
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["ref"] != second.json()["ref"]


async def test_a_refused_write_keeps_no_answer(api: Api) -> None:
    program, key = api.program, {"idempotency-key": "k-1"}
    entry = {"record_id": "R-1", "role": program.adult}
    assert (await api.post(program.intake_path, program.intake(entry), headers=key)).status_code == 422
    await api.intake(new(program.adult, record_id="R-1"))
    assert (await api.post(program.intake_path, program.intake(entry), headers=key)).status_code == 201


async def test_a_change_needs_the_version_that_was_read(api: Api) -> None:
    program = api.program
    (ref,) = api.refs(await api.intake(new(program.adult, middle_name="María", phones=["408 555 0100"])))
    path = f"{program.people_path}/{ref}"
    etag = (await api.get(path)).headers["etag"]
    without = await api.call("PATCH", path, json={"last_name": "Soto"})
    changed = await api.call(
        "PATCH", path, json={"last_name": "Soto", "middle_name": None}, headers={"if-match": etag}
    )
    stale = await api.call("PATCH", path, json={"last_name": "Paz"}, headers={"if-match": etag})
    assert (without.status_code, changed.status_code, stale.status_code) == (428, 200, 412)
    person = changed.json()["person"]
    assert (person["first_name"], person["last_name"], person["phones"]) == ("Ana", "Soto", ["408 555 0100"])
    assert "middle_name" not in person
    assert changed.headers["etag"] == '"2"' == (await api.get(path)).headers["etag"]

    event = api.published()[-1]
    assert (event.type, event.key, event.sequence) == (program.events["person"], ref, 2)
    assert event.data["roles"] == [program.adult]
    assert api.opened(event).name.last_name == "Soto"


async def test_a_change_cannot_take_away_the_whole_name(api: Api) -> None:
    (ref,) = api.refs(await api.intake(new(api.program.adult)))
    response = await api.call(
        "PATCH",
        f"{api.program.people_path}/{ref}",
        json={"first_name": None, "last_name": " "},
        headers={"if-match": '"1"'},
    )
    assert response.status_code == 422
    assert len([e for e in api.published() if e.key == ref]) == 1


async def test_a_cin_is_taken_and_told_as_the_program_has_it_even_if_it_is_none(api: Api) -> None:
    (ref,) = api.refs(await api.intake(new(api.program.adult, cin="pending")))
    path = f"{api.program.people_path}/{ref}"
    changed = await api.call("PATCH", path, json={"cin": "9123-A"}, headers={"if-match": "*"})
    assert changed.json()["person"]["cin"] == "9123-A"
    people = [event for event in api.published() if event.type == api.program.events["person"]]
    assert [api.opened(event).cin for event in people] == ["pending", "9123-A"]


async def test_a_list_gives_everything_exactly_once(api: Api) -> None:
    program = api.program
    made = {(await api.intake(new(program.adult, f"P{i}")))["ref"] for i in range(7)}
    seen: list[str] = []
    path: str | None = f"{program.intake_path}?limit=3"
    pages = 0
    while path is not None:
        response = await api.get(path)
        seen += [one["ref"] for one in response.json()["items"]]
        path = response.links["next"]["url"] if "next" in response.json() else None
        assert ("link" in response.headers) == ("next" in response.json())
        pages += 1
    assert pages == 3
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=***", "cursor=AAA%3D"])
async def test_a_malformed_page_is_refused(api: Api, query: str) -> None:
    response = await api.get(f"{api.program.people_path}?{query}")
    assert 400 <= response.status_code < 500
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_failure_before_the_commit_leaves_nothing(api: Api) -> None:
    program = api.program
    before = api.stored.counts()
    headers = {"idempotency-key": "k-1"}
    with api.stored.refusing("outbox"):
        failed = await api.post(program.intake_path, program.intake(new(program.adult)), headers=headers)
    assert failed.status_code == 500
    assert failed.headers["content-type"] == "application/problem+json"
    assert api.stored.counts() == before
    again = await api.post(program.intake_path, program.intake(new(program.adult)), headers=headers)
    assert again.status_code == 201
    assert [event.sequence for event in api.published()].count(1) == len({e.key for e in api.published()})


async def test_the_callers_trace_is_in_the_answer_and_in_the_events(api: Api) -> None:
    program = api.program
    response = await api.post(
        program.intake_path, program.intake(new(program.adult)), headers={"traceparent": TRACEPARENT}
    )
    trace = TRACEPARENT.split("-")[1]
    assert response.headers["traceparent"].split("-")[1] == trace
    assert {event.headers["ce_traceparent"].split("-")[1] for event in api.published()} == {trace}
    refused = await api.get(f"{program.people_path}/nobody", headers={"traceparent": TRACEPARENT})
    assert refused.json()["trace_id"] == trace


async def test_the_relay_is_woken_after_a_commit_that_wrote_events(
    program: Program, databases: Databases, tmp_path: Path
) -> None:
    wake = asyncio.Event()
    with databases.fresh(program.name, tmp_path) as stored:
        async with running(program, stored, tmp_path, wake=wake) as api:
            await api.post(program.intake_path, {})
            assert not wake.is_set()
            await api.intake(new(program.adult))
            assert wake.is_set()


async def test_simultaneous_intakes_all_stand_and_only_one_gets_a_record_id(api: Api) -> None:
    program = api.program
    bodies = [program.intake(new(program.adult, f"P{i}", record_id="R-1")) for i in range(5)]
    answers = await asyncio.gather(*(api.post(program.intake_path, body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    answers = await asyncio.gather(
        *(api.post(program.intake_path, program.intake(new(program.adult, f"Q{i}"))) for i in range(10))
    )
    assert {answer.status_code for answer in answers} == {201}
