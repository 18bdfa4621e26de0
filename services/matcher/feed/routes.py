"""The coordination topic over HTTP, for dashboards that do not speak Kafka: a page as NDJSON, or live as SSE."""

import asyncio
import base64
import json
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, Field
from starlette.datastructures import State

from services.matcher import examples
from services.matcher.callers import FeedReader, refusals
from services.matcher.feed import repository
from shared.errors import BadRequest
from shared.events.coordination import TYPES
from shared.web.auth import Caller
from shared.web.fields import fix
from shared.web.pagination import Limit
from shared.web.pagination import after as read_cursor

router = APIRouter(prefix="/v1/events", tags=["events"])

NDJSON, SSE = "application/x-ndjson", "text/event-stream"
POLL = 1.0  # seconds between looks of a live stream
COMMENT_EVERY = 15.0  # seconds of silence after which a stream says that it lives
_LAST = 2**62


def _known(name: str) -> str:
    if name not in TYPES:
        raise fix("must be a type of this topic, as in the AsyncAPI document")
    return name


After = Annotated[
    str | None, Query(max_length=200, description="The cursor in the Link header of the page before")
]
Types = Annotated[
    list[Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": sorted(TYPES)})]],
    Query(max_length=len(TYPES), description="Only these; repeat it for several"),
]
LastEventId = Annotated[
    str | None, Header(alias="Last-Event-ID", max_length=200, description="Of a stream that broke off")
]


@router.get(
    "",
    response_class=Response,
    responses=refusals(),
    summary="Read what dashboards are told",
    openapi_extra=examples.LIST_EVENTS,
)
async def list_events(
    request: Request,
    caller: FeedReader,
    after: After = None,
    limit: Limit = 100,
    types: Types = [],  # noqa: B006 - FastAPI copies it
    last_event_id: LastEventId = None,
) -> Response:
    """CloudEvents of your county, oldest first; each may come again, with the same `id`.

    `Accept: application/x-ndjson` (the default): a page, one event a line; the Link header has the address of what
    comes after it, also when nothing does yet. `Accept: text/event-stream`: the same events as they come, resumed
    after Last-Event-ID.
    """
    state = request.app.state
    if SSE in request.headers.get("accept", ""):
        start = _position(last_event_id or after)
        return StreamingResponse(
            _live(state, caller, start, types),
            media_type=SSE,
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )
    start = _position(after)
    async with state.database.reading(county=caller.county) as connection:
        found = await repository.page(connection, caller.county, after=start, limit=limit, types=types)
    last = found[-1][0] if found else start
    target = request.url.include_query_params(after=_cursor(last))
    lines = "".join(f"{_line(event)}\n" for _, event in found)
    return Response(lines, media_type=NDJSON, headers={"link": f'<{target.path}?{target.query}>; rel="next"'})


async def _live(state: State, caller: Caller, after: int, types: list[str]) -> AsyncGenerator[str, None]:
    """Events as they come, until the caller's token ends or the process stops."""
    yield ": live\n\n"
    silent = 0.0
    while not state.closing.is_set() and state.clock.now().timestamp() < caller.expires_at:
        async with state.database.reading(county=caller.county) as connection:
            found = await repository.page(connection, caller.county, after=after, limit=100, types=types)
        for position, event in found:
            after = position
            yield f"id: {_cursor(position)}\ndata: {_line(event)}\n\n"
        if found:
            silent = 0.0
            continue
        with suppress(TimeoutError):
            await asyncio.wait_for(state.closing.wait(), POLL)
        silent += POLL
        if silent >= COMMENT_EVERY:
            silent = 0.0
            yield ": live\n\n"


def _line(event: dict[str, Any]) -> str:
    return json.dumps(event, separators=(",", ":"))


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(str(position).encode()).decode()


def _position(cursor: str | None) -> int:
    """The position that a cursor of ours holds."""
    text = read_cursor(cursor) or "0"
    if not (text.isascii() and text.isdigit() and len(text) < len(str(_LAST))):
        raise BadRequest("The cursor is not one of ours")
    return int(text)
