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
            "aid_case",
            "application",
            "application_person",
            "assignment",
            "clock_milestone",
            "exemption",
            "good_cause",
            "noncompliance",
            "outbox_key",
            "person",
            "sanction",
            "unit",
            "wtw_plan",
        ),
        RECORD,
    ),
    **dict.fromkeys(("case_member", "roster_import", "roster_row", "unit_member"), LIST),
    **dict.fromkeys(("idempotency", "outbox"), APPEND),
    "outbox_shard": BACKGROUND,
}


def upgrade() -> None:
    secure(op.get_bind(), RIGHTS)


def downgrade() -> None:
    expose(op.get_bind(), RIGHTS)
