"""A part of a release taken back against a read: after it nothing of that part rests on the release, the rest does."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from random import Random
from typing import Any, TypeVar

import sqlalchemy as sa

from services.matcher.alerts import reading
from services.matcher.disclosure import handlers
from services.matcher.disclosure.release import Release
from services.matcher.tables import DISCLOSURE
from tests.order.families import CARMEN, caller, family_of, release_of
from tests.order.harness import Arena, Matcher, records

RACES = 40
TAKEN_OUT = "K0"
WORKER = caller("cws", "w_er", "er_worker")
LIAISON = caller("cws", "w_liaison", "linkages_liaison")

T = TypeVar("T")


async def test_no_fact_of_a_category_rests_on_a_release_after_it_was_taken_out(arena: Arena) -> None:
    random = Random(501)
    reader, decider, revoker = arena.matchers[0], arena.matchers[0], arena.matchers[1]
    release = await _family(decider)
    signed = await arena.keep()
    before = 0
    for _ in range(RACES):
        await arena.restore(signed)
        read, last, _ = await asyncio.gather(
            _soon(random, _read(reader)),
            _soon(random, _take_out(revoker, release)),
            _soon(random, decider.round()),
        )
        before += TAKEN_OUT in read
        left = await _read(reader)
        assert left, "what was not taken back is gone too"
        assert TAKEN_OUT not in left, "a read after the answer shows what was taken out"
        await decider.rest()
        later = await decider.rows(
            sa.select(DISCLOSURE).where(
                DISCLOSURE.c.basis_source == release.id,
                DISCLOSURE.c.category == TAKEN_OUT,
                DISCLOSURE.c.id > last,
            )
        )
        assert not later, "a decision on what was taken out rests on the release"
    assert before, "no race: no read came first"


async def _family(matcher: Matcher) -> Release:
    """Maria and Carmen on both sides, each with a worker, and a release of both."""
    await matcher.take(records(family_of(CARMEN).told))
    await matcher.rest()
    matcher.clock.advance(timedelta(microseconds=1))
    async with matcher.work() as work:
        release = await handlers.take_release(release_of("cl_1", "cl_2"), LIAISON, work)
    await matcher.rest()
    return release


async def _read(matcher: Matcher) -> set[str]:
    """The categories that the worker is shown."""
    async with matcher.work() as work:
        matcher.clock.advance(timedelta(microseconds=1))
        rows = await work.alerts.inbox("cws", "w_er", after=0, limit=50)
        return {item.category for alert in await reading.read(work, WORKER, rows) for item in alert.items}


async def _take_out(matcher: Matcher, release: Release) -> int:
    """The newest decision that was stored before the withdrawal was committed."""
    async with matcher.work() as work:
        matcher.clock.advance(timedelta(microseconds=1))
        command = handlers.RevokeRelease(categories=(TAKEN_OUT,))
        await handlers.revoke_release(release.id, LIAISON, work, command)
        newest = await work.connection.execute(sa.select(sa.func.max(DISCLOSURE.c.id)))
        return newest.scalar_one() or 0


async def _soon(random: Random, do: Coroutine[Any, Any, T]) -> T:
    await asyncio.sleep(random.choice((0, 0, 0.0005, 0.001, 0.002)) * random.random())
    return await do
