"""Many rows at once: the same rows on both databases, each value as it was."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.cws_api.tables import IMPORTS, OUTBOX
from shared.bulk import insert_rows
from shared.database import Database
from tests.databases import Databases, Stored

COUNTY, ELSEWHERE = "43", "07"
AT = datetime(2026, 3, 2, 18, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def stored(databases: Databases, tmp_path: Path) -> Iterator[Stored]:
    with databases.fresh("cws", tmp_path) as made:
        yield made


@pytest.fixture
async def database(stored: Stored) -> AsyncIterator[Database]:
    made = Database(stored.app)
    yield made
    await made.close()


def event(number: int, county: str = COUNTY) -> dict[str, Any]:
    return {
        "event_id": f"ev_{number}",
        "county": county,
        "key": 'a "key", {with} \\ marks, NULL',
        "sequence": number + 2**40,
        "type": "",
        "partition": number % 8,
        "headers": "{}",
        "value": bytes(range(256)),
        "recorded_at": AT,
        "generation": number if number % 2 else None,
    }


async def test_every_value_comes_back_as_it_was(database: Database) -> None:
    rows = [event(number) for number in range(300)]
    async with database.transaction(county=COUNTY) as connection:
        await insert_rows(connection, OUTBOX.rows, rows)
        await insert_rows(connection, OUTBOX.rows, [])
    columns = [OUTBOX.rows.c[name] for name in rows[0]]
    async with database.reading(county=COUNTY) as connection:
        found = await connection.execute(sa.select(*columns).order_by(OUTBOX.rows.c.sequence))
        assert [dict(row._mapping) for row in found] == rows


async def test_a_row_that_cannot_stand_takes_the_others_with_it(database: Database, stored: Stored) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        async with database.transaction(county=COUNTY) as connection:
            await insert_rows(connection, OUTBOX.rows, [event(1), event(2), event(1)])
    assert stored.counts()["outbox"] == 0


async def test_rows_of_another_county_are_refused_where_rows_are_walled_off(
    postgres_databases: Databases, tmp_path: Path
) -> None:
    with postgres_databases.fresh("cws", tmp_path) as stored:
        database = Database(stored.app)
        with pytest.raises(sa.exc.DBAPIError, match="row-level security"):
            async with database.transaction(county=COUNTY) as connection:
                await insert_rows(connection, OUTBOX.rows, [event(1), event(2, ELSEWHERE)])
        assert stored.counts()["outbox"] == 0
        row = {"county": COUNTY, "import": "im_0", "line": 1, "unit": "a", "outcome": "accepted"}
        with pytest.raises(sa.exc.DBAPIError, match="foreign key"):
            async with database.transaction(county=COUNTY) as connection:
                await insert_rows(connection, IMPORTS.rows, [row])
        await database.close()
