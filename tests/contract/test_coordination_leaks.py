"""Nobody can be found in what dashboards are told: a made-up county of some five hundred people streams through the
three services, and then every byte of the topic and of `/v1/events` is searched for all that is known of anybody.
"""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from services.demo import county as made_up
from services.demo.calls import Known, call_of
from services.demo.steps import Family, Intake, Record, Step
from services.matcher.feed.activity import GRACE, Hours
from services.matcher.feed.feed import Feed
from services.matcher.tables import ALERT, FACT, MUTUAL_CASE, OUTBOX, PAIR, PERSON, RELEASE, TASK
from shared.bus import COORDINATION_TOPIC
from shared.clock import FrozenClock
from shared.database import Database
from shared.events.coordination import AlertCreated
from shared.outbox.relay import Relay
from tests.contract import county as counties
from tests.contract.county import HOME, ISSUER, SECRET, County
from tests.databases import Stored

pytestmark = pytest.mark.asyncio(loop_scope="module")

FAMILIES = 95
PEOPLE = 500
REFERENCE = re.compile(r"\b[a-z]{2,3}_[a-z2-7]{26}\b")
TOKEN = re.compile(r"[^\W_]+")


@dataclass
class Secrets:
    """All that is known of anybody. words: found only as whole words; texts: found wherever they stand."""

    words: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    texts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def of_person(self, record: Record) -> None:
        """What one office wrote down of somebody."""
        self.texts["record_id"].add(record.record_id)
        for name, value in _leaves(record.body):
            if name.endswith("name") and isinstance(value, str):
                self.words["name"] |= set(TOKEN.findall(value.casefold()))
            elif name in ("birth_date", "ssn", "cin", "street"):
                self.texts[name] |= {str(value), re.sub(r"\W", "", str(value))}
            elif name in ("phones", "phone"):
                self.texts["phone"] |= {str(value), re.sub(r"\D", "", str(value))}

    def found_in(self, text: str) -> dict[str, set[str]]:
        """What of it stands in a text, by kind."""
        flat = text.casefold()
        tokens = set(TOKEN.findall(flat))
        found = {kind: {one for one in its if one in tokens} for kind, its in self.words.items()}
        for kind, its in self.texts.items():
            found[kind] = {one for one in its if one and one.casefold() in flat}
        return {kind: its for kind, its in found.items() if its}


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a body with the name of its field."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves(one, key)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _leaves(one, name)
    elif value is not None:
        yield name, value


@dataclass
class Streamed:
    """A county that has streamed through, and what is known of its people."""

    county: County
    secrets: Secrets
    people: int


