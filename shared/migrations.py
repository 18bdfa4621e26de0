"""Migrations: one numbered history per service, for both databases, with no ini file.

A service's `migrations/env.py` calls `run_env(metadata)`; everything else stands here.
"""

import asyncio
from collections.abc import Callable
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from shared.database import Database, opened
from shared.errors import Unavailable
from shared.row_security import see_all

_SORTS_BY_BYTE = """
SELECT datlocprovider = 'b' OR (datlocprovider = 'c' AND datcollate IN ('C', 'POSIX', 'C.UTF-8', 'C.utf8'))
FROM pg_database WHERE datname = current_database()
"""


def _config(package: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(package / "migrations"))
    return config


def run_env(metadata: sa.MetaData) -> None:
    """What a service's `env.py` does: run the migrations on the connection that `_with` passed in."""
    connection = context.config.attributes["connection"]
    if connection.dialect.name == "postgresql":
        _prepare(connection)
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True
    )
    with context.begin_transaction():
        context.run_migrations()


def _prepare(connection: sa.Connection) -> None:
    """A migration may take its time, and sees every county. Raises Unavailable where texts are not sorted by byte.

    A language's rules change with the system's libraries, and an index that was built by the old ones is then wrong.
    """
    if not connection.exec_driver_sql(_SORTS_BY_BYTE).scalar_one():
        raise Unavailable(
            "The database sorts texts by the rules of a language: make it with LC_COLLATE 'C', "
            "as `linkages database setup` does"
        )
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    see_all(connection)


def upgrade(url: str, package: Path, revision: str = "head") -> None:
    """Bring a database up to `revision`; `package` is the folder that holds `migrations/`."""

    def run(connection: sa.Connection) -> None:
        config = _config(package)
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    asyncio.run(_with(url, run))


def downgrade(url: str, package: Path, revision: str) -> None:
    """Take a database back to `revision`."""

    def run(connection: sa.Connection) -> None:
        config = _config(package)
        config.attributes["connection"] = connection
        command.downgrade(config, revision)

    asyncio.run(_with(url, run))


def revise(url: str, package: Path, metadata: sa.MetaData, name: str) -> None:
    """Write a new numbered revision with what the metadata has and the database has not."""

    def run(connection: sa.Connection) -> None:
        config = _config(package)
        config.attributes["connection"] = connection
        number = f"{len(list((package / 'migrations' / 'versions').glob('[0-9]*.py'))) + 1:04d}"
        command.revision(config, message=name, autogenerate=True, rev_id=number)

    del metadata
    asyncio.run(_with(url, run))


def differences(url: str, metadata: sa.MetaData) -> list[str]:
    """What the metadata has and the migrated database has not, in words: empty when they agree."""
    found: list[str] = []

    def run(connection: sa.Connection) -> None:
        migration = MigrationContext.configure(connection, opts={"compare_type": True})
        found.extend(str(difference) for difference in compare_metadata(migration, metadata))

    asyncio.run(_with(url, run))
    return found


async def require_head(database: Database, package: Path) -> None:
    """Raise Unavailable unless the database is at the newest revision."""
    async with database.reading() as connection:
        current = await connection.run_sync(_revision)
    if current != (head := _head(package)):
        raise Unavailable(
            f"The database is at revision {current}, the program needs {head}: run `linkages migrate`"
        )


@cache
def _head(package: Path) -> str | None:
    """The newest revision that this program has."""
    return ScriptDirectory.from_config(_config(package)).get_current_head()


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


async def _with(url: str, run: Callable[[sa.Connection], None]) -> None:
    """One transaction, on SQLite too: a migration that is interrupted leaves nothing half done."""
    async with opened(url) as database, database.transaction() as connection:
        await connection.run_sync(run)
