"""The bus on a real broker where Kafka or its client has ways of its own: silence, retries, times, lag."""

import asyncio
import logging
import os
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from confluent_kafka.admin import NewTopic
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from shared.bus import PARTITIONS, Bounds, Message
from shared.bus.client_logs import Told
from shared.bus.clients import Starter, stop_consumer
from shared.bus.kafka import KafkaBus, Stuck
from shared.bus.security import KafkaSecurity
from shared.clock import FrozenClock
from shared.errors import Unavailable
from tests.contract.buses import Place, administrator, batch, delete_topic, make_topic

NOWHERE = "127.0.0.1:1"


@pytest.fixture
def topic(kafka: str) -> str:
    return Place("kafka", kafka).topic()


@asynccontextmanager
async def opened(servers: str, **options: Any) -> AsyncIterator[KafkaBus]:
    bus = await KafkaBus.open(servers=servers, client_id="test", **options)
    try:
        yield bus
    finally:
        await bus.close()


@pytest.fixture
async def bus(kafka: str) -> AsyncIterator[KafkaBus]:
    async with opened(kafka) as one:
        yield one


def calls(bus: KafkaBus, topic: str) -> dict[str, Callable[[], Any]]:
    return {
        "publish": lambda: bus.publish(topic, 0, batch(1)),
        "fetch": lambda: bus.fetch(topic, {0: 0}, limit=1, timeout=0.1),
        "bounds": lambda: bus.bounds(topic),
    }


@pytest.mark.parametrize("call", ["publish", "fetch", "bounds"])
async def test_a_topic_that_is_not_there_is_an_error_and_says_what_makes_it(bus: KafkaBus, call: str) -> None:
    with pytest.raises(
        Unavailable, match=r"There is no topic nobody-made-it.v1: run `linkages kafka topics`"
    ):
        await calls(bus, "nobody-made-it.v1")[call]()


@pytest.mark.parametrize("call", ["publish", "fetch", "bounds"])
@pytest.mark.parametrize("partitions", [1, PARTITIONS + 1])
async def test_a_topic_with_other_partitions_is_refused(
    bus: KafkaBus, kafka: str, call: str, partitions: int
) -> None:
    name, admin = f"odd-{os.urandom(8).hex()}.v1", administrator(kafka)
    admin.create_topics([NewTopic(name, partitions, 1)])[name].result(15)
    with pytest.raises(Unavailable, match=f"has {partitions} partitions and must have {PARTITIONS}"):
        await calls(bus, name)[call]()


@pytest.mark.parametrize("call", ["publish", "fetch", "bounds"])
async def test_where_no_broker_is_a_call_ends_within_its_time_and_says_so(call: str) -> None:
    async with opened(NOWHERE, answer=2.0) as bus:
        started = time.perf_counter()
        with pytest.raises(Unavailable, match=f"No broker answers at {NOWHERE}"):
            await calls(bus, "any.v1")[call]()
        assert time.perf_counter() - started < 6


