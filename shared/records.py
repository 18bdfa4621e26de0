"""Statements over records: rows that have a county, a reference, a version, and when they were made and changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from shared.database import Connection, among

OF_COUNTY: sa.BindParameter[str] = sa.bindparam("of_county")
OF_REF: sa.BindParameter[str] = sa.bindparam("of_ref")

SEALED = "R"  # the sensitivity of a person's record that nobody may see


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


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a record was made and last changed."""

    ref: str
    created_at: datetime
    changed_at: datetime


@cache
def _stamps(table: sa.FromClause) -> sa.Select[Any]:
    column = table.c
    return (
        sa.select(column.ref, column.created_at, column.changed_at)
        .where(column.county == OF_COUNTY, column.ref > sa.bindparam("after"))
        .order_by(column.ref)
        .limit(sa.bindparam("limit"))
        .with_for_update()
    )


@cache
def _stamps_of(table: sa.Table, owner: str) -> sa.Select[Any]:
    column = table.c
    return (
        sa.select(column[owner].label("owner"), column.ref, column.created_at, column.changed_at)
        .where(column.county == OF_COUNTY, among(column[owner], "owners"))
        .order_by(column.created_at, column.ref)
        .with_for_update()
    )


async def stamps(
    connection: Connection, county: str, table: sa.FromClause, *, after: str, limit: int
) -> list[Stamp]:
    """The next records after a reference, locked, in the order of their references."""
    given = {"of_county": county, "after": after, "limit": limit}
    return [Stamp(*row) for row in await connection.execute(_stamps(table), given)]


async def stamps_of(
    connection: Connection, county: str, table: sa.Table, owner: str, owners: Sequence[str]
) -> dict[str, list[Stamp]]:
    """The records whose column `owner` names one of `owners`, locked, by whose they are; the earliest first."""
    found: dict[str, list[Stamp]] = {}
    rows = await connection.execute(_stamps_of(table, owner), {"of_county": county, "owners": list(owners)})
    for of, *row in rows:
        found.setdefault(of, []).append(Stamp(*row))
    return found


@dataclass(frozen=True, slots=True)
class Condition:
    """What became of a person's record: sealed, retired in favour of another one, or entered in error."""

    is_sealed: bool
    merged_into: str | None
    is_void: bool

    @property
    def is_shown(self) -> bool:
        """Whether anything may still be told of it."""
        return not self.is_sealed and not self.is_void


@cache
def _conditions(table: sa.Table) -> sa.Select[Any]:
    column = table.c
    return sa.select(column.ref, column.sensitivity, column.merged_into, column.voided_at).where(
        column.county == OF_COUNTY, among(column.ref, "refs")
    )


async def conditions(
    connection: Connection, county: str, table: sa.Table, refs: Sequence[str]
) -> dict[str, Condition]:
    """What became of persons, by reference."""
    rows = await connection.execute(_conditions(table), {"of_county": county, "refs": list(refs)})
    return {
        ref: Condition(sensitivity == SEALED, merged_into, voided_at is not None)
        for ref, sensitivity, merged_into, voided_at in rows
    }
