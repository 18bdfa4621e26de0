"""What every bus promises (`shared.bus.Bus`), whatever carries it.

To have another bus judged: add it to `KINDS` in `buses.py`.
"""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.bus import PARTITIONS, Bounds, Bus, Message, Record
from tests.contract.buses import Place, batch, everything

SOON = 2.0  # seconds in which a reader in another process must see what was written


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.alone)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "embedded":
        return Place("embedded", str(tmp_path / "bus.db"))
    return Place("kafka", request.getfixturevalue("kafka_cluster").servers)


@pytest.fixture
async def bus(place: Place) -> AsyncIterator[Bus]:
    async with place.opened() as opened:
        yield opened


@pytest.fixture
def topic(place: Place) -> str:
    return place.topic()


async def test_offsets_are_contiguous_and_begin_at_nought(bus: Bus, topic: str) -> None:
    assert await bus.publish(topic, 3, batch(1)) == [0]
    assert await bus.publish(topic, 3, batch(2, 3, 4)) == [1, 2, 3]
    assert await bus.publish(topic, 3, batch(5)) == [4]


async def test_nothing_published_gives_no_offset_and_changes_no_bound(bus: Bus, topic: str) -> None:
    assert await bus.publish(topic, 0, []) == []
    assert (await bus.bounds(topic))[0] == Bounds(0, 0)


async def test_records_are_read_in_the_order_in_which_they_were_published(bus: Bus, topic: str) -> None:
    for start in range(0, 30, 3):
        await bus.publish(topic, 1, batch(start, start + 1, start + 2))
    records = await everything(bus, topic, 1)
    assert [record.message for record in records] == batch(*range(30))
    assert [(r.topic, r.partition, r.offset) for r in records] == [(topic, 1, at) for at in range(30)]


async def test_partitions_and_topics_are_apart(bus: Bus, place: Place) -> None:
    one, two = place.topic(), place.topic()
    assert await bus.publish(one, 0, batch("a")) == [0]
    assert await bus.publish(one, 7, batch("b")) == [0]
    assert await bus.publish(two, 0, batch("c")) == [0]
    found = await bus.fetch(one, dict.fromkeys(range(PARTITIONS), 0), limit=10, timeout=0)
    assert {p: [r.message for r in records] for p, records in found.items()} == {0: batch("a"), 7: batch("b")}


async def test_reading_again_from_any_offset_gives_the_same_records(bus: Bus, topic: str) -> None:
    await bus.publish(topic, 0, batch(*range(20)))
    first = await everything(bus, topic, 0)
    for begin in range(21):
        assert await everything(bus, topic, 0, begin) == first[begin:]


@pytest.mark.parametrize("limit", [1, 2, 7, 100])
async def test_no_partition_gives_more_than_the_limit(bus: Bus, topic: str, limit: int) -> None:
    for partition in (0, 1):
        await bus.publish(topic, partition, batch(*range(10)))
    found = await bus.fetch(topic, {0: 2, 1: 0}, limit=limit, timeout=0)
    assert [record.offset for record in found[0]] == list(range(2, 10))[:limit]
    assert [record.offset for record in found[1]] == list(range(10))[:limit]


async def test_a_topic_that_nobody_has_used_is_empty_in_every_partition(bus: Bus, topic: str) -> None:
    assert await bus.bounds(topic) == {p: Bounds(0, 0) for p in range(PARTITIONS)}
    assert await bus.fetch(topic, {0: 0}, limit=1, timeout=0) == {}


async def test_bounds_follow_what_is_published(bus: Bus, topic: str) -> None:
    await bus.publish(topic, 2, batch(1, 2, 3))
    bounds = await bus.bounds(topic)
    assert bounds[2] == Bounds(0, 3)
    assert all(bounds[p] == Bounds(0, 0) for p in range(PARTITIONS) if p != 2)


@pytest.mark.parametrize("outside", [-1, 5, 6, 10**12])
async def test_an_offset_outside_the_bounds_gives_nothing(bus: Bus, topic: str, outside: int) -> None:
    await bus.publish(topic, 0, batch(*range(5)))
    await bus.publish(topic, 1, batch("other"))
    assert await bus.fetch(topic, {0: outside}, limit=10, timeout=0) == {}
    assert set(await bus.fetch(topic, {0: outside, 1: 0}, limit=10, timeout=0)) == {1}


