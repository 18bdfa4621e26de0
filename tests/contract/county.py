"""The three services in one process over a real log, with made-up families, moved on by hand: no waiting."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from services import local
from services.calworks_api import tables as calworks_tables
from services.calworks_api.settings import CalworksSettings
from services.cws_api import tables as cws_tables
from services.cws_api.settings import CwsSettings
from services.matcher.decider import Decider
from services.matcher.disclosure.policy import county_policy
from services.matcher.identity.model import load_model
from services.matcher.reader import Reader
from services.matcher.settings import MatcherSettings
from shared.bus import CALWORKS_TOPIC, CWS_TOPIC
from shared.bus.embedded import EmbeddedBus
from shared.calendars import PACIFIC, local_date
from shared.database import Database
from shared.outbox.relay import Relay
from shared.web.auth import sign
from tests.contract import doubtful
from tests.databases import Databases, Stored

HOME, ELSEWHERE = "43", "07"
SECRET, ISSUER = "a secret for tests, long enough to be one", "linkages-tests"
WRITERS = {"cws": "er_worker", "calworks": "eligibility_worker", "matcher": "er_worker"}


@dataclass
class Family:
    """What a made-up family's intakes, cases and facts are called: references by address."""

    county: str
    refs: dict[str, dict[str, str]] = field(
        default_factory=lambda: {"cws": {}, "calworks": {}, "matcher": {}}
    )


