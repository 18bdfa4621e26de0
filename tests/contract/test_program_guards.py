"""What both program services keep from whom, and how they start and say how they are."""

# ruff: noqa: F811 - fixtures are imported and named again as parameters

import base64
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from shared.clock import FrozenClock
from shared.database import Database
from shared.errors import Unavailable
from shared.outbox import make_outbox_tables, unsent
from tests.contract.program_world import (  # noqa: F401 - fixtures among them
    COUNTY,
    ELSEWHERE,
    SSN,
    Api,
    Program,
    api,
    clock,
    new,
    program,
    running,
)
from tests.databases import Databases


async def test_an_ssn_is_never_shown_and_a_filler_is_dropped(api: Api) -> None:
    adult = api.program.adult
    fillers = ["000-12-3456", "666121234", "999 99 9999", "123-45-6789"]
    made = await api.intake(
        new(adult, ssn=SSN), *(new(adult, f"No{i}", ssn=one) for i, one in enumerate(fillers))
    )
    shown = [(await api.get(f"{api.program.people_path}/{ref}")) for ref in api.refs(made)]
    assert [one.json()["person"]["ssn_on_file"] for one in shown] == [True, False, False, False, False]
    assert not any(digits in one.text for one in shown for digits in (SSN, "612478391", "8391"))
    bad = await api.post(api.program.intake_path, api.program.intake(new(adult, ssn="61247839")))
    assert bad.status_code == 422
    assert bad.json()["errors"] == [
        {
            "pointer": f"/{api.program.people}/0/person/ssn",
            "message": "must be nine digits, with or without dashes",
        }
    ]
    assert "61247839" not in bad.text


async def test_sealing_is_no_field(api: Api) -> None:
    response = await api.post(
        api.program.intake_path, api.program.intake(new(api.program.adult, sensitivity="R"))
    )
    assert response.status_code == 422
    assert response.json()["errors"][0]["message"] == "must be N or S: sealing has its own address"


async def test_a_sealed_person_answers_like_nobody(api: Api) -> None:
    program = api.program
    made = await api.intake(new(program.adult, record_id="R-1"), new(program.child, "Leo", record_id="R-2"))
    ref, other = api.refs(made)
    sealed, nobody = f"{program.people_path}/{ref}", f"{program.people_path}/{ref[:3]}nobody"
    assert (await api.post(f"{sealed}/seal", {})).status_code == 403
    assert (await api.post(f"{sealed}/seal", {}, program.sealer)).status_code == 204

    def masked(text: str) -> str:
        problem = json.loads(text)
        return json.dumps({**problem, "trace_id": ""})

    for method, path, more in (
        ("GET", "", {}),
        ("PATCH", "", {"json": {"last_name": "Soto"}, "headers": {"if-match": '"2"'}}),
        ("POST", "/seal", {"json": {}}),
    ):
        role = program.sealer
        one = await api.call(method, sealed + path, role, **more)
        none = await api.call(method, nobody + path, role, **more)
        assert one.status_code == none.status_code == 404
        assert masked(one.text) == masked(none.text)

    listed = (await api.get(program.people_path)).json()["items"]
    assert [one["ref"] for one in listed] == [other]
    shown = (await api.get(f"{program.intake_path}/{made['ref']}")).json()[program.people]
    assert shown[0] == {program.person_key: ref, "role": program.adult}
    assert shown[1]["record_id"] == "R-2"
    for entry in ({"ref": ref}, {"record_id": "R-1"}):
        named = await api.post(program.intake_path, program.intake({**entry, "role": program.adult}))
        assert named.json()["errors"][0]["message"] == "is not known here"
    event = api.published()[-1]
    assert (event.type, event.key, event.sequence) == (program.events["sealed"], ref, 2)
    assert set(event.data.values()) == {ref}


async def test_another_countys_records_are_not_there(api: Api) -> None:
    program = api.program
    made = await api.intake(new(program.adult, record_id="R-1"))
    (ref,) = api.refs(made)
    paths = [
        f"{program.intake_path}/{made['ref']}",
        f"{program.people_path}/{ref}",
        f"{program.group_path}/{made[program.group_out]}",
        f"/v1/assignments/{made['assignment']}",
    ]
    for path in paths:
        assert (await api.get(path)).status_code == 200
        assert (await api.get(path, county=ELSEWHERE)).status_code == 404
        listed = await api.get(path.rsplit("/", 1)[0], county=ELSEWHERE)
        assert listed.json() == {"items": []}
    patch = {"json": {"last_name": "Soto"}, "headers": {"if-match": '"1"'}}
    assert (await api.call("PATCH", paths[1], county=ELSEWHERE, **patch)).status_code == 404
    named = await api.post(
        program.intake_path, program.intake({"ref": ref, "role": program.adult}), county=ELSEWHERE
    )
    assert named.status_code == 422
    same_record = await api.post(
        program.intake_path, program.intake(new(program.adult, record_id="R-1")), county=ELSEWHERE
    )
    assert same_record.status_code == 201


