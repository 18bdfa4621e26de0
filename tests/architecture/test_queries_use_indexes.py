"""No statement of the path from an intake to a decision looks through a whole county: asked of SQLite's own planner."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
import sqlalchemy as sa

from tests.benchmarks.stages import stage_times

SMALL = (
    "outbox_shard",
    "progress",
    "alembic_version",
    "sqlite_master",
    "initial_import",
)  # a handful of rows always
WHOLE = re.compile(r"^SCAN (?!CONSTANT|\(subquery|\w+ VIRTUAL TABLE)|^SEARCH .*\((county=\?)?\)$")


LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d[\d.]*\b|x'[0-9A-F]*'", re.IGNORECASE)


@pytest.fixture
def plans() -> Iterator[dict[str, list[str]]]:
    """The plan of every statement that SQLite is given, whoever gives it."""
    found: dict[str, list[str]] = {}

    def trace(connection: sqlite3.Connection, _: object) -> None:
        file = connection.execute("PRAGMA database_list").fetchone()[2]

        def explain(statement: str) -> None:
            words = re.sub(r"(\?, )+", "", LITERAL.sub("?", statement))
            if words not in found and statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                with closing(sqlite3.connect(file)) as beside:
                    plan = beside.execute(f"EXPLAIN QUERY PLAN {statement}")
                    found[words] = [row[3] for row in plan]

        connection.set_trace_callback(explain)

    sa.event.listen(sa.Engine, "connect", trace)
    yield found
    sa.event.remove(sa.Engine, "connect", trace)


def test_the_pattern_knows_a_search_through_a_county() -> None:
    assert WHOLE.search("SCAN due")
    assert WHOLE.search("SEARCH person USING INDEX pk_person (county=?)")
    assert not WHOLE.search("SEARCH person USING INDEX pk_person (county=? AND ref=?)")
    assert not WHOLE.search("SCAN CONSTANT ROW")
    assert not WHOLE.search("SCAN anon_1 VIRTUAL TABLE INDEX 1:")  # the list of an IN


async def test_no_statement_looks_through_a_whole_county(plans: dict[str, list[str]]) -> None:
    await stage_times(intakes=40, warm_up=0)
    assert len(plans) > 25, "the path was not run"
    whole = {
        words: [step for step in plan if WHOLE.search(step)]
        for words, plan in plans.items()
        if not any(table in words for table in SMALL)
    }
    assert {words: steps for words, steps in whole.items() if steps} == {}
