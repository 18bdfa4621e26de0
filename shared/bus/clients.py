"""The clients of a Kafka cluster: started when first needed, never used again once they have failed.

aiokafka's clients do not always come back from what brokers do to them (a sequence out of order, a cluster that died
as a whole, a sender that stopped), and none says so. A client that has failed is therefore stopped and another one
started, which asks the configured addresses afresh. Stopping has its own time-out: aiokafka would wait for ever for a
broker that is away (its issues 1039 and 1101).
"""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import chain
from typing import Any, Generic, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import ProducerClosed

STOP_WITHIN = 2.0  # seconds
REQUEST = 3.0  # seconds in which one request must be answered
BATCH_BYTES = 1 << 20  # what is published together stands together up to this size, before compression
FETCH_BYTES = 512 * 1024  # of one partition in one answer; a larger batch comes alone
ALL_FETCHED_BYTES = 4 << 20
LONG_POLL = 0.1  # seconds a broker waits for a record; a seek, or a partition just emptied, waits as long

_ATTEMPTS = 10

Options = dict[str, Any]


def producer(options: Options) -> AIOKafkaProducer:
    """A producer whose acknowledgement means: on the disk of a majority, and once, for as long as it lives."""
    return AIOKafkaProducer(
        **options,
        request_timeout_ms=int(REQUEST * 1000),
        acks="all",
        enable_idempotence=True,
        compression_type="lz4",
        max_batch_size=BATCH_BYTES,
    )


def consumer(options: Options) -> AIOKafkaConsumer:
    """A consumer without a group and without deserializers: it reads bytes from where it is told to."""
    return AIOKafkaConsumer(
        **options,
        request_timeout_ms=int(REQUEST * 1000),
        fetch_max_wait_ms=int(LONG_POLL * 1000),
        max_partition_fetch_bytes=FETCH_BYTES,
        fetch_max_bytes=ALL_FETCHED_BYTES,
        enable_auto_commit=False,
        auto_offset_reset="none",
    )


async def stop_producer(producer: AIOKafkaProducer) -> None:
    """Stop a producer at once, whatever it was sending: who waits for it gets ProducerClosed, not knowing more.

    Its own `stop` waits until everything is sent, so its sender, which tries again for ever, is ended first.
    """
    sender = producer._sender.sender_task  # noqa: SLF001 - there is no other way to it
    for _ in range(_ATTEMPTS):  # the first cancels the sender, the others what it waits for before it ends
        if sender is None or sender.done():
            break
        sender.cancel()
        await asyncio.wait([sender], timeout=STOP_WITHIN / _ATTEMPTS)
    accumulator = producer._message_accumulator  # noqa: SLF001
    unsent = [*accumulator._pending_batches, *chain(*accumulator._batches.values())]  # noqa: SLF001
    accumulator.fail_all(ProducerClosed())
    for batch in unsent:  # perhaps nobody waits for them any more, which asyncio would complain of
        batch.future.exception()
        batch._drain_waiter.exception()  # noqa: SLF001
    await _stopped(producer.stop())


async def stop_consumer(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer."""
    await _stopped(consumer.stop())
    await _stopped(consumer._client.close())  # noqa: SLF001 - where a task of its fetcher broke off `stop`


async def _stopped(stop: Coroutine[Any, Any, None]) -> None:
    """Wait for a client's stop as long as it may take. What it raises concerns a client that nobody has any more."""
    stopping = asyncio.ensure_future(stop)
    await asyncio.wait([stopping], timeout=STOP_WITHIN)
    if not stopping.cancel() and not stopping.cancelled():
        stopping.exception()


C = TypeVar("C", AIOKafkaProducer, AIOKafkaConsumer)


class Starter(Generic[C]):
    """Starts clients of one sort, and stops them in the background."""

    def __init__(self, make: Callable[[], C], stop: Callable[[C], Coroutine[Any, Any, None]]) -> None:
        self._make, self._stop = make, stop
        self._stopping: set[asyncio.Task[None]] = set()

    async def start(self) -> C:
        """A client that is connected. One that cannot start leaves nothing behind."""
        client = self._make()
        try:
            await client.start()
        except BaseException:
            self.stop(client)
            raise
        return client

    def stop(self, client: C) -> None:
        """Returns at once."""
        task = asyncio.ensure_future(self._stop(client))
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)

    async def close(self) -> None:
        """Wait for those that are being stopped."""
        if self._stopping:
            await asyncio.wait(self._stopping)


class Kept(Generic[C]):
    """One client that several use at the same time."""

    def __init__(self, starter: Starter[C]) -> None:
        self._starter = starter
        self._client: C | None = None
        self._starting = asyncio.Lock()

    async def get(self) -> C:
        """The client, started if there is none."""
        async with self._starting:
            if self._client is None:
                self._client = await self._starter.start()
            return self._client

    def drop(self) -> None:
        """It has failed, or is not needed any more: nobody gets it again."""
        client, self._client = self._client, None
        if client is not None:
            self._starter.stop(client)
