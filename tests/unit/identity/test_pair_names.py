"""What pairs are called outside: also those decided before they had a name, and asked for without a search."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.dialects import sqlite as sqlite_dialect

from services.matcher.identity import verdicts
from services.matcher.identity.decision import pair_id
from shared import migrations
from tests.architecture.test_queries_use_indexes import WHOLE

MATCHER = Path(__file__).parents[3] / "services" / "matcher"


def test_pairs_decided_before_they_had_names_are_given_them(tmp_path: Path) -> None:
    file = tmp_path / "matcher.db"
    migrations.upgrade(f"sqlite:///{file}", MATCHER, "0001")
    ends = [(f"cl_{number}", f"ps_{number}") for number in range(3)]
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executemany(
            "INSERT INTO pair (county, cws, calworks, decision, weight, because, reasons, model, version, decided_at)"
            " VALUES ('43', ?, ?, 'review', 9.5, '[]', '[]', 'm', 1, 0)",
            ends,
        )
    migrations.upgrade(f"sqlite:///{file}", MATCHER)
    with closing(sqlite3.connect(file)) as connection:
        names = dict(connection.execute("SELECT cws, id FROM pair").fetchall())
    assert names == {cws: pair_id("43", cws, calworks) for cws, calworks in ends}


def test_a_pair_is_asked_for_without_looking_through_the_county(tmp_path: Path) -> None:
    file = tmp_path / "matcher.db"
    migrations.upgrade(f"sqlite:///{file}", MATCHER)
    with closing(sqlite3.connect(file)) as connection:
        for statement in (verdicts._PAIR, verdicts._PAIRS, verdicts._OLDEST_FIRST):
            sql = str(statement.compile(dialect=sqlite_dialect.dialect()))
            plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}", ["43"] * sql.count("?")).fetchall()
            assert not any(WHOLE.search(row[3]) for row in plan), (sql, plan)
