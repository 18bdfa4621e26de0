"""`linkages doctor`: each part that is broken is named with what mends it, and looking makes nothing."""

import asyncio
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services import doctor, local
from services.calworks_api.tables import OUTBOX
from services.cli import app
from services.doctor import Finding
from services.matcher import tables as matcher_tables
from shared.bus import CWS_TOPIC, Message
from shared.bus.embedded import EmbeddedBus
from shared.database import Database, opened
from shared.events import calworks, coordination
from shared.outbox import Outbox
from shared.roster.tables import COUNTS

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the settings of this test keep their files."""
    monkeypatch.setenv("LINKAGES_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def settings(folder: Path) -> local.Settings:
    """A system that was set up and never started."""
    made = local.Settings()
    local.migrate(made)
    _ = made.matcher.keys
    asyncio.run(_touch_log(folder))
    return made


@pytest.fixture
def on_postgres(
    fresh_database: Callable[[str], str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> local.Settings:
    """The same on PostgreSQL, with the address of a role that may do everything."""
    for service in local.PACKAGES:
        monkeypatch.setenv(f"LINKAGES_{service.upper()}_DATABASE", fresh_database(service))
    made = local.Settings()
    _ = made.matcher.keys
    asyncio.run(_touch_log(folder))
    return made


async def _touch_log(folder: Path) -> None:
    await (await EmbeddedBus.open(folder / "bus.db")).close()


def look(settings: local.Settings, now: datetime = NOW) -> dict[str, Finding]:
    """The findings by part."""
    return {one.part: one for one in asyncio.run(doctor.examine(settings, now))}


def test_a_system_that_is_well_has_nothing_to_mend(settings: local.Settings) -> None:
    found = look(settings)
    assert {part: one.state for part, one in found.items() if one.state != "ok"} == {}
    assert len(found) >= 11
    assert not any(one.fix for one in found.values())


def test_on_an_empty_machine_every_failure_says_what_to_do_and_nothing_is_made(folder: Path) -> None:
    found = look(local.Settings())
    failed = {part for part, one in found.items() if one.state == "failed"}
    assert {
        "keys",
        "cws database",
        "calworks database",
        "matcher database",
        f"reader of {CWS_TOPIC}",
    } <= failed
    assert "linkages migrate" in found["cws database"].fix
    assert all(found[part].fix for part in failed)
    assert list(folder.glob("*")) == []


def test_a_database_behind_its_program_is_told(settings: local.Settings, folder: Path) -> None:
    with sqlite3.connect(folder / "matcher.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()
    found = look(settings)["matcher database"]
    assert (found.state, "linkages migrate" in found.fix) == ("failed", True)


def test_events_that_nobody_sends_are_told_after_a_while(settings: local.Settings) -> None:
    async def write() -> None:
        database = Database(settings.calworks.url)
        async with database.transaction() as connection:
            outbox = Outbox(OUTBOX, calworks.SOURCE)
            outbox.add("43", calworks.PersonSealed(person_ref="pe_1"), time=NOW)
            await outbox.write(connection, NOW)
        await database.close()

    asyncio.run(write())
    assert look(settings, NOW + timedelta(seconds=5))["calworks relay"].state == "ok"
    late = look(settings, NOW + timedelta(minutes=2))["calworks relay"]
    assert (late.state, late.says.split(",")[0]) == ("failed", "1 events wait")
    assert "linkages work calworks" in late.fix


def test_evidence_that_finds_nobody_any_more_is_told(settings: local.Settings) -> None:
    async def cap() -> None:
        async with opened(settings.matcher.url) as database, database.transaction() as connection:
            rows = [{"county": "43", "key": bytes([n] * 16), "size": 201 + n, "since": NOW} for n in (0, 1)]
            await connection.execute(matcher_tables.BLOCK_CAP.insert(), rows)

    assert look(settings)["capped blocks"] == Finding("capped blocks", "ok", "none")
    asyncio.run(cap())
    found = look(settings)["capped blocks"]
    assert (found.state, found.says.split(".")[0]) == ("warning", "county 43: 2, with 403 people")
    assert "LINKAGES_BLOCK_CAP" in found.fix


def test_what_dashboards_are_not_told_is_said(settings: local.Settings, folder: Path) -> None:
    async def write() -> None:
        async with opened(settings.matcher.url) as database, database.transaction() as connection:
            outbox = Outbox(matcher_tables.OUTBOX, coordination.SOURCE)
            outbox.add("43", coordination.MutualClosed(mutual="mc_1", types=("M1",)), time=NOW)
            await outbox.write(connection, NOW)

    asyncio.run(write())
    late = look(settings, NOW + timedelta(minutes=2))["matcher relay"]
    assert (late.state, "linkages work matcher" in late.fix) == ("failed", True)


def test_an_import_that_stands_still_is_told_after_an_hour(settings: local.Settings, folder: Path) -> None:
    for state, ref in (("receiving", "im_1"), ("applying", "im_2"), ("done", "im_3")):
        values = dict.fromkeys(("dry_run", "initial", *COUNTS), 0) | {
            "county": "43",
            "ref": ref,
            "worker": "w-1",
            "state": state,
            **{name: int(NOW.timestamp() * 1_000_000) for name in ("until", "created_at")},
        }
        with closing(sqlite3.connect(folder / "calworks.db")) as connection, connection:
            connection.execute(
                f"INSERT INTO roster_import ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",  # noqa: S608
                tuple(values.values()),
            )
    assert look(settings, NOW + timedelta(minutes=59))["calworks imports"].state == "ok"
    found = look(settings, NOW + timedelta(minutes=61))
    assert found["cws imports"].state == "ok"
    assert found["calworks imports"].state == "warning"
    assert found["calworks imports"].says == "2 have not moved for an hour, 1 of them not wholly received"


def test_a_role_that_passes_by_the_walls_is_told(on_postgres: local.Settings) -> None:
    roles = [look(on_postgres, datetime.now(UTC))[f"{service} role"] for service in local.PACKAGES]
    assert [(role.state, "linkages database setup" in role.fix) for role in roles] == [("warning", True)] * 3


def test_in_production_such_a_role_is_a_failure(
    on_postgres: local.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINKAGES_ENVIRONMENT", "production")
    assert look(local.Settings(), datetime.now(UTC))["cws role"].state == "failed"


def test_a_database_with_another_clock_is_told(on_postgres: local.Settings) -> None:
    now = datetime.now(UTC)
    assert look(on_postgres, now)["clock"].state == "ok"
    found = look(on_postgres, now + timedelta(minutes=1))["clock"]
    assert found.state == "failed"
    assert re.search(r"cws database is -(59|60|61) s from this host", found.says)


def test_events_that_nobody_reads_are_told(settings: local.Settings, folder: Path) -> None:
    async def publish() -> None:
        bus = await EmbeddedBus.open(folder / "bus.db")
        await bus.publish(CWS_TOPIC, 3, [Message(b"k", b"{}"), Message(b"k", b"{}")])
        await bus.close()

    asyncio.run(publish())
    found = look(settings)[f"reader of {CWS_TOPIC}"]
    assert (found.state, found.says) == ("failed", "2 events wait and nobody reads")
    assert "linkages work matcher" in found.fix


def _bury(folder: Path) -> None:
    with sqlite3.connect(folder / "matcher.db") as connection:
        connection.execute(
            "INSERT INTO dead_letter"
            " (id, topic, partition, offset, county, subject, key, headers, value, reason, at)"
            " VALUES (7, ?, 1, 4, '43', 'cl_1', x'6b', ?, x'7365637265', 'Unknown type', 0)",
            (CWS_TOPIC, '{"ce_type": "linkages.it.v1"}'),
        )
    connection.close()


def test_dead_letters_are_counted_with_whom_they_hold(settings: local.Settings, folder: Path) -> None:
    _bury(folder)
    found = look(settings)["dead letters"]
    assert (found.state, found.says) == ("warning", "1 events, 1 subjects on hold")


def test_a_dead_letter_is_shown_without_its_data(settings: local.Settings, folder: Path) -> None:
    _bury(folder)
    shown = CliRunner().invoke(app, ["dead-letters", "show", "7"])
    assert shown.exit_code == 0
    assert "reason: Unknown type" in shown.output
    assert "ce_type: linkages.it.v1" in shown.output
    assert "secre" not in shown.output
    missing = CliRunner().invoke(app, ["dead-letters", "show", "8"])
    assert missing.exit_code == 2


def test_a_clock_that_runs_behind_is_told(settings: local.Settings, folder: Path) -> None:
    with sqlite3.connect(folder / "matcher.db") as connection:
        at = int((NOW + timedelta(hours=1)).timestamp() * 1_000_000)
        connection.execute("INSERT INTO inbox (event_id, seen_at) VALUES ('ev_1', ?)", (at,))
    connection.close()
    assert look(settings)["clock"].state == "failed"
    assert look(settings, NOW + timedelta(hours=2))["clock"].state == "ok"


def test_a_key_file_that_others_may_read_is_a_warning(settings: local.Settings, folder: Path) -> None:
    (folder / "keys.json").chmod(0o644)
    found = look(settings)["keys"]
    assert (found.state, found.fix) == ("warning", f"chmod 600 {folder / 'keys.json'}")


def test_the_command_ends_with_1_when_something_has_failed(folder: Path) -> None:
    broken = CliRunner().invoke(app, ["doctor"])
    assert broken.exit_code == 1
    assert "Try: " in broken.output


def test_the_command_ends_with_0_when_all_is_well(settings: local.Settings) -> None:
    well = CliRunner().invoke(app, ["doctor", "--json"])
    assert (well.exit_code, '"state": "ok"' in well.output) == (0, True)
