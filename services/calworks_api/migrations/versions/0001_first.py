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
        "person",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("sensitivity", sa.Text(), nullable=False),
        sa.Column("address_protected", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_person")),
        sa.UniqueConstraint("county", "record_id", name=op.f("uq_person_county_record_id")),
    )
    op.create_table(
        "unit",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_unit")),
        sa.UniqueConstraint("county", "record_id", name=op.f("uq_unit_county_record_id")),
    )
    op.create_table(
        "application",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("au", sa.Text(), nullable=False),
        sa.Column("received_at", shared.database.Instant(), nullable=False),
        sa.Column("expedite", sa.JSON(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "au"], ["unit.county", "unit.ref"], name=op.f("fk_application_county_au")
        ),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_application")),
    )
    op.create_table(
        "noncompliance",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("notice_date", sa.Date(), nullable=False),
        sa.Column("missed", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "person"], ["person.county", "person.ref"], name=op.f("fk_noncompliance_county_person")
        ),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_noncompliance")),
    )
    with op.batch_alter_table("noncompliance", schema=None) as batch_op:
        batch_op.create_index("ix_noncompliance_person", ["county", "person"], unique=False)

    op.create_table(
        "unit_member",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "person"], ["person.county", "person.ref"], name=op.f("fk_unit_member_county_person")
        ),
        sa.ForeignKeyConstraint(
            ["county", "unit"], ["unit.county", "unit.ref"], name=op.f("fk_unit_member_county_unit")
        ),
        sa.PrimaryKeyConstraint("county", "unit", "person", name=op.f("pk_unit_member")),
    )
    with op.batch_alter_table("unit_member", schema=None) as batch_op:
        batch_op.create_index("ix_unit_member_person", ["county", "person"], unique=False)

    op.create_table(
        "aid_case",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("au", sa.Text(), nullable=False),
        sa.Column("application", sa.Text(), nullable=True),
        sa.Column("aid_start", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "application"],
            ["application.county", "application.ref"],
            name=op.f("fk_aid_case_county_application"),
        ),
        sa.ForeignKeyConstraint(
            ["county", "au"], ["unit.county", "unit.ref"], name=op.f("fk_aid_case_county_au")
        ),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_aid_case")),
        sa.UniqueConstraint("county", "application", name=op.f("uq_aid_case_county_application")),
    )
    op.create_table(
        "application_person",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "application"],
            ["application.county", "application.ref"],
            name=op.f("fk_application_person_county_application"),
        ),
        sa.ForeignKeyConstraint(
            ["county", "person"],
            ["person.county", "person.ref"],
            name=op.f("fk_application_person_county_person"),
        ),
        sa.PrimaryKeyConstraint("county", "application", "person", name=op.f("pk_application_person")),
    )
    with op.batch_alter_table("application_person", schema=None) as batch_op:
        batch_op.create_index("ix_application_person_person", ["county", "person"], unique=False)

    op.create_table(
        "sanction",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("sanction_class", sa.Text(), nullable=False),
        sa.Column("instance_no", sa.Integer(), nullable=False),
        sa.Column("effective_month", sa.Date(), nullable=False),
        sa.Column("noncompliance", sa.Text(), nullable=True),
        sa.Column("cure_steps", sa.JSON(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "noncompliance"],
            ["noncompliance.county", "noncompliance.ref"],
            name=op.f("fk_sanction_county_noncompliance"),
        ),
        sa.ForeignKeyConstraint(
            ["county", "person"], ["person.county", "person.ref"], name=op.f("fk_sanction_county_person")
        ),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_sanction")),
        sa.UniqueConstraint(
            "county", "person", "instance_no", name=op.f("uq_sanction_county_person_instance_no")
        ),
    )
    op.create_table(
        "case_member",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "case"], ["aid_case.county", "aid_case.ref"], name=op.f("fk_case_member_county_case")
        ),
        sa.ForeignKeyConstraint(
            ["county", "person"], ["person.county", "person.ref"], name=op.f("fk_case_member_county_person")
        ),
        sa.PrimaryKeyConstraint("county", "case", "person", name=op.f("pk_case_member")),
    )
    with op.batch_alter_table("case_member", schema=None) as batch_op:
        batch_op.create_index("ix_case_member_person", ["county", "person"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("case_member", schema=None) as batch_op:
        batch_op.drop_index("ix_case_member_person")

    op.drop_table("case_member")
    op.drop_table("sanction")
    with op.batch_alter_table("application_person", schema=None) as batch_op:
        batch_op.drop_index("ix_application_person_person")

    op.drop_table("application_person")
    op.drop_table("aid_case")
    with op.batch_alter_table("unit_member", schema=None) as batch_op:
        batch_op.drop_index("ix_unit_member_person")

    op.drop_table("unit_member")
    with op.batch_alter_table("noncompliance", schema=None) as batch_op:
        batch_op.drop_index("ix_noncompliance_person")

    op.drop_table("noncompliance")
    op.drop_table("application")
    op.drop_table("unit")
    op.drop_table("person")
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
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index("ix_assignment_on")

    op.drop_table("assignment")
