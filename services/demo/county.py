"""A made-up county: families, their records on both sides, what happens to them, and who is truly who.

Everything follows from the seed (and from the day on which it is made, since ages count back from it).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import cycle, islice
from random import Random
from typing import Any, get_args

from services.demo.draws import chance
from services.demo.noise import spoil
from services.demo.numbers import Numbers
from services.demo.people import Person, Trap, make_people
from services.demo.places import Home, make_home, shared_home
from services.demo.plan import Cast, make_due, make_steps
from services.demo.steps import Family, Kind, Record, Side
from services.demo.workers import Worker, make_team, make_workers

TRAPS: tuple[Trap, ...] = get_args(Trap)

# Shares in percent. The first three are the families that both programs serve: 55.
_KINDS: dict[Kind, int] = {
    "clean": 30,
    "noisy": 17,
    "withheld": 8,
    "split": 10,
    "cws_only": 15,
    "calworks_only": 20,
}
# The traps that families of a kind get in turn. A clean family has none that blurs its own identity.
_TRAPS: dict[Kind, tuple[Trap | None, ...]] = {
    "clean": (None, "same_sex_siblings", None, None, "twins", None, "jr_sr", None),
    "noisy": ("twins", None, "jr_sr", "copied_ssn", None, "same_sex_siblings", "shared_address"),
    "withheld": (None, "same_sex_siblings", None),
    "split": ("split_siblings", "split_twins", "split_jr_sr", "split_copied_ssn"),
    "cws_only": (None, "shared_address", None, "twins"),
    "calworks_only": (None, None, "shared_address", None, "jr_sr"),
}
_CWS_CIN = 0.7  # children whose CIN the CWS office has from Medi-Cal


@dataclass(frozen=True, slots=True)
class County:
    """The whole made-up county."""

    code: str
    workers: tuple[Worker, ...]
    families: tuple[Family, ...]

    @property
    def truth(self) -> frozenset[tuple[str, str]]:
        """Every (CWS record id, CalWORKs record id) that is one person."""
        return frozenset(pair for family in self.families for pair in family.pairs)

    @property
    def intakes(self) -> int:
        """How many referrals and applications it makes."""
        return sum(len(family.intakes) for family in self.families)


def make_county(
    families: int, seed: int, *, first: int = 0, code: str = "43", today: date | None = None
) -> County:
    """A county of so many families. `first`: number of its first family, for a further batch of the same run.

    Family 0 belongs to the demo's two personas, and everything that the demo shows happens to it.
    ValueError: no families.
    """
    if families < 1:
        raise ValueError("a county needs at least one family")
    day = today or date.today()  # noqa: DTZ011 - the day only sets ages
    rng = Random(f"{seed}/{first}")
    numbers, workers = Numbers(rng, first), make_workers()
    kinds = _deck(rng, families)
    if first == 0:
        at = kinds.index("clean") if "clean" in kinds else 0
        kinds[0], kinds[at] = "clean", kinds[0]
    traps = {kind: cycle(of_kind) for kind, of_kind in _TRAPS.items()}
    made = []
    for n, kind in enumerate(kinds, first):
        trap = next(traps[kind])
        made.append(
            _family(
                rng, numbers, workers, key=f"f{n:05}", kind=kind, trap=None if n == 0 else trap, today=day
            )
        )
    return County(code, workers, tuple(made))


def _deck(rng: Random, families: int) -> list[Kind]:
    """The kinds in their shares exactly (largest remainders), shuffled."""
    exact = {kind: families * share / 100 for kind, share in _KINDS.items()}
    counts = {kind: int(count) for kind, count in exact.items()}
    by_rest = sorted(_KINDS, key=lambda kind: exact[kind] - counts[kind], reverse=True)
    for kind in islice(by_rest, families - sum(counts.values())):
        counts[kind] += 1
    deck = [kind for kind, count in counts.items() for _ in range(count)]
    rng.shuffle(deck)
    return deck


def _family(
    rng: Random,
    numbers: Numbers,
    workers: tuple[Worker, ...],
    *,
    key: str,
    kind: Kind,
    trap: Trap | None,
    today: date,
) -> Family:
    people = make_people(rng, numbers, family=key, trap=trap, today=today)
    showcase = key == "f00000"
    phone = numbers.phone()
    home = shared_home(rng, phone) if trap == "shared_address" else make_home(rng, phone)
    present = _who_is_where(rng, kind, trap, people, showcase=showcase)
    ids = {person.key: numbers.record_ids() for person in people}
    writer = _Office(rng, kind, trap, people, home, ids)
    records = {side: tuple(writer.record(side, p) for p in who) for side, who in present.items() if who}
    noise: tuple[str, ...] = ()
    if kind == "noisy":
        records, noise = _spoilt(rng, people, records, make_home(rng, numbers.phone()), today)
    cast = Cast(key, kind, people, records, make_team(rng, workers, of_personas=showcase))
    steps = make_steps(rng, cast, showcase=showcase)
    due, forbidden = make_due(cast, steps)
    return Family(
        key=key,
        kind=kind,
        traps=() if trap is None else (trap,),
        steps=steps,
        pairs=tuple(ids[p.key] for p in people if p.key in cast.shared),
        due=due,
        forbidden=forbidden,
        noise=noise,
    )


def _who_is_where(
    rng: Random, kind: Kind, trap: Trap | None, people: tuple[Person, ...], *, showcase: bool
) -> dict[Side, tuple[Person, ...]]:
    """The people whom each program's office writes down."""
    if kind == "cws_only":
        return {"cws": people}
    if kind == "calworks_only":
        return {"calworks": people}
    if kind == "split":
        return _split(rng, trap, people)
    here, there = people, people
    partner = next((p for p in people if p.part == "partner"), None)
    if partner is not None and not showcase and chance(rng, 0.25):  # he is on the referral, not in the unit
        there = tuple(p for p in people if p is not partner)
    children = [p for p in people if not p.adult]
    if kind == "noisy" and len(children) > 1 and chance(rng, 0.2):
        left_out = rng.choice(children)
        if chance(rng, 0.5):
            here = tuple(p for p in here if p is not left_out)
        else:
            there = tuple(p for p in there if p is not left_out)
    return {"cws": here, "calworks": there}


