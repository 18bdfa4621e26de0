"""Databases of a benchmark's own server, and asyncpg's connections to them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.engine import make_url

from services.native import postgres


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a database by its SQLAlchemy address, closed at the end."""
    at = make_url(url)
    connection = await asyncpg.connect(
        host=at.host, port=at.port, user=at.username, password=at.password, database=at.database
    )
    try:
        yield connection
    finally:
        await connection.close()


async def new_database(server: postgres.Server, name: str) -> str:
    """The address of a new, empty database."""
    async with connected(server.url()) as connection:
        await connection.execute(f"CREATE DATABASE {name}")
    return server.url(name)
