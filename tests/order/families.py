"""People and events of the races and the single cases: short to write, told by both programs."""

from datetime import timedelta
from typing import Literal

from services.matcher.disclosure.handlers import RecordRelease
from shared.events import calworks, cws
from shared.events.parts import Member, Participant, Worker
from shared.events.person import Address, Name, PersonDetails
from shared.web.auth import Caller
from tests.order.harness import COUNTY, KEYS, NOW, Programs, Told
from tests.order.making import TODAY
from tests.order.worlds import CATEGORIES, PURPOSES

LONG_AGO = NOW - timedelta(days=10)


def details(
    first: str,
    birth: str | None,
    *,
    ssn: str | None = None,
    last: str = "Ramirez",
    street: str | None = None,
) -> PersonDetails:
    """Somebody."""
    return PersonDetails(
        name=Name(first_name=first, last_name=last),
        birth_date=birth,
        sex="F",
        ssn=(KEYS[COUNTY].ssn_tokens(ssn),) if ssn else (),
        addresses=(Address(street=street, city="San Jose", zip="95112"),) if street else (),
    )


MARIA = details("Maria", "1985-03-04", ssn="219345601")
CARMEN = details("Carmen", "2016-05-02", street="12 Cedar St")
SOMEONE_ELSE = details("Tuan", "1961-07-30", ssn="310998877", last="Nguyen")
A_STRANGER = details("Blia", "1990-10-11", ssn="452338811", last="Vang")


class Teller(Programs):
    """Tells events; each call gives the event that it told."""

    def client(self, ref: str, person: PersonDetails) -> Told:
        self.event(cws.ClientUpserted(client=ref, person=""), person=person)
        return self.told[-1]

    def person(self, ref: str, person: PersonDetails) -> Told:
        self.event(calworks.PersonUpserted(person_ref=ref, person=""), person=person)
        return self.told[-1]

    def household(self, ref: str, **roles: str) -> Told:
        members = tuple(Member(person=person, role=role) for person, role in roles.items())
        self.event(cws.HouseholdChanged(household=ref, members=members))
        return self.told[-1]

    def referral(self, ref: str, household: str) -> Told:
        self.event(
            cws.ReferralReceived(
                referral=ref, household=household, received_at=LONG_AGO, response="3_day", participants=()
            )
        )
        return self.told[-1]

    def application(self, ref: str, unit: str, **roles: str) -> Told:
        persons = tuple(Participant(person=person, role=role) for person, role in roles.items())
        self.event(
            calworks.ApplicationReceived(application=ref, au=unit, received_at=LONG_AGO, persons=persons)
        )
        return self.told[-1]

    def er_worker(self, referral: str, worker: str) -> Told:
        self.event(
            cws.AssignmentChanged(
                assignment=f"as_{referral}",
                on=referral,
                on_kind="referral",
                kind="P",
                worker=Worker(ref=worker, name="Pat Doe"),
                from_at=LONG_AGO,
            )
        )
        return self.told[-1]

    def eligibility_worker(self, application: str, worker: str) -> Told:
        self.event(
            calworks.AssignmentChanged(
                assignment=f"as_{application}",
                on=application,
                on_kind="application",
                kind="EW",
                worker=Worker(ref=worker, name="Sam Roe"),
                from_at=LONG_AGO,
            )
        )
        return self.told[-1]

    def removal(self, child: str) -> Told:
        self.event(cws.ChildRemoved(child=child, removal=f"rm_{child}", removed_on=TODAY))
        return self.told[-1]

    def sanction(self, person: str) -> Told:
        self.event(
            calworks.SanctionImposed(
                person=person,
                sanction=f"sa_{person}",
                sanction_class="wtw",
                instance_no=1,
                effective_month=TODAY.replace(day=1),
            )
        )
        return self.told[-1]


def release_of(*refs: str) -> RecordRelease:
    """What the page proposes, signed by each for himself or herself."""
    return RecordRelease(
        persons=tuple((ref, "self") for ref in refs),
        categories=CATEGORIES,
        directions=("both",),
        purposes=PURPOSES,
        recipients=None,
        form="Linkages ROI",
        signed_on=TODAY,
        expires_on=TODAY + timedelta(days=300),
    )


def caller(program: Literal["cws", "calworks"], worker: str, *roles: str) -> Caller:
    """Somebody with a token."""
    return Caller(worker, COUNTY, program, frozenset(roles), worker)


def family_of(
    child: PersonDetails, aided_child: PersonDetails | None = None, *, mother: PersonDetails = MARIA
) -> Teller:
    """Maria and her child, known to both programs, each side with a worker; `mother` is what CWS has of Maria."""
    teller = Teller()
    teller.client("cl_1", mother)
    teller.client("cl_2", child)
    teller.person("ps_1", MARIA)
    teller.person("ps_2", aided_child or child)
    teller.household("hh_1", cl_1="parent", cl_2="child")
    teller.referral("rf_1", "hh_1")
    teller.er_worker("rf_1", "w_er")
    teller.application("ap_1", "au_1", ps_1="aided_adult", ps_2="aided_child")
    teller.eligibility_worker("ap_1", "w_ew")
    return teller
