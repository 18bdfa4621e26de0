"""Small words for the generator: a coin, and a list of names."""

from random import Random


def chance(rng: Random, share: float) -> bool:
    """True in that share of draws (0 to 1)."""
    return rng.random() < share


def words(text: str) -> tuple[str, ...]:
    """Names set apart by spaces; an underscore is a space within a name."""
    return tuple(word.replace("_", " ") for word in text.split())
