"""Addresses of alerts and tasks."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel
from starlette.datastructures import State

from services.matcher import examples
from services.matcher.alerts import tasks
from services.matcher.alerts.acknowledging import NotStanding, acknowledge, entry_of, shown_entry
from services.matcher.alerts.inbox import InboxAddress
from services.matcher.alerts.reading import ShownAlert, read
from services.matcher.alerts.repository import AlertRepository
from services.matcher.alerts.tasks import TaskDone
from services.matcher.callers import (
    InboxReader,
    PostingDep,
    Ref,
    WorkDep,
    inbox_named,
    inboxes_of,
    refusals,
)
from services.matcher.delivery.live import changed
from services.matcher.work import Work
from shared.errors import BadRequest, NotFound
from shared.web.auth import Caller
from shared.web.etag import etag
from shared.web.fields import Body
from shared.web.pagination import Cursor, Limit, Page, after, page

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])
task_router = APIRouter(prefix="/v1/tasks", tags=["tasks"])

MAX_SEQ = 2**62
Which = Annotated[
    Literal["own", "liaison"], Query(description="Your own inbox, or your program's liaison inbox")
]
Seq = Annotated[int, Query(ge=0, le=MAX_SEQ, description="Only what changed after this place in the inbox")]
STREAMED = 100  # changes read at a time


class ItemOut(BaseModel):
    """A fact that crossed to you, about one of your own people, and the ground on which it did."""

    category: str
    person: str | None = None
    facts: dict[str, Any]
    basis: str
    purpose: str
    redaction: str | None = None
    expires: datetime | None = None


class AgreementOut(BaseModel):
    """A field that was compared, how it agrees, and what that adds to the match weight (log2)."""

    field: str
    level: str
    weight: float


class PersonOut(BaseModel):
    """One of your own people, and why the other program's record is thought to be the same person's."""

    ref: str
    name: str
    match: list[AgreementOut]


class AlertOut(BaseModel):
    """An alert in an inbox. `seq` grows with each change of the inbox. Facts are for support only."""

    id: str
    type: str
    seq: int
    state: str
    version: int
    role: str
    mutual_case: str
    cause: str
    created_at: datetime
    acknowledge_by: datetime | None = None
    legal_due: datetime | None = None
    acknowledged_at: datetime | None = None
    own: str | None = None
    people: list[PersonOut]
    items: list[ItemOut]
    supportive_use_only: Literal[True] = True

    @classmethod
    def of(cls, shown: ShownAlert) -> "AlertOut":
        """Present an entry."""
        row = shown.row
        return cls(
            id=row.alert,
            type=row.type,
            seq=row.seq,
            state=row.state,
            version=row.version,
            role=row.role,
            mutual_case=row.mutual_case,
            cause=row.cause,
            created_at=row.created_at,
            acknowledge_by=row.acknowledge_by,
            legal_due=row.legal_due,
            acknowledged_at=row.acknowledged_at,
            own=shown.own,
            people=[
                PersonOut(
                    ref=ref,
                    name=name,
                    match=[
                        AgreementOut(field=field, level=level, weight=round(weight, 3))
                        for field, level, weight in (shown.match[ref].parts if ref in shown.match else ())
                    ],
                )
                for ref, name in sorted(shown.people.items())
            ],
            items=[
                ItemOut(
                    category=item.category,
                    person=item.person,
                    facts=item.facts,
                    basis=item.basis,
                    purpose=item.purpose,
                    redaction=item.redaction,
                    expires=item.expires,
                )
                for item in shown.items
            ],
        )


class InboxOut(BaseModel):
    """Entries in the order of `seq`; `next`: ask again with `after` = this."""

    items: list[AlertOut]
    next: int


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List an inbox",
    openapi_extra=examples.LIST_ALERTS,
)
async def list_alerts(
    caller: InboxReader, work: WorkDep, inbox: Which = "own", after: Seq = 0, limit: Limit = 50
) -> InboxOut:
    """Every fact is decided at this moment; reading is accounted for."""
    async with work:
        rows = await work.alerts.inbox(
            str(caller.program), inbox_named(caller, inbox), after=after, limit=limit
        )
        shown = await read(work, caller, rows)
    return InboxOut(items=[AlertOut.of(one) for one in shown], next=rows[-1].seq if rows else after)


@dataclass(frozen=True)
class StreamPlace:
    """From where an inbox is followed: what came after this `seq`, until the caller's token ends (POSIX seconds)."""

    address: InboxAddress
    after: int
    until: float


LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)]


def stream_place(caller: Caller, inbox: str, last_event_id: str | None, after: int) -> StreamPlace:
    """Where a stream begins. BadRequest, Forbidden: before it does."""
    if last_event_id is not None:
        if not (last_event_id.isascii() and last_event_id.isdigit()):
            raise BadRequest("Last-Event-ID is a number of this stream")
        after = min(int(last_event_id), MAX_SEQ)
    address = InboxAddress(caller.county, str(caller.program), inbox_named(caller, inbox))
    return StreamPlace(address, after, caller.expires_at)


