"""breadth"""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clock_milestone",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("projected_end", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "person"],
            ["person.county", "person.ref"],
            name=op.f("fk_clock_milestone_county_person"),
        ),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_clock_milestone")),
        sa.UniqueConstraint("county", "person", "month", name=op.f("uq_clock_milestone_county_person_month")),
    )
    op.create_table(
        "wtw_plan",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("amended_on", sa.Date(), nullable=True),
        sa.Column("activities", sa.JSON(), nullable=False),
        sa.Column("hours_per_week", sa.Integer(), nullable=False),
        sa.Column("supportive_services", sa.JSON(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "person"], ["person.county", "person.ref"], name=op.f("fk_wtw_plan_county_person")
        ),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_wtw_plan")),
    )
    op.create_index("ix_wtw_plan_person", "wtw_plan", ["county", "person"])

    op.add_column("aid_case", sa.Column("case_number", sa.Text(), nullable=True))

    op.add_column("person", sa.Column("county_id", sa.LargeBinary(), nullable=True))
    op.add_column("person", sa.Column("merged_into", sa.Text(), nullable=True))
    op.add_column("person", sa.Column("voided_at", shared.database.Instant(), nullable=True))
    op.create_index("ix_person_merged_into", "person", ["county", "merged_into"])


def downgrade() -> None:
    op.drop_index("ix_person_merged_into", table_name="person")
    op.drop_column("person", "voided_at")
    op.drop_column("person", "merged_into")
    op.drop_column("person", "county_id")

    op.drop_column("aid_case", "case_number")

    op.drop_index("ix_wtw_plan_person", table_name="wtw_plan")

    op.drop_table("wtw_plan")
    op.drop_table("clock_milestone")
