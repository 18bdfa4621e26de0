"""Capped blocks as a liaison sees them: what kind of key too many records share, and which of one's own have it.

The key's value is told to nobody. How many records of the other program have it is told from `SMALLEST_CELL` on: a
smaller number could tell whether somebody is known there.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from services.matcher.feed.words import SMALLEST_CELL
from services.matcher.identity import blocking
from services.matcher.identity.decision import Ref
from services.matcher.identity.handlers import there
from services.matcher.tables import BLOCK_CAP, BLOCK_KEY
from services.matcher.work import Work
from shared.database import among
from shared.errors import NotFound
from shared.web.auth import Caller

UNKNOWN = "unknown"  # in a county that keeps hashes in place of values; or everybody looked at is hidden

SAYS: Mapping[str, str] = {
    "ssn": "Social Security number",
    "cin": "Client Index Number (CIN)",
    "phone": "Telephone number",
    "street": "Street address",
    "roof": "Street address, and how a name sounds or begins",
    "door": "House number, ZIP code and how the first name sounds",
    "zip": "ZIP code",
    "names": "First and last name",
    "three": "First three letters of the first and of the last name",
    "sound": "How the last name sounds, first letter of the first name, and birth year",
    "name+year": "A name and the birth year",
    "name+day": "A name, and the month and day of birth",
    UNKNOWN: "A value that is not kept in words",
}
"""What the members of a block have in common, in words: of every kind that can be capped."""

_COUNTY: sa.BindParameter[str] = sa.bindparam("county")
_BLOCK = sa.select(BLOCK_CAP.c.key, BLOCK_CAP.c.since).where(BLOCK_CAP.c.county == _COUNTY)
_ONE = _BLOCK.where(BLOCK_CAP.c.key == sa.bindparam("key"))
_NEWEST_FIRST = (
    _BLOCK.where(
        sa.or_(
            BLOCK_CAP.c.since < sa.bindparam("since"),
            sa.and_(BLOCK_CAP.c.since == sa.bindparam("since"), BLOCK_CAP.c.key < sa.bindparam("key")),
        )
    )
    .order_by(BLOCK_CAP.c.since.desc(), BLOCK_CAP.c.key.desc())
    .limit(sa.bindparam("limit"))
)
_SIZES = (
    sa.select(
        BLOCK_KEY.c.key,
        BLOCK_KEY.c.program,
        sa.func.count().label("size"),
        sa.func.min(BLOCK_KEY.c.ref).label("first"),
        sa.func.max(BLOCK_KEY.c.ref).label("last"),
    )
    .where(BLOCK_KEY.c.county == _COUNTY, among(BLOCK_KEY.c.key, "keys"))
    .group_by(BLOCK_KEY.c.key, BLOCK_KEY.c.program)
)
_RECORDS = (
    sa.select(BLOCK_KEY.c.ref)
    .where(
        BLOCK_KEY.c.county == _COUNTY,
        BLOCK_KEY.c.key == sa.bindparam("key"),
        BLOCK_KEY.c.program == sa.bindparam("program"),
        BLOCK_KEY.c.ref > sa.bindparam("after"),
    )
    .order_by(BLOCK_KEY.c.ref)
    .limit(sa.bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class CappedBlock:
    """A capped block as one liaison sees it. `other` None: fewer than `SMALLEST_CELL`, or nobody."""

    key: bytes
    kind: str
    own: int
    other: int | None
    since: datetime

    @property
    def id(self) -> str:
        """What it is called: the key is a keyed hash, from which nobody gets its value."""
        return self.key.hex()


@dataclass(slots=True)
class _Members:
    """How many there are by program, and some of them to learn the kind from."""

    sizes: dict[str, int]
    some: list[Ref]


def key_of(ident: str) -> bytes | None:
    """The key of the block that is called this; None: no block can be."""
    try:
        key = bytes.fromhex(ident)
    except ValueError:
        return None
    return key if key.hex() == ident else None


async def capped_blocks(
    work: Work, caller: Caller, *, since: datetime, after: bytes, limit: int
) -> list[CappedBlock]:
    """The county's capped blocks, the last capped first: those before the one capped then and of that key."""
    asked = {"county": work.county, "since": since, "key": after, "limit": limit}
    return await _seen(work, caller, (await work.connection.execute(_NEWEST_FIRST, asked)).all())


async def capped_block(work: Work, caller: Caller, ident: str) -> CappedBlock:
    """The capped block that is called this. NotFound: none, or it is open again."""
    key = key_of(ident)
    rows = [] if key is None else (await work.connection.execute(_ONE, _asked(work, key))).all()
    if not rows:
        raise NotFound
    return (await _seen(work, caller, rows))[0]


async def own_records(work: Work, caller: Caller, block: CappedBlock, *, after: str, limit: int) -> list[str]:
    """References of the caller's own program in a block, in order: those after that one, but for the hidden."""
    found: list[str] = []
    while len(found) < limit:
        asked = {**_asked(work, block.key), "program": caller.program, "after": after, "limit": limit}
        refs = list((await work.connection.execute(_RECORDS, asked)).scalars())
        shown = await there(work, refs)
        found += [ref for ref in refs if ref in shown]
        if len(refs) < limit:
            break
        after = refs[-1]
    return found[:limit]


def _asked(work: Work, key: bytes) -> dict[str, object]:
    return {"county": work.county, "key": key}


async def _seen(work: Work, caller: Caller, rows: Sequence[tuple[bytes, datetime]]) -> list[CappedBlock]:
    members = await _members(work, [key for key, _ in rows])
    kinds = await _kinds(work, members)
    found = []
    for key, since in rows:
        sizes = members[key].sizes
        own = sizes.pop(str(caller.program), 0)
        other = sum(sizes.values())
        told = other if other >= SMALLEST_CELL else None
        found.append(CappedBlock(key, kinds.get(key, UNKNOWN), own, told, since))
    return found


async def _members(work: Work, keys: Collection[bytes]) -> dict[bytes, _Members]:
    found = {key: _Members({}, []) for key in keys}
    if keys:
        rows = await work.connection.execute(_SIZES, {"county": work.county, "keys": list(keys)})
        for key, program, size, first, last in rows:
            found[key].sizes[program] = size
            found[key].some += [(program, first), (program, last)]
    return found


async def _kinds(work: Work, members: Mapping[bytes, _Members]) -> dict[bytes, str]:
    """The kind of each key: a hash does not tell it, but a record that has the key does. One after the other of some
    is looked at, since one may be hidden."""
    found: dict[bytes, str] = {}
    for turn in range(max((len(one.some) for one in members.values()), default=0)):
        asked = {key: m.some[turn] for key, m in members.items() if key not in found and turn < len(m.some)}
        people = await work.identity.people(set(asked.values()))
        known = {
            ref: blocking.kinds_by_key(record.person, work.keys.digest) for ref, record in people.items()
        }
        found |= {key: known[ref][key] for key, ref in asked.items() if key in known.get(ref, {})}
    return found
