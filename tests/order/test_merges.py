"""Records that were merged or void, and what people said of pairs: from the event to what stands."""

from datetime import timedelta
from typing import Any

import pytest

from services.matcher import due as dues
from services.matcher.disclosure.handlers import take_release
from services.matcher.due import Due
from services.matcher.identity.verdicts import VerdictRepository
from shared.events import calworks, cws
from tests.order import batch
from tests.order.families import A_STRANGER, CARMEN, MARIA, release_of
from tests.order.harness import COUNTY, NOW, Arena, differences, records
from tests.order.test_life_cycle import ER, LIAISON, Family


@pytest.fixture
async def family(arena: Arena) -> Family:
    family = Family(arena)
    await family.arrive()
    await family.sign()
    return family


async def links(family: Family) -> set[tuple[str, str]]:
    wanted = await family.is_as_the_batch_says()
    return set(wanted["links"])


async def test_a_second_record_of_maria_that_is_merged_leaves_her_link_as_it_was(family: Family) -> None:
    family.teller.client("cl_9", MARIA)
    await family.matcher.take(records(family.teller.told[-1:]))
    await family.matcher.rest()
    await family.hear(cws.ClientMerged(client="cl_9", survivor="cl_1"))
    assert await links(family) == {("cl_1", "ps_1"), ("cl_2", "ps_2")}


async def test_the_household_of_a_merged_record_is_the_survivors_household_too(family: Family) -> None:
    family.teller.client("cl_9", A_STRANGER)
    family.teller.household("hh_9", cl_9="parent")
    family.teller.referral("rf_9", "hh_9")
    await family.matcher.take(records(family.teller.told[-3:]))
    await family.hear(cws.ClientMerged(client="cl_9", survivor="cl_1"))
    wanted = await family.is_as_the_batch_says()
    assert set(wanted["cases"]) == {("hh_1", "au_1"), ("hh_9", "au_1")}


async def test_a_release_of_the_survivor_does_not_open_what_was_told_of_the_merged_record(
    family: Family,
) -> None:
    """Until the merge nobody had asked this record's person, as far as the county knew."""
    family.teller.person("ps_9", MARIA)
    family.teller.sanction("ps_9")
    await family.matcher.take(records(family.teller.told[-2:]))
    await family.matcher.rest()
    assert "A10" not in await family.states(ER)
    await family.hear(calworks.PersonMerged(person_ref="ps_9", survivor="ps_1"))
    await family.is_as_the_batch_says()
    assert "sanction_class" not in await family.told(ER, "A10", "K3")
    family.teller.sanction("ps_1")
    await family.matcher.take(records(family.teller.told[-1:]))
    await family.matcher.rest()
    assert (await family.told(ER, "A10", "K3"))["sanction_class"] == "wtw"


async def test_a_record_that_is_void_is_nobody_and_its_alerts_are_taken_back(family: Family) -> None:
    assert (await family.states(ER))["A01"] == "open"
    await family.hear(calworks.PersonVoided(person_ref="ps_1"), calworks.PersonVoided(person_ref="ps_2"))
    assert await links(family) == set()
    assert (await family.states(ER)) == {"A01": "recalled", "A26": "open"}


async def test_a_sealed_record_that_was_merged_hides_the_survivor(family: Family) -> None:
    family.teller.client("cl_9", MARIA)
    family.teller.event(cws.ClientMerged(client="cl_9", survivor="cl_1"))
    await family.matcher.take(records(family.teller.told[-2:]))
    await family.matcher.rest()
    await family.hear(cws.ClientSealed(client="cl_9"))
    assert await links(family) == {("cl_2", "ps_2")}


async def say(family: Family, number: int, a: str, b: str, verdict: str) -> tuple[str, str, str]:
    async with family.matcher.database.transaction() as connection:
        at = NOW + timedelta(minutes=number)
        row = {"id": f"vd_{number}", "cws": a, "calworks": b, "verdict": verdict, "reason": "-"}
        await VerdictRepository(connection, COUNTY).add({**row, "by": "w_liaison", "at": at})
        await dues.add(connection, [Due(COUNTY, "again", "cws", a), Due(COUNTY, "again", "calworks", b)])
    await family.matcher.rest()
    return a, b, verdict


async def standing(family: Family, *said: tuple[str, str, str]) -> dict[str, Any]:
    wanted = batch.standing(family.teller.told, family.releases, NOW, said)
    found = await family.matcher.standing()
    assert not differences(found, wanted)
    return wanted


async def test_people_have_the_last_word(family: Family) -> None:
    first = await say(family, 1, "cl_1", "ps_1", "different")
    assert set((await standing(family, first))["links"]) == {("cl_2", "ps_2")}
    assert (await family.states(ER))["A01"] != "withdrawn"  # Carmen still stands
    second = await say(family, 2, "cl_1", "ps_1", "same")
    assert set((await standing(family, first, second))["links"]) == {("cl_1", "ps_1"), ("cl_2", "ps_2")}
    third = await say(family, 3, "cl_1", "ps_1", "unsure")
    assert ("cl_1", "ps_1") in (await standing(family, first, second, third))["links"]


async def test_what_was_said_of_merged_records_is_looked_at_again_where_it_disagrees(family: Family) -> None:
    family.teller.client("cl_9", MARIA)
    await family.matcher.take(records(family.teller.told[-1:]))
    await family.matcher.rest()
    said = (
        await say(family, 1, "cl_9", "ps_1", "different"),
        await say(family, 2, "cl_1", "ps_1", "same"),
    )
    await family.hear(cws.ClientMerged(client="cl_9", survivor="cl_1"))
    wanted = await standing(family, *said)
    assert wanted["reviews"][("cl_1", "ps_1")][2] == ("verdicts_disagree",)


async def test_two_records_that_nothing_brings_together_are_linked_by_a_verdict(family: Family) -> None:
    family.teller.client("cl_9", A_STRANGER)
    family.teller.person("ps_9", CARMEN.model_copy(update={"birth_date": "1999-09-09"}))
    await family.matcher.take(records(family.teller.told[-2:]))
    said = await say(family, 1, "cl_9", "ps_9", "same")
    assert ("cl_9", "ps_9") in (await standing(family, said))["links"]
    async with family.matcher.work() as work:
        family.releases.append(await take_release(release_of("cl_9"), LIAISON, work))
    await family.matcher.rest()
    await standing(family, said)
