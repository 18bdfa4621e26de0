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
        "meeting",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("household", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_at", shared.database.Instant(), nullable=False),
        sa.Column("ends_at", shared.database.Instant(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("clients", sa.JSON(), nullable=False),
        sa.Column("workers", sa.JSON(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "household"],
            ["household.county", "household.ref"],
            name=op.f("fk_meeting_county_household"),
        ),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_meeting")),
    )
    op.create_table(
        "relationship",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("same_home", sa.Boolean(), nullable=True),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "client"], ["client.county", "client.ref"], name=op.f("fk_relationship_county_client")
        ),
        sa.ForeignKeyConstraint(
            ["county", "to"], ["client.county", "client.ref"], name=op.f("fk_relationship_county_to")
        ),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_relationship")),
    )
    op.create_index("ix_relationship_client", "relationship", ["county", "client"], unique=False)
    op.create_index("ix_relationship_to", "relationship", ["county", "to"], unique=False)

    op.create_table(
        "relative_placement",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("child", sa.Text(), nullable=False),
        sa.Column("caregiver", sa.Text(), nullable=False),
        sa.Column("degree", sa.Integer(), nullable=True),
        sa.Column("funding", sa.Text(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "caregiver"],
            ["client.county", "client.ref"],
            name=op.f("fk_relative_placement_county_caregiver"),
        ),
        sa.ForeignKeyConstraint(
            ["county", "child"],
            ["client.county", "client.ref"],
            name=op.f("fk_relative_placement_county_child"),
        ),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_relative_placement")),
    )
    op.create_index(
        "ix_relative_placement_caregiver", "relative_placement", ["county", "caregiver"], unique=False
    )
    op.create_index("ix_relative_placement_child", "relative_placement", ["county", "child"], unique=False)
    op.create_index(
        "uq_relative_placement_standing_child",
        "relative_placement",
        ["county", "child"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )

    op.create_table(
        "hearing",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.Instant(), nullable=False),
        sa.Column("changed_at", shared.database.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "case"],
            ["service_case.county", "service_case.ref"],
            name=op.f("fk_hearing_county_case"),
        ),
        sa.PrimaryKeyConstraint("county", "ref", name=op.f("pk_hearing")),
    )
    op.create_index("ix_hearing_case", "hearing", ["county", "case"], unique=False)

    op.add_column("client", sa.Column("merged_into", sa.Text(), nullable=True))
    op.add_column("client", sa.Column("voided_at", shared.database.Instant(), nullable=True))
    op.create_index("ix_client_merged_into", "client", ["county", "merged_into"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_client_merged_into", table_name="client")
    op.drop_column("client", "voided_at")
    op.drop_column("client", "merged_into")

    op.drop_index("ix_hearing_case", table_name="hearing")

    op.drop_table("hearing")
    op.drop_index(
        "uq_relative_placement_standing_child",
        table_name="relative_placement",
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.drop_index("ix_relative_placement_child", table_name="relative_placement")
    op.drop_index("ix_relative_placement_caregiver", table_name="relative_placement")

    op.drop_table("relative_placement")
    op.drop_index("ix_relationship_to", table_name="relationship")
    op.drop_index("ix_relationship_client", table_name="relationship")

    op.drop_table("relationship")
    op.drop_table("meeting")
