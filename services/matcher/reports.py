"""What the command line tells of the running system: links and the accounting, read from the database."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from services.matcher.identity.scoring import probability
from services.matcher.tables import DISCLOSURE, INBOX, PAIR, PERSON
from shared.database import Connection

LINK_COLUMNS = (
    "cws_record_id",
    "calworks_record_id",
    "cws_ref",
    "calworks_ref",
    "weight",
    "probability",
    "decision",
    "reason",
)


async def links(connection: Connection, county: str) -> list[dict[str, Any]]:
    """Every pair that is linked or in review."""
    a, b = PERSON.alias("a"), PERSON.alias("b")
    rows = await connection.execute(
        sa.select(PAIR, a.c.record_id.label("cws_record_id"), b.c.record_id.label("calworks_record_id"))
        .join(a, sa.and_(a.c.county == PAIR.c.county, a.c.ref == PAIR.c.cws))
        .join(b, sa.and_(b.c.county == PAIR.c.county, b.c.ref == PAIR.c.calworks))
        .where(PAIR.c.county == county)
        .order_by(PAIR.c.cws, PAIR.c.calworks)
    )
    return [
        {
            "cws_record_id": row.cws_record_id or "",
            "calworks_record_id": row.calworks_record_id or "",
            "cws_ref": row.cws,
            "calworks_ref": row.calworks,
            "weight": f"{row.weight:.3f}",
            "probability": f"{probability(row.weight):.6f}",
            "decision": "Linked" if row.decision == "linked" else "NeedsReview",
            "reason": ";".join(row.reasons),
        }
        for row in rows
    ]


@dataclass(frozen=True)
class Audit:
    """events: read so far. decisions: counted by stage, type, outcome and rule. withheld: refused, by reason."""

    events: int
    decisions: list[dict[str, Any]]
    withheld: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


async def audit(connection: Connection, county: str) -> Audit:
    """The accounting in figures."""
    d = DISCLOSURE.c
    events = (await connection.execute(sa.select(sa.func.count()).select_from(INBOX.seen))).scalar_one()
    counted = await connection.execute(
        sa.select(d.stage, d.alert_type, d.outcome, d.rule, sa.func.count().label("n"))
        .where(d.county == county)
        .group_by(d.stage, d.alert_type, d.outcome, d.rule)
        .order_by(d.stage, d.alert_type, d.outcome, d.rule)
    )
    decisions = [
        {"stage": stage, "type": kind, "outcome": outcome, "rule": rule, "count": n}
        for stage, kind, outcome, rule, n in counted
    ]
    refused = await connection.execute(
        sa.select(d.reasons, sa.func.count().label("n"))
        .where(d.county == county, d.stage == "derived", d.outcome == "DENY")
        .group_by(d.reasons)
    )
    withheld: Counter[str] = Counter()
    for reasons, n in refused:
        withheld[reasons[0] if reasons else "unknown"] += n
    return Audit(events, decisions, dict(sorted(withheld.items())))
