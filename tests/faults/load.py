"""A county streams in while faults go on, in a thread of its own; and what can be said of it at the end.

The oracle knows what HTTP clients were told, what the live streams and lists of all workers showed, and what the log
and one counter in the matcher's database hold. It decides nothing by asking the system.
"""

import asyncio
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any, Self

import httpx
from confluent_kafka import Consumer, TopicPartition

from services.demo import figures as f
from services.demo.client import Client
from services.demo.county import make_county
from services.demo.observe import final_entries, inboxes, settle
from services.demo.pace import slots
from services.demo.streamer import Streamer
from services.demo.streams import Streams
from services.demo.workers import make_workers
from shared.bus import CALWORKS_TOPIC, CWS_TOPIC, PARTITIONS
from tests.faults.stand import Stand

RATE = 7.0  # intakes a second: about 40 events
BATCH = 30  # families that are planned at a time
VISIBLE_WITHIN = 60.0  # seconds in which a due alert must be in its inbox after the last call
LONG_OUTAGE = 15.0  # seconds; a longer one excuses by its own length what could not come meanwhile
_OPEN_WITHIN, _END_WITHIN, _READ_WITHIN = 30.0, 300.0, 60.0
_LIMITS = httpx.Limits(max_connections=128, max_keepalive_connections=64, keepalive_expiry=60)
_families = count(0, BATCH)  # numbers of families, so that two loads of a stand have none in common


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request, on the monotonic clock. `outcome`: a status, or the name of what happened to the connection."""

    ended: float
    seconds: float
    outcome: str

    @property
    def failed(self) -> bool:
        """Whether a client has to say it again. A 404 is a reader's delay, which the demo's client knows."""
        return not self.outcome.startswith("2") and self.outcome != "404"


class _Watched(httpx.AsyncHTTPTransport):
    """Remembers how each request ended."""

    def __init__(self) -> None:
        super().__init__(limits=_LIMITS)
        self.attempts: list[Attempt] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        began, outcome = time.monotonic(), "cancelled"
        try:
            response = await super().handle_async_request(request)
            outcome = str(response.status_code)
        except httpx.TransportError as error:
            outcome = type(error).__name__
            raise
        finally:
            now = time.monotonic()
            self.attempts.append(Attempt(now, now - began, outcome))
        return response


@dataclass
class Verdict:
    """What came of a load. Seconds throughout."""

    calls: int = 0
    events: int = 0
    events_a_second: float = 0.0
    alerts: int = 0
    lost: int = 0
    """Alerts that must stand and do not, or of which no stream told; and accepted events that were never read."""
    doubled: int = 0
    """Alerts twice, ids of a stream twice, and events that had their effect more than once."""
    out_of_order: int = 0
    """Events that stand in the log behind a later one of their key; messages of a stream behind a later one."""
    refused: int = 0
    failed_attempts: dict[str, int] = field(default_factory=dict)
    """Requests that a client had to say again, by what happened."""
    error_p99: float | None = None
    accepted_meanwhile: int = 0
    """Writes accepted during an outage."""
    p50: float | None = None
    p99: float | None = None
    worst: float | None = None
    p99_excused: float | None = None
    catch_up: float = 0.0
    missing: list[str] = field(default_factory=list)
    """The first of what is lost, and whether it stands in a list or was told by a stream."""

    def told(self) -> str:
        rounded = {n: round(v, 2) if isinstance(v, float) else v for n, v in asdict(self).items()}
        return "  ".join(f"{name}={value}" for name, value in rounded.items())


@dataclass
class Outages:
    """Times on the monotonic clock when something that has no stand-in was away, and when the last fault ended."""

    away: list[tuple[float, float]] = field(default_factory=list)
    ended: float = 0.0

    def add(self, began: float) -> None:
        """Something was away until now."""
        self.away.append((began, time.monotonic()))
        self.end()

    def end(self) -> None:
        """A fault has ended now."""
        self.ended = time.monotonic()

    def excused(self, since: float, until: float) -> float:
        """How much of a time lies in long outages."""
        long = [(a, b) for a, b in self.away if b - a > LONG_OUTAGE]
        return sum(max(0.0, min(until, b) - max(since, a)) for a, b in long)


class Load:
    """`with Load(stand, seed) as load`: clients call until the block ends; `load.verdict` afterwards."""

    def __init__(
        self,
        stand: Stand,
        seed: int,
        *,
        rate: float = RATE,
        look_at_order: bool = True,
        visible_within: float = VISIBLE_WITHIN,
    ) -> None:
        """`look_at_order`: of the log, which a test that takes records out of it cannot have looked at."""
        self.outages, self.verdict = Outages(), Verdict()
        self._visible_within = visible_within
        self._stand, self._seed, self._rate, self._look_at_order = stand, seed, rate, look_at_order
        self._streamers: list[Streamer] = []
        self._failed: BaseException | None = None
        self._open, self._end = threading.Event(), threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._given_up = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="load")

    def __enter__(self) -> Self:
        self._before = self._at_rest()
        self._thread.start()
        self._open.wait(_OPEN_WITHIN + 5.0)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._end.set()
        if kind is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(self._given_up.set)
        self._thread.join(_END_WITHIN)
        assert not self._thread.is_alive(), "the load did not come to its end"
        if self._failed is not None and kind is None:
            raise self._failed
        if kind is None:
            self._count_events()

    # --- in the thread ---

    def _run(self) -> None:
        try:
            asyncio.run(self._unless_given_up())
        except BaseException as error:  # noqa: BLE001 - raised again where the load is waited for
            self._failed = error
        finally:
            self._open.set()

    async def _unless_given_up(self) -> None:
        self._loop = asyncio.get_running_loop()
        working = asyncio.create_task(self._main())
        given_up = asyncio.create_task(self._given_up.wait())
        await asyncio.wait((working, given_up), return_when=asyncio.FIRST_COMPLETED)
        given_up.cancel()
        working.cancel()
        await working

    async def _main(self) -> None:
        workers, now = make_workers(), datetime.now(UTC)
        tokens = {
            w.ref: w.token(self._stand.secret, self._stand.issuer, self._stand.county, now) for w in workers
        }
        readers = {inbox: tokens[worker] for inbox, worker in inboxes(workers).items()}
        transport = _Watched()
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(
                Client(self._stand.addresses, tokens, transport=transport)
            )
            streams = await stack.enter_async_context(Streams(self._stand.address("matcher"), readers))
            assert await streams.all_open(_OPEN_WITHIN), "not every live stream opened"
            self._open.set()
            began = time.monotonic()
            await self._stream(client)
            took = time.monotonic() - began
            expected = [one for streamer in self._streamers for one in streamer.expected()]
            await settle(streams, expected, self._visible_within)
            until = time.monotonic() + 1.0
            entries = await final_entries(client, inboxes(workers), expected, until)
        self._judge(expected, entries, streams, transport.attempts, took)

    async def _stream(self, client: Client) -> None:
        """An open loop: the next families come when it is their time, whatever became of those before."""
        async with asyncio.TaskGroup() as running:
            while not self._end.is_set():
                county = make_county(BATCH, self._seed, first=next(_families), code=self._stand.county)
                streamer = Streamer(county, client, slots(county.families, self._rate, self._seed))
                self._streamers.append(streamer)
                running.create_task(streamer.run())
                await asyncio.to_thread(self._end.wait, county.intakes / self._rate)

    def _judge(
        self,
        expected: Sequence[f.Expected],
        entries: Sequence[f.Entry],
        streams: Streams,
        attempts: Sequence[Attempt],
        took: float,
    ) -> None:
        v = self.verdict
        v.calls = sum(len(streamer.answered) for streamer in self._streamers)
        v.events = sum(streamer.events_expected for streamer in self._streamers)
        v.events_a_second = v.events / took
        v.refused = sum(len(streamer.refused) for streamer in self._streamers)
        v.alerts = len(expected)
        stands = f.standing(entries)
        missing = [
            (one, (one.due.inbox, one.id) in stands, (one.due.inbox, one.id) in streams.first)
            for one in expected
            if one.id is None or (one.due.inbox, one.id) not in stands & streams.first.keys()
        ]
        v.lost = len(missing)
        v.missing = [
            f"{one.due.type} of {one.family.key} for {one.due.inbox.owner}: {stood=}, {streamed=}"
            for one, stood, streamed in missing[:5]
        ]
        v.doubled = f.duplicates(entries)
        v.out_of_order = streams.out_of_order
        failed = [attempt for attempt in attempts if attempt.failed]
        v.failed_attempts = dict(Counter(attempt.outcome for attempt in failed))
        v.error_p99 = f.percentile(
            [a.seconds for a in failed if a.outcome not in ("ConnectError", "cancelled")], 0.99
        )
        v.accepted_meanwhile = sum(
            begin <= attempt.ended <= end and not attempt.failed
            for attempt in attempts
            for begin, end in self.outages.away
        )
        self._time(expected, streams)

    def _time(self, expected: Iterable[f.Expected], streams: Streams) -> None:
        spans = [
            (one.answered_at, max(one.answered_at, streams.first[one.due.inbox, one.id]))
            for one in expected
            if one.id is not None and one.answered_at is not None and (one.due.inbox, one.id) in streams.first
        ]
        v, took = self.verdict, [until - since for since, until in spans]
        v.p50, v.p99, v.worst = (f.percentile(took, share) for share in (0.5, 0.99, 1.0))
        v.p99_excused = f.percentile([b - a - self.outages.excused(a, b) for a, b in spans], 0.99)
        ended = self.outages.ended
        v.catch_up = max((until - ended for since, until in spans if since <= ended <= until), default=0.0)

    # --- afterwards ---

    def _counted(self) -> tuple[int, int]:
        """How many events were read for the first time, and how often events have had their effect."""
        seen = self._stand.sql("matcher", "SELECT count(*) FROM inbox")[0][0]
        return seen, self._stand.sql("matcher", "SELECT events FROM counted")[0][0]

    def _at_rest(self) -> tuple[int, int]:
        """The same, once no more comes of what an earlier test has left."""
        before, until = self._counted(), time.monotonic() + self._visible_within
        while time.monotonic() < until:
            time.sleep(0.5)
            if (now := self._counted()) == before:
                break
            before = now
        return before

    def _count_events(self) -> None:
        until = time.monotonic() + self._visible_within  # what raises no alert may come last
        while (
            seen := self._counted()[0] - self._before[0]
        ) < self.verdict.events and time.monotonic() < until:
            time.sleep(0.5)
        effects = self._counted()[1] - self._before[1]
        self.verdict.lost += max(0, self.verdict.events - seen)
        self.verdict.doubled += max(0, effects - min(seen, self.verdict.events))
        if self._look_at_order:
            self.verdict.out_of_order += out_of_order(read_log(self._stand))


def read_log(stand: Stand) -> list[tuple[tuple[str, str], int, str]]:
    """Key, sequence and id of every record that both programs' topics hold, partition by partition."""
    consumer = Consumer(
        {
            "bootstrap.servers": stand.cluster.admin_servers,
            "group.id": "oracle",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": False,
            "log_level": 0,
        }
    )
    found: list[tuple[tuple[str, str], int, str]] = []
    try:
        for topic in (CWS_TOPIC, CALWORKS_TOPIC):
            for partition in range(PARTITIONS):
                place = TopicPartition(topic, partition)
                begin, end = consumer.get_watermark_offsets(place, timeout=10)
                consumer.assign([TopicPartition(topic, partition, begin)])
                until = time.monotonic() + _READ_WITHIN
                while begin < end:
                    assert time.monotonic() < until, "the log could not be read"
                    for record in consumer.consume(500, timeout=1.0):
                        told: dict[str, Any] = dict(record.headers() or [])
                        key = (told["ce_county"].decode(), record.key().decode())
                        found.append((key, int(told["ce_sequence"]), told["ce_id"].decode()))
                        begin = record.offset() + 1
    finally:
        consumer.close()
    return found


def out_of_order(records: Iterable[tuple[tuple[str, str], int, str]]) -> int:
    """Records that stand behind a later one of their key; repeats of what has been there count for nothing."""
    last: dict[tuple[str, str], int] = defaultdict(int)
    seen: set[str] = set()
    wrong = 0
    for key, sequence, ident in records:
        if ident in seen:
            continue
        seen.add(ident)
        wrong += sequence <= last[key]
        last[key] = max(last[key], sequence)
    return wrong
