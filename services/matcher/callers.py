"""Who may call the matcher, and what every route is given."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response

from services.matcher.alerts.routing import LIAISON
from services.matcher.tables import IDEMPOTENCY
from services.matcher.work import PROGRAM, Work
from shared.errors import BadRequest, Forbidden, Invalid, LinkagesError, Unauthenticated
from shared.web.auth import CALWORKS_ROLES, CWS_ROLES, Caller, allow, authenticate
from shared.web.fields import REFERENCE
from shared.web.idempotency import IdempotencyKey, once
from shared.web.problems import problems

_WORKERS = CWS_ROLES | CALWORKS_ROLES | {"linkages_liaison", "linkages_coordinator"}
RELEASE_TAKERS = (
    "er_worker",
    "case_worker",
    "eligibility_worker",
    "wtw_worker",
    "cws_supervisor",
    "calworks_supervisor",
    "linkages_liaison",
)

InboxReader = Annotated[Caller, Depends(allow(None, *sorted(_WORKERS)))]
ReleaseTaker = Annotated[Caller, Depends(allow(None, *RELEASE_TAKERS))]
FeedReader = Annotated[Caller, Depends(allow(None, scope="events:read"))]
AnyCaller = Annotated[Caller, Depends(authenticate)]
Ref = Annotated[str, Path(max_length=64, pattern=REFERENCE, description="The object's id")]


def refusals(*kinds: type[LinkagesError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: what every one may answer, and what this one may."""
    return problems(BadRequest, Unauthenticated, Forbidden, Invalid, *kinds)


def inboxes_of(caller: Caller) -> list[str]:
    """The inboxes that a caller may open: the own one, and the liaison's for a liaison."""
    return [caller.worker, LIAISON] if caller.has("linkages_liaison") else [caller.worker]


def inbox_named(caller: Caller, which: str) -> str:
    """The inbox that `own` or `liaison` means for this caller."""
    if which == "own":
        return caller.worker
    if not caller.has("linkages_liaison"):
        raise Forbidden("The liaison inbox is open to a linkages_liaison alone")
    return LIAISON


@dataclass(frozen=True)
class Posting:
    """A POST: done once for its Idempotency-Key, in one transaction."""

    request: Request
    work: Work
    caller: Caller
    key: str | None

    def location(self, *path: str) -> str:
        """The address of an object of this service."""
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


def work_for(request: Request, caller: Caller) -> Work:
    """A transaction in the caller's county."""
    state = request.app.state
    return Work(state.database, state.keys[caller.county], caller.county, state.indexed, state.live)


async def _work(request: Request, caller: AnyCaller) -> Work:
    return work_for(request, caller)


WorkDep = Annotated[Work, Depends(_work)]


async def _posting(request: Request, caller: AnyCaller, work: WorkDep, key: IdempotencyKey = None) -> Posting:
    return Posting(request, work, caller, key)


PostingDep = Annotated[Posting, Depends(_posting)]
