"""initial_imports"""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "initial_import",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("import", sa.Text(), nullable=False),
        sa.Column("started_at", shared.database.Instant(), nullable=True),
        sa.Column("completed_at", shared.database.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("county", "import", name=op.f("pk_initial_import")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index("ix_person_record_id", ["county", "record_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index("ix_person_record_id")

    op.drop_table("initial_import")