async def test_what_retention_has_dropped_is_outside_the_bounds(bus: Bus, topic: str, place: Place) -> None:
    await bus.publish(topic, 0, batch(*range(10)))
    await bus.publish(topic, 1, batch("stays"))
    await place.truncate(bus, topic, 0, 4)
    assert (await bus.bounds(topic))[0] == Bounds(4, 10)
    assert await bus.fetch(topic, {0: 3}, limit=10, timeout=0) == {}
    assert [record.offset for record in await everything(bus, topic, 0, 4)] == list(range(4, 10))
    assert await bus.publish(topic, 0, batch("next")) == [10]
    assert (await bus.bounds(topic))[1] == Bounds(0, 1)


async def test_an_emptied_partition_goes_on_counting(bus: Bus, topic: str, place: Place) -> None:
    await bus.publish(topic, 0, batch(1, 2))
    await place.truncate(bus, topic, 0, 2)
    assert (await bus.bounds(topic))[0] == Bounds(2, 2)
    assert await bus.fetch(topic, {0: 2}, limit=10, timeout=0) == {}
    assert await bus.publish(topic, 0, batch(3)) == [2]


async def test_retention_between_publishers_leaves_no_gap_above_the_beginning(
    bus: Bus, topic: str, place: Place
) -> None:
    async def publish() -> None:
        for number in range(60):
            await bus.publish(topic, 0, batch(number))

    async def retain() -> None:
        for _ in range(30):
            end = (await bus.bounds(topic))[0].end
            await place.truncate(bus, topic, 0, max(end - 3, 0))

    await asyncio.gather(publish(), retain())
    bounds = (await bus.bounds(topic))[0]
    assert bounds.end == 60
    assert [r.offset for r in await everything(bus, topic, 0, bounds.begin)] == list(range(bounds.begin, 60))


async def test_a_reader_waits_no_longer_than_it_was_told(bus: Bus, topic: str) -> None:
    started = time.perf_counter()
    assert await bus.fetch(topic, {0: 0}, limit=1, timeout=0.3) == {}
    assert 0.25 <= time.perf_counter() - started < SOON


async def test_a_waiting_reader_wakes_when_something_is_published(bus: Bus, topic: str) -> None:
    reading = asyncio.create_task(bus.fetch(topic, {0: 0, 1: 0}, limit=10, timeout=30))
    await asyncio.sleep(0.1)
    await bus.publish(topic, 1, batch("it"))
    found = await asyncio.wait_for(reading, SOON)
    assert [record.message for record in found[1]] == batch("it")


async def test_a_waiting_reader_wakes_when_somebody_else_publishes(place: Place, topic: str) -> None:
    async with place.opened() as reader, place.opened() as writer:
        reading = asyncio.create_task(reader.fetch(topic, {0: 0}, limit=10, timeout=30))
        await asyncio.sleep(0.1)
        await writer.publish(topic, 0, batch("it"))
        assert [record.message for record in (await asyncio.wait_for(reading, SOON))[0]] == batch("it")


async def test_a_reader_is_not_woken_by_a_partition_that_it_does_not_read(bus: Bus, topic: str) -> None:
    reading = asyncio.create_task(bus.fetch(topic, {0: 0}, limit=10, timeout=0.4))
    await asyncio.sleep(0.05)
    await bus.publish(topic, 1, batch("not yours"))
    assert await reading == {}


async def test_a_reader_that_gives_up_disturbs_nobody(bus: Bus, topic: str) -> None:
    readers = [asyncio.create_task(bus.fetch(topic, {0: 0}, limit=1, timeout=30)) for _ in range(3)]
    await asyncio.sleep(0.05)
    readers[1].cancel()
    await bus.publish(topic, 0, batch("it"))
    done = await asyncio.wait_for(asyncio.gather(*readers, return_exceptions=True), SOON)
    assert isinstance(done[1], asyncio.CancelledError)
    assert all(found == {0: [Record(topic, 0, 0, batch("it")[0])]} for found in (done[0], done[2]))


async def test_readers_of_different_partitions_and_topics_do_not_hold_each_other_up(
    bus: Bus, topic: str, place: Place
) -> None:
    other = place.topic()
    waiting = [
        asyncio.create_task(bus.fetch(name, {partition: 0}, limit=5, timeout=30))
        for name in (topic, other)
        for partition in range(3)
    ]
    await asyncio.sleep(0.2)
    await bus.publish(other, 2, batch("it"))
    assert list(await asyncio.wait_for(waiting[-1], SOON)) == [2]
    assert not any(task.done() for task in waiting[:-1])
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert list(await bus.fetch(other, {2: 0}, limit=5, timeout=0)) == [2]


