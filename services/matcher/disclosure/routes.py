"""Addresses of releases of information."""

from fastapi import APIRouter, Request, Response

from services.matcher import examples
from services.matcher.callers import PostingDep, Ref, ReleaseTaker, WorkDep, refusals
from services.matcher.disclosure import handlers
from services.matcher.disclosure.bodies import CompleteIn, ReleaseIn, ReleaseOut, RevokeIn
from services.matcher.disclosure.handlers import NoDraft, PersonNotYours
from services.matcher.work import Work
from shared.errors import BadRequest, NotFound
from shared.web.etag import etag
from shared.web.idempotency import changed, created
from shared.web.pagination import Cursor, Limit, Page, after, page

router = APIRouter(prefix="/v1/releases", tags=["releases"])


@router.post(
    "",
    status_code=201,
    response_model=ReleaseOut,
    responses=refusals(PersonNotYours),
    summary="Record a signed release",
    openapi_extra=examples.RECORD_RELEASE,
)
async def record_release(body: ReleaseIn, caller: ReleaseTaker, posting: PostingDep) -> Response:
    """It holds from its signature to its last day, for the people it names and what it names.

    One that lacks something the law asks for is kept as a draft, which `lacks` explains and which opens nothing.
    """

    async def run(work: Work) -> Response:
        release = await handlers.take_release(body.command(), caller, work)
        return created(ReleaseOut.of(release, 1, work), posting.location("releases", release.id), 1)

    return await posting.once(run)


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List releases of the own program",
    openapi_extra=examples.LIST_RELEASES,
)
async def list_releases(
    caller: ReleaseTaker,
    work: WorkDep,
    request: Request,
    response: Response,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ReleaseOut]:
    """Those that workers of the caller's program took, by id."""
    start = after(cursor) or ""
    if not start.isprintable():
        raise BadRequest("The cursor is not one of ours")
    async with work:
        found = await work.releases.taken(str(caller.program), after=start, limit=limit + 1)
    shown = [ReleaseOut.of(release, row.version, work) for release, row in found]
    return page(shown, [one.ref for one in shown], limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(NotFound),
    summary="Read a release",
    openapi_extra=examples.GET_RELEASE,
)
async def get_release(ref: Ref, caller: ReleaseTaker, work: WorkDep, response: Response) -> ReleaseOut:
    """A release that the caller's program took."""
    async with work:
        found = await work.releases.get(ref, str(caller.program))
    if found is None:
        raise NotFound
    response.headers["etag"] = etag(found[1].version)
    return ReleaseOut.of(found[0], found[1].version, work)


@router.post(
    "/{ref}/complete",
    response_model=ReleaseOut,
    responses=refusals(NotFound, NoDraft),
    summary="Supply what a draft lacks",
    openapi_extra=examples.COMPLETE_RELEASE,
)
async def complete_release(ref: Ref, body: CompleteIn, caller: ReleaseTaker, posting: PostingDep) -> Response:
    """What is left out stays as it was said before; once nothing is missing the release is in force."""

    async def run(work: Work) -> Response:
        release, version = await handlers.complete_release(ref, body.command(), caller, work)
        return changed(ReleaseOut.of(release, version, work), version)

    return await posting.once(run)


@router.post(
    "/{ref}/revoke",
    response_model=ReleaseOut,
    responses=refusals(NotFound),
    summary="Revoke a release at once, in whole or in part",
    openapi_extra=examples.REVOKE,
)
async def revoke(
    ref: Ref, caller: ReleaseTaker, posting: PostingDep, body: RevokeIn | None = None
) -> Response:
    """From the moment of the answer no new request gets a fact by it; what began before may still arrive.

    Without a list the whole is taken back. With lists, all that any of them names is: what of a category went to other
    recipients, and what a recipient had of other categories, too.
    """

    async def run(work: Work) -> Response:
        command = (body or RevokeIn()).command()
        release, version = await handlers.revoke_release(ref, caller, work, command)
        return changed(ReleaseOut.of(release, version, work), version)

    return await posting.once(run)
