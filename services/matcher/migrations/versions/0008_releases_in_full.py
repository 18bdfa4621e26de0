"""What a release says besides its scope, what it lacks, what replaced it and what was taken back: in `details`."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("release", sa.Column("details", sa.JSON(), nullable=True))


def downgrade() -> None:
    # The code before this column would take a draft, a replaced release and one that is partly withdrawn for whole.
    release = sa.table(
        "release",
        sa.column("county", sa.Text()),
        sa.column("id", sa.Text()),
        sa.column("details", sa.JSON()),
        sa.column("revoked_at", shared.database.Instant()),
    )
    connection = op.get_bind()
    standing = connection.execute(
        sa.select(release).where(release.c.details.is_not(None), release.c.revoked_at.is_(None))
    ).all()
    for row in standing:
        details = row.details or {}
        if any(details.get(name) for name in ("lacks", "superseded_by", "withdrawals")):
            connection.execute(
                release.update()
                .where(release.c.county == row.county, release.c.id == row.id)
                .values(revoked_at=datetime.now(UTC))
            )
    op.drop_column("release", "details")
