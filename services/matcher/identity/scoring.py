"""How much two records agree: a Fellegi-Sunter match weight in log2, explained part by part.

Every weight is a whole number of 1024ths, so the parts add up to the weight exactly and in any order, and
no order of the two records or of their aliases can change a decision.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from math import isfinite, log2
from operator import eq
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from rapidfuzz.distance import OSA

from services.matcher.identity.blocking import SHARED_KINDS
from services.matcher.identity.names import alike, first_name_level, last_name_level, middle_name_level
from services.matcher.identity.person import CalledName, Person, Place
from shared.crypto import SsnTokens

DEFAULT_MODEL = "2026_01_hand"

LEVELS = {
    "first_name": "exact nickname swapped close variant middle prefix similar rhyme missing differ",
    "last_name": "exact close token similar swapped missing differ",
    "middle_name": "exact initial missing differ",
    "suffix": "equal missing differ",
    "birth_date": "exact swapped default one_edit two_parts two_edits missing differ",
    "sex": "equal missing differ",
    "ssn": "exact one_off sibling missing differ",
    "cin": "equal missing differ",
    "address": "exact close zip missing differ",
    "phone": "equal missing differ",
}
"""What is compared, and the levels of each comparison. A missing value is neutral."""

SAME_FIRST_NAME = frozenset(("exact", "nickname", "swapped"))
"""Levels at which two first names are surely one."""

OTHER_FIRST_NAME = frozenset(("differ", "rhyme"))
"""Levels at which they are two names; `rhyme` is two well-known ones that look alike (Jade, Jaden)."""

_STEP = 1024
_STREET_CLOSE = 0.9
_ISO_LENGTH = 10
_TWO = 2
_EDITS = {1: "one_edit", 2: "two_edits"}


def _exact(weight: float) -> float:
    if not isfinite(weight):
        raise ValueError("a weight is a finite number of bits")
    return round(weight * _STEP) / _STEP


Bits = Annotated[float, AfterValidator(_exact)]


@dataclass(frozen=True, slots=True)
class Part:
    """One field's share: the level at which it agrees, and the weight of that level in log2."""

    field: str
    level: str
    weight: float


@dataclass(frozen=True, slots=True)
class Score:
    """A match weight and what it is made of: first the prior, then the comparisons, then perhaps a cap."""

    weight: float
    parts: tuple[Part, ...]

    def level(self, field: str) -> str:
        """The level of one field; KeyError for a field that is not compared."""
        for part in self.parts:
            if part.field == field:
                return part.level
        raise KeyError(field)

    def of(self, field: str) -> float:
        """The weight that one field adds; 0 for a field that is not there."""
        return sum(part.weight for part in self.parts if part.field == field)


class Thresholds(BaseModel):
    """The lines of a model, in match weight.

    link: at or above, linked unless a guard speaks. review: at or above, a row for a person to look at.
    duplicate: two records of one program are one person. corroborate: two co-members count as household
    evidence. rival_delta: how far below a pair another candidate still is a rival.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    link: Bits
    review: Bits
    duplicate: Bits
    corroborate: Bits
    rival_delta: Annotated[Bits, Field(ge=0)]


class Model(BaseModel):
    """A versioned set of weights and lines. Building one that contradicts itself is a ValidationError."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    provenance: str
    population: int = Field(gt=1, description="records in the larger program of the county")
    overlap: float = Field(gt=0, le=1, description="share of records expected to have a counterpart")
    comparisons: dict[str, dict[str, Bits]]
    thresholds: Thresholds
    ceiling: Bits = Field(description="the most that a pair may weigh whose first names differ")
    household: tuple[Bits, Bits, Bits] = Field(description="bonus for 0, 1, and 2 or more other members")

    @property
    def prior(self) -> float:
        """The weight of knowing nothing: that a record's counterpart is this one of the population."""
        return _exact(log2(self.overlap / self.population))

    @cached_property
    def parts(self) -> dict[str, dict[str, Part]]:
        """The part of each field and level; the prior stands under `prior`.

        Made once: building them for each pair would be half of the cost of a pair.
        """
        made = {
            field: {level: Part(field, level, weight) for level, weight in levels.items()}
            for field, levels in self.comparisons.items()
        }
        return made | {"prior": {"population": Part("prior", "population", self.prior)}}

    @model_validator(mode="after")
    def _consistent(self) -> "Model":
        for field, levels in LEVELS.items():
            if set(self.comparisons.get(field, ())) != set(levels.split()):
                raise ValueError(f"comparison {field} needs exactly the levels {levels}")
            if self.comparisons[field]["missing"] != 0:
                raise ValueError(f"a missing {field} is neutral")
        if unknown := set(self.comparisons) - set(LEVELS):
            raise ValueError(f"unknown comparisons {sorted(unknown)}")
        if self.thresholds.review >= self.thresholds.link:
            raise ValueError("the review line lies below the link line")
        if list(self.household) != sorted(self.household):
            raise ValueError("more members of a household never weigh less")
        if self.ceiling + self.household[-1] >= self.thresholds.link:
            raise ValueError("under the ceiling no household may lift a pair to the link line")
        return self


