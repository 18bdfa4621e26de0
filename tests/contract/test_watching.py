"""What a background process tells of itself: lag, waiting, decisions, health; and that it says nothing of anybody."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services import local, watching
from services.calworks_api.settings import CalworksSettings
from services.cws_api.settings import CwsSettings
from services.matcher.settings import MatcherSettings
from shared.bus import CWS_TOPIC, PARTITIONS, Bounds, Message
from shared.database import opened
from shared.errors import Unavailable
from shared.metrics import REGISTRY, leases_changed
from tests.contract.operations import World
from tests.databases import Stored

pytestmark = pytest.mark.asyncio(loop_scope="module")

LABELS = {
    "county",
    "loop",
    "what",
    "topic",
    "partition",
    "change",
    "stage",
    "outcome",
    "type",
    "method",
    "route",
    "status",
    "le",
}


class Away:
    """A log that does not answer."""

    async def bounds(self, topic: str) -> dict[int, Bounds]:
        raise Unavailable(f"No broker answers about {topic}")


@pytest_asyncio.fixture(loop_scope="module")
async def settings(folder: Path, stored: dict[str, Stored]) -> local.Settings:
    """Of the background parts of the module's services."""
    given = {name: {"data_dir": folder, "database": one.worker} for name, one in stored.items()}
    return local.Settings(
        CwsSettings(**given["cws"]),
        CalworksSettings(**given["calworks"]),
        MatcherSettings(**given["matcher"]),
    )


@asynccontextmanager
async def scraping(
    settings: local.Settings, bus: Any, service: str = "matcher", now: Callable[[], float] = time.time
) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever supervises the background part of a service."""
    watched = local.watched(settings, service)
    async with opened(watched.url) as database:
        app = watching.create_app(watched, database, bus, now)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://work") as client:
            yield client


async def scraped(client: httpx.AsyncClient) -> dict[str, float]:
    """Every sample."""
    text = (await client.get("/metrics")).text
    return {
        name: float(value)
        for name, value in re.findall(r"^(linkages_\S+(?: \S+)*?) (\S+)$", text, re.MULTILINE)
    }


def lag_of(samples: dict[str, float], topic: str) -> float:
    """Over all partitions."""
    return sum(value for name, value in samples.items() if name.startswith("linkages_lag{") and topic in name)


def sample(name: str, **labels: str) -> float:
    """One figure of this process, 0 if there is none yet."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_what_is_sent_and_not_read_is_lag_until_it_is(world: World, settings: local.Settings) -> None:
    county = world.county
    token = county.token("er_worker", program="cws")
    person = {"first_name": "Zinnia", "last_name": "Quillfeather", "birth_date": "1988-02-29"}
    made = await county.made(
        "cws",
        "/v1/referrals",
        {
            "received_at": "2026-01-05T17:00:00Z",
            "response": "3_day",
            "participants": [{"role": "parent", "person": person}],
        },
        token,
    )
    async with scraping(settings, county.reader.bus, "cws") as relay:
        waiting = await scraped(relay)
        assert waiting['linkages_waiting{what="cws outbox"}'] > 0
        while sum([await relay.round() for relay in county.relays]):
            pass
        assert (await scraped(relay))['linkages_waiting{what="cws outbox"}'] == 0
    async with scraping(settings, county.reader.bus) as client:
        behind = await scraped(client)
        assert lag_of(behind, CWS_TOPIC) == waiting['linkages_waiting{what="cws outbox"}']
        assert len([name for name in behind if name.startswith("linkages_lag{")]) == 2 * PARTITIONS
        await county.settle()
        text = (await client.get("/metrics")).text
        assert lag_of(await scraped(client), CWS_TOPIC) == 0
    assert {
        label for labels in re.findall(r"\{(.*)\}", text) for label in re.findall(r'(\w+)="', labels)
    } <= LABELS
    refs = [made["ref"], made["household"], made["participants"][0]["client"]]
    assert not [one for one in (*refs, "Zinnia", "Quillfeather", "1988-02-29", "w-cws") if one in text]


async def test_what_cannot_be_read_is_counted_with_whom_it_holds(
    world: World, settings: local.Settings
) -> None:
    county, before = world.county, sample("linkages_dead_letters_total", topic=CWS_TOPIC)
    async with scraping(settings, county.reader.bus) as client:
        was = await scraped(client)
    headers = (("ce_county", b"43"), ("ce_type", b"linkages.cws.unheard.of.v1"))
    await county.reader.bus.publish(
        CWS_TOPIC, 2, [Message(b"cl_a", b"{}", headers), Message(b"cl_a", b"{}", headers)]
    )
    await county.settle()
    assert sample("linkages_dead_letters_total", topic=CWS_TOPIC) - before == 2
    async with scraping(settings, county.reader.bus) as client:
        found = await scraped(client)
    letters, holds = 'linkages_waiting{what="dead letters"}', 'linkages_waiting{what="holds"}'
    assert found[letters] - was[letters] == 2
    assert found[holds] == 1


