"""What a match weight is made of."""

from dataclasses import dataclass


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
