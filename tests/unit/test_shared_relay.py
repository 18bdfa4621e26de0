"""The relay: nothing lost, order kept within a key, repeats told by their id, a lost log filled again."""

import asyncio
import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared.bus import PARTITIONS, Bus, Message, partition_of
from shared.clock import FrozenClock
from shared.errors import Unavailable
from shared.outbox.relay import KEPT_AT_LEAST, LEASE, LOOK_AT_ENDS
from tests.unit.outbox_place import (
    KEYS,
    METADATA,
    NOW,
    OUTBOX,
    Place,
    drain,
    in_order,
    once,
    read,
    stored,
    write,
)


@pytest.fixture
async def place(tmp_path: Path) -> Place:
    made = Place(tmp_path, FrozenClock(NOW))
    async with made.database() as database, database.transaction() as connection:
        await connection.run_sync(METADATA.create_all)
    return made


async def test_writers_at_the_same_time_keep_each_keys_order_in_the_log(place: Place) -> None:
    chance = random.Random(5)

    async def process(number: int) -> None:
        async with place.database() as database:
            await asyncio.gather(
                *(write(database, *chance.choices(KEYS, k=chance.randint(1, 6))) for _ in range(12 + number))
            )

    async def relaying() -> None:
        async with place.relay() as relay:
            while not finished.is_set() or await relay.round():
                await relay.round()
                await asyncio.sleep(0.001)

    finished = asyncio.Event()
    moving = asyncio.create_task(relaying())
    await asyncio.gather(*(process(number) for number in range(3)))
    finished.set()
    await moving
    events = read(await place.log())
    rows = await stored(place)
    assert sorted(envelope.id for envelope in events) == sorted(row.event_id for row in rows)
    counted = in_order(events)
    assert sum(counted.values()) == len(rows)


async def test_what_was_sent_is_marked_with_its_offset_and_not_sent_again(place: Place) -> None:
    async with place.database() as database:
        await write(database, *KEYS)
    async with place.relay() as relay:
        assert await drain(relay) == len(KEYS)
        assert await drain(relay) == 0
    at = {(record.partition, record.offset): record.message.key.decode() for record in await place.log()}
    assert {(row.partition, row.offset): row.key for row in await stored(place)} == at
    assert {row.generation for row in await stored(place)} == {1}


async def test_every_record_carries_headers_key_and_the_generation(place: Place) -> None:
    async with place.database() as database:
        await write(database, "a")
    async with place.relay() as relay:
        await drain(relay)
    (record,), (row,) = await place.log(), await stored(place)
    headers = {name: value.decode() for name, value in record.message.headers}
    assert headers.pop("generation") == "1"
    assert headers == json.loads(row.headers)
    assert record.message.key == b"a"
    assert record.partition == partition_of("43", "a")


async def test_a_shard_has_one_relay_at_a_time(place: Place) -> None:
    async with place.relay("one") as one, place.relay("two") as two:
        assert await one.round() == 0
        await write(one.database, *KEYS)
        assert await two.round() == 0
        place.clock.advance(LEASE * 0.6)
        assert await one.round() == len(KEYS)  # and so the lease is renewed
        place.clock.advance(LEASE * 0.9)
        await write(one.database, *KEYS)
        assert await two.round() == 0
        assert await one.round() == len(KEYS)


async def test_another_relay_takes_over_when_a_lease_runs_out(place: Place) -> None:
    async with place.relay("one") as one, place.relay("two") as two:
        await write(one.database, *KEYS)
        await drain(one)
        await write(one.database, *KEYS)
        place.clock.advance(LEASE * 1.1)
        assert await drain(two) == len(KEYS)
        assert await drain(one) == 0
    events = read(await place.log())
    assert in_order(events) == dict.fromkeys(KEYS, 2)


class Crash(Exception):
    """The process ends here."""


class Failing:
    """A bus on which things go wrong around a publish."""

    def __init__(self, bus: Bus, *, when: str, times: int = 1) -> None:
        self.bus, self.when, self.times = bus, when, times
        self.bounds, self.fetch, self.close = bus.bounds, bus.fetch, bus.close

    async def publish(self, topic: str, partition: int, messages: Sequence[Message]) -> list[int]:
        """Publish, or not."""
        if self.when == "before" and self._now():
            raise Unavailable
        offsets = await self.bus.publish(topic, partition, messages)
        if self.when == "after" and self._now():
            raise Crash
        return offsets

    def _now(self) -> bool:
        self.times -= 1
        return self.times >= 0


async def test_a_crash_between_publish_and_acknowledgement_repeats_and_loses_nothing(place: Place) -> None:
    async with place.database() as database:
        for _ in range(5):
            await write(database, *KEYS)
    for life in range(3):
        async with place.bus() as bus, place.relay(f"life-{life}", Failing(bus, when="after")) as relay:
            with pytest.raises(Crash):
                await relay.round()
        place.clock.advance(LEASE * 1.1)
    async with place.relay("at last") as relay:
        await drain(relay)
    events = read(await place.log())
    rows = await stored(place)
    assert len(events) > len(rows), "there are repeats"
    assert in_order(once(events)) == dict.fromkeys(KEYS, 5)
    assert all(row.offset is not None for row in rows)


async def test_a_relay_whose_lease_ran_out_while_it_published_acknowledges_nothing(place: Place) -> None:
    class Slow(Failing):
        async def publish(self, topic: str, partition: int, messages: Sequence[Message]) -> list[int]:
            offsets = await super().publish(topic, partition, messages)
            if self._now():
                place.clock.advance(LEASE * 1.1)
                async with place.relay("two") as two:
                    await drain(two)
            return offsets

    async with place.bus() as bus, place.relay("one", Slow(bus, when="never")) as one:
        await write(one.database, "a", "a")
        await one.round()
    rows = await stored(place)
    at = {record.offset: read([record])[0].id for record in await place.log()}
    assert len(at) == 4
    assert all(at[row.offset] == row.event_id and row.offset >= 2 for row in rows)
    assert in_order(once(read(await place.log()))) == {"a": 2}


