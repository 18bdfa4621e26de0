"""What dashboards are told of a family's way through the system: when, how, and in which order."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from services.matcher.alerts.catalogue import AlertType
from services.matcher.feed import words
from services.matcher.feed.activity import GRACE, Hours
from services.matcher.tables import ACTIVITY, OUTBOX, RELEASE
from shared.bus import COORDINATION_TOPIC
from shared.clock import FrozenClock
from shared.database import Database
from shared.events import Envelope, coordination
from shared.outbox.relay import Relay
from tests.contract import county as counties
from tests.contract.county import ELSEWHERE, HOME, County, Family
from tests.contract.operations import refused
from tests.databases import Stored

pytestmark = pytest.mark.asyncio(loop_scope="module")

CloudEvent = dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(folder: Path, stored: dict[str, Stored]) -> AsyncIterator[tuple[County, Family]]:
    """A family that was met by both programs, one alert acknowledged and one release taken back."""
    async with counties.running(folder, stored) as county:
        family = await county.family(HOME)
        worker = county.token("er_worker", "case_worker", program="cws")
        refs = family.refs["matcher"]
        await county.made("matcher", f"/v1/alerts/{refs['alerts']}/acknowledge", {}, worker)
        await county.made("matcher", f"/v1/releases/{refs['releases']}/revoke", {}, worker)
        await county.settle()
        yield county, family


def dashboard(county: County, of: str = HOME) -> str:
    """A token of somebody who may read what dashboards are told."""
    return county.token("integration", program="cws", county=of, scope="events:read")


async def page(county: County, of: str = HOME, **params: Any) -> tuple[list[CloudEvent], str]:
    """A page of events, and the address of the next one."""
    response = await county.call("matcher", "GET", "/v1/events", dashboard(county, of), params=params)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/x-ndjson"
    target = response.headers["link"].removeprefix("<").partition(">")[0]
    return [json.loads(line) for line in response.text.splitlines()], target


def named(events: list[CloudEvent], name: str) -> list[CloudEvent]:
    """The events of one type, in their order."""
    return [event for event in events if event["type"] == f"linkages.{name}.v1"]


async def test_a_familys_way_is_told_in_its_order(told: tuple[County, Family]) -> None:
    events, _ = await page(told[0], limit=200)
    names = [event["type"].removeprefix("linkages.").removesuffix(".v1") for event in events]
    assert names.index("link.confirmed") < names.index("mutual.opened") < names.index("alert.created")
    assert names.index("alert.created") < names.index("alert.acknowledged")
    assert names.count("release.recorded") >= 2
    assert names.count("release.revoked") == 1
    opened = named(events, "mutual.opened")[0]["data"]
    assert opened["types"] == ["M1", "M2"]
    assert opened["days_since_intake"] == 0


async def test_every_event_is_what_its_class_says_and_counts_within_its_key(
    told: tuple[County, Family],
) -> None:
    events, _ = await page(told[0], limit=200)
    last: dict[str, int] = {}
    for event in events:
        kind = coordination.TYPES[event["type"]]
        data = kind.model_validate(event["data"])
        assert (event["subject"], event["partitionkey"]) == (data.subject, data.key)
        assert event["source"] == "/matcher"
        assert event["county"] == HOME
        last[data.key] = last.get(data.key, 0) + 1
        assert event["sequence"] == str(last[data.key])


async def test_times_are_cut_to_the_hour_and_nobody_stands_in_the_envelope(
    told: tuple[County, Family],
) -> None:
    events, _ = await page(told[0], limit=200)
    for event in events:
        for name in ("time", "recordedat"):
            instant = datetime.fromisoformat(event[name])
            assert instant == words.hour_of(instant)
        assert set(event) == {
            "specversion", "id", "source", "type", "subject", "time", "dataschema", "partitionkey", "sequence",
            "county", "recordedat", "datacontenttype", "data",
        }  # fmt: skip


async def test_an_alert_keeps_its_name_and_says_whether_it_was_in_time(told: tuple[County, Family]) -> None:
    events, _ = await page(told[0], limit=200)
    (acknowledged,) = named(events, "alert.acknowledged")
    created = [
        event for event in named(events, "alert.created") if event["subject"] == acknowledged["subject"]
    ]
    assert created
    assert acknowledged["data"]["on_time"] is True
    assert "on_time" not in created[0]["data"]
    assert acknowledged["data"]["minutes_since_cause"] == 0
    assert acknowledged["data"]["role"] in ("er_worker", "case_worker")


async def test_pages_follow_each_other_and_the_last_one_waits_for_more(told: tuple[County, Family]) -> None:
    county, _ = told
    whole, _ = await page(county, limit=200)
    found: list[CloudEvent] = []
    target = "/v1/events?limit=3"
    for _ in whole:
        response = await county.call("matcher", "GET", target, dashboard(county))
        found += [json.loads(line) for line in response.text.splitlines()]
        target = response.headers["link"].removeprefix("<").partition(">")[0]
    assert found == whole
    assert not (await county.call("matcher", "GET", target, dashboard(county))).text


async def test_only_the_types_asked_for_are_given(told: tuple[County, Family]) -> None:
    county, _ = told
    whole, _ = await page(county, limit=200)
    wanted = ["linkages.mutual.opened.v1", "linkages.release.revoked.v1"]
    some, _ = await page(county, limit=200, types=wanted)
    assert some == [event for event in whole if event["type"] in wanted]
    answer = await county.call(
        "matcher", "GET", "/v1/events", dashboard(county), params={"types": "linkages.cws.case.opened.v1"}
    )
    refused(answer, 422)
    assert answer.json()["errors"][0]["pointer"].startswith("/query/types")


async def test_another_countys_events_are_not_there(told: tuple[County, Family]) -> None:
    assert (await page(told[0], ELSEWHERE))[0] == []


@pytest.mark.parametrize("cursor", ["x", "%00", "LTE=", "OTk5" * 40, "MS4w", "2aE="])
async def test_a_cursor_that_is_not_ours_is_refused(told: tuple[County, Family], cursor: str) -> None:
    county, _ = told
    answer = await county.call("matcher", "GET", "/v1/events", dashboard(county), params={"after": cursor})
    refused(answer, 400)


async def _begin(county: County, wanted: int, **headers: str) -> list[tuple[str, CloudEvent]]:
    """The first events of a live stream, each with its id. The transport of tests gives a stream only when it has
    ended, so the app is called by hand."""
    sent: list[bytes] = []
    enough = asyncio.Event()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/v1/events",
        "raw_path": b"/v1/events",
        "query_string": b"",
        "root_path": "",
        "headers": [
            (name.replace("_", "-").encode(), value.encode())
            for name, value in {
                "accept": "text/event-stream",
                "authorization": f"Bearer {dashboard(county)}",
                **headers,
            }.items()
        ],
        "client": ("test", 1),
        "server": ("api", 80),
    }

    async def receive() -> dict[str, Any]:
        await enough.wait()
        return {"type": "http.disconnect"}

    asked = False

    async def first_the_request() -> dict[str, Any]:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        return await receive()

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))
        if b"".join(sent).count(b"data: ") >= wanted:
            enough.set()

    running = asyncio.create_task(county.apps["matcher"](scope, first_the_request, send))  # type: ignore[arg-type]
    await asyncio.wait_for(enough.wait(), 10)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    found = []
    for block in b"".join(sent).decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines["id"], json.loads(lines["data"])))
    return found


async def test_a_live_stream_has_the_same_events_and_resumes_where_it_broke_off(
    told: tuple[County, Family],
) -> None:
    county, _ = told
    whole, _ = await page(county, limit=200)
    first = await _begin(county, 2)
    assert [event for _, event in first[:2]] == whole[:2]
    rest = await _begin(county, len(whole) - 2, last_event_id=first[1][0])
    assert [event for _, event in rest] == whole[2:]


async def test_the_topic_has_the_same_events(told: tuple[County, Family]) -> None:
    county, _ = told
    bus, database = county.reader.bus, county.decider.database
    relay = Relay(database, OUTBOX, bus, COORDINATION_TOPIC, "r", asyncio.Event())
    while await relay.round():
        pass
    records = await bus.fetch(COORDINATION_TOPIC, dict.fromkeys(range(8), 0), limit=500, timeout=1.0)
    envelopes = [
        Envelope.read(record.message, coordination.TYPES) for its in records.values() for record in its
    ]
    events, _ = await page(county, limit=200)
    assert {envelope.id for envelope in envelopes} == {event["id"] for event in events}


@pytest_asyncio.fixture(loop_scope="module")
async def later(told: tuple[County, Family]) -> AsyncIterator[tuple[Database, FrozenClock]]:
    """The matcher's database an hour and some minutes later."""
    county, _ = told
    async with county.decider.database.reading() as connection:
        now = await county.decider.database.now(connection)
    clock = FrozenClock(words.hour_of(now) + timedelta(hours=1) + GRACE)
    database = Database(county.decider.database.url, clock=clock)
    yield database, clock
    await database.close()


