"""The register of capped blocks, the notes that it is kept by, and the lease of who keeps it."""

import sqlalchemy as sa
from alembic import op

import shared.database
from shared.row_security import BACKGROUND, secure

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("block_cap", "block_touched", "block_sweep")


def upgrade() -> None:
    op.create_table(
        "block_cap",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("since", shared.database.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("county", "key", name=op.f("pk_block_cap")),
    )
    op.create_table(
        "block_touched",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block_touched")),
    )
    op.create_table(
        "block_sweep",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("until", shared.database.Instant(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block_sweep")),
    )
    secure(op.get_bind(), dict.fromkeys(TABLES, BACKGROUND))


def downgrade() -> None:
    # Their rights go with them; `expose` would take those on the sequences of other tables too.
    for table in TABLES:
        op.drop_table(table)
    op.execute("DELETE FROM due WHERE kind = 'block'")
