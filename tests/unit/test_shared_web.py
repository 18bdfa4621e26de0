"""What routes call: an answer kept for a repeat, pages that end, entity tags, dates that are dates."""

import asyncio
import base64
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Self

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI, Header, Request, Response
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.crypto import KeyFile
from shared.database import Connection, Database, metadata
from shared.errors import BadRequest, Conflict, PreconditionFailed, PreconditionRequired
from shared.web import problems
from shared.web.etag import etag, require_match
from shared.web.fields import Day, Moment, Reason, Reference, ShortText, Text
from shared.web.idempotency import IdempotencyKey, created, make_idempotency_table, once
from shared.web.pagination import Cursor, Limit, Page, after, page
from shared.web.tracing import Tracing

METADATA = metadata()
KEPT = make_idempotency_table(METADATA)
THING = sa.Table("thing", METADATA, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))
KEYS = KeyFile(counties={"43": KeyFile.county()}).keys()["43"]
NOW = datetime(2026, 3, 2, tzinfo=UTC)
SECRET_NAME = "Guadalupe Zaragoza"


class Work:
    """A transaction as services have one."""

    connection: Connection
    now = NOW

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __aenter__(self) -> Self:
        self._stack = contextlib.AsyncExitStack()
        self.connection = await self._stack.enter_async_context(self._database.transaction())
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self._stack.__aexit__(*raised)  # type: ignore[arg-type]


class Made(BaseModel):
    """An answer."""

    id: int
    name: str


def an_app(database: Database) -> FastAPI:
    """A service with one address that writes."""
    app = FastAPI()
    problems.install(app)
    app.add_middleware(Tracing)

    @app.post("/things/{kind}", status_code=201)
    async def make(
        request: Request,
        kind: str,
        caller: Annotated[str, Header()] = "w-1",
        county: Annotated[str, Header()] = "43",
        key: IdempotencyKey = None,
    ) -> Response:
        name = (await request.json())["name"]

        async def run(work: Work) -> Response:
            made = await work.connection.execute(THING.insert().values(name=name))
            if name == "refused":
                raise Conflict
            if kind == "quiet":
                return Response(status_code=204)
            number = (made.inserted_primary_key or (0,))[0]
            return created(Made(id=number, name=name), f"/things/{number}", 1)

        return await once(
            request,
            Work(database),
            table=KEPT,
            keys=KEYS,
            program="cws",
            county=county,
            caller=caller,
            key=key,
            run=run,
        )

    return app


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/it.db")
    async with made.transaction() as connection:
        await connection.run_sync(METADATA.create_all)
    yield made
    await made.close()


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(an_app(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as made:
        yield made


async def things(database: Database) -> int:
    """How many were made."""
    async with database.reading() as connection:
        return int((await connection.execute(sa.select(sa.func.count()).select_from(THING))).scalar_one())


async def post(
    client: httpx.AsyncClient, key: str | None, name: str = "it", path: str = "/things/x", **more: str
) -> httpx.Response:
    """Send a thing."""
    headers = {**({"idempotency-key": key} if key else {}), **more}
    return await client.post(path, json={"name": name}, headers=headers)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (sa.exc.OperationalError, 503),
        (sa.exc.InterfaceError, 503),
        (sa.exc.DBAPIError, 503),
        (sa.exc.IntegrityError, 500),
        (sa.exc.ProgrammingError, 500),
    ],
)
async def test_a_database_that_goes_away_is_a_503_and_a_mistake_of_ours_a_500(
    error: type[sa.exc.DBAPIError], status: int
) -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/")
    async def fails() -> None:
        raise error(None, None, OSError("gone"))

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get("/")).status_code == status


