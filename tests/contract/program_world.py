"""The two program services as one thing to test: the same calls, by each service's own names."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

import services.calworks_api.app as calworks_app
import services.calworks_api.tables as calworks_tables
import services.cws_api.app as cws_app
import services.cws_api.tables as cws_tables
from services.calworks_api.settings import CalworksSettings
from services.cws_api.settings import CwsSettings
from shared.clock import FrozenClock
from shared.events.person import PersonDetails
from shared.events.sealing import open_person
from shared.settings import CommonSettings
from shared.web.auth import sign
from tests.databases import Databases, Stored

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)  # 10 in the morning in California
COUNTY, ELSEWHERE = "43", "07"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SSN = "612-47-8391"


@dataclass(frozen=True)
class Program:
    """One service, and what it calls the things that both have."""

    name: str
    package: Path
    settings: Callable[..., CwsSettings | CalworksSettings]
    create_app: Callable[..., FastAPI]
    metadata: sa.MetaData
    intake_path: str
    people: str  # the field of an intake that holds people
    person_key: str  # the field of an entry of an answer that holds the reference
    people_path: str
    group: str  # the field of an intake for the household or unit
    group_out: str  # the same in the answer
    group_path: str
    writer: str
    sealer: str
    adult: str
    child: str
    intake_more: dict[str, Any] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)

    def intake(self, *people: dict[str, Any], **more: Any) -> dict[str, Any]:
        """The body of an intake."""
        return {"received_at": NOW.isoformat(), self.people: list(people), **self.intake_more, **more}


CWS = Program(
    name="cws",
    package=cws_app.PACKAGE,
    settings=CwsSettings,
    create_app=cws_app.create_app,
    metadata=cws_tables.METADATA,
    intake_path="/v1/referrals",
    people="participants",
    person_key="client",
    people_path="/v1/clients",
    group="household",
    group_out="household",
    group_path="/v1/households",
    writer="er_worker",
    sealer="cws_supervisor",
    adult="parent",
    child="child",
    intake_more={"response": "3_day"},
    events={
        "person": "linkages.cws.client.upserted.v1",
        "group": "linkages.cws.household.changed.v1",
        "intake": "linkages.cws.referral.received.v1",
        "assignment": "linkages.cws.assignment.changed.v1",
        "sealed": "linkages.cws.client.sealed.v1",
    },
)
CALWORKS = Program(
    name="calworks",
    package=calworks_app.PACKAGE,
    settings=CalworksSettings,
    create_app=calworks_app.create_app,
    metadata=calworks_tables.METADATA,
    intake_path="/v1/applications",
    people="persons",
    person_key="person",
    people_path="/v1/persons",
    group="unit",
    group_out="au",
    group_path="/v1/units",
    writer="eligibility_worker",
    sealer="calworks_supervisor",
    adult="aided_adult",
    child="aided_child",
    events={
        "person": "linkages.calworks.person.upserted.v1",
        "intake": "linkages.calworks.application.received.v1",
        "assignment": "linkages.calworks.assignment.changed.v1",
        "sealed": "linkages.calworks.person.sealed.v1",
    },
)


def new(role: str, first: str = "Ana", last: str = "Reyes", **more: Any) -> dict[str, Any]:
    """An entry that brings somebody new."""
    record_id = more.pop("record_id", None)
    entry = {"role": role, "person": {"first_name": first, "last_name": last, **more}}
    return entry if record_id is None else {**entry, "record_id": record_id}


@dataclass(frozen=True)
class Published:
    """A row of the outbox."""

    type: str
    key: str
    sequence: int
    headers: dict[str, str]
    data: dict[str, Any]


@dataclass
class Api:
    """A running service and its database."""

    program: Program
    app: FastAPI
    client: httpx.AsyncClient
    settings: CommonSettings
    stored: Stored

    def token(self, *roles: str, county: str = COUNTY, program: str | None = None, scope: str = "") -> str:
        """A token of a worker `w-1`."""
        return sign(
            self.settings.secret,
            self.settings.issuer,
            county=county,
            roles=list(roles or (self.program.writer,)),
            worker="w-1",
            now=datetime.now(UTC),
            program=program or self.program.name,
            scope=scope,
            lifetime=timedelta(hours=1),
        )

    async def call(
        self, method: str, path: str, *roles: str, county: str = COUNTY, **more: Any
    ) -> httpx.Response:
        """A call by a worker of the county with these roles (default: one who may take intakes)."""
        headers = {"authorization": f"Bearer {self.token(*roles, county=county)}", **more.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **more)

    async def get(self, path: str, *roles: str, **more: Any) -> httpx.Response:
        """Read."""
        return await self.call("GET", path, *roles, **more)

    async def post(self, path: str, body: Any, *roles: str, **more: Any) -> httpx.Response:
        """Write."""
        return await self.call("POST", path, *roles, json=body, **more)

    async def made(self, path: str, body: Any, **more: Any) -> dict[str, Any]:
        """Write, and be sure that it was accepted."""
        response = await self.post(path, body, **more)
        assert response.status_code == 201, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def intake(self, *people: dict[str, Any], **more: Any) -> dict[str, Any]:
        """An accepted intake."""
        return await self.made(self.program.intake_path, self.program.intake(*people, **more))

    def refs(self, intake: dict[str, Any]) -> list[str]:
        """The people of an answer."""
        return [one[self.program.person_key] for one in intake[self.program.people]]

    def published(self) -> list[Published]:
        """What the outbox holds, in order."""
        rows = self.stored.query("SELECT type, key, sequence, headers, value FROM outbox ORDER BY position")
        return [Published(t, k, s, json.loads(h), json.loads(v)) for t, k, s, h, v in rows]

    def opened(self, event: Published) -> PersonDetails:
        """The person in an event, opened as the matcher does it."""
        return open_person(
            event.data["person"],
            self.settings.keys[event.headers["ce_county"]].keyring(self.program.name),
            event_id=event.headers["ce_id"],
            event_type=event.type,
            county=event.headers["ce_county"],
            subject=event.headers["ce_subject"],
        )


@asynccontextmanager
async def running(program: Program, stored: Stored, folder: Path, **more: Any) -> AsyncIterator[Api]:
    """The service on a database; `more`: what `create_app` takes."""
    settings = program.settings(data_dir=folder, counties=(COUNTY, ELSEWHERE), database=stored.app)
    app = program.create_app(settings, **{"clock": FrozenClock(NOW), **more})
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://api") as client,
    ):
        yield Api(program, app, client, settings, stored)


@pytest.fixture(scope="module", params=[CWS, CALWORKS], ids=lambda program: program.name)
def program(request: pytest.FixtureRequest) -> Program:
    """Each of the two services in turn."""
    made: Program = request.param
    return made


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
async def api(
    program: Program, databases: Databases, tmp_path: Path, clock: FrozenClock
) -> AsyncIterator[Api]:
    with databases.fresh(program.name, tmp_path) as stored:
        async with running(program, stored, tmp_path, clock=clock) as api:
            yield api
