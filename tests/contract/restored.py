"""A matcher that lost everything but its releases, with a log that holds nothing any more."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from click.testing import Result
from typer.testing import CliRunner

from services.cli import app
from shared.bus import CALWORKS_TOPIC, CWS_TOPIC
from shared.bus.embedded import EmbeddedBus
from shared.clock import FrozenClock
from shared.database import Database
from tests.contract import county as counties
from tests.contract.county import County
from tests.order.harness import Matcher, Standing

KEPT = ("alembic_version", "release")  # with what stands beside a release


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("template")
    counties.migrate(made)
    return made


@pytest_asyncio.fixture
async def county(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[County]:
    """The services on fresh files, which the command finds too."""
    _copy(template, tmp_path)
    monkeypatch.setenv("LINKAGES_DATA_DIR", str(tmp_path))
    async with counties.running(tmp_path) as running:
        yield running


def _copy(template: Path, folder: Path) -> None:
    for file in template.glob("*.db"):
        shutil.copy(file, folder)


async def linkages(*words: str) -> Result:
    """The command, run as another process would run it: beside the services."""
    return await asyncio.to_thread(CliRunner().invoke, app, words)


async def standing(folder: Path, county: County) -> Standing:
    """What the matcher has found and tells."""
    database = Database(f"sqlite:///{folder / 'matcher.db'}")
    try:
        return await Matcher(database, FrozenClock(datetime.now(UTC)), county.decider).standing()
    finally:
        await database.close()


async def lose_everything(folder: Path) -> None:
    """Empty the log, and the matcher but for its releases."""
    bus = await EmbeddedBus.open(folder / "bus.db")
    for topic in (CWS_TOPIC, CALWORKS_TOPIC):
        for partition, bounds in (await bus.bounds(topic)).items():
            await bus.truncate(topic, partition, bounds.end)
    await bus.close()
    with closing(sqlite3.connect(folder / "matcher.db", isolation_level=None)) as matcher:
        for table in _tables(matcher):
            if not table.startswith(KEPT):
                matcher.execute(f'DELETE FROM "{table}"')  # noqa: S608 - a name from the schema


def rows(folder: Path, *but: str) -> dict[str, int]:
    """How many rows each table of the matcher has."""
    with closing(sqlite3.connect(folder / "matcher.db")) as matcher:
        return {
            table: matcher.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608
            for table in _tables(matcher)
            if table not in but
        }


def _tables(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return [name for (name,) in found]
