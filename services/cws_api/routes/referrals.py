"""Addresses of referrals: the intake."""

from fastapi import APIRouter, Request, Response

from services.cws_api import examples
from services.cws_api.answers import ReferralOut
from services.cws_api.domain.client import RecordIdTaken
from services.cws_api.domain.referral import ReferralIsClosed, ReferralNotFound
from services.cws_api.handlers import referrals
from services.cws_api.routes.common import (
    After,
    IfMatch,
    IntakeWriter,
    PostingDep,
    Reader,
    Ref,
    ViewDep,
    refusals,
)
from services.cws_api.schemas import ReferralCloseIn, ReferralIn
from services.cws_api.work import Work
from shared.web.etag import etag, showing
from shared.web.idempotency import changed, created
from shared.web.pagination import Limit, Page, page
from shared.web.problems import stale

router = APIRouter(prefix="/v1/referrals", tags=["referrals"])


@router.post(
    "",
    status_code=201,
    response_model=ReferralOut,
    responses=refusals(RecordIdTaken),
    summary="Take in a referral with its clients, household and worker",
    openapi_extra=examples.RECEIVE_REFERRAL,
)
async def receive_referral(body: ReferralIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """New clients and a new household get their references here; all of it is stored, or none of it."""
    command = body.command(caller, posting.keys)

    async def run(work: Work) -> Response:
        referral = await referrals.receive_referral(command, work)
        shown = ReferralOut.of(referral, caller.county)
        return created(shown, posting.location("referrals", referral.ref), referral.version)

    return await posting.once(run)


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's referrals",
    openapi_extra=examples.LIST_REFERRALS,
)
async def list_referrals(
    caller: Reader, view: ViewDep, request: Request, response: Response, after: After, limit: Limit = 50
) -> Page[ReferralOut]:
    """By reference, in no other order."""
    async with view as records:
        found = await records.referrals.page(after, limit)
    shown = [ReferralOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(ReferralNotFound),
    summary="Read a referral",
    openapi_extra=examples.GET_REFERRAL,
)
async def get_referral(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> ReferralOut:
    """With its ETag."""
    async with view as records:
        referral = await records.referrals.get(ref)
    response.headers["etag"] = etag(referral.version)
    return ReferralOut.of(referral, caller.county)


@router.post(
    "/{ref}/close",
    response_model=ReferralOut,
    responses=refusals(ReferralNotFound, ReferralIsClosed) | stale(ReferralOut),
    summary="Close a referral with its outcome",
    openapi_extra=examples.CLOSE_REFERRAL,
)
async def close_referral(
    ref: Ref, body: ReferralCloseIn, caller: IntakeWriter, posting: PostingDep, if_match: IfMatch = None
) -> Response:
    """Once. If-Match counts where it is sent."""
    command = body.command(ref, if_match)

    async def run(work: Work) -> Response:
        with showing(ReferralOut.of, caller.county):
            referral = await referrals.close_referral(command, work)
        return changed(ReferralOut.of(referral, caller.county), referral.version)

    return await posting.once(run)