async def test_a_bus_that_does_not_answer_is_tried_again(place: Place) -> None:
    async with place.bus() as bus, place.relay("one", Failing(bus, when="before", times=3)) as relay:
        await write(relay.database, "a", "b")
        running = asyncio.create_task(relay.run())
        async with asyncio.timeout(30):
            while len(await place.log()) < 2:  # noqa: ASYNC110 - a count, no event
                await asyncio.sleep(0.05)
        running.cancel()
    assert in_order(once(read(await place.log()))) == {"a": 1, "b": 1}


async def test_a_commit_wakes_the_relay_of_its_process(place: Place) -> None:
    async with place.relay() as relay:
        relay.poll = 60
        running = asyncio.create_task(relay.run())
        await asyncio.sleep(0.3)
        await write(relay.database, "a")
        relay.wake.set()
        async with asyncio.timeout(5):
            while not await place.log():  # noqa: ASYNC110 - a count, no event
                await asyncio.sleep(0.01)
        running.cancel()


async def test_an_unbroken_log_keeps_its_generation(place: Place) -> None:
    async with place.relay() as relay:
        for _ in range(4):
            await write(relay.database, *KEYS)
            await drain(relay)
            place.clock.advance(LOOK_AT_ENDS * 1.1)
    assert {row.generation for row in await stored(place)} == {1}


async def generations(place: Place) -> dict[int, int]:
    """The generation of each shard."""
    async with place.database() as database, database.reading() as connection:
        rows = await connection.execute(sa.select(OUTBOX.shards.c.partition, OUTBOX.shards.c.generation))
        return {row.partition: row.generation for row in rows}


@pytest.mark.parametrize("more", [False, True], ids=["nothing new", "with something new"])
async def test_a_log_that_was_lost_is_filled_again_from_the_first_event_in_a_new_generation(
    place: Place, more: bool
) -> None:
    async with place.relay() as relay:
        for _ in range(3):
            await write(relay.database, *KEYS)
            await drain(relay)
    place.lose_log()
    async with place.relay() as relay:
        if more:
            await write(relay.database, *KEYS)
        place.clock.advance(LOOK_AT_ENDS * 1.1)
        await drain(relay)
    records = await place.log()
    assert in_order(once(read(records))) == dict.fromkeys(KEYS, 4 if more else 3)
    assert {dict(record.message.headers)["generation"] for record in records} == {b"2"}
    used = {partition_of("43", key) for key in KEYS}
    assert await generations(place) == {p: 2 if p in used else 1 for p in range(PARTITIONS)}


@pytest.mark.parametrize("kept", [0, 1, 5])
async def test_a_log_that_lost_its_end_is_sent_again_from_the_first_lost_event(
    place: Place, kept: int
) -> None:
    partition = partition_of("43", "a")
    async with place.relay() as relay:
        for _ in range(6):
            await write(relay.database, "a")
            await drain(relay)
    place.lose_tail(partition, kept)
    async with place.relay() as relay:
        place.clock.advance(LOOK_AT_ENDS * 1.1)
        await drain(relay)
    records = await place.log()
    assert in_order(read(records)) == {"a": 6}
    stamps = [dict(record.message.headers)["generation"] for record in records]
    assert stamps == [b"1"] * kept + [b"2"] * (6 - kept)


@pytest.mark.parametrize("old", [False, True], ids=["young records", "records that were to go"])
async def test_records_that_the_log_dropped_too_early_are_sent_again_once(place: Place, old: bool) -> None:
    """A reader that was slow may not have seen them. What retention dropped in its time is not sent again."""
    partition = partition_of("43", "a")
    async with place.relay() as relay, place.bus() as bus:
        for _ in range(6):
            await write(relay.database, "a")
            await drain(relay)
        if old:
            place.clock.advance(KEPT_AT_LEAST * 1.1)
        await bus.truncate(relay.topic, partition, 4)
        for _ in range(3):
            place.clock.advance(LOOK_AT_ENDS * 1.1)
            await drain(relay)
    events = read(await place.log())
    again = [] if old else [1, 2, 3, 4, 5, 6]
    assert [event.sequence for event in events] == [5, 6, *again]
    assert (await generations(place))[partition] == (1 if old else 2)


async def test_an_end_that_is_lost_between_two_looks_is_noticed_by_the_acknowledgement(place: Place) -> None:
    partition = partition_of("43", "a")
    async with place.relay() as relay:
        for _ in range(6):
            await write(relay.database, "a")
            await drain(relay)
        place.lose_tail(partition, 2)
        await write(relay.database, "a")
        await drain(relay)
        assert (await generations(place))[partition] == 2
    assert in_order(once(read(await place.log()))) == {"a": 7}


async def test_a_crash_while_a_lost_log_is_filled_again_loses_nothing(place: Place) -> None:
    async with place.relay() as relay:
        for _ in range(3):
            await write(relay.database, *KEYS)
        await drain(relay)
    place.lose_log()
    for life in range(2):
        place.clock.advance(LOOK_AT_ENDS * 1.1)
        async with place.bus() as bus, place.relay(f"life-{life}", Failing(bus, when="after")) as relay:
            with pytest.raises(Crash):
                await relay.round()
    place.clock.advance(LOOK_AT_ENDS * 1.1)
    async with place.relay("at last") as relay:
        await drain(relay)
    assert in_order(once(read(await place.log()))) == dict.fromkeys(KEYS, 3)
