"""The decide transaction: what is due is decided afresh, and what changed with it is derived.

Pairs first, then the CWS households whose mutual cases and alerts they touch, then the `due` rows read at the start
are deleted by id. Rows that came meanwhile stay for the next round.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import structlog

from services.matcher import due as dues
from services.matcher.alerts.doubtful import derive_reviews
from services.matcher.alerts.handlers import Derivation
from services.matcher.alerts.inbox import InboxAddress
from services.matcher.alerts.live_since import as_live
from services.matcher.coordination.fact import CALWORKS, CWS
from services.matcher.coordination.repository import CoordinationRepository
from services.matcher.delivery.live import Live
from services.matcher.disclosure.policy import CountyPolicy
from services.matcher.disclosure.repository import ReleaseRepository
from services.matcher.due import Due
from services.matcher.feed.expiring import tell_expired
from services.matcher.feed.feed import Feed
from services.matcher.identity.repository import IdentityRepository
from services.matcher.identity.resolution import Ends, Resolution
from services.matcher.identity.scoring import Model
from shared.calendars import PACIFIC, local_date
from shared.crypto import CountyKeys
from shared.database import Connection, Database
from shared.errors import Unavailable
from shared.pacing import Pace

BATCH = 200  # due rows in one transaction
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
        async with self.database.transaction() as connection:
            now = await self.database.now(connection)
            claimed = await dues.claim(connection, now, BATCH)
            by_county: dict[str, list[Due]] = defaultdict(list)
            for row in claimed:
                by_county[row.county].append(row)
            for county, its in sorted(by_county.items()):
                if county in self.keys:  # else a dead letter's: there is nothing of that county to decide
                    inboxes, feed = await self._decide(connection, county, its)
                    touched |= inboxes
                    feeds.append(feed)
            await dues.settle(connection, claimed)
            for feed in feeds:
                await feed.write(connection)
        self.live.notify(touched)
        return len(claimed)

    async def _decide(
        self, connection: Connection, county: str, due: Sequence[Due]
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
        policy = await as_live(connection, self.policies[county])
        await tell_expired(ReleaseRepository(connection, county), due, feed, policy.zone)
        derivation = Derivation(connection, county, self.keys[county], policy, now, feed)
        inboxes = await derivation.derive(households)
        inboxes |= await derive_reviews(derivation, identity, due, resolved.changed)
        return inboxes, feed

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
