"""life_cycle"""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exemption",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "person"], ["person.county", "person.ref"], name=op.f("fk_exemption_county_person")
        ),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_exemption")),
    )
    op.create_index("ix_exemption_person", "exemption", ["county", "person"])

    op.create_table(
        "good_cause",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("noncompliance", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "noncompliance"],
            ["noncompliance.county", "noncompliance.ref"],
            name=op.f("fk_good_cause_county_noncompliance"),
        ),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_good_cause")),
    )
    op.create_index("ix_good_cause_noncompliance", "good_cause", ["county", "noncompliance"])

    op.add_column("aid_case", sa.Column("reason_class", sa.Text(), nullable=True))
    op.add_column("aid_case", sa.Column("aid_end", sa.Date(), nullable=True))

    op.add_column("application", sa.Column("reason_class", sa.Text(), nullable=True))
    op.add_column("application", sa.Column("ended_on", sa.Date(), nullable=True))

    op.add_column("noncompliance", sa.Column("outcome", sa.Text(), nullable=True))
    op.add_column("noncompliance", sa.Column("resolved_on", sa.Date(), nullable=True))

    op.add_column("person", sa.Column("wtw_status", sa.Text(), nullable=True))
    op.add_column("person", sa.Column("wtw_since", sa.Date(), nullable=True))

    op.add_column("sanction", sa.Column("ended_on", sa.Date(), nullable=True))
    op.add_column("sanction", sa.Column("restored_month", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("sanction", "restored_month")
    op.drop_column("sanction", "ended_on")

    op.drop_column("person", "wtw_since")
    op.drop_column("person", "wtw_status")

    op.drop_column("noncompliance", "resolved_on")
    op.drop_column("noncompliance", "outcome")

    op.drop_column("application", "ended_on")
    op.drop_column("application", "reason_class")

    op.drop_column("aid_case", "aid_end")
    op.drop_column("aid_case", "reason_class")

    op.drop_index("ix_good_cause_noncompliance", table_name="good_cause")

    op.drop_table("good_cause")
    op.drop_index("ix_exemption_person", table_name="exemption")

    op.drop_table("exemption")
