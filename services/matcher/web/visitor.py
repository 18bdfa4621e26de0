"""Who looks at a page: the session's caller, with the same roles as a caller of the API."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData

from services.matcher.callers import work_for
from services.matcher.work import Work
from shared.errors import Unauthenticated
from shared.web.auth import BOTH_ROLES, CALWORKS_ROLES, CWS_ROLES, allow
from shared.web.session import COOKIE, CSRF_FIELD, Session, read_session, require_csrf

_WORKERS = sorted(CWS_ROLES | CALWORKS_ROLES | BOTH_ROLES)
_MAX_FIELDS = 300


async def _visitor(request: Request) -> Session:
    """The session of the request. Unauthenticated: none. Forbidden: not a worker of a program."""
    state = request.app.state
    session = read_session(state.settings.secret, request.cookies.get(COOKIE), state.clock.now())
    if session.caller.county not in state.counties:
        raise Unauthenticated
    await allow(None, *_WORKERS)(session.caller)
    return session


VisitorDep = Annotated[Session, Depends(_visitor)]


async def _form(request: Request, visitor: VisitorDep) -> FormData:
    """What was sent, if it was sent from a form of this session."""
    form = await request.form(max_files=0, max_fields=_MAX_FIELDS)
    require_csrf(visitor, form.get(CSRF_FIELD))
    return form


Form = Annotated[FormData, Depends(_form)]


async def _work(request: Request, visitor: VisitorDep) -> Work:
    return work_for(request, visitor.caller)


VisitorWork = Annotated[Work, Depends(_work)]
