"""No statement of the path from an intake to a decision looks through a whole county: asked of SQLite's own planner."""

import re
from collections.abc import Sequence
from typing import Any

import pytest

from shared import sqlite
from tests.benchmarks.stages import stage_times

SMALL = ("outbox_shard", "progress", "alembic_version")  # a handful of rows, whatever the county's size
WHOLE = re.compile(r"^SCAN (?!CONSTANT|\(subquery)|^SEARCH .*\((county=\?)?\)$")


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The plan of every statement that is run."""
    found: dict[str, list[str]] = {}
    run, run_many = sqlite.InlineCursor.execute, sqlite.InlineCursor.executemany

    def explain(cursor: Any, operation: str, parameters: Sequence[Any]) -> None:
        words = re.sub(r"(\?, )+", "", operation)
        if words not in found and operation.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            plan = cursor._connection.raw.execute(f"EXPLAIN QUERY PLAN {operation}", parameters)
            found[words] = [row[3] for row in plan]

    async def execute(self: Any, operation: str, parameters: Sequence[Any] = ()) -> Any:
        explain(self, operation, parameters)
        return await run(self, operation, parameters)

    async def executemany(self: Any, operation: str, parameters: Any) -> Any:
        rows = list(parameters)
        explain(self, operation, rows[0])
        return await run_many(self, operation, rows)

    monkeypatch.setattr(sqlite.InlineCursor, "execute", execute)
    monkeypatch.setattr(sqlite.InlineCursor, "executemany", executemany)
    return found


def test_the_pattern_knows_a_search_through_a_county() -> None:
    assert WHOLE.search("SCAN due")
    assert WHOLE.search("SEARCH person USING INDEX pk_person (county=?)")
    assert not WHOLE.search("SEARCH person USING INDEX pk_person (county=? AND ref=?)")
    assert not WHOLE.search("SCAN CONSTANT ROW")


async def test_no_statement_looks_through_a_whole_county(plans: dict[str, list[str]]) -> None:
    await stage_times(intakes=40, warm_up=0)
    assert len(plans) > 30, "the path was not run"
    whole = {
        words: [step for step in plan if WHOLE.search(step)]
        for words, plan in plans.items()
        if not any(table in words for table in SMALL)
    }
    assert {words: steps for words, steps in whole.items() if steps} == {}
