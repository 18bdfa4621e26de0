"""How far a reader is, told to a Kafka group so that lag tools can see it. Nothing of ours ever reads it back.

The positions that a reader passes to `fetch` are its progress: committed, in its own database. They are committed to
the group now and then, in the background, by a client that does nothing else. If that fails, it is tried again later.
"""

import asyncio
from collections.abc import Mapping

import structlog
from aiokafka.client import AIOKafkaClient, ConnectionGroup, CoordinationType
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.commit import OffsetCommitRequest

from shared.bus.clients import REQUEST, Options

EVERY = 5.0  # seconds
AFTER_A_FAILURE = 60.0  # seconds
_NO_MEMBER = (-1, "")  # generation and member of who commits without being in the group
_NEVER_EXPIRES = -1

log = structlog.get_logger()


class Lag:
    """Commits a reader's progress to `group`."""

    def __init__(self, group: str, options: Options, *, every: float = EVERY) -> None:
        self._group, self._options, self._every = group, options, every
        self._progress: dict[str, dict[int, int]] = {}
        self._next_at = 0.0
        self._committing: asyncio.Task[None] | None = None
        self._client: AIOKafkaClient | None = None

    def told(self, topic: str, positions: Mapping[int, int]) -> None:
        """A reader is there. Returns at once."""
        self._progress.setdefault(topic, {}).update(positions)
        now = asyncio.get_running_loop().time()
        if now >= self._next_at and (self._committing is None or self._committing.done()):
            self._next_at = now + self._every
            self._committing = asyncio.create_task(self._commit())

    async def _commit(self) -> None:
        progress, self._progress = self._progress, {}
        try:
            async with asyncio.timeout(REQUEST):
                if self._client is None:
                    self._client = AIOKafkaClient(**self._options, request_timeout_ms=int(REQUEST * 1000))
                    await self._client.bootstrap()
                await self._send(self._client, progress)
        except (KafkaError, TimeoutError, OSError) as error:
            await self._disconnect()
            if not getattr(error, "retriable", False):
                log.warning("bus.lag_not_told", reason=type(error).__name__)
                self._next_at = asyncio.get_running_loop().time() + AFTER_A_FAILURE

    async def _send(self, client: AIOKafkaClient, progress: Mapping[str, Mapping[int, int]]) -> None:
        coordinator = await client.coordinator_lookup(CoordinationType.GROUP, self._group)
        topics = [(topic, [(p, at, "") for p, at in places.items()]) for topic, places in progress.items()]
        request = OffsetCommitRequest(self._group, *_NO_MEMBER, _NEVER_EXPIRES, topics)
        answer = await client.send(coordinator, request, group=ConnectionGroup.COORDINATION)
        for _, partitions in answer.topics:
            for _, code in partitions:
                if code:
                    raise for_code(code)

    async def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def close(self) -> None:
        """Leave off."""
        if self._committing is not None:
            self._committing.cancel()
            await asyncio.wait([self._committing])
        await self._disconnect()
