"""Prepared statements: what SQLAlchemy's own execution gives, they give."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from shared.database import Database, Instant, among, insert_into, metadata, upsert
from shared.prepared import PreparedStatements
from shared.records import next_version

METADATA = metadata()
THING = sa.Table(
    "thing",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("ref", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("day", sa.Date),
    sa.Column("flag", sa.Boolean, nullable=False),
    sa.Column("list", sa.JSON),
    sa.Column("bytes", sa.LargeBinary),
    sa.Column("number", sa.Float),
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

things = st.builds(
    dict,
    county=st.just("43"),
    ref=st.text(min_size=1, max_size=5).filter(lambda text: "\x00" not in text and text.isprintable()),
    version=st.integers(1, 2**31),
    at=st.integers(0, 2**52).map(lambda n: EPOCH + timedelta(microseconds=n)),
    day=st.none() | st.dates(date(1900, 1, 1)),
    flag=st.booleans(),
    list=st.none() | st.lists(st.integers(0, 9) | st.text(max_size=3)),
    bytes=st.none() | st.binary(max_size=9),
    number=st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
ALL = sa.select(THING).where(among(THING.c.ref, "refs"), THING.c.version > 0).order_by(THING.c.ref)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/it.db")
    async with made.transaction() as connection:
        await connection.run_sync(METADATA.create_all)
    yield made
    await made.close()


@contextlib.asynccontextmanager
async def undone(database: Database) -> AsyncIterator[Any]:
    """A transaction that leaves nothing."""
    with contextlib.suppress(ZeroDivisionError):
        async with database.transaction() as connection:
            yield connection
            raise ZeroDivisionError


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(things, min_size=1, max_size=5, unique_by=lambda row: row["ref"]))
async def test_what_is_written_and_read_is_what_sqlalchemy_writes_and_reads(
    database: Database, rows: list[dict[str, Any]]
) -> None:
    async with undone(database) as connection:
        await connection.execute(insert_into(THING), rows)
        ours = (await connection.execute(ALL, {"refs": [row["ref"] for row in rows]})).all()
        theirs = (await connection.execute(sa.select(THING).order_by(THING.c.ref))).all()
        assert [row._asdict() for row in ours] == [row._asdict() for row in theirs]
        assert [repr(row) for row in ours] == [repr(row) for row in theirs]
        assert {row.ref: row.at for row in ours} == {row["ref"]: row["at"] for row in rows}


async def test_an_upsert_of_many_rows_returns_a_row_for_each(database: Database) -> None:
    rows = [_thing(ref, n) for n, ref in enumerate("abc", 1)]
    async with undone(database) as connection:
        adding = upsert(connection, THING, add=("version",), returning=("ref", "version"))
        await connection.execute(adding, rows)
        again = await connection.execute(adding, rows[:2])
        assert [tuple(row) for row in again] == [("a", 2), ("b", 4)]


async def test_the_columns_of_an_update_are_those_of_its_parameters(database: Database) -> None:
    async with undone(database) as connection:
        await connection.execute(insert_into(THING), [_thing("a", 1), _thing("b", 1)])
        of = {"of_county": "43", "of_ref": "a"}
        assert (await connection.execute(next_version(THING), {**of, "flag": True})).all() == [("a",)]
        assert (await connection.execute(next_version(THING), {**of, "number": 2.5})).all() == [("a",)]
        assert (await connection.execute(next_version(THING), {**of, "of_ref": "c"})).first() is None
        rows = (await connection.execute(ALL, {"refs": ["a", "b"]})).all()
        assert [(row.version, row.flag, row.number) for row in rows] == [(3, True, 2.5), (1, False, None)]


async def test_a_list_of_numbers_is_one_statement_and_a_list_of_bytes_is_left_to_sqlalchemy(
    database: Database,
) -> None:
    by_version = sa.select(THING.c.ref).where(among(THING.c.version, "versions"))
    by_bytes = sa.select(THING.c.ref).where(among(THING.c.bytes, "them"))
    async with undone(database) as connection:
        await connection.execute(insert_into(THING), [_thing("a", 1), _thing("b", 2)])
        assert (await connection.execute(by_version, {"versions": [2, 3]})).scalars().all() == ["b"]
        assert (await connection.execute(by_bytes, {"them": [b"a", b"x"]})).scalars().all() == ["a"]
    statements = PreparedStatements()
    assert statements.of(by_version, ("versions",), sqlite.dialect()) is not None
    assert statements.of(by_bytes, ("them",), sqlite.dialect()) is None


async def test_a_refusal_is_told_as_sqlalchemy_tells_it_and_without_the_values(database: Database) -> None:
    async with undone(database) as connection:
        await connection.execute(insert_into(THING), [_thing("a", 1)])
        with pytest.raises(sa.exc.IntegrityError) as refused:
            await connection.execute(insert_into(THING), [_thing("a", 77777)])
    assert "77777" not in str(refused.value)


async def test_a_parameter_that_is_missing_is_an_error(database: Database) -> None:
    async with undone(database) as connection:
        with pytest.raises(KeyError):
            await connection.execute(ALL, {"others": []})


def _thing(ref: str, version: int) -> dict[str, Any]:
    return {
        "county": "43",
        "ref": ref,
        "version": version,
        "at": EPOCH,
        "flag": False,
        "bytes": ref.encode(),
    }
