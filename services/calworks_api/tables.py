"""The tables. Every row carries its county; who a person is stands sealed in `person` alone."""

import sqlalchemy as sa

from shared.database import Instant, metadata
from shared.outbox import make_outbox_tables
from shared.roster.tables import make_import_tables
from shared.web.idempotency import make_idempotency_table

METADATA = metadata()

OUTBOX = make_outbox_tables(METADATA)
IDEMPOTENCY = make_idempotency_table(METADATA)
IMPORTS = make_import_tables(METADATA)


def _key() -> tuple[sa.Column[str], sa.Column[str]]:
    """A record's county and reference."""
    return sa.Column("county", sa.Text, primary_key=True), sa.Column("ref", sa.Text, primary_key=True)


def _stamps() -> tuple[sa.Column[int], sa.Column[object], sa.Column[object]]:
    """A record's version, and when it was made and last changed."""
    return (
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
    )


def _to(column: str, table: str) -> sa.ForeignKeyConstraint:
    """A reference to a record of the same county."""
    return sa.ForeignKeyConstraint(["county", column], [f"{table}.county", f"{table}.ref"])


PERSON = sa.Table(
    "person",
    METADATA,
    *_key(),
    sa.Column("record_id", sa.Text),
    sa.Column("person", sa.LargeBinary, nullable=False),
    sa.Column("sensitivity", sa.Text, nullable=False),
    sa.Column("address_protected", sa.Boolean, nullable=False),
    sa.Column("wtw_status", sa.Text),
    sa.Column("wtw_since", sa.Date),
    sa.Column("county_id", sa.LargeBinary),
    sa.Column("merged_into", sa.Text),  # the survivor's reference, never that of a record that was merged too
    sa.Column("voided_at", Instant),
    *_stamps(),
    sa.UniqueConstraint("county", "record_id"),
    sa.Index("ix_person_merged_into", "county", "merged_into"),
)

UNIT = sa.Table(
    "unit",
    METADATA,
    *_key(),
    sa.Column("record_id", sa.Text),
    *_stamps(),
    sa.UniqueConstraint("county", "record_id"),
)


def _people_of(name: str, column: str, table: str) -> sa.Table:
    """The people of a unit, application or case, in order, with their roles."""
    return sa.Table(
        name,
        METADATA,
        sa.Column("county", sa.Text, primary_key=True),
        sa.Column(column, sa.Text, primary_key=True),
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        _to(column, table),
        _to("person", "person"),
        sa.Index(f"ix_{name}_person", "county", "person"),
    )


UNIT_MEMBER = _people_of("unit_member", "unit", "unit")

APPLICATION = sa.Table(
    "application",
    METADATA,
    *_key(),
    sa.Column("au", sa.Text, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("expedite", sa.JSON, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason_class", sa.Text),
    sa.Column("ended_on", sa.Date),
    *_stamps(),
    _to("au", "unit"),
    sa.Index("ix_application_au", "county", "au"),
)

APPLICATION_PERSON = _people_of("application_person", "application", "application")

CASE = sa.Table(
    "aid_case",
    METADATA,
    *_key(),
    sa.Column("au", sa.Text, nullable=False),
    sa.Column("application", sa.Text),
    sa.Column("case_number", sa.Text),
    sa.Column("aid_start", sa.Date, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason_class", sa.Text),
    sa.Column("aid_end", sa.Date),
    *_stamps(),
    sa.UniqueConstraint("county", "application"),
    _to("au", "unit"),
    _to("application", "application"),
    sa.Index("ix_aid_case_au", "county", "au"),
)

CASE_MEMBER = _people_of("case_member", "case", "aid_case")

ASSIGNMENT = sa.Table(
    "assignment",
    METADATA,
    *_key(),
    sa.Column("on", sa.Text, nullable=False),
    sa.Column("on_kind", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("worker", sa.Text, nullable=False),
    sa.Column("worker_name", sa.Text),
    sa.Column("phone", sa.Text),
    sa.Column("office", sa.Text),
    sa.Column("supervisor", sa.Text),
    sa.Column("from_at", Instant, nullable=False),
    sa.Column("until_at", Instant),
    *_stamps(),
    sa.Index("ix_assignment_on", "county", "on"),
)

NONCOMPLIANCE = sa.Table(
    "noncompliance",
    METADATA,
    *_key(),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("notice_date", sa.Date, nullable=False),
    sa.Column("missed", sa.JSON(none_as_null=True)),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("resolved_on", sa.Date),
    *_stamps(),
    _to("person", "person"),
    sa.Index("ix_noncompliance_person", "county", "person"),
)

GOOD_CAUSE = sa.Table(
    "good_cause",
    METADATA,
    *_key(),
    sa.Column("noncompliance", sa.Text, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),  # among the decisions about the notice
    sa.Column("granted", sa.Boolean, nullable=False),
    sa.Column("from_date", sa.Date),
    sa.Column("until_date", sa.Date),
    *_stamps(),
    _to("noncompliance", "noncompliance"),
    sa.Index("ix_good_cause_noncompliance", "county", "noncompliance"),
)

SANCTION = sa.Table(
    "sanction",
    METADATA,
    *_key(),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("sanction_class", sa.Text, nullable=False),
    sa.Column("instance_no", sa.Integer, nullable=False),
    sa.Column("effective_month", sa.Date, nullable=False),
    sa.Column("noncompliance", sa.Text),
    sa.Column("cure_steps", sa.JSON, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("ended_on", sa.Date),
    sa.Column("restored_month", sa.Date),
    *_stamps(),
    sa.UniqueConstraint("county", "person", "instance_no"),
    _to("person", "person"),
    _to("noncompliance", "noncompliance"),
)

EXEMPTION = sa.Table(
    "exemption",
    METADATA,
    *_key(),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("from_date", sa.Date, nullable=False),
    sa.Column("review_on", sa.Date),
    sa.Column("ended_on", sa.Date),
    *_stamps(),
    _to("person", "person"),
    sa.Index("ix_exemption_person", "county", "person"),
)

WTW_PLAN = sa.Table(
    "wtw_plan",
    METADATA,
    *_key(),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("signed_on", sa.Date, nullable=False),
    sa.Column("amended_on", sa.Date),
    sa.Column("activities", sa.JSON, nullable=False),
    sa.Column("hours_per_week", sa.Integer, nullable=False),
    sa.Column("supportive_services", sa.JSON, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    *_stamps(),
    _to("person", "person"),
    sa.Index("ix_wtw_plan_person", "county", "person"),
)

CLOCK_MILESTONE = sa.Table(
    "clock_milestone",
    METADATA,
    *_key(),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("month", sa.Date, nullable=False),
    sa.Column("used", sa.Integer, nullable=False),
    sa.Column("projected_end", sa.Date),
    *_stamps(),
    sa.UniqueConstraint("county", "person", "month"),
    _to("person", "person"),
)
