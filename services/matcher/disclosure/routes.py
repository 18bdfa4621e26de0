"""Addresses of releases of information."""

from datetime import date, datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from services.matcher import examples
from services.matcher.callers import PostingDep, Ref, ReleaseTaker, WorkDep, refusals
from services.matcher.disclosure.handlers import PersonNotYours, RecordRelease, revoke_release, take_release
from services.matcher.disclosure.release import Release
from services.matcher.work import Work
from shared.errors import BadRequest, NotFound
from shared.web.etag import etag
from shared.web.fields import Body, Day, Reference, ShortText
from shared.web.idempotency import created
from shared.web.pagination import Cursor, Limit, Page, after, page

router = APIRouter(prefix="/v1/releases", tags=["releases"])


class ReleasePersonIn(Body):
    """One whose own data is released: a record of the caller's program."""

    ref: Reference
    signed_by: ShortText = Field(description="self, parent_guardian or representative")


class ReleaseIn(Body):
    """A signed release. Nothing is filled in for the family: what a list does not name is not released."""

    persons: list[ReleasePersonIn] = Field(max_length=40)
    categories: list[ShortText] = Field(max_length=30, examples=[["K0", "K1", "K2", "K3", "K4", "K6", "K7"]])
    directions: list[ShortText] = Field(max_length=3, examples=[["both"]])
    purposes: list[ShortText] = Field(max_length=10, examples=[["P2", "P3", "P4", "P6", "P7"]])
    recipients: list[ShortText] | None = Field(default=None, max_length=20)
    form: ShortText
    signed_on: Day
    expires_on: Day

    def command(self) -> RecordRelease:
        """What the handler is given."""
        return RecordRelease(
            persons=tuple((person.ref, person.signed_by) for person in self.persons),
            categories=tuple(self.categories),
            directions=tuple(self.directions),
            purposes=tuple(self.purposes),
            recipients=None if self.recipients is None else tuple(self.recipients),
            form=self.form,
            signed_on=self.signed_on,
            expires_on=self.expires_on,
        )


class ReleasePersonOut(BaseModel):
    """One whose own data is released."""

    ref: str
    signed_by: str


class ReleaseOut(BaseModel):
    """A release as it stands."""

    ref: str
    county: str
    program: str
    persons: list[ReleasePersonOut]
    categories: list[str]
    directions: list[str]
    purposes: list[str]
    recipients: list[str] | None = None
    form: str
    signed_on: date
    expires_on: date
    revoked_at: datetime | None = None
    version: int

    @classmethod
    def of(cls, release: Release, version: int) -> "ReleaseOut":
        """Present a release."""
        return cls(
            ref=release.id,
            county=release.county,
            program=release.program,
            persons=[ReleasePersonOut(ref=p.ref, signed_by=p.signed_by.value) for p in release.persons],
            categories=[one.value for one in release.categories],
            directions=[one.value for one in release.directions],
            purposes=[one.value for one in release.purposes],
            recipients=None if release.recipients is None else [one.value for one in release.recipients],
            form=release.form,
            signed_on=release.signed_on,
            expires_on=release.expires_on,
            revoked_at=release.revoked_at,
            version=version,
        )


@router.post(
    "",
    status_code=201,
    response_model=ReleaseOut,
    responses=refusals(PersonNotYours),
    summary="Record a signed release",
    openapi_extra=examples.RECORD_RELEASE,
)
async def record_release(body: ReleaseIn, caller: ReleaseTaker, posting: PostingDep) -> Response:
    """It holds from its signature to its last day, for the people it names and what it names."""

    async def run(work: Work) -> Response:
        release = await take_release(body.command(), caller, work)
        return created(ReleaseOut.of(release, 1), posting.location("releases", release.id), 1)

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
    shown = [ReleaseOut.of(release, row.version) for release, row in found]
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
    return ReleaseOut.of(found[0], found[1].version)


@router.post(
    "/{ref}/revoke",
    response_model=ReleaseOut,
    responses=refusals(NotFound),
    summary="Revoke a release at once",
    openapi_extra=examples.REVOKE,
)
async def revoke(ref: Ref, caller: ReleaseTaker, posting: PostingDep) -> Response:
    """From the moment of the answer no new request gets a fact by it; what began before may still arrive."""

    async def run(work: Work) -> Response:
        release, row = await revoke_release(ref, caller, work)
        return Response(
            ReleaseOut.of(release, row.version).model_dump_json(exclude_none=True),
            media_type="application/json",
            headers={"etag": etag(row.version)},
        )

    return await posting.once(run)
