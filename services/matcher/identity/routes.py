"""Addresses of reviews, verdicts and links: for a liaison of either program, and for nobody else."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response

from services.matcher import examples
from services.matcher.callers import PostingDep, Ref, WorkDep, refusals
from services.matcher.due import AT_ONCE
from services.matcher.identity import capped, handlers
from services.matcher.identity.answers import (
    CappedBlockOut,
    CappedBlockRecordsOut,
    ReviewOut,
    SideBySideOut,
    VerdictOut,
)
from services.matcher.identity.handlers import LAST, Given, NotClaimed, Review, ReviewClaimed
from services.matcher.identity.reading import look
from services.matcher.work import Work
from shared.errors import BadRequest, NotFound
from shared.web.auth import Caller, allow
from shared.web.etag import etag
from shared.web.fields import Body, Reason
from shared.web.idempotency import changed, created
from shared.web.pagination import Cursor, Limit, Page, after, page

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])
verdict_router = APIRouter(prefix="/v1/verdicts", tags=["reviews"])
link_router = APIRouter(prefix="/v1/links", tags=["reviews"])
capped_router = APIRouter(prefix="/v1/capped-blocks", tags=["reviews"])

Liaison = Annotated[Caller, Depends(allow(None, "linkages_liaison"))]
_MICROSECOND = timedelta(microseconds=1)
_NOT_OURS = "The cursor is not one of ours"


class VerdictIn(Body):
    """What you found, and why. `unsure` changes nothing: the pair waits for somebody else."""

    verdict: Literal["same", "different", "unsure"]
    reason: Reason


class ReasonIn(Body):
    """Why."""

    reason: Reason


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List doubtful matches",
    openapi_extra=examples.LIST_REVIEWS,
)
async def list_reviews(
    caller: Liaison,
    work: WorkDep,
    request: Request,
    response: Response,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ReviewOut]:
    """Those that wait for somebody to look, the oldest first."""
    since, name = _place(cursor) or (AT_ONCE, "")
    async with work:
        found = await handlers.queue(work, caller, since=since, after=name, limit=limit + 1)
    keys = [_key(one.row.decided_at, one.id) for one in found]
    return page([ReviewOut.of(one) for one in found], keys, limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(NotFound),
    summary="Compare two records",
    openapi_extra=examples.GET_REVIEW,
)
async def get_review(
    ref: Ref, caller: Liaison, work: WorkDep, request: Request, response: Response
) -> SideBySideOut:
    """Yours and the other program's, side by side; decided at this moment and accounted for."""
    async with work:
        side = await look(work, caller, await handlers.review_of(work, caller, ref))
    response.headers["etag"] = etag(side.review.row.version)
    return SideBySideOut.shown(side, request.app.state.model.thresholds)


@router.post(
    "/{ref}/claim",
    response_model=ReviewOut,
    responses=refusals(NotFound, ReviewClaimed),
    summary="Say that you look at it now",
    openapi_extra=examples.CLAIM_REVIEW,
)
async def claim_review(ref: Ref, caller: Liaison, posting: PostingDep) -> Response:
    """It is yours for fifteen minutes; claiming again makes it fifteen from then."""
    return await posting.once(_answering(lambda work: handlers.claim(work, caller, ref)))


@router.post(
    "/{ref}/release-claim",
    response_model=ReviewOut,
    responses=refusals(NotFound, ReviewClaimed),
    summary="Leave it to somebody else",
    openapi_extra=examples.RELEASE_CLAIM,
)
async def release_claim(ref: Ref, caller: Liaison, posting: PostingDep) -> Response:
    """Nothing was found; the review waits again."""
    return await posting.once(_answering(lambda work: handlers.release_claim(work, caller, ref)))


@router.post(
    "/{ref}/verdict",
    status_code=201,
    response_model=VerdictOut,
    responses=refusals(NotFound, NotClaimed, ReviewClaimed),
    summary="Say what you found",
    openapi_extra=examples.GIVE_VERDICT,
)
async def give_verdict(ref: Ref, body: VerdictIn, caller: Liaison, posting: PostingDep) -> Response:
    """Only while you hold the claim, which ends with it. The pair is decided again with it in a moment."""

    async def run(work: Work) -> Response:
        return _new(posting, await handlers.judge(work, caller, ref, body.verdict, body.reason))

    return await posting.once(run)


