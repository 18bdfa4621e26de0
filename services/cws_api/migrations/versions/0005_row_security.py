"""Rights by table, and row-level security by county (PostgreSQL)."""

from alembic import op

from shared.row_security import APPEND, BACKGROUND, LIST, RECORD, expose, secure

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RIGHTS = {
    **dict.fromkeys(
        (
            "assignment",
            "client",
            "hearing",
            "household",
            "meeting",
            "outbox_key",
            "referral",
            "referral_participant",
            "relationship",
            "relative_placement",
            "removal",
            "service_case",
        ),
        RECORD,
    ),
    **dict.fromkeys(("case_participant", "household_member", "roster_import", "roster_row"), LIST),
    **dict.fromkeys(("outbox", "idempotency"), APPEND),
    "outbox_shard": BACKGROUND,
}


def upgrade() -> None:
    secure(op.get_bind(), RIGHTS)


def downgrade() -> None:
    expose(op.get_bind(), RIGHTS)
