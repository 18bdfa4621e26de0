"""A running calworks_api on its own database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.clock import FrozenClock
from tests.contract.program_world import CALWORKS, NOW, Api, migrated, running


@pytest.fixture(scope="module")
def calworks_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(CALWORKS, tmp_path_factory.mktemp("calworks"))


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
async def calworks(calworks_template: Path, tmp_path: Path, clock: FrozenClock) -> AsyncIterator[Api]:
    async with running(CALWORKS, calworks_template, tmp_path, clock) as api:
        yield api
