"""Where the time of one intake goes: each stage of the path run by itself, in this process, on the same intakes."""

import asyncio
import os
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import httpx

from services import local
from services.calworks_api.tables import OUTBOX as CALWORKS_OUTBOX
from services.cws_api.tables import OUTBOX as CWS_OUTBOX
from services.matcher.decider import Decider
from services.matcher.disclosure.policy import county_policy
from services.matcher.identity.model import load_model
from services.matcher.reader import Reader
from shared import logs
from shared.bus import CALWORKS_TOPIC, CWS_TOPIC
from shared.calendars import PACIFIC, add_business_days, local_date
from shared.database import Database
from shared.outbox.relay import Relay
from tests.benchmarks.intakes import intakes as made_up

INTAKES, WARM_UP = 200, 20


async def stage_times(intakes: int = INTAKES, warm_up: int = WARM_UP) -> dict[str, float]:
    """Milliseconds of this process for one intake, by stage: REST write, relay, index, decide."""
    with tempfile.TemporaryDirectory(prefix="linkages-bench-") as directory:
        os.environ["LINKAGES_DATA_DIR"] = directory
        try:
            settings = local.Settings()
            _ = settings.cws.keys, settings.cws.secret
        finally:
            del os.environ["LINKAGES_DATA_DIR"]
        await asyncio.to_thread(local.migrate, settings)
        return await _measure(settings, intakes, warm_up)


async def _measure(settings: local.Settings, intakes: int, warm_up: int) -> dict[str, float]:
    wakes = local.Wakes()
    apps = local.create_apps(settings, wakes)
    async with AsyncExitStack() as stack:
        for app in apps.values():
            await stack.enter_async_context(app.router.lifespan_context(app))
        clients = {
            name: await stack.enter_async_context(
                httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://bench")
            )
            for name, app in apps.items()
        }
        bus = await stack.enter_async_context(local.open_bus(settings))
        databases = {name: Database(url) for name, url in local.urls(settings).items()}
        for database in databases.values():
            stack.push_async_callback(database.close)
        relays = [
            Relay(databases["cws"], CWS_OUTBOX, bus, CWS_TOPIC, "bench", wakes.cws),
            Relay(databases["calworks"], CALWORKS_OUTBOX, bus, CALWORKS_TOPIC, "bench", wakes.calworks),
        ]
        keys, today = settings.matcher.keys, local_date(datetime.now(UTC), PACIFIC)
        policies = {county: county_policy(county, today) for county in settings.matcher.counties}
        for policy in policies.values():
            add_business_days(today, 1, policy.calendar)
        reader = Reader(databases["matcher"], bus, keys, "bench", wakes.indexed)
        decider = Decider(databases["matcher"], keys, policies, load_model(), wakes.indexed, wakes.live)
        times = dict.fromkeys(("rest", "relay", "index", "decide"), 0.0)
        for number, (service, body, worker) in enumerate(made_up(settings, intakes)):
            counted = number >= warm_up  # the first ones warm the statements up
            path = "/v1/referrals" if service == "cws" else "/v1/applications"
            started = time.process_time()
            answer = await clients[service].post(path, json=body, headers=worker)
            answer.raise_for_status()
            after = {"rest": time.process_time() - started}
            for stage, parts in (("relay", relays), ("index", [reader]), ("decide", [decider])):
                started = time.process_time()
                for part in parts:
                    while await part.round():
                        pass
                after[stage] = time.process_time() - started
            for stage, spent in after.items():
                times[stage] += spent * counted
        return {stage: round(1000 * spent / (intakes - warm_up), 2) for stage, spent in times.items()}


if __name__ == "__main__":
    logs.configure("warning", "bench")
    print(asyncio.run(stage_times()))  # noqa: T201
