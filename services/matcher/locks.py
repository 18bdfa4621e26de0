"""What deciders exclude each other with on PostgreSQL: advisory locks of two classes, held to the commit.

Persons: who decides a pair holds one of its ends, and who found the other end first holds both, so nobody decides it
at the same time from older rows; who derives from pairs holds everybody in the households and units concerned, so no
pair of theirs is waiting for its commit. They are tried, never waited for: a row whose locks are not free is left for
another round. Households: who derives mutual cases and alerts holds their CWS households; these are waited for, all
at once, sorted by the number that is locked, so no two wait for each other. Deciders alone take them: row locks on
persons would make the reader wait. SQLite's one writer needs none.
"""

import zlib
from collections.abc import Collection, Mapping
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from shared.database import Connection

_PERSONS, _HOUSEHOLDS = 1, 2

_NUMBER = sa.func.unnest(sa.bindparam("names", type_=postgresql.ARRAY(sa.Integer))).column_valued("number")
_TRY = sa.select(_NUMBER, sa.func.pg_try_advisory_xact_lock(sa.literal_column(str(_PERSONS)), _NUMBER))
_WAIT = sa.select(_NUMBER, sa.func.pg_advisory_xact_lock(sa.literal_column(str(_HOUSEHOLDS)), _NUMBER))

Subject = TypeVar("Subject")


def are_needed(connection: Connection) -> bool:
    """Whether deciders may run side by side on this database."""
    return connection.dialect.name == "postgresql"


async def try_persons(
    connection: Connection, county: str, wanted: Mapping[Subject, Collection[str]]
) -> set[Subject]:
    """Lock persons as far as nobody else holds them: the subjects all of whose persons are locked now."""
    names = {ref: _number(county, ref) for refs in wanted.values() for ref in refs}
    if not names:
        return set(wanted)
    rows = await connection.execute(_TRY, {"names": sorted(set(names.values()))})
    ours = {number for number, is_locked in rows if is_locked}
    return {subject for subject, refs in wanted.items() if all(names[ref] in ours for ref in refs)}


async def wait_for_households(connection: Connection, county: str, households: Collection[str]) -> None:
    """Lock households; everything read before may be stale by now."""
    if households and are_needed(connection):
        names = sorted({_number(county, household) for household in households})
        await connection.execute(_WAIT, {"names": names})


def _number(county: str, name: str) -> int:
    """Two names may share a number: then one of them waits without need."""
    return zlib.crc32(f"{county}/{name}".encode()) - 2**31
