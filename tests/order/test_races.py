"""Races by pause points: one transaction is stopped before one of its database operations while the other runs.

The other one finishes, or waits for the lock until the first goes on; whichever it is, the end is that of the batch.
`make test` stops before every fifth operation, each race with another start; `make faults` (RACE_EVERY=1) before each.
"""

import asyncio
import os
import time
import zlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import sqlalchemy as sa

from services.matcher.disclosure import handlers
from services.matcher.disclosure.release import Release
from services.matcher.sweeper import LEASE
from tests.order import batch
from tests.order.conftest import BOTH
from tests.order.families import (
    A_STRANGER,
    CARMEN,
    MARIA,
    SOMEONE_ELSE,
    Teller,
    caller,
    details,
    family_of,
    release_of,
)
from tests.order.harness import NOW, UNCAPPED, Arena, Matcher, Told, differences, probed, records
from tests.order.plants import (
    Plant,
    no_household_is_locked,
    no_person_is_locked,
    only_subjects_are_locked,
    reading_before_the_lock,
    reading_before_the_persons_are_locked,
    repeatable_read,
)

EVERY = int(os.environ.get("RACE_EVERY", "5"))
LEAST_OPERATIONS = 30
LONGEST = 10_000  # operations that nobody has
BLOCKED = 0.03  # seconds without an answer after which a transaction is taken to wait for the other one

Do = Callable[[Matcher], Awaitable[object]]


@dataclass
class Stop:
    """Stops a task before its `at`-th database operation (its commit is one) until told to go on."""

    at: int
    seen: int = 0
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, _: str) -> None:
        self.seen += 1
        if self.seen == self.at:
            self.stopped.set()
            await self.go_on.wait()


@dataclass
class Progress:
    """How far a task has come."""

    since: float = field(default_factory=time.monotonic)

    async def __call__(self, _: str) -> None:
        self.since = time.monotonic()

    def waits_for_the_other(self) -> bool:
        return time.monotonic() - self.since > BLOCKED


@dataclass
class Race:
    """What was told before, and what two matchers then do at the same time."""

    teller: Teller
    one: Do
    other: Do
    late: list[Told] = field(default_factory=list)  # told by one of the two
    undecided: list[Told] = field(default_factory=list)  # indexed before, but still due
    released: tuple[str, ...] = ("cl_1", "cl_2")  # whose release is signed before
    ends_in: dict[str, int] = field(default_factory=dict)  # how many of what stand in the end
    cap: int = UNCAPPED  # people who may share a blocking key


def two_decides_that_each_remove_a_link_of_one_case() -> Race:
    """Maria and Carmen are linked in one case; one's CWS record and the other's CalWORKs record become others."""
    teller = family_of(CARMEN)
    return Race(
        teller,
        lambda matcher: matcher.round(1),
        lambda matcher: matcher.rest(),
        undecided=[teller.client("cl_1", SOMEONE_ELSE), teller.person("ps_2", A_STRANGER)],
        ends_in={"links": 0, "cases": 0},
    )


def a_rival_who_arrives_while_the_pair_is_decided() -> Race:
    """Carmen's pair is decided again because her mother was recognised; then a second Carmen appears in CWS."""
    teller = family_of(
        details("Carmen", "2016-05-02", street="120 Main St"),
        details("Carmen", "2016-05-03", street="120 Main St"),
        mother=SOMEONE_ELSE,
    )
    mother = teller.client("cl_1", MARIA)
    rival = teller.client("cl_9", details("Carmen", "2016-05-03"))
    return Race(
        teller,
        _three_rounds,
        lambda matcher: _take_and_rest(matcher, rival),
        late=[rival],
        undecided=[mother],
        ends_in={"links": 1, "reviews": 2},
    )


def a_fact_about_a_member_while_the_case_is_derived() -> Race:
    """Carmen is removed while the case is derived because of a new worker of the application."""
    teller = family_of(CARMEN)
    worker = teller.eligibility_worker("ap_1", "w_new")
    removal = teller.removal("cl_2")
    return Race(
        teller,
        _three_rounds,
        lambda matcher: _take_and_rest(matcher, removal),
        late=[removal],
        undecided=[worker],
        ends_in={"links": 2, "cases": 1, "alerts": 3},
    )


def a_rival_who_changes_twice_before_her_first_decide() -> Race:
    """A second Carmen is there when the first is decided, and gone before anybody has decided her."""
    teller = family_of(CARMEN)
    again = teller.client("cl_2", CARMEN)
    first = teller.client("cl_9", details("Carmen", "2016-05-03"))
    changes = [teller.client("cl_9", details("Ana", "2016-05-03")), teller.client("cl_9", SOMEONE_ELSE)]
    return Race(
        teller,
        _three_rounds,
        lambda matcher: _take_and_rest(matcher, *changes),
        late=changes,
        undecided=[again, first],
        ends_in={"links": 2, "reviews": 0},
    )


