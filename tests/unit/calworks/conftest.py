"""A running calworks_api on its own database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.clock import FrozenClock
from tests.contract.program_world import CALWORKS, NOW, Api, running
from tests.databases import Databases


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
async def calworks(databases: Databases, tmp_path: Path, clock: FrozenClock) -> AsyncIterator[Api]:
    with databases.fresh("calworks", tmp_path) as stored:
        async with running(CALWORKS, stored, tmp_path, clock=clock) as api:
            yield api
