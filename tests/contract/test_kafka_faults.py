"""The bus while its broker stands still, dies, or comes back: every call ends in time, and the same bus goes on."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest

from services.native.kafka import Cluster, Plan
from shared.bus import Message
from shared.bus.kafka import KafkaBus
from shared.errors import Unavailable
from tests.contract.buses import Place

pytestmark = [pytest.mark.alone, pytest.mark.faults]

ANSWER = 3.0  # seconds that this bus gives its broker
IN_TIME = ANSWER + 5.0  # with the question why, and a processor that others use, too


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One broker, so that nothing takes its place."""
    one = Cluster(tmp_path_factory.mktemp("kafka"), Plan())
    try:
        yield one.start()
    finally:
        one.remove()


@pytest.fixture
def topic(cluster: Cluster) -> str:
    return Place("kafka", cluster.servers).topic()


@pytest.fixture
async def bus(cluster: Cluster) -> AsyncIterator[KafkaBus]:
    opened = await KafkaBus.open(servers=cluster.servers, client_id="test", answer=ANSWER, quiet=2.0)
    yield opened
    await opened.close()


def one(name: object) -> list[Message]:
    return [Message(b"k", str(name).encode())]


async def fails_in_time(call: Callable[[], Awaitable[Any]]) -> None:
    started = time.perf_counter()
    with pytest.raises(Unavailable):
        await call()
    assert time.perf_counter() - started < IN_TIME


async def answered(call: Callable[[], Awaitable[Any]]) -> Any:
    """As a relay does it: again until it succeeds; what it gives at last. At most a minute and a half."""
    until = time.monotonic() + 90
    while True:
        try:
            return await call()
        except Unavailable:
            assert time.monotonic() < until
            await asyncio.sleep(0.1)


async def values(bus: KafkaBus, topic: str) -> list[str]:
    found: list[str] = []
    while records := (await bus.fetch(topic, {0: len(found)}, limit=100, timeout=0)).get(0):
        found += [record.message.value.decode() for record in records]
    return found


async def test_while_the_broker_stands_still_calls_end_in_time_and_afterwards_all_goes_on(
    cluster: Cluster, bus: KafkaBus, topic: str
) -> None:
    assert await bus.publish(topic, 0, one("before")) == [0]
    assert len(await bus.fetch(topic, {0: 0}, limit=5, timeout=1)) == 1
    cluster.pause(1)
    try:
        await fails_in_time(lambda: bus.publish(topic, 0, one("unknown")))
        await fails_in_time(lambda: bus.bounds(topic))
        await fails_in_time(lambda: bus.fetch(topic, {0: 0}, limit=5, timeout=0.1))
    finally:
        cluster.resume(1)
    at = await answered(lambda: bus.publish(topic, 0, one("after")))
    stored = await answered(lambda: values(bus, topic))
    assert stored[0] == "before"
    assert stored[at[0]] == "after"
    assert set(stored) <= {"before", "unknown", "after"}, "unknown: written or not, perhaps later"


async def test_a_broker_that_dies_and_comes_back_has_all_that_it_acknowledged(
    cluster: Cluster, bus: KafkaBus, topic: str
) -> None:
    told: dict[int, str] = {}
    enough = {number: asyncio.Event() for number in (50, 120, 200)}

    async def publish() -> None:
        for number in range(300):
            (offset,) = await answered(lambda number=number: bus.publish(topic, 0, one(number)))  # type: ignore[misc]
            told[offset] = str(number)
            if number in enough:
                enough[number].set()

    publishing = asyncio.create_task(publish())
    for death in enough.values():
        await asyncio.wait_for(death.wait(), 60)
        await asyncio.to_thread(cluster.kill, 1)
        await asyncio.to_thread(cluster.restart, 1)
    await publishing
    stored = await answered(lambda: values(bus, topic))
    assert {offset: stored[offset] for offset in told} == told
    firsts = [value for at, value in enumerate(stored) if value not in stored[:at]]
    assert firsts == [str(number) for number in range(300)], "in order, but for what was sent twice"


async def test_a_reader_that_was_waiting_goes_on_after_the_broker_died(
    cluster: Cluster, bus: KafkaBus, topic: str
) -> None:
    assert await bus.fetch(topic, {0: 0}, limit=5, timeout=0.2) == {}
    await asyncio.to_thread(cluster.kill, 1)
    await asyncio.to_thread(cluster.restart, 1)
    await answered(lambda: bus.publish(topic, 0, one("it")))
    started = time.perf_counter()
    while not (found := await answered(lambda: bus.fetch(topic, {0: 0}, limit=5, timeout=0.2))):
        assert time.perf_counter() - started < 15
    assert [record.message.value for record in found[0]] == [b"it"]


async def test_a_bus_closes_in_time_while_its_broker_stands_still(cluster: Cluster, topic: str) -> None:
    bus = await KafkaBus.open(servers=cluster.servers, client_id="test", answer=ANSWER)
    await bus.publish(topic, 0, one("before"))
    await bus.fetch(topic, {0: 0}, limit=5, timeout=1)
    cluster.pause(1)
    try:
        publishing = asyncio.create_task(bus.publish(topic, 0, one("unknown")))
        await asyncio.sleep(0.1)
        started = time.perf_counter()
        await bus.close()
        assert time.perf_counter() - started < IN_TIME + 4
        with pytest.raises(Unavailable):
            await publishing
    finally:
        cluster.resume(1)
