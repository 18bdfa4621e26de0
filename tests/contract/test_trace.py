"""One trace id follows an intake from its REST request to the alert that came of it, in logs, events and metrics."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
import structlog

from services.cws_api.tables import OUTBOX
from services.matcher.tables import DUE
from shared.metrics import REGISTRY
from shared.trace import trace_id_of
from tests.contract.county import HOME, County
from tests.contract.operations import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@dataclass(frozen=True)
class People:
    """A mother and a child whom nobody else here resembles."""

    surname: str
    ssn: str

    @property
    def bodies(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """As intakes name them."""
        home = {"street": f"48 {self.surname} Way", "city": "Salinas", "state": "CA", "zip": "93901"}
        common = {"last_name": self.surname, "addresses": [home]}
        mother = {"first_name": f"Mari{self.surname[:3]}", "birth_date": f"1991-11-{self.ssn[-2:]}"}
        child = {"first_name": f"Nico{self.surname[:3]}", "birth_date": f"2020-03-{self.ssn[-2:]}"}
        return {**mother, **common, "ssn": self.ssn}, {**child, **common}


async def applied(county: County, people: People) -> tuple[str, str]:
    """The mother applies for aid; the references of both."""
    mother, child = people.bodies
    application = await county.made(
        "calworks",
        "/v1/applications",
        {
            "received_at": datetime.now(UTC).isoformat(),
            "persons": [
                {"role": "aided_adult", "person": mother},
                {"role": "aided_child", "person": child},
            ],
        },
        county.token("eligibility_worker", program="calworks"),
    )
    adult, kid = (one["person"] for one in application["persons"])
    await county.settle()
    return adult, kid


async def taken_in(county: County, people: People, trace: str) -> None:
    """The intake at child welfare, under the caller's trace."""
    mother, child = people.bodies
    response = await county.call(
        "cws",
        "POST",
        "/v1/referrals",
        county.token("er_worker", program="cws"),
        headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"},
        json={
            "received_at": datetime.now(UTC).isoformat(),
            "response": "3_day",
            "participants": [{"role": "parent", "person": mother}, {"role": "child", "person": child}],
        },
    )
    assert response.status_code == 201, response.text
    await county.settle()


def lines_of(logs: list[Any], trace: str) -> dict[str, list[Any]]:
    """The log lines of a trace, by their names."""
    found: dict[str, list[Any]] = {}
    for line in logs:
        if line.get("trace_id") == trace or trace in line.get("traces", ()):
            found.setdefault(line["event"], []).append(line)
    return found


def timed() -> float:
    """How many alerts of a known request have been timed so far."""
    return REGISTRY.get_sample_value("linkages_alert_seconds_count") or 0.0


async def test_an_intake_is_followed_to_its_alerts_by_its_trace(world: World) -> None:
    county, people = world.county, People("Ibarra", "612-83-4421")
    await county.release(HOME, "calworks", await applied(county, people))
    await county.settle()
    before = timed()
    with structlog.testing.capture_logs() as logs:
        await taken_in(county, people, TRACE)
    found = lines_of(logs, TRACE)
    assert next(iter(found)) == "request"
    assert found["request"][0]["route"] == "/v1/referrals"
    assert {"reader.indexed", "decider.decided", "alert.created"} <= set(found)
    created = found["alert.created"]
    assert {line["type"] for line in created} >= {"A01"}
    assert all(line["county"] == HOME and 0 <= line["ms"] < 60_000 for line in created)
    assert timed() - before == len(created)
    for clear in ("Ibarra", "MariIba", people.ssn):
        assert clear not in json.dumps(logs, default=str)


async def test_a_release_is_followed_to_the_alerts_that_it_opens(world: World) -> None:
    county, people = world.county, People("Okonkwo", "613-27-5518")
    adult, kid = await applied(county, people)
    await taken_in(county, people, TRACE[::-1])
    with structlog.testing.capture_logs() as logs:
        await county.release(HOME, "calworks", (adult, kid))
        await county.settle()
    signed = next(line for line in logs if line.get("route") == "/v1/releases")
    opened = lines_of(logs, signed["trace_id"])["alert.created"]
    assert {line["type"] for line in opened} >= {"A01"}


async def test_every_event_of_an_intake_carries_its_trace(world: World) -> None:
    trace = "a3" * 16
    await taken_in(world.county, People("Thandeka", "614-91-2207"), trace)
    async with world.county.apps["cws"].state.database.reading(county=HOME) as connection:
        rows = (await connection.execute(sa.select(OUTBOX.rows.c.type, OUTBOX.rows.c.headers))).all()
    ours = [row.type for row in rows if trace_id_of(json.loads(row.headers).get("ce_traceparent")) == trace]
    assert {"linkages.cws.referral.received.v1", "linkages.cws.client.upserted.v1"} <= set(ours)


async def test_what_waited_for_its_time_is_no_late_alert(world: World) -> None:
    """A day that comes brings alerts too; how long ago the intake was says nothing about the system."""
    async with world.county.apps["matcher"].state.database.reading(county=HOME) as connection:
        rows = (await connection.execute(sa.select(DUE))).all()
    assert rows
    assert all(row.trace_id is None and row.recorded_at is None for row in rows)
