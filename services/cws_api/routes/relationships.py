"""Addresses of relationships; a client's own stand under the client."""

from fastapi import APIRouter, Response

from services.cws_api import examples
from services.cws_api.answers import RelationshipOut
from services.cws_api.domain.relationship import RelationshipIsOver, RelationshipNotFound
from services.cws_api.handlers import relationships
from services.cws_api.routes.common import (
    IfMatch,
    IntakeWriter,
    PostingDep,
    Reader,
    Ref,
    ViewDep,
    refusals,
)
from services.cws_api.schemas_people import RelationshipEndIn
from services.cws_api.work import Work
from shared.web.etag import etag, showing
from shared.web.idempotency import changed
from shared.web.problems import stale

router = APIRouter(prefix="/v1/relationships", tags=["relationships"])


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(RelationshipNotFound),
    summary="Read a relationship between clients",
    openapi_extra=examples.GET_RELATIONSHIP,
)
async def get_relationship(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> RelationshipOut:
    """With its ETag."""
    async with view as records:
        relationship = await records.relationships.get(ref)
    response.headers["etag"] = etag(relationship.version)
    return RelationshipOut.of(relationship, caller.county)


@router.post(
    "/{ref}/end",
    response_model=RelationshipOut,
    responses=refusals(RelationshipNotFound, RelationshipIsOver) | stale(RelationshipOut),
    summary="End a relationship between clients",
    openapi_extra=examples.END_RELATIONSHIP,
)
async def end_relationship(
    ref: Ref, body: RelationshipEndIn, caller: IntakeWriter, posting: PostingDep, if_match: IfMatch = None
) -> Response:
    """Once; in a household of both the relation follows. If-Match counts where it is sent."""
    command = body.command(ref, if_match)

    async def run(work: Work) -> Response:
        with showing(RelationshipOut.of, caller.county):
            relationship = await relationships.end_relationship(command, work)
        return changed(RelationshipOut.of(relationship, caller.county), relationship.version)

    return await posting.once(run)
