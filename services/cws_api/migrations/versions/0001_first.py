"""first"""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assignment",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("on", sa.Text(), nullable=False),
        sa.Column("on_kind", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("worker_name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("office", sa.Text(), nullable=True),
        sa.Column("supervisor", sa.Text(), nullable=True),
        sa.Column("from_at", shared.database.Instant(), nullable=False),
        sa.Column("until_at", shared.database.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_assignment")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index("ix_assignment_on", ["county", "on"], unique=False)

    op.create_table(
        "client",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("sensitivity", sa.Text(), nullable=False),
        sa.Column("address_protected", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_client")),
        sa.UniqueConstraint("county", "record_id", name=op.f("uq_client_county_record_id")),
    )
    op.create_table(
        "household",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_household")),
        sa.UniqueConstraint("county", "record_id", name=op.f("uq_household_county_record_id")),
    )
    op.create_table(
        "idempotency",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("at", shared.database.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("county", "caller", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "outbox",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", shared.database.Instant(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("offset", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
        sa.UniqueConstraint("county", "key", "sequence", name=op.f("uq_outbox_county_key_sequence")),
        sa.UniqueConstraint("event_id", name=op.f("uq_outbox_event_id")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_waiting",
            ["partition", "position"],
            unique=False,
            sqlite_where=sa.text('"offset" IS NULL'),
            postgresql_where=sa.text('"offset" IS NULL'),
        )

    op.create_table(
        "outbox_key",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("county", "key", name=op.f("pk_outbox_key")),
    )
    op.create_table(
        "outbox_shard",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("until", shared.database.Instant(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("acknowledged", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partition", name=op.f("pk_outbox_shard")),
    )
    op.create_table(
        "household_member",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("household", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=True),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["county", "client"],
            ["client.county", "client.ref"],
            name=op.f("fk_household_member_county_client"),
        ),
        sa.ForeignKeyConstraint(
            ["county", "household"],
            ["household.county", "household.ref"],
            name=op.f("fk_household_member_county_household"),
        ),
        sa.PrimaryKeyConstraint("county", "household", "client", name=op.f("pk_household_member")),
    )
    with op.batch_alter_table("household_member", schema=None) as batch_op:
        batch_op.create_index("ix_household_member_client", ["county", "client"], unique=False)

    op.create_table(
        "referral",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("household", sa.Text(), nullable=False),
        sa.Column("received_at", shared.database.Instant(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "household"],
            ["household.county", "household.ref"],
            name=op.f("fk_referral_county_household"),
        ),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_referral")),
    )
    op.create_table(
        "removal",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("child", sa.Text(), nullable=False),
        sa.Column("removed_on", sa.Date(), nullable=False),
        sa.Column("all_eligible_removed", sa.Boolean(), nullable=True),
        sa.Column("placement_class", sa.Text(), nullable=True),
        sa.Column("court_date", sa.Date(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "child"], ["client.county", "client.ref"], name=op.f("fk_removal_county_child")
        ),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_removal")),
    )
    with op.batch_alter_table("removal", schema=None) as batch_op:
        batch_op.create_index("ix_removal_child", ["county", "child"], unique=False)

    op.create_table(
        "referral_participant",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("referral", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "client"],
            ["client.county", "client.ref"],
            name=op.f("fk_referral_participant_county_client"),
        ),
        sa.ForeignKeyConstraint(
            ["county", "referral"],
            ["referral.county", "referral.ref"],
            name=op.f("fk_referral_participant_county_referral"),
        ),
        sa.PrimaryKeyConstraint("county", "referral", "client", name=op.f("pk_referral_participant")),
    )
    with op.batch_alter_table("referral_participant", schema=None) as batch_op:
        batch_op.create_index("ix_referral_participant_client", ["county", "client"], unique=False)

    op.create_table(
        "service_case",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("child", sa.Text(), nullable=False),
        sa.Column("referral", sa.Text(), nullable=True),
        sa.Column("household", sa.Text(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("court", sa.Boolean(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("projected_end", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "child"], ["client.county", "client.ref"], name=op.f("fk_service_case_county_child")
        ),
        sa.ForeignKeyConstraint(
            ["county", "household"],
            ["household.county", "household.ref"],
            name=op.f("fk_service_case_county_household"),
        ),
        sa.ForeignKeyConstraint(
            ["county", "referral"],
            ["referral.county", "referral.ref"],
            name=op.f("fk_service_case_county_referral"),
        ),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_service_case")),
    )
    with op.batch_alter_table("service_case", schema=None) as batch_op:
        batch_op.create_index(
            "uq_service_case_open_child",
            ["county", "child"],
            unique=True,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )

    op.create_table(
        "case_participant",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "case"],
            ["service_case.county", "service_case.ref"],
            name=op.f("fk_case_participant_county_case"),
        ),
        sa.ForeignKeyConstraint(
            ["county", "client"],
            ["client.county", "client.ref"],
            name=op.f("fk_case_participant_county_client"),
        ),
        sa.PrimaryKeyConstraint("county", "case", "client", name=op.f("pk_case_participant")),
    )
    with op.batch_alter_table("case_participant", schema=None) as batch_op:
        batch_op.create_index("ix_case_participant_client", ["county", "client"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("case_participant", schema=None) as batch_op:
        batch_op.drop_index("ix_case_participant_client")

    op.drop_table("case_participant")
    with op.batch_alter_table("service_case", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_service_case_open_child",
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )

    op.drop_table("service_case")
    with op.batch_alter_table("referral_participant", schema=None) as batch_op:
        batch_op.drop_index("ix_referral_participant_client")

    op.drop_table("referral_participant")
    with op.batch_alter_table("removal", schema=None) as batch_op:
        batch_op.drop_index("ix_removal_child")

    op.drop_table("removal")
    op.drop_table("referral")
    with op.batch_alter_table("household_member", schema=None) as batch_op:
        batch_op.drop_index("ix_household_member_client")

    op.drop_table("household_member")
    op.drop_table("outbox_shard")
    op.drop_table("outbox_key")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_waiting",
            sqlite_where=sa.text('"offset" IS NULL'),
            postgresql_where=sa.text('"offset" IS NULL'),
        )

    op.drop_table("outbox")
    op.drop_table("idempotency")
    op.drop_table("household")
    op.drop_table("client")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index("ix_assignment_on")

    op.drop_table("assignment")
