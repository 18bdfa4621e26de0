"""Migrations make exactly the tables that the code describes, and can be taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

import services.calworks_api.tables as calworks_tables
import services.cws_api.tables as cws_tables
import services.matcher.tables as matcher_tables
from shared import migrations
from shared.errors import Unavailable
from tests.databases import Stored, empty_database

ROOT = Path(__file__).parents[2]

SERVICES = pytest.mark.parametrize(
    ("package", "metadata"),
    [
        pytest.param(ROOT / "services" / "cws_api", cws_tables.METADATA, id="cws"),
        pytest.param(ROOT / "services" / "calworks_api", calworks_tables.METADATA, id="calworks"),
        pytest.param(ROOT / "services" / "matcher", matcher_tables.METADATA, id="matcher"),
    ],
)


@pytest.fixture(params=["sqlite", "postgres_15", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database: SQLite, the oldest PostgreSQL that a county may have, and the newest."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/it.db"
    else:
        with empty_database(request.getfixturevalue(request.param)) as made:
            yield made


def tables(url: str) -> set[str]:
    """The tables of a database."""
    return set(Stored(url, url, url).tables())


@SERVICES
def test_the_migrated_database_is_what_the_code_describes(
    url: str, package: Path, metadata: sa.MetaData
) -> None:
    migrations.upgrade(url, package)
    assert migrations.differences(url, metadata) == []
    assert tables(url) == set(metadata.tables) | {"alembic_version"}


@SERVICES
def test_a_table_without_its_migration_is_found(url: str, package: Path, metadata: sa.MetaData) -> None:
    migrations.upgrade(url, package)
    more = sa.MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.sorted_tables:
        table.to_metadata(more)
    sa.Table("planted", more, sa.Column("id", sa.Integer, primary_key=True))
    assert len(migrations.differences(url, more)) == 1


@SERVICES
def test_migrations_can_be_taken_back_and_made_again(url: str, package: Path, metadata: sa.MetaData) -> None:
    migrations.upgrade(url, package)
    migrations.downgrade(url, package, "base")
    assert tables(url) <= {"alembic_version"}
    migrations.upgrade(url, package)
    assert migrations.differences(url, metadata) == []


def test_a_database_that_sorts_by_a_languages_rules_is_refused(postgres_15: str) -> None:
    by_english = "LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8' ENCODING 'UTF8'"
    with empty_database(postgres_15, by_english) as url, pytest.raises(Unavailable, match="LC_COLLATE 'C'"):
        migrations.upgrade(url, ROOT / "services" / "matcher")


@SERVICES
def test_revisions_are_numbered_without_a_gap(package: Path, metadata: sa.MetaData) -> None:
    del metadata
    names = sorted(file.name[:4] for file in (package / "migrations" / "versions").glob("[0-9]*.py"))
    assert names == [f"{number:04d}" for number in range(1, len(names) + 1)]


@pytest.mark.parametrize(
    ("details", "stands"),
    [
        (None, True),
        ("{}", True),
        ('{"lacks": []}', True),
        ('{"lacks": ["V7"]}', False),
        ('{"superseded_by": "rl_two"}', False),
        ('{"withdrawals": [{"categories": ["K7"]}]}', False),
    ],
)
def test_a_release_that_is_not_whole_does_not_come_into_force_when_its_details_are_taken_away(
    url: str, details: str | None, *, stands: bool
) -> None:
    package = ROOT / "services" / "matcher"
    migrations.upgrade(url, package)
    database = Stored(url, url, url)
    held = "NULL" if details is None else f"'{details}'"
    day = "'2026-08-03 00:00:00.000000'" if url.startswith("sqlite") else "'2026-08-03T00:00:00Z'"
    database.query(
        "INSERT INTO release "  # noqa: S608
        "(county, id, program, taken_by, terms, details, valid_from, expires, version, recorded_at) "
        f"VALUES ('43', 'rl_one', 'cws', 'w', '{{}}', {held}, {day}, {day}, 1, {day})"
    )
    migrations.downgrade(url, package, "0007")
    ((revoked_at,),) = database.query("SELECT revoked_at FROM release")
    assert (revoked_at is None) == stands