async def test_every_route_needs_a_caller_of_this_program_with_a_role(api: Api) -> None:
    document = (await api.client.get("/openapi.json")).json()
    other = "calworks" if api.program.name == "cws" else "cws"
    refused = {
        "no token": (401, {}),
        "a forged token": (401, {"authorization": "Bearer x.y.z"}),
        "the other program": (403, {"authorization": f"Bearer {api.token(program=other)}"}),
        "no such role": (403, {"authorization": f"Bearer {api.token('analyst')}"}),
        "a county not served": (401, {"authorization": f"Bearer {api.token(county='58')}"}),
    }
    operations = [
        (method, path.replace("{ref}", "x"), operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if path not in ("/livez", "/readyz", "/startupz", "/metrics")
    ]
    assert len(operations) > 15
    for method, path, operation in operations:
        assert operation["security"] == [{"HTTPBearer": []}], path
        for who, (status, headers) in refused.items():
            response = await api.client.request(method, path, headers=headers, json={})
            assert response.status_code == status, (who, method, path)
            assert response.headers["content-type"] == "application/problem+json"


async def test_readers_read_and_writers_write(api: Api) -> None:
    program = api.program
    body = program.intake(new(program.adult))
    for role, status in (("linkages_liaison", 403), ("integration", 403), ("privacy_officer", 403)):
        assert (await api.post(program.intake_path, body, role)).status_code == status
    scoped = api.token("integration", scope=f"{program.name}:intake:write")
    headers = {"authorization": f"Bearer {scoped}"}
    assert (await api.client.post(program.intake_path, json=body, headers=headers)).status_code == 201
    for role in ("linkages_liaison", "integration"):
        assert (await api.get(program.intake_path, role)).status_code == 200
    assert (await api.get(program.intake_path, "privacy_officer")).status_code == 403


async def test_nothing_that_identifies_stands_in_clear_in_the_database_file(api: Api) -> None:
    program = api.program
    details = {
        "ssn": SSN,
        "birth_date": "1987-06-05",
        "cin": "97654321Z",
        "addresses": [{"street": "4711 Canary Row", "city": "Gilroy"}],
        "phones": ["408-555-7788"],
        "aliases": [{"last_name": "Quetzalcanary"}],
        "language": "Canarian",
    }
    made = await api.intake(new(program.adult, "Xochitlcanary", "Zyxcanary", **details))
    path = f"{program.people_path}/{api.refs(made)[0]}"
    await api.call(
        "PATCH",
        path,
        json={"last_name": "Othercanary", "ssn": "612-47-8392"},
        headers={"if-match": '"1"', "idempotency-key": "k"},
    )
    assert len(api.stored.query("SELECT 1 FROM outbox WHERE type LIKE '%upserted%'")) == 2
    stored = api.stored.everything()
    assert made["ref"].encode() in stored
    for clear in (
        *(
            "Xochitlcanary",
            "Zyxcanary",
            "Quetzalcanary",
            "Othercanary",
            "Canary Row",
            "Canarian",
            "97654321Z",
        ),
        *(SSN, "612478391", "8391", "612478392", "1987-06-05", "408-555-7788"),
    ):
        for spelled in (clear.encode(), base64.b64encode(clear.encode()).rstrip(b"=")[:-1]):
            assert spelled not in stored, clear


@pytest.fixture
async def embedded(
    program: Program, sqlite_databases: Databases, tmp_path: Path, clock: FrozenClock
) -> AsyncIterator[Api]:
    """A service on the embedded default, where the app is the one process that there is."""
    with sqlite_databases.fresh(program.name, tmp_path) as stored:
        async with running(program, stored, tmp_path, clock=clock) as api:
            yield api


async def test_health_names_each_part_and_turns_when_events_wait(embedded: Api, clock: FrozenClock) -> None:
    api = embedded
    ready = await api.client.get("/readyz")
    assert ready.json() == {
        "status": "ok",
        "parts": {"database": "ok", "migrations": "ok", "outbox": "ok"},
    }
    await api.intake(new(api.program.adult))
    clock.advance(timedelta(seconds=61))
    waiting = await api.client.get("/readyz")
    assert waiting.json()["parts"]["outbox"] == "degraded"
    assert (await api.client.get("/livez")).json()["status"] == "ok"


async def test_metrics_tell_how_busy_it_is_and_nothing_of_anybody(embedded: Api, clock: FrozenClock) -> None:
    api = embedded
    made = await api.intake(new(api.program.adult))
    clock.advance(timedelta(seconds=61))
    scraper = {"authorization": f"Bearer {api.token('integration', scope='metrics:read')}"}
    told = (await api.client.get("/metrics", headers=scraper)).text
    name = api.program.name
    waiting = re.search(rf'linkages_waiting{{what="{name} outbox"}} ([0-9.]+)', told)
    oldest = re.search(rf'linkages_oldest_seconds{{what="{name} outbox"}} ([0-9.]+)', told)
    assert waiting
    assert oldest
    assert float(waiting[1]) > 0
    assert float(oldest[1]) == 61
    assert f'route="{api.program.intake_path}",status="201"' in told
    assert not any(ref in told for ref in api.refs(made))


async def test_it_has_started_once_its_parts_have_worked(api: Api) -> None:
    first, later = [(await api.client.get("/startupz")).json() for _ in range(2)]
    seen = {"database", "migrations", "outbox"} if api.stored.is_sqlite else {"database", "migrations"}
    assert (first["status"], set(first["parts"])) == ("ok", seen)
    assert later == first


async def test_behind_row_level_security_the_relays_process_tells_what_waits(
    program: Program, postgres_databases: Databases, tmp_path: Path, clock: FrozenClock
) -> None:
    """The app sees no row without a county: it says nothing rather than that nothing waits."""
    with postgres_databases.fresh(program.name, tmp_path) as stored:
        async with running(program, stored, tmp_path, clock=clock) as api:
            await api.intake(new(program.adult))
            clock.advance(timedelta(seconds=61))
            ready = (await api.client.get("/readyz")).json()
            assert ready == {"status": "ok", "parts": {"database": "ok", "migrations": "ok"}}
            scraper = {"authorization": f"Bearer {api.token('integration', scope='metrics:read')}"}
            assert (await api.client.get("/metrics", headers=scraper)).status_code == 200
        database = Database(stored.worker, clock=clock)
        assert (await unsent(database, make_outbox_tables(sa.MetaData()))).count > 0
        await database.close()


async def test_unknown_addresses_and_methods_are_problems(api: Api) -> None:
    for method, path, status in (("GET", "/v1/nothing", 404), ("DELETE", api.program.intake_path, 405)):
        response = await api.call(method, path)
        assert response.status_code == status
        assert response.headers["content-type"] == "application/problem+json"


async def test_no_page_loads_scripts_from_elsewhere(api: Api) -> None:
    page = await api.client.get("/docs")
    assert page.status_code == 200
    assert "//" not in page.text
    policy = page.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "connect-src 'self'"} <= set(policy)
    assert (await api.client.get("/redoc")).status_code == 404


