"""Small made-up worlds: few people, so that duplicates, rivals, siblings and shared numbers happen often.

Every choice comes from the `Random` passed in, which may be hypothesis's own, so that a world is its seed or shrinks.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from services.matcher.disclosure.handlers import RecordRelease
from shared.crypto import SsnTokens
from shared.events import calworks, cws
from shared.events.parts import Member, Worker
from shared.events.person import Address, Name, PersonDetails
from tests.order import lives
from tests.order.harness import COUNTY, KEYS, NOW, UNCAPPED, Told
from tests.order.making import BEGINS, TODAY, Making, participants

CATEGORIES = ("K0", "K1", "K2", "K3", "K4", "K6", "K7")
PURPOSES = ("P2", "P3", "P4", "P6", "P7")

_FIRST = ("Maria", "Ana", "Jose", "Luis", "Carmen")
_OTHER_FIRST = {"Maria": "Mari", "Ana": "Anita", "Jose": "Pepe", "Luis": "Lucho", "Carmen": None}
_BIRTHS = ("1985-03-04", "1987-11-30", "2016-05-02", "2018-08-19")
_SPELL_DAYS = (None,) * 12 + (-10, -2, -1, 0, 1, 10)
_CAPS = (2, 3, 4, *(6 * (UNCAPPED,)))  # told by the number of events: a choice more would change every world
_NOTICE_DAYS = (-5, -5, -19, -20, -21, -22, -40)


@dataclass(frozen=True)
class Human:
    """Somebody there is, of whom the programs have records."""

    first: str
    last: str
    birth: str
    ssn: str
    street: str
    sex: str


@dataclass
class World:
    """What will be told and done, still without an order between keys."""

    told: list[Told]
    releases: list["PlannedRelease"]
    verdicts: list[tuple[str, str, str, bool]]  # two records, what is said of them, whether it is undone
    limit: int  # members of a household beyond which it is no evidence
    cap: int  # people who may share a blocking key


@dataclass(frozen=True)
class PlannedRelease:
    """A release that somebody signs, and whether it is revoked."""

    program: str
    command: RecordRelease
    revoked: bool


def make_world(random: Random) -> World:
    """A world of two to five people a side."""
    making = Making(random, calm=random.random() < 0.6)
    humans = _humans(making)
    for program, refs, prefix in (
        ("cws", making.clients, "cl"),
        ("calworks", making.persons, "ps"),
    ):
        for number in range(random.randint(2, 5)):
            refs.append(f"{prefix}_{number}")
            _person(making, program, refs[-1], humans)
    for number in range(random.choice((0, 1, 1))):
        making.relatives.append(f"cl_{len(making.clients) + number}")
        _person(making, "cws", making.relatives[-1], humans)
    for refs in (making.clients, making.persons):
        _mistakes(making, refs)
    _cws_side(making)
    _calworks_side(making)
    lives.reunification(making)
    lives.kinship(making)
    releases = [_release(making) for _ in range(random.choice((0, 1, 2, 2, 3)))]
    verdicts = [_verdict(making) for _ in range(random.choice((0, 0, 0, 1, 2)))]
    limit, told = random.choice((8, 8, 8, 3)), making.programs.told
    return World(told, releases, verdicts, limit, _CAPS[len(told) % len(_CAPS)])


# --- people --------------------------------------------------------------------------------------------------------


def _humans(making: Making) -> list[Human]:
    """One family, or two; in a world that is not calm twins, namesakes and shared numbers among them."""
    random, calm = making.random, making.calm
    humans = []
    firsts, births = random.sample(_FIRST, 4), random.sample(_BIRTHS, 4)
    for number in range(random.randint(2, 4)):
        other = making.chance(0.2)
        humans.append(
            Human(
                first=firsts[number] if calm else random.choice(_FIRST),
                last="Nguyen" if other else "Ramirez",
                birth=births[number] if calm else random.choice(_BIRTHS),
                ssn=f"21934560{number}" if calm or making.chance(0.7) else "418227093",
                street="9 Oak St" if other else "120 Main St",
                sex=random.choice("FFM"),
            )
        )
    return humans


def _person(making: Making, program: str, ref: str, humans: list[Human]) -> None:
    """A record's versions, perhaps its sealing."""
    random = making.random
    number = int(ref.rpartition("_")[2])
    human = humans[number % len(humans)] if making.calm and making.chance(0.7) else random.choice(humans)
    versions = random.choice((1, 1, 1, 2, 2, 3))
    sealed_after = random.randint(1, versions) if making.chance(0.13) else None
    for version in range(1, versions + 1):
        slips = random.choice((0, 0, 0, 1) if making.calm else (0, 0, 1, 1, 2))
        details = _details(
            random, random.choice(humans) if version > 1 and making.chance(0.3) else human, slips
        )
        sensitivity = "S" if making.chance(0.06) else "N"
        if program == "cws":
            making.tell(cws.ClientUpserted(client=ref, person="", sensitivity=sensitivity), details)
        else:
            making.tell(calworks.PersonUpserted(person_ref=ref, person="", sensitivity=sensitivity), details)
        if version == sealed_after:
            making.tell(
                cws.ClientSealed(client=ref) if program == "cws" else calworks.PersonSealed(person_ref=ref)
            )