async def test_a_certificate_that_nobody_vouches_for_is_told_as_what_it_is(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "broker.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    broker = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    broker.load_cert_chain(file)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=broker)
    servers = f"localhost:{server.sockets[0].getsockname()[1]}"
    async with opened(servers, security=KafkaSecurity("SSL"), answer=2.0) as bus:
        with pytest.raises(Unavailable, match="certificate is not trusted: set LINKAGES_KAFKA_CA_FILE"):
            await bus.bounds("any.v1")
    server.close()


async def test_a_topic_made_anew_shows_in_its_bounds_and_gives_nothing_beyond_its_end(
    bus: KafkaBus, kafka: str, topic: str
) -> None:
    await bus.publish(topic, 0, batch(*range(50)))
    assert len((await bus.fetch(topic, {0: 40}, limit=100, timeout=1))[0]) == 10
    delete_topic(kafka, topic)
    make_topic(kafka, topic)
    bounds = await _until_answered(lambda: bus.bounds(topic))
    assert bounds[0] == Bounds(0, 0)
    assert await _until_answered(lambda: bus.fetch(topic, {0: 50}, limit=100, timeout=0.3)) == {}
    assert await _until_answered(lambda: bus.publish(topic, 0, batch("new"))) == [0]
    found = await _until_answered(lambda: bus.fetch(topic, {0: 0}, limit=100, timeout=1))
    assert [record.message for record in found[0]] == batch("new")


async def _until_answered(call: Callable[[], Any]) -> Any:
    """As relay and reader do it: again, until the client has understood. At most a minute."""
    until = time.monotonic() + 60
    while True:
        try:
            return await call()
        except Unavailable:
            assert time.monotonic() < until
            await asyncio.sleep(0.1)


async def test_records_dropped_where_a_reader_stands_are_left_out_until_it_moves(
    bus: KafkaBus, kafka: str, topic: str
) -> None:
    await bus.publish(topic, 0, batch(*range(10)))
    assert len((await bus.fetch(topic, {0: 0}, limit=2, timeout=1))[0]) == 2
    async with opened(kafka) as standing:  # has fetched nothing yet of what is dropped
        await standing.fetch(topic, {0: 10, 1: 0}, limit=2, timeout=0)
        await Place("kafka", kafka).truncate(bus, topic, 0, 6)
        assert await standing.fetch(topic, {0: 3}, limit=5, timeout=0) == {}
        found = await standing.fetch(topic, {0: 6}, limit=5, timeout=0)
    assert [record.offset for record in found[0]] == [6, 7, 8, 9]


async def test_a_producer_that_failed_is_not_used_again(bus: KafkaBus, topic: str) -> None:
    """The broker would refuse all that it sends from now on: its sequence has a hole."""
    assert await bus.publish(topic, 0, batch(1)) == [0]
    with pytest.raises(Unavailable, match=r"larger than the topic .* takes: raise its max.message.bytes"):
        await bus.publish(topic, 0, [Message(b"k", os.urandom(5 << 20))])
    assert await bus.publish(topic, 0, batch(2)) == [1]


async def test_the_time_of_a_record_tells_no_minute(kafka: str, topic: str) -> None:
    async with opened(kafka, clock=FrozenClock(datetime(2026, 3, 1, 10, 42, 7, tzinfo=UTC))) as bus:
        await bus.publish(topic, 0, batch(1))
    reader = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")
    await reader.start()
    try:
        reader.assign([TopicPartition(topic, 0)])
        record = await asyncio.wait_for(reader.getone(), 20)
    finally:
        await reader.stop()
    told = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    assert (record.timestamp_type, told) == (0, datetime(2026, 3, 1, 10, tzinfo=UTC))


async def test_fetches_that_are_cancelled_lose_nothing_and_leave_nothing_behind(
    bus: KafkaBus, topic: str
) -> None:
    seen: list[int] = []
    for number in range(150):
        await bus.publish(topic, 0, batch(number))
        reading = asyncio.create_task(bus.fetch(topic, {0: len(seen), 1: 0}, limit=3, timeout=1))
        await asyncio.sleep(0.02 * (number % 3))
        if number % 2:
            reading.cancel()
        found = (await asyncio.gather(reading, return_exceptions=True))[0]
        if isinstance(found, dict):
            seen += [record.offset for record in found.get(0, [])]
    while len(seen) < 150:
        seen += [r.offset for r in (await bus.fetch(topic, {0: len(seen)}, limit=50, timeout=1))[0]]
    assert seen == list(range(150))
    (reader,) = bus._idle[topic]
    assert not reader.consumer._fetcher._fetch_waiters


class Mute(AIOKafkaConsumer):  # type: ignore[misc]
    """A consumer whose fetcher has died: it raises nothing and brings nothing."""

    async def getmany(self, *_: Any, **__: Any) -> dict[TopicPartition, list[Any]]:
        return {}


async def test_a_client_that_brings_nothing_is_made_anew(kafka: str, topic: str) -> None:
    async with opened(kafka, answer=3.0, quiet=0.5) as bus:
        assert await bus.fetch(topic, {0: 0}, limit=5, timeout=0.1) == {}
        (reader,) = bus._idle[topic]
        reader.consumer.pause(TopicPartition(topic, 0))
        await bus.publish(topic, 0, batch(1))
        await asyncio.sleep(0.5)
        with pytest.raises(Unavailable, match=r"records of .* that do not come"):
            await bus.fetch(topic, {0: 0}, limit=5, timeout=0.1)
        assert [r.offset for r in (await bus.fetch(topic, {0: 0}, limit=5, timeout=0.1))[0]] == [0]


async def test_clients_that_bring_nothing_one_after_another_end_the_process(kafka: str, topic: str) -> None:
    async with opened(kafka, answer=1.5) as bus:
        await bus.publish(topic, 0, batch(1))
        bus._consumers = Starter(lambda: Mute(bootstrap_servers=kafka), stop_consumer)
        for _ in range(2):
            with pytest.raises(Unavailable):
                await bus.fetch(topic, {0: 0}, limit=5, timeout=0.1)
        with pytest.raises(Stuck, match="start this process again"):
            await bus.fetch(topic, {0: 0}, limit=5, timeout=0.1)


async def test_lag_tools_see_how_far_a_reader_is_and_it_reads_from_where_it_says(
    kafka: str, topic: str
) -> None:
    group = f"test-{os.urandom(8).hex()}"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()

    async def told() -> dict[int, int]:
        try:
            answer = await admin.list_consumer_group_offsets(group)
        except KafkaError:  # the topic in which Kafka keeps such offsets is made when the first comes
            return {}
        return {place.partition: one.offset for place, one in answer.items() if place.topic == topic}

    async with opened(kafka, lag_group=group) as bus:
        await bus.publish(topic, 0, batch(*range(10)))
        until = time.monotonic() + 60
        while await told() != {0: 7, 3: 0}:
            assert time.monotonic() < until
            await bus.fetch(topic, {0: 7, 3: 0}, limit=5, timeout=0.2)
        assert [r.offset for r in (await bus.fetch(topic, {0: 2}, limit=2, timeout=1))[0]] == [2, 3]
    await admin.close()


def test_what_the_client_logs_is_told_once_a_minute_and_without_values() -> None:
    now, seen = [0.0], []

    def keep(_: object, __: str, event: Any) -> Any:
        seen.append(dict(event))
        raise structlog.DropEvent

    structlog.configure(processors=[keep])
    logger = logging.Logger("aiokafka.cluster")  # noqa: LOG001 - of this test alone
    logger.addHandler(Told(lambda: now[0]))
    for second in range(130):
        now[0] = float(second)
        logger.warning("Topic %s not found in cluster metadata", "linkages.cws.v1")
    logger.info("nothing of note")
    assert (
        seen
        == [
            {
                "event": "kafka.client",
                "logger": "aiokafka.cluster",
                "reason": "Topic %s not found in cluster metadata",
            }
        ]
        * 3
    )
