"""Reading one topic: a consumer that stands where its caller wants it to.

The caller says with every call from where it reads. If the consumer stands there already, what it has fetched
meanwhile is handed out; else it is moved. aiokafka gives nothing, and no error, where an offset does not exist, where
a leader is gone or where its fetcher has died, so whether there is something to come is asked of the log itself: when
the consumer was moved, when the caller does not wait, and when nothing has come for a while.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from shared.bus import Bounds, Message, Record

# Seconds between looks at what the consumer has fetched: waiting in it leaves a future behind at each cancellation.
POLL = 0.01


class Silent(KafkaError):  # type: ignore[misc] # aiokafka has no types
    """The log has records there, and the client does not bring them."""


class TopicReader:
    """One consumer of one topic, for one caller at a time. A cancelled call loses nothing: the next says from where."""

    def __init__(
        self,
        topic: str,
        consumer: AIOKafkaConsumer,
        bounds: Callable[[str], Awaitable[dict[int, Bounds]]],
        *,
        answer: float,
        quiet: float,
    ) -> None:
        """`answer`: seconds in which records that exist come; `quiet`: after so many without one the log is asked."""
        self.consumer = consumer
        self._topic, self._bounds = topic, bounds
        self._answer, self._quiet = answer, quiet
        self._stands: dict[int, int] = {}  # partition -> the offset that the consumer gives next
        self._sure_at = 0.0  # when it was last known that nothing is missing

    async def read(
        self, positions: Mapping[int, int], *, limit: int, timeout: float
    ) -> dict[int, list[Record]]:
        """As the bus has it. Silent: the log has records that do not come; other KafkaErrors: what the client met."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        wanted, due = await self._stand(positions, look=timeout <= 0)
        patience = loop.time() + self._answer
        found: dict[int, list[Record]] = {}
        while True:
            for partition in wanted - found.keys():
                if records := await self._drain(partition, limit):
                    found[partition] = records
            due = (due - found.keys()) & self._stands.keys()
            now = loop.time()
            if found:
                self._sure_at = now
            if due and now > patience:
                raise Silent
            if not due and (found or now >= until):
                return found
            await asyncio.sleep(POLL if due else min(POLL, until - now))

    async def _stand(self, positions: Mapping[int, int], *, look: bool) -> tuple[set[int], set[int]]:
        """Go to the positions. The partitions that can be read there; those of which the log has records there."""
        now = asyncio.get_running_loop().time()
        if not look and self._stands == positions and now - self._sure_at < self._quiet:
            return set(positions), set()
        bounds = await self._bounds(self._topic)
        self._sure_at = now
        inside = {p: at for p, at in positions.items() if bounds[p].begin <= at <= bounds[p].end}
        if inside and inside.keys() != self._stands.keys():
            self.consumer.assign([TopicPartition(self._topic, partition) for partition in inside])
            self._stands = {}
        for partition, at in inside.items():
            if self._stands.get(partition) != at:
                self.consumer.seek(TopicPartition(self._topic, partition), at)
                self._stands[partition] = at
        return set(inside), {p for p, at in inside.items() if at < bounds[p].end}

    async def _drain(self, partition: int, limit: int) -> list[Record]:
        """What the consumer has fetched of a partition. Without a time-out it does not wait: nothing interrupts it."""
        place = TopicPartition(self._topic, partition)
        try:
            fetched = (await self.consumer.getmany(place, timeout_ms=0, max_records=limit)).get(place)
        except (
            OffsetOutOfRangeError
        ):  # dropped by retention, or the topic is another one: the next call asks the log
            self._stands.pop(partition, None)
            return []
        if not fetched or partition not in self._stands:
            return []
        if fetched[0].offset != self._stands[partition]:
            raise Silent
        self._stands[partition] = fetched[-1].offset + 1
        return [
            Record(self._topic, partition, one.offset, Message(one.key or b"", one.value or b"", one.headers))
            for one in fetched
        ]
