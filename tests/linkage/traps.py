"""Made-up Californian families, the two rosters that they stand in, and the traps of `tests.linkage.strata`.

A trap is a pair of records, one in each roster, of two people who look like one. In half of the traps the true
counterpart of each stands in the other roster too. Nothing here is taken from the matcher. No clock is read.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Literal

from services.demo.names import CULTURES, Culture
from services.demo.numbers import Numbers
from services.demo.places import Home, make_home

TODAY = date(2025, 12, 1)
COLUMNS = (
    *("record_id", "first_name", "middle_name", "last_name", "suffix", "birth_date", "sex", "ssn", "cin", "phone"),
    *("street", "unit", "city", "state", "zip", "household_id", "role", "status"),
)  # fmt: skip
_AREA_CODES = (
    *(209, 213, 279, 310, 323, 341, 408, 415, 424, 442, 510, 530, 559, 562, 619, 626, 628, 650, 657, 661, 669),
    *(707, 714, 747, 760, 805, 818, 820, 831, 840, 858, 909, 916, 925, 949, 951),
)  # fmt: skip
_MORE_HISPANIC = 12  # weight on top of the demo's county: half of all families then are
_BORN_WITHIN = 60  # days: a newborn
_MOVED, _PRESENT = 0.05, 0.55  # chances: another address on one side; a relative stands in a roster
_SSN: Mapping[str, float] = {"cws": 0.5, "calworks": 0.92}
_CIN: Mapping[str, float] = {"cws": 0.1, "calworks": 1.0}
_PHONE = 0.65
_SHELTERS = 12

Side = Literal["cws", "calworks"]
Sex = Literal["F", "M"]
Row = dict[str, str]


@dataclass(eq=False)
class Person:
    """One person as they really are; equal to nobody else."""

    part: Literal["parent", "grandparent", "child"]
    sex: Sex
    first: str
    middle: str
    last: str
    born: date
    ssn: str
    cin: str
    suffix: str = ""


@dataclass(eq=False)
class Family:
    """A family under one roof; its children the youngest first."""

    culture: Culture
    home: Home
    people: list[Person]

    @property
    def children(self) -> list[Person]:
        return [one for one in self.people if one.part == "child"]

    @property
    def adults(self) -> list[Person]:
        return [one for one in self.people if one.part != "child"]

    @property
    def firsts(self) -> frozenset[str]:
        return frozenset(one.first for one in self.people)

    def rename(self, person: Person, last: str) -> None:
        """Another surname for the person and all of the family who bear the same."""
        before = person.last
        for one in self.people:
            if one.last == before:
                one.last = last


def bare(text: str) -> str:
    """As a system without accents writes it."""
    decomposed = unicodedata.normalize("NFKD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


class Book:
    """Both rosters while they are written. `people`: who a record is; `strata`: why a pair is there."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.households: dict[Side, list[list[Row]]] = {"cws": [], "calworks": []}
        self.people: dict[str, Person] = {}
        self.strata: dict[tuple[str, str], str] = {}
        self._numbers = Numbers(self.rng, 0)
        self._phones: set[str] = set()
        self._shelters = [replace(self.home(), unit=None, kind="shelter") for _ in range(_SHELTERS)]

    def family(
        self, *cultures: str, children: int = 1, couple: bool = False, newborn: bool = False
    ) -> Family:
        """A new family of one of the cultures, with at least so many children."""
        rng = self.rng
        among = [c for c in CULTURES if not cultures or c.name in cultures]
        weights = [c.share + (_MORE_HISPANIC if c.language == "es" else 0) for c in among]
        culture = rng.choices(among, weights)[0]
        family = Family(culture, self.home(), [])
        born = [TODAY - timedelta(days=rng.randint(5, _BORN_WITHIN) if newborn else rng.randint(90, 3600))]
        while len(born) < max(children, rng.choices((1, 2, 3), (45, 35, 20))[0]):
            born.append(born[-1] - timedelta(days=rng.randint(330, 1100)))
        grandmother = not (couple or newborn) and rng.random() < 0.08
        father, mother, child = self._surnames(culture)
        age = rng.randint(15000, 22000) if grandmother else rng.randint(6400, 12000)
        head = self._person(family, "F", mother, born[-1] - timedelta(days=age))
        head.part = "grandparent" if grandmother else "parent"
        if couple or (not grandmother and rng.random() < 0.4):
            self._person(family, "M", father, born[-1] - timedelta(days=rng.randint(6600, 13500)))
        for day in born:
            self._person(family, rng.choice(("F", "M")), child, day).part = "child"
        return family

    def _surnames(self, culture: Culture) -> tuple[str, str, str]:
        """Of father, mother and children."""
        father = culture.surname(self.rng)
        mother = culture.surname(self.rng, without=frozenset((father,)))
        if culture.two_surnames and self.rng.random() < 0.4:
            return father, mother, f"{father} {mother}"
        if self.rng.random() >= culture.keeps:
            return father, father, father
        return father, mother, mother if self.rng.random() < 0.25 else father

    def _person(self, family: Family, sex: Sex, last: str, born: date) -> Person:
        culture = family.culture
        first = culture.first(self.rng, sex, without=family.firsts)
        middle = culture.middle(self.rng, sex) or ""
        person = Person("parent", sex, first, middle, last, born, self.ssn(), self._numbers.cin())
        family.people.append(person)
        return person

    def christen(self, family: Family, person: Person, sex: Sex, *, without: str = "") -> None:
        """A new first and middle name, of a sex."""
        person.first = family.culture.first(self.rng, sex, without=family.firsts | {without})
        person.middle, person.sex = family.culture.middle(self.rng, sex) or "", sex

    def home(self) -> Home:
        """A roof of its own, with a telephone."""
        return make_home(self.rng, self.phone())

    def shelter(self) -> Home:
        """A roof that strangers share; the telephone is one's own."""
        return replace(self.rng.choice(self._shelters), phone=self.phone())

    def phone(self) -> str:
        """A number that nobody else has; the exchange 555 is nobody's."""
        while (phone := f"{self.rng.choice(_AREA_CODES)}-555-{self.rng.randint(0, 9999):04}") in self._phones:
            pass
        self._phones.add(phone)
        return phone

    def ssn(self) -> str:
        """A number that nobody else has."""
        return self._numbers.ssn()

    def some(self, people: list[Person], *sure: Person, without: tuple[Person, ...] = ()) -> list[Person]:
        """Who of a family stands in a roster: those who are sure to, and half of the others."""
        return [one for one in people if one in sure or (self.rng.random() < _PRESENT and one not in without)]

    def write(self, side: Side, family: Family, people: list[Person]) -> dict[Person, Row]:
        """One household of a roster."""
        rng = self.rng
        moves = family.home.kind == "residence" and rng.random() < _MOVED
        home = self.home() if moves else family.home
        phone = home.phone if rng.random() < _PHONE else ""
        household = f"{'H' if side == 'cws' else 'U'}{len(self.households[side]) + 1:06}"
        rows = {}
        for person in people:
            row = self._row(side, person)
            rows[person] = row | address(home) | {"phone": phone, "household_id": household}
            self.people[row["record_id"]] = person
        self.households[side].append(list(rows.values()))
        return rows

    def _row(self, side: Side, person: Person) -> Row:
        rng = self.rng
        middle = rng.choices((person.middle, person.middle[:1], ""), (30, 25, 45))[0]
        roles = {"child": "child", "parent": "parent", "grandparent": "relative_caregiver"}
        if side == "calworks":
            roles = {"child": "aided_child", "parent": "aided_adult", "grandparent": "non_needy_caretaker"}
        return {
            "record_id": self._numbers.record_ids()[0 if side == "cws" else 1],
            "first_name": bare(person.first),
            "middle_name": bare(middle),
            "last_name": bare(person.last),
            "suffix": person.suffix,
            "birth_date": person.born.isoformat(),
            "sex": person.sex if rng.random() < 0.97 else "",
            "ssn": person.ssn if rng.random() < _SSN[side] else "",
            "cin": person.cin if rng.random() < _CIN[side] else "",
            "role": roles[person.part],
            "status": "open",
        }