@dataclass
class County:
    """The running services."""

    apps: dict[str, FastAPI]
    clients: dict[str, httpx.AsyncClient]
    relays: list[Relay]
    reader: Reader
    decider: Decider

    def token(
        self, *roles: str, program: str | None, county: str = HOME, worker: str = "", scope: str = ""
    ) -> str:
        """A token of a worker (by default w-cws or w-calworks)."""
        return sign(
            SECRET,
            ISSUER,
            county=county,
            program=program,
            roles=list(roles),
            worker=worker or f"w-{program}",
            scope=scope,
            now=datetime.now(UTC),
            lifetime=timedelta(hours=1),
        )

    async def call(
        self, service: str, method: str, path: str, token: str | None, **more: Any
    ) -> httpx.Response:
        """One request."""
        headers = {**({"authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
        return await self.clients[service].request(method, path, headers=headers, **more)

    async def made(
        self, service: str, path: str, body: Any, token: str, method: str = "POST"
    ) -> dict[str, Any]:
        """A write that must be accepted."""
        response = await self.call(service, method, path, token, json=body)
        assert response.status_code in (200, 201), response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def settle(self) -> None:
        """Move everything on until nothing is left to do."""
        while sum([await relay.round() for relay in self.relays]) + await self.reader.round():
            pass
        while await self.decider.round():
            pass

    async def family(self, county: str = HOME, name: str = "Reyes") -> Family:
        """A mother and a child, known to both programs: a release, a removal, a notice, a sanction, an exemption."""
        cws = self.token("er_worker", "case_worker", program="cws", county=county)
        calworks = self.token("eligibility_worker", "wtw_worker", program="calworks", county=county)
        now = datetime.now(UTC)
        today = local_date(now, PACIFIC)
        mother = {
            "first_name": "Ana",
            "last_name": name,
            "birth_date": "1990-04-17",
            "sex": "F",
            "ssn": "612-47-8391",
        }
        child = {
            "first_name": "Luz",
            "last_name": name,
            "birth_date": "2019-08-02",
            "sex": "F",
            "ssn": "613-52-9174",
        }
        home = {"addresses": [{"street": "12 Elm St", "city": "Salinas", "state": "CA", "zip": "93901"}]}
        found = Family(county)
        referral = await self.made(
            "cws",
            "/v1/referrals",
            {
                "received_at": now.isoformat(),
                "response": "3_day",
                "participants": [
                    {"role": "parent", "person": {**mother, **home}},
                    {"role": "child", "person": {**child, **home}},
                ],
            },
            cws,
        )
        parent, girl = (one["client"] for one in referral["participants"])
        case = await self.made(
            "cws",
            "/v1/cases",
            {
                "child": girl,
                "referral": referral["ref"],
                "component": "FM",
                "court": False,
                "opened_on": today.isoformat(),
            },
            cws,
        )
        removal = await self.made(
            "cws",
            f"/v1/clients/{girl}/removals",
            {"removed_on": (today - timedelta(days=1)).isoformat()},
            cws,
        )
        more = {
            "relationships": (f"/v1/clients/{girl}/relationships", {"to": parent, "kind": "child"}),
            "relative-placements": (
                f"/v1/clients/{girl}/relative-placements",
                {
                    "caregiver": {"person": {"first_name": "Inés", "last_name": name}},
                    "planned_on": today.isoformat(),
                },
            ),
            "meetings": (
                "/v1/meetings",
                {"household": referral["household"], "kind": "CFT", "starts_at": now.isoformat()},
            ),
            "hearings": (
                f"/v1/cases/{case['ref']}/hearings",
                {"kind": "review_6", "on": (today + timedelta(days=180)).isoformat()},
            ),
        }
        found.refs["cws"] = {
            noun: (await self.made("cws", path, body, cws))["ref"] for noun, (path, body) in more.items()
        }
        found.refs["cws"] |= {
            "referrals": referral["ref"],
            "households": referral["household"],
            "clients": girl,
            "cases": case["ref"],
            "assignments": case["assignment"],
            "removals": removal["ref"],
        }
        application = await self.made(
            "calworks",
            "/v1/applications",
            {
                "received_at": now.isoformat(),
                "persons": [
                    {"role": "aided_adult", "person": {**mother, **home}},
                    {"role": "aided_child", "person": {**child, **home}},
                ],
            },
            calworks,
        )
        adult, kid = (one["person"] for one in application["persons"])
        aid = await self.made(
            "calworks",
            "/v1/cases",
            {"application": application["ref"], "aid_start": today.replace(day=1).isoformat()},
            calworks,
        )
        notice = await self.made(
            "calworks",
            "/v1/noncompliances",
            {"person": adult, "notice_date": (today - timedelta(days=2)).isoformat()},
            calworks,
        )
        sanction = await self.made(
            "calworks",
            "/v1/sanctions",
            {"person": adult, "sanction_class": "wtw", "effective_month": today.replace(day=1).isoformat()},
            calworks,
        )
        exemption = await self.made(
            "calworks",
            f"/v1/persons/{adult}/exemptions",
            {"from_date": today.replace(day=1).isoformat()},
            calworks,
        )
        plan = await self.made(
            "calworks",
            f"/v1/persons/{adult}/wtw-plans",
            {"signed_on": today.isoformat(), "activities": [{"kind": "job search"}], "hours_per_week": 20},
            calworks,
        )
        milestone = await self.made(
            "calworks",
            f"/v1/persons/{adult}/clock-milestones",
            {"month": today.replace(day=1).isoformat(), "used": 20},
            calworks,
        )
        found.refs["calworks"] = {
            "applications": application["ref"],
            "units": application["au"],
            "persons": adult,
            "cases": aid["ref"],
            "assignments": aid["assignments"][0],
            "noncompliances": notice["ref"],
            "sanctions": sanction["ref"],
            "exemptions": exemption["ref"],
            "wtw-plans": plan["ref"],
            "clock-milestones": milestone["ref"],
        }
        for program in ("cws", "calworks"):
            found.refs[program]["imports"] = await self.roster(program, county)
        await self.settle()
        found.refs["matcher"] = {
            "people": parent,
            "releases": await self.release(county, "cws", (parent, girl)),
        }
        await self.release(county, "calworks", (adult, kid))
        await self.settle()
        for name_ in ("alerts", "tasks"):
            listed = (await self.call("matcher", "GET", f"/v1/{name_}", cws)).json()["items"]
            assert listed, f"no {name_} came of it"
            found.refs["matcher"][name_] = listed[0]["id"]
        found.refs["matcher"] |= await doubtful.reviews(self, county, (parent, adult))
        return found

    async def roster(self, program: str, county: str) -> str:
        """A file that an integration of the county has had checked; nobody comes of it."""
        token = self.token("integration", program=program, county=county, scope="imports:write")
        response = await self.call(
            program,
            "POST",
            "/v1/imports?dry_run=true",
            token,
            content=b"record_id,last_name\r\nR-1,Stone\r\n",
            headers={"content-type": "text/csv"},
        )
        assert response.status_code == 202, response.text
        return str(response.json()["ref"])

    async def release(self, county: str, program: str, people: tuple[str, str]) -> str:
        """A release signed by the mother for herself and the child."""
        role = {"cws": ("er_worker", "case_worker"), "calworks": ("eligibility_worker",)}[program]
        body = release_of((people[0], "self"), (people[1], "parent_guardian"))
        token = self.token(*role, program=program, county=county)
        return str((await self.made("matcher", "/v1/releases", body, token))["ref"])


def release_of(*people: tuple[str, str]) -> dict[str, Any]:
    """The body of a release: whose, and who signed for each."""
    today = local_date(datetime.now(UTC), PACIFIC) - timedelta(days=1)
    return {
        "persons": [{"ref": ref, "signed_by": signed_by} for ref, signed_by in people],
        "categories": ["K0", "K1", "K2", "K3", "K4", "K6", "K7"],
        "directions": ["both"],
        "purposes": ["P2", "P3", "P4", "P6", "P7"],
        "form": "ABCDM 228",
        "signed_on": today.isoformat(),
        "expires_on": (today + timedelta(days=364)).isoformat(),
    }


@asynccontextmanager
async def running(folder: Path, stored: Mapping[str, Stored] | None = None) -> AsyncIterator[County]:
    """The three services on fresh databases: those of `stored`, or the files that `migrate` made in the folder."""
    common: dict[str, Any] = {
        "data_dir": folder,
        "counties": (HOME, ELSEWHERE),
        "token_secret": SECRET,
        "issuer": ISSUER,
    }
    addresses = {name: {} if stored is None else {"database": stored[name].app} for name in local.PACKAGES}
    settings = local.Settings(
        CwsSettings(**common, **addresses["cws"]),
        CalworksSettings(**common, **addresses["calworks"]),
        MatcherSettings(**common, **addresses["matcher"]),
    )
    urls = local.urls(settings) if stored is None else {name: one.worker for name, one in stored.items()}
    wakes = local.Wakes()
    apps = local.create_apps(settings, wakes)
    async with AsyncExitStack() as stack:
        for app in apps.values():
            await stack.enter_async_context(app.router.lifespan_context(app))
        databases = {name: Database(url) for name, url in urls.items()}
        for database in databases.values():
            stack.push_async_callback(database.close)
        bus = await EmbeddedBus.open(folder / "bus.db")
        stack.push_async_callback(bus.close)
        clients = {
            name: await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://api"
                )
            )
            for name, app in apps.items()
        }
        today = datetime.now(UTC).date()
        policies = {county: county_policy(county, today) for county in settings.matcher.counties}
        keys = settings.matcher.keys
        yield County(
            apps,
            clients,
            [
                Relay(databases["cws"], cws_tables.OUTBOX, bus, CWS_TOPIC, "r", wakes.cws),
                Relay(
                    databases["calworks"], calworks_tables.OUTBOX, bus, CALWORKS_TOPIC, "r", wakes.calworks
                ),
            ],
            Reader(databases["matcher"], bus, keys, "m", wakes.indexed),
            Decider(databases["matcher"], keys, policies, load_model(), wakes.indexed, wakes.live),
        )


@contextmanager
def fresh(databases: Databases, folder: Path) -> Iterator[dict[str, Stored]]:
    """A new database for each service; `folder`: for the files of SQLite."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(databases.fresh(name, folder)) for name in local.PACKAGES}


def migrate(folder: Path) -> None:
    """Make the three database files. Outside an event loop: Alembic runs its own."""
    common: dict[str, Any] = {"data_dir": folder}
    local.migrate(
        local.Settings(CwsSettings(**common), CalworksSettings(**common), MatcherSettings(**common))
    )
