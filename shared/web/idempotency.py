"""Idempotency-Key: a POST that is sent twice is done once and answered twice the same.

The answer is stored in the transaction of the write, sealed, with a keyed hash of the request; so there is no moment
in which the write stands and its answer is forgotten.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Annotated, Any, Protocol, Self, TypeVar

import sqlalchemy as sa
from fastapi import Header, Request, Response
from pydantic import BaseModel

from shared.crypto import CountyKeys
from shared.database import Connection, Instant, insert_into
from shared.errors import Invalid
from shared.web.etag import etag

KEPT = timedelta(hours=48)


class KeyUsedAgain(Invalid):
    """The same key with another request."""

    slug, title = "idempotency-key-reused", "This Idempotency-Key was used with another request"


class Transaction(Protocol):
    """What a service's Work offers here."""

    connection: Connection
    now: datetime

    async def __aenter__(self) -> Self:
        """Begin."""
        ...

    async def __aexit__(self, *exc: object) -> None:
        """Commit, or roll back on an error."""
        ...


W = TypeVar("W", bound=Transaction)


def make_idempotency_table(metadata: sa.MetaData) -> sa.Table:
    """Answers by key, on the service's own metadata."""
    return sa.Table(
        "idempotency",
        metadata,
        sa.Column("county", sa.Text, primary_key=True),
        sa.Column("caller", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("request", sa.LargeBinary, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        pattern=r"^[!-~]+$",
        description="Any text of yours that names this request; send it again with a repeat",
    ),
]


def created(body: BaseModel, location: str, version: int) -> Response:
    """201 with Location and ETag."""
    return Response(
        body.model_dump_json(exclude_none=True),
        status_code=201,
        media_type="application/json",
        headers={"location": location, "etag": etag(version)},
    )


def changed(body: BaseModel, version: int) -> Response:
    """200 with the ETag of what a POST changed."""
    return Response(
        body.model_dump_json(exclude_none=True),
        media_type="application/json",
        headers={"etag": etag(version)},
    )


async def once(
    request: Request,
    work: W,
    *,
    table: sa.Table,
    keys: CountyKeys,
    program: str,
    county: str,
    caller: str,
    key: str | None,
    run: Callable[[W], Awaitable[Response]],
) -> Response:
    """Open `work`, run the write in it and keep its answer; a repeat gets the answer that was kept."""
    if key is None:
        async with work:
            return await run(work)
    sent = keys.digest(f"{request.method} {request.url.path} ") + keys.digest((await request.body()).hex())
    ring, associated = keys.keyring(program), f"idempotency/{county}/{caller}/{key}".encode()
    mine = {"county": county, "caller": caller, "key": key}
    async with work:
        kept = (await work.connection.execute(_kept(table), mine)).one_or_none()
        if kept is not None:
            if kept.request != sent:
                raise KeyUsedAgain(detail="Use a new key for a new request")
            stored = json.loads(ring.open(kept.answer, associated))
            return Response(
                stored["body"],
                status_code=stored["status"],
                headers=stored["headers"],
                media_type=stored["type"],
            )
        response = await run(work)
        headers = {n: v for n, v in response.headers.items() if n in ("location", "etag")}
        plain = json.dumps(
            {
                "status": response.status_code,
                "headers": headers,
                "type": response.media_type,
                "body": bytes(response.body).decode(),
            }
        )
        row = {**mine, "request": sent, "answer": ring.seal(plain.encode(), associated), "at": work.now}
        await work.connection.execute(insert_into(table), row)
        return response


@cache
def _kept(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table.c.request, table.c.answer).where(
        table.c.county == sa.bindparam("county"),
        table.c.caller == sa.bindparam("caller"),
        table.c.key == sa.bindparam("key"),
    )
