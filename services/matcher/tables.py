"""The matcher's tables.

Base rows are registers: each keeps the highest sequence that wrote it, and one not above it changes nothing, so
they are equal at the end whatever the order of arrival. Pairs, mutual cases, alerts and entries are derived from
them. `due` says what is to be decided again.
"""

import sqlalchemy as sa

from shared.database import Instant, big_id, metadata
from shared.inbox import make_inbox_tables
from shared.outbox import make_outbox_tables
from shared.web.idempotency import make_idempotency_table

METADATA = metadata()
INBOX = make_inbox_tables(METADATA)
IDEMPOTENCY = make_idempotency_table(METADATA)

# --- registers of identity ---------------------------------------------------------------------------------------

PERSON = sa.Table(
    "person",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("ref", sa.Text, primary_key=True),
    sa.Column("program", sa.Text, primary_key=True),
    sa.Column("record_seq", sa.BigInteger, nullable=False),
    sa.Column(
        "record", sa.LargeBinary
    ),  # the normalised person and the name to show, sealed; null when sealed
    sa.Column("record_id", sa.Text),
    sa.Column("sensitivity", sa.Text, nullable=False),
    sa.Column("sealed_seq", sa.BigInteger, nullable=False),
    sa.Column("sealed", sa.Boolean, nullable=False),
    sa.Column("void_seq", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("merged_seq", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("merged_into", sa.Text),  # the record of the same program that this one was merged into
    # Partial: of a whole one, SQLite reads the county's people to find those that were not merged.
    sa.Index(
        "ix_person_merged_into",
        "county",
        "merged_into",
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    ),
    sa.Index("ix_person_record_id", "county", "record_id"),
)

BLOCK_KEY = sa.Table(
    "block_key",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("key", sa.LargeBinary, primary_key=True),
    sa.Column("program", sa.Text, primary_key=True),
    sa.Column("ref", sa.Text, primary_key=True),
    sa.Column("is_ssn", sa.Boolean, nullable=False),
    sa.Index("ix_block_key_person", "county", "ref", "key"),
)

BLOCK_CAP = sa.Table(  # a register of each blocking key that too many people have: it brings nobody together
    "block_cap",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("key", sa.LargeBinary, primary_key=True),
    sa.Column("size", sa.Integer, nullable=False),  # how many people had it when it was last looked at
    sa.Column("since", Instant, nullable=False),
)

BLOCK_TOUCHED = sa.Table(  # keys that people got or lost, until their blocks have been looked at: append-only
    "block_touched",
    METADATA,
    sa.Column("id", big_id(), primary_key=True, autoincrement=True),
    sa.Column("county", sa.Text, nullable=False),
    sa.Column("keys", sa.LargeBinary, nullable=False),  # one after the other
)

BLOCK_SWEEP = (
    sa.Table(  # one row: which process writes the register of capped blocks, and for which cap it stands
        "block_sweep",
        METADATA,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("owner", sa.Text),
        sa.Column("until", Instant, nullable=False),
        sa.Column("cap", sa.Integer),
    )
)

VERDICT = sa.Table(  # what a reviewer found about two source records; the newest that is not undone counts
    "verdict",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("cws", sa.Text, nullable=False),
    sa.Column("calworks", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),  # same | different | unsure
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("undone_by", sa.Text),
    sa.Column("undone_at", Instant),
    sa.Column("undone_reason", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_verdict_cws", "county", "cws"),
    sa.Index("ix_verdict_calworks", "county", "calworks"),
)

REVIEW_CLAIM = sa.Table(  # who looks at a pair now, until when
    "review_claim",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("cws", sa.Text, primary_key=True),
    sa.Column("calworks", sa.Text, primary_key=True),
    sa.Column("worker", sa.Text, nullable=False),
    sa.Column("until", Instant, nullable=False),
)

# --- registers of coordination -----------------------------------------------------------------------------------

GROUP = sa.Table(  # who belongs to a household (its own register) or to a unit (an application's or a case's)
    "group_register",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("program", sa.Text, nullable=False),
    sa.Column("household", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # household | application | case | placement | left
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Index("ix_group_register_household", "county", "household"),
)

MEMBER = sa.Table(
    "member",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),  # one person may have several dated spells
    sa.Column("household", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("from_date", sa.Date),
    sa.Column("until_date", sa.Date),
    sa.Index("ix_member_person", "county", "person"),
    sa.Index("ix_member_household", "county", "household"),
)

FACT = sa.Table(
    "fact",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("ref", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),  # the name of the event that wrote it
    sa.Column("program", sa.Text, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column(
        "about", sa.Text, nullable=False
    ),  # the person, household, unit, or for an assignment its object
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Index("ix_fact_about", "county", "about"),
)

# --- since when a county is live ----------------------------------------------------------------------------------

INITIAL_IMPORT = sa.Table(  # a register of each initial import: while one is not completed, nothing is news
    "initial_import",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("import", sa.Text, primary_key=True),
    sa.Column("started_at", Instant),
    sa.Column("completed_at", Instant),
)

# --- what is to be decided ---------------------------------------------------------------------------------------

DUE = sa.Table(
    "due",
    METADATA,
    sa.Column("id", big_id(), primary_key=True, autoincrement=True),
    sa.Column("county", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("program", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("household", sa.Text),
    sa.Column("was_keys", sa.JSON),  # record: the blocking keys it had, as hex
    sa.Column("was_record", sa.LargeBinary),  # record: what it was, sealed; nulled when the person is sealed
    sa.Column(
        "was_members", sa.JSON
    ),  # household: whom it had; block: up to which member it has been gone through
    sa.Column("not_before", Instant, nullable=False),  # AT_ONCE, or the instant that it waits for
    sa.Column("trace_id", sa.Text),  # of the request that made it due, for logs alone
    sa.Column("recorded_at", Instant),  # when that was recorded, for metrics alone
    sa.Index("ix_due_not_before", "not_before", "id"),
    sa.Index("ix_due_subject", "county", "subject"),
)

# --- derived: pairs, mutual cases, alerts ------------------------------------------------------------------------

PAIR = sa.Table(
    "pair",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("cws", sa.Text, primary_key=True),
    sa.Column("calworks", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, nullable=False),  # what it is called outside: identity.decision.pair_id
    sa.Column("decision", sa.Text, nullable=False),  # linked | review
    sa.Column("weight", sa.Float, nullable=False),
    sa.Column("because", sa.JSON, nullable=False),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("decided_at", Instant, nullable=False),
    sa.Index("ix_pair_calworks", "county", "calworks"),
    sa.Index("ix_pair_id", "county", "id"),
    sa.Index("ix_pair_decision", "county", "decision", "decided_at", "id"),
)

MUTUAL_CASE = sa.Table(
    "mutual_case",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("household", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("types", sa.JSON, nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("judged", sa.LargeBinary),  # digest of the disclosure decisions of the last derivation
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Index("ix_mutual_case_household", "county", "household"),
    sa.Index("ix_mutual_case_unit", "county", "unit"),
)

ALERT = sa.Table(
    "alert",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("mutual_case", sa.Text, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("legal_due", Instant),
    sa.Column("created_at", Instant, nullable=False),
    sa.Index("ix_alert_mutual_case", "county", "mutual_case"),
)

ENTRY = sa.Table(
    "entry",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("alert", sa.Text, primary_key=True),
    sa.Column("program", sa.Text, primary_key=True),
    sa.Column("inbox", sa.Text, primary_key=True),  # a worker's reference, or LIAISON
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("items", sa.JSON, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # open | acknowledged | closed | withdrawn | recalled
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column(
        "change", sa.Text, nullable=False
    ),  # created | updated | acknowledged | closed | withdrawn | recalled
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("acknowledge_by", Instant),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("read_at", Instant),
    sa.Column("acknowledged_at", Instant),
    sa.Index("ix_entry_seq", "county", "program", "inbox", "seq"),
)

INBOX_COUNTER = sa.Table(
    "inbox_counter",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("program", sa.Text, primary_key=True),
    sa.Column("inbox", sa.Text, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)

TASK = sa.Table(
    "task",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("program", sa.Text, nullable=False),
    sa.Column("inbox", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("intake", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # open | signed | declined | not_reached
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("done_at", Instant),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_task_inbox", "county", "program", "inbox", "id"),
)

# --- disclosure --------------------------------------------------------------------------------------------------

RELEASE = sa.Table(
    "release",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("program", sa.Text, nullable=False),
    sa.Column("taken_by", sa.Text, nullable=False),
    sa.Column("terms", sa.JSON, nullable=False),
    sa.Column("details", sa.JSON(none_as_null=True)),  # all but its scope; null: taken before that was kept
    sa.Column("valid_from", Instant, nullable=False),
    sa.Column("expires", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
)

RELEASE_PERSON = sa.Table(
    "release_person",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("release", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("signed_by", sa.Text, nullable=False),
    sa.Index("ix_release_person_person", "county", "person", "release"),
)

# The accounting: every decision of the gate, at derivation and at each read; and each reading of the accounting itself.
DISCLOSURE = sa.Table(
    "disclosure",
    METADATA,
    sa.Column("id", big_id(), primary_key=True, autoincrement=True),
    sa.Column("county", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),  # derived | read | accounting
    sa.Column("alert", sa.Text, nullable=False),
    sa.Column("alert_type", sa.Text, nullable=False),
    sa.Column("program", sa.Text, nullable=False),
    sa.Column("inbox", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("basis", sa.Text),
    sa.Column("basis_source", sa.Text),
    sa.Column("redaction", sa.Text),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Index("ix_disclosure_alert", "county", "alert"),
    sa.Index("ix_disclosure_subject", "county", "subject", "id"),  # what was told of a person
)

# --- events out --------------------------------------------------------------------------------------------------

OUTBOX = make_outbox_tables(METADATA)
sa.Index("ix_outbox_county", OUTBOX.rows.c.county, OUTBOX.rows.c.position)  # pages of GET /v1/events

ACTIVITY = sa.Table(  # what the programs did, by the hour, until it is told as `activity.counted`
    "activity",
    METADATA,
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("program", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, primary_key=True),
    sa.Column("hour", Instant, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("mutual", sa.Integer, nullable=False),  # of them about somebody in a mutual case then
    sa.Index("ix_activity_hour", "hour"),
)

# --- pages -------------------------------------------------------------------------------------------------------

USED_TICKET = sa.Table(  # one-time links that have been used (development alone)
    "used_ticket",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("used_at", Instant, nullable=False),
)
