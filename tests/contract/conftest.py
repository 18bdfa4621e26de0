"""The three services with a family in each of two counties, made once for each module that asks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.contract import county as counties
from tests.contract.county import ELSEWHERE, HOME
from tests.contract.operations import World


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("county")
    counties.migrate(made)
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(folder: Path) -> AsyncIterator[World]:
    async with counties.running(folder) as county:
        yield World(county, await county.family(HOME), await county.family(ELSEWHERE, "Brandt"))