def address(home: Home) -> Row:
    """A home as columns."""
    told = {"street": home.street, "unit": home.unit or "", "city": home.city, "state": "CA"}
    return told | {"zip": home.zip}


@dataclass(frozen=True)
class Two:
    """Two people and where they live, and the rows that look like one person's: a's with CWS, b's with CalWORKs."""

    a: Person
    b: Person
    rows: dict[Side, dict[Person, Row]]

    @property
    def cws(self) -> Row:
        return self.rows["cws"][self.a]

    @property
    def calworks(self) -> Row:
        return self.rows["calworks"][self.b]


Trap = Callable[[Book, int], Two]
_Looks = tuple[Family, Person, Family, Person]  # two people, each in their family


def _written(book: Book, n: int, of_a: Family, a: Person, of_b: Family, b: Person) -> Two:
    """Both families written down; every second time a and b stand in both rosters."""
    rows: dict[Side, dict[Person, Row]] = {"cws": {}, "calworks": {}}
    sides: tuple[tuple[Side, Person, Person], ...] = (("cws", a, b), ("calworks", b, a))
    for family in dict.fromkeys((of_a, of_b)):
        for side, sure, other in sides:
            there = book.some(family.people, sure, *((other,) if n % 2 else ()), without=(a, b))
            if there:
                rows[side] |= book.write(side, family, there)
    return Two(a, b, rows)