async def test_capped_blocks_are_counted_with_the_people_in_them_until_they_are_open(
    world: World, settings: local.Settings, stored: dict[str, Stored]
) -> None:
    names = ("linkages_capped_blocks", "linkages_capped_block_people")
    samples = [f'{name}{{county="07"}}' for name in names]
    since = 0 if stored["matcher"].is_sqlite else "now()"
    rows = ", ".join(f"('07', '{n}', {size}, {since})" for n, size in ((1, 201), (2, 340)))
    async with scraping(settings, world.county.reader.bus) as client:
        was = await scraped(client)
        stored["matcher"].query(f"INSERT INTO block_cap (county, key, size, since) VALUES {rows}")  # noqa: S608
        found = await scraped(client)
        assert [found[name] - was.get(name, 0) for name in samples] == [2, 541]
        stored["matcher"].query("DELETE FROM block_cap WHERE key IN ('1', '2')")
        found = await scraped(client)
        assert [found.get(name) for name in samples] == [was.get(name) for name in samples]


async def test_decisions_of_the_gate_are_counted_and_not_why(world: World) -> None:
    names = ("linkages_disclosure_decisions_total",)
    permits = [sample(*names, stage=stage, outcome="permit") for stage in ("derived", "read")]
    await world.county.family("43", "Abernathy")
    after = [sample(*names, stage=stage, outcome="permit") for stage in ("derived", "read")]
    assert all(now > before for before, now in zip(permits, after, strict=True))
    assert sample(*names, stage="derived", outcome="refuse") > 0
    outcomes = {s.labels["outcome"] for f in REGISTRY.collect() if "disclosure" in f.name for s in f.samples}
    assert outcomes == {"permit", "refuse"}


async def test_a_process_that_works_is_ready_and_names_its_parts(
    world: World, settings: local.Settings
) -> None:
    loops = {"reader", "decider", "sweeper", "relay"}
    common = {"database", "migrations", "bus", "outbox"}
    for service, parts in (("cws", common | {"relay"}), ("matcher", common | loops | {"dead_letters"})):
        async with scraping(settings, world.county.reader.bus, service) as client:
            ready = await client.get("/readyz")
            assert (ready.status_code, ready.json()["status"]) == (200, "ok")
            assert set(ready.json()["parts"]) == parts
            assert (await client.get("/livez")).status_code == 200


async def test_a_loop_that_stands_still_makes_it_unready(world: World, settings: local.Settings) -> None:
    clock = [time.time() + 1_000_000]
    async with scraping(settings, world.county.reader.bus, now=lambda: clock[0]) as client:
        assert (await client.get("/readyz")).status_code == 200
        clock[0] += watching.STANDS_STILL + 1
        stuck = await client.get("/readyz")
    assert stuck.status_code == 503
    failed = {n for n, s in stuck.json()["parts"].items() if s == "failed"}
    assert failed == {"reader", "decider", "sweeper", "relay"}


async def test_without_its_broker_it_is_unready_and_still_tells_the_rest(
    settings: local.Settings, world: World
) -> None:
    del world  # the databases are there
    async with scraping(settings, Away()) as client:
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["parts"]["bus"]) == (503, "failed")
        found = await scraped(client)
    assert 'linkages_waiting{what="due"}' in found
    assert not [name for name in found if name.startswith("linkages_lag{")]


async def test_it_serves_beside_the_work_and_goes_when_that_ends(
    settings: local.Settings, world: World
) -> None:
    serving = asyncio.create_task(
        watching.serve(local.watched(settings, "cws"), world.county.reader.bus, "127.0.0.1", 0)
    )
    await asyncio.sleep(0.5)
    assert not serving.done()
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(serving, 10)


async def test_leases_that_change_hands_are_counted() -> None:
    before = [
        sample("linkages_lease_changes_total", loop="test", change=change) for change in ("taken", "lost")
    ]
    leases_changed("test", {1, 2}, {2, 3, 4})
    after = [
        sample("linkages_lease_changes_total", loop="test", change=change) for change in ("taken", "lost")
    ]
    assert [now - was for was, now in zip(before, after, strict=True)] == [2, 1]
