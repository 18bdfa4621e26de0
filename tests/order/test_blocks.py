"""Capped blocks: what too many people share brings nobody together, whoever came first, and it is kept track of."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from services.matcher import sweeper
from services.matcher.due import FIRST, Due
from services.matcher.identity import blocks
from services.matcher.identity.blocks import Capped
from services.matcher.sweeper import LEASE
from services.matcher.tables import BLOCK_CAP, BLOCK_KEY, BLOCK_TOUCHED, DUE
from shared.database import Connection, insert_into
from shared.events import cws
from tests.order import batch
from tests.order.conftest import BOTH
from tests.order.families import SOMEONE_ELSE, Teller, details
from tests.order.harness import COUNTY, NOW, Arena, Matcher, differences, records

THERE = "07"
NUMBER = "219345601"
CARMEN = details(
    "Carmen", None
)  # by a name alone: what else brings people together is never capped, or a number


class Block:
    """Carmen is known to both programs, and others with her name appear and become somebody else."""

    def __init__(self, arena: Arena, cap: int) -> None:
        self.arena, self.cap = arena, cap
        self.matcher = arena.matchers[0]
        self.teller = Teller()

    @classmethod
    async def begin(cls, arena: Arena, cap: int = 2, others: int = 0) -> "Block":
        """Carmen's two records, and those of others like her, are in review or not; nothing is left to look at."""
        await arena.wipe(cap)
        block = cls(arena, cap)
        block.teller.client("cl_1", CARMEN)
        block.teller.person("ps_1", CARMEN)
        for number in range(others):
            block.teller.client(f"cl_{2 + number}", CARMEN)
        await block.matcher.take(records(block.teller.told))
        await block.rest()
        return block

    async def take(self) -> None:
        """What was told last is indexed, and nothing decided."""
        await self.matcher.take([self.teller.told[-1].record()])

    async def rest(self) -> None:
        await self.matcher.rest()
        while await self.arena.sweep():
            await self.matcher.rest()

    async def differs(self, pairs: int) -> str:
        """How what stands differs from what the batch works out, which must have so many links and reviews."""
        wanted = batch.standing(self.teller.told, [], NOW, cap=self.cap)
        assert len(wanted["links"]) + len(wanted["reviews"]) == pairs
        return differences(await self.matcher.standing(), wanted)

    async def capped(self) -> list[Any]:
        return await self.matcher.rows(sa.select(BLOCK_CAP))

    async def kinds_due(self) -> set[str]:
        return {row.kind for row in await self.matcher.rows(sa.select(DUE.c.kind))}


# --- crossing ------------------------------------------------------------------------------------------------------


@BOTH
async def test_the_member_that_is_one_too_many_closes_the_block_for_all(arena: Arena) -> None:
    block = await Block.begin(arena)
    assert not await block.differs(pairs=1)
    assert await block.capped() == []
    block.teller.client("cl_2", CARMEN)
    await block.take()
    await block.rest()
    assert not await block.differs(pairs=0)
    assert {(row.size, row.since) for row in await block.capped()} == {(3, NOW)}


@BOTH
async def test_a_block_that_members_leave_is_open_again(arena: Arena) -> None:
    block = await Block.begin(arena, others=1)
    assert not await block.differs(pairs=0)
    block.teller.client("cl_2", SOMEONE_ELSE)
    await block.take()
    await block.rest()
    assert not await block.differs(pairs=1)
    assert await block.capped() == []


def an_opened_block_makes_nobody_due() -> AbstractContextManager[object]:
    """Planted: only the members of a block that was capped are due."""
    write = blocks.write

    async def of_capped(connection: Connection, county: str, wanted: blocks.Changes, now: Any) -> list[Due]:
        rows = await write(connection, county, wanted, now)
        return [row for row in rows if bytes.fromhex(row.subject) in wanted.capped]

    return mock.patch.object(blocks, "write", of_capped)


