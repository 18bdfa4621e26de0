"""The address of the accounting of disclosures of one person."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from services.matcher import examples
from services.matcher.callers import Ref, WorkDep, refusals
from services.matcher.disclosure import disclosures
from services.matcher.disclosure.accounting_languages import ENGLISH
from services.matcher.disclosure.disclosures import Disclosed
from services.matcher.disclosure.handlers import PersonNotYours
from shared.errors import BadRequest
from shared.web.auth import Caller, allow
from shared.web.pagination import Cursor, Limit, Page, after, page

router = APIRouter(prefix="/v1/people", tags=["disclosures"])

AccountingReader = Annotated[Caller, Depends(allow(None, *disclosures.READERS))]


class DisclosureOut(BaseModel):
    """A decision about one fact of the person: whether it went over, to whom, and why. It holds no fact."""

    at: datetime
    stage: str = Field(description="`read`: somebody asked to see it; `derived`: whether it might be offered")
    to_program: str
    to_role: str | None = Field(None, description="Absent: the other program has not told whom to call there")
    category: str
    says: str = Field(description="The category in words")
    item: str = Field(description="Reference of what the fact comes from, in your own program")
    purpose: str
    what_for: str = Field(description="The purpose in words")
    outcome: str = Field(description="PERMIT, REDACT (a part was shown) or DENY (it was withheld)")
    basis: str | None = None
    allowed_by: str | None = Field(None, description="The basis in words")
    law: str | None = Field(
        None, description="Where the law of the basis stands, as the decision table has it"
    )
    release: str | None = None
    redaction: str | None = Field(None, description="What alone was shown")
    reasons: list[str] = Field(
        description="Why it was withheld, coded; the first belongs to the rule that refused"
    )
    because: str | None = Field(None, description="Why it was withheld, in words")

    @classmethod
    def of(cls, one: Disclosed) -> "DisclosureOut":
        """Present a decision."""
        return cls(
            at=one.first,
            stage=one.stage,
            to_program=one.program,
            to_role=one.role,
            category=one.category,
            says=ENGLISH.category(one.category),
            item=one.source,
            purpose=one.purpose,
            what_for=ENGLISH.purpose(one.purpose),
            outcome=one.outcome,
            basis=one.basis,
            allowed_by=one.basis and ENGLISH.ground(one.basis, one.release),
            law=one.law,
            release=one.release and one.release.ref,
            redaction=one.redaction,
            reasons=list(one.reasons),
            because=ENGLISH.because(one.reasons) if one.was_withheld else None,
        )


@router.get(
    "/{ref}/disclosures",
    response_model_exclude_none=True,
    responses=refusals(PersonNotYours),
    summary="Account for what was told of a person",
    openapi_extra=examples.LIST_DISCLOSURES,
)
async def list_disclosures(
    ref: Ref,
    caller: AccountingReader,
    work: WorkDep,
    request: Request,
    response: Response,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[DisclosureOut]:
    """What went to the other program of a person of your own, and what was withheld, the newest first.

    What was withheld is listed once your program may know that the other one serves the person. Each reading of this
    list is itself written down.
    """
    before = _place(cursor)
    async with work:
        found = await disclosures.page_of(work, caller, ref, before=before, limit=limit + 1)
    shown = [DisclosureOut.of(one) for one in found]
    return page(shown, [str(one.id) for one in found], limit, request, response)


def _place(cursor: str | None) -> int:
    """The row before which a page begins. BadRequest: not one of ours."""
    start = after(cursor)
    if start is None:
        return disclosures.LAST
    if not (start.isascii() and start.isdigit() and int(start) <= disclosures.LAST):
        raise BadRequest("The cursor is not one of ours")
    return int(start)
