"""Matchers on one file for a test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.order.harness import Arena


@pytest.fixture
async def arena(tmp_path: Path) -> AsyncIterator[Arena]:
    arena = await Arena.open(tmp_path / "matcher.db")
    yield arena
    await arena.close()
