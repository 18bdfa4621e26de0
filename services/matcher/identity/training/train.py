"""Weights from two rosters without labels, by Splink 5 (Linacre et al. 2022): u by sampling, m by expectation
maximisation.

EM looks only where it does not learn the household: among pairs of one birth date, and of one first and last name. In a
block of one street it would take brothers and sisters for one person. What the rosters say too little about keeps the
weight of the model that is started from.
"""

import logging
import warnings
from collections.abc import Mapping, Sequence
from math import log2
from typing import Any

import duckdb
import pyarrow as pa
import splink
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

from services.matcher.identity.blocking import CAP, STANDARD
from services.matcher.identity.levels import LEVELS
from services.matcher.identity.model import FREQUENT, Frequencies, Model, Provenance, exact
from services.matcher.identity.training.comparisons import COUNTED, comparison, weighted

SPLINK: str = splink.__version__
RECALL = 0.8  # of the rules that count the pairs which are surely one person, for the prior
PAIRS = 1e6  # drawn to see how often strangers agree
LEAST_U = 2**-24  # what is never seen among those is taken to be this seldom
LEAST_M = 2**-10  # one true pair in a thousand may be anything
SMALL_AREAS = (
    0.9  # of the records: so many have a ZIP code that few share, and then it brings people together
)

# Two records that agree on one of these are one person, but for few.
CERTAIN = (
    block_on("first", "last", "birth_date"),
    block_on("one_ssn", "first"),
    block_on("one_ssn", "birth_date"),
    block_on("cin"),
)
CANDIDATES = (  # whom Splink compares, where it links by itself: for its figures beside ours
    block_on("birth_date"),
    block_on("first", "last"),
    block_on("last", "birth_year"),
    block_on("first", "birth_year"),
    block_on("last", "birth_day"),
    block_on("first", "birth_day"),
    {"blocking_rule": "l.first = r.last AND l.last = r.first", "sql_dialect": "duckdb"},
    block_on("first_three", "last_three"),
    block_on("one_ssn"),
    block_on("street"),
)
LEARN_IN = (block_on("birth_date"), block_on("first", "last"))


def train(
    rosters: Sequence[pa.Table],
    start: Model,
    *,
    version: str,
    provenance: Provenance,
    names: bool,
    seed: int = 1,
) -> Model:
    """A model with the weights that two tables of `columns` show. `names`: with how often each name is."""
    linker = trained(rosters, seed=seed)
    learned: dict[str, Any] = linker.misc.save_model_to_json()
    return model_of(learned, rosters, start, version=version, provenance=provenance, names=names)


def trained(rosters: Sequence[pa.Table], *, seed: int = 1) -> Linker:
    """Splink with its parameters learned."""
    for name in ("splink", "splink.internals"):
        logging.getLogger(name).setLevel(logging.ERROR)
    _, tables = _registered(rosters)
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[comparison(field) for field in LEVELS],
        blocking_rules_to_generate_predictions=list(CANDIDATES),
        retain_matching_columns=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        linker = Linker(tables, settings, log_level=logging.ERROR)
        training = linker.training
        training.estimate_probability_two_random_records_match(list(CERTAIN), recall=RECALL)
        training.estimate_u_using_random_sampling(max_pairs=PAIRS, seed=seed)
        for rule in LEARN_IN:
            training.estimate_parameters_using_expectation_maximisation(rule)
    return linker


def _registered(rosters: Sequence[pa.Table]) -> tuple[DuckDBAPI, list[Any]]:
    """A database of its own with the two tables, as Splink takes them."""
    database = DuckDBAPI(duckdb.connect())
    return database, [database.register(roster, table_name=f"side_{n}") for n, roster in enumerate(rosters)]