@cache
def load_model(name: str = DEFAULT_MODEL) -> Model:
    """The model in `model/NAME.json`. Raises FileNotFoundError, or ValidationError for a broken one."""
    text = (files("services.matcher.identity") / "model" / f"{name}.json").read_text(encoding="utf-8")
    return Model.model_validate_json(text)


def probability(weight: float) -> float:
    """The match probability of a match weight."""
    if weight >= 0:
        return 1 / (1 + 2**-weight)
    odds = 2**weight
    return odds / (1 + odds)


def weigh(model: Model, x: Person, y: Person) -> Score:
    """The match weight of two records and its parts. Symmetric; the best over all pairs of names."""
    part = model.parts
    first, last, middle, suffix = _names(part, x.names, y.names)
    parts: tuple[Part, ...] = (
        part["prior"]["population"],
        first,
        last,
        middle,
        suffix,
        part["birth_date"][birth_date_level(x.birth_date, y.birth_date)],
        part["sex"][_equal(x.sex, y.sex)],
        part["ssn"][ssn_level(x.ssn, y.ssn, first.level)] if x.ssn and y.ssn else part["ssn"]["missing"],
        part["cin"][_equal(x.cin, y.cin)],
        part["address"][address_level(x.addresses, y.addresses)],
        part["phone"][_phone_level(x.phones, y.phones)],
    )
    weight = 0.0
    for each in parts:
        weight += each.weight
    # Surname, address, phone and a copied number run in the family; the first name tells twins apart.
    if first.level in OTHER_FIRST_NAME and weight > model.ceiling:
        parts = (*parts, Part("cap", "first_name_differs", model.ceiling - weight))
        weight = model.ceiling
    return Score(weight, parts)


_Names = tuple[Part, Part, Part, Part]


def _names(
    part: dict[str, dict[str, Part]], xs: tuple[CalledName, ...], ys: tuple[CalledName, ...]
) -> _Names:
    if len(xs) == 1 and len(ys) == 1:
        return _name_parts(part, xs[0], ys[0])
    if not xs or not ys:
        fields = ("first_name", "last_name", "middle_name", "suffix")
        first, last, middle, suffix = (part[field]["missing"] for field in fields)
        return first, last, middle, suffix
    return max((_name_parts(part, x, y) for x in xs for y in ys), key=_strength)


def _strength(names: _Names) -> tuple[float, list[str]]:
    """The order of alias pairs; the levels break a tie, so that the order of the aliases does not."""
    return sum(each.weight for each in names), [each.level for each in names]


def _name_parts(part: dict[str, dict[str, Part]], x: CalledName, y: CalledName) -> _Names:
    first = first_name_level(x.first, y.first, x.middle, y.middle)
    if first not in SAME_FIRST_NAME and x.given == y.given and x.given:
        first = "exact" if len(x.given) > 1 else first
    if first == "exact" or not _swapped(x, y):
        last = last_name_level(x.last, y.last, x.tokens, y.tokens)
    else:
        first = last = "swapped"
    return (
        part["first_name"][first],
        part["last_name"][last],
        part["middle_name"][middle_name_level(x.middle, y.middle)],
        part["suffix"][_equal(x.suffix, y.suffix)],
    )


