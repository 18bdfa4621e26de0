"""How what was opened goes on and ends: closings and reopenings, returns, resolutions, cures, changes of members."""

from datetime import date, timedelta

from shared.events import Event, calworks, cws
from shared.events.parts import Member, Participant, Worker
from shared.events.person import Name, PersonDetails
from tests.order.harness import COUNTY, KEYS, NOW
from tests.order.making import BEGINS, TODAY, Making, participants

_NEWS_DAYS = (-1, -1, -5, -5, -30, -31, -32, -33)


def handover(making: Making, ref: str, on_kind: str) -> None:
    """Yesterday one worker took over from another, or an hour later than the first had left."""
    if not making.chance(0.3):
        return
    then = NOW - timedelta(days=1)
    for worker, from_at, until_at in (
        ("old", NOW - timedelta(days=9), then),
        ("new", then + timedelta(hours=making.random.choice((0, 1))), None),
    ):
        making.workers += 1
        told = {
            "assignment": f"as_{making.workers}",
            "on": ref,
            "on_kind": on_kind,
            "worker": Worker(ref=f"w_{worker}"),
            "from_at": from_at,
            "until_at": until_at,
        }
        if ref.startswith(("rf_", "ca_")):
            making.tell(cws.AssignmentChanged(kind="P", **told))
        else:
            making.tell(calworks.AssignmentChanged(kind="EW", **told))


def end_of_referral(making: Making, ref: str) -> None:
    """Now and then a referral is closed."""
    if making.chance(0.2):
        outcome = making.random.choice(("evaluated_out", "no_service", "promoted"))
        making.tell(cws.ReferralClosed(referral=ref, outcome=outcome, closed_on=TODAY))


def life_of_case(making: Making, ref: str) -> None:
    """What happens to a CWS case: it moves on, closes, opens again, now and then closes again."""
    random = making.random
    if making.chance(0.3):
        making.tell(
            cws.CaseComponentChanged(
                case=ref, from_component="FR", to_component="FM", court=making.chance(0.5), changed_on=TODAY
            )
        )
    if making.chance(0.2):
        people = tuple(Participant(person=person, role="child") for person in making.some(making.clients))
        making.tell(cws.CaseParticipantsChanged(case=ref, participants=people))
    for _ in range(random.choice((0, 0, 0, 0, 1, 1, 2))):
        making.tell(
            cws.CaseClosed(
                case=ref, reason_class=random.choice(("reunified", "moved", "error")), closed_on=TODAY
            )
        )
        if making.chance(0.5):
            making.tell(cws.CaseReopened(case=ref, component="FR", reopened_on=TODAY))
        else:
            return


def away(making: Making, child: str) -> None:
    """Now and then a child is removed, or placed with a relative."""
    if making.chance(0.3):
        removals(making, child)
    if making.chance(0.5):
        placements(making, child)


def removals(making: Making, child: str) -> None:
    """A child's removals, of which each but the last has ended."""
    number = making.random.choice((1, 1, 1, 2))
    for which in range(number):
        removal = f"rm_{child}_{which}"
        day = TODAY - timedelta(days=making.random.choice((60, 60, 400)))
        making.tell(cws.ChildRemoved(child=child, removal=removal, removed_on=day))
        if which < number - 1 or making.chance(0.35):
            home = TODAY + timedelta(days=making.random.choice(_NEWS_DAYS))
            making.tell(cws.ChildReturned(child=child, removal=removal, returned_on=home))


def placements(making: Making, child: str) -> None:
    """A child is to live, or lives, with a relative; with another then; not any more."""
    random = making.random
    placement = f"pl_{child}"
    caregivers = making.relatives * 4 + [client for client in making.clients if client != child]
    for _ in range(random.choice((1, 1, 2, 3))):
        whole = {"child": child, "placement": placement, "caregiver": random.choice(caregivers)}
        match random.randint(0, 4):
            case 0 | 1:
                making.tell(cws.RelativePlacementPlanned(planned_on=TODAY, **whole))
            case 2 | 3:
                making.tell(cws.RelativePlacementStarted(started_on=TODAY, **whole))
            case _:
                making.tell(cws.RelativePlacementEnded(child=child, placement=placement, ended_on=TODAY))


def end_of_application(making: Making, ref: str) -> None:
    """Now and then an application is decided or taken back."""
    match making.random.randint(0, 11):
        case 0:
            making.tell(
                calworks.ApplicationDecided(
                    application=ref, outcome="denied", reason_class="income", decided_on=TODAY
                )
            )
        case 1 | 2:
            making.tell(calworks.ApplicationDecided(application=ref, outcome="approved", decided_on=TODAY))
        case 3:
            making.tell(calworks.ApplicationWithdrawn(application=ref, withdrawn_on=TODAY))