def a_fact_about_a_unit_while_the_link_of_its_member_is_decided() -> Race:
    """Carmen's records become alike, and while the link is decided the application gets a new worker."""
    teller = family_of(SOMEONE_ELSE, CARMEN, mother=A_STRANGER)
    carmen = teller.client("cl_2", CARMEN)
    worker = teller.eligibility_worker("ap_1", "w_new")
    return Race(
        teller,
        lambda matcher: matcher.round(1),
        lambda matcher: _take_and_rest(matcher, worker),
        late=[worker],
        undecided=[carmen],
        ends_in={"links": 1, "cases": 1, "alerts": 2},
    )


def a_fact_about_a_member_while_the_link_of_another_is_decided() -> Race:
    """Carmen's records become alike, and while the link is decided her mother, linked with nobody, is sanctioned."""
    teller = family_of(SOMEONE_ELSE, CARMEN, mother=A_STRANGER)
    carmen = teller.client("cl_2", CARMEN)
    sanction = teller.sanction("ps_1")
    return Race(
        teller,
        lambda matcher: matcher.round(1),
        lambda matcher: _take_and_rest(matcher, sanction),
        late=[sanction],
        undecided=[carmen],
        ends_in={"links": 1, "cases": 1},
    )


def two_facts_about_two_units_that_share_a_household() -> Race:
    """Carmen and Ana of one household are aided in two units; each unit gets a new worker at the same time."""
    teller = family_of(CARMEN, mother=SOMEONE_ELSE)
    ana = details("Ana", "2018-01-15", ssn="419345602")
    teller.client("cl_3", ana)
    teller.person("ps_3", ana)
    teller.household("hh_1", cl_1="parent", cl_2="child", cl_3="child")
    teller.application("ap_2", "au_2", ps_3="aided_child")
    one = teller.eligibility_worker("ap_1", "w_one")
    other = teller.eligibility_worker("ap_2", "w_other")
    return Race(
        teller,
        lambda matcher: matcher.round(1),
        lambda matcher: _take_and_rest(matcher, other),
        late=[other],
        undecided=[one],
        released=("cl_1", "cl_2", "cl_3"),
        ends_in={"links": 2, "cases": 2},
    )


def a_block_that_is_capped_while_a_pair_of_it_is_decided() -> Race:
    """Carmen's pair is decided again, and another Carmen is one too many: what they share brings nobody together."""
    of_her_only_the_name = details("Carmen", None)
    teller = family_of(of_her_only_the_name)
    again = teller.client("cl_2", of_her_only_the_name)
    too_many = teller.client("cl_9", of_her_only_the_name)
    return Race(
        teller,
        lambda matcher: matcher.round(1),
        lambda matcher: _take_sweep_and_rest(matcher, too_many),
        late=[too_many],
        undecided=[again],
        ends_in={"links": 1, "reviews": 0},
        cap=2,
    )


def a_pair_of_a_block_that_is_opened_while_it_is_decided() -> Race:
    """Carmen's pair is decided again while the block is capped, and who was one too many becomes somebody else."""
    race = a_block_that_is_capped_while_a_pair_of_it_is_decided()
    gone = race.teller.client("cl_9", SOMEONE_ELSE)
    race.other = lambda matcher: _take_sweep_and_rest(matcher, gone)
    race.late, race.ends_in = [gone], {"links": 1, "reviews": 1}
    return race


RACES = (
    two_decides_that_each_remove_a_link_of_one_case,
    a_rival_who_arrives_while_the_pair_is_decided,
    a_fact_about_a_member_while_the_case_is_derived,
    a_rival_who_changes_twice_before_her_first_decide,
    a_fact_about_a_unit_while_the_link_of_its_member_is_decided,
    a_fact_about_a_member_while_the_link_of_another_is_decided,
    two_facts_about_two_units_that_share_a_household,
    a_block_that_is_capped_while_a_pair_of_it_is_decided,
    a_pair_of_a_block_that_is_opened_while_it_is_decided,
)


async def _three_rounds(matcher: Matcher) -> None:
    """One subject after the other: the first, and two whom its decide made due."""
    for _ in range(3):
        await matcher.round(1)


async def _take_and_rest(matcher: Matcher, *told: Told) -> None:
    for one in told:
        await matcher.take(records([one]))
    await matcher.rest()


async def _take_sweep_and_rest(matcher: Matcher, *told: Told) -> None:
    await matcher.take(records(told))
    matcher.clock.advance(LEASE + timedelta(seconds=1))  # whoever swept before does no more
    await matcher.sweep()
    await matcher.rest()


