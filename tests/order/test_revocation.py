"""Revoke against read: after the revocation nothing rests on the release, however the two transactions meet, and
whether or not one of them is killed on its way.

A worker lists the inbox, reads one alert, resumes a list where it stopped, or acknowledges. REVOCATION_RACES says how
many races are run on each database (120 unless told).
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from threading import Thread
from typing import Any, Self, TypeVar
from unittest import mock

import pytest
import sqlalchemy as sa

from services.matcher.alerts import reading
from services.matcher.alerts.acknowledging import acknowledge, entry_of, shown_entry
from services.matcher.alerts.reading import ShownAlert
from services.matcher.disclosure import handlers
from services.matcher.disclosure.release import Release
from services.matcher.tables import DISCLOSURE, RELEASE
from services.matcher.work import Work
from shared.errors import LinkagesError
from tests.order.conftest import BOTH
from tests.order.families import CARMEN, caller, family_of, release_of
from tests.order.harness import POLICY, Arena, Matcher, records

RACES = int(os.environ.get("REVOCATION_RACES", "120"))

WORKER = caller("cws", "w_er", "er_worker")
LIAISON = caller("cws", "w_liaison", "linkages_liaison")

T = TypeVar("T")


@dataclass
class Elsewhere:
    """A matcher with an event loop and a thread of its own."""

    loop: asyncio.AbstractEventLoop
    thread: Thread
    matcher: Matcher

    @classmethod
    async def open(cls, arena: Arena) -> Self:
        loop = asyncio.new_event_loop()
        thread = Thread(target=loop.run_forever, daemon=True)
        thread.start()
        opening = asyncio.run_coroutine_threadsafe(Matcher.open(arena.url, arena.clock), loop)
        return cls(loop, thread, await asyncio.wrap_future(opening))

    async def do(self, what: Coroutine[Any, Any, T]) -> T:
        """Run it there."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(what, self.loop))

    async def close(self) -> None:
        await self.do(self.matcher.database.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture
async def family(arena: Arena) -> Arena:
    """Maria and Carmen on both sides, each with a worker; no release yet."""
    await arena.matchers[0].take(records(family_of(CARMEN).told))
    await arena.matchers[0].rest()
    return arena


@pytest.fixture
async def elsewhere(family: Arena) -> AsyncIterator[Elsewhere]:
    other = await Elsewhere.open(family)
    yield other
    await other.close()


@BOTH
async def test_nothing_rests_on_a_release_after_its_revocation(family: Arena, elsewhere: Elsewhere) -> None:
    random = Random(500)
    reader, decider = family.matchers[:2]
    shown = 0
    release = await _signed(decider)
    await decider.rest()
    signed = await family.keep()
    (alert, *_) = [one.row.alert for one in await _read(reader, listing) if one.items]
    began = time.monotonic()
    await _read(reader, listing)
    longest = 2 * (time.monotonic() - began)
    for race in range(RACES):
        await family.restore(signed)
        read = READS[race % len(READS)]
        deciding = asyncio.create_task(_soon(random, decider.round()))
        reading_ = asyncio.create_task(_soon(random, _read(reader, read, alert)))
        killed = random.choice((deciding, reading_, None, None))
        revoking = elsewhere.do(_soon(random, _revoke(elsewhere.matcher, release), longest))
        if killed is not None:
            await asyncio.sleep(longest * random.random())
            killed.cancel()
        last = await revoking
        seen, *_ = await asyncio.gather(reading_, deciding, return_exceptions=True)
        shown += isinstance(seen, list) and bool(_facts(seen))
        for again in READS:
            assert not _facts(await _read(reader, again, alert)), (
                f"{again.__name__} that began after the revocation was answered shows facts"
            )
        await decider.rest()
        await _nothing_after(decider, release, last)
    assert RACES / 10 < shown < RACES * 9 / 10, f"no race: {shown} of {RACES} reads came first"


async def test_a_read_that_decides_before_the_lock_is_found(family: Arena) -> None:
    """Planted: a read decides on what it saw before its transaction began, and the revocation came between."""
    reader, revoker = family.matchers[:2]
    release = await _signed(revoker)
    await revoker.rest()
    early: Any = reader.work()
    async with reader.database.reading() as early.connection:
        early.now, early.policy = reader.clock.now(), POLICY
        decided = await reading._cases(early, {"hh_1"})
    last = await _revoke(revoker, release)

    async def decided_before(*_: object) -> dict[str, Any]:
        return decided

    with mock.patch.object(reading, "_cases", decided_before):
        assert _facts(await _read(reader, listing))
    with pytest.raises(AssertionError, match="after its revocation"):
        await _nothing_after(reader, release, last)


async def _signed(matcher: Matcher) -> Release:
    matcher.clock.advance(timedelta(microseconds=1))
    async with matcher.work() as work:
        return await handlers.take_release(release_of("cl_1", "cl_2"), LIAISON, work)


async def listing(work: Work, _: str) -> list[ShownAlert]:
    """What GET /v1/alerts and the inbox page do."""
    return await reading.read(work, WORKER, await work.alerts.inbox("cws", "w_er", after=0, limit=50))


async def one_alert(work: Work, alert: str) -> list[ShownAlert]:
    """What GET /v1/alerts/{id} and its page do."""
    return [await shown_entry(work, WORKER, await entry_of(work, WORKER, ["w_er"], alert))]


async def resuming(work: Work, alert: str) -> list[ShownAlert]:
    """What a client does that heard an id of the stream again: it asks for what came after the one before."""
    seq = (await entry_of(work, WORKER, ["w_er"], alert)).seq
    rows = await work.alerts.inbox("cws", "w_er", after=seq - 1, limit=1)
    return await reading.read(work, WORKER, rows)


async def acknowledging(work: Work, alert: str) -> list[ShownAlert]:
    """What POST /v1/alerts/{id}/acknowledge does."""
    return [await acknowledge(work, WORKER, ["w_er"], alert)]


READS: tuple[Callable[[Work, str], Coroutine[Any, Any, list[ShownAlert]]], ...] = (
    listing,
    one_alert,
    resuming,
    acknowledging,
)


async def _read(
    matcher: Matcher, read: Callable[[Work, str], Coroutine[Any, Any, list[ShownAlert]]], alert: str = ""
) -> list[ShownAlert]:
    """What a worker is shown; nothing where she is refused."""
    async with matcher.work() as work:
        matcher.clock.advance(timedelta(microseconds=1))
        try:
            return await read(work, alert)
        except LinkagesError:
            return []


async def _revoke(matcher: Matcher, release: Release) -> int:
    """What POST /v1/releases/{id}/revoke does. The newest decision that was stored before its commit."""
    async with matcher.work() as work:
        matcher.clock.advance(timedelta(microseconds=1))
        await handlers.revoke_release(release.id, LIAISON, work)
        newest = await work.connection.execute(sa.select(sa.func.max(DISCLOSURE.c.id)))
        return newest.scalar_one() or 0


async def _nothing_after(matcher: Matcher, release: Release, last: int) -> None:
    """No decision that rests on the release is stored after its revocation, by commit or by clock."""
    (revoked_at,) = (await matcher.rows(sa.select(RELEASE.c.revoked_at).where(RELEASE.c.id == release.id)))[0]
    assert revoked_at is not None
    after = await matcher.rows(
        sa.select(DISCLOSURE).where(
            DISCLOSURE.c.basis_source == release.id,
            sa.or_(DISCLOSURE.c.id > last, DISCLOSURE.c.at > revoked_at),
        )
    )
    assert not after, "a decision rests on the release after its revocation"


def _facts(alerts: list[ShownAlert]) -> int:
    return sum(bool(alert.items) for alert in alerts)


async def _soon(random: Random, do: Coroutine[Any, Any, T], longest: float = 0.002) -> T:
    """Do it after at most so many seconds; half of the time at once."""
    await asyncio.sleep(random.choice((0, longest)) * random.random())
    return await do
