"""Relatives who care for a placed child, and units that a removed child was in: when they make a mutual case.

Carmen is a client of child welfare. Rosa, her aunt, is known there too and in no household of hers; she has applied
for aid. Maria, her mother, is on aid.
"""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa

from services.matcher.alerts.reading import ShownAlert, read
from services.matcher.disclosure.handlers import take_release
from services.matcher.tables import MUTUAL_CASE
from shared.events import Event, calworks, cws
from shared.events.parts import Participant, Worker
from shared.web.auth import Caller
from tests.order import batch
from tests.order.families import CARMEN, LONG_AGO, MARIA, Teller, caller, details, release_of
from tests.order.harness import NOW, POLICY, Arena, Matcher, Told, differences, records
from tests.order.making import TODAY

ROSA = details("Rosa", "1979-08-21", ssn="219345677", last="Ochoa")
EW = caller("calworks", "w_ew", "eligibility_worker")
EW_OF_MARIA = caller("calworks", "w_maria", "eligibility_worker")
SW = caller("cws", "w_sw", "case_worker")
LIAISON = caller("calworks", "liaison", "linkages_liaison")

PLANNED = cws.RelativePlacementPlanned(child="cl_c", placement="pl_1", caregiver="cl_r", planned_on=TODAY)
STARTED = cws.RelativePlacementStarted(
    child="cl_c", placement="pl_1", caregiver="cl_r", started_on=TODAY + timedelta(days=1)
)
ENDED = cws.RelativePlacementEnded(child="cl_c", placement="pl_1", ended_on=TODAY)
REMOVED = cws.ChildRemoved(child="cl_c", removal="rm_1", removed_on=TODAY - timedelta(days=30))
HOME = cws.ChildReturned(child="cl_c", removal="rm_1", returned_on=TODAY)
TAKEN_OFF = calworks.AuMemberRemoved(
    case="cc_m",
    au="au_m",
    person="ps_c",
    effective_month=TODAY.replace(day=1),
    members=(Participant(person="ps_m", role="aided_adult"),),
)


