"""Every prepared statement that is given a list finds its rows by an index, and reads no county from end to end."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from services.calworks_api import tables as calworks_tables
from services.cws_api import tables as cws_tables
from services.matcher import tables as matcher_tables

TABLES = {"calworks_api": calworks_tables, "cws_api": cws_tables, "matcher": matcher_tables}
WITHOUT_INDEX = re.compile(r"^SCAN (?!json_each)|\(county=\?\)")
"""How SQLite tells of a step that reads a table, or a county's part of it, from end to end."""


def statements() -> Iterator[Any]:
    """Those that stand in a module of a service and have a list among their parameters."""
    for service in TABLES:
        package = importlib.import_module(f"services.{service}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" in found.name:
                continue
            for name, value in vars(importlib.import_module(found.name)).items():
                if isinstance(value, sa.SelectBase | sa.Update | sa.Delete) and _has_list(value):
                    yield pytest.param(service, value, id=f"{found.name}.{name}")


def _has_list(statement: Any) -> bool:
    return "json_each" in str(statement.compile(dialect=sqlite.dialect()))


@pytest.mark.parametrize(("service", "statement"), list(statements()))
def test_a_statement_with_a_list_finds_its_rows_by_an_index(service: str, statement: Any) -> None:
    engine = sa.create_engine("sqlite://")
    TABLES[service].METADATA.create_all(engine)
    compiled = statement.compile(dialect=sqlite.dialect())
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        plan = driver.execute(f"EXPLAIN QUERY PLAN {compiled}", [None] * len(compiled.positiontup or ()))
        steps = [row[3] for row in plan]
    assert not [step for step in steps if WITHOUT_INDEX.search(step)], steps
