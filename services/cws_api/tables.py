"""The tables. Every row carries its county; who a client is stands sealed in `client.person` alone."""

import sqlalchemy as sa

from shared.database import Instant, metadata
from shared.outbox import make_outbox_tables
from shared.web.idempotency import make_idempotency_table

METADATA = metadata()

OUTBOX = make_outbox_tables(METADATA)
IDEMPOTENCY = make_idempotency_table(METADATA)


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
    sa.UniqueConstraint("county", "record_id"),
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
