"""Reading alerts over time: who is assigned, what still holds, what is over, and what must be taken back."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.matcher.alerts.reading import ShownAlert, read
from services.matcher.disclosure.handlers import PersonNotYours, take_release
from services.matcher.tables import DISCLOSURE
from shared.bus import CWS_TOPIC, Message, Record
from shared.events import calworks, cws
from shared.events.parts import Worker
from shared.web.auth import Caller
from tests.order.families import CARMEN, LONG_AGO, MARIA, Teller, caller, details, release_of
from tests.order.harness import Arena, Matcher, records
from tests.order.making import TODAY

ER = caller("cws", "w_er", "er_worker")
EW = caller("calworks", "w_ew", "eligibility_worker")
CALWORKS_LIAISON = caller("calworks", "w_liaison", "linkages_liaison")
FATHER = details("Hector", "1983-09-10", ssn="320554411")


class Family:
    """Maria, Hector and Carmen on both sides, each side with a worker; who signs is the test's to say."""

    def __init__(self, arena: Arena) -> None:
        self.matcher: Matcher = arena.matchers[0]
        self.clock = arena.clock
        self.teller = Teller()

    async def arrive(self) -> None:
        teller = self.teller
        for number, person in (("1", MARIA), ("2", CARMEN), ("3", FATHER)):
            teller.client(f"cl_{number}", person)
            teller.person(f"ps_{number}", person)
        teller.household("hh_1", cl_1="parent", cl_2="child", cl_3="parent")
        teller.referral("rf_1", "hh_1")
        teller.er_worker("rf_1", "w_er")
        teller.application("ap_1", "au_1", ps_1="aided_adult", ps_2="aided_child", ps_3="aided_adult")
        teller.eligibility_worker("ap_1", "w_ew")
        await self.hear(*teller.told)

    async def hear(self, *told: Any) -> None:
        await self.matcher.take(records(told))
        await self.matcher.rest()

    async def sign(self, *refs: str) -> None:
        async with self.matcher.work() as work:
            await take_release(release_of(*refs), EW, work)
        await self.matcher.rest()

    async def inbox(self, who: Caller, inbox: str | None = None) -> list[ShownAlert]:
        async with self.matcher.work() as work:
            rows = await work.alerts.inbox(str(who.program), inbox or who.worker, after=0, limit=50)
            return await read(work, who, rows)

    async def refusals(self, stage: str = "read") -> set[tuple[str, str]]:
        rows = await self.matcher.rows(
            sa.select(DISCLOSURE.c.rule, DISCLOSURE.c.reasons).where(
                DISCLOSURE.c.stage == stage, DISCLOSURE.c.outcome == "DENY"
            )
        )
        return {(row.rule, reason) for row in rows for reason in row.reasons}


@pytest.fixture
async def family(arena: Arena) -> AsyncIterator[Family]:
    family = Family(arena)
    await family.arrive()
    return family


def shown(alerts: list[ShownAlert], alert_type: str) -> list[tuple[str, set[str]]]:
    """State and categories shown of each alert of a type."""
    return [(a.row.state, {item.category for item in a.items}) for a in alerts if a.row.type == alert_type]


async def test_without_a_release_nobody_hears_of_the_family(family: Family) -> None:
    assert (await family.matcher.standing())["links"], "the match is there"
    for who, inbox in ((ER, None), (EW, None), (CALWORKS_LIAISON, "liaison")):
        assert await family.inbox(who, inbox) == []
    assert ("K2/ADMIN eligibility_facts", "purpose_not_covered") in await family.refusals("derived")


async def test_with_a_release_both_workers_hear_of_it_and_of_no_more_than_it_names(family: Family) -> None:
    await family.sign("ps_1", "ps_2")
    assert shown(await family.inbox(ER), "A01") == [("open", {"K0", "K2", "K3"})]
    assert shown(await family.inbox(EW), "A01") == [("open", {"K0", "K2"})]
    people = {ref for alert in await family.inbox(ER) for ref in alert.people}
    assert people == {"cl_1", "cl_2"}, "the father has not signed"


async def test_a_release_of_the_mother_does_not_open_the_fathers_sanction(family: Family) -> None:
    await family.sign("ps_1")
    await family.hear(family.teller.sanction("ps_1"), family.teller.sanction("ps_3"))
    sanctions = [alert for alert in await family.inbox(ER) if alert.row.type == "A10"]
    assert [set(alert.people) for alert in sanctions] == [{"cl_1"}]