async def test_a_reader_that_does_not_wait_sees_at_once_what_was_acknowledged(
    place: Place, topic: str
) -> None:
    async with place.opened() as writer, place.opened() as reader:
        for number in range(20):
            assert await reader.fetch(topic, {0: number, 1: 0}, limit=5, timeout=0) == {}
            await writer.publish(topic, 0, batch(number))
            found = await reader.fetch(topic, {0: number, 1: 0}, limit=5, timeout=0)
            assert [record.message for record in found[0]] == batch(number)


async def test_a_reader_may_jump_about(bus: Bus, topic: str) -> None:
    await bus.publish(topic, 0, batch(*range(100)))
    for begin in (50, 3, 99, 0, 98, 4, 100, 1):
        found = await bus.fetch(topic, {0: begin}, limit=3, timeout=0)
        assert [record.offset for record in found.get(0, [])] == list(range(begin, min(begin + 3, 100)))


async def test_an_offset_beyond_the_end_gives_records_once_they_are_there(bus: Bus, topic: str) -> None:
    await bus.publish(topic, 0, batch(*range(2)))
    assert await bus.fetch(topic, {0: 5}, limit=10, timeout=0.1) == {}
    await bus.publish(topic, 0, batch(*range(2, 7)))
    assert [r.offset for r in (await bus.fetch(topic, {0: 5}, limit=10, timeout=SOON))[0]] == [5, 6]


async def test_what_is_larger_than_one_request_comes_back_whole_and_in_order(bus: Bus, topic: str) -> None:
    sent = [Message(f"{number}".encode(), os.urandom(120_000)) for number in range(30)]
    assert await bus.publish(topic, 0, sent) == list(range(30))
    assert [record.message for record in await everything(bus, topic, 0)] == sent


async def test_two_that_read_the_same_log_see_the_same(place: Place, topic: str) -> None:
    async with place.opened() as one, place.opened() as two:
        await one.publish(topic, 0, batch(1))
        await two.publish(topic, 0, batch(2))
        await one.publish(topic, 0, batch(3))
        assert await everything(one, topic, 0) == await everything(two, topic, 0)
        assert [record.message for record in await everything(two, topic, 0)] == batch(1, 2, 3)
        assert await one.bounds(topic) == await two.bounds(topic)


async def test_publishers_at_the_same_time_get_disjoint_offsets_without_a_gap(
    place: Place, topic: str
) -> None:
    async with AsyncExitStack() as stack:
        buses = [await stack.enter_async_context(place.opened()) for _ in range(3)]
        sizes = [1, 2, 5, 1, 3]

        async def publish(bus: Bus, name: str) -> dict[int, Message]:
            kept: dict[int, Message] = {}
            for round_, size in enumerate(sizes * 4):
                messages = batch(*(f"{name}/{round_}/{i}" for i in range(size)))
                given = await bus.publish(topic, 0, messages)
                assert given == list(range(given[0], given[0] + size)), "a batch stands together"
                kept |= dict(zip(given, messages, strict=True))
            return kept

        each = await asyncio.gather(*(publish(b, f"{i}.{j}") for i, b in enumerate(buses) for j in range(4)))
        told: dict[int, Message] = {}
        for kept in each:
            assert not told.keys() & kept.keys()
            told |= kept
        records = await everything(buses[0], topic, 0)
    assert {record.offset: record.message for record in records} == told
    assert [record.offset for record in records] == list(range(12 * sum(sizes) * 4))


async def test_a_reader_beside_publishers_never_sees_a_gap(place: Place, topic: str) -> None:
    async with place.opened() as writer, place.opened() as reader:
        publishing = asyncio.gather(
            *(writer.publish(topic, 0, batch(number, f"{number}b")) for number in range(200))
        )
        seen: list[int] = []
        while len(seen) < 400:
            found = await reader.fetch(topic, {0: len(seen)}, limit=50, timeout=SOON)
            seen += [record.offset for record in found[0]]
        await publishing
    assert seen == list(range(400))