def phases(families: tuple[Family, ...]) -> Iterator[list[tuple[Family, Step]]]:
    """The first step of every family, then the second of each, and so on."""
    for place in range(max(len(family.steps) for family in families)):
        yield [(family, family.steps[place]) for family in families if place < len(family.steps)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def streamed(folder: Path, stored: dict[str, Stored]) -> AsyncIterator[Streamed]:
    secrets, now = Secrets(), datetime.now(UTC)
    made = made_up.make_county(FAMILIES, 7)
    staff = {worker.ref: worker for worker in made.workers}
    for worker in made.workers:
        secrets.texts["worker"].add(worker.ref)
        secrets.words["worker name"] |= set(TOKEN.findall(worker.name.casefold()))
        secrets.texts["phone"] |= {worker.phone, re.sub(r"\D", "", worker.phone)}
    people = 0
    async with counties.running(folder, stored) as county:
        known = {family.key: Known() for family in made.families}
        for phase in phases(made.families):
            for family, step in phase:
                if isinstance(step, Intake):
                    people += len(step.records)
                    for record in step.records:
                        secrets.of_person(record)
                call = call_of(step, known[family.key], staff, now)
                token = staff[call.worker].token(SECRET, ISSUER, HOME, now)
                answer = await county.made(call.service, call.path, dict(call.body), token)
                known[family.key].learn(step, answer)
                secrets.texts["reference"] |= set(REFERENCE.findall(json.dumps(answer)))
            await county.settle()
        for worker in made.workers:
            token = worker.token(SECRET, ISSUER, HOME, now)
            listed = (await county.call("matcher", "GET", "/v1/alerts", token)).json().get("items", [])
            for alert in listed[::2]:
                await county.made("matcher", f"/v1/alerts/{alert['id']}/acknowledge", {}, token)
        await _tell_the_hours(county)
        secrets.texts["reference"] |= await _references(county.decider.database)
        yield Streamed(county, secrets, people)


async def _tell_the_hours(county: County) -> None:
    clock = FrozenClock(datetime.now(UTC) + timedelta(hours=1) + GRACE)
    later = Database(county.decider.database.url, clock=clock)
    assert await Hours(later, county.decider.keys).round()
    await later.close()


async def _references(database: Database) -> set[str]:
    """Every reference that the matcher keeps of the programs, and its own ids that workers see."""
    columns = (
        PERSON.c.ref, PERSON.c.record_id, PAIR.c.cws, PAIR.c.calworks, FACT.c.ref, FACT.c.about, MUTUAL_CASE.c.id,
        MUTUAL_CASE.c.household, MUTUAL_CASE.c.unit, ALERT.c.id, ALERT.c.cause, RELEASE.c.id, TASK.c.id, TASK.c.inbox,
    )  # fmt: skip
    found: set[str] = set()
    async with database.reading() as connection:
        for column in columns:
            found |= {str(one) for one in (await connection.execute(sa.select(column), {})).scalars() if one}
    return found - {"liaison"}


async def topic_of(county: County) -> str:
    """Every byte of the topic: keys, headers and values."""
    bus = county.reader.bus
    relay = Relay(county.decider.database, OUTBOX, bus, COORDINATION_TOPIC, "leaks", asyncio.Event())
    while await relay.round():
        pass
    text = []
    for partition, bounds in (await bus.bounds(COORDINATION_TOPIC)).items():
        at = bounds.begin
        while at < bounds.end:
            got = await bus.fetch(COORDINATION_TOPIC, {partition: at}, limit=500, timeout=1.0)
            for record in got[partition]:
                at = record.offset + 1
                message = record.message
                text += [message.key.decode(), message.value.decode(), *(n for n, _ in message.headers)]
                text += [value.decode() for _, value in message.headers]
    return "\n".join(text)


async def events_of(county: County) -> tuple[str, int]:
    """Every byte of `/v1/events`, headers too, and how many events there are."""
    token = county.token("integration", program="cws", scope="events:read")
    text, target, number = [], "/v1/events?limit=200", 0
    while True:
        response = await county.call("matcher", "GET", target, token)
        assert response.status_code == 200
        if not response.text:
            return "\n".join(text), number
        lines = [json.loads(line) for line in response.text.splitlines()]
        number += len(lines)
        text += [
            response.text,
            str(response.headers),
            *(json.dumps(one, ensure_ascii=False) for one in lines),
        ]
        target = response.headers["link"].removeprefix("<").partition(">")[0]


async def test_nobody_is_found_on_the_topic(streamed: Streamed) -> None:
    assert streamed.people >= PEOPLE
    text = await topic_of(streamed.county)
    for name in (
        "link.confirmed",
        "mutual.opened",
        "alert.acknowledged",
        "release.recorded",
        "activity.counted",
    ):
        assert f"linkages.{name}.v1" in text
    assert streamed.secrets.found_in(text) == {}


async def test_nobody_is_found_in_the_events_over_http(streamed: Streamed) -> None:
    text, number = await events_of(streamed.county)
    assert number > PEOPLE / 2
    assert streamed.secrets.found_in(text) == {}


async def test_the_search_knows_every_kind_of_secret(streamed: Streamed) -> None:
    secrets = streamed.secrets
    kinds = {"name", "birth_date", "ssn", "phone", "record_id", "reference", "worker", "worker name"}
    assert kinds <= {kind for kind, its in (*secrets.words.items(), *secrets.texts.items()) if its}
    for kind, its in (*secrets.words.items(), *secrets.texts.items()):
        assert kind in secrets.found_in(f'{{"planted": "x {max(its)}"}}'), kind


async def test_a_planted_name_is_found_on_both(streamed: Streamed) -> None:
    """The last test of this county: an event that breaks the promise, sent the way that all go."""
    county = streamed.county
    name = max(streamed.secrets.words["name"])
    database = county.decider.database
    async with database.transaction() as connection:
        feed = Feed(HOME, county.decider.keys[HOME], await database.now(connection))
        feed.tell(
            AlertCreated(
                alert="alert_planted",
                alert_type="A01",
                severity="high",
                program="cws",
                role=f"{name.title()} X",
                minutes_since_cause=0,
            )
        )
        assert await feed.write(connection)
    assert streamed.secrets.found_in(await topic_of(county))["name"] == {name}
    assert streamed.secrets.found_in((await events_of(county))[0])["name"] == {name}
