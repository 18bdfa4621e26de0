"""The inbox page: alerts in the order of the law's clock, tasks in a list of their own, and the live stream."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.matcher.alerts.inbox import STANDING, InboxAddress
from services.matcher.alerts.reading import read
from services.matcher.alerts.routes import (
    LastEventId,
    Seq,
    StreamPlace,
    Which,
    changes_of,
    stream_place,
)
from services.matcher.alerts.tasks import open_tasks
from services.matcher.callers import inbox_named
from services.matcher.web import repository, words
from services.matcher.web.answering import Page, page
from services.matcher.web.offers import offers_of
from services.matcher.web.showing import in_order, view
from services.matcher.web.visitor import VisitorDep, VisitorWork

router = APIRouter(route_class=Page, include_in_schema=False)

SHOWN = 50  # alerts of a page, and tasks
_ALL = 10_000  # standing entries of one inbox that are put in order

Saved = Annotated[Literal["acknowledged", "signed", "declined", "not_reached"] | None, Query()]
PageNumber = Annotated[int, Query(alias="page", ge=1, le=1000)]


@router.get("/inbox")
async def show_inbox(
    request: Request,
    visitor: VisitorDep,
    work: VisitorWork,
    inbox: Which = "own",
    number: PageNumber = 1,
    saved: Saved = None,
) -> Response:
    """What stands, decided at this moment. An empty page is the same for every reason."""
    caller = visitor.caller
    name, program = inbox_named(caller, inbox), str(caller.program)
    async with work:
        last = await repository.last_seq(work.connection, InboxAddress(work.county, program, name))
        rows = in_order(await work.alerts.inbox(program, name, after=0, limit=_ALL, states=STANDING))
        first = (number - 1) * SHOWN
        shown = await read(work, caller, rows[first : first + SHOWN])
        waiting = await open_tasks(work.connection, work.county, program, name, limit=SHOWN + 1)
        offers = await offers_of(work, waiting[:SHOWN])
        now, policy = work.now, work.policy
    return page(
        request,
        "inbox.html",
        visitor=visitor,
        inbox=inbox,
        alerts=[view(one, now, policy) for one in shown],
        offers=offers,
        more_offers=len(waiting) > SHOWN,
        number=number,
        more=len(rows) > first + SHOWN,
        last=last,
        updated=words.clock(now, policy.zone),
        saved=_SAVED.get(saved or ""),
    )


_SAVED = {
    "acknowledged": "Saved: you have acknowledged the alert.",
    "signed": "Saved: the release is recorded and holds from now on.",
    "declined": "Saved: the family said no.",
    "not_reached": "Saved: the family could not be reached.",
}


async def _place(
    visitor: VisitorDep, inbox: Which = "own", last_event_id: LastEventId = None, after: Seq = 0
) -> StreamPlace:
    return stream_place(visitor.caller, inbox, last_event_id, after)


@router.get("/inbox/stream", response_class=EventSourceResponse)
async def stream(
    request: Request, place: Annotated[StreamPlace, Depends(_place)]
) -> AsyncIterator[ServerSentEvent]:
    """The page's own stream: ids alone, as on the API."""
    async with aclosing(changes_of(request.app.state, place)) as changes:
        async for change in changes:
            yield change