async def test_a_publisher_that_gives_up_leaves_its_batch_whole_or_out(bus: Bus, topic: str) -> None:
    tasks = [asyncio.create_task(bus.publish(topic, 0, batch(f"{n}a", f"{n}b"))) for n in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    records = await everything(bus, topic, 0)
    values = [record.message for record in records]
    assert [record.offset for record in records] == list(range(len(records)))
    for number, result in enumerate(results):
        pair = batch(f"{number}a", f"{number}b")
        if isinstance(result, BaseException):
            assert [values.count(message) for message in pair] in ([0, 0], [1, 1])
        else:
            assert [values[offset] for offset in result] == pair


async def test_what_is_being_published_when_a_bus_is_closed_is_kept(place: Place, topic: str) -> None:
    async with place.opened() as bus:
        publishing = [asyncio.create_task(bus.publish(topic, 0, batch(number))) for number in range(10)]
        await asyncio.sleep(0)
    assert sorted([offset for given in await asyncio.gather(*publishing) for offset in given]) == [*range(10)]


async def test_records_survive_when_the_log_is_opened_again(place: Place, topic: str) -> None:
    for number in range(3):
        async with place.opened() as bus:
            assert await bus.publish(topic, 5, batch(number)) == [number]
    async with place.opened() as bus:
        assert [record.message for record in await everything(bus, topic, 5)] == batch(0, 1, 2)
        assert (await bus.bounds(topic))[5] == Bounds(0, 3)


async def test_several_processes_may_open_a_new_log_at_once_and_publish_to_it(
    place: Place, topic: str
) -> None:
    processes = [place.publisher(topic, 0, 20, f"process-{n}") for n in range(4)]
    lines = await asyncio.gather(*(asyncio.to_thread(process.communicate) for process in processes))
    assert [process.returncode for process in processes] == [0] * 4
    told: dict[int, str] = {}
    for out, _ in lines:
        for line in out.splitlines():
            told |= {offset: key for key, offset in json.loads(line)}
    async with place.opened() as bus:
        records = await everything(bus, topic, 0)
    assert {record.offset: record.message.key.decode() for record in records} == told
    assert sorted(told) == list(range(4 * 20 * 3))


async def test_a_killed_publisher_loses_nothing_that_was_acknowledged(place: Place, topic: str) -> None:
    told: dict[int, str] = {}
    for life in range(5):
        process = place.publisher(topic, 0, 100_000, f"life-{life}")
        assert process.stdout is not None
        for _ in range(5 + 7 * life):
            line = await asyncio.to_thread(process.stdout.readline)
            told |= {offset: key for key, offset in json.loads(line)}
        process.send_signal(signal.SIGKILL)
        rest, _ = await asyncio.to_thread(process.communicate)
        for line in rest.splitlines():
            if line.endswith("]]"):  # the last line may be cut
                told |= {offset: key for key, offset in json.loads(line)}
    async with place.opened() as bus:
        records = await everything(bus, topic, 0)
        assert (await bus.bounds(topic))[0] == Bounds(0, len(records))
    stored = {record.offset: record.message.key.decode() for record in records}
    assert told.items() <= stored.items()
    assert [record.offset for record in records] == list(range(len(records)))


header_names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
messages = st.builds(
    Message,
    key=st.binary(max_size=64),
    value=st.binary(max_size=300),
    headers=st.lists(st.tuples(header_names, st.binary(max_size=60)), max_size=5).map(tuple),
)


@given(sent=st.lists(messages, min_size=1, max_size=5))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_key_value_and_headers_come_back_byte_for_byte(place: Place, sent: list[Message]) -> None:
    async def there_and_back() -> list[Message]:
        topic = place.topic()
        async with place.opened() as bus:
            await bus.publish(topic, 0, sent)
            return [record.message for record in await everything(bus, topic, 0)]

    assert asyncio.run(there_and_back()) == sent


async def test_one_value_of_a_megabyte_comes_back(bus: Bus, topic: str) -> None:
    sent = Message(b"k", bytes(range(256)) * 4096)
    await bus.publish(topic, 0, [sent])
    assert (await everything(bus, topic, 0))[0].message == sent


async def test_a_message_that_cannot_be_written_harms_no_other(bus: Bus, topic: str) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 - each bus has its own word for it
        await asyncio.wait_for(bus.publish(topic, 0, [Message(b"k", b"v", (("h", "text"),))]), SOON)  # type: ignore[arg-type]
    assert await bus.publish(topic, 0, batch("next")) == [0]