async def test_members_are_brought_together_when_the_one_too_many_is_sealed(arena: Arena) -> None:
    """Whoever leaves finds nobody by a capped key, so only the opening of the block can make its members due."""
    block = await Block.begin(arena, others=1)
    block.teller.event(cws.ClientSealed(client="cl_2"))
    await block.take()
    await block.rest()
    assert not await block.differs(pairs=1)
    block = await Block.begin(arena, others=1)
    block.teller.event(cws.ClientSealed(client="cl_2"))
    await block.take()
    with an_opened_block_makes_nobody_due():
        await block.rest()
    assert await block.differs(pairs=1)


async def test_the_size_of_a_capped_block_is_kept(arena: Arena) -> None:
    block = await Block.begin(arena, others=1)
    arena.clock.advance(timedelta(days=1))
    block.teller.client("cl_3", CARMEN)
    await block.take()
    await block.rest()
    assert {(row.size, row.since) for row in await block.capped()} == {(4, NOW)}
    async with block.matcher.database.reading() as connection:
        found = await blocks.by_county(connection)
    assert found == [Capped(COUNTY, len(await block.capped()), 4 * len(await block.capped()))]


@BOTH
async def test_another_cap_counts_every_block(arena: Arena) -> None:
    block = await Block.begin(arena, others=1)
    for cap, pairs in ((3, 2), (2, 0)):
        for matcher in arena.matchers:
            matcher.sweeper.cap = cap
        block.cap = cap
        await block.rest()
        assert not await block.differs(pairs)


@BOTH
async def test_who_has_a_number_that_too_many_have_is_not_linked_by_it(arena: Arena) -> None:
    """Of a number's capped block nobody is looked at, so it is not known whether a third holder is somebody else."""
    await arena.wipe(2)
    block = Block(arena, 2)
    block.teller.client("cl_1", details("Carmen", "2016-05-02", ssn=NUMBER))
    block.teller.person("ps_1", details("Carmen", "2016-07-02", ssn=NUMBER))
    await block.matcher.take(records(block.teller.told))
    await block.rest()
    assert not await block.differs(pairs=1)
    assert (await block.matcher.standing())["links"]
    block.teller.client("cl_2", details("Tuan", "1961-07-30", ssn=NUMBER, last="Nguyen"))
    await block.take()
    await block.rest()
    assert not await block.differs(pairs=1)
    assert len(await block.capped()) == 1
    found = (await block.matcher.standing())["reviews"]
    assert {ends: review[-1] for ends, review in found.items()} == {
        ("cl_1", "ps_1"): ("ssn_needed_and_shared",)
    }


# --- the sweep -----------------------------------------------------------------------------------------------------


@BOTH
async def test_one_sweeper_at_a_time_looks_and_another_when_its_lease_is_over(arena: Arena) -> None:
    block = await Block.begin(arena)
    first, second = arena.matchers[:2]
    block.teller.client("cl_2", CARMEN)
    await block.take()
    assert await second.sweep() == 0  # the first has just looked
    assert await block.capped() == []
    arena.clock.advance(LEASE + timedelta(seconds=1))
    assert await second.sweep() > 0
    assert await block.capped() != []
    block.teller.client("cl_2", SOMEONE_ELSE)
    await block.take()
    assert await first.sweep() == 0


@pytest.mark.parametrize("arena", ["postgresql"], indirect=True)
async def test_a_sweeper_that_was_stopped_before_its_commit_does_not_write_on_older_counts(
    arena: Arena,
) -> None:
    block = await Block.begin(arena)
    first, second = arena.matchers[:2]
    block.teller.client("cl_2", CARMEN)
    await block.take()
    arena.clock.advance(LEASE + timedelta(seconds=1))
    looked = blocks.looked_at
    meanwhile = []

    async def late(connection: Connection, notes: Sequence[blocks.Touched]) -> None:
        """Between the counts and the commit the lease runs out, and the other one comes."""
        arena.clock.advance(LEASE + timedelta(seconds=1))
        if not meanwhile:
            meanwhile.append(await second.sweep())
        await looked(connection, notes)

    with mock.patch.object(blocks, "looked_at", late):
        assert await first.sweep() > 0
    assert meanwhile == [0]
    await block.rest()
    assert not await block.differs(pairs=0)


