"""Rights by table, and row-level security by county (PostgreSQL)."""

from alembic import op

from shared.row_security import ACCOUNT, APPEND, BACKGROUND, LIST, READ, RECORD, Rights, expose, secure

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RIGHTS = {
    **dict.fromkeys(
        ("block_key", "fact", "group_register", "initial_import", "member", "mutual_case", "person"), READ
    ),
    **dict.fromkeys(
        ("activity", "alert", "entry", "inbox_counter", "outbox_key", "pair", "release", "task", "verdict"),
        RECORD,
    ),
    "review_claim": LIST,
    **dict.fromkeys(("due", "idempotency", "outbox", "release_person", "used_ticket"), APPEND),
    "disclosure": ACCOUNT,
    **dict.fromkeys(("inbox", "outbox_shard", "progress"), BACKGROUND),
    "dead_letter": Rights(app="SELECT (county, subject, resolved_at)"),
}


def upgrade() -> None:
    secure(op.get_bind(), RIGHTS)


def downgrade() -> None:
    expose(op.get_bind(), RIGHTS)
