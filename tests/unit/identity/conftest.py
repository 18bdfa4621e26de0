"""People, records and footprints for the tests of identity."""

from collections.abc import Callable, Iterable

import pytest

from services.matcher.identity.blocking import keys, ssn_keys
from services.matcher.identity.decision import Decision, Footprint, Ref, Verdict, Weigher, decide
from services.matcher.identity.model import Model, load_model
from services.matcher.identity.person import Person, normalise
from shared.crypto import CountyKeys
from shared.events.person import Address, Name, PersonDetails

COUNTY = CountyKeys(keyrings={}, token_key=b"a county's token key for tests!!")

HOME = {"street": "12 Oak St", "phone": "2135550123"}

MakePerson = Callable[..., Person]


def make_person(full: str, birth_date: str | None = None, **given: str) -> Person:
    """A person from "First Middle? Last"; the rest by name (`also` is an alias)."""
    first, *middle, last = full.split(" ")
    also = given.get("also", "").split(" ")
    return normalise(
        PersonDetails(
            name=Name(
                first_name=first.replace("_", " "),
                middle_name=" ".join(middle) or None,
                last_name=last.replace("_", " "),
                suffix=given.get("suffix"),
            ),
            aliases=(Name(first_name=also[0], last_name=also[-1]),) if len(also) > 1 else (),
            birth_date=birth_date,
            sex=given.get("sex", "U"),
            ssn=(COUNTY.ssn_tokens(given["ssn"]),) if "ssn" in given else (),
            cin=given.get("cin"),
            addresses=(Address(street=given["street"], zip=given.get("zip", "90011")),)
            if "street" in given
            else (),
            phones=(given["phone"],) if "phone" in given else (),
        )
    )


class World:
    """Two small programs, from which a footprint is read as the handlers would."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.people: dict[Ref, Person] = {}
        self.households: list[frozenset[Ref]] = []
        self.verdicts: dict[tuple[Ref, Ref], Verdict] = {}

    def cws(self, ref: str, person: Person) -> Ref:
        return self._add("cws", ref, person)

    def calworks(self, ref: str, person: Person) -> Ref:
        return self._add("calworks", ref, person)

    def _add(self, program: str, ref: str, person: Person) -> Ref:
        self.people[program, ref] = person
        return program, ref

    def pair(self, one: Person, other: Person) -> tuple[Ref, Ref]:
        """One of each program."""
        return self.cws("a", one), self.calworks("b", other)

    def household(self, *members: Ref) -> None:
        self.households.append(frozenset(members))

    def footprint(self, ends: Iterable[Ref]) -> Footprint:
        blocks = {ref: keys(person, COUNTY.digest) for ref, person in self.people.items()}
        numbers = {ref: ssn_keys(person, COUNTY.digest) for ref, person in self.people.items()}
        ends = tuple(ends)
        return Footprint(
            people=self.people,
            candidates={
                end: frozenset(r for r in blocks if r[0] != end[0] and blocks[r] & blocks[end])
                for end in ends
            },
            households={end: tuple(h for h in self.households if end in h) for end in ends},
            ssn_holders={
                end: frozenset(r for r in numbers if r != end and numbers[r] & numbers[end]) for end in ends
            },
            verdicts=self.verdicts,
        )

    def decide(self, a: Ref, b: Ref) -> Decision:
        return decide(a, b, self.footprint((a, b)), Weigher(self.model))


@pytest.fixture(scope="session")
def county() -> CountyKeys:
    return COUNTY


@pytest.fixture(scope="session")
def model() -> Model:
    """The one whose weights are round numbers."""
    return load_model("2026_01_hand")


@pytest.fixture(scope="session")
def person() -> MakePerson:
    return make_person


@pytest.fixture
def world(model: Model) -> World:
    return World(model)
