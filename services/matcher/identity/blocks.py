"""Blocks that are capped: keys that so many people have that they say little about any two of them.

A capped key brings nobody together, whoever came first. Whether it is capped is a register, which the sweeper alone
writes: who adds the member that is one too many cannot know, since others add theirs at the same time. So whoever
gives or takes keys only notes which, and their blocks are counted once that can be seen.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from services.matcher.due import FIRST, Due
from services.matcher.identity.blocking import HAS_CAP
from services.matcher.tables import BLOCK_CAP, BLOCK_KEY, BLOCK_TOUCHED
from shared.bulk import insert_rows
from shared.database import Connection, among, upsert

KEY_BYTES = 16
_BEYOND = (KEY_BYTES + 1) * b"\xff"  # after every key
KEYS_A_ROW = 500
FAN_OUT = 2000  # members made due in one transaction, at most

_COUNTY: sa.BindParameter[str] = sa.bindparam("county")
_SIZE = sa.func.count()

_TOUCHED = sa.select(BLOCK_TOUCHED).order_by(BLOCK_TOUCHED.c.id).limit(sa.bindparam("limit"))
_ANY_TOUCHED = sa.select(BLOCK_TOUCHED.c.id).limit(1)
_LOOKED_AT = BLOCK_TOUCHED.delete().where(among(BLOCK_TOUCHED.c.id, "ids"))
_SIZES = (
    sa.select(BLOCK_KEY.c.key, _SIZE)
    .where(BLOCK_KEY.c.county == _COUNTY, among(BLOCK_KEY.c.key, "keys"))
    .group_by(BLOCK_KEY.c.key)
    .having(sa.bindparam("cap") < _SIZE)
)
_CAPPED = sa.select(BLOCK_CAP.c.key, BLOCK_CAP.c.size).where(
    BLOCK_CAP.c.county == _COUNTY, among(BLOCK_CAP.c.key, "keys")
)
_SIZES_BETWEEN = (
    sa.select(BLOCK_KEY.c.key, _SIZE)
    .where(
        BLOCK_KEY.c.county == _COUNTY,
        BLOCK_KEY.c.key >= sa.bindparam("first"),
        BLOCK_KEY.c.key < sa.bindparam("beyond"),
    )
    .group_by(BLOCK_KEY.c.key)
    .having(sa.bindparam("cap") < _SIZE)
)
_ALL_CAPPED = sa.select(BLOCK_CAP.c.key, BLOCK_CAP.c.size).where(BLOCK_CAP.c.county == _COUNTY)
_OPEN = BLOCK_CAP.delete().where(BLOCK_CAP.c.county == _COUNTY, among(BLOCK_CAP.c.key, "keys"))
_MEMBERS = (
    sa.select(BLOCK_KEY.c.program, BLOCK_KEY.c.ref)
    .where(
        BLOCK_KEY.c.county == _COUNTY,
        BLOCK_KEY.c.key == sa.bindparam("key"),
        sa.tuple_(BLOCK_KEY.c.program, BLOCK_KEY.c.ref)
        > sa.tuple_(sa.bindparam("program"), sa.bindparam("ref")),
    )
    .order_by(BLOCK_KEY.c.program, BLOCK_KEY.c.ref)
    .limit(sa.bindparam("limit"))
)
_BY_COUNTY = (
    sa.select(BLOCK_CAP.c.county, _SIZE, sa.func.sum(BLOCK_CAP.c.size))
    .group_by(BLOCK_CAP.c.county)
    .order_by(BLOCK_CAP.c.county)
)

Sizes = Mapping[bytes, int]


@dataclass(frozen=True, slots=True)
class Touched:
    """A note of keys that people of a county got or lost."""

    id: int
    county: str
    keys: frozenset[bytes]


@dataclass(frozen=True)
class Changes:
    """What the register of a county's capped blocks lacks: those to be capped and those counted anew, with their
    sizes, and those to be opened."""

    capped: Sizes = field(default_factory=dict)
    resized: Sizes = field(default_factory=dict)
    opened: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Capped:
    """How many blocks of a county are capped, and how many people are in them; who is in two of them counts twice."""

    county: str
    blocks: int
    people: int


async def touch(connection: Connection, county: str, keys: Collection[bytes]) -> None:
    """Note that people got or lost these keys: a few wide rows, which wait for nobody's and nobody waits for."""
    listed = sorted(keys)
    parts = [listed[at : at + KEYS_A_ROW] for at in range(0, len(listed), KEYS_A_ROW)]
    await insert_rows(connection, BLOCK_TOUCHED, [{"county": county, "keys": b"".join(p)} for p in parts])


