"""The decide transaction: what is due is decided afresh, and what changed with it is derived.

Pairs first, then the CWS households whose mutual cases and alerts they touch, then the `due` rows read at the start
are deleted by id. Rows that came meanwhile stay for the next round.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from services.matcher import due as dues
from services.matcher import locks
from services.matcher.alerts.arrivals import Arrivals, causes_of
from services.matcher.alerts.doubtful import derive_reviews, doubts
from services.matcher.alerts.handlers import Derivation
from services.matcher.alerts.inbox import InboxAddress
from services.matcher.alerts.live_since import as_live
from services.matcher.alerts.repository import AlertRepository
from services.matcher.coordination.fact import CALWORKS, CWS
from services.matcher.coordination.repository import CoordinationRepository
from services.matcher.delivery.live import Live
from services.matcher.disclosure.policy import CountyPolicy
from services.matcher.disclosure.repository import ReleaseRepository
from services.matcher.due import Due
from services.matcher.feed.expiring import tell_expired
from services.matcher.feed.feed import Feed
from services.matcher.identity.decision import Ref
from services.matcher.identity.repository import IdentityRepository
from services.matcher.identity.resolution import Ends, Resolution
from services.matcher.identity.scoring import Model
from shared.calendars import PACIFIC, local_date
from shared.crypto import CountyKeys
from shared.database import Connection, Database
from shared.errors import Unavailable
from shared.pacing import Pace

BATCH = 200
PERSONAL = ("record", "again", "derive")  # the kinds of rows whose subject is a person
LINGER = 0.02  # seconds: most of a transaction's cost does not grow with its rows, so it waits for company

log = structlog.get_logger()


@dataclass
class Decider:
    """One matcher process's decider. `indexed` is set when something may be due; `live` is told whose inbox changed."""

    database: Database
    keys: Mapping[str, CountyKeys]
    policies: Mapping[str, CountyPolicy]
    model: Model
    indexed: asyncio.Event
    live: Live
    poll: float = 0.25  # seconds between looks for what another process has indexed, or what time has brought
    batch: int = BATCH  # due rows in one transaction, at most

    async def run(self) -> None:
        """Decide until cancelled; a failure is logged and tried again with back-off."""
        pace, loop = Pace("decider"), asyncio.get_running_loop()
        while True:
            started = loop.time()
            try:
                decided = await self.round()
            except (Unavailable, sa.exc.DBAPIError) as error:
                await pace.failed(error)
                continue
            if decided:
                await pace.worked(decided, loop.time() - started, least=LINGER)
                continue
            pace.succeeded()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.indexed.wait(), self.poll)
            self.indexed.clear()
            await asyncio.sleep(LINGER)

    async def round(self) -> int:
        """One transaction over what is due now. The number of rows settled."""
        async with self.database.reading() as connection:
            if await dues.nothing_is_due(connection, await self.database.now(connection)):
                return 0
        touched: set[InboxAddress] = set()
        feeds: list[Feed] = []
        arrived: list[Arrivals] = []
        began = time.monotonic()
        async with self.database.transaction() as connection:
            now = await self.database.now(connection)
            claimed = await dues.claim(connection, now, self.batch)
            by_county: dict[str, list[Due]] = defaultdict(list)
            for row in claimed:
                by_county[row.county].append(row)
            settled: list[Due] = []
            for county, its in sorted(by_county.items()):
                if county not in self.keys:  # a dead letter's: there is nothing of that county to decide
                    settled += its
                    continue
                ours = await self._ours(connection, county, its)
                arrivals = Arrivals(county, causes_of(ours))
                inboxes, feed = await self._decide(connection, county, ours, arrivals)
                settled += ours
                touched |= inboxes
                feeds.append(feed)
                arrived.append(arrivals)
            await dues.settle(connection, settled)
            for feed in feeds:
                await feed.write(connection)
        self.live.notify(touched)
        log.info(
            "decider.decided", count=len(settled), traces=sorted({r.trace_id for r in settled if r.trace_id})
        )
        for arrivals in arrived:
            arrivals.tell(now + timedelta(seconds=time.monotonic() - began))
        return len(settled)

    async def _ours(self, connection: Connection, county: str, claimed: Sequence[Due]) -> list[Due]:
        """The rows whose persons nobody else is deciding: they, and all with whom they might be a pair, are locked."""
        if not locks.are_needed(connection):
            return list(claimed)
        subjects = {(row.program, row.subject) for row in claimed if row.kind in PERSONAL}
        identity = IdentityRepository(connection, county, self.keys[county])
        ours = await locks.try_persons(connection, county, await whom_they_touch(identity, subjects))
        return [r for r in claimed if r.kind not in PERSONAL or (r.program, r.subject) in ours]

    async def _decide(
        self, connection: Connection, county: str, due: Sequence[Due], arrivals: Arrivals
    ) -> tuple[set[InboxAddress], Feed]:
        now = await self.database.now(connection)
        identity = IdentityRepository(connection, county, self.keys[county])
        coordination = CoordinationRepository(connection, county)
        today = local_date(now, PACIFIC)
        feed = Feed(county, self.keys[county], now)
        resolution = Resolution(identity, coordination, self.model, today, now, feed)
        resolved = await resolution.resolve(due)
        decided = {(row.program, row.subject) for row in due if row.kind in ("record", "again")}
        again = [Due(county, "again", program, ref) for program, ref in sorted(resolved.neighbours)]
        again += [Due(county, "record", program, ref) for program, ref in sorted(resolved.survivors)]
        again += await self._members_again(coordination, due, decided)
        await dues.add(connection, again)
        households = await affected_households(identity, coordination, due, resolved.changed)
        await locks.wait_for_households(connection, county, households)
        identity = IdentityRepository(connection, county, self.keys[county])  # it forgets what it has read
        now = await self.database.now(connection)
        policy = await as_live(connection, self.policies[county])
        await tell_expired(ReleaseRepository(connection, county), due, feed, policy.zone)
        derivation = Derivation(connection, county, self.keys[county], policy, now, feed, arrivals)
        loaded = await derivation.load(households)
        doubtful = await doubts(identity, county, due, resolved.changed)
        alerts = AlertRepository(connection, county)
        about = [*(c.id for c in loaded.circumstances), *doubtful.reviews.values()]
        stored = await alerts.entries_of(about)
        changes = await derivation.derive(loaded, stored)
        changes += await derive_reviews(derivation, doubtful, stored)
        return await derivation.write(alerts, changes, stored), feed

    async def _members_again(
        self, coordination: CoordinationRepository, due: Sequence[Due], decided: set[tuple[str, str]]
    ) -> list[Due]:
        """Members before and after of the households that changed: their evidence and their rivals did."""
        changed = [row for row in due if row.kind == "household"]
        if not changed:
            return []
        spells = await coordination.memberships(households={row.subject for row in changed})
        found: dict[tuple[str, str], str] = {}
        for row in changed:
            members = {s.person for s in spells if s.household == row.subject} | set(row.was_members)
            for person in members:
                if (row.program, person) not in decided:
                    found[(row.program, person)] = row.subject
        return [
            Due(coordination.county, "again", program, person, household=household)
            for (program, person), household in sorted(found.items())
        ]