async def test_a_database_that_stays_locked_is_a_503_and_nothing_is_written(
    client: httpx.AsyncClient, database: Database
) -> None:
    other = sqlite3.connect(database.url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # as another process does that does not let go
    refused = await post(client, "k")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["type"].endswith("unavailable")
    other.execute("ROLLBACK")
    other.close()
    assert (await post(client, "k")).status_code == 201
    assert await things(database) == 1


async def test_a_repeat_is_answered_as_before_and_done_once(
    client: httpx.AsyncClient, database: Database
) -> None:
    first, second = await post(client, "k"), await post(client, "k")
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    for name in ("location", "etag", "content-type"):
        assert first.headers[name] == second.headers[name]
    assert await things(database) == 1


async def test_an_answer_without_a_body_is_repeated_too(
    client: httpx.AsyncClient, database: Database
) -> None:
    answers = [await post(client, "k", path="/things/quiet") for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert await things(database) == 1


async def test_without_a_key_each_request_is_done(client: httpx.AsyncClient, database: Database) -> None:
    assert (await post(client, None)).content != (await post(client, None)).content
    assert await things(database) == 2


async def test_repeats_at_the_same_time_are_done_once(client: httpx.AsyncClient, database: Database) -> None:
    answers = await asyncio.gather(*(post(client, "k") for _ in range(12)))
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert await things(database) == 1


@pytest.mark.parametrize("other", [{"name": "another"}, {"path": "/things/y"}])
async def test_a_key_for_another_request_is_refused(
    client: httpx.AsyncClient, database: Database, other: dict[str, str]
) -> None:
    await post(client, "k")
    refused = await post(client, "k", **other)
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("/idempotency-key-reused")
    assert await things(database) == 1


async def test_another_callers_and_countys_key_is_another_key(
    client: httpx.AsyncClient, database: Database
) -> None:
    await post(client, "k")
    assert (await post(client, "k", caller="w-2")).json()["id"] == 2
    assert (await post(client, "k", county="07")).json()["id"] == 3
    assert await things(database) == 3


async def test_what_was_refused_is_not_kept(client: httpx.AsyncClient, database: Database) -> None:
    assert (await post(client, "k", name="refused")).status_code == 409
    assert (await post(client, "k", name="it")).status_code == 201
    assert await things(database) == 1


async def test_a_kept_answer_cannot_be_read_in_the_database_nor_moved(
    client: httpx.AsyncClient, database: Database
) -> None:
    await post(client, "k", name=SECRET_NAME)
    async with database.reading() as connection:
        row = (await connection.execute(sa.select(KEPT))).one()
    assert SECRET_NAME.encode() not in bytes(row.answer) + bytes(row.request)
    async with database.transaction() as connection:
        await connection.execute(KEPT.update().values(caller="w-2"))
    moved = await post(client, "k", name=SECRET_NAME, caller="w-2")
    assert moved.status_code == 500
    assert SECRET_NAME not in moved.text


@pytest.mark.parametrize("key", ["é", "a b", "k" * 129, "\t"])
async def test_a_key_that_is_no_key_is_refused(client: httpx.AsyncClient, key: str) -> None:
    response = await client.post(
        "/things/x", json={"name": "it"}, headers=[(b"idempotency-key", key.encode())]
    )
    assert response.status_code in (400, 422)


def paging(items: list[str]) -> FastAPI:
    """A service with one list."""
    app = FastAPI()
    problems.install(app)

    @app.get("/things")
    async def listed(
        request: Request, response: Response, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[str]:
        start = after(cursor) or ""
        found = [item for item in sorted(items) if item > start][: limit + 1]
        return page(found, found, limit, request, response)

    return app


@given(items=st.sets(st.text("abcé-/&=? ", min_size=1, max_size=5), max_size=12), limit=st.integers(1, 5))
def test_pages_hold_everything_once_and_end(items: set[str], limit: int) -> None:
    async def walk() -> list[str]:
        transport = httpx.ASGITransport(paging(list(items)))
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            found: list[str] = []
            address: str | None = f"/things?limit={limit}"
            while address is not None:
                answer = await client.get(address)
                assert answer.status_code == 200
                body = answer.json()
                assert len(body["items"]) <= limit
                found += body["items"]
                link = answer.links.get("next")
                assert ("next" in body and body["next"] is not None) == (link is not None)
                address = link["url"] if link else None
        return found

    assert asyncio.run(walk()) == sorted(items)


@given(key=st.text())
def test_a_cursor_gives_back_its_key(key: str) -> None:
    try:
        raw = key.encode()
    except UnicodeEncodeError:
        return
    assert after(base64.urlsafe_b64encode(raw).decode()) == key


@given(cursor=st.text())
def test_a_cursor_that_is_not_ours_is_a_bad_request_and_no_failure(cursor: str) -> None:
    with contextlib.suppress(BadRequest):
        assert isinstance(after(cursor), str)


async def test_a_page_has_no_more_than_two_hundred_entries() -> None:
    transport = httpx.ASGITransport(paging([]))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        assert (await client.get("/things?limit=200")).status_code == 200
        for limit in ("201", "0", "-1", "many"):
            assert (await client.get(f"/things?limit={limit}")).status_code == 422


@pytest.mark.parametrize("given_", ['"3"', "*", '"2", "3"', '"3","9"'])
def test_the_present_version_may_be_changed(given_: str) -> None:
    require_match(given_, 3)


@pytest.mark.parametrize(
    ("given_", "error"),
    [
        (None, PreconditionRequired),
        ('"2"', PreconditionFailed),
        ('"33"', PreconditionFailed),
        ("3", BadRequest),
        ("", BadRequest),
        ('"', BadRequest),
        ('W/"3"', BadRequest),
    ],
)
def test_another_version_may_not(given_: str | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        require_match(given_, 3)


def test_an_entity_tag_is_in_quotes() -> None:
    assert etag(7) == '"7"'


def accepted(kind: Any, value: Any) -> Any:
    """A value after validation."""
    return TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    "value", [0, 1.5, True, 20_000, [], {}, "today", "", "1709251200", "2026-02-30", "2026-3-2"]
)
def test_what_is_no_date_is_none(value: Any) -> None:
    with pytest.raises(ValidationError):
        accepted(Day, value)


@pytest.mark.parametrize(
    "value", [0, 1772474400, 1.5, True, "2026-03-02T09:00:00", "2026-03-02", "now", "", None]
)
def test_what_is_no_instant_with_an_offset_is_none(value: Any) -> None:
    with pytest.raises(ValidationError):
        accepted(Moment, value)


def test_dates_and_instants_are_read() -> None:
    assert accepted(Day, "2026-03-02") == date(2026, 3, 2)
    assert accepted(Moment, "2026-03-02T09:00:00-08:00") == datetime(2026, 3, 2, 17, tzinfo=UTC)
    assert accepted(Moment, "2026-03-02T09:00:00Z").utcoffset() == timedelta(0)


@pytest.mark.parametrize("kind", [Text, ShortText, Reason, Reference])
@pytest.mark.parametrize("value", ["734-12-3456", "734.12.3456", "of-734-12-3456"])
def test_no_text_and_no_id_takes_in_a_social_security_number(kind: Any, value: str) -> None:
    with pytest.raises(ValidationError, match="must not hold a Social Security number"):
        accepted(kind, value)


@pytest.mark.parametrize(
    "value", ["0003-1234-5678-9012345", "734123456", "2026-03-02", "734-12-34567", "12-734-12"]
)
def test_an_id_that_only_looks_a_little_like_one_is_taken(value: str) -> None:
    assert accepted(Reference, value) == value


@given(value=st.text(max_size=30))
def test_text_that_is_taken_in_is_printable_and_tidy(value: str) -> None:
    with contextlib.suppress(ValidationError):
        kept = accepted(Text, value)
        assert kept.isprintable()
        assert kept == " ".join(kept.split())
        kept.encode()


@given(value=st.text(max_size=70))
def test_a_reference_is_plain(value: str) -> None:
    with contextlib.suppress(ValidationError):
        kept = accepted(Reference, value)
        assert kept == value
        assert kept.isascii()
        assert not set(kept) & set("/?#&%<>\"' \n")