async def touched(connection: Connection, limit: int) -> list[Touched]:
    """The oldest notes."""
    rows = await connection.execute(_TOUCHED, {"limit": limit})
    return [Touched(row.id, row.county, _apart(row.keys)) for row in rows]


def _apart(keys: bytes) -> frozenset[bytes]:
    return frozenset(keys[at : at + KEY_BYTES] for at in range(0, len(keys), KEY_BYTES))


async def any_touched(connection: Connection) -> bool:
    """Whether there is a note."""
    return (await connection.execute(_ANY_TOUCHED)).first() is not None


async def looked_at(connection: Connection, notes: Iterable[Touched]) -> None:
    """Drop notes by id: what was noted since stays."""
    await connection.execute(_LOOKED_AT, {"ids": [note.id for note in notes]})


async def changes(connection: Connection, county: str, keys: Collection[bytes], cap: int) -> Changes:
    """What the register lacks about these keys."""
    given = {"county": county, "keys": list(keys)}
    large = await _read(connection, _SIZES, {**given, "cap": cap})
    return _changes(large, await _read(connection, _CAPPED, given))


async def _read(
    connection: Connection, statement: sa.Executable, given: Mapping[str, Any]
) -> dict[bytes, int]:
    rows: Sequence[tuple[bytes, int]] = (await connection.execute(statement, given)).all()
    return dict(rows)


async def all_changes(connection: Connection, county: str, cap: int) -> Changes:
    """What the register lacks about any key of a county: every block is counted, as a new cap asks for.

    In parts, by the byte after the mark: keys are hashes, so these are alike, and none takes longer than a statement
    may.
    """
    large: dict[bytes, int] = {}
    ends = [*(HAS_CAP + bytes([second]) for second in range(256)), HAS_CAP + _BEYOND]
    for first, beyond in pairwise(ends):
        part = {"county": county, "first": first, "beyond": beyond, "cap": cap}
        large |= await _read(connection, _SIZES_BETWEEN, part)
    return _changes(large, await _read(connection, _ALL_CAPPED, {"county": county}))


def _changes(large: Sizes, stands: Sizes) -> Changes:
    return Changes(
        capped={key: size for key, size in large.items() if key not in stands},
        resized={key: size for key, size in large.items() if stands.get(key, size) != size},
        opened=frozenset(stands.keys() - large.keys()),
    )


async def write(connection: Connection, county: str, wanted: Changes, now: datetime) -> list[Due]:
    """Bring the register up to date. The rows that make the blocks due which were capped or opened."""
    sizes = {**wanted.capped, **wanted.resized}
    if sizes:
        await connection.execute(
            upsert(connection, BLOCK_CAP, replace=("size",)),
            [{"county": county, "key": key, "size": size, "since": now} for key, size in sizes.items()],
        )
    if wanted.opened:
        await connection.execute(_OPEN, {"county": county, "keys": list(wanted.opened)})
    changed = sorted({*wanted.capped, *wanted.opened})
    return [Due(county, "block", "", key.hex(), not_before=FIRST) for key in changed]


async def members_due(
    connection: Connection, county: str, rows: Sequence[Due]
) -> tuple[set[tuple[str, str]], list[Due]]:
    """The members of the blocks of these rows, and rows for those that are left for another transaction.

    There are that many where a cap is a new one: else a block has few members more than the cap when it is closed.
    """
    found: set[tuple[str, str]] = set()
    left: list[Due] = []
    room = FAN_OUT
    for row in rows:
        members = await _members(connection, county, row, room) if room else []
        found.update(members)
        if len(members) == room:
            left.append(replace(row, id=None, was_members=members[-1] if members else row.was_members))
        room -= len(members)
    return found, left


async def _members(connection: Connection, county: str, row: Due, limit: int) -> list[tuple[str, str]]:
    """Members of a block, in order, after the one up to whom it has been gone through."""
    program, ref = row.was_members or ("", "")
    given = {"county": county, "key": bytes.fromhex(row.subject), "program": program, "ref": ref}
    rows = await connection.execute(_MEMBERS, {**given, "limit": limit})
    return [(of, member) for of, member in rows]


async def by_county(connection: Connection) -> list[Capped]:
    """Every county that has capped blocks."""
    return [Capped(*row) for row in await connection.execute(_BY_COUNTY)]
