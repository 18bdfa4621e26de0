"""Who may call, and what every route is given."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request, Response

from services.calworks_api.tables import IDEMPOTENCY
from services.calworks_api.work import PROGRAM, View, Work
from shared.crypto import CountyKeys
from shared.errors import BadRequest, Forbidden, Invalid, LinkagesError, Unauthenticated
from shared.web.auth import CALWORKS_ROLES, Caller, allow, authenticate
from shared.web.fields import REFERENCE
from shared.web.idempotency import IdempotencyKey, once
from shared.web.pagination import Cursor, after
from shared.web.problems import problems

IntakeWriter = Annotated[
    Caller,
    Depends(
        allow(
            PROGRAM,
            "eligibility_worker",
            "wtw_worker",
            "calworks_supervisor",
            "calworks_clerk",
            scope="calworks:intake:write",
        )
    ),
]
Reader = Annotated[Caller, Depends(allow(PROGRAM, *CALWORKS_ROLES, "linkages_liaison", "integration"))]
Sealer = Annotated[Caller, Depends(allow(PROGRAM, "calworks_supervisor", "privacy_officer"))]
AnyCaller = Annotated[Caller, Depends(authenticate)]

Ref = Annotated[str, Path(max_length=64, pattern=REFERENCE, description="The record's reference")]
IfMatch = Annotated[
    str | None, Header(alias="If-Match", max_length=200, description="The ETag that you read")
]


def refusals(*kinds: type[LinkagesError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: what every one may answer, and what this one may."""
    return problems(BadRequest, Unauthenticated, Forbidden, Invalid, *kinds)


@dataclass(frozen=True)
class Posting:
    """A POST: done once for its Idempotency-Key, in one transaction."""

    request: Request
    work: Work
    caller: Caller
    key: str | None

    @property
    def keys(self) -> CountyKeys:
        """The county's keys."""
        return self.work.keys

    def location(self, *path: str) -> str:
        """The address of a record of this service."""
        return "/".join((self.request.scope.get("root_path", ""), "v1", *path))

    async def once(self, run: Callable[[Work], Awaitable[Response]]) -> Response:
        """The answer of `run`, or the one that was kept. It is given out after the commit."""
        return await once(
            self.request,
            self.work,
            table=IDEMPOTENCY,
            keys=self.work.keys,
            program=PROGRAM,
            county=self.caller.county,
            caller=self.caller.subject,
            key=self.key,
            run=run,
        )


async def _work(request: Request, caller: AnyCaller) -> Work:
    state = request.app.state
    return Work(state.database, state.keys[caller.county], caller.county, caller.worker, state.wake)


async def _posting(request: Request, caller: AnyCaller, key: IdempotencyKey = None) -> Posting:
    return Posting(request, await _work(request, caller), caller, key)


async def _view(request: Request, caller: AnyCaller) -> View:
    state = request.app.state
    return View(state.database, state.keys[caller.county], caller.county)


async def _after(cursor: Cursor = None) -> str | None:
    """The reference after which a page begins."""
    ref = after(cursor)
    if ref is not None and not (ref.isascii() and ref.isprintable()):
        raise BadRequest("The cursor is not one of ours")
    return ref


WorkDep = Annotated[Work, Depends(_work)]
PostingDep = Annotated[Posting, Depends(_posting)]
ViewDep = Annotated[View, Depends(_view)]
After = Annotated[str | None, Depends(_after)]
