"""Single cases of the order property, each once found by a random world or by reading."""

from dataclasses import replace

import pytest

from services.matcher.disclosure import handlers
from services.matcher.disclosure.release import Release
from shared.bus import Message
from tests.order import batch
from tests.order.families import MARIA, Teller, caller, release_of
from tests.order.harness import NOW, Arena, Matcher, differences, records


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