class Story:
    """What both programs tell; the matcher hears it in any order."""

    def __init__(self, arena: Arena) -> None:
        self.arena = arena
        self.matcher: Matcher = arena.matchers[0]
        self.teller = Teller()
        self.releases: list[Any] = []

    async def begin(self, *, without: tuple[str, ...] = ()) -> dict[str, Told]:
        """Everybody and what is open; what happens `without` comes later."""
        teller = self.teller
        late = {
            "child": teller.client("cl_c", CARMEN),
            "caregiver": teller.client("cl_r", ROSA),
            "relative": teller.person("ps_r", ROSA),
            "mother": teller.person("ps_m", MARIA),
            "former member": teller.person("ps_c", CARMEN),
            "household": teller.household("hh_1", cl_c="child"),
            "application": teller.application("ap_r", "au_r", ps_r="non_needy_caretaker"),
            "eligibility worker": teller.eligibility_worker("ap_r", "w_ew"),
        }
        case = cws.CaseOpened(case="ca_1", child="cl_c", household="hh_1", component="FR", opened_on=TODAY)
        members = (
            Participant(person="ps_m", role="aided_adult"),
            Participant(person="ps_c", role="aided_child"),
        )
        approved = calworks.CaseApproved(case="cc_m", au="au_m", members=members, aid_start=TODAY)
        for name, event in (("case", case), ("social worker", _works("w_sw")), ("approval", approved)):
            teller.event(event)
            late[name] = teller.told[-1]
        teller.event(_serves("w_maria"))
        await self.take(*(one for one in teller.told if one not in [late[name] for name in without]))
        return late

    async def take(self, *told: Told) -> None:
        await self.matcher.take(records(told))
        await self.matcher.rest()

    async def hear(self, *events: Event, backwards: bool = False) -> None:
        first = len(self.teller.told)
        for event in events:
            self.teller.event(event)
        for one in reversed(self.teller.told[first:]) if backwards else self.teller.told[first:]:
            await self.take(one)

    async def sign(self, *refs: str) -> None:
        async with self.matcher.work() as work:
            liaison = caller("cws", "w_liaison", "linkages_liaison")
            self.releases.append(await take_release(release_of(*refs), liaison, work))
        await self.matcher.rest()

    async def inbox(self, who: Caller) -> list[ShownAlert]:
        async with self.matcher.work() as work:
            rows = await work.alerts.inbox(str(who.program), who.worker or "", after=0, limit=50)
            return await read(work, who, rows)

    async def states(self, who: Caller) -> dict[str, str]:
        return {shown.row.type: shown.row.state for shown in await self.inbox(who)}

    async def cases(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """The open mutual cases, which the batch has too."""
        wanted = batch.standing(self.teller.told, self.releases, self.arena.clock.now())
        assert not differences(await self.matcher.standing(), wanted)
        found: dict[tuple[str, str], tuple[str, ...]] = wanted["cases"]
        return found


def _works(worker: str) -> cws.AssignmentChanged:
    return cws.AssignmentChanged(
        assignment="as_ca",
        on="ca_1",
        on_kind="case",
        kind="P",
        worker=Worker(ref=worker, name="Alex Poe", phone="408-555-0131"),
        from_at=LONG_AGO,
    )


def _serves(worker: str) -> calworks.AssignmentChanged:
    return calworks.AssignmentChanged(
        assignment="as_cc", on="cc_m", on_kind="case", kind="EW", worker=Worker(ref=worker), from_at=LONG_AGO
    )


def _discontinued(days_ago: int) -> calworks.CaseDiscontinued:
    last = TODAY - timedelta(days=days_ago)
    return calworks.CaseDiscontinued(case="cc_m", reason_class="no_eligible_child", aid_end=last)


@pytest.fixture
async def story(arena: Arena) -> Story:
    return Story(arena)


# --- M3: the relative who takes care of a placed child ---------------------------------------------------------------


@pytest.mark.parametrize("placed", [PLANNED, STARTED], ids=["planned", "begun"])
async def test_a_relative_who_applies_for_aid_shares_a_case_with_the_placed_childs_household(
    story: Story, placed: Event
) -> None:
    await story.begin()
    assert ("hh_1", "au_r") not in await story.cases()
    await story.hear(placed)
    assert (await story.cases())[("hh_1", "au_r")] == ("M3",)
    await story.hear(ENDED)
    assert ("hh_1", "au_r") not in await story.cases()


@pytest.mark.parametrize(
    "last", ["child", "caregiver", "relative", "household", "application", "eligibility worker", "case"]
)
async def test_the_relatives_case_is_found_whatever_comes_last(story: Story, last: str) -> None:
    late = await story.begin(without=(last,))
    await story.hear(PLANNED)
    await story.take(late[last])
    assert (await story.cases())[("hh_1", "au_r")] == ("M3",)
    assert (await story.states(EW))["A07"] == "open"


@pytest.mark.parametrize("backwards", [False, True])
async def test_a_placement_stands_as_its_newest_event_says(story: Story, backwards: bool) -> None:
    await story.begin()
    await story.hear(PLANNED, ENDED, backwards=backwards)
    assert ("hh_1", "au_r") not in await story.cases()
    await story.hear(STARTED)
    assert ("hh_1", "au_r") in await story.cases()


async def test_the_relatives_worker_is_told_of_the_child_and_the_day_and_of_nothing_else(
    story: Story,
) -> None:
    await story.begin()
    await story.hear(PLANNED)
    (shown,) = await story.inbox(EW)
    assert shown.row.type == "A07"
    told = {item.category: item for item in shown.items}
    assert told["K6"].facts == {"child": "Carmen", "relative_placed_on": TODAY.isoformat()}
    assert told["K1"].facts["name"] == "Carmen Ramirez"
    assert told["K0"].facts["worker_phone"] == "408-555-0131"
    assert set(told) == {"K0", "K1", "K6"}
    assert {item.basis for item in shown.items} == {"ADMIN_10850"}
    assert {item.purpose for item in shown.items} == {"P3"}
    assert list(shown.people.values()) == ["Rosa Ochoa"]
    assert await story.states(SW) == await story.states(LIAISON) == {}


async def test_when_it_has_begun_the_alert_says_from_when(story: Story) -> None:
    await story.begin()
    await story.hear(PLANNED, STARTED)
    (shown,) = await story.inbox(EW)
    facts = next(item.facts for item in shown.items if item.category == "K6")
    assert facts["relative_placed_on"] == (TODAY + timedelta(days=1)).isoformat()


async def test_the_liaison_hears_of_a_placement_under_a_release_of_the_child(story: Story) -> None:
    await story.begin()
    await story.hear(PLANNED)
    await story.sign("cl_c")
    assert await story.states(LIAISON) == {"A07": "open"}
    await story.cases()


async def test_a_placement_that_ends_is_closed_and_nobody_is_told_to_disregard_it(story: Story) -> None:
    await story.begin()
    await story.hear(PLANNED)
    assert await story.states(EW) == {"A07": "open"}
    await story.hear(ENDED)
    assert await story.states(EW) == {"A07": "closed"}


async def test_what_was_told_of_a_relative_who_is_sealed_is_recalled(story: Story) -> None:
    await story.begin()
    await story.hear(PLANNED)
    assert await story.states(EW) == {"A07": "open"}
    await story.hear(cws.ClientSealed(client="cl_r"))
    assert await story.states(EW) == {"A07": "recalled", "A26": "open"}
    await story.cases()


# --- M5: the unit that a removed child was in ------------------------------------------------------------------------


@pytest.mark.parametrize("backwards", [False, True])
async def test_a_removed_child_who_is_taken_off_the_unit_still_shares_a_case_with_it(
    story: Story,
    backwards: bool,
) -> None:
    await story.begin()
    assert (await story.cases())[("hh_1", "au_m")] == ("M2",)
    await story.hear(REMOVED, TAKEN_OFF, backwards=backwards)
    assert (await story.cases())[("hh_1", "au_m")] == ("M5",)
    assert (await story.states(EW_OF_MARIA))["A05"] == "open"


@pytest.mark.parametrize("backwards", [False, True])
async def test_a_return_is_heard_where_the_child_is_to_be_added_to_the_aid_again_for_thirty_days(
    story: Story, backwards: bool
) -> None:
    await story.begin()
    await story.hear(REMOVED, TAKEN_OFF, HOME, backwards=backwards)
    assert (await story.cases())[("hh_1", "au_m")] == ("M5",)
    assert (await story.states(EW_OF_MARIA))["A06"] == "open"
    assert (await story.states(EW_OF_MARIA)).get("A05", "closed") == "closed"
    story.arena.clock.set(NOW + timedelta(days=30))
    await story.matcher.rest()
    assert (await story.states(EW_OF_MARIA))["A06"] == "open"
    story.arena.clock.set(NOW + timedelta(days=31))
    await story.matcher.rest()
    assert ("hh_1", "au_m") not in await story.cases()
    assert (await story.states(EW_OF_MARIA))["A06"] == "closed"


async def test_a_return_is_no_news_to_the_former_unit_once_the_child_is_removed_again(story: Story) -> None:
    await story.begin()
    left = TAKEN_OFF.model_copy(update={"effective_month": TODAY - timedelta(days=90)})
    before = REMOVED.model_copy(update={"removed_on": TODAY - timedelta(days=100)})
    await story.hear(before, left, HOME)
    assert await story.states(EW_OF_MARIA) == {"A05": "closed", "A06": "open"}
    await story.hear(cws.ChildRemoved(child="cl_c", removal="rm_2", removed_on=TODAY))
    assert ("hh_1", "au_m") not in await story.cases()
    assert await story.states(EW_OF_MARIA) == {"A05": "closed", "A06": "closed"}


@pytest.mark.parametrize("last", ["child", "former member", "household", "case", "approval"])
async def test_the_former_units_case_is_found_whatever_comes_last(story: Story, last: str) -> None:
    late = await story.begin(without=(last,))
    await story.hear(REMOVED, TAKEN_OFF)
    await story.take(late[last])
    assert (await story.cases())[("hh_1", "au_m")] == ("M5",)


async def test_a_child_who_is_added_again_is_a_member_as_before(story: Story) -> None:
    await story.begin()
    everybody = (*TAKEN_OFF.members, Participant(person="ps_c", role="aided_child"))
    again = calworks.AuMemberAdded(
        case="cc_m",
        au="au_m",
        person="ps_c",
        role="aided_child",
        effective_month=TODAY.replace(day=1),
        members=everybody,
    )
    await story.hear(REMOVED, TAKEN_OFF, again)
    assert (await story.cases())[("hh_1", "au_m")] == ("M2",)


@pytest.mark.parametrize("backwards", [False, True])
async def test_a_unit_whose_aid_has_ended_since_the_removal_counts_for_twelve_months(
    story: Story,
    backwards: bool,
) -> None:
    await story.begin()
    await story.hear(REMOVED, _discontinued(1), backwards=backwards)
    assert (await story.cases())[("hh_1", "au_m")] == ("M5",)
    story.arena.clock.set(NOW + timedelta(days=364))
    await story.matcher.rest()
    assert (await story.cases())[("hh_1", "au_m")] == ("M5",)
    story.arena.clock.set(NOW + timedelta(days=365))
    await story.matcher.rest()
    assert await story.cases() == {}


async def test_the_months_are_counted_from_when_the_child_left(story: Story) -> None:
    await story.begin()
    left = TAKEN_OFF.model_copy(update={"effective_month": TODAY - timedelta(days=364)})
    before = REMOVED.model_copy(update={"removed_on": TODAY - timedelta(days=400)})
    await story.hear(before, left)
    assert (await story.cases())[("hh_1", "au_m")] == ("M5",)
    story.arena.clock.set(NOW + timedelta(days=2))
    await story.matcher.rest()
    assert ("hh_1", "au_m") not in await story.cases()


async def test_a_child_who_was_taken_off_counts_as_soon_as_the_unit_does_not_list_it_by_mistake(
    story: Story,
) -> None:
    """The last word is told of somebody else: only who left the unit leads from it to the child's household."""
    await story.begin(without=("child", "former member"))
    everybody = (*TAKEN_OFF.members, Participant(person="ps_c", role="aided_child"))
    whole = {"case": "cc_m", "au": "au_m", "person": "ps_r", "effective_month": TODAY.replace(day=1)}
    listed = calworks.AuMemberAdded(role="other", members=everybody, **whole)
    corrected = calworks.AuMemberRemoved(members=TAKEN_OFF.members, **whole)
    for event in (REMOVED, _discontinued(60), TAKEN_OFF, listed):
        story.teller.event(event)
    await story.take(*story.teller.told)
    assert ("hh_1", "au_m") not in await story.cases()
    assert not await story.matcher.rows(sa.select(MUTUAL_CASE).where(MUTUAL_CASE.c.unit == "au_m"))
    await story.hear(corrected)
    assert (await story.cases())[("hh_1", "au_m")] == ("M5",)


async def test_a_unit_that_the_child_had_left_before_the_removal_is_none_of_its_own(story: Story) -> None:
    await story.begin()
    left = TAKEN_OFF.model_copy(update={"effective_month": TODAY - timedelta(days=90)})
    await story.hear(left, REMOVED, _discontinued(40))
    assert await story.cases() == {}


async def test_of_a_former_unit_whose_aid_has_ended_only_the_child_is_told_of(story: Story) -> None:
    teller = story.teller
    await story.begin()
    teller.client("cl_m", MARIA)
    await story.take(teller.told[-1], teller.household("hh_1", cl_c="child", cl_m="parent"))
    await story.sign("cl_c", "cl_m")
    assert {item.person for shown in await story.inbox(SW) for item in shown.items} == {"cl_c", "cl_m"}
    await story.hear(REMOVED, _discontinued(1))
    shown = [one for one in await story.inbox(SW) if one.row.state == "open"]
    assert {item.person for one in shown for item in one.items} == {"cl_c"}
    assert [i.facts["status_class"] for one in shown for i in one.items if i.category == "K3"] == [
        "aided child, aid ended"
    ]
    assert (await story.cases())[("hh_1", "au_m")] == ("M5",)


# --- the county's choice ---------------------------------------------------------------------------------------------


async def test_a_county_that_counts_neither_gets_neither(story: Story) -> None:
    fewer = POLICY.model_copy(update={"mutual_types": frozenset({"M1", "M2"})})
    with mock.patch.dict(story.matcher.decider.policies, {"43": fewer}):
        await story.begin()
        await story.hear(PLANNED, REMOVED, TAKEN_OFF)
        assert (await story.matcher.standing())["cases"] == {}
        assert await story.states(EW) == {}
