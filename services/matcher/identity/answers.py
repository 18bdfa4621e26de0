"""What is answered about reviews and verdicts. No reference of the other program stands in any of it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.matcher.identity.capped import SAYS, CappedBlock
from services.matcher.identity.handlers import Given, Review
from services.matcher.identity.model import Thresholds
from services.matcher.identity.reading import SideBySide
from services.matcher.identity.review import reasons


class ReviewOut(BaseModel):
    """A pair that somebody has to look at: why, since when, and whether somebody does."""

    id: str
    claimed_by: Literal["me", "other", "nobody"]
    claimed_until: datetime | None = None
    since: datetime
    reasons: list[str]

    @classmethod
    def of(cls, review: Review) -> "ReviewOut":
        """Present a pair."""
        return cls(
            id=review.id,
            claimed_by=review.claimed_by,
            claimed_until=review.until,
            since=review.row.decided_at,
            reasons=reasons(review.row.reasons),
        )


class ComparedOut(BaseModel):
    """One field of both records: what yours says, what the other program's says, and how they differ."""

    field: str
    own: str | None = None
    other: str | None = Field(
        default=None, description="`agrees` or `differs` where the value may not be shown"
    )
    says: str


class WeightOut(BaseModel):
    """What one field adds, in bits (log2)."""

    field: str
    level: str
    weight: float


class GroundOut(BaseModel):
    """By what right the other program's values are shown."""

    basis: str
    purpose: str
    expires: datetime | None = None


class SideBySideOut(ReviewOut):
    """A pair with both records side by side. Without `ground` the other program's values are masked."""

    own: str
    compared: list[ComparedOut]
    weights: list[WeightOut]
    total: float
    review_from: float
    link_from: float
    model: str
    ground: GroundOut | None = None

    @classmethod
    def shown(cls, side: SideBySide, thresholds: Thresholds) -> "SideBySideOut":
        """Present a comparison."""
        ground = side.ground
        return cls(
            **dict(ReviewOut.of(side.review)),
            own=side.own,
            compared=[
                ComparedOut(field=one.field, own=one.own, other=one.other, says=one.says)
                for one in side.compared
            ],
            weights=[WeightOut(field=f, level=level, weight=weight) for f, level, weight in side.weights],
            total=side.review.row.weight,
            review_from=thresholds.review,
            link_from=thresholds.link,
            model=side.review.row.model,
            ground=ground and GroundOut(basis=ground.basis, purpose=ground.purpose, expires=ground.expires),
        )


class VerdictOut(BaseModel):
    """What was found about a pair. The reason is shown in the program in which it was written."""

    id: str
    review: str
    verdict: Literal["same", "different", "unsure"]
    by: Literal["me", "colleague", "other_program"]
    at: datetime
    reason: str | None = None
    undone_at: datetime | None = None
    undone_reason: str | None = None
    version: int

    @classmethod
    def of(cls, given: Given) -> "VerdictOut":
        """Present a verdict."""
        row = given.row
        return cls(
            id=row.id,
            review=given.review,
            verdict=row.verdict,
            by=given.by,
            at=row.at,
            reason=given.reason,
            undone_at=row.undone_at,
            undone_reason=given.undone_reason,
            version=row.version,
        )


class CappedBlockOut(BaseModel):
    """What so many records share that it brings none of them together: what, since when, and how many have it."""

    id: str
    kind: str = Field(
        description="A short word for what they share, such as `ssn`, `phone`, `street` or `names`"
    )
    says: str = Field(description="The same in words; the value itself is not told")
    since: datetime
    own: int = Field(description="Records of your program that have it now")
    other: int | None = Field(
        default=None, description="Records of the other program that have it now; absent if fewer than 11"
    )

    @classmethod
    def of(cls, block: CappedBlock) -> "CappedBlockOut":
        """Present a block."""
        return cls(
            id=block.id,
            kind=block.kind,
            says=SAYS[block.kind],
            since=block.since,
            own=block.own,
            other=block.other,
        )


class CappedBlockRecordsOut(CappedBlockOut):
    """A capped block with a page of the records of your program that are in it."""

    records: list[str] = Field(description="Your program's references; none of the other program's")
    next: str | None = Field(default=None, description="Cursor of the next page of records")
