"""Made-up people whose every name, number, date and address can be told from anything else in the world.

The families, and what happens to them, are the demo's; their names and streets become words of rare letters, another
for each family, so that a finding says whose it is. Numbers are the demo's own: each is given out once in a county.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import Any, Literal

from services.demo.county import County, make_county
from services.demo.steps import Family, Intake, Record, Release, Side

Kind = Literal["ssn", "name", "street", "birth date", "phone", "cin"]

_RARE, _PLAIN, _VOWELS = "qzxjvkw", "bdfghlmnprst", "aeiou"
_PATTERN = (
    "RVRPVRVPR"  # nine letters: by chance in a gigabyte of random letters about once in five thousand runs
)
_ACCENTS = dict(zip(_VOWELS, "áéíóú", strict=True))
_ACCENTED = 0.25  # of the words: escapes and encodings differ for them
_OTHER_AREA = {"408": "707", "669": "530", "650": "916", "510": "209", "831": "805", "925": "559"}
_LIVED = timedelta(days=400)  # a younger one's birth date could be the date of something else


@dataclass
class Canary:
    """Something that is known of somebody, which programs wrote it down, and of which families it is."""

    kind: Kind
    value: str
    sides: set[Side] = field(default_factory=set)
    families: set[str] = field(default_factory=set)


@dataclass
class Crowd:
    """The people, and what is known of them."""

    county: County
    canaries: list[Canary]
    imported: list[Family]
    """Families that come from a file, not by a call."""
    people: int
    signed: frozenset[str]
    """Keys of the families of which somebody has signed."""

    def of(self, kind: Kind) -> list[Canary]:
        """Those of a kind."""
        return [one for one in self.canaries if one.kind == kind]


class _Words:
    """Words that nobody has ever written; each is given out once."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._given: set[str] = set()

    def new(self) -> str:
        while (word := self._made()) in self._given:
            pass
        self._given.add(word)
        if self._rng.random() < _ACCENTED:
            word = self._accented(word)
        return word.capitalize()

    def _made(self) -> str:
        letters = {"R": _RARE, "P": _PLAIN, "V": _VOWELS}
        return "".join(self._rng.choice(letters[one]) for one in _PATTERN)

    def _accented(self, word: str) -> str:
        at = self._rng.choice([n for n, letter in enumerate(word) if letter in _VOWELS])
        return word[:at] + _ACCENTS[word[at]] + word[at + 1 :]


def bare(word: str) -> str:
    """Without accents."""
    return "".join(one for one in unicodedata.normalize("NFD", word) if not unicodedata.combining(one))


def make_crowd(people: int, seed: int) -> Crowd:
    """So many people at least, in families of both programs."""
    families = max(6, people // 4)
    while _count(county := make_county(families, seed)) < people:
        families += 1
    words = _Words(Random(f"canaries/{seed}"))
    renamed = tuple(_renamed(family, words) for family in county.families)
    known: dict[tuple[Kind, str], Canary] = {}
    for family in renamed:
        for record in _records(family):
            for kind, value in _told(record):
                one = known.setdefault((kind, value), Canary(kind, value))
                one.sides.add(record.side)
                one.families.add(family.key)
    by_file = [family for family in renamed if _may_be_imported(family)][::3]
    by_call = tuple(family for family in renamed if family not in by_file)
    return Crowd(
        county=replace(county, families=by_call),
        canaries=list(known.values()),
        imported=by_file,
        people=_count(county),
        signed=frozenset(f.key for f in by_call if any(isinstance(step, Release) for step in f.steps)),
    )


def _count(county: County) -> int:
    return len({record.person for family in county.families for record in _records(family)})


def _records(family: Family) -> Iterator[Record]:
    for step in family.intakes:
        yield from step.records


def _may_be_imported(family: Family) -> bool:
    """A file brings people and their case: of what happens after that it knows nothing."""
    return family.kind not in ("clean", "withheld")


def _renamed(family: Family, words: _Words) -> Family:
    """The family with canaries for names and streets; what was equal within it stays equal."""
    new: dict[str, str] = defaultdict(words.new)
    steps = tuple(
        replace(step, records=tuple(_rewritten(one, new) for one in step.records))
        if isinstance(step, Intake)
        else step
        for step in family.steps
    )
    return replace(family, steps=steps)


def _rewritten(record: Record, new: dict[str, str]) -> Record:
    body: dict[str, Any] = dict(record.body)
    for name in ("first_name", "middle_name", "last_name"):
        if name in body:
            body[name] = " ".join(new[word] for word in body[name].replace("-", " ").split())
    body["addresses"] = [
        {**one, "street": f"{one['street'].split()[0]} {new['street ' + one['street']]} St"}
        for one in body["addresses"]
    ]
    if record.side == "calworks":  # a number of its own, so that it can be told whose record was shown
        body["phones"] = [_OTHER_AREA[one[:3]] + one[3:] for one in body["phones"]]
    return replace(record, body=body)


def _told(record: Record) -> Iterator[tuple[Kind, str]]:
    """What a record tells of somebody, by kind."""
    body = record.body
    for name in ("first_name", "middle_name", "last_name"):
        for word in body.get(name, "").split():
            yield "name", word
    for address in body["addresses"]:
        yield "street", address["street"].split()[1]
    for phone in body["phones"]:
        yield "phone", phone
    if "ssn" in body:
        yield "ssn", body["ssn"]
    if "cin" in body:
        yield "cin", body["cin"]
    if date.fromisoformat(body["birth_date"]) < date.today() - _LIVED:  # noqa: DTZ011 - a margin of months
        yield "birth date", body["birth_date"]
