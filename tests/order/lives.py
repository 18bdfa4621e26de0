"""How what was opened goes on and ends: closings and reopenings, returns, resolutions, cures, changes of members."""

from datetime import date, timedelta

from shared.events import Event, calworks, cws
from shared.events.parts import Participant, Worker
from tests.order.harness import NOW
from tests.order.making import TODAY, Making, participants

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


def removals(making: Making, child: str) -> None:
    """A child's removals, of which each but the last has ended."""
    number = making.random.choice((1, 1, 1, 2))
    for which in range(number):
        removal = f"rm_{child}_{which}"
        making.tell(cws.ChildRemoved(child=child, removal=removal, removed_on=TODAY - timedelta(days=60)))
        if which < number - 1 or making.chance(0.4):
            home = TODAY + timedelta(days=making.random.choice(_NEWS_DAYS))
            making.tell(cws.ChildReturned(child=child, removal=removal, returned_on=home))


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
        whole = {"case": ref, "au": unit, "effective_month": TODAY.replace(day=1), "members": members}
        if making.chance(0.5):
            who = random.choice(members)
            making.tell(calworks.AuMemberAdded(person=who.person, role=who.role, **whole))
        else:
            making.tell(calworks.AuMemberRemoved(person=random.choice(making.persons), **whole))
    for _ in range(random.choice((0, 0, 0, 1, 1, 2))):
        last = TODAY + timedelta(days=random.choice((-2, -1, -1, 0, 10)))
        making.tell(calworks.CaseDiscontinued(case=ref, reason_class="income", aid_end=last))
        if making.chance(0.5):
            making.tell(calworks.CaseRestored(case=ref, restored_on=TODAY))
        else:
            return


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
