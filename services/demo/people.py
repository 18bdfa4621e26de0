"""The people of one family: who they are, before any office has written them down."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Literal

from services.demo.draws import chance
from services.demo.names import CULTURES, Culture
from services.demo.numbers import Numbers

Sex = Literal["F", "M"]
Part = Literal["head", "partner", "child"]
Trap = Literal[
    "twins",
    "same_sex_siblings",
    "jr_sr",
    "copied_ssn",
    "shared_address",
    "split_siblings",
    "split_twins",
    "split_jr_sr",
    "split_copied_ssn",
]

NEWBORN_DAYS = 365  # below this age an office may still have no first name

_MOST_CHILDREN = 4
_TWINS = ("twins", "split_twins")
_NAMESAKES = ("jr_sr", "split_jr_sr")
_CLOSE_SIBLINGS = ("same_sex_siblings", "split_siblings")
_SPLITS = ("split_siblings", "split_twins", "split_jr_sr", "split_copied_ssn")


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up person. `ordinary`: neither twin, namesake nor newborn, identity names but one."""

    key: str
    part: Part
    relation: str
    first: str
    middle: str | None
    last: str
    suffix: str | None
    birth_date: date
    sex: Sex
    ssn: str
    cin: str
    language: str
    ordinary: bool = True

    @property
    def adult(self) -> bool:
        """Head or partner."""
        return self.part != "child"


@dataclass(frozen=True, slots=True)
class _Surnames:
    """The surnames of a family."""

    head: str
    partner: str
    children: str


def make_people(
    rng: Random, numbers: Numbers, *, family: str, trap: Trap | None, today: date
) -> tuple[Person, ...]:
    """The people of a family, head first, two to six of them; a trap asks for those that it needs."""
    culture = rng.choices(CULTURES, [c.share for c in CULTURES])[0]
    relation = rng.choices(("mother", "father", "grandmother"), (78, 12, 10))[0]
    couple = chance(rng, 0.45)
    if trap in _NAMESAKES:
        relation, couple = "mother", True
    if trap in _SPLITS:
        relation, couple = ("mother" if relation == "grandmother" else relation), True
    couple = couple and relation != "grandmother"
    children = rng.choices((1, 2, 3, 4), (30, 35, 22, 13))[0]
    if trap in (*_TWINS, *_NAMESAKES):
        children = max(children, 3)
    elif trap is not None:
        children = max(children, 2)
    head_sex: Sex = "M" if relation == "father" else "F"
    names = _surnames(rng, culture, head_sex)
    maker = _Maker(rng, numbers, culture, family)
    born = _child_dates(rng, min(children, _MOST_CHILDREN), trap, today)
    oldest = min(born)
    ages = (45, 62) if relation == "grandmother" else (18, 34)
    people = [maker.adult("head", relation, head_sex, names.head, _years_before(rng, oldest, *ages))]
    if couple:
        other: Sex = "F" if head_sex == "M" else "M"
        shown = "mother" if other == "F" else "father"
        people.append(maker.adult("partner", shown, other, names.partner, _years_before(rng, oldest, 19, 36)))
    for position, day in enumerate(born):
        people.append(_child(rng, maker, trap, people, position, day, names.children, today))
    return _suffixed(people, trap)


