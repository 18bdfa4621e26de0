"""Statements over records: rows that have a county, a reference, a version and the time of the last change."""

from functools import cache

import sqlalchemy as sa

OF_COUNTY: sa.BindParameter[str] = sa.bindparam("of_county")
OF_REF: sa.BindParameter[str] = sa.bindparam("of_ref")


@cache
def next_version(table: sa.Table) -> sa.Update:
    """Count a version of the record `of_ref`, and give it the columns named in the parameters; its row, if any."""
    column = table.c
    return (
        table.update()
        .where(column.county == OF_COUNTY, column.ref == OF_REF)
        .values(version=column.version + 1)
        .returning(column.ref)
    )
