"""The log between the services: partitions, offsets, and no memory of who has read what.

A small protocol on purpose: publish to a partition, read partitions from offsets, tell the bounds. Progress,
leases and generations are rows in the reader's own database, so both buses behave alike.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

PARTITIONS = 8  # for the life of a topic's major version: keys must not move

CWS_TOPIC = "linkages.cws.v1"
CALWORKS_TOPIC = "linkages.calworks.v1"
COORDINATION_TOPIC = "linkages.coordination.v1"


@dataclass(frozen=True, slots=True)
class Message:
    """What is published: key, value and headers (CloudEvents binary mode)."""

    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A message at its place in the log."""

    topic: str
    partition: int
    offset: int
    message: Message


@dataclass(frozen=True, slots=True)
class Bounds:
    """A partition's first offset and the one after its last."""

    begin: int
    end: int


class Bus(Protocol):
    """A partitioned log. Every call ends within its own time-out; Unavailable means: try again."""

    async def publish(self, topic: str, partition: int, messages: Sequence[Message]) -> list[int]:
        """Append in order, durably; the offset of each. After an error the outcome is unknown."""
        ...

    async def fetch(
        self, topic: str, positions: Mapping[int, int], *, limit: int, timeout: float
    ) -> dict[int, list[Record]]:
        """At most `limit` records of each partition from its offset on, waiting up to `timeout` seconds.

        Partitions with nothing to give are left out; so is one whose offset lies outside its bounds.
        """
        ...

    async def bounds(self, topic: str) -> dict[int, Bounds]:
        """Where each partition begins and ends."""
        ...

    async def close(self) -> None:
        """Let go of files and connections."""
        ...


def partition_of(county: str, key: str) -> int:
    """The partition of a key. Any even spread does; this one must never change."""
    return zlib.crc32(f"{county}/{key}".encode()) % PARTITIONS
