"""One measured run to its end, the look for the knee, and the demo that goes on until it is stopped."""

import asyncio
import math
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import TypeVar

from services.demo import figures as f
from services.demo.child import Child, ChildDied
from services.demo.client import Client
from services.demo.county import County, make_county
from services.demo.observe import (
    VISIBLE_WITHIN,
    disclosed,
    final_entries,
    inboxes,
    read_audit,
    read_links,
    settle,
)
from services.demo.pace import reached_rate, slots
from services.demo.streamer import Streamer
from services.demo.streams import Arrival, Streams
from services.demo.workers import Worker, personas

T = TypeVar("T")
Say = Callable[[str], None]

PEAK = 20.0  # intakes a second: the guessed peak of the whole State
GENTLE = 0.5  # intakes a second that a person can follow
KNEE_PACES = (*range(10, 61, 5), *range(70, 201, 10))
KNEE_P95 = 1000.0  # milliseconds

_OPEN_WITHIN = 15.0  # seconds for all streams to open
_REPORT_EVERY = 5.0
_KNEE_SECONDS = 15.0  # of intakes at each pace
_KNEE_WAIT = 12.0  # seconds for the last alerts of a pace
_INTAKES_PER_FAMILY = 1.65
_STILL_RISES = 1.02  # of the best so far: where asking for more brings no more, the look ends
_BATCH = 40  # families that the endless demo makes at a time
_FIRST_SPREAD, _GENTLE_SPREAD = (
    1.0,
    3.0,
)  # seconds of the longest pause between a family's calls, when people look on
_KILL_FROM, _KILL_SHARE = 0.05, 0.9  # kills fall into this part of the run
_ALIVE = (
    1.0,
    4.0,
)  # seconds that it lives at least: on a slow machine starting takes longer than the pause planned
_SHOWN = 10  # lines of each kind of trouble on standard error


@dataclass(frozen=True, slots=True)
class Options:
    """What the demo is asked to do. `rate` None: 20 intakes a second once, a gentle pace otherwise."""

    families: int = 200
    seed: int = 1
    rate: float | None = None
    kill: int = 0
    once: bool = False
    knee: bool = False
    json: bool = False
    port: int | None = None
    native: bool = False


def say(line: str) -> None:
    """A line for people: standard error, since standard output is for the figures alone."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


async def run_once(options: Options, child: Child) -> f.Figures:
    """Stream the county in, wait for what must come of it, and count. ChildDied: the system ended."""
    return await _while_it_lives(child, _measured(options, child))


async def find_knee(options: Options, child: Child) -> float:
    """The highest pace at which p95 stays under a second and the pace is really reached; 0 if none is."""
    return await _while_it_lives(child, _knee(options, child))


async def run_demo(options: Options, child: Child, links: Callable[[Worker], str]) -> None:
    """Families stream in gently until this is cancelled. `links`: a worker's one-time link to the inbox."""
    await _while_it_lives(child, _endless(options, child, links))


async def _measured(options: Options, child: Child) -> f.Figures:
    loop = asyncio.get_running_loop()
    county = make_county(options.families, options.seed, code=child.county)
    rate = options.rate or PEAK
    async with AsyncExitStack() as stack:
        client, streams = await _connect(stack, child, county)
        times = slots(county.families, rate, options.seed)
        streamer = Streamer(county, client, times)
        say(f"{options.families} families, {county.intakes} intakes at {rate:g} a second")
        start = loop.time()
        reporting = asyncio.create_task(_report(streamer, streams, county))
        stack.callback(reporting.cancel)
        killing = asyncio.create_task(_kill(child, options, max(times.values())))
        stack.callback(killing.cancel)
        await streamer.run()
        await killing
        ended = loop.time()
        reporting.cancel()
        expected = streamer.expected()
        await settle(streams, expected, VISIBLE_WITHIN)
        entries = await final_entries(client, inboxes(county.workers), expected, ended + VISIBLE_WITHIN)
        rows, audit = await read_links(child), await read_audit(child)
    lost = f.unseen(expected, f.standing(entries))
    wrong = f.wrong_links(rows, county.truth)
    seen = {(entry.inbox, entry.id) for entry in entries} | set(streams.first)
    figures = f.Figures(
        intakes=len(streamer.intakes),
        events=audit.events,
        events_expected=streamer.events_expected,
        links=sum(row.linked for row in rows),
        reviews=sum(row.in_review for row in rows),
        wrong_links=len(wrong),
        missed=len(f.missed(rows, county.families)),
        alerts=f.alerts_by_type(entries),
        withheld=audit.withheld,
        lost=len(lost),
        duplicated=f.duplicates(entries),
        disclosed=disclosed(streamer.forbidden(), seen),
        refused=len(streamer.refused),
        latency_ms=f.latency(expected, streams.first),
        rate=round(reached_rate(streamer.intakes), 2),
        seconds=round(loop.time() - start, 1),
        kills=child.kills,
        seed=options.seed,
    )
    _tell_trouble(streamer, lost, wrong)
    return figures


