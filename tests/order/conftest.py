"""Matchers on one database for a test: on a file, or where a test asks for it on PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.order.harness import Arena

BOTH = pytest.mark.parametrize("arena", ["sqlite", "postgresql"], indirect=True)
"""A test of both databases."""


@pytest.fixture
async def arena(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Arena]:
    if getattr(request, "param", "sqlite") == "sqlite":
        arena = await Arena.open(f"sqlite:///{tmp_path}/matcher.db")
    else:
        fresh: Callable[[str], str] = request.getfixturevalue("fresh_database")
        arena = await Arena.open(fresh("matcher"), 4)
    yield arena
    await arena.close()
