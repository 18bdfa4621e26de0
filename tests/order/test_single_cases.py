"""Single cases of the order property, each once found by a random world or by reading."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from services.matcher.disclosure import handlers
from services.matcher.disclosure.release import Release
from shared.bus import Message
from shared.events import Event, cws
from tests.order import batch
from tests.order.families import A_STRANGER, CARMEN, MARIA, SOMEONE_ELSE, Teller, caller, details, release_of
from tests.order.harness import NOW, Arena, Matcher, differences, records
from tests.order.plants import (
    Plant,
    an_old_survivor_is_forgotten,
    old_neighbours_are_forgotten,
    survivors_are_not_decided,
)


async def _take(matcher: Matcher, *persons: str) -> Release:
    async with matcher.work() as work:
        return await handlers.take_release(
            release_of(*persons), caller("cws", "w_liaison", "linkages_liaison"), work
        )


@pytest.mark.parametrize("last", ["release", "signer", "other record", "worker"])
async def test_a_release_covers_the_linked_record_in_every_household_that_meets_it(
    arena: Arena, last: str
) -> None:
    """Maria stands twice in CWS, in two households; what one record signed covers her CalWORKs record in both cases."""
    teller, matcher = Teller(), arena.matchers[0]
    teller.client("cl_1", MARIA)
    other = teller.client("cl_2", MARIA)
    teller.person("ps_1", MARIA)
    for number in (1, 2):
        teller.household(f"hh_{number}", **{f"cl_{number}": "parent"})
        teller.referral(f"rf_{number}", f"hh_{number}")
    teller.application("ap_1", "au_1", ps_1="aided_adult")
    worker = teller.er_worker("rf_2", "w_er")
    again = teller.client("cl_1", MARIA)
    late = {"signer": again, "other record": other, "worker": worker}.get(last)

    await matcher.take(records(one for one in teller.told if one is not late))
    await matcher.rest()
    release = await _take(matcher, "cl_1")
    await matcher.rest()
    if late is not None:
        await matcher.take([late.record()])
        await matcher.rest()

    wanted = batch.standing(teller.told, [release], NOW)
    assert len(wanted["links"]) == len(wanted["cases"]) == 2
    assert not differences(await matcher.standing(), wanted)


async def test_an_event_of_a_county_not_served_stops_nobody(arena: Arena) -> None:
    """It is a dead letter and makes its county due, of which there is nothing to decide."""
    teller, matcher = Teller(), arena.matchers[0]
    record = teller.client("cl_1", MARIA).record()
    headers = tuple((name, b"58" if name == "ce_county" else value) for name, value in record.message.headers)
    foreign = replace(record, message=Message(record.message.key, record.message.value, headers))
    await matcher.take([foreign, record])
    await matcher.rest()
    assert await matcher.is_at_rest()


# --- bugs that random worlds rarely show ---------------------------------------------------------------------------


class Story:
    """What is told, and what the matcher makes of it."""

    def __init__(self, arena: Arena) -> None:
        self.matcher = arena.matchers[0]
        self.teller = Teller()

    async def begin(self) -> None:
        """Decide what was told so far."""
        await self.matcher.take(records(self.teller.told))
        await self.matcher.rest()

    async def hear(self, event: Event) -> None:
        """One more event, with nothing else due."""
        self.teller.event(event)
        await self.matcher.take([self.teller.told[-1].record()])
        await self.matcher.rest()

    async def differs(self, *links: tuple[str, str]) -> str:
        """How what stands differs from what the batch works out, which must have these links."""
        wanted = batch.standing(self.teller.told, [], NOW)
        assert set(wanted["links"]) == set(links)
        return differences(await self.matcher.standing(), wanted)


async def a_rival_becomes_somebody_else(story: Story) -> str:
    """Two Carmens of CWS may be the one of CalWORKs, until one turns out to be a stranger."""
    story.teller.client("cl_1", CARMEN)
    story.teller.client("cl_2", details("Carmen", "2016-05-03", street="12 Cedar St"))
    story.teller.person("ps_1", CARMEN)
    await story.begin()
    assert not await story.differs()
    await story.matcher.take([story.teller.client("cl_2", SOMEONE_ELSE).record()])
    await story.matcher.rest()
    return await story.differs(("cl_1", "ps_1"))


async def a_rival_is_hidden_by_a_record_that_was_merged_into_her(story: Story) -> str:
    """Of two Carmens of CWS one has a second record, of which it comes out that it is sealed."""
    story.teller.client("cl_1", CARMEN)
    story.teller.client("cl_2", details("Carmen", "2016-05-03", street="12 Cedar St"))
    story.teller.client("cl_9", A_STRANGER)
    story.teller.event(cws.ClientMerged(client="cl_9", survivor="cl_2"))
    story.teller.person("ps_1", CARMEN)
    await story.begin()
    assert not await story.differs()
    await story.hear(cws.ClientSealed(client="cl_9"))
    return await story.differs(("cl_1", "ps_1"))


async def a_sealed_record_is_void_that_hid_a_survivor(story: Story) -> str:
    """What was merged into Carmen's record, and hid it, had been entered in error."""
    story.teller.client("cl_1", CARMEN)
    story.teller.client("cl_9", A_STRANGER)
    story.teller.event(cws.ClientMerged(client="cl_9", survivor="cl_1"))
    story.teller.event(cws.ClientSealed(client="cl_9"))
    story.teller.person("ps_1", CARMEN)
    await story.begin()
    assert not await story.differs()
    await story.hear(cws.ClientVoided(client="cl_9"))
    return await story.differs(("cl_1", "ps_1"))


RARE = [
    (a_rival_becomes_somebody_else, old_neighbours_are_forgotten),
    (a_rival_is_hidden_by_a_record_that_was_merged_into_her, survivors_are_not_decided),
    (a_sealed_record_is_void_that_hid_a_survivor, an_old_survivor_is_forgotten),
]


@pytest.mark.parametrize(("happens", "plant"), RARE)
async def test_a_single_case_ends_in_what_the_batch_works_out_and_shows_the_planted_bug(
    arena: Arena, happens: Callable[[Story], Awaitable[str]], plant: Plant
) -> None:
    assert not await happens(Story(arena))
    await arena.wipe()
    with plant():
        assert await happens(Story(arena))