async def _knee(options: Options, child: Child) -> float:
    """The highest pace that was reached, not only asked for, while p95 stayed under a second."""
    best, first = 0.0, 0
    async with AsyncExitStack() as stack:
        client, streams = await _connect(stack, child, make_county(1, options.seed, code=child.county))
        for rate in KNEE_PACES:
            families = math.ceil(rate * _KNEE_SECONDS / _INTAKES_PER_FAMILY)
            county = make_county(families, options.seed, first=first, code=child.county)
            first += families
            streamer = Streamer(county, client, slots(county.families, rate, options.seed))
            await streamer.run()
            expected = streamer.expected()
            await settle(streams, expected, _KNEE_WAIT)
            reached, p95 = reached_rate(streamer.intakes), f.latency(expected, streams.first).p95
            late = len(f.unseen(expected, streams.first))
            say(f"{rate} a second asked, {reached:.1f} reached, p95 {p95} ms, {late} alerts late")
            if late or p95 is None or p95 >= KNEE_P95 or reached < best * _STILL_RISES:
                break
            best = max(best, reached)
    return round(best, 1)


async def _endless(options: Options, child: Child, links: Callable[[Worker], str]) -> None:
    rate = options.rate or GENTLE
    county = make_county(_BATCH, options.seed, code=child.county)
    owners = {worker.ref: worker for worker in county.workers}
    started = asyncio.get_running_loop().time()

    def arrived(arrival: Arrival) -> None:
        worker = owners.get(arrival.inbox.owner)
        whose = worker.name if worker is not None else f"the liaisons of {arrival.inbox.side}"
        say(f"  {arrival.at - started:6.1f} s: an alert for {whose}")

    async with AsyncExitStack() as stack:
        client, _ = await _connect(stack, child, county, on_arrival=arrived)
        say(_welcome(child, county, links))
        for batch in count():
            if batch:
                county = make_county(_BATCH, options.seed, first=batch * _BATCH, code=child.county)
            times = slots(county.families, rate, options.seed + batch, eager=batch == 0)
            streamer = Streamer(county, client, times, spread=_GENTLE_SPREAD if batch else _FIRST_SPREAD)
            await streamer.run()
            say(f"{(batch + 1) * _BATCH} families have streamed in")
            _tell_trouble(streamer, [], [])


def _welcome(child: Child, county: County, links: Callable[[Worker], str]) -> str:
    social, specialist = personas(county.workers)
    return "\n".join(
        (
            "",
            f"A made-up county streams in. The system is at {', '.join(child.addresses.values())}.",
            "Open an inbox; each link works once, and the first alerts come within seconds:",
            f"  {social.name}, social worker: {links(social)}",
            f"  {specialist.name}, employment specialist: {links(specialist)}",
            "Ctrl-C ends the demo and leaves nothing behind.",
            "",
        )
    )


async def _connect(
    stack: AsyncExitStack,
    child: Child,
    county: County,
    *,
    on_arrival: Callable[[Arrival], None] | None = None,
) -> tuple[Client, Streams]:
    """The client of all workers, and a reader on every inbox."""
    now = datetime.now(UTC)
    tokens = {w.ref: w.token(child.secret, child.issuer, county.code, now) for w in county.workers}
    client = await stack.enter_async_context(Client(child.addresses, tokens))
    readers = {inbox: tokens[worker] for inbox, worker in inboxes(county.workers).items()}
    streams = await stack.enter_async_context(
        Streams(child.address("matcher"), readers, on_arrival=on_arrival)
    )
    if not await streams.all_open(_OPEN_WITHIN):
        raise ChildDied(f"not every live stream opened within {_OPEN_WITHIN:.0f} s\n{child.tail()}")
    return client, streams


async def _kill(child: Child, options: Options, span: float) -> None:
    """Kill the system at random times spread over the run, and start it again each time."""
    rng, loop = Random(options.seed), asyncio.get_running_loop()
    start = loop.time()
    for at in sorted(span * (_KILL_FROM + _KILL_SHARE * rng.random()) for _ in range(options.kill)):
        await asyncio.sleep(max(rng.uniform(*_ALIVE), start + at - loop.time()))
        await child.kill()
        await child.start()


async def _report(streamer: Streamer, streams: Streams, county: County) -> None:
    while True:
        await asyncio.sleep(_REPORT_EVERY)
        say(f"  {len(streamer.intakes)} of {county.intakes} intakes, {len(streams.first)} alerts in inboxes")


async def _while_it_lives(child: Child, work: Awaitable[T]) -> T:
    """The result of the work; ChildDied as soon as the system ends by itself."""
    doing, watching = asyncio.ensure_future(work), asyncio.ensure_future(child.died())
    try:
        await asyncio.wait((doing, watching), return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            watching.result()
        return await doing
    finally:
        for task in (doing, watching):
            task.cancel()
        await asyncio.gather(doing, watching, return_exceptions=True)


def _tell_trouble(streamer: Streamer, lost: list[f.Expected], wrong: list[f.LinkRow]) -> None:
    """What went wrong, a few lines of each kind; keys and record ids of made-up people name nobody."""
    for refused in streamer.refused[:_SHOWN]:
        say(f"refused: {refused}")
    for one in lost[:_SHOWN]:
        say(f"lost: {one.due.type} for {one.due.inbox.owner}, after {one.due.trigger}")
    for row in wrong[:_SHOWN]:
        say(f"linked wrongly: {row.cws_record_id} and {row.calworks_record_id}")
