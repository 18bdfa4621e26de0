"""The decide transaction: what is due is decided afresh, and what changed with it is derived.

Pairs first, then the CWS households whose mutual cases and alerts they touch, then the `due` rows read at the start
are deleted by id. Rows that came meanwhile stay for the next round.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from services.matcher.identity import blocks
from services.matcher.identity.decision import Weigher
from services.matcher.identity.model import Model
from services.matcher.identity.repository import IdentityRepository
from services.matcher.identity.resolution import Ends, Resolution
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
        # On SQLite a transaction keeps writers waiting; elsewhere it costs no more than the look.
        if self.database.is_sqlite and await self._nothing_is_due():
            return 0
        touched: set[InboxAddress] = set()
        feeds: list[Feed] = []
        arrived: list[Arrivals] = []
        began = time.monotonic()
        async with self.database.transaction() as connection:
            now = await self.database.now(connection)
            claimed = await dues.claim(connection, now, self.batch)
            if not claimed:
                return 0
            by_county: dict[str, list[Due]] = defaultdict(list)
            for row in claimed:
                by_county[row.county].append(row)
            settled: list[Due] = []
            for county, its in sorted(by_county.items()):
                if county not in self.keys:  # a dead letter's: there is nothing of that county to decide
                    settled += its
                    continue
                weigher = Weigher(self.model)
                ours = await self._ours(connection, county, its, weigher)
                arrivals = Arrivals(county, causes_of(ours))
                inboxes, feed = await self._decide(connection, county, now, ours, weigher, arrivals)
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

    async def _nothing_is_due(self) -> bool:
        async with self.database.reading() as connection:
            return await dues.nothing_is_due(connection, await self.database.now(connection))

    async def _ours(
        self, connection: Connection, county: str, claimed: Sequence[Due], weigher: Weigher
    ) -> list[Due]:
        """The rows about whose people nobody else is deciding: all whom they touch are locked."""
        if not locks.are_needed(connection):
            return list(claimed)
        identity = IdentityRepository(connection, county, self.keys[county])
        coordination = CoordinationRepository(connection, county)
        of_blocks = [row for row in claimed if row.kind == "block"]  # of them nobody is decided here
        others = [row for row in claimed if row.kind != "block"]
        touched = await whom_they_touch(identity, coordination, others, weigher)
        ours = await locks.try_persons(connection, county, touched)
        return [*of_blocks, *(row for row in others if row.id in ours)]

    async def _decide(
        self,
        connection: Connection,
        county: str,
        now: datetime,
        due: Sequence[Due],
        weigher: Weigher,
        arrivals: Arrivals,
    ) -> tuple[set[InboxAddress], Feed]:
        identity = IdentityRepository(connection, county, self.keys[county])
        coordination = CoordinationRepository(connection, county)
        today = local_date(now, PACIFIC)
        feed = Feed(county, self.keys[county], now)
        resolution = Resolution(identity, coordination, weigher, today, now, feed)
        resolved = await resolution.resolve(due)
        decided = {(row.program, row.subject) for row in due if row.kind in ("record", "again")}
        again = [Due(county, "again", program, ref) for program, ref in sorted(resolved.neighbours)]
        again += await self._members_again(coordination, due, decided)
        again += await self._blocks_again(connection, county, due, decided | resolved.neighbours)
        await dues.add_again(connection, now, again, due)
        survivors = [Due(county, "record", program, ref) for program, ref in sorted(resolved.survivors)]
        await dues.add(connection, survivors)
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

    async def _blocks_again(
        self, connection: Connection, county: str, due: Sequence[Due], decided: set[tuple[str, str]]
    ) -> list[Due]:
        """Members of the blocks that were capped or opened; of very large ones some, the others next time."""
        changed = [row for row in due if row.kind == "block"]
        members, left = await blocks.members_due(connection, county, changed)
        await dues.add(connection, left)
        return [Due(county, "again", program, person) for program, person in sorted(members - decided)]


async def whom_they_touch(
    identity: IdentityRepository, coordination: CoordinationRepository, due: Sequence[Due], weigher: Weigher
) -> dict[int | None, set[str]]:
    """By row: whose pairs it may decide, or look at to find what it derives, as far as can be seen before the lock.

    The subject, all whom it might be a pair with, and everybody in the households and units that the row is about: a
    link of one of them that somebody else has not committed would hide a mutual case from this row for good.
    """
    named = {name for row in due for name in (row.subject, row.household, *row.was_members) if name}
    facts = {fact.ref: fact.about for fact in await coordination.facts(refs=named)}
    named |= set(facts.values())
    merges = await identity.merges(named)
    spells = await coordination.memberships(persons=merges.classes(named), households=named)
    persons = {spell.person for spell in spells} | named
    homes: dict[str, set[str]] = defaultdict(set)
    people: dict[str, set[str]] = defaultdict(set)
    ties = await coordination.placed(children=persons, caregivers=persons)
    ties += await coordination.left(units={spell.household for spell in spells} | named, persons=persons)
    merges = await identity.merges(persons | {end for tie in ties for end in (tie.person, tie.household)})
    for spell in spells:
        homes[merges.root(spell.person)].add(spell.household)
        people[spell.household].add(merges.root(spell.person))
    for tie in ties:  # of a child with whom it is placed, or of a unit with who has left it
        one, other = merges.root(tie.person), merges.root(tie.household)
        for home in (*homes[other], other):
            people[home].add(one)
        people[one].add(other)
    met = await _met(identity, {merges.root(row.subject) for row in due if row.kind in PERSONAL}, weigher)
    found: dict[int | None, set[str]] = {}
    for row in due:
        about = {
            row.subject,
            facts.get(row.subject, row.subject),
            row.household or row.subject,
            *row.was_members,
        }
        about |= {merges.root(name) for name in about}
        around = about | {home for name in about for home in homes[name]}
        near = {person for name in around for person in people[name]}
        found[row.id] = about | near | {other for name in about for other in met[name]}
    return found


async def _met(identity: IdentityRepository, roots: set[str], weigher: Weigher) -> dict[str, set[str]]:
    """Whom each of these persons might be a pair with: near candidates, stored pairs, and those people have judged."""
    merges = await identity.merges(roots)
    records = merges.classes(roots)
    said = await identity.verdicts(records)
    judged = await identity.merges({end for ends in said for end in ends})
    met: dict[str, set[str]] = defaultdict(set)
    for one, other in (*said, *((row.cws, row.calworks) for row in await identity.pairs(records))):
        met[merges.root(one)].add(judged.root(other))
        met[merges.root(other)].add(judged.root(one))
    sharing = await identity.sharing({(program, root) for program in (CWS, CALWORKS) for root in roots})
    wanted = sharing.keys() | {other for its in sharing.values() for other in its.candidates}
    people = {ref: record.person for ref, record in (await identity.people(wanted)).items()}
    for one, its in sharing.items():
        met[one[1]] |= {other[1] for other in its.candidates if weigher.may_pair(one, other, people)}
    return met


async def affected_households(
    identity: IdentityRepository, coordination: CoordinationRepository, due: Sequence[Due], changed: set[Ends]
) -> set[str]:
    """The CWS households whose mutual cases may differ after these rows: theirs, and those across a link or case.

    Across a link and back: a release covers the linked record, also in the households of those who share it. From a
    unit to those who were taken off it, and from a caregiver to the children who are or were placed there.
    Of an `again` row only pairs are decided: it counts where one of them changed. A block is in no household.
    """
    anew = [row for row in due if row.kind not in ("again", "block")]
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
