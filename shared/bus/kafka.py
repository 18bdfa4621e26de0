"""The bus on Apache Kafka, by aiokafka: partitions assigned by hand, offsets given by the caller, no group protocol.

What is known of aiokafka and of brokers, and why it does no harm here:
- a group's rebalances and commits (its issues 929, 933, 1054): there is no group; progress is in the reader's database;
- a client that stays stuck, or whose `stop` and `send` wait for ever (703, 712, 718, 1039, 1101, 1154): every call has
  a time-out, a client that failed is never used again, and one that brings nothing is found by asking the log;
- a sequence out of order until restart (1017), a sender that died: as before, a new producer;
- cancelling a send does not take it back: after an error the outcome is unknown, and readers drop repeats by event id;
- transactions stuck with their coordinator (1134, 1145, 1151): none are used;
- an exception in a deserializer gives the same record for ever (744): records stay bytes;
- a topic that is not there, or may not be read or described, is silence: here it is Unavailable, with the reason;
- an offset outside a topic, made anew or shortened, is silence too: it is left out, and `bounds` shows it;
- an acknowledgement of what was written before, without its offset, counts as an error.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
)
from aiokafka.producer.message_accumulator import BatchBuilder

from shared.bus import PARTITIONS, Bounds, Message, Record
from shared.bus.client_logs import hand_over
from shared.bus.clients import (
    BATCH_BYTES,
    Kept,
    Options,
    Starter,
    consumer,
    producer,
    stop_consumer,
    stop_producer,
)
from shared.bus.diagnosis import why
from shared.bus.lag import Lag
from shared.bus.reading import Silent, TopicReader
from shared.bus.security import KafkaSecurity
from shared.clock import Clock, SystemClock
from shared.errors import LinkagesError, Unavailable

ANSWER = 6.0  # seconds in which the brokers must have answered a call
QUIET = 15.0  # seconds without a record after which the log is asked whether there is one
RECORD_BYTES = 100  # what a record takes beside its parts, at most
STUCK_AFTER = 3  # clients in a row that brought nothing of what the log has

log = structlog.get_logger()


class Stuck(LinkagesError):
    """New clients bring nothing either, although the log answers: the process is to end, and another to be started."""

    title = "The Kafka client is stuck"


class _NoOffset(KafkaError):  # type: ignore[misc] # aiokafka has no types
    """Written, says the broker, but not where."""


class _OtherPartitions(KafkaError):  # type: ignore[misc]
    """The topic does not have the partitions that it must have."""


Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What one caller publishes: its messages, about how many bytes they have, and where it waits for the offsets."""

    messages: Sequence[Message]
    size: int
    done: "asyncio.Future[list[int]]"


def _size(messages: Sequence[Message]) -> int:
    """TypeError, UnicodeError: a message cannot be written, which is to harm nobody who publishes at the same time."""
    parts = [
        part for message in messages for header in message.headers for part in (header[0].encode(), header[1])
    ]
    parts += [part for message in messages for part in (message.key, message.value)]
    return len(b"".join(parts)) + len(messages) * RECORD_BYTES


def _together(line: list[_Waiting]) -> list[_Waiting]:
    """Takes from the front what goes in one batch."""
    size, count = line[0].size, 1
    while count < len(line) and (size := size + line[count].size) <= BATCH_BYTES:
        count += 1
    taken, line[:] = line[:count], line[count:]
    return taken