def model_of(
    learned: Mapping[str, Any],
    rosters: Sequence[pa.Table],
    start: Model,
    *,
    version: str,
    provenance: Provenance,
    names: bool,
) -> Model:
    """The model that Splink's parameters make; what they leave open is as in `start`."""
    chance = float(learned["probability_two_random_records_match"])
    prior = log2(chance / (1 - chance))
    comparisons = {one["output_column_name"]: _weights(one, start) for one in learned["comparisons"]}
    frequencies = {
        field: _frequencies(rosters, column, _level(learned, field, FREQUENT[field]))
        for field, column in (COUNTED if names else {}).items()
    }
    changes = {
        "version": version,
        "provenance": provenance,
        "blocking": sorted(STANDARD | {"zip"} if _in_small_areas(rosters) else STANDARD),
        "prior": prior,
        "duplicates": min(_duplicates(rosters), prior),
        "comparisons": comparisons,
        "frequencies": {field: one for field, one in frequencies.items() if one is not None},
    }
    return Model.model_validate(start.model_dump() | changes)


def _weights(one: Mapping[str, Any], start: Model) -> dict[str, float]:
    field = one["output_column_name"]
    weights = dict(start.comparisons[field])
    for level in one["comparison_levels"]:
        m, u = level.get("m_probability"), level.get("u_probability")
        if m and u:
            weights[level["label_for_charts"]] = log2(max(m, LEAST_M) / max(u, LEAST_U))
    return weights


def _duplicates(rosters: Sequence[pa.Table]) -> float:
    """The odds (log2) that two records of one roster are one person, from those of one full name and birth date; one
    pair at least, for what was not seen may be."""
    same = ["first", "last", "birth_date"]
    seen = pairs = 0
    for roster in rosters:
        counted = roster.select(same).drop_null().group_by(same).aggregate([([], "count_all")])
        seen += sum(n * (n - 1) // 2 for n in counted["count_all"].to_pylist())
        pairs += roster.num_rows * (roster.num_rows - 1) // 2
    return log2(max(seen, 1) / RECALL / max(pairs, 1))


def _in_small_areas(rosters: Sequence[pa.Table]) -> bool:
    counted = pa.concat_tables([roster.select(["zip"]) for roster in rosters]).drop_null().group_by("zip")
    counts = counted.aggregate([("zip", "count")])["zip_count"].to_pylist()
    records = sum(roster.num_rows for roster in rosters)
    return bool(sum(n for n in counts if n <= CAP) >= SMALL_AREAS * max(records, 1))


def _level(learned: Mapping[str, Any], field: str, name: str) -> Mapping[str, Any]:
    one = next(one for one in learned["comparisons"] if one["output_column_name"] == field)
    return next(level for level in one["comparison_levels"] if level["label_for_charts"] == name)


def _frequencies(rosters: Sequence[pa.Table], column: str, level: Mapping[str, Any]) -> Frequencies | None:
    """How often each value is in both rosters together; one that stands there once is not listed."""
    counted = pa.concat_tables([roster.select([column]) for roster in rosters]).group_by(column)
    counts = counted.aggregate([(column, "count")]).to_pydict()
    number = {value: n for value, n in zip(counts[column], counts[f"{column}_count"], strict=True) if value}
    total = sum(number.values())
    if not total or not level.get("m_probability"):
        return None
    return Frequencies(
        agree=exact(log2(level["m_probability"])),
        values={value: n / total for value, n in sorted(number.items()) if n > 1},
        otherwise=1 / total,
    )


def splink_of(model: Model, rosters: Sequence[pa.Table]) -> Linker:
    """Splink with a model's weights, over two tables of `columns`: match weights are ours, caps aside."""
    database, tables = _registered(rosters)
    odds = 2**model.prior
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[weighted(field, model) for field in LEVELS],
        blocking_rules_to_generate_predictions=list(CANDIDATES),
        probability_two_random_records_match=odds / (1 + odds),
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )
    linker = Linker(tables, settings, log_level=logging.ERROR)
    for field, frequencies in model.frequencies.items():
        column = COUNTED[field]
        values = sorted({v for roster in rosters for v in roster[column].to_pylist() if v is not None})
        often = [frequencies.values.get(value, frequencies.otherwise) for value in values]
        table = pa.table({column: values, f"tf_{column}": often})
        lookup = database.register(table, table_name=f"often_{column}")
        linker.table_management.register_term_frequency_lookup(lookup, column)
    return linker