async def test_an_hour_is_told_once_it_is_over_and_only_once(
    told: tuple[County, Family], later: tuple[Database, FrozenClock]
) -> None:
    county, _ = told
    database, clock = later
    hours = Hours(database, county.decider.keys)
    async with database.reading() as connection:
        counted = (await connection.execute(sa.select(ACTIVITY), {})).all()
    assert {row.type for row in counted} >= {"cws.referral.received", "calworks.sanction.imposed"}
    over = clock.now()
    clock.set(over - timedelta(minutes=1))
    assert await hours.round() == 0
    clock.set(over)
    assert await hours.round() == len(counted)
    assert await hours.round() == 0
    events, _ = await page(county, limit=200, types="linkages.activity.counted.v1")
    assert {event["data"]["event"] for event in events} == {row.type for row in counted}
    small = [event["data"] for event in events if event["data"]["suppressed"]]
    assert small
    assert all("count" not in data and "mutual" not in data for data in small if data.get("count", 0) < 11)


async def test_a_release_is_told_as_expired_once_when_its_last_day_is_over(
    told: tuple[County, Family],
) -> None:
    county, _ = told
    database = county.decider.database
    async with database.reading() as connection:
        expires = (await connection.execute(sa.select(sa.func.max(RELEASE.c.expires)), {})).scalar_one()
    decider = county.decider
    late = Database(database.url, clock=FrozenClock(expires + timedelta(minutes=1)))
    decider.database = late
    try:
        while await decider.round():
            pass
    finally:
        decider.database = database
        await late.close()
    events, _ = await page(county, limit=200, types="linkages.release.expired.v1")
    recorded, _ = await page(county, limit=200, types="linkages.release.recorded.v1")
    revoked, _ = await page(county, limit=200, types="linkages.release.revoked.v1")
    standing = {event["subject"] for event in recorded} - {event["subject"] for event in revoked}
    assert sorted(event["subject"] for event in events) == sorted(standing)


async def test_every_alert_type_has_its_severity() -> None:
    assert {kind.value for kind in AlertType} <= set(words.SEVERITY)


@pytest.mark.parametrize(
    ("count", "mutual", "told_as"),
    [
        (10, 10, (None, None, True)),
        (10, None, (None, None, True)),
        (11, None, (11, None, False)),
        (30, 10, (30, None, True)),
        (30, 0, (30, None, True)),
        (30, 20, (30, None, True)),
        (30, 19, (30, 19, False)),
        (22, 11, (22, 11, False)),
    ],
)
async def test_a_small_number_is_not_told_nor_one_from_which_it_follows(
    count: int, mutual: int | None, told_as: tuple[int | None, int | None, bool]
) -> None:
    assert words.told(count, mutual) == told_as


async def test_what_a_worker_types_as_a_form_is_not_told() -> None:
    assert words.form_class("ABCDM  228") == "abcdm_228"
    assert words.form_class("signed by Ana Reyes") == "other"
