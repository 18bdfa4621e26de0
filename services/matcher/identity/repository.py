"""The identity index in the database: registers, blocking keys and pairs of one county."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from services.matcher.identity import record as records
from services.matcher.identity.decision import Ref, pair_id
from services.matcher.identity.merges import Merges, Redirect, follow
from services.matcher.identity.record import Record
from services.matcher.identity.register import Register
from services.matcher.tables import BLOCK_CAP, BLOCK_KEY, PAIR, PERSON, VERDICT
from shared.bulk import insert_rows
from shared.crypto import CountyKeys
from shared.database import Connection, among, upsert

_COUNTY: sa.BindParameter[str] = sa.bindparam("county")
_MINE, _OTHER = BLOCK_KEY.alias("mine"), BLOCK_KEY.alias("other")


def _is_capped(key: Any) -> sa.ColumnElement[bool]:
    return sa.exists().where(BLOCK_CAP.c.county == key.c.county, BLOCK_CAP.c.key == key.c.key)


_REGISTERS = sa.select(PERSON).where(PERSON.c.county == _COUNTY, among(PERSON.c.ref, "refs"))
_NAMED = sa.select(PERSON.c.record_id, PERSON.c.ref).where(
    PERSON.c.county == _COUNTY,
    among(PERSON.c.record_id, "record_ids"),
    PERSON.c.program == sa.bindparam("program"),
    PERSON.c.void_seq == 0,
)
_KEYS_OF = sa.select(BLOCK_KEY.c.ref, BLOCK_KEY.c.key).where(
    BLOCK_KEY.c.county == _COUNTY, among(BLOCK_KEY.c.ref, "refs")
)
_SHARING = (
    sa.select(_MINE.c.program, _MINE.c.ref, _OTHER.c.program, _OTHER.c.ref, _MINE.c.is_ssn)
    .join(_OTHER, sa.and_(_OTHER.c.county == _MINE.c.county, _OTHER.c.key == _MINE.c.key))
    .where(
        _MINE.c.county == _COUNTY,
        among(_MINE.c.ref, "refs"),
        sa.or_(_OTHER.c.program != _MINE.c.program, _MINE.c.is_ssn),
        _OTHER.c.ref != _MINE.c.ref,
        sa.not_(_is_capped(_MINE)),
    )
    .distinct()
)
_HOLDING = sa.select(BLOCK_KEY.c.key, BLOCK_KEY.c.program, BLOCK_KEY.c.ref).where(
    BLOCK_KEY.c.county == _COUNTY, among(BLOCK_KEY.c.key, "keys"), sa.not_(_is_capped(BLOCK_KEY))
)
_NUMBERS_CAPPED = sa.select(BLOCK_KEY.c.program, BLOCK_KEY.c.ref).where(
    BLOCK_KEY.c.county == _COUNTY, among(BLOCK_KEY.c.ref, "refs"), BLOCK_KEY.c.is_ssn, _is_capped(BLOCK_KEY)
)
_ACTIVE = (
    PERSON.c.county == _COUNTY,
    among(PERSON.c.ref, "refs"),
    PERSON.c.record.is_not(None),
    sa.not_(PERSON.c.sealed),
    PERSON.c.void_seq == 0,
    PERSON.c.merged_into.is_(None),
)
_RETIRED = sa.select(PERSON.c.ref, PERSON.c.merged_into, PERSON.c.sealed).where(
    PERSON.c.county == _COUNTY, PERSON.c.merged_into.is_not(None), PERSON.c.void_seq == 0
)
_REDIRECTS = sa.union(
    _RETIRED.where(among(PERSON.c.ref, "refs")), _RETIRED.where(among(PERSON.c.merged_into, "refs"))
)
_SOMEBODY_MERGED = (
    sa.select(PERSON.c.ref).where(PERSON.c.county == _COUNTY, PERSON.c.merged_into > "").limit(1)
)
_VERDICTS = sa.union(
    *(
        sa.select(VERDICT.c.cws, VERDICT.c.calworks, VERDICT.c.verdict, VERDICT.c.at, VERDICT.c.id).where(
            VERDICT.c.county == _COUNTY, among(end, "refs"), VERDICT.c.undone_at.is_(None)
        )
        for end in (VERDICT.c.cws, VERDICT.c.calworks)
    )
)
_PEOPLE = sa.select(PERSON.c.program, PERSON.c.ref, PERSON.c.record).where(*_ACTIVE)
_SENSITIVITY = sa.select(PERSON.c.ref, PERSON.c.sensitivity).where(*_ACTIVE)
_PAIRS = sa.union_all(  # an OR over two columns would look through the whole county
    sa.select(PAIR).where(PAIR.c.county == _COUNTY, among(PAIR.c.cws, "refs")),
    sa.select(PAIR).where(
        PAIR.c.county == _COUNTY, among(PAIR.c.calworks, "refs"), sa.not_(among(PAIR.c.cws, "refs"))
    ),
)

_FORGET_KEYS = BLOCK_KEY.delete().where(BLOCK_KEY.c.county == _COUNTY, among(BLOCK_KEY.c.ref, "refs"))
_DELETE_PAIR = PAIR.delete().where(
    PAIR.c.county == _COUNTY, PAIR.c.cws == sa.bindparam("a"), PAIR.c.calworks == sa.bindparam("b")
)


@dataclass(frozen=True)
class Sharing:
    """Who shares a blocking key with a person: candidates in the other program, and holders of the same SSN.

    A capped key is shared with nobody.
    """

    candidates: set[Ref] = field(default_factory=set)
    ssn_holders: set[Ref] = field(default_factory=set)


@dataclass(frozen=True)
class Key:
    """A blocking key of a person."""

    key: bytes
    is_ssn: bool


@dataclass(frozen=True)
class IdentityRepository:
    """Statements over one county's index."""

    connection: Connection
    county: str
    keys: CountyKeys
    _merged: list[bool] = field(default_factory=list, compare=False)  # once asked: whether somebody is

    async def registers(self, refs: Collection[str]) -> dict[str, Register]:
        """The registers of persons, by reference."""
        if not refs:
            return {}
        rows = await self._read(_REGISTERS, refs)
        return {
            row.ref: Register(
                program=row.program,
                ref=row.ref,
                record_seq=row.record_seq,
                record=row.record,
                record_id=row.record_id,
                sensitivity=row.sensitivity,
                sealed_seq=row.sealed_seq,
                sealed=row.sealed,
                void_seq=row.void_seq,
                merged_seq=row.merged_seq,
                merged_into=row.merged_into,
            )
            for row in rows
        }

    async def refs_of(self, program: str, record_ids: Iterable[str]) -> dict[str, str]:
        """The references of a program's persons by the ids that it calls them by."""
        given = {"county": self.county, "program": program, "record_ids": sorted(set(record_ids))}
        return {row.record_id: row.ref for row in await self.connection.execute(_NAMED, given)}

    async def save_registers(self, registers: Sequence[Register]) -> None:
        """Write registers as they now are."""
        if not registers:
            return
        changed = (
            *("record_seq", "record", "record_id", "sensitivity"),
            *("sealed_seq", "sealed", "void_seq", "merged_seq", "merged_into"),
        )
        await self.connection.execute(
            upsert(self.connection, PERSON, replace=changed),
            [
                {"county": self.county, "program": r.program, "ref": r.ref}
                | {n: getattr(r, n) for n in changed}
                for r in registers
            ],
        )

    async def keys_of(self, refs: Collection[str]) -> dict[str, list[bytes]]:
        """The blocking keys that persons have now."""
        found: dict[str, list[bytes]] = defaultdict(list)
        if refs:
            for ref, key in await self._read(_KEYS_OF, refs):
                found[ref].append(key)
        return found

    async def replace_keys(self, had_keys: Collection[str], keys: Iterable[tuple[Ref, Key]]) -> None:
        """Give persons new keys; those in `had_keys` lose their old ones."""
        if had_keys:
            await self._read(_FORGET_KEYS, had_keys)
        rows = [
            {"county": self.county, "key": key.key, "program": ref[0], "ref": ref[1], "is_ssn": key.is_ssn}
            for ref, key in keys
        ]
        await insert_rows(self.connection, BLOCK_KEY, rows)

    async def sharing(self, refs: Collection[Ref]) -> dict[Ref, Sharing]:
        """Whom each person shares a key with, as far as a decision may look: only active persons have keys."""
        found = {ref: Sharing() for ref in refs}
        if not refs:
            return found
        rows = await self._read(_SHARING, {ref for _, ref in refs})
        for program, ref, other_program, other_ref, is_ssn in rows:
            sharing = found[(program, ref)]
            if other_program != program:
                sharing.candidates.add((other_program, other_ref))
            if is_ssn:
                sharing.ssn_holders.add((other_program, other_ref))
        return found

    async def numbers_capped(self, refs: Collection[Ref]) -> frozenset[Ref]:
        """Those of these persons who have a Social Security number that too many have."""
        if not refs:
            return frozenset()
        rows = await self._read(_NUMBERS_CAPPED, {ref for _, ref in refs})
        return frozenset((program, ref) for program, ref in rows)

    async def holding(self, keys: Collection[bytes]) -> dict[bytes, set[Ref]]:
        """Who has each of these keys now; of a capped one nobody, since no decision reads anybody by it."""
        found: dict[bytes, set[Ref]] = defaultdict(set)
        if keys:
            rows = await self.connection.execute(_HOLDING, {"county": self.county, "keys": list(keys)})
            for key, program, ref in rows:
                found[key].add((program, ref))
        return found

    async def merges(self, refs: Collection[str]) -> Merges:
        """What was merged into these records, and what they were merged into, along every chain."""
        found: dict[str, Redirect] = {}
        asked: set[str] = set()
        if not refs or await self._nobody_merged():
            return follow(())
        while fresh := set(refs) - asked:
            asked |= fresh
            for ref, into, is_sealed in await self._read(_REDIRECTS, fresh):
                found[ref] = Redirect(ref, into, is_sealed)
            refs = {end for one in found.values() for end in (one.ref, one.into)}
        return follow(found.values())

    async def _nobody_merged(self) -> bool:
        """Whether the county has no merged record, as this transaction found it first."""
        if not self._merged:
            rows = await self.connection.execute(_SOMEBODY_MERGED, {"county": self.county})
            self._merged.append(rows.first() is not None)
        return not self._merged[0]

    async def verdicts(self, refs: Collection[str]) -> dict[tuple[str, str], str]:
        """What people last said of the pairs that have one of these records at an end; who was unsure said nothing."""
        if not refs:
            return {}
        rows = sorted((await self._read(_VERDICTS, refs)).all(), key=lambda row: (row.at, row.id))
        newest = {(row.cws, row.calworks): row.verdict for row in rows}
        return {ends: verdict for ends, verdict in newest.items() if verdict != "unsure"}

    async def people(self, refs: Collection[Ref]) -> dict[Ref, Record]:
        """The records of those who are active: seen, not void, not merged, and nobody sealed was merged into them."""
        if not refs:
            return {}
        ring, hidden = self.keys.keyring("matcher"), (await self.merges({ref for _, ref in refs})).hidden
        rows = await self._read(_PEOPLE, {ref for _, ref in refs})
        return {
            (program, ref): records.open_record(blob, ring, county=self.county, ref=ref)
            for program, ref, blob in rows
            if ref not in hidden
        }

    async def active(self, refs: Collection[str]) -> dict[str, str]:
        """Which of these persons are active, with the sensitivity of each."""
        if not refs:
            return {}
        hidden = (await self.merges(refs)).hidden
        rows = await self._read(_SENSITIVITY, refs)
        return {ref: sensitivity for ref, sensitivity in rows if ref not in hidden}

    async def pairs(self, refs: Collection[str]) -> list[Any]:
        """The pair rows that have one of these persons at an end."""
        if not refs:
            return []
        return list((await self._read(_PAIRS, refs)).all())

    async def save_pairs(self, rows: Sequence[dict[str, Any]]) -> None:
        """Insert or replace pair rows."""
        if not rows:
            return
        changed = ("decision", "weight", "because", "reasons", "model", "version", "decided_at")
        await self.connection.execute(
            upsert(self.connection, PAIR, replace=changed),
            [
                {"county": self.county, "id": pair_id(self.county, row["cws"], row["calworks"]), **row}
                for row in rows
            ],
        )

    async def delete_pairs(self, ends: Collection[tuple[str, str]]) -> None:
        """Delete pair rows by their two ends."""
        if ends:
            await self.connection.execute(
                _DELETE_PAIR, [{"county": self.county, "a": a, "b": b} for a, b in sorted(ends)]
            )

    async def _read(self, statement: sa.Executable, refs: Collection[str]) -> Any:
        return await self.connection.execute(statement, {"county": self.county, "refs": list(refs)})
