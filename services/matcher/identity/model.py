"""The model of the matcher: the weights of every level, how often names are, the lines, and where it all comes from.

Weights are log2 of m/u (Fellegi and Sunter 1969), each a whole number of 2^-30, so that parts add up to the weight
exactly and in any order, and no order of two records or of their aliases can change a decision.
"""

from functools import cache, cached_property
from importlib.resources import files
from math import isfinite, log2
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_serializer, model_validator

from services.matcher.identity.blocking import KINDS, NEVER_CAPPED, STANDARD
from services.matcher.identity.levels import LEVELS
from services.matcher.identity.part import Part

DEFAULT_MODEL = "2026_11_pseudopeople"

FREQUENT = {"first_name": "exact", "last_name": "exact"}
"""The comparisons whose level, where values agree, weighs by how often the value is."""

_STEP = 2**30


def exact(weight: float) -> float:
    """The nearest whole number of 2^-30. ValueError: infinite, or no number."""
    if not isfinite(weight):
        raise ValueError("a weight is a finite number of bits")
    return round(weight * _STEP) / _STEP


Bits = Annotated[float, AfterValidator(exact)]
Share = Annotated[float, Field(gt=0, le=1)]


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


class Frequencies(BaseModel):
    """How often each value of a name is among all records: agreeing on a rare one weighs more (Winkler 2000).

    agree: log2 of m, the share of true pairs that agree. `otherwise` is the frequency of a value not in the table.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    agree: Bits
    values: dict[str, Share]
    otherwise: Share

    def weight(self, one: str, other: str) -> float:
        """The weight of agreement between two spellings of a value; of the more frequent one."""
        of = self.values.get
        return exact(self.agree - log2(max(of(one, self.otherwise), of(other, self.otherwise))))


class Provenance(BaseModel):
    """Where a model comes from. data: SHA-256 of the files, in order; records: how many each had."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    how: str
    date: str | None = None
    splink: str | None = None
    data: tuple[str, ...] = ()
    records: tuple[int, ...] = ()


class Model(BaseModel):
    """A versioned set of weights and lines. Building one that contradicts itself is a ValidationError."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")
    provenance: Provenance
    blocking: frozenset[str] = Field(default=STANDARD, description="kinds of keys by which records meet")
    prior: Bits = Field(description="log2 of the odds that two records drawn by chance are one person")
    duplicates: Bits = Field(description="the same for two records of one program")
    comparisons: dict[str, dict[str, Bits]]
    frequencies: dict[str, Frequencies] = Field(default_factory=dict)
    thresholds: Thresholds
    ceiling: Bits = Field(description="the most that a pair may weigh whose first names differ")
    family_ceiling: Bits = Field(
        description="the same where the birth dates differ too, and no identifier agrees"
    )
    household: tuple[Bits, Bits, Bits] = Field(description="bonus for 0, 1, and 2 or more other members")

    @field_serializer("blocking")
    def _in_order(self, kinds: frozenset[str]) -> list[str]:
        return sorted(kinds)

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
        if unknown := set(self.frequencies) - set(FREQUENT):
            raise ValueError(f"no comparison weighs by the frequency of {sorted(unknown)}")
        if not NEVER_CAPPED <= self.blocking <= KINDS:
            raise ValueError(
                f"the kinds of keys are {sorted(KINDS)}; without {sorted(NEVER_CAPPED)} links would fall"
            )
        if self.duplicates > self.prior:
            raise ValueError("two records of one program are one person less often than two of both")
        if self.thresholds.review >= self.thresholds.link:
            raise ValueError("the review line lies below the link line")
        if list(self.household) != sorted(self.household):
            raise ValueError("more members of a household never weigh less")
        if self.family_ceiling + self.household[-1] >= self.thresholds.review:
            raise ValueError("under the family ceiling no household may lift a pair to the review line")
        if self.ceiling + self.household[-1] >= self.thresholds.link:
            raise ValueError("under the ceiling no household may lift a pair to the link line")
        return self


@cache
def load_model(name: str = DEFAULT_MODEL) -> Model:
    """The shipped model of a name, or the one in a file (a name that ends in `.json`).

    Raises FileNotFoundError, or ValidationError for one that contradicts itself.
    """
    if name.endswith(".json"):
        return Model.model_validate_json(Path(name).read_text(encoding="utf-8"))
    text = (files("services.matcher.identity") / "models" / f"{name}.json").read_text(encoding="utf-8")
    return Model.model_validate_json(text)
