"""life cycle"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outcome", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("closed_on", sa.Date(), nullable=True))

    with op.batch_alter_table("service_case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("moved_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("reason_class", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("closed_on", sa.Date(), nullable=True))


def downgrade() -> None:
    # Dropped in place: SQLite would else write the tables anew, which those that refer to them forbid.
    with op.batch_alter_table("service_case", schema=None, recreate="never") as batch_op:
        batch_op.drop_column("closed_on")
        batch_op.drop_column("reason_class")
        batch_op.drop_column("moved_on")

    with op.batch_alter_table("referral", schema=None, recreate="never") as batch_op:
        batch_op.drop_column("closed_on")
        batch_op.drop_column("outcome")
