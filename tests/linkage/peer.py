"""Splink beside ours on one pair of rosters: both learn without labels on the same files, and link them.

Splink is set up as well as we know how: levels of its own library over names, dates, number, street, ZIP and city,
with frequencies of names and streets, u from a million random pairs, EM in blocks of one birth date and of one full
name, and ten blocking rules. Ours is `linkages train` and `linkages link`. Both are asked at a probability that was
fixed beforehand.

    python -m tests.linkage.peer DIRECTORY

reads cws.csv, calworks.csv and truth.csv (`tests.linkage.rosters`, `tests.linkage.strata`) and prints a line of JSON.
"""

import json
import logging
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

from services.evaluation import LINKED, NEEDS_REVIEW, read_pairs
from services.quality import Pair, calibration, quality

AT, REVIEW_AT = 0.9, 0.5
COLUMNS = ["first_name", "middle_name", "last_name", "birth_date", "sex", "ssn", "street", "city", "zip"]
CERTAIN = (block_on("first_name", "last_name", "birth_date"), block_on("ssn", "birth_date"))
RULES = (
    block_on("birth_date"),
    block_on("first_name", "last_name"),
    block_on("last_name", "substr(birth_date, 1, 4)"),
    block_on("first_name", "substr(birth_date, 1, 4)"),
    block_on("last_name", "substr(birth_date, 6)"),
    block_on("first_name", "substr(birth_date, 6)"),
    {"blocking_rule": "l.first_name = r.last_name AND l.last_name = r.first_name", "sql_dialect": "duckdb"},
    block_on("substr(first_name, 1, 3)", "substr(last_name, 1, 3)"),
    block_on("ssn"),
    block_on("street"),
)


def _name(column: str, other: str) -> Any:
    swapped = f'"{column}_l" = "{other}_r" AND "{other}_l" = "{column}_r"'
    prefix = f'starts_with("{column}_l", "{column}_r") OR starts_with("{column}_r", "{column}_l")'
    exact = cll.ExactMatchLevel(column, term_frequency_adjustments=True)
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            cll.NullLevel(column),
            exact,
            cll.CustomLevel(swapped, "swapped"),
            cll.JaroWinklerLevel(column, 0.92),
            cll.CustomLevel(prefix, "prefix"),
            cll.JaroWinklerLevel(column, 0.82),
            cll.ElseLevel(),
        ],
    )


def _date() -> Any:
    swapped = (
        'substr("birth_date_l", 1, 4) = substr("birth_date_r", 1, 4)'
        ' AND substr("birth_date_l", 6, 2) = substr("birth_date_r", 9, 2)'
        ' AND substr("birth_date_l", 9, 2) = substr("birth_date_r", 6, 2)'
    )
    parts = " + ".join(
        f'(substr("birth_date_l", {at}, {n}) = substr("birth_date_r", {at}, {n}))::int'
        for at, n in ((1, 4), (6, 2), (9, 2))
    )
    return cl.CustomComparison(
        output_column_name="birth_date",
        comparison_levels=[
            cll.NullLevel("birth_date"),
            cll.ExactMatchLevel("birth_date"),
            cll.CustomLevel(swapped, "swapped"),
            cll.DamerauLevenshteinLevel("birth_date", 1),
            cll.CustomLevel(f"{parts} = 2", "two parts"),
            cll.DamerauLevenshteinLevel("birth_date", 2),
            cll.ElseLevel(),
        ],
    )


def _street() -> Any:
    return cl.CustomComparison(
        output_column_name="street",
        comparison_levels=[
            cll.NullLevel("street"),
            cll.ExactMatchLevel("street", term_frequency_adjustments=True),
            cll.DamerauLevenshteinLevel("street", 2),
            cll.JaroWinklerLevel("street", 0.9),
            cll.JaccardLevel("street", 0.7),
            cll.ElseLevel(),
        ],
    )