def _mistakes(making: Making, refs: list[str]) -> None:
    """Records that turn out to be one person's, or nobody's; now and then a chain, or a circle."""
    is_cws = refs is making.clients
    for _ in range(making.random.choice((0, 0, 0, 0, 1, 1, 2))):
        one, other = making.random.sample(refs, 2)
        making.tell(
            cws.ClientMerged(client=one, survivor=other)
            if is_cws
            else calworks.PersonMerged(person_ref=one, survivor=other)
        )
    if making.chance(0.1):
        one = making.random.choice(refs)
        making.tell(cws.ClientVoided(client=one) if is_cws else calworks.PersonVoided(person_ref=one))


def _verdict(making: Making) -> tuple[str, str, str, bool]:
    verdict = making.random.choice(("same", "same", "different", "unsure"))
    ends = making.random.choice(making.clients), making.random.choice(making.persons)
    return *ends, verdict, making.chance(0.25)


def _details(random: Random, human: Human, slips: int) -> PersonDetails:
    """What one version of a record says of a human: mostly the truth, rarely all of it."""
    first: str | None = human.first
    birth: str | None = human.birth
    ssn = human.ssn if random.random() < 0.45 else None
    middle = suffix = cin = None
    street: str | None = human.street if random.random() < 0.7 else None
    for _ in range(slips):
        match random.randint(0, 10):
            case 0:
                first = _OTHER_FIRST[first or "Carmen"] if first in _OTHER_FIRST else first
            case 1:
                first = random.choice(_FIRST)
            case 2:
                first = None
            case 3:
                birth = None
            case 4 | 5 if birth:
                birth = birth[:-1] + ("7" if birth[-1] != "7" else "1")
            case 6:
                birth = f"{human.birth[:4]}-01-01"
            case 7:
                ssn = random.choice(("219345600", "219345601", "418227093"))
            case 8:
                middle = random.choice(("Elena", "L"))
            case 9:
                suffix = "Jr"
            case _:
                cin = random.choice(("91234567A", "97654321B"))
    tokens: tuple[SsnTokens, ...] = (KEYS[COUNTY].ssn_tokens(ssn),) if ssn else ()
    return PersonDetails(
        name=Name(first_name=first, middle_name=middle, last_name=human.last, suffix=suffix),
        birth_date=birth,
        sex=human.sex if random.random() < 0.8 else "U",
        ssn=tokens,
        cin=cin,
        addresses=(Address(street=street, city="San Jose", zip="95112"),) if street else (),
    )


# --- what happens on each side -------------------------------------------------------------------------------------


def _cws_side(making: Making) -> None:
    random = making.random
    homes = [f"hh_{n}" for n in range(random.choice((1, 1, 2, 3)))]
    for home in homes:
        for _ in range(random.choice((1, 1, 2, 3))):
            making.tell(cws.HouseholdChanged(household=home, members=_members(making)))
        for kind in ("referral", "case"):
            for number in range(random.choice((0, 1, 1, 1, 2) if kind == "referral" else (0, 1))):
                ref = f"{'rf' if kind == 'referral' else 'ca'}_{home}_{number}"
                if kind == "referral":
                    making.tell(
                        cws.ReferralReceived(
                            referral=ref,
                            household=home,
                            received_at=BEGINS,
                            response="3_day",
                            participants=(),
                            worker=random.choice((None, "w_er")),
                        )
                    )
                else:
                    making.tell(
                        cws.CaseOpened(
                            case=ref,
                            child=random.choice(making.clients),
                            household=home,
                            component="FR",
                            opened_on=TODAY,
                        )
                    )
                for _ in range(random.choice((0, 1, 1, 2))):
                    making.workers += 1
                    for _ in range(random.choice((1, 1, 2))):
                        making.tell(
                            cws.AssignmentChanged(
                                assignment=f"as_{making.workers}",
                                on=ref,
                                on_kind="referral" if kind == "referral" else "case",
                                kind=random.choice(("P", "P", "S", "R")),
                                **_spell_of_work(making, "w_cws"),
                            )
                        )
                lives.handover(making, ref, kind)
                if kind == "referral":
                    lives.end_of_referral(making, ref)
                else:
                    lives.life_of_case(making, ref)
    for child in making.clients:
        lives.away(making, child)


