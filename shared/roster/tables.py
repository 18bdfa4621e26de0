"""What is kept of an import: the file's state and counts, and each row's outcome.

A row is kept sealed from its upload until it is applied; its Social Security number is tokens by then.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from shared.database import Instant
from shared.errors import NotFound
from shared.roster.checking import Finding

State = Literal["receiving", "applying", "done"]
Outcome = Literal["accepted", "repeated", "rejected"]

COUNTS = ("rows", "accepted", "repeated", "warnings", "rejected", "done", "record_ids", "units")


class ImportNotFound(NotFound):
    """No import with this reference."""


@dataclass(frozen=True)
class ImportTables:
    """imports: one row a file; rows: one row a record of it."""

    imports: sa.Table
    rows: sa.Table


@dataclass(frozen=True)
class Import:
    """An import. `rows` are those of the file, `warnings` accepted ones with one, `done` those that are applied.

    `record_ids` and `units` are the distinct ones in the file.
    """

    county: str
    ref: str
    worker: str
    dry_run: bool = False
    initial: bool = False
    state: State = "receiving"
    rows: int = 0
    accepted: int = 0
    repeated: int = 0
    warnings: int = 0
    rejected: int = 0
    done: int = 0
    record_ids: int = 0
    units: int = 0
    created_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def left(self) -> int:
        """Rows that are still to be applied."""
        return 0 if self.state == "done" else self.accepted - self.done


@dataclass(frozen=True, slots=True)
class Result:
    """A row of a file and what became of it."""

    line: int
    record_id: str | None
    outcome: Outcome
    findings: tuple[Finding, ...]


def make_import_tables(metadata: sa.MetaData) -> ImportTables:
    """Imports, on the service's own metadata."""
    imports = sa.Table(
        "roster_import",
        metadata,
        sa.Column("county", sa.Text, primary_key=True),
        sa.Column("ref", sa.Text, primary_key=True),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("dry_run", sa.Boolean, nullable=False),
        sa.Column("initial", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary),  # keyed, of the whole file
        *(sa.Column(name, sa.Integer, nullable=False) for name in COUNTS),
        sa.Column("owner", sa.Text),
        sa.Column("until", Instant, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("finished_at", Instant),
        sa.Index("ix_roster_import_state", "state", "created_at"),
    )
    rows = sa.Table(
        "roster_row",
        metadata,
        sa.Column("county", sa.Text, primary_key=True),
        sa.Column("import", sa.Text, primary_key=True),
        sa.Column("line", sa.Integer, primary_key=True),
        sa.Column("record_id", sa.Text),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("findings", sa.Text),
        sa.Column("content", sa.LargeBinary),  # keyed, of what an accepted row says
        sa.Column("sealed", sa.LargeBinary),  # until it is applied
        sa.ForeignKeyConstraint(["county", "import"], ["roster_import.county", "roster_import.ref"]),
        sa.Index("ix_roster_row_record_id", "county", "import", "record_id"),
    )
    sa.Index(
        "ix_roster_row_waiting",
        rows.c.county,
        rows.c["import"],
        rows.c.unit,
        rows.c.line,
        sqlite_where=rows.c.sealed.is_not(None),
        postgresql_where=rows.c.sealed.is_not(None),
    )
    return ImportTables(imports, rows)
