"""Addresses of imports: a county's roster as a file, and what became of its rows."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from services.cws_api.handlers.imports import WORDS, tell_started
from services.cws_api.routes.common import AnyCaller, Ref, refusals
from services.cws_api.tables import IMPORTS
from services.cws_api.work import PROGRAM
from shared.roster.receiving import Place
from shared.roster.tables import ImportNotFound
from shared.web import imports
from shared.web.auth import Caller, allow
from shared.web.imports import ImportOut, NotAFile

router = APIRouter(prefix="/v1/imports", tags=["imports"])

Importer = Annotated[Caller, Depends(allow(PROGRAM, scope=imports.SCOPE))]
DryRun = Annotated[bool, Query(description="Only check the file: nothing of it is applied")]
Initial = Annotated[
    bool,
    Query(description="For a county that goes live: nothing that was recorded until it is applied is news"),
]


async def _place(request: Request, caller: AnyCaller) -> Place:
    state = request.app.state
    return Place(state.database, IMPORTS, state.keys[caller.county], caller.county, PROGRAM, tell_started)


PlaceDep = Annotated[Place, Depends(_place)]


@router.post(
    "",
    status_code=202,
    response_model=ImportOut,
    responses=refusals(NotAFile),
    summary="Import a roster of clients, their households, referrals and cases",
    openapi_extra=imports.upload_example("child"),
)
async def import_roster(
    request: Request, caller: Importer, place: PlaceDep, *, dry_run: DryRun = False, initial: Initial = False
) -> Response:
    """The body is the file. The same file again is the same import, as long as no other came after it."""
    found = await imports.receive_upload(
        request, place, WORDS, worker=caller.worker, dry_run=dry_run, initial=initial
    )
    request.app.state.received.set()
    root = request.scope.get("root_path", "")
    return imports.accepted(found, f"{root}/v1/imports/{found.ref}")


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(ImportNotFound),
    summary="Read how far an import has come",
    openapi_extra=imports.import_example(),
)
async def get_import(ref: Ref, caller: Importer, place: PlaceDep) -> ImportOut:
    """Its state, counts and control totals."""
    del caller
    async with place.reading() as found:
        return ImportOut.of(await found.get(ref))


@router.get(
    "/{ref}/rows",
    response_class=Response,
    responses=refusals(ImportNotFound),
    summary="Read what became of each row",
    openapi_extra=imports.results_example(),
)
async def get_import_rows(request: Request, ref: Ref, caller: Importer, place: PlaceDep) -> StreamingResponse:
    """Line, record_id, outcome, column and fix: NDJSON, or CSV with Accept: text/csv."""
    del caller
    async with place.reading() as found:
        await found.get(ref)
    return imports.results_file(request, place, ref)