def _members(making: Making) -> tuple[Member, ...]:
    random = making.random
    members = []
    for person in making.some(making.clients):
        for _ in range(2 if making.chance(0.1) else 1):
            first, last = (_day(random.choice(_SPELL_DAYS)) for _ in range(2))
            if first and last and last < first:
                first, last = last, first
            role = random.choice(("child", "child", "parent", "parent", "guardian", "other"))
            members.append(Member(person=person, role=role, from_date=first, until_date=last))
    return tuple(members)


def _calworks_side(making: Making) -> None:
    random = making.random
    for number in range(random.choice((1, 1, 2))):
        unit = f"au_{number}"
        objects = [(f"ap_{number}_{n}", "application") for n in range(random.choice((1, 1, 2)))]
        objects += [(f"cc_{number}", "case")] if making.chance(0.5) else []
        for ref, kind in objects:
            persons = participants(making)
            if kind == "application":
                making.tell(
                    calworks.ApplicationReceived(
                        application=ref,
                        au=unit,
                        received_at=BEGINS,
                        persons=persons,
                        worker=random.choice((None, "w_ew")),
                    )
                )
            else:
                making.tell(
                    calworks.CaseApproved(
                        case=ref,
                        au=unit,
                        application=random.choice((None, objects[0][0])),
                        members=persons,
                        aid_start=TODAY,
                    )
                )
            for _ in range(random.choice((0, 1, 1, 2))):
                making.workers += 1
                for _ in range(random.choice((1, 1, 2))):
                    making.tell(
                        calworks.AssignmentChanged(
                            assignment=f"as_{making.workers}",
                            on=ref,
                            on_kind="application" if kind == "application" else "case",
                            kind=random.choice(("EW", "EW", "WTW", "liaison")),
                            **_spell_of_work(making, "w_cal"),
                        )
                    )
            lives.handover(making, ref, kind)
            if kind == "application":
                lives.end_of_application(making, ref)
            else:
                lives.life_of_aid(making, ref, unit)
    for person in making.persons:
        if making.chance(0.3):
            notice = TODAY + timedelta(days=random.choice(_NOTICE_DAYS))
            making.tell(
                calworks.NoncomplianceStarted(
                    person=person,
                    noncompliance=f"nc_{person}",
                    notice_date=notice,
                    day20=notice + timedelta(days=20),
                )
            )
        if making.chance(0.35):
            making.tell(
                calworks.SanctionImposed(
                    person=person,
                    sanction=f"sa_{person}",
                    sanction_class="wtw",
                    instance_no=1,
                    effective_month=date(2026, 12, 1),
                )
            )
        lives.ends_of_duties(making, person)


def _spell_of_work(making: Making, prefix: str) -> dict[str, object]:
    random = making.random
    until = random.choice((None, None, None, -2, -1, 1))
    return {
        "worker": Worker(ref=f"{prefix}_{random.randint(1, 2)}"),
        "from_at": NOW + timedelta(days=random.choice((-10, -10, -1, 1)), hours=1),
        "until_at": None if until is None else NOW + timedelta(days=until, hours=2),
    }


def _day(offset: int | None) -> date | None:
    return None if offset is None else TODAY + timedelta(days=offset)


def _release(making: Making) -> PlannedRelease:
    random = making.random
    program = random.choice(("cws", "calworks"))
    people = making.some(making.clients if program == "cws" else making.persons)
    narrow = making.chance(0.2)
    command = RecordRelease(
        persons=tuple((ref, "self") for ref in people),
        categories=tuple(making.some(CATEGORIES)) if narrow else CATEGORIES,
        directions=("both",),
        purposes=PURPOSES,
        recipients=("cws",) if making.chance(0.1) else None,
        form="Linkages ROI",
        signed_on=TODAY - timedelta(days=5),
        expires_on=TODAY + timedelta(days=random.choice((200, 200, 200, -1, -2))),
    )
    return PlannedRelease(program, command, making.chance(0.35))