async def test_a_worker_reassigned_yesterday_reads_nothing_and_the_new_one_does(family: Family) -> None:
    await family.sign("ps_1", "ps_2", "ps_3")
    handed_over = cws.AssignmentChanged(
        assignment="as_rf_1",
        on="rf_1",
        on_kind="referral",
        kind="P",
        worker=Worker(ref="w_er"),
        from_at=LONG_AGO,
        until_at=family.clock.now() - timedelta(hours=1),
    )
    taken_over = handed_over.model_copy(
        update={"assignment": "as_new", "worker": Worker(ref="w_new"), "until_at": None}
    )
    family.teller.event(handed_over)
    family.teller.event(taken_over)
    await family.matcher.take(records(family.teller.told[-2:]))  # indexed, not yet decided
    assert await family.inbox(ER) == []
    assert ("O10", "not_assigned") in await family.refusals()
    await family.matcher.rest()
    assert shown(await family.inbox(ER), "A01") == [("withdrawn", set())]
    assert shown(await family.inbox(caller("cws", "w_new", "er_worker")), "A01") == [
        ("open", {"K0", "K2", "K3"})
    ]


async def test_a_release_that_expired_before_the_reading_refuses_and_the_alert_is_withdrawn(
    family: Family,
) -> None:
    await family.sign("ps_1", "ps_2", "ps_3")
    family.clock.advance(timedelta(days=301))
    assert await family.inbox(ER) == []
    assert any(reason == "expired" for _, reason in await family.refusals())
    await family.matcher.rest()
    assert shown(await family.inbox(ER), "A01") == [("withdrawn", set())]


async def test_what_was_read_is_recalled_and_what_was_not_is_withdrawn_in_silence(family: Family) -> None:
    await family.sign("ps_1", "ps_2", "ps_3")
    assert shown(await family.inbox(ER), "A01"), "the social worker reads it, the eligibility worker does not"
    for number in ("1", "2", "3"):
        family.teller.event(cws.ClientSealed(client=f"cl_{number}"))
    await family.hear(*family.teller.told[-3:])
    assert (await family.matcher.standing())["links"] == {}
    assert [(a.row.type, a.row.state, a.items) for a in await family.inbox(ER)] == [
        ("A01", "recalled", ()),
        ("A26", "open", ()),
    ]
    assert [(a.row.type, a.row.state) for a in await family.inbox(EW)] == [("A01", "withdrawn")]


async def test_a_notice_whose_twentieth_day_is_past_is_closed_without_a_recall(family: Family) -> None:
    await family.sign("ps_1", "ps_2", "ps_3")
    notice = calworks.NoncomplianceStarted(
        person="ps_1", noncompliance="nc_1", notice_date=TODAY, day20=TODAY + timedelta(days=20)
    )
    family.teller.event(notice)
    await family.hear(family.teller.told[-1])
    assert shown(await family.inbox(ER), "A09") == [("open", {"K0", "K3"})]
    family.clock.advance(timedelta(days=22))
    await family.matcher.rest()
    assert shown(await family.inbox(ER), "A09") == [("closed", set())]
    assert shown(await family.inbox(ER), "A26") == []


async def test_a_removal_reaches_the_eligibility_worker_without_a_release_and_tells_the_minimum(
    family: Family,
) -> None:
    await family.hear(family.teller.removal("cl_2"))
    alerts = await family.inbox(EW)
    assert shown(alerts, "A05") == [("open", {"K0", "K1", "K6"})]
    told = {name for item in alerts[0].items if item.category == "K6" for name in item.facts}
    assert told == {"child", "removed_on"}
    assert {item.basis for item in alerts[0].items} == {"ADMIN_10850"}


async def test_while_a_letter_is_dead_its_family_gets_nothing_new(family: Family) -> None:
    told = family.teller.removal("cl_2")
    broken = Record(CWS_TOPIC, 0, 900, Message(b"cl_2", b"{", told.record().message.headers))
    await family.matcher.take([broken])
    await family.matcher.rest()
    await family.sign("ps_1", "ps_2", "ps_3")
    assert await family.inbox(ER) == [], "it might have been the sealing"


async def test_nobody_takes_a_release_for_people_of_others(family: Family) -> None:
    stranger = caller("calworks", "w_other", "eligibility_worker")
    async with family.matcher.work() as work:
        with pytest.raises(PersonNotYours):
            await take_release(release_of("ps_1"), stranger, work)
        with pytest.raises(PersonNotYours):
            await take_release(release_of("cl_1"), EW, work)
