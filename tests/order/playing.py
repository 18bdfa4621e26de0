"""Playing a world to some matchers: in any order across keys, with repeats, dead letters, crashes and reads."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any
from unittest import mock

import sqlalchemy as sa

from services.matcher import dead_letters
from services.matcher import due as dues
from services.matcher.alerts import reading
from services.matcher.coordination import household as households
from services.matcher.decider import BATCH
from services.matcher.disclosure import handlers
from services.matcher.disclosure.release import Release
from services.matcher.due import Due
from services.matcher.identity.verdicts import VerdictRepository
from services.matcher.tables import ENTRY, INBOX
from shared.bus import Record
from shared.errors import Invalid, NotFound
from shared.web.auth import CALWORKS_ROLES, CWS_ROLES, Caller
from tests.order import batch
from tests.order.harness import (
    COUNTY,
    KEYS,
    NOW,
    UNCAPPED,
    Arena,
    Matcher,
    Standing,
    Told,
    differences,
    probed,
)
from tests.order.making import BEGINS
from tests.order.worlds import PlannedRelease, World, make_world

BROKEN = b'{"broken'


class Unplugged(Exception):
    """A planned failure just before a commit."""


@dataclass
class Crash:
    """Ends a task at its `at`-th database operation: cancelled there, cancelled in the commit, or failing before it."""

    at: int
    how: str
    seen: int = 0

    async def __call__(self, statement: str) -> None:
        self.seen += 1
        if self.how == "cancelled" and self.seen == self.at:
            _cancel_this_task()
            await asyncio.sleep(0)
        elif self.how == "in commit" and statement == "COMMIT":
            _cancel_this_task()
        elif self.how == "before commit" and statement == "COMMIT":
            raise Unplugged


def _cancel_this_task() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()


@dataclass
class Play:
    """One world on its way into the matchers."""

    arena: Arena
    world: World
    random: Random
    together: int = 2  # how often several matchers are at work at the same time: 2 times of 45
    streams: dict[str, list[Told]] = field(default_factory=dict)
    delivered: list[Record] = field(default_factory=list)
    wishes: list[PlannedRelease] = field(default_factory=list)
    releases: dict[str, Release] = field(default_factory=dict)
    to_revoke: list[tuple[str, str]] = field(default_factory=list)
    unsaid: list[tuple[str, str, str, bool]] = field(default_factory=list)
    said: list[tuple[str, str, str]] = field(default_factory=list)
    crashes: int = 0

    async def run(self) -> None:
        """Everything told, every dead letter resolved, the clock at NOW, nothing due."""
        self.arena.clock.set(BEGINS)
        if self._is_capped:
            await (
                self.arena.sweep()
            )  # the cap is no new one: what is touched from now on is counted, and nothing else
        for told in self.world.told:
            self.streams.setdefault(told.key, []).append(told)
        self.wishes, self.unsaid = list(self.world.releases), list(self.world.verdicts)
        late = self._held_back()
        while self.streams:
            await self._step()
        if self.random.random() < 0.7:
            await self._catch_up()
        for told in late:
            await self._rest(self._matcher())  # so that nothing but this event can bring about what it should
            await self._take_in([told.record()])
        for _ in range(self.random.randint(0, 3)):
            await self._step()
        await self._catch_up()
        self.arena.clock.set(NOW)
        await self._rest(self._matcher(), self.random.choice((200, 200, 200, 3)))

    async def _rest(self, matcher: Matcher, limit: int = BATCH) -> None:
        """Nothing is due, and every block that was touched has been looked at."""
        await matcher.rest(limit)
        while self._is_capped and await self.arena.sweep():
            await matcher.rest(limit)

    def _held_back(self) -> list[Told]:
        """The last events of a few keys, to be told when all else has been decided."""
        late = []
        people = [key for key in sorted(self.streams) if key.startswith(("cl_", "ps_"))]
        others = self.random.sample(
            sorted(self.streams), min(len(self.streams), self.random.choice((0, 1, 2)))
        )
        for key in dict.fromkeys([*self.random.sample(people, self.random.choice((0, 1, 2))), *others]):
            late.append(self.streams[key].pop())
            if not self.streams[key]:
                del self.streams[key]
        return late

    @property
    def _is_capped(self) -> bool:
        return self.world.cap < UNCAPPED

    async def _step(self) -> None:
        if self._is_capped and self.random.random() < 0.2:
            for matcher in self.arena.matchers:
                await self._perhaps_crash(matcher.sweep)
        action = self.random.choices(
            (self._deliver, self._decide, self._settle, self._together, self._retry, self._repeat, self._sign,
             self._revoke, self._read, self._wait, self._judge),
            (20, 6, 6, self.together, 3, 1, 3, 1, 1, 1, 1),
        )[0]  # fmt: skip
        await action()

    async def _catch_up(self) -> None:
        """Rest, with every dead letter resolved and every wish fulfilled that can be."""
        await self._rest(self._matcher())
        while await self._letters():
            await self._retry()
        self.wishes = [wish for wish in self.wishes if not await self._take(wish)]
        while self.unsaid:
            await self._judge()
        for release, program in self.to_revoke if self.random.random() < 0.5 else ():
            await self._withdraw(release, program)
        await self._rest(self._matcher(), self.random.choice((200, 200, 200, 3)))

    # --- steps

    async def _deliver(self) -> None:
        await self._take_in(self._next_records())

    async def _take_in(self, records: list[Record]) -> None:
        await self._perhaps_crash(lambda: self._matcher().take(records))

    def _next_records(self) -> list[Record]:
        found = []
        for _ in range(self.random.choice((1, 1, 2, 4, 8))):
            if not self.streams:
                break
            key = self.random.choice(sorted(self.streams))
            record = self.streams[key].pop(0).record()
            if not self.streams[key]:
                del self.streams[key]
            found.append(self._unreadable(record) if self.random.random() < 0.08 else record)
            self.delivered.append(record)
        return found

    def _unreadable(self, record: Record) -> Record:
        return replace(record, message=replace(record.message, value=BROKEN))

    async def _decide(self) -> None:
        for _ in range(self.random.choice((1, 1, 2, 4))):
            await self._round()

    async def _settle(self) -> None:
        await self._matcher().rest(self.random.choice((3, 200, 200)))

    async def _round(self) -> None:
        limit = self.random.choice((1, 2, 5, 200))
        await self._perhaps_crash(lambda: self._matcher().round(limit))

    async def _together(self) -> None:
        """Several matchers at the same time, each doing something."""
        records = self._next_records()
        first, *others = self.random.sample(
            self.arena.matchers, self.random.randint(2, len(self.arena.matchers))
        )
        sweeps = [one.sweep() for one in others if self._is_capped]
        await asyncio.gather(
            first.take(records), *(one.round(self.random.choice((1, 200))) for one in others), *sweeps
        )

    async def _letters(self) -> list[Any]:
        dead = INBOX.dead
        return await self.arena.matchers[0].rows(
            sa.select(dead).where(dead.c.resolved_at.is_(None)).order_by(dead.c.id)
        )

    async def _retry(self) -> None:
        """One dead letter, with its true bytes back."""
        letters = await self._letters()
        if not letters:
            return
        letter = self.random.choice(letters)
        await self._perhaps_crash(lambda: self._read_again(letter))

    async def _read_again(self, letter: Any) -> None:
        true = next(
            told.record().message.value
            for told in self.world.told
            if told.envelope.id == letter.headers["ce_id"]
        )
        matcher = self._matcher()
        dead = INBOX.dead
        async with matcher.database.transaction() as connection:
            mine = dead.c.id == letter.id
            await connection.execute(dead.update().where(mine).values(value=true))
            row = (await connection.execute(sa.select(dead).where(mine))).one()
            assert await dead_letters.retry(connection, row, KEYS, self.arena.clock.now())

    async def _repeat(self) -> None:
        """The log gives again what it gave before."""
        if self.delivered:
            await self._matcher().take([self.random.choice(self.delivered) for _ in range(2)])

    async def _sign(self) -> None:
        if self.wishes:
            wish = self.wishes.pop(0)
            if not await self._take(wish):
                self.wishes.append(wish)

    async def _take(self, wish: PlannedRelease) -> bool:
        """Whether the release could be taken: its people must be known by now."""
        name = f"rl_{len(self.releases)}"
        try:
            with mock.patch.object(handlers, "mint", lambda _: name):
                async with self._matcher().work() as work:
                    release = await handlers.take_release(wish.command, _liaison(wish.program), work)
        except (NotFound, Invalid):  # not known yet, or sealed; or the form has expired meanwhile
            return False
        self.releases[name] = release
        if wish.revoked:
            self.to_revoke.append((name, wish.program))
        return True

    async def _revoke(self) -> None:
        if self.to_revoke:
            await self._withdraw(*self.to_revoke[0])
            self.to_revoke.pop(0)

    async def _withdraw(self, release: str, program: str) -> None:
        try:
            async with self._matcher().work() as work:
                self.releases[release], _ = await handlers.revoke_release(release, _liaison(program), work)
        except NotFound:
            return  # all its people were sealed meanwhile: nobody may name them

    async def _judge(self) -> None:
        """Somebody says something about two records; perhaps it is taken back at once."""
        if not self.unsaid:
            return
        a, b, verdict, undone = self.unsaid.pop(0)
        matcher = self._matcher()
        again = [Due(COUNTY, "again", "cws", a), Due(COUNTY, "again", "calworks", b)]
        row = {"id": f"vd_{len(self.unsaid)}", "cws": a, "calworks": b, "verdict": verdict}
        async with matcher.database.transaction() as connection:
            verdicts = VerdictRepository(connection, COUNTY)
            # One after the other: the fewer are left, the later it was said.
            at = BEGINS + timedelta(minutes=10 - len(self.unsaid))
            await verdicts.add({**row, "reason": "-", "by": "w_liaison", "at": at})
            await dues.add(connection, again)
        if not undone:
            self.said.append((a, b, verdict))
            return
        async with matcher.database.transaction() as connection:
            gone = {"undone_by": "w_liaison", "undone_at": self.arena.clock.now()}
            await VerdictRepository(connection, COUNTY).undo(row["id"], gone)
            await dues.add(connection, again)

    async def _read(self) -> None:
        """Some worker opens an inbox. The choices are made before looking: what stands may depend on timing."""
        matcher, which = self._matcher(), self.random.random()
        inboxes = await self.arena.matchers[0].rows(sa.select(ENTRY.c.program, ENTRY.c.inbox).distinct())
        if not inboxes:
            return
        program, inbox = sorted(tuple(row) for row in inboxes)[int(which * len(inboxes))]
        roles = (CWS_ROLES if program == "cws" else CALWORKS_ROLES) | {"linkages_liaison"}
        caller = Caller(inbox, COUNTY, program, frozenset(roles), inbox)
        async with matcher.work() as work:
            rows = await work.alerts.inbox(program, inbox, after=0, limit=50)
            await reading.read(work, caller, rows)

    async def _wait(self) -> None:
        """Time passes, never beyond NOW."""
        clock = self.arena.clock
        clock.set(min(NOW, clock.now() + timedelta(hours=self.random.choice((1, 12, 30)))))

    # --- means

    def _matcher(self) -> Matcher:
        return self.random.choice(self.arena.matchers)

    async def _perhaps_crash(self, do: Callable[[], Awaitable[object]]) -> None:
        """Do it; now and then a first attempt crashes on the way."""
        if self.random.random() < 0.15:
            crash = Crash(
                self.random.randint(1, 40), self.random.choice(("cancelled", "in commit", "before commit"))
            )
            self.crashes += 1

            async def attempt() -> None:
                with probed(crash):
                    await do()

            with suppress(asyncio.CancelledError, Unplugged):
                await asyncio.create_task(attempt())
        await do()


def _liaison(program: str) -> Caller:
    return Caller("w_liaison", COUNTY, program, frozenset({"linkages_liaison"}), "w_liaison")  # type: ignore[arg-type]


@dataclass(frozen=True)
class Outcome:
    """What a world came to: what the matchers had differently from the batch (nothing, if all is well)."""

    wrong: str
    standing: Standing
    crashes: int


async def play(arena: Arena, random: Random, *, together: int = 2) -> Outcome:
    """Make a world, play it, compare what stands with the batch."""
    world = make_world(random)
    await arena.wipe(world.cap)
    with mock.patch.object(households, "EVIDENCE_LIMIT", world.limit):
        game = Play(arena, world, random, together)
        await game.run()
        wanted = batch.standing(world.told, game.releases.values(), NOW, game.said, cap=world.cap)
    found = await arena.matchers[0].standing()
    return Outcome(differences(found, wanted), wanted, game.crashes)
