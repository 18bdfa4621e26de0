"""A running cws_api on its own database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.clock import FrozenClock
from tests.contract.program_world import CWS, NOW, Api, migrated, running


@pytest.fixture(scope="module")
def cws_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(CWS, tmp_path_factory.mktemp("cws"))


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
async def cws(cws_template: Path, tmp_path: Path, clock: FrozenClock) -> AsyncIterator[Api]:
    async with running(CWS, cws_template, tmp_path, clock) as api:
        yield api
