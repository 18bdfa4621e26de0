"""The liaison's pages of capped blocks: what so many records share that it brings nobody together."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from services.matcher.callers import Ref
from services.matcher.feed.words import SMALLEST_CELL
from services.matcher.identity import capped
from services.matcher.identity.capped import CappedBlock
from services.matcher.identity.routes import block_cursor, block_place, record_place
from services.matcher.web import words
from services.matcher.web.answering import Page, page
from services.matcher.web.review import LiaisonVisitor, named
from services.matcher.web.visitor import VisitorWork
from services.matcher.work import Work
from shared.web.auth import Caller
from shared.web.pagination import Cursor, cursor_of

router = APIRouter(route_class=Page, include_in_schema=False)

SHOWN = 50  # blocks of a page, and records

_NUMBER = (
    "Does the number stand for nobody, such as one that was filled in because none was known, or an office's? "
    "Then take it out of the records."
)
_ADDRESS = "Is it the address of a shelter or an office? Then say so in the records: such an address is not compared."
_NAME = (
    "A common name needs nothing: records of one name are compared by other things. "
    'If it stands for nobody, such as "Baby" or "Unknown", put the records right.'
)
_ADVICE = {
    **dict.fromkeys(("ssn", "cin", "phone"), _NUMBER),
    **dict.fromkeys(("street", "roof", "door", "zip"), _ADDRESS),
    **dict.fromkeys(("names", "three", "sound", "name+year", "name+day"), _NAME),
}
_ADVICE_OF_ANY = "Look at what these records have in common, and whether it stands for nobody."


@dataclass(frozen=True, slots=True)
class Shared:
    """A block on a page."""

    id: str
    says: str
    own: str
    other: str
    since: str


@router.get("/review/capped-blocks")
async def show_blocks(
    request: Request, visitor: LiaisonVisitor, work: VisitorWork, cursor: Cursor = None
) -> Response:
    """The county's capped blocks, the last first."""
    caller = visitor.caller
    since, key = block_place(cursor)
    async with work:
        found = await capped.capped_blocks(work, caller, since=since, after=key, limit=SHOWN + 1)
    shown = found[:SHOWN]
    return page(
        request,
        "capped_blocks.html",
        visitor=visitor,
        inbox="review",
        blocks=[_shared(work, caller, one) for one in shown],
        first=cursor is None,
        next=cursor_of(block_cursor(shown[-1])) if len(found) > SHOWN else None,
    )


@router.get("/review/capped-blocks/{ref}")
async def show_block(
    ref: Ref, request: Request, visitor: LiaisonVisitor, work: VisitorWork, cursor: Cursor = None
) -> Response:
    """One of them, with the records of the visitor's program that are in it."""
    caller, start = visitor.caller, record_place(cursor)
    async with work:
        block = await capped.capped_block(work, caller, ref)
        found = await capped.own_records(work, caller, block, after=start, limit=SHOWN + 1)
        names = await named(work, caller, found[:SHOWN])
    return page(
        request,
        "capped_block.html",
        visitor=visitor,
        inbox="review",
        block=_shared(work, caller, block),
        advice=_ADVICE.get(block.kind, _ADVICE_OF_ANY),
        records=list(names.items()),
        first=cursor is None,
        next=cursor_of(found[SHOWN - 1]) if len(found) > SHOWN else None,
    )


def _shared(work: Work, caller: Caller, block: CappedBlock) -> Shared:
    other = f"fewer than {SMALLEST_CELL}" if block.other is None else f"{block.other:,}"
    return Shared(
        id=block.id,
        says=capped.SAYS[block.kind],
        own=f"{block.own:,}",
        other=f"{words.PROGRAMS[words.OTHER[str(caller.program)]]}: {other}",
        since=words.moment(block.since, work.policy.zone),
    )