def _siblings(book: Book, *, twins: bool = False, newborn: bool = False) -> _Looks:
    """Two children of one sex, next to each other by age or of one birth."""
    family = book.family(children=2, newborn=newborn)
    a, b = family.children[:2]
    if a.sex != b.sex:
        book.christen(family, b, a.sex)
    if twins:
        b.born = a.born
    return (family, a, family, b) if book.rng.random() < 0.5 else (family, b, family, a)


_ALIKE: Mapping[tuple[str, Sex], str] = {
    ("Spanish", "F"): "María_Elena/María_Luisa Ana_Sofía/Ana_Lucía Marisol/Maribel Jade/Jaden Alina/Elina",
    ("Spanish", "M"): "Juan_Carlos/Juan_Pablo José_Luis/José_Antonio Mario/Marco Jayden/Hayden Ramón/Román",
    ("English", "F"): "Jade/Jaden Jayla/Kayla Madison/Addison Ella/Bella Hailey/Bailey Mia/Maya Faith/Fay",
    ("English", "M"): "Jaden/Caden Mason/Jason Brandon/Landon Ryan/Bryan Darius/Marius Ethan/Nathan",
    ("Vietnamese", "F"): "Lan/Loan Hong/Huong Thao/Thuy Kim_Anh/Kim_Lan Mai_Linh/My_Linh Trang/Tram",
    ("Vietnamese", "M"): "Minh/Vinh Tuan/Toan Duc/Dung Hai/Tai Quang/Quan Hieu/Hiep",
    ("Chinese", "F"): "Mei_Ling/Mei_Lin Xiao_Yan/Xiao_Ying Jing/Jin Yu_Fei/Yu_Fen",
    ("Chinese", "M"): "Jian/Jun Zhi_Wei/Zhi_Hui Ming/Ping Ka_Ming/Ka_Man",
    ("Hmong", "F"): "Mai_See/Mai_Xee Pa_Houa/Pa_Hnou Nou/Youa Gao_Nou/Gao_Chou",
    ("Hmong", "M"): "Tou/Toua Cheng/Yeng Xeng/Seng Tou_Ger/Tou_Fue",
}


def _twins(book: Book, n: int, *, alike: bool) -> Two:
    family, a, _, b = _siblings(book, twins=True)
    if alike:
        told = _ALIKE.get((family.culture.name, a.sex), _ALIKE["English", a.sex])
        a.first, b.first = book.rng.choice(told.split()).replace("_", " ").split("/")
        a.middle = b.middle = ""
    else:
        names = family.culture.female if b.sex == "F" else family.culture.male
        unlike = [one for one in names if bare(one)[0] != bare(a.first)[0] and one not in family.firsts]
        b.first = book.rng.choice(unlike)
    return _written(book, n, family, a, family, b)


def _namesakes(book: Book, n: int, *, suffix: bool) -> Two:
    """Parent and child of one name; every other time born on one day of the year."""
    family = book.family(couple=True)
    child = family.children[0]
    daughter = not suffix and n // 2 % 5 == 0
    parent = next(one for one in family.adults if (one.sex == "F") == daughter)
    child.sex, child.first, child.middle, child.last = parent.sex, parent.first, parent.middle, parent.last
    if n // 2 % 2:
        parent.born = parent.born.replace(month=child.born.month, day=min(child.born.day, 28))
        child.born = child.born.replace(day=parent.born.day)
    if suffix:
        child.suffix, parent.suffix = "Jr", "" if n // 2 % 3 == 2 else "Sr"
    a, b = (child, parent) if book.rng.random() < 0.5 else (parent, child)
    two = _written(book, n, family, a, family, b)
    if suffix and n // 4 % 2:
        for row in (two.cws, two.calworks):
            row["last_name"], row["suffix"] = f"{row['last_name']} {row['suffix']}".strip(), ""
    return two


def _copied_ssn(book: Book, n: int) -> Two:
    """One relative's number in the other's record: of brother or sister, or of the parent."""
    family, a, _, b = _siblings(book)
    if n // 2 % 2:
        b = family.adults[0]
    two = _written(book, n, family, a, family, b)
    two.cws["ssn"] = two.calworks["ssn"] = b.ssn
    return two


