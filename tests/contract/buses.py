"""The sorts of bus that the suite judges, each as a log that several may open.

Also the program that runs as another process: `python buses.py KIND ADDRESS TOPIC PARTITION NUMBER NAME` publishes
that number of batches and prints each that was acknowledged.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from shared.bus import Bus, Message
from shared.bus.embedded import EmbeddedBus


async def _open_embedded(address: str) -> Bus:
    return await EmbeddedBus.open(Path(address))


async def _truncate_embedded(bus: Bus, topic: str, partition: int, begin: int) -> None:
    assert isinstance(bus, EmbeddedBus)
    await bus.truncate(topic, partition, begin)


@dataclass(frozen=True)
class Kind:
    """How a sort of bus is opened, and how its retention is made to act."""

    open: Callable[[str], Any]
    truncate: Callable[[Bus, str, int, int], Any]


KINDS = {"embedded": Kind(_open_embedded, _truncate_embedded)}


@dataclass
class Place:
    """One log, empty at first, which several may open."""

    kind: str
    address: str
    _names: Any = field(default_factory=count)

    def topic(self) -> str:
        """A topic that nobody has used."""
        return f"linkages.test-{next(self._names)}.v1"

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
