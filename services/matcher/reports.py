"""What the command line tells of the running system: links and the accounting, read from the database."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from services.matcher.identity.scoring import probability
from services.matcher.tables import DISCLOSURE, INBOX, MUTUAL_CASE, PAIR, PERSON
from shared.bus import Bounds
from shared.database import Connection

_PLACES = INBOX.progress

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
class Found:
    """How many pairs are linked, how many wait for a reviewer, and how many mutual cases are open."""

    links: int
    reviews: int
    mutual_cases: int


async def found(connection: Connection, county: str) -> Found:
    """What has been found in a county."""
    pairs = await connection.execute(
        sa.select(PAIR.c.decision, sa.func.count()).where(PAIR.c.county == county).group_by(PAIR.c.decision)
    )
    decisions: dict[str, int] = dict(pairs.all())
    cases = await connection.execute(
        sa.select(sa.func.count())
        .select_from(MUTUAL_CASE)
        .where(MUTUAL_CASE.c.county == county, MUTUAL_CASE.c.is_open)
    )
    return Found(decisions.get("linked", 0), decisions.get("review", 0), cases.scalar_one())


async def unread(connection: Connection, bounds: Mapping[str, Mapping[int, Bounds]]) -> int:
    """How many records of the log have not been read, from the bounds of each topic's partitions."""
    rows = await connection.execute(sa.select(_PLACES.c.topic, _PLACES.c.partition, _PLACES.c.next_offset))
    read = {(topic, partition): next_offset for topic, partition, next_offset in rows}
    return sum(
        max(0, bound.end - max(read.get((topic, partition), 0), bound.begin))
        for topic, its in bounds.items()
        for partition, bound in its.items()
    )


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
    written = sa.cast(d.reasons, sa.Text)  # PostgreSQL does not compare JSON
    refused = await connection.execute(
        sa.select(written, sa.func.count())
        .where(d.county == county, d.stage == "derived", d.outcome == "DENY")
        .group_by(written)
    )
    withheld: Counter[str] = Counter()
    for text, n in refused:
        reasons = json.loads(text)
        withheld[reasons[0] if reasons else "unknown"] += n
    return Audit(events, decisions, dict(sorted(withheld.items())))
