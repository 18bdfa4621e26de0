"""The HTTP app may read the register of capped blocks, for the list of liaisons: its county policy stands already."""

from alembic import op

from shared.row_security import APP, READ

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"GRANT {READ.app} ON block_cap TO {APP}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"REVOKE {READ.app} ON block_cap FROM {APP}")
