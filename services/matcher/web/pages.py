"""The worker's pages: signing in and out, static files, and what the other modules here serve.

They work without JavaScript. What they show of a family, they read like every other reader: decided and accounted
for in the transaction of that read.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.matcher.callers import work_for
from services.matcher.web import accounting, alert, capped, inbox, release_form, repository, review, task
from services.matcher.web.answering import LinkUsed, NoLinksHere, Page, page, see_other
from services.matcher.web.assets import content_of
from services.matcher.web.visitor import Form, VisitorDep
from shared.errors import NotFound, Unauthenticated
from shared.web.session import clear_session, make_session, open_ticket, set_session

router = APIRouter(route_class=Page, include_in_schema=False)

Ticket = Annotated[str | None, Query(max_length=2000)]


@router.get("/")
async def home(request: Request) -> Response:
    """The inbox is the first page."""
    return see_other(request, "/inbox")


@router.get("/login")
async def login(request: Request, ticket: Ticket = None, left: bool = False) -> Response:  # noqa: FBT001, FBT002
    """Sign in with a one-time link. Production has no such links: there a county's own sign-in takes its place."""
    state = request.app.state
    if ticket is None:
        return page(request, "login.html", left=left)
    if _is_production(request):
        raise NoLinksHere
    opened = open_ticket(state.settings.secret, ticket, state.clock.now())
    if opened.caller.county not in state.counties:
        raise Unauthenticated
    async with work_for(request, opened.caller) as work:
        first = await repository.use_ticket(work.connection, opened.id, work.now)
    if not first:
        raise LinkUsed
    answer = see_other(request, "/inbox")
    value = make_session(state.settings.secret, opened.caller, state.clock.now())
    set_session(answer, value, path=_path(request), secure=_is_production(request))
    return answer


@router.post("/logout")
async def logout(request: Request, visitor: VisitorDep, form: Form) -> RedirectResponse:
    """Sign out."""
    answer = see_other(request, "/login?left=true")
    clear_session(answer, path=_path(request), secure=_is_production(request))
    return answer


@router.get("/static/{name}")
async def static(name: str) -> Response:
    """Style, script and icon."""
    found = content_of(name)
    if found is None:
        raise NotFound
    content, media_type = found
    kept = "public, max-age=31536000, immutable"  # its address changes with its content
    return Response(content, media_type=media_type, headers={"cache-control": kept})


# `capped` before `review`: its address looks like that of a review.
for part in (inbox, alert, task, release_form, accounting, capped, review):
    router.include_router(part.router)


@router.get("/inbox/{rest:path}")
async def unknown(rest: str, visitor: VisitorDep) -> Response:
    """What is not there, and what is hidden, look alike."""
    raise NotFound


def _path(request: Request) -> str:
    """Where the matcher is mounted: the cookie goes no further."""
    return str(request.scope.get("root_path", ""))


def _is_production(request: Request) -> bool:
    return bool(request.app.state.settings.environment == "production")