async def test_the_loop_sweeps_by_itself_and_tells_how_many_it_capped(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "LOOK", 0.01)
    block = await Block.begin(arena)
    block.matcher.sweeper.indexed.clear()
    with capture_logs() as logs:
        running = asyncio.create_task(block.matcher.sweeper.run())
        await asyncio.sleep(0.05)
        block.teller.client("cl_2", CARMEN)
        await block.take()
        await asyncio.wait_for(block.matcher.sweeper.indexed.wait(), 10)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    number = len(await block.capped())
    assert [line for line in logs if line["event"].startswith("blocks.")] == [
        {"event": "blocks.capped", "log_level": "warning", "county": COUNTY, "count": number}
    ]
    await block.rest()
    assert not await block.differs(pairs=0)


@BOTH
async def test_a_restart_between_the_flag_and_its_decide_loses_nothing(arena: Arena) -> None:
    block = await Block.begin(arena)
    block.teller.client("cl_2", CARMEN)
    await block.take()
    assert await arena.sweep() > 0
    assert await block.kinds_due() >= {"record", "block"}
    another = await Matcher.open(arena.url, arena.clock)
    await another.rest()
    await another.database.close()
    assert not await block.differs(pairs=0)


async def test_a_block_goes_before_what_waits_so_that_it_does_not_grow_meanwhile(arena: Arena) -> None:
    block = await Block.begin(arena)
    block.teller.client("cl_2", CARMEN)
    await block.take()
    await arena.sweep()
    due = await block.matcher.rows(sa.select(DUE).order_by(DUE.c.not_before, DUE.c.id))
    assert {row.not_before for row in due if row.kind == "block"} == {FIRST}
    assert (due[0].kind, due[-1].kind) == ("block", "record")


async def test_a_large_block_is_gone_through_in_parts(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "FAN_OUT", 2)
    parts: set[tuple[str, ...]] = set()
    members_due = blocks.members_due

    async def noting(connection: Connection, county: str, rows: Sequence[Due]) -> Any:
        parts.update(row.was_members for row in rows)
        return await members_due(connection, county, rows)

    monkeypatch.setattr(blocks, "members_due", noting)
    block = await Block.begin(arena, cap=4, others=3)
    assert not await block.differs(pairs=0)
    assert parts == {
        (),
        ("calworks", "ps_1"),
        ("cws", "cl_1"),
        ("cws", "cl_2"),
        ("cws", "cl_3"),
        ("cws", "cl_4"),
    }


@BOTH
async def test_what_was_noted_while_the_sweeper_counted_is_looked_at_next_time(arena: Arena) -> None:
    block = await Block.begin(arena)
    block.teller.client("cl_2", CARMEN)
    await block.take()
    before = await block.matcher.rows(sa.select(BLOCK_TOUCHED.c.id))
    assert len(before) == 1
    block.teller.client("cl_2", details("Carmen", None, street="120 Main St"))
    await block.take()
    async with block.matcher.database.transaction() as connection:
        await blocks.looked_at(connection, [blocks.Touched(before[0].id, COUNTY, frozenset())])
        left = await blocks.touched(connection, 10)
    keys = {row.key for row in await block.matcher.rows(sa.select(BLOCK_KEY.c.key))}
    assert len(left) == 1
    assert left[0].keys < keys  # only those that she got with the address


@BOTH
async def test_a_county_is_counted_by_itself(arena: Arena) -> None:
    block = await Block.begin(arena)
    keys = [row._asdict() for row in await block.matcher.rows(sa.select(BLOCK_KEY))]
    there = [{**key, "county": THERE} for key in keys]
    more = [{**key, "county": THERE, "ref": "cl_9"} for key in keys if key["ref"] == "cl_1"]
    async with block.matcher.database.transaction() as connection:
        await connection.execute(insert_into(BLOCK_KEY), [*there, *more])
        for county in (COUNTY, THERE):
            await blocks.touch(connection, county, {key["key"] for key in keys})
    assert await arena.sweep() > 0
    assert {row.county for row in await block.capped()} == {THERE}
    due = await block.matcher.rows(sa.select(DUE.c.county, DUE.c.kind).distinct())
    assert {tuple(row) for row in due} == {(THERE, "block")}
    await block.rest()
    assert not await block.differs(pairs=1)
