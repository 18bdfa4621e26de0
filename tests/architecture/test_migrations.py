"""Migrations make exactly the tables that the code describes, and can be taken back."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

import services.calworks_api.tables as calworks_tables
import services.cws_api.tables as cws_tables
import services.matcher.tables as matcher_tables
from shared import migrations

ROOT = Path(__file__).parents[2]

SERVICES = pytest.mark.parametrize(
    ("package", "metadata"),
    [
        pytest.param(ROOT / "services" / "cws_api", cws_tables.METADATA, id="cws"),
        pytest.param(ROOT / "services" / "calworks_api", calworks_tables.METADATA, id="calworks"),
        pytest.param(ROOT / "services" / "matcher", matcher_tables.METADATA, id="matcher"),
    ],
)


def tables(file: Path) -> set[str]:
    """The tables of a database file."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name for (name,) in rows if not name.startswith("sqlite_")}


@SERVICES
def test_the_migrated_database_is_what_the_code_describes(
    tmp_path: Path, package: Path, metadata: sa.MetaData
) -> None:
    url = f"sqlite:///{tmp_path}/it.db"
    migrations.upgrade(url, package)
    assert migrations.differences(url, metadata) == []
    assert tables(tmp_path / "it.db") == set(metadata.tables) | {"alembic_version"}


@SERVICES
def test_a_table_without_its_migration_is_found(tmp_path: Path, package: Path, metadata: sa.MetaData) -> None:
    url = f"sqlite:///{tmp_path}/it.db"
    migrations.upgrade(url, package)
    more = sa.MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.sorted_tables:
        table.to_metadata(more)
    sa.Table("planted", more, sa.Column("id", sa.Integer, primary_key=True))
    assert len(migrations.differences(url, more)) == 1


@SERVICES
def test_migrations_can_be_taken_back_and_made_again(
    tmp_path: Path, package: Path, metadata: sa.MetaData
) -> None:
    url = f"sqlite:///{tmp_path}/it.db"
    migrations.upgrade(url, package)
    migrations.downgrade(url, package, "base")
    assert tables(tmp_path / "it.db") <= {"alembic_version"}
    migrations.upgrade(url, package)
    assert migrations.differences(url, metadata) == []


@SERVICES
def test_revisions_are_numbered_without_a_gap(package: Path, metadata: sa.MetaData) -> None:
    del metadata
    names = sorted(file.name[:4] for file in (package / "migrations" / "versions").glob("[0-9]*.py"))
    assert names == [f"{number:04d}" for number in range(1, len(names) + 1)]