def life_of_aid(making: Making, ref: str, unit: str) -> None:
    """What happens to a CalWORKs case: people join and leave, aid ends and goes on."""
    random = making.random
    for _ in range(random.choice((0, 0, 1, 1, 2))):
        members = participants(making)
        month = TODAY.replace(day=1)
        whole = {"case": ref, "au": unit, "effective_month": month, "members": members}
        if making.chance(0.5):
            who = random.choice(members)
            making.tell(calworks.AuMemberAdded(person=who.person, role=who.role, **whole))
        else:
            making.tell(calworks.AuMemberRemoved(person=random.choice(making.persons), **whole))
    for _ in range(random.choice((0, 0, 0, 1, 1, 2))):
        last = TODAY + timedelta(days=random.choice((-2, -1, -1, -1, 0, 10, -365, -366, -367)))
        making.tell(calworks.CaseDiscontinued(case=ref, reason_class="income", aid_end=last))
        if making.chance(0.5):
            making.tell(calworks.CaseRestored(case=ref, restored_on=TODAY))
        else:
            return


def reunification(making: Making) -> None:
    """Now and then a child is removed who is, or was, in a unit of its own; it leaves that, or the unit's aid ends."""
    if not making.chance(0.35):
        return
    random, child, person = making.random, making.clients[0], making.persons[0]
    making.tell(cws.HouseholdChanged(household="hh_fr", members=(Member(person=child, role="child"),)))
    making.tell(cws.CaseOpened(case="ca_fr", child=child, household="hh_fr", component="FR", opened_on=TODAY))
    day = TODAY - timedelta(days=random.choice((60, 60, 400)))
    making.tell(cws.ChildRemoved(child=child, removal="rm_fr", removed_on=day))
    members = (Participant(person=person, role="aided_child"), *participants(making)[:1])
    making.tell(calworks.CaseApproved(case="cc_fr", au="au_fr", members=members, aid_start=TODAY))
    if making.chance(0.5):
        _taken_off(making, person, "cc_fr", "au_fr")
    if making.chance(0.5):
        last = TODAY - timedelta(days=random.choice((1, 1, 2, 365, 366, 367)))
        making.tell(calworks.CaseDiscontinued(case="cc_fr", reason_class="no_eligible_child", aid_end=last))
    if making.chance(0.2):
        making.tell(cws.ChildReturned(child=child, removal="rm_fr", returned_on=TODAY))


def kinship(making: Making) -> None:
    """Now and then a child is placed with a relative whom both programs know, in no household and a unit of her own."""
    if not making.chance(0.35):
        return
    child = making.clients[0]
    relative = PersonDetails(
        name=Name(first_name="Rosa", last_name="Ochoa"),
        birth_date="1979-08-21",
        sex="F",
        ssn=(KEYS[COUNTY].ssn_tokens("219345677"),),
    )
    making.tell(cws.ClientUpserted(client="cl_90", person=""), relative)
    making.tell(calworks.PersonUpserted(person_ref="ps_90", person=""), relative)
    making.relatives.append("cl_90")
    making.tell(cws.HouseholdChanged(household="hh_kin", members=(Member(person=child, role="child"),)))
    making.tell(
        cws.CaseOpened(case="ca_kin", child=child, household="hh_kin", component="FR", opened_on=TODAY)
    )
    making.tell(
        cws.RelativePlacementPlanned(child=child, placement="pl_kin", caregiver="cl_90", planned_on=TODAY)
    )
    persons = (Participant(person="ps_90", role="non_needy_caretaker"),)
    making.tell(
        calworks.ApplicationReceived(application="ap_kin", au="au_kin", received_at=BEGINS, persons=persons)
    )
    if making.chance(0.2):
        making.tell(cws.RelativePlacementEnded(child=child, placement="pl_kin", ended_on=TODAY))


def _taken_off(making: Making, person: str, case: str, unit: str) -> None:
    """This month, or so long ago that it counts no more, or not from yesterday on."""
    month = TODAY.replace(day=1) - timedelta(days=making.random.choice((0, 0, 0, 120, 345, 346, 347, 500)))
    members = tuple(one for one in participants(making) if one.person != person)
    making.tell(
        calworks.AuMemberRemoved(person=person, case=case, au=unit, effective_month=month, members=members)
    )


def ends_of_duties(making: Making, person: str) -> None:
    """Resolutions, cures and rescissions, also of what was never told; a status, an exemption."""
    day = TODAY + timedelta(days=making.random.choice(_NEWS_DAYS))
    ends: list[Event] = []
    if making.chance(0.15):
        ends.append(
            calworks.NoncomplianceResolved(
                person=person, noncompliance=f"nc_{person}", outcome="complied", resolved_on=TODAY
            )
        )
    if making.chance(0.4):
        ends.append(
            calworks.SanctionCured(
                person=person, sanction=f"sa_{person}", cured_on=day, effective_month=date(2026, 12, 1)
            )
        )
    elif making.chance(0.1):
        ends.append(calworks.SanctionRescinded(person=person, sanction=f"sa_{person}", rescinded_on=day))
    if making.chance(0.2):
        ends.append(calworks.WtwStatusChanged(person=person, to_status="active", effective_on=TODAY))
    if making.chance(0.1):
        ends.append(calworks.GoodCauseDecided(person=person, good_cause=f"gc_{person}", granted=True))
    if making.chance(0.1):
        ends.append(calworks.ExemptionGranted(person=person, exemption=f"ex_{person}", from_date=TODAY))
        ends.append(calworks.ExemptionEnded(person=person, exemption=f"ex_{person}", ended_on=TODAY))
    for end in ends:
        making.tell(end)