@BOTH
@pytest.mark.parametrize("stopped", ["one", "other"])
@pytest.mark.parametrize("make", RACES)
async def test_a_race_ends_in_what_the_batch_works_out(
    arena: Arena, make: Callable[[], Race], stopped: str
) -> None:
    start = 1 + zlib.crc32(f"{make.__name__}/{stopped}/{arena.is_sqlite}".encode()) % EVERY
    operations, wrong = await _pause_points(arena, make, stopped, range(start, LONGEST, EVERY))
    assert operations >= LEAST_OPERATIONS
    assert not wrong, "\n".join(f"stopped before operation {at}:\n{words}" for at, words in wrong.items())


async def test_reading_before_the_lock_is_found_by_a_race(arena: Arena) -> None:
    """Planted: a decide that claims and reads before it takes the lock."""
    with reading_before_the_lock():
        race = a_rival_who_arrives_while_the_pair_is_decided
        _, wrong = await _pause_points(arena, race, "one", until_wrong=True)
    assert wrong


@pytest.mark.parametrize("arena", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("plant", "make"),
    [
        (no_household_is_locked, two_facts_about_two_units_that_share_a_household),
        (only_subjects_are_locked, a_fact_about_a_unit_while_the_link_of_its_member_is_decided),
        (no_person_is_locked, a_rival_who_arrives_while_the_pair_is_decided),
        (reading_before_the_persons_are_locked, a_rival_who_arrives_while_the_pair_is_decided),
    ],
)
async def test_deciders_that_exclude_each_other_less_are_found_by_a_race(
    arena: Arena, plant: Plant, make: Callable[[], Race]
) -> None:
    """Planted on PostgreSQL, where one decide does not wait for the other's commit by itself."""
    with plant():
        _, wrong = await _pause_points(arena, make, "one", until_wrong=True)
    assert wrong


@pytest.mark.parametrize("arena", ["postgresql"], indirect=True)
async def test_a_snapshot_older_than_the_locks_is_found_by_a_race(arena: Arena) -> None:
    """Planted: REPEATABLE READ. Whatever one decide changes, the other writes too, so it is refused, not wrong."""
    with repeatable_read(), pytest.raises(sa.exc.OperationalError, match="could not serialize"):
        await _pause_points(arena, two_decides_that_each_remove_a_link_of_one_case, "one")


async def _pause_points(
    arena: Arena,
    make: Callable[[], Race],
    stopped: str,
    points: Iterable[int] = range(1, LONGEST),
    *,
    until_wrong: bool = False,
) -> tuple[int, dict[int, str]]:
    """The last of the points that the stopped one reached, and before which operations the end was another than the
    batch's. `until_wrong`: the first of these is enough."""
    race = make()
    await arena.wipe(race.cap)
    release = await _before(arena.matchers[0], race)
    wanted = batch.standing(race.teller.told, [release], NOW, cap=race.cap)
    assert {part: len(wanted[part]) for part in race.ends_in} == race.ends_in
    wrong: dict[int, str] = {}
    before = await arena.keep()
    last = 0
    for at in points:
        await arena.restore(before)
        arena.clock.set(NOW)
        if not await _run(arena, race, at, stopped):
            return last, wrong
        last = at
        await arena.matchers[2].rest()
        while race.cap < UNCAPPED and await arena.sweep():
            await arena.matchers[2].rest()
        words = differences(await arena.matchers[2].standing(), wanted)
        if words:
            wrong[at] = words
            if until_wrong:
                return at, wrong
    raise AssertionError


async def _before(matcher: Matcher, race: Race) -> Release:
    """Everything told before, decided; then what is still due."""
    held_back = [*race.late, *race.undecided]
    await matcher.take(records(one for one in race.teller.told if one not in held_back))
    async with matcher.work() as work:
        release = await handlers.take_release(
            release_of(*race.released), caller("cws", "w_liaison", "linkages_liaison"), work
        )
    await matcher.rest()
    while race.cap < UNCAPPED and await matcher.sweep():
        await matcher.rest()
    for one in race.undecided:
        await matcher.take(records([one]))
    return release


async def _run(arena: Arena, race: Race, at: int, stopped: str) -> bool:
    """Whether there was such a pause point."""
    first, second = arena.matchers[:2]
    stop = Stop(at)
    do, meanwhile = (race.one, race.other) if stopped == "one" else (race.other, race.one)

    async def stopping() -> None:
        with probed(stop):
            await do(first)

    task = asyncio.create_task(stopping())
    reached = asyncio.create_task(stop.stopped.wait())
    await asyncio.wait({task, reached}, return_when=asyncio.FIRST_COMPLETED)
    if not stop.stopped.is_set():
        reached.cancel()
        await task
        return False
    progress = Progress()

    async def going() -> None:
        with probed(progress):
            await meanwhile(second)

    running = asyncio.create_task(going())
    while not running.done() and not progress.waits_for_the_other():
        await asyncio.wait({running}, timeout=0.001)
    stop.go_on.set()
    await asyncio.gather(task, running)
    return True
