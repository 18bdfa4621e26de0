"""How good links are against a truth: `linkages evaluate`. What the figures mean stands in `services.quality`.

A truth lists pairs of record ids that are one person. With the column `is_match` it may also list pairs that are two
(0), and with `stratum` name the kind of difficulty that a pair stands for.
"""

import csv
import json
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from services.quality import (
    Calibration,
    Known,
    Pair,
    Quality,
    Share,
    Stratum,
    calibration,
    per_thousand,
    quality,
    strata,
)
from shared.errors import LinkagesError

COLUMNS = ("cws_record_id", "calworks_record_id")
LINKED, NEEDS_REVIEW = "Linked", "NeedsReview"
_IS_MATCH, _STRATUM, _PROBABILITY = "is_match", "stratum", "probability"
_MATCHES = {"1": True, "0": False}
_LINE = 0.9  # of the score alone: what a matcher without rules and reviewers would link


class Unreadable(LinkagesError):
    """A file of pairs lacks a column, or a cell says what it cannot say."""

    slug, title = "unreadable-pairs", "The file of pairs cannot be read"


@dataclass(frozen=True)
class Links:
    """What was decided, and how probable each pair is held to be; None where the file does not say."""

    linked: set[Pair]
    review: set[Pair]
    probabilities: dict[Pair, float] | None


@dataclass(frozen=True)
class _Line:
    """A row about two records, and where it stands."""

    number: int
    pair: Pair
    cells: dict[str, str]


def read_pairs(path: Path, *, decisions: Collection[str] = ()) -> set[Pair]:
    """The pairs of a CSV file; of one with a `decision` those decided so. Rows without an id are left out."""
    return set(_decided(_lines(path), decisions))


def read_links(path: Path) -> Links:
    """The decisions of a CSV file; a pair that stands in it twice has its higher probability."""
    lines = list(_lines(path))
    told: dict[Pair, float] = {}
    for line in lines:
        if _PROBABILITY in line.cells:
            told[line.pair] = max(_probability(line, path), told.get(line.pair, 0.0))
    return Links(
        linked=set(_decided(lines, {LINKED})),
        review=set(_decided(lines, {NEEDS_REVIEW})),
        probabilities=told if _PROBABILITY in _header(path) else None,
    )


def read_truth(path: Path) -> list[Known]:
    """The pairs of a truth; without `is_match` each is one person, without `stratum` it stands for nothing more."""
    known: list[Known] = []
    said: dict[Pair, bool] = {}
    for line in _lines(path):
        is_match = _MATCHES.get(line.cells.get(_IS_MATCH, "1"))
        if is_match is None:
            raise Unreadable(f"{path.name}, line {line.number}: {_IS_MATCH} must be 1 or 0")
        if said.setdefault(line.pair, is_match) != is_match:
            raise Unreadable(f"{path.name}, line {line.number}: {_IS_MATCH} is not what an earlier line says")
        known.append(Known(line.pair, is_match, line.cells.get(_STRATUM, "")))
    return known


def _header(path: Path) -> list[str]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file).fieldnames or ())


