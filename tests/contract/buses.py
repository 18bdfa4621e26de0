"""The sorts of bus that the suite judges, each as a log that several may open.

Also the program that runs as another process: `python buses.py KIND ADDRESS TOPIC PARTITION NUMBER NAME` publishes
that number of batches and prints each that was acknowledged.
"""

import asyncio
import json
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from services import broker, kafka_setup
from shared.bus import Bus, Message, Record
from shared.bus.embedded import EmbeddedBus
from shared.bus.kafka import KafkaBus


def _embedded_topic(_: str, name: str) -> None:
    """The embedded log has every topic."""


async def _open_embedded(address: str) -> Bus:
    return await EmbeddedBus.open(Path(address))


async def _truncate_embedded(bus: Bus, topic: str, partition: int, begin: int) -> None:
    assert isinstance(bus, EmbeddedBus)
    await bus.truncate(topic, partition, begin)


def administrator(address: str) -> AdminClient:
    """Somebody who may do everything, on a cluster that asks nobody."""
    return AdminClient({"bootstrap.servers": address, "log_level": 0})


def make_topic(address: str, name: str) -> None:
    """A topic like those of `deploy/kafka/topics.yaml`, copied to as many brokers as there are up to three."""
    admin = administrator(address)
    copies = min(3, len(admin.list_topics(timeout=10).brokers))
    like = kafka_setup.read_topics(broker.TOPICS, copies)[0]
    assert kafka_setup.create_topics(admin, [replace(like, name=name)]) == [name]


def delete_topic(address: str, name: str) -> None:
    """A topic and all its records."""
    admin = administrator(address)  # kept until the answer: its end would be the end of what it asks
    admin.delete_topics([name], operation_timeout=10)[name].result(15)


async def _open_kafka(address: str) -> Bus:
    return await KafkaBus.open(servers=address, client_id="test")


async def _truncate_kafka(bus: Bus, topic: str, partition: int, begin: int) -> None:
    assert isinstance(bus, KafkaBus)

    def delete() -> None:
        place, admin = TopicPartition(topic, partition, begin), administrator(bus.servers)
        admin.delete_records([place], operation_timeout=10)[place].result(15)

    await asyncio.to_thread(delete)


@dataclass(frozen=True)
class Kind:
    """How a sort of bus gets a topic, how it is opened, and how its retention is made to act."""

    make: Callable[[str, str], None]
    open: Callable[[str], Any]
    truncate: Callable[[Bus, str, int, int], Any]


KINDS = {
    "embedded": Kind(_embedded_topic, _open_embedded, _truncate_embedded),
    "kafka": Kind(make_topic, _open_kafka, _truncate_kafka),
}


@dataclass(frozen=True)
class Place:
    """One log, empty at first, which several may open."""

    kind: str
    address: str

    def topic(self) -> str:
        """A topic that nobody has used."""
        name = f"conformance-{uuid.uuid4().hex}.v1"
        KINDS[self.kind].make(self.address, name)
        return name

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Bus]:
        """A bus of its own on the log."""
        bus: Bus = await KINDS[self.kind].open(self.address)
        try:
            yield bus
        finally:
            await bus.close()

    async def truncate(self, bus: Bus, topic: str, partition: int, begin: int) -> None:
        """Have the retention drop what is before an offset."""
        await KINDS[self.kind].truncate(bus, topic, partition, begin)

    def publisher(self, topic: str, partition: int, number: int, name: str) -> subprocess.Popen[str]:
        """Another process, which publishes `number` batches and prints what was acknowledged."""
        return subprocess.Popen(
            [sys.executable, __file__, self.kind, self.address, topic, str(partition), str(number), name],
            stdout=subprocess.PIPE,
            text=True,
        )


def batch(*names: object) -> list[Message]:
    """Messages that can be told apart."""
    return [Message(f"key-{name}".encode(), f"value-{name}".encode()) for name in names]


async def everything(bus: Bus, topic: str, partition: int, begin: int = 0) -> list[Record]:
    """All records of a partition from an offset on."""
    found: list[Record] = []
    while True:
        at = found[-1].offset + 1 if found else begin
        got = await bus.fetch(topic, {partition: at}, limit=97, timeout=0)
        if partition not in got:
            return found
        found += got[partition]


async def _publish(kind: str, address: str, topic: str, partition: int, number: int, name: str) -> None:
    async with Place(kind, address).opened() as bus:
        for round_ in range(number):
            keys = [f"{name}/{round_}/{i}" for i in range(3)]
            offsets = await bus.publish(topic, partition, [Message(key.encode(), b"v") for key in keys])
            sys.stdout.write(json.dumps(list(zip(keys, offsets, strict=True))) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(
        _publish(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]), sys.argv[6])
    )
