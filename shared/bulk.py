"""Many rows of one table at once.

PostgreSQL takes them as one array for each column. Its COPY refuses a table with row-level security, and by way of a
temporary table it is no faster at the some hundred rows that a transaction of ours has.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from shared.database import Connection, insert_into


async def insert_rows(connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows, in no order, all with the same columns: texts, numbers, bytes, dates or instants."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        columns = tuple(rows[0])
        arrays = {name: [row[name] for row in rows] for name in columns}
        await connection.execute(_from_arrays(table, columns), arrays)
    else:
        await connection.execute(insert_into(table), rows)


@cache
def _from_arrays(table: sa.Table, columns: tuple[str, ...]) -> sa.Insert:
    of = [table.c[name] for name in columns]
    arrays = [sa.bindparam(column.name, type_=postgresql.ARRAY(column.type)) for column in of]
    names = (sa.column(column.name, column.type) for column in of)
    found = sa.func.unnest(*arrays).table_valued(*names).render_derived()
    return table.insert().from_select(list(columns), sa.select(found))