class KafkaBus:
    """The bus on a Kafka cluster. Open it with `KafkaBus.open(...)` inside a running event loop.

    The time of a record is cut to the hour: the coordination topic tells nobody at which minute something happened,
    and nothing of ours looks at it.
    """

    def __init__(
        self,
        servers: str,
        options: Options,
        security: KafkaSecurity,
        lag: Lag | None,
        *,
        clock: Clock,
        answer: float,
        quiet: float,
    ) -> None:
        self.servers = servers
        self._security, self._lag, self._clock = security, lag, clock
        self._answer, self._quiet = answer, quiet
        self._producers = Starter(lambda: producer(options), stop_producer)
        self._consumers = Starter(lambda: consumer(options), stop_consumer)
        self._producer, self._asker = Kept(self._producers), Kept(self._consumers)
        self._idle: dict[str, list[TopicReader]] = defaultdict(list)
        self._silences: Counter[str] = Counter()
        self._reasons: dict[str, str] = {}
        self._lines: dict[Place, list[_Waiting]] = defaultdict(list)
        self._sending: dict[Place, asyncio.Task[None]] = {}

    @classmethod
    async def open(
        cls,
        *,
        servers: str,
        client_id: str,
        security: KafkaSecurity | None = None,
        lag_group: str | None = None,
        clock: Clock | None = None,
        answer: float = ANSWER,
        quiet: float = QUIET,
    ) -> "KafkaBus":
        """A bus on the cluster at `servers` (host:port,host:port). It connects when first used, and again as needed.

        `lag_group`: the group to which the progress of readers is told, for lag tools.
        """
        hand_over()
        security = security or KafkaSecurity()
        options = {"bootstrap_servers": servers, "client_id": client_id, **security.for_aiokafka()}
        lag = Lag(lag_group, options) if lag_group else None
        return cls(servers, options, security, lag, clock=clock or SystemClock(), answer=answer, quiet=quiet)

    async def publish(self, topic: str, partition: int, messages: Sequence[Message]) -> list[int]:
        """Append in order, durably. What fits in a megabyte stands together and is written whole or not at all."""
        if not messages:
            return []
        waiting = _Waiting(messages, _size(messages), asyncio.get_running_loop().create_future())
        place = (topic, partition)
        self._lines[place].append(waiting)
        if place not in self._sending:
            self._sending[place] = asyncio.create_task(self._send_all(topic, partition))
        return await waiting.done

    async def _send_all(self, topic: str, partition: int) -> None:
        """Send what has queued up for a partition, one request after another, until nothing is left."""
        line = self._lines[topic, partition]
        while line:
            together = _together(line)
            try:
                async with self._answered(topic, "Write to", self._producer.drop):
                    async with asyncio.timeout(self._answer):
                        messages = [message for waiting in together for message in waiting.messages]
                        offsets = iter(await self._send(topic, partition, messages))
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
                for waiting in (*together, *line):
                    if not waiting.done.done():
                        waiting.done.set_exception(error)
                line.clear()
            else:
                for waiting in together:
                    given = list(islice(offsets, len(waiting.messages)))
                    if not waiting.done.done():
                        waiting.done.set_result(given)
        del self._sending[topic, partition], self._lines[topic, partition]

    async def _send(self, topic: str, partition: int, messages: Sequence[Message]) -> list[int]:
        producer = await self._producer.get()
        if len(await producer.partitions_for(topic)) != PARTITIONS:
            raise _OtherPartitions
        offsets: list[int] = []
        for batch in self._batches(producer, messages):
            sent = await (await producer.send_batch(batch, topic, partition=partition))
            if sent.offset < 0:
                raise _NoOffset
            offsets += range(sent.offset, sent.offset + batch.record_count())
        return offsets

    def _batches(self, producer: AIOKafkaProducer, messages: Sequence[Message]) -> list[BatchBuilder]:
        hour = int(self._clock.now().timestamp()) // 3600 * 3_600_000
        batches = [producer.create_batch()]
        for message in messages:
            record = {
                "timestamp": hour,
                "key": message.key,
                "value": message.value,
                "headers": list(message.headers),
            }
            if batches[-1].append(**record) is None:  # full; an empty one takes a message of any size
                batches.append(producer.create_batch())
                batches[-1].append(**record)
        return batches

    async def fetch(
        self, topic: str, positions: Mapping[int, int], *, limit: int, timeout: float
    ) -> dict[int, list[Record]]:
        """Records from each partition's position on; those that exist are waited for, even if `timeout` is nought.

        Several may read at once. Stuck: again and again the log had records that did not come.
        """
        if self._lag is not None:
            self._lag.told(topic, positions)
        async with self._answered(topic, "Read", lambda: None):
            reader = await self._reader(topic)
            try:
                found = await reader.read(positions, limit=limit, timeout=timeout)
            except asyncio.CancelledError:
                self._idle[topic].append(reader)
                raise
            except BaseException as error:
                self._consumers.stop(reader.consumer)
                if isinstance(error, Silent):
                    self._count_silence(topic)
                raise
        self._idle[topic].append(reader)
        if found:
            self._silences[topic] = 0
        return found

    async def _reader(self, topic: str) -> TopicReader:
        """One that nobody uses; its caller gives it back, or stops it."""
        if self._idle[topic]:
            return self._idle[topic].pop()
        async with asyncio.timeout(self._answer):
            client = await self._consumers.start()
        return TopicReader(topic, client, self.bounds, answer=self._answer, quiet=self._quiet)

    def _count_silence(self, topic: str) -> None:
        self._silences[topic] += 1
        log.warning("bus.silent", topic=topic, count=self._silences[topic])
        if self._silences[topic] >= STUCK_AFTER:
            raise Stuck(f"The log has records of {topic} that clients do not bring: start this process again")

    async def bounds(self, topic: str) -> dict[int, Bounds]:
        """Where each partition begins and ends. Unavailable says which topic or permission is missing."""
        places = {TopicPartition(topic, partition): partition for partition in range(PARTITIONS)}
        async with self._answered(topic, "Describe", self._asker.drop):
            async with asyncio.timeout(self._answer):
                asker = await self._asker.get()
                begins = await asker.beginning_offsets(list(places))
                ends = await asker.end_offsets(list(places))
            if len(asker.partitions_for_topic(topic) or ()) != PARTITIONS:
                raise _OtherPartitions
        return {partition: Bounds(begins[place], ends[place]) for place, partition in places.items()}

    @asynccontextmanager
    async def _answered(self, topic: str, operation: str, drop: Callable[[], None]) -> AsyncIterator[None]:
        """Turns what clients raise into Unavailable with its reason; after it no client of this topic is used again."""
        try:
            yield
        except (KafkaError, TimeoutError, OSError) as error:
            drop()
            for reader in self._idle[topic]:
                self._consumers.stop(reader.consumer)
            self._idle[topic].clear()
            reason = await self._reason(topic, operation, error)
            if self._reasons.get(topic) != reason:
                self._reasons[topic] = reason
                log.warning("bus.unavailable", topic=topic, error=type(error).__name__, reason=reason)
            raise Unavailable(reason) from error
        self._reasons.pop(topic, None)

    async def _reason(self, topic: str, operation: str, error: Exception) -> str:
        match error:
            case TopicAuthorizationFailedError() | ClusterAuthorizationFailedError():  # who may write nowhere
                return f"{self._security.principal} may not {operation} the topic {topic}: run `linkages kafka acls`"
            case MessageSizeTooLargeError():
                return f"A message is larger than the topic {topic} takes: raise its max.message.bytes"
            case Silent():
                return f"The log has records of {topic} that do not come"
            case _NoOffset():
                return f"The log has these records of {topic}, and does not say where: they are sent again"
        return await why(self.servers, self._security, topic)

    async def close(self) -> None:
        """Let what is being published come to its end, then disconnect."""
        if self._sending:
            await asyncio.wait(self._sending.values(), timeout=self._answer)
        self._producer.drop()
        self._asker.drop()
        for readers in self._idle.values():
            for reader in readers:
                self._consumers.stop(reader.consumer)
        self._idle.clear()
        await asyncio.gather(self._producers.close(), self._consumers.close())
        if self._lag is not None:
            await self._lag.close()
