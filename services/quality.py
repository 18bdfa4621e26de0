"""The figures of `linkages evaluate`: how good links, reviews and probabilities are beside what is true.

Pairs of record ids are compared as sets. Precision is the share of what was found that is true, recall the share of
what is true that was found, F1 their harmonic mean. The intervals hold at 95 %: Wilson's score interval for shares
(Wilson 1927), resampling of pairs for F1, which is no share of anything.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random

Pair = tuple[str, str]
_Z = 1.959964  # of the normal distribution, for 95 %
_RESAMPLES, _SEED = 1000, 1
_EDGES = tuple(twentieth / 20 for twentieth in range(10, 21))  # 0.5, 0.55 … 1.0
_ENOUGH = 200  # pairs that a band needs: the interval of its share is then at most 0.14 wide


@dataclass(frozen=True)
class Share:
    """A figure with its interval; None where there is nothing to take a share of."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Quality:
    """What was found beside what is true."""

    found: int
    true: int
    right: int
    precision: Share
    recall: Share
    f1: Share


@dataclass(frozen=True)
class Known:
    """A pair of which it is known whether it is one person, and the kind of difficulty that it stands for, if any."""

    pair: Pair
    is_match: bool
    stratum: str = ""


@dataclass(frozen=True)
class Stratum:
    """What became of the pairs of one kind; of a trap (`is_match` 0) whatever is linked is a wrong link."""

    stratum: str
    is_match: int
    pairs: int
    linked_pairs: int
    review_pairs: int
    linked: Share
    in_review: Share
    linked_or_review: Share


@dataclass(frozen=True)
class Band:
    """The pairs with a probability from `low` to below `high` (the last: to 1), and how many of them are true."""

    low: float
    high: float
    pairs: int
    mean_probability: float
    true: Share


@dataclass(frozen=True)
class Calibration:
    """Whether probabilities mean what they say; the error is None without pairs."""

    pairs: int
    expected_calibration_error: float | None
    bands: tuple[Band, ...]


def quality(found: Collection[Pair], truth: Collection[Pair]) -> Quality:
    """The quality of a set of pairs."""
    found, truth = set(found), set(truth)
    right = len(found & truth)
    return Quality(
        found=len(found),
        true=len(truth),
        right=right,
        precision=wilson(right, len(found)),
        recall=wilson(right, len(truth)),
        f1=_f1(right, len(found) - right, len(truth) - right),
    )


def wilson(hits: int, of: int) -> Share:
    """The share `hits / of` with Wilson's score interval."""
    if not of:
        return Share(None, None, None)
    share, z2 = hits / of, _Z * _Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Share(round(share, 5), round(max(0.0, middle - half), 5), round(min(1.0, middle + half), 5))


def strata(known: Iterable[Known], linked: Collection[Pair], review: Collection[Pair]) -> list[Stratum]:
    """What became of each stratum, in order of name; a name that stands for both kinds has an entry for each.

    A pair that is linked and in review counts as linked.
    """
    by_name: dict[tuple[str, bool], set[Pair]] = {}
    for one in known:
        if one.stratum:
            by_name.setdefault((one.stratum, one.is_match), set()).add(one.pair)
    linked = set(linked)
    waiting = set(review) - linked
    return [
        _stratum(name, pairs, len(pairs & linked), len(pairs & waiting), is_match=is_match)
        for (name, is_match), pairs in sorted(by_name.items())
    ]


def _stratum(name: str, pairs: set[Pair], linked: int, waiting: int, *, is_match: bool) -> Stratum:
    return Stratum(
        stratum=name,
        is_match=int(is_match),
        pairs=len(pairs),
        linked_pairs=linked,
        review_pairs=waiting,
        linked=wilson(linked, len(pairs)),
        in_review=wilson(waiting, len(pairs)),
        linked_or_review=wilson(linked + waiting, len(pairs)),
    )


def calibration(
    probabilities: Mapping[Pair, float], truth: Collection[Pair], *, enough: int = _ENOUGH
) -> Calibration:
    """Probabilities from 0.5 on beside the share that is true, in bands of 0.05 and wider.

    From the lowest on, a band takes in its upper neighbours until it has `enough` pairs; what is left at the upper end
    belongs to the last. The expected calibration error (Naeini, Cooper and Hauskrecht 2015) is the mean distance of
    the two over the bands, each weighted by its pairs.
    """
    truth = set(truth)
    twentieths: list[list[tuple[float, bool]]] = [[] for _ in _EDGES[1:]]
    for pair, probability in sorted(probabilities.items()):
        if probability >= _EDGES[0]:
            twentieths[bisect_right(_EDGES, probability, hi=len(twentieths)) - 1].append(
                (probability, pair in truth)
            )
    if not any(twentieths):
        return Calibration(0, None, ())
    bounds = _bounds([len(one) for one in twentieths], enough)
    bands, distance = [], 0.0
    for low, high in bounds:
        inside = [one for twentieth in twentieths[low:high] for one in twentieth]
        right = sum(is_true for _, is_true in inside)
        mean = sum(probability for probability, _ in inside) / len(inside)
        distance += abs(mean * len(inside) - right)
        bands.append(Band(_EDGES[low], _EDGES[high], len(inside), round(mean, 5), wilson(right, len(inside))))
    pairs = sum(band.pairs for band in bands)
    return Calibration(pairs, round(distance / pairs, 5), tuple(bands))


def _bounds(sizes: Sequence[int], enough: int) -> list[tuple[int, int]]:
    """From where to where neighbours are merged, so that each has enough, or all of them together have not."""
    starts, inside = [0], 0
    for position, size in enumerate(sizes):
        if inside >= enough and sum(sizes[position:]) >= enough:
            starts.append(position)
            inside = 0
        inside += size
    return list(zip(starts, [*starts[1:], len(sizes)], strict=True))


def per_thousand(linked: Collection[Pair], truth: Collection[Pair], intakes: int) -> float:
    """Wrong links for each 1000 intakes."""
    return round(1000 * len(set(linked) - set(truth)) / intakes, 3)


def _f1(right: int, wrong: int, missed: int) -> Share:
    """F1 with the middle 95 % of what resampling the three kinds of pairs gives."""
    of = right + wrong + missed
    if not of:
        return Share(None, None, None)
    rng, drawn = Random(_SEED), []
    for _ in range(_RESAMPLES):
        hits = _binomial(rng, of, right / of)
        drawn.append(2 * hits / (hits + of))
    drawn.sort()
    low, high = drawn[int(0.025 * _RESAMPLES)], drawn[int(0.975 * _RESAMPLES)]
    return Share(round(2 * right / (right + of), 5), round(low, 5), round(high, 5))


def _binomial(rng: Random, n: int, p: float) -> int:
    """A draw, by its normal limit where that is exact enough."""
    if n * p * (1 - p) > 25:  # noqa: PLR2004 - the usual line for it
        return min(n, max(0, round(rng.gauss(n * p, sqrt(n * p * (1 - p))))))
    return sum(rng.random() < p for _ in range(n))