def _split(rng: Random, trap: Trap | None, people: tuple[Person, ...]) -> dict[Side, tuple[Person, ...]]:
    """One child with each program, and one parent; half of the time the head is known to both."""
    head, partner, *children = people
    one, other = children[0], children[1]
    if trap == "split_jr_sr":  # the father with CWS, the son who bears his name with CalWORKs
        father, mother = (head, partner) if head.sex == "M" else (partner, head)
        return {"cws": (father, other), "calworks": (mother, one)}
    if trap == "split_copied_ssn":
        return {"cws": (head, one), "calworks": (partner, other)}
    if chance(rng, 0.5):
        return {"cws": (head, partner, one), "calworks": (head, other)}
    return {"cws": (partner, one), "calworks": (head, other)}


class _Office:
    """Writes the people of one family down, as one program's office would."""

    def __init__(
        self,
        rng: Random,
        kind: Kind,
        trap: Trap | None,
        people: tuple[Person, ...],
        home: Home,
        ids: dict[str, tuple[str, str]],
    ) -> None:
        self._rng, self._kind, self._home, self._ids = rng, kind, home, ids
        self._has_cin = {p.key for p in people if chance(rng, _CWS_CIN)}
        self._ssn = {p.key: p.ssn for p in people}
        if trap in ("copied_ssn", "split_copied_ssn"):  # the child was entered under a parent's number
            child = [p for p in people if not p.adult][-1 if trap == "copied_ssn" else 1]
            self._ssn[child.key] = people[0].ssn
        self._old_roles = {p.key: rng.choice(("timed_out", "excluded")) for p in people if chance(rng, 0.15)}

    def record(self, side: Side, person: Person) -> Record:
        """The record of a person on a side, exact but for what that office never knows."""
        body = {
            "first_name": person.first,
            "middle_name": person.middle,
            "last_name": person.last,
            "suffix": person.suffix,
            "birth_date": person.birth_date.isoformat(),
            "sex": person.sex,
            "ssn": self._ssn[person.key] if self._knows_ssn(side, person) else None,
            "cin": person.cin if self._knows_cin(side, person) else None,
            "addresses": [self._home.address()],
            "phones": [self._home.phone],
            "language": person.language,
        }
        cws_id, calworks_id = self._ids[person.key]
        return Record(
            record_id=cws_id if side == "cws" else calworks_id,
            person=person.key,
            side=side,
            role=self._cws_role(person) if side == "cws" else self._calworks_role(person),
            body={name: value for name, value in body.items() if value is not None},
            relation=person.relation if side == "cws" else None,
        )

    def _knows_ssn(self, side: Side, person: Person) -> bool:
        if side == "calworks":
            return True
        if not person.adult:
            return False
        return self._kind in ("clean", "withheld") or chance(self._rng, 0.5)

    def _knows_cin(self, side: Side, person: Person) -> bool:
        return side == "calworks" or (not person.adult and person.key in self._has_cin)

    def _cws_role(self, person: Person) -> str:
        if not person.adult:
            return "child"
        return "guardian" if person.relation == "grandmother" else "parent"

    def _calworks_role(self, person: Person) -> str:
        if not person.adult:
            return "aided_child"
        return self._old_roles.get(person.key, "aided_adult") if person.part == "partner" else "aided_adult"


def _spoilt(
    rng: Random,
    people: Iterable[Person],
    records: dict[Side, tuple[Record, ...]],
    new_home: Home,
    today: date,
) -> tuple[dict[Side, tuple[Record, ...]], tuple[str, ...]]:
    """Errors laid over one side's records, and sometimes another address than the other side has."""
    by_key = {p.key: p for p in people}
    side: Side = "cws" if chance(rng, 0.7) else "calworks"
    moved = chance(rng, 0.35)
    noise = {"moved"} if moved else set()
    spoilt = []
    for record in records[side]:
        body: dict[str, Any] = dict(record.body)
        if moved:
            body["addresses"] = [new_home.address()]
            if chance(rng, 0.5):
                body["phones"] = [new_home.phone]
        if chance(rng, 0.75) or not noise:
            noise.update(spoil(rng, by_key[record.person], body, today))
        spoilt.append(replace(record, body=body))
    return {**records, side: tuple(spoilt)}, tuple(sorted(noise))
