"""How good links are against a truth: `linkages evaluate`.

Pairs of record ids are compared as sets. Precision is the share of what was found that is true, recall the share of
what is true that was found, F1 their harmonic mean. The intervals hold at 95 %: Wilson's score interval for the two
shares (Wilson 1927), resampling of pairs for F1, which is no share of anything.
"""

import csv
import json
import sys
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from math import sqrt
from pathlib import Path
from random import Random
from typing import Annotated, Any

import typer

from shared.errors import LinkagesError

Pair = tuple[str, str]
COLUMNS = ("cws_record_id", "calworks_record_id")
LINKED, NEEDS_REVIEW = "Linked", "NeedsReview"
_Z = 1.959964  # of the normal distribution, for 95 %
_RESAMPLES, _SEED = 1000, 1


class Unreadable(LinkagesError):
    """A file of pairs lacks a column."""

    slug, title = "unreadable-pairs", "The file of pairs cannot be read"


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


def read_pairs(path: Path, *, decisions: Collection[str] = ()) -> set[Pair]:
    """The pairs of a CSV file; of one with a `decision` those decided so. Rows without an id are left out."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise Unreadable(f"{path.name} has no column {' and '.join(missing)}")
        return set(_pairs(rows, decisions))


def _pairs(rows: Iterable[dict[str, str]], decisions: Collection[str]) -> Iterable[Pair]:
    for row in rows:
        decided_so = not decisions or row.get("decision", LINKED) in decisions
        if decided_so and row[COLUMNS[0]] and row[COLUMNS[1]]:
            yield row[COLUMNS[0]], row[COLUMNS[1]]


def evaluate(
    links: Annotated[Path, typer.Option(help="What `linkages links` wrote")],
    truth: Annotated[Path, typer.Option(help=f"CSV with the columns {', '.join(COLUMNS)}")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON")] = False,
) -> None:
    """Precision, recall and F1 of links against the truth, with intervals; also with what waits for review."""
    try:
        true = read_pairs(truth)
        figures = {
            "linked": quality(read_pairs(links, decisions={LINKED}), true),
            "linked_or_review": quality(read_pairs(links, decisions={LINKED, NEEDS_REVIEW}), true),
        }
    except (Unreadable, OSError) as error:
        typer.echo(f"linkages: {error}", err=True)
        raise typer.Exit(2) from error
    if as_json:
        sys.stdout.write(json.dumps({name: asdict(one) for name, one in figures.items()}) + "\n")
        return
    for name, one in figures.items():
        sys.stdout.write(f"{name.replace('_', ' ')}: {one.found} found, {one.true} true, {one.right} right\n")
        for figure in ("precision", "recall", "f1"):
            sys.stdout.write(f"  {figure:10}{_words(getattr(one, figure))}\n")


def _words(share: Share | Any) -> str:
    if share.value is None:
        return "nothing to count"
    return f"{share.value:.4f}  ({share.low:.4f} to {share.high:.4f})"