def _lines(path: Path) -> Iterator[_Line]:
    """The rows that name two records; a cell that a short row lacks is empty."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file, restval="")
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise Unreadable(f"{path.name} has no column {' and '.join(missing)}")
        for row in rows:
            if row[COLUMNS[0]] and row[COLUMNS[1]]:
                yield _Line(rows.line_num, (row[COLUMNS[0]], row[COLUMNS[1]]), row)


def _decided(lines: Iterable[_Line], decisions: Collection[str]) -> Iterator[Pair]:
    for line in lines:
        if not decisions or line.cells.get("decision", LINKED) in decisions:
            yield line.pair


def _probability(line: _Line, path: Path) -> float:
    try:
        probability = float(line.cells[_PROBABILITY])
    except ValueError:
        probability = -1.0
    if not 0 <= probability <= 1:
        raise Unreadable(
            f"{path.name}, line {line.number}: {_PROBABILITY} must be a number from 0 to 1"
        ) from None
    return probability


def figures_of(links: Links, known: Collection[Known], intakes: int | None = None) -> dict[str, Any]:
    """Every figure that the files have the columns for, by the name that it has as JSON."""
    true = {one.pair for one in known if one.is_match}
    figures: dict[str, Any] = {
        "linked": quality(links.linked, true),
        "linked_or_review": quality(links.linked | links.review, true),
    }
    if links.probabilities is not None:
        at_line = {pair for pair, probability in links.probabilities.items() if probability >= _LINE}
        figures[f"score_at_{_LINE}"] = quality(at_line, true)
        figures["calibration"] = calibration(links.probabilities, true)
    if any(one.stratum for one in known):
        figures["strata"] = strata(known, links.linked, links.review)
    if intakes is not None:
        figures["wrong_per_1000_intakes"] = per_thousand(links.linked, true, intakes)
    return figures


def evaluate(
    links: Annotated[Path, typer.Option(help="What `linkages links` wrote")],
    truth: Annotated[
        Path,
        typer.Option(
            help=f"CSV with the columns {', '.join(COLUMNS)}; {_IS_MATCH} (1 or 0) and {_STRATUM} are read if there"
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON")] = False,
    intakes: Annotated[
        int | None, typer.Option(min=1, help="How many intakes the links come from, for wrong links per 1000")
    ] = None,
) -> None:
    """Precision, recall and F1 of links against the truth, with intervals; also with what waits for review.

    With a probability in the links their calibration, with strata in the truth what became of each.
    """
    try:
        figures = figures_of(read_links(links), read_truth(truth), intakes)
    except (Unreadable, OSError) as error:
        typer.echo(f"linkages: {error}", err=True)
        raise typer.Exit(2) from error
    if as_json:
        sys.stdout.write(json.dumps({name: _plain(one) for name, one in figures.items()}) + "\n")
        return
    for name, one in figures.items():
        sys.stdout.writelines(f"{line}\n" for line in _told(name.replace("_", " "), one))


def _plain(figure: Any) -> Any:
    """A figure as JSON has it."""
    if isinstance(figure, list):
        return [asdict(one) for one in figure]
    return figure if isinstance(figure, float) else asdict(figure)


def _told(name: str, figure: Any) -> Iterator[str]:
    """A figure as lines to read."""
    if isinstance(figure, Quality):
        yield f"{name}: {figure.found} found, {figure.true} true, {figure.right} right"
        for part in ("precision", "recall", "f1"):
            yield f"  {part:10}{_words(getattr(figure, part))}"
    elif isinstance(figure, Calibration):
        error = figure.expected_calibration_error
        yield f"{name}: {figure.pairs} pairs, expected error {'none' if error is None else f'{error:.4f}'}"
        for band in figure.bands:
            span = f"{band.low:.2f}-{band.high:.2f}"
            yield f"  {span}  {band.pairs} pairs, mean {band.mean_probability:.4f}, true {_words(band.true)}"
    elif isinstance(figure, list):
        yield f"{name}:"
        yield from (f"  {line}" for one in figure for line in _stratum_told(one))
    else:
        yield f"{name}: {figure}"


def _stratum_told(one: Stratum) -> Iterator[str]:
    yield f"{one.stratum} ({'one person' if one.is_match else 'two people'}): {one.pairs} pairs"
    yield f"  {'linked' if one.is_match else 'linked (wrong)':18}{_words(one.linked)}"
    yield f"  {'in review':18}{_words(one.in_review)}"
    yield f"  {'linked or review':18}{_words(one.linked_or_review)}"


def _words(share: Share) -> str:
    if share.value is None:
        return "nothing to count"
    return f"{share.value:.4f}  ({share.low:.4f} to {share.high:.4f})"
