"""The accounting is read by person: what was told of somebody, and what was withheld."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NAME = "ix_disclosure_subject"


def upgrade() -> None:
    op.create_index(NAME, "disclosure", ["county", "subject", "id"])


def downgrade() -> None:
    op.drop_index(NAME, "disclosure")