async def test_the_openapi_document_names_every_operation_and_refusal(api: Api) -> None:
    document = (await api.client.get("/openapi.json")).json()
    operations = [one for path in document["paths"].values() for one in path.values()]
    identifiers = [operation["operationId"] for operation in operations]
    assert len(set(identifiers)) == len(identifiers)
    for operation in operations:
        assert operation["summary"]
        if operation["tags"] != ["health"]:
            assert {"400", "401", "403", "422"} <= set(operation["responses"])
            refusal = operation["responses"]["422"]["content"]
            assert "application/problem+json" in refusal


async def test_a_service_does_not_start_behind_its_migrations(program: Program, tmp_path: Path) -> None:
    settings = program.settings(data_dir=tmp_path, counties=(COUNTY,))
    app = program.create_app(settings)
    with pytest.raises(Unavailable, match="linkages migrate"):
        async with app.router.lifespan_context(app):
            pass


def test_the_database_can_be_named(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"LINKAGES_{program.name.upper()}_DATABASE", "postgresql+asyncpg://db/x")
    assert program.settings(data_dir=tmp_path).url == "postgresql+asyncpg://db/x"
    monkeypatch.delenv(f"LINKAGES_{program.name.upper()}_DATABASE")
    file = make_url(program.settings(data_dir=tmp_path).url).database
    assert file == str(tmp_path / f"{program.name}.db")


def test_every_table_says_whose_county_a_row_is(program: Program) -> None:
    tables = program.metadata.tables
    assert {name for name, table in tables.items() if "county" not in table.c} == {"outbox_shard"}