def peer(rosters: Path) -> Any:
    """Splink, trained on two rosters."""
    for name in ("splink", "splink.internals"):
        logging.getLogger(name).setLevel(logging.ERROR)
    database = duckdb.connect()
    tables = []
    api = DuckDBAPI(database)
    for order, side in (("a", "cws"), ("b", "calworks")):  # Splink puts what comes first in the alphabet left
        there = _header(rosters / f"{side}.csv")
        plain = ", ".join(
            _plain(column) if column in there else f"NULL::text AS {column}" for column in COLUMNS
        )
        read = f"read_csv('{rosters / side}.csv', all_varchar = true)"
        database.execute(f"CREATE TABLE {side} AS SELECT record_id AS unique_id, {plain} FROM {read}")  # noqa: S608
        tables.append(api.register(side, table_name=f"{order}_{side}"))
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            _name("first_name", "last_name"),
            _name("last_name", "first_name"),
            _date(),
            cl.ExactMatch("middle_name"),
            cl.ExactMatch("sex"),
            cl.DamerauLevenshteinAtThresholds("ssn", [1, 2]),
            _street(),
            cl.DamerauLevenshteinAtThresholds("zip", [1]),
            cl.JaroWinklerAtThresholds("city", [0.9]),
        ],
        blocking_rules_to_generate_predictions=list(RULES),
        retain_matching_columns=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        linker = Linker(tables, settings, log_level=logging.ERROR)
        linker.training.estimate_probability_two_random_records_match(list(CERTAIN), recall=0.8)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for rule in (block_on("birth_date"), block_on("first_name", "last_name")):
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
    return linker


def _header(file: Path) -> list[str]:
    with file.open() as lines:
        return lines.readline().strip().split(",")


def _plain(column: str) -> str:
    """A column as Splink is given it: capitals without accents, digits of a number, an empty one null."""
    match column:
        case "ssn":
            text = "regexp_replace(ssn, '[^0-9]', '', 'g')"
        case "birth_date":
            american = r"'^(\d{2})/(\d{2})/(\d{4})$', '\3-\1-\2'"
            text = f"regexp_replace(birth_date, {american})"
        case "middle_name":
            text = "substr(upper(strip_accents(middle_name)), 1, 1)"
        case _:
            text = f"trim(upper(strip_accents({column})))"
    return f"nullif({text}, '') AS {column}"


def _pairs(linker: Any) -> dict[Pair, float]:
    """The probability of each pair from `REVIEW_AT` on."""
    rows = linker.inference.predict(threshold_match_probability=REVIEW_AT).as_record_list()
    return {(row["unique_id_l"], row["unique_id_r"]): row["match_probability"] for row in rows}


def ours(rosters: Path) -> dict[str, Any]:
    """What `linkages train`, `link` and `evaluate` say."""
    command = (sys.executable, "-m", "services.cli")
    files = [word for side in ("cws", "calworks") for word in (f"--{side}", str(rosters / f"{side}.csv"))]
    model, links = str(rosters / "model.json"), str(rosters / "links.csv")
    subprocess.run((*command, "train", *files, "--out", model), check=True, capture_output=True)
    subprocess.run(
        (*command, "link", *files, "--out", links, "--model", model), check=True, capture_output=True
    )
    said = ("--links", links, "--truth", str(rosters / "truth.csv"), "--json")
    done = subprocess.run((*command, "evaluate", *said), check=True, capture_output=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def compare(rosters: Path) -> dict[str, Any]:
    """F1 of the score at .9, recall at .5 beside recall with review, wrong links, and the time of each."""
    truth = read_pairs(rosters / "truth.csv")
    began = time.monotonic()
    linker = peer(rosters)
    probabilities = _pairs(linker)
    splink_took = time.monotonic() - began
    began = time.monotonic()
    figures = ours(rosters)
    links = rosters / "links.csv"
    linked = read_pairs(links, decisions={LINKED})
    with_review = quality(read_pairs(links, decisions={LINKED, NEEDS_REVIEW}), truth)
    at = {pair for pair, probability in probabilities.items() if probability >= AT}
    splink = quality(at, truth)
    return {
        "set": rosters.name,
        "f1": {"ours": figures["score_at_0.9"]["f1"]["value"], "splink": splink.f1.value},
        "precision": {
            "ours": figures["score_at_0.9"]["precision"]["value"],
            "splink": splink.precision.value,
        },
        "recall_with_review": {
            "ours": with_review.recall.value,
            "splink_at_0.5": quality(probabilities, truth).recall.value,
        },
        "wrong": {"our_links": len(linked - truth), "splink_at_0.9": len(at - truth)},
        "linked": len(linked),
        "in_review": with_review.found - len(linked),
        "calibration_error": {
            "ours": figures["calibration"]["expected_calibration_error"],
            "splink": calibration(probabilities, truth).expected_calibration_error,
        },
        "seconds": {"ours": round(time.monotonic() - began, 1), "splink": round(splink_took, 1)},
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(compare(Path(sys.argv[1]))) + "\n")
