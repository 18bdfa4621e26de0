"""The index of merged records holds merged records alone; one for the pages of events."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAME, COLUMNS = "ix_person_merged_into", ["county", "merged_into"]
MERGED = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    op.drop_index(NAME, "person")
    op.create_index(NAME, "person", COLUMNS, sqlite_where=MERGED, postgresql_where=MERGED)
    op.create_index("ix_outbox_county", "outbox", ["county", "position"])


def downgrade() -> None:
    op.drop_index("ix_outbox_county", "outbox")
    op.drop_index(NAME, "person")
    op.create_index(NAME, "person", COLUMNS)
