"""What closes, comes home, is cured or changes hands: its alerts are closed as usual, and nobody is recalled.

One family, known to both programs; each side has a worker. Who signs is the test's to say.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.matcher.alerts.reading import ShownAlert, read
from services.matcher.disclosure.handlers import take_release
from shared.events import Event, calworks, cws
from shared.events.parts import Participant, Worker
from shared.web.auth import Caller
from tests.order import batch
from tests.order.families import CARMEN, LONG_AGO, caller, family_of, release_of
from tests.order.harness import NOW, Arena, Matcher, differences, records
from tests.order.making import TODAY

ER = caller("cws", "w_er", "er_worker")
SW = caller("cws", "w_sw", "case_worker")
EW = caller("calworks", "w_ew", "eligibility_worker")
LIAISON = caller("cws", "w_liaison", "linkages_liaison")


class Family:
    """Maria and Carmen on both sides."""

    def __init__(self, arena: Arena) -> None:
        self.matcher: Matcher = arena.matchers[0]
        self.clock = arena.clock
        self.teller = family_of(CARMEN)
        self.releases: list[Any] = []

    async def arrive(self) -> None:
        await self.matcher.take(records(self.teller.told))
        await self.matcher.rest()

    async def sign(self) -> None:
        async with self.matcher.work() as work:
            self.releases.append(await take_release(release_of("cl_1", "cl_2"), LIAISON, work))
        await self.matcher.rest()

    async def hear(self, *events: Event, backwards: bool = False) -> None:
        """Events in their order, or the last told first."""
        first = len(self.teller.told)
        for event in events:
            self.teller.event(event)
        told = self.teller.told[first:]
        for one in reversed(told) if backwards else told:
            await self.matcher.take(records([one]))
            await self.matcher.rest()

    async def inbox(self, who: Caller) -> list[ShownAlert]:
        async with self.matcher.work() as work:
            rows = await work.alerts.inbox(str(who.program), who.worker or "", after=0, limit=50)
            return await read(work, who, rows)

    async def states(self, who: Caller) -> dict[str, str]:
        """Type -> state of every entry that the worker may see."""
        return {shown.row.type: shown.row.state for shown in await self.inbox(who)}

    async def told(self, who: Caller, alert_type: str, category: str) -> dict[str, Any]:
        """The facts of one category in a standing alert."""
        found: dict[str, Any] = {}
        for shown in await self.inbox(who):
            for item in shown.items if shown.row.type == alert_type else ():
                found |= item.facts if item.category == category else {}
        return found

    async def is_as_the_batch_says(self, now: datetime = NOW) -> dict[str, Any]:
        wanted = batch.standing(self.teller.told, self.releases, now)
        assert not differences(await self.matcher.standing(), wanted)
        return wanted


@pytest.fixture
async def family(arena: Arena) -> Family:
    family = Family(arena)
    await family.arrive()
    return family


def opened(case: str = "ca_1") -> cws.CaseOpened:
    return cws.CaseOpened(
        case=case, child="cl_2", household="hh_1", component="FR", court=True, opened_on=TODAY
    )


def closed(case: str = "ca_1", reason: Any = "reunified") -> cws.CaseClosed:
    return cws.CaseClosed(case=case, reason_class=reason, closed_on=TODAY)


def social_worker(case: str = "ca_1") -> cws.AssignmentChanged:
    return cws.AssignmentChanged(
        assignment=f"as_{case}",
        on=case,
        on_kind="case",
        kind="P",
        worker=Worker(ref="w_sw", name="Alex Poe"),
        from_at=LONG_AGO,
    )


def approved(*members: str) -> calworks.CaseApproved:
    return calworks.CaseApproved(case="cc_1", au="au_1", members=aided(*members), aid_start=TODAY)


def aided(*members: str) -> tuple[Participant, ...]:
    roles = {"ps_1": "aided_adult", "ps_2": "aided_child"}
    return tuple(Participant(person=person, role=roles[person]) for person in members)


REFERRAL_CLOSED = cws.ReferralClosed(referral="rf_1", outcome="no_service", closed_on=TODAY)
DENIED = calworks.ApplicationDecided(
    application="ap_1", outcome="denied", reason_class="income", decided_on=TODAY
)
WITHDRAWN = calworks.ApplicationWithdrawn(application="ap_1", withdrawn_on=TODAY)
SANCTION = calworks.SanctionImposed(
    person="ps_1", sanction="sa_1", sanction_class="wtw", instance_no=1, effective_month=TODAY.replace(day=1)
)
CURED = calworks.SanctionCured(
    person="ps_1", sanction="sa_1", cured_on=TODAY, effective_month=TODAY.replace(day=1)
)
RESCINDED = calworks.SanctionRescinded(person="ps_1", sanction="sa_1", rescinded_on=TODAY)
REMOVED = cws.ChildRemoved(child="cl_2", removal="rm_1", removed_on=TODAY - timedelta(days=30))
HOME = cws.ChildReturned(child="cl_2", removal="rm_1", returned_on=TODAY)


@pytest.mark.parametrize("end", [REFERRAL_CLOSED, DENIED, WITHDRAWN], ids=["closed", "denied", "withdrawn"])
async def test_when_one_side_ends_what_both_have_read_is_closed_and_not_recalled(
    family: Family, end: Event
) -> None:
    await family.sign()
    assert await family.states(ER) == await family.states(EW) == {"A01": "open"}
    await family.hear(end)
    assert await family.states(ER) == await family.states(EW) == {"A01": "closed"}
    assert (await family.is_as_the_batch_says())["cases"] == {}


async def test_a_case_that_is_closed_reopened_and_closed_again_stands_as_its_newest_event_says(
    family: Family,
) -> None:
    await family.sign()
    await family.hear(REFERRAL_CLOSED, opened(), social_worker(), closed())
    assert await family.states(SW) == {"A01": "closed"}
    await family.hear(cws.CaseReopened(case="ca_1", component="FM", reopened_on=TODAY))
    assert await family.states(SW) == {"A01": "open"}
    assert (await family.told(EW, "A01", "K6"))["component"] == "FM"
    await family.hear(closed())
    assert await family.states(SW) == {"A01": "closed"}
    await family.is_as_the_batch_says()


async def test_a_case_closed_because_it_was_opened_in_error_is_recalled(family: Family) -> None:
    await family.sign()
    await family.hear(opened(), social_worker(), REFERRAL_CLOSED)
    assert await family.states(SW) == {"A01": "open"}
    await family.hear(closed(reason="error"))
    assert await family.states(SW) == {"A01": "recalled", "A26": "open"}


@pytest.mark.parametrize("last", ["opening", "closing"])
async def test_a_closing_that_comes_before_its_opening_takes_effect_with_it(
    family: Family, last: str
) -> None:
    await family.sign()
    await family.hear(REFERRAL_CLOSED)
    await family.hear(opened(), closed(), backwards=last == "opening")
    assert (await family.is_as_the_batch_says())["cases"] == {}


async def test_who_works_on_a_closed_referral_hears_no_more_and_is_not_told_to_disregard_anything(
    family: Family,
) -> None:
    await family.sign()
    await family.hear(opened(), social_worker())
    assert await family.states(ER) == await family.states(SW) == {"A01": "open"}
    await family.hear(REFERRAL_CLOSED)
    assert await family.states(ER) == {"A01": "closed"}
    assert await family.states(SW) == {"A01": "open"}


async def test_a_discontinued_case_is_out_until_it_is_restored(family: Family) -> None:
    await family.sign()
    worker = calworks.AssignmentChanged(
        assignment="as_cc",
        on="cc_1",
        on_kind="case",
        kind="EW",
        worker=Worker(ref="w_ew"),
        from_at=LONG_AGO,
    )
    ending = calworks.CaseDiscontinued(case="cc_1", reason_class="moved", aid_end=TODAY)
    ended = calworks.CaseDiscontinued(case="cc_1", reason_class="moved", aid_end=TODAY - timedelta(days=1))
    decided = calworks.ApplicationDecided(application="ap_1", outcome="approved", decided_on=TODAY)
    await family.hear(decided, approved("ps_1", "ps_2"), worker)
    assert await family.states(EW) == {"A01": "open"}
    await family.hear(ending)
    assert await family.states(EW) == {"A01": "open"}, "aid goes on until its last day"
    await family.hear(ended)
    assert await family.states(EW) == await family.states(ER) == {"A01": "closed"}
    await family.hear(calworks.CaseRestored(case="cc_1", restored_on=TODAY))
    assert await family.states(EW) == await family.states(ER) == {"A01": "open"}
    await family.is_as_the_batch_says()


@pytest.mark.parametrize("backwards", [False, True])
async def test_the_unit_has_the_members_that_its_case_was_last_told_to_have(
    family: Family, backwards: bool
) -> None:
    month = TODAY.replace(day=1)
    added = calworks.AuMemberAdded(
        case="cc_1",
        au="au_1",
        person="ps_1",
        role="aided_adult",
        effective_month=month,
        members=aided("ps_1", "ps_2"),
    )
    left = calworks.AuMemberRemoved(
        case="cc_1", au="au_1", person="ps_2", effective_month=month, members=aided("ps_1")
    )
    await family.hear(opened(), approved("ps_2"), added, left, backwards=backwards)
    assert (await family.is_as_the_batch_says())["cases"] == {("hh_1", "au_1"): ("M1",)}


async def test_a_child_who_is_home_ends_the_removal_and_is_told_in_the_same_minimum(family: Family) -> None:
    await family.hear(REMOVED)
    assert await family.states(EW) == {"A05": "open"}
    await family.hear(HOME)
    assert await family.states(EW) == {"A05": "closed", "A06": "open"}
    assert set(await family.told(EW, "A06", "K6")) == {"child", "removed_on", "returned_on"}
    assert await family.states(ER) == {}
    family.clock.set(NOW + timedelta(days=31))
    await family.matcher.rest()
    assert await family.states(EW) == {"A05": "closed", "A06": "closed"}


async def test_the_next_removal_ends_the_news_of_the_return(family: Family) -> None:
    await family.hear(REMOVED, HOME, REMOVED.model_copy(update={"removal": "rm_2"}))
    assert sorted((a.row.type, a.row.cause, a.row.state) for a in await family.inbox(EW)) == [
        ("A05", "rm_1", "closed"),
        ("A05", "rm_2", "open"),
        ("A06", "rm_1", "closed"),
    ]
    await family.is_as_the_batch_says()


async def test_a_notice_that_is_resolved_is_closed(family: Family) -> None:
    await family.sign()
    await family.hear(
        calworks.NoncomplianceStarted(
            person="ps_1", noncompliance="nc_1", notice_date=TODAY, day20=TODAY + timedelta(days=20)
        )
    )
    assert (await family.states(ER))["A09"] == "open"
    await family.hear(
        calworks.NoncomplianceResolved(
            person="ps_1", noncompliance="nc_1", outcome="good_cause", resolved_on=TODAY
        )
    )
    assert await family.states(ER) == {"A01": "open", "A09": "closed"}


@pytest.mark.parametrize("end", [CURED, RESCINDED], ids=["cured", "rescinded"])
@pytest.mark.parametrize("backwards", [False, True])
async def test_a_sanction_that_has_ended_is_told_to_the_social_worker_for_thirty_days(
    family: Family, end: Event, backwards: bool
) -> None:
    await family.sign()
    await family.hear(SANCTION, end, backwards=backwards)
    states = await family.states(ER)
    assert (states.get("A10", "closed"), states["A11"]) == ("closed", "open")
    assert (await family.told(ER, "A11", "K3"))["status_since"] == TODAY.isoformat()
    assert "A11" not in await family.states(EW)
    family.clock.set(NOW + timedelta(days=30))
    await family.matcher.rest()
    assert (await family.states(ER))["A11"] == "open"
    family.clock.set(NOW + timedelta(days=31))
    await family.matcher.rest()
    assert (await family.states(ER))["A11"] == "closed"


async def test_without_a_release_nobody_hears_of_a_cure_or_of_a_new_worker(family: Family) -> None:
    await family.hear(SANCTION, CURED, *handed_over(NOW + timedelta(hours=1)))
    family.clock.set(NOW + timedelta(hours=2))
    await family.matcher.rest()
    assert await family.states(ER) == await family.states(EW) == {}


async def test_a_new_worker_is_told_to_the_other_program_for_thirty_days(family: Family) -> None:
    await family.sign()
    began = NOW + timedelta(hours=1)
    await family.hear(*handed_over(began))
    assert "A25" not in await family.states(ER)
    family.clock.set(began)
    await family.matcher.rest()
    assert (await family.states(ER))["A25"] == "open"
    assert (await family.told(ER, "A25", "K0"))["worker_name"] == "Robin Low"
    assert {item.category for a in await family.inbox(ER) if a.row.type == "A25" for item in a.items} == {
        "K0"
    }
    assert "A25" not in await family.states(caller("calworks", "w_new", "eligibility_worker"))
    await family.is_as_the_batch_says(began)
    family.clock.set(began + timedelta(days=30))
    await family.matcher.rest()
    assert (await family.states(ER))["A25"] == "closed"


def handed_over(at: datetime) -> tuple[calworks.AssignmentChanged, ...]:
    """The eligibility worker's application passes to another."""
    old = calworks.AssignmentChanged(
        assignment="as_ap_1",
        on="ap_1",
        on_kind="application",
        kind="EW",
        worker=Worker(ref="w_ew", name="Sam Roe"),
        from_at=LONG_AGO,
        until_at=at,
    )
    new = {
        "assignment": "as_new",
        "worker": Worker(ref="w_new", name="Robin Low"),
        "from_at": at,
        "until_at": None,
    }
    return old, old.model_copy(update=new)


async def test_the_component_told_is_the_newest(family: Family) -> None:
    await family.sign()
    moved = cws.CaseComponentChanged(
        case="ca_1", from_component="FR", to_component="FM", court=False, changed_on=TODAY
    )
    await family.hear(opened(), moved, backwards=True)
    told = await family.told(EW, "A01", "K6")
    assert (told["component"], told["court_or_voluntary"]) == ("FM", "voluntary")
