"""The three services with a family in each of two counties, made once for each module that asks, on each database."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.contract import capping
from tests.contract import county as counties
from tests.contract.county import ELSEWHERE, HOME
from tests.contract.operations import World
from tests.databases import Databases, Stored


@pytest.fixture(scope="module")
def folder(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new one for each database: it has the log."""
    return tmp_path_factory.mktemp("county")


@pytest.fixture(scope="module")
def stored(databases: Databases, folder: Path) -> Iterator[dict[str, Stored]]:
    """A fresh database for each service."""
    with counties.fresh(databases, folder) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(folder: Path, stored: dict[str, Stored]) -> AsyncIterator[World]:
    async with counties.running(folder, stored) as county:
        made = World(county, await county.family(HOME), await county.family(ELSEWHERE, "Brandt"))
        for family in (made.home, made.elsewhere):
            family.refs["matcher"]["capped-blocks"] = await capping.capped(county, family.county)
        yield made
