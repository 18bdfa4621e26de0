"""The accounting of disclosures: each decision of the gate as a row, with its ground, and what was refused and why."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.matcher.alerts.catalogue import AlertType
from services.matcher.alerts.derive import Judged
from services.matcher.alerts.routing import Recipient
from services.matcher.disclosure.decide import Permit


def row(
    judged: Judged,
    *,
    county: str,
    stage: str,
    alert: str,
    alert_type: AlertType,
    recipient: Recipient,
    at: datetime,
) -> dict[str, Any]:
    """One decision as it is stored. References, categories and rules; no fact."""
    outcome, request = judged.outcome, judged.request
    permit = outcome if isinstance(outcome, Permit) else None
    return {
        "county": county,
        "at": at,
        "stage": stage,
        "alert": alert,
        "alert_type": alert_type.value,
        "program": "cws" if recipient.share.program.value == "CWS" else "calworks",
        "inbox": recipient.inbox,
        "role": request.role.value,
        "category": request.category.value,
        "holder": request.holder.value,
        "subject": request.subject.id,
        "source": judged.item.source,
        "purpose": request.purpose.value,
        "outcome": outcome.outcome.value,
        "rule": outcome.rule,
        "basis": permit.basis.value if permit else None,
        "basis_source": permit.source if permit else None,
        "redaction": permit.redaction if permit else None,
        "reasons": [] if permit else [reason.value for reason in getattr(outcome, "reasons", ())],
    }


def digest(rows: Iterable[dict[str, Any]]) -> bytes:
    """What the decisions of a mutual case come to: unchanged, they are not written again."""
    parts = sorted(
        "|".join(
            str(r[name])
            for name in ("alert", "inbox", "role", "category", "subject", "source", "rule", "basis_source")
        )
        for r in rows
    )
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).digest()