async def whom_they_touch(identity: IdentityRepository, subjects: Collection[Ref]) -> dict[Ref, set[str]]:
    """Each of these persons with all whose pairs with them might be decided, as far as can be seen before the lock."""
    merges = await identity.merges({ref for _, ref in subjects})
    roots = {(program, ref): (program, merges.root(ref)) for program, ref in subjects}
    sharing = await identity.sharing(set(roots.values()))
    records = merges.classes({root for _, root in roots.values()})
    said = await identity.verdicts(records)
    judged = await identity.merges({end for ends in said for end in ends})
    met: dict[str, set[str]] = defaultdict(set)
    for one, other in (*said, *((row.cws, row.calworks) for row in await identity.pairs(records))):
        met[merges.root(one)].add(judged.root(other))
        met[merges.root(other)].add(judged.root(one))
    return {
        subject: {subject[1], root[1], *met[root[1]], *(ref for _, ref in sharing[root].candidates)}
        for subject, root in roots.items()
    }


async def affected_households(
    identity: IdentityRepository, coordination: CoordinationRepository, due: Sequence[Due], changed: set[Ends]
) -> set[str]:
    """The CWS households whose mutual cases may differ after these rows: theirs, and those across a link or case.

    Across a link and back: a release covers the linked record, also in the households of those who share it. From a
    unit to those who were taken off it, and from a caregiver to the children who are or were placed there.
    Of an `again` row only pairs are decided: it counts where one of them changed.
    """
    anew = [row for row in due if row.kind != "again"]
    named = {row.subject for row in anew} | {row.household for row in anew if row.household}
    named |= {end for ends in changed for end in ends}
    named |= {fact.about for fact in await coordination.facts(refs=named)}
    named = (await identity.merges(named)).classes(named)
    spells = await coordination.memberships(persons=named, households=named)
    units = {s.household for s in spells if s.program == CALWORKS}
    cases = await coordination.mutual_cases(households=named, units=units | named)
    gone = await coordination.left(units=units | named)
    theirs = await identity.merges({s.person for s in (*spells, *gone)})
    persons = theirs.roots(s.person for s in (*spells, *gone) if s.program == CALWORKS)
    met = _linked(await identity.pairs(named | persons))
    sharing = _linked(await identity.pairs({row.calworks for row in met}))
    ends = {row.cws for row in sharing}
    ends = (await identity.merges(ends)).classes(ends)
    children = {row.household for row in await coordination.placed(caregivers=named | ends)}
    children = (await identity.merges(children)).classes(children)
    across = await coordination.memberships(persons=ends | children)
    return {case.household for case in cases} | {s.household for s in (*spells, *across) if s.program == CWS}


def _linked(pairs: Iterable[Any]) -> list[Any]:
    return [row for row in pairs if row.decision == "linked"]