def _swapped(x: CalledName, y: CalledName) -> bool:
    return x.first in y.tokens and y.first in x.tokens and bool(x.first)


def _equal(a: str | None, b: str | None) -> Literal["equal", "missing", "differ"]:
    if not a or not b:
        return "missing"
    return "equal" if a == b else "differ"


def birth_date_level(a: str | None, b: str | None) -> str:
    """How two birth dates agree, as texts: an impossible date is compared like any other."""
    if not a or not b:
        return "missing"
    if a == b:
        return "default" if a.endswith("-01-01") else "exact"  # 1 January is what an estimate looks like
    if len(a) == len(b) == _ISO_LENGTH:
        return _iso_date_level(a, b)
    return _EDITS.get(OSA.distance(a, b, score_cutoff=_TWO), "differ")


def _iso_date_level(a: str, b: str) -> str:
    swapped = f"{a[:4]}-{a[8:]}-{a[5:7]}"
    if swapped == b:
        return "swapped"
    edits = OSA.distance(a, b, score_cutoff=_TWO)
    if edits == 1:
        return "one_edit"
    if (a[:4] == b[:4]) + (a[5:7] == b[5:7]) + (a[8:] == b[8:]) == _TWO:
        return "two_parts"
    slipped = edits == _TWO or OSA.distance(swapped, b, score_cutoff=1) == 1
    return "two_edits" if slipped else "differ"


def ssn_level(xs: tuple[SsnTokens, ...], ys: tuple[SsnTokens, ...], first_name: str) -> str:
    """How two sets of numbers agree. Brothers and sisters are often numbered in a row: one digit apart
    under another first name is a sibling, and no support."""
    if not xs or not ys:
        return "missing"
    if any(x.exact == y.exact for x in xs for y in ys):
        return "exact"
    for x in xs:
        for y in ys:
            if _any_equal(x.substituted, y.substituted) or _any_equal(x.transposed, y.transposed):
                return "one_off" if first_name in SAME_FIRST_NAME else "sibling"
    return "differ"


def _any_equal(xs: Iterable[str], ys: Iterable[str]) -> bool:
    return any(map(eq, xs, ys))


_ADDRESS_ORDER = ("exact", "close", "zip", "differ")


def address_level(xs: tuple[Place, ...], ys: tuple[Place, ...]) -> str:
    """The best level over all pairs of addresses; shelters and offices are nobody's own and do not count."""
    best = len(_ADDRESS_ORDER)
    for x in xs:
        if x.kind not in SHARED_KINDS:
            for y in ys:
                if y.kind not in SHARED_KINDS:
                    best = min(best, _address_rank(x, y))
    return _ADDRESS_ORDER[best] if best < len(_ADDRESS_ORDER) else "missing"


def _address_rank(x: Place, y: Place) -> int:
    exact, close, zip_code, differ, incomparable = range(5)
    zips_differ = bool(x.zip and y.zip and x.zip != y.zip)
    if x.street and y.street:
        if x.street == y.street:
            return close if zips_differ else exact
        if not zips_differ and _same_door(x.street, y.street):
            return close
        return zip_code if x.zip and x.zip == y.zip else differ
    if not x.zip or not y.zip:
        return incomparable
    return differ if zips_differ else zip_code


def _same_door(a: str, b: str) -> bool:
    """Whether both have the same number and a like street; the unit may differ."""
    number, _, street_a = a.partition(" # ")[0].partition(" ")
    other, _, street_b = b.partition(" # ")[0].partition(" ")
    if number != other or not number[:1].isdigit():
        return False
    return not street_a or not street_b or alike(street_a, street_b) >= _STREET_CLOSE


def _phone_level(xs: tuple[str, ...], ys: tuple[str, ...]) -> Literal["equal", "missing", "differ"]:
    if not xs or not ys:
        return "missing"
    return "differ" if set(xs).isdisjoint(ys) else "equal"