async def changes_of(state: State, place: StreamPlace) -> AsyncGenerator[ServerSentEvent, None]:
    """The changes of an inbox as they come, ids alone. `state`: the app's."""
    address, after = place.address, place.after
    yield ServerSentEvent(comment="live")
    with state.live.watching(address) as event:
        while not state.closing.is_set() and state.clock.now().timestamp() < place.until:
            event.clear()
            async with state.database.reading(county=address.county) as connection:
                repository = AlertRepository(connection, address.county)
                rows = await repository.changes(address.program, address.inbox, after=after, limit=STREAMED)
            for row in rows:
                after = row.seq
                data = {"seq": row.seq, "alert_id": row.alert, "kind": row.change}
                yield ServerSentEvent(id=str(row.seq), data=data)
            if len(rows) < STREAMED:
                await changed(event)


async def _place(
    caller: InboxReader, inbox: Which = "own", last_event_id: LastEventId = None, after: Seq = 0
) -> StreamPlace:
    return stream_place(caller, inbox, last_event_id, after)


@router.get(
    "/stream",
    response_class=EventSourceResponse,
    responses=refusals(),
    summary="Hear of changes of an inbox: ids alone",
    openapi_extra=examples.STREAM_ALERTS,
)
async def stream_alerts(
    request: Request, place: Annotated[StreamPlace, Depends(_place)]
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events `{seq, alert_id, kind}`; resumes after Last-Event-ID. What it says is read with a GET."""
    async with aclosing(changes_of(request.app.state, place)) as changes:
        async for change in changes:
            yield change


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(NotFound),
    summary="Read an alert",
    openapi_extra=examples.GET_ALERT,
)
async def get_alert(ref: Ref, caller: InboxReader, work: WorkDep, response: Response) -> AlertOut:
    """In your own inbox, or the liaison's if you are one."""
    async with work:
        shown = await shown_entry(work, caller, await entry_of(work, caller, inboxes_of(caller), ref))
    response.headers["etag"] = etag(shown.row.version)
    return AlertOut.of(shown)


@router.post(
    "/{ref}/acknowledge",
    response_model=AlertOut,
    responses=refusals(NotFound, NotStanding),
    summary="Say that you have it",
    openapi_extra=examples.ACKNOWLEDGE_ALERT,
)
async def acknowledge_alert(ref: Ref, caller: InboxReader, posting: PostingDep) -> Response:
    """It does not say that it is done."""

    async def run(work: Work) -> Response:
        shown = await acknowledge(work, caller, inboxes_of(caller), ref)
        body = AlertOut.of(shown).model_dump_json(exclude_none=True)
        return Response(body, media_type="application/json", headers={"etag": etag(shown.row.version)})

    return await posting.once(run)


class TaskOut(BaseModel):
    """Something to do that is the same for every intake, so that having it tells nothing."""

    id: str
    kind: str
    intake: str
    state: str
    created_at: datetime
    done_at: datetime | None = None
    version: int

    @classmethod
    def of(cls, row: Any) -> "TaskOut":
        """Present a task."""
        return cls(
            id=row.id,
            kind=row.kind,
            intake=row.intake,
            state=row.state,
            created_at=row.created_at,
            done_at=row.done_at,
            version=row.version,
        )


class TaskDoneIn(Body):
    """How it went."""

    outcome: Literal["signed", "declined", "not_reached"]


@task_router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List your tasks",
    openapi_extra=examples.LIST_TASKS,
)
async def list_tasks(
    caller: InboxReader,
    work: WorkDep,
    request: Request,
    response: Response,
    inbox: Which = "own",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[TaskOut]:
    """Open and done, by id."""
    start = after(cursor) or ""
    if not start.isprintable():
        raise BadRequest("The cursor is not one of ours")
    async with work:
        rows = await tasks.tasks_of(
            work.connection,
            work.county,
            str(caller.program),
            [inbox_named(caller, inbox)],
            after=start,
            limit=limit + 1,
        )
    return page([TaskOut.of(row) for row in rows], [row.id for row in rows], limit, request, response)


@task_router.post(
    "/{ref}/done",
    response_model=TaskOut,
    responses=refusals(NotFound, TaskDone),
    summary="Say how a task went",
    openapi_extra=examples.FINISH_TASK,
)
async def finish_task(ref: Ref, body: TaskDoneIn, caller: InboxReader, posting: PostingDep) -> Response:
    """signed, declined or not_reached; saying the same again changes nothing."""

    async def run(work: Work) -> Response:
        row = await tasks.finish(
            work.connection, work.county, str(caller.program), inboxes_of(caller), ref, body.outcome, work.now
        )
        shown = TaskOut.of(row).model_dump_json(exclude_none=True)
        return Response(shown, media_type="application/json", headers={"etag": etag(row.version)})

    return await posting.once(run)
