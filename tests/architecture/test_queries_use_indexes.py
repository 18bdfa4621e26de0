"""No statement of the path from an intake to a decision looks through a whole county: asked of SQLite's own planner."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from tests.benchmarks.stages import stage_times

SMALL = ("outbox_shard", "progress", "alembic_version")  # a handful of rows, whatever the county's size
WHOLE = re.compile(r"^SCAN (?!CONSTANT|\(subquery|\w+ VIRTUAL TABLE)|^SEARCH .*\((county=\?)?\)$")


@pytest.fixture
def plans() -> Iterator[dict[str, list[str]]]:
    """The plan of every statement that is run."""
    found: dict[str, list[str]] = {}

    def explain(_: object, cursor: Any, statement: str, parameters: Any, __: object, many: bool) -> None:
        words = re.sub(r"(\?, )+", "", statement)
        if words not in found and statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            one = parameters[0] if many else parameters
            plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", one)
            found[words] = [row[3] for row in plan]

    sa.event.listen(sa.Engine, "before_cursor_execute", explain)
    yield found
    sa.event.remove(sa.Engine, "before_cursor_execute", explain)


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
