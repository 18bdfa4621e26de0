"""Who stands twice in one program, and what a household says about a pair.

Both rest on raw weights alone, never on links: links that fed on links would have no end.
"""

from collections.abc import Callable, Iterable

Ref = tuple[str, str]
"""A record: program (`cws`, `calworks`) and the program's reference."""

Raw = Callable[[Ref, Ref], float]
"""The raw match weight of two records."""

Household = frozenset[Ref]


def is_duplicate(one: Ref, other: Ref, raw: Raw, line: float) -> bool:
    """Whether two records of one program are the same person, by the model's `duplicate` line."""
    return one[0] == other[0] and one != other and raw(one, other) >= line


def duplicates(of: Ref, among: Iterable[Ref], raw: Raw, line: float) -> frozenset[Ref]:
    """Those of `among` that are the person `of` again, recorded in the same program."""
    return frozenset(other for other in among if is_duplicate(of, other, raw, line))


def corroborating(a: Ref, b: Ref, h: Household, g: Household, raw: Raw, lines: tuple[float, float]) -> int:
    """How many other members of household `h` of `a` seem to stand in household `g` of `b`.

    The smaller count of distinct people on either side among pairs at or above the `corroborate` line.
    Neither end counts, nor a duplicate of it. `lines` is (corroborate, duplicate).
    """
    corroborate, duplicate = lines
    others_h = h - {a} - duplicates(a, h, raw, duplicate)
    others_g = g - {b} - duplicates(b, g, raw, duplicate)
    pairs = [(x, y) for x in others_h for y in others_g if raw(x, y) >= corroborate]
    return min(len({x for x, _ in pairs}), len({y for _, y in pairs}))


def evidence(
    a: Ref,
    b: Ref,
    households: tuple[Iterable[Household], Iterable[Household]],
    raw: Raw,
    lines: tuple[float, float],
) -> int:
    """The best count over the households of `a` and those of `b`; 0 without any."""
    of_a, of_b = households
    of_b = tuple(of_b)
    return max((corroborating(a, b, h, g, raw, lines) for h in of_a for g in of_b), default=0)