class _Maker:
    """Makes people of one family, no two with one first name."""

    def __init__(self, rng: Random, numbers: Numbers, culture: Culture, family: str) -> None:
        self._rng, self._numbers, self._culture, self._family = rng, numbers, culture, family
        self._taken: set[str] = set()
        self._count = 0

    def adult(self, part: Part, relation: str, sex: Sex, last: str, born: date) -> Person:
        return self._person(part, relation, sex, last, born, self._name(sex), ordinary=True)

    def child(
        self, sex: Sex, last: str, born: date, *, like: str | None, named: str | None, ordinary: bool
    ) -> Person:
        """A child. `like`: a name with the same first letter if there is one; `named`: this very name."""
        first = named or self._name(sex, like=like)
        return self._person("child", "child", sex, last, born, first, ordinary=ordinary)

    def _name(self, sex: Sex, *, like: str | None = None) -> str:
        taken = frozenset(self._taken)
        if like is not None:
            names = self._culture.female if sex == "F" else self._culture.male
            alike = [n for n in names if n[0] == like[0] and n not in taken]
            if alike:
                return self._rng.choice(alike)
        return self._culture.first(self._rng, sex, without=taken)

    def _person(
        self, part: Part, relation: str, sex: Sex, last: str, born: date, first: str, *, ordinary: bool
    ) -> Person:
        self._taken.add(first)
        self._count += 1
        return Person(
            key=f"{self._family}/p{self._count}",
            part=part,
            relation=relation,
            first=first,
            middle=self._culture.middle(self._rng, sex),
            last=last,
            suffix=None,
            birth_date=born,
            sex=sex,
            ssn=self._numbers.ssn(),
            cin=self._numbers.cin(),
            language=self._culture.language if chance(self._rng, 0.5) else "en",
            ordinary=ordinary,
        )


def _surnames(rng: Random, culture: Culture, head_sex: Sex) -> _Surnames:
    paternal = culture.surname(rng)
    maternal = culture.surname(rng, without=frozenset((paternal,)))
    father, mother, children = paternal, maternal, paternal
    if culture.two_surnames:
        if chance(rng, 0.5):
            father = f"{paternal} {culture.surname(rng, without=frozenset((paternal,)))}"
        if chance(rng, 0.5):
            mother = f"{maternal} {culture.surname(rng, without=frozenset((maternal,)))}"
        if chance(rng, 0.65):
            children = f"{paternal}{rng.choice((' ', ' ', '-'))}{maternal}"
    elif rng.random() >= culture.keeps:
        mother = paternal
    elif chance(rng, 0.2):
        children = maternal
    return _Surnames(father, mother, children) if head_sex == "M" else _Surnames(mother, father, children)


def _child_dates(rng: Random, children: int, trap: Trap | None, today: date) -> list[date]:
    """Birth dates, youngest first; the first two are those that a trap is about: twins, or close siblings."""
    youngest = today - timedelta(days=rng.randint(200, 365 * 6))
    dates = [youngest]
    while len(dates) < children:
        gap = rng.randint(330, 430) if trap in _CLOSE_SIBLINGS and len(dates) == 1 else rng.randint(400, 1200)
        dates.append(dates[-1] - timedelta(days=gap))
    if trap in _TWINS:
        dates[1] = dates[0]
    return dates


def _years_before(rng: Random, day: date, least: int, most: int) -> date:
    return day - timedelta(days=rng.randint(least * 365, most * 365))


def _child(
    rng: Random,
    maker: _Maker,
    trap: Trap | None,
    people: list[Person],
    position: int,
    born: date,
    last: str,
    today: date,
) -> Person:
    sex: Sex = rng.choice(("F", "M"))
    older = [p for p in people if p.part == "child"]
    special, like, named = False, None, None
    if trap in _TWINS and position <= 1:
        special = True
        if position == 1:
            sex = older[0].sex if chance(rng, 0.75) else sex
            like = older[0].first if chance(rng, 0.5) else None
    elif trap in _CLOSE_SIBLINGS and position == 1:
        sex = older[0].sex
        like = older[0].first if chance(rng, 0.4) else None
    elif trap in _NAMESAKES and position == 0:
        father = next(p for p in people if p.adult and p.sex == "M")
        sex, named, last, special = "M", father.first, father.last, True
    newborn = (today - born).days < NEWBORN_DAYS
    return maker.child(sex, last, born, like=like, named=named, ordinary=not special and not newborn)


def _suffixed(people: list[Person], trap: Trap | None) -> tuple[Person, ...]:
    """Father and son of one name: Sr and Jr, and neither is ordinary."""
    if trap not in _NAMESAKES:
        return tuple(people)
    son = next(p for p in people if p.part == "child")
    return tuple(
        replace(p, suffix="Sr" if p.adult else "Jr", ordinary=False)
        if p is son or (p.adult and p.sex == "M")
        else p
        for p in people
    )