def _ssn_one_digit(book: Book, n: int) -> Two:
    """Numbers asked for on one day: brothers or sisters, every third time twins."""
    family, a, _, b = _siblings(book, twins=n // 2 % 3 == 0)
    b.ssn = a.ssn[:-1] + book.rng.choice("123456789".replace(a.ssn[-1], ""))
    two = _written(book, n, family, a, family, b)
    two.cws["ssn"], two.calworks["ssn"] = a.ssn, b.ssn
    return two


def _of_one_kind(book: Book, *, child: bool) -> _Looks:
    """Two people of two families of one culture, of one sex and nearly one age."""
    of_b = book.family((of_a := book.family()).culture.name)
    a, b = ((f.children if child else f.adults)[0] for f in (of_a, of_b))
    if a.sex != b.sex or a.first == b.first:
        book.christen(of_b, b, a.sex, without=a.first)
    shift = a.born - b.born + timedelta(days=book.rng.randint(-45, 45))
    for one in of_b.people:
        one.born += shift
    grown = TODAY - timedelta(days=6500)
    of_b.people = [p for p in of_b.people if p is b or p.part != "child" or grown < p.born < TODAY]
    return of_a, a, of_b, b


def _same_name_and_birth(book: Book, n: int) -> Two:
    """Cousins (of one zip) and strangers: name and birth date are equal, and nothing else is told that helps."""
    of_a, a, of_b, b = _of_one_kind(book, child=n // 2 % 4 != 3)
    if n // 2 % 2:
        of_b.home = replace(of_b.home, city=of_a.home.city, zip=of_a.home.zip)
    of_b.rename(b, a.last)
    b.first, b.born, b.sex = a.first, a.born, a.sex
    two = _written(book, n, of_a, a, of_b, b)
    for row in (two.cws, two.calworks):
        row["ssn"] = row["cin"] = ""
    return two


def _strangers(book: Book, n: int, *, at_shelter: bool) -> Two:
    """Strangers of nearly one age under one roof, or with one telephone; every other time of one surname."""
    of_a, a, of_b, b = _of_one_kind(book, child=n // 2 % 3 != 0)
    if at_shelter:
        of_a.home = book.shelter()
        of_b.home = replace(of_a.home, phone=book.phone())
    if n // 2 % 2:
        of_b.rename(b, a.last)
    two = _written(book, n, of_a, a, of_b, b)
    if not at_shelter:
        two.cws["phone"] = two.calworks["phone"] = of_a.home.phone
    return two


def _newborn_twins(book: Book, n: int) -> Two:
    """Baby A and baby B; every other time CalWORKs knows their names already."""
    family, a, _, b = _siblings(book, twins=True, newborn=True)
    two = _written(book, n, family, a, family, b)
    word = "Baby Girl" if a.sex == "F" else "Baby Boy"
    for side, rows in two.rows.items():
        for person, letter in ((a, "A"), (b, "B")):
            if person in rows and (side == "cws" or n // 2 % 2 == 0):
                rows[person] |= {"first_name": f"{word} {letter}", "middle_name": "", "ssn": ""}
    return two


def _sibling_without_name(book: Book, n: int) -> Two:
    """One has no first name and its own birth date, the default one, or (a twin) the same."""
    family, a, _, b = _siblings(book, twins=n // 2 % 3 == 2)
    two = _written(book, n, family, a, family, b)
    row = book.rng.choice((two.cws, two.calworks))
    row["first_name"] = row["middle_name"] = ""
    if n // 2 % 3 == 1:
        row["birth_date"] = f"{row['birth_date'][:4]}-01-01"
    return two


TRAPS: Mapping[str, Trap] = {
    "trap_twins_unlike": lambda book, n: _twins(book, n, alike=False),
    "trap_twins_alike": lambda book, n: _twins(book, n, alike=True),
    "trap_same_sex_siblings": lambda book, n: _written(book, n, *_siblings(book)),
    "trap_namesakes_suffix": lambda book, n: _namesakes(book, n, suffix=True),
    "trap_namesakes_no_suffix": lambda book, n: _namesakes(book, n, suffix=False),
    "trap_copied_ssn": _copied_ssn,
    "trap_ssn_one_digit": _ssn_one_digit,
    "trap_same_name_and_birth": _same_name_and_birth,
    "trap_shelter_strangers": lambda book, n: _strangers(book, n, at_shelter=True),
    "trap_shared_phone": lambda book, n: _strangers(book, n, at_shelter=False),
    "trap_newborn_twins": _newborn_twins,
    "trap_sibling_without_name": _sibling_without_name,
}
