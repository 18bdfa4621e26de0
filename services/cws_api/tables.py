"""The tables. Every row carries its county; who a client is stands sealed in `client.person` alone."""

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


CLIENT = sa.Table(
    "client",
    METADATA,
    *_key(),
    sa.Column("record_id", sa.Text),
    sa.Column("person", sa.LargeBinary, nullable=False),
    sa.Column("sensitivity", sa.Text, nullable=False),
    sa.Column("address_protected", sa.Boolean, nullable=False),
    *_stamps(),
    sa.Column("merged_into", sa.Text),
    sa.Column("voided_at", Instant),
    sa.UniqueConstraint("county", "record_id"),
    sa.Index("ix_client_merged_into", "county", "merged_into"),
)

HOUSEHOLD = sa.Table(
    "household",
    METADATA,
    *_key(),
    sa.Column("record_id", sa.Text),
    sa.Column("protected", sa.Boolean, nullable=False),
    *_stamps(),
    sa.UniqueConstraint("county", "record_id"),
)

HOUSEHOLD_MEMBER = sa.Table(
    "household_member",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("household", sa.Text, primary_key=True),
    sa.Column("client", sa.Text, primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("relation", sa.Text),
    sa.Column("from_date", sa.Date),
    sa.Column("until_date", sa.Date),
    _to("household", "household"),
    _to("client", "client"),
    sa.Index("ix_household_member_client", "county", "client"),
)

REFERRAL = sa.Table(
    "referral",
    METADATA,
    *_key(),
    sa.Column("household", sa.Text, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("response", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("closed_on", sa.Date),
    *_stamps(),
    _to("household", "household"),
    sa.Index("ix_referral_household", "county", "household"),
)

REFERRAL_PARTICIPANT = sa.Table(
    "referral_participant",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("referral", sa.Text, primary_key=True),
    sa.Column("client", sa.Text, primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    _to("referral", "referral"),
    _to("client", "client"),
    sa.Index("ix_referral_participant_client", "county", "client"),
)

CASE = sa.Table(
    "service_case",
    METADATA,
    *_key(),
    sa.Column("child", sa.Text, nullable=False),
    sa.Column("referral", sa.Text),
    sa.Column("household", sa.Text, nullable=False),
    sa.Column("component", sa.Text, nullable=False),
    sa.Column("court", sa.Boolean, nullable=False),
    sa.Column("opened_on", sa.Date, nullable=False),
    sa.Column("projected_end", sa.Date),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("moved_on", sa.Date),
    sa.Column("reason_class", sa.Text),
    sa.Column("closed_on", sa.Date),
    *_stamps(),
    _to("child", "client"),
    _to("referral", "referral"),
    _to("household", "household"),
    sa.Index("ix_service_case_child", "county", "child"),
)
sa.Index(
    "uq_service_case_open_child",
    CASE.c.county,
    CASE.c.child,
    unique=True,
    sqlite_where=CASE.c.status == "open",
    postgresql_where=CASE.c.status == "open",
)

CASE_PARTICIPANT = sa.Table(
    "case_participant",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("case", sa.Text, primary_key=True),
    sa.Column("client", sa.Text, primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    _to("case", "service_case"),
    _to("client", "client"),
    sa.Index("ix_case_participant_client", "county", "client"),
)

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

REMOVAL = sa.Table(
    "removal",
    METADATA,
    *_key(),
    sa.Column("child", sa.Text, nullable=False),
    sa.Column("removed_on", sa.Date, nullable=False),
    sa.Column("all_eligible_removed", sa.Boolean),
    sa.Column("placement_class", sa.Text),
    sa.Column("court_date", sa.Date),
    sa.Column("returned_on", sa.Date),
    *_stamps(),
    _to("child", "client"),
    sa.Index("ix_removal_child", "county", "child"),
)

RELATIONSHIP = sa.Table(
    "relationship",
    METADATA,
    *_key(),
    sa.Column("client", sa.Text, nullable=False),
    sa.Column("to", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("same_home", sa.Boolean),
    sa.Column("from_date", sa.Date),
    sa.Column("until_date", sa.Date),
    *_stamps(),
    _to("client", "client"),
    _to("to", "client"),
    sa.Index("ix_relationship_client", "county", "client"),
    sa.Index("ix_relationship_to", "county", "to"),
)

RELATIVE_PLACEMENT = sa.Table(
    "relative_placement",
    METADATA,
    *_key(),
    sa.Column("child", sa.Text, nullable=False),
    sa.Column("caregiver", sa.Text, nullable=False),
    sa.Column("degree", sa.Integer),
    sa.Column("funding", sa.Text, nullable=False),
    sa.Column("planned_on", sa.Date),
    sa.Column("started_on", sa.Date),
    sa.Column("ended_on", sa.Date),
    *_stamps(),
    _to("child", "client"),
    _to("caregiver", "client"),
    sa.Index("ix_relative_placement_child", "county", "child"),
    sa.Index("ix_relative_placement_caregiver", "county", "caregiver"),
)
sa.Index(
    "uq_relative_placement_standing_child",
    RELATIVE_PLACEMENT.c.county,
    RELATIVE_PLACEMENT.c.child,
    unique=True,
    sqlite_where=RELATIVE_PLACEMENT.c.ended_on.is_(None),
    postgresql_where=RELATIVE_PLACEMENT.c.ended_on.is_(None),
)

MEETING = sa.Table(
    "meeting",
    METADATA,
    *_key(),
    sa.Column("household", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("starts_at", Instant, nullable=False),
    sa.Column("ends_at", Instant),
    sa.Column("place", sa.Text),
    sa.Column("clients", sa.JSON, nullable=False),
    sa.Column("workers", sa.JSON, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("held_on", sa.Date),
    sa.Column("outcomes", sa.JSON, nullable=False),
    sa.Column("cancelled_on", sa.Date),
    *_stamps(),
    _to("household", "household"),
)

HEARING = sa.Table(
    "hearing",
    METADATA,
    *_key(),
    sa.Column("case", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("on", sa.Date, nullable=False),
    *_stamps(),
    _to("case", "service_case"),
    sa.Index("ix_hearing_case", "county", "case"),
)