@verdict_router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List verdicts",
    openapi_extra=examples.LIST_VERDICTS,
)
async def list_verdicts(
    caller: Liaison,
    work: WorkDep,
    request: Request,
    response: Response,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[VerdictOut]:
    """What liaisons of both programs found, the newest first; words of your own program alone."""
    at, name = _place(cursor) or (LAST, "")
    async with work:
        found = await handlers.verdicts(work, caller, at=at, after=name, limit=limit + 1)
    keys = [_key(one.row.at, one.row.id) for one in found]
    return page([VerdictOut.of(one) for one in found], keys, limit, request, response)


@verdict_router.post(
    "/{ref}/undo",
    response_model=VerdictOut,
    responses=refusals(NotFound),
    summary="Take a verdict back",
    openapi_extra=examples.UNDO_VERDICT,
)
async def undo_verdict(ref: Ref, body: ReasonIn, caller: Liaison, posting: PostingDep) -> Response:
    """One of your own program. The pair is decided again as if nothing had been said; once more changes nothing."""

    async def run(work: Work) -> Response:
        given = await handlers.undo(work, caller, ref, body.reason)
        return changed(VerdictOut.of(given), given.row.version)

    return await posting.once(run)


@link_router.post(
    "/{ref}/unlink",
    status_code=201,
    response_model=VerdictOut,
    responses=refusals(NotFound),
    summary="Say that a link joins two people",
    openapi_extra=examples.UNLINK,
)
async def unlink(ref: Ref, body: ReasonIn, caller: Liaison, posting: PostingDep) -> Response:
    """A verdict `different`: what was told because of the link is withdrawn, or recalled where it was read."""

    async def run(work: Work) -> Response:
        return _new(posting, await handlers.unlink(work, caller, ref, body.reason))

    return await posting.once(run)


@capped_router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List what too many records share",
    openapi_extra=examples.LIST_CAPPED_BLOCKS,
)
async def list_capped_blocks(
    caller: Liaison,
    work: WorkDep,
    request: Request,
    response: Response,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[CappedBlockOut]:
    """The last first. By what is listed here alone no two records are compared; it may stand for nobody."""
    since, key = block_place(cursor)
    async with work:
        found = await capped.capped_blocks(work, caller, since=since, after=key, limit=limit + 1)
    keys = [block_cursor(one) for one in found]
    return page([CappedBlockOut.of(one) for one in found], keys, limit, request, response)


@capped_router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(NotFound),
    summary="See which of your records share it",
    openapi_extra=examples.GET_CAPPED_BLOCK,
)
async def get_capped_block(
    ref: Ref,
    caller: Liaison,
    work: WorkDep,
    request: Request,
    response: Response,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CappedBlockRecordsOut:
    """Those of your own program alone, a page of them; 404 once the block is small enough again."""
    start = record_place(cursor)
    async with work:
        block = await capped.capped_block(work, caller, ref)
        found = await capped.own_records(work, caller, block, after=start, limit=limit + 1)
    part = page(found, found, limit, request, response)
    return CappedBlockRecordsOut(**dict(CappedBlockOut.of(block)), records=part.items, next=part.next)


def block_cursor(block: capped.CappedBlock) -> str:
    """The place of a block in the list."""
    return _key(block.since, block.id)


def block_place(cursor: str | None) -> tuple[datetime, bytes]:
    """The place after which a page of blocks begins. BadRequest: not one of ours."""
    at, name = _place(cursor) or (LAST, "")
    key = capped.key_of(name)
    if key is None:
        raise BadRequest(_NOT_OURS)
    return at, key


def record_place(cursor: str | None) -> str:
    """The reference after which a page of a block's records begins. BadRequest: not one of ours."""
    start = after(cursor) or ""
    if not start.isprintable():
        raise BadRequest(_NOT_OURS)
    return start


def _new(posting: PostingDep, given: Given) -> Response:
    return created(VerdictOut.of(given), posting.location("verdicts", given.row.id), given.row.version)


def _answering(act: Callable[[Work], Awaitable[Review]]) -> Callable[[Work], Awaitable[Response]]:
    """The write of a POST that answers with a pair in review."""

    async def run(work: Work) -> Response:
        review = await act(work)
        return changed(ReviewOut.of(review), review.row.version)

    return run


def _key(at: datetime, name: str) -> str:
    return f"{(at - AT_ONCE) // _MICROSECOND}/{name}"


def _place(cursor: str | None) -> tuple[datetime, str] | None:
    """The place after which a page begins. BadRequest: not one of ours."""
    start = after(cursor)
    if start is None:
        return None
    number, _, name = start.partition("/")
    if not (number.isascii() and number.isdigit() and name.isprintable()):
        raise BadRequest(_NOT_OURS)
    try:
        return AT_ONCE + int(number) * _MICROSECOND, name
    except OverflowError:
        raise BadRequest(_NOT_OURS) from None
