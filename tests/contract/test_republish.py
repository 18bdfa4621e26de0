"""`linkages republish`: a matcher fed by it alone finds and tells what one finds that saw everything happen."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.bus import CALWORKS_TOPIC, CWS_TOPIC
from shared.bus.embedded import EmbeddedBus
from shared.calendars import PACIFIC, local_date
from shared.events import calworks, cws
from tests.contract.county import HOME, County, Family
from tests.contract.restored import county, linkages, lose_everything, rows, standing, template

__all__ = ["county", "template"]

_DAY = local_date(datetime.now(UTC), PACIFIC)
TODAY, MONTH = _DAY.isoformat(), _DAY.replace(day=1).isoformat()
GROWS = ("inbox", "due", "fact", "activity", "outbox", "outbox_key")  # with every event, whatever it says
YESTERDAY = (_DAY - timedelta(days=1)).isoformat()


async def republish(county: County, *, times: int = 1) -> None:
    """Tell all of both programs again, and let it have its effect."""
    for _ in range(times):
        for program in ("cws", "calworks"):
            done = await linkages("republish", program, "--county", HOME)
            assert done.exit_code == 0, done.output
    await county.settle()


# What is told as part of something else: of a case and its unit, how they stand now.
TOLD_OTHERWISE = {
    cws.CaseReopened,
    cws.CaseParticipantsChanged,
    calworks.CaseRestored,
    calworks.AuMemberAdded,
    calworks.AuMemberRemoved,
}


async def live(county: County, family: Family) -> None:
    """More of what happens: a return, a cure, a closing and reopening, another worker, a status, a meeting held."""
    token, of = county.token("case_worker", program="cws"), family.refs["cws"]
    case = f"/v1/cases/{of['cases']}"
    kim = {"ref": "w-new", "name": "Kim Park"}
    for path, body in (
        (f"/v1/removals/{of['removals']}/return", {"returned_on": YESTERDAY}),
        (f"{case}/close", {"reason_class": "reunified", "closed_on": TODAY}),
        (f"{case}/reopen", {"component": "FR", "reopened_on": TODAY}),
        (f"/v1/referrals/{of['referrals']}/close", {"outcome": "promoted", "closed_on": TODAY}),
        ("/v1/assignments", {"on": of["cases"], "kind": "P", "worker": kim}),
        (f"/v1/relative-placements/{of['relative-placements']}/start", {"started_on": TODAY}),
        (f"/v1/meetings/{of['meetings']}/held", {"held_on": TODAY, "outcomes": ["plan_agreed"]}),
    ):
        await county.made("cws", path, body, token)
    token = county.token("eligibility_worker", "wtw_worker", program="calworks")
    of = family.refs["calworks"]
    for path, body in (
        (f"/v1/sanctions/{of['sanctions']}/cure", {"cured_on": TODAY, "effective_month": MONTH}),
        (f"/v1/persons/{of['persons']}/wtw-status", {"to_status": "active", "effective_on": TODAY}),
    ):
        await county.made("calworks", path, body, token)
    await county.settle()


async def end(county: County, family: Family) -> None:
    """What comes to an end: a placement, a meeting, a case on either side, an exemption, a notice, records."""
    token, of = county.token("case_worker", program="cws"), family.refs["cws"]
    spare, wrong = await newcomers(county, "cws", token)
    for path, body in (
        (f"/v1/relative-placements/{of['relative-placements']}/end", {"ended_on": TODAY}),
        (f"/v1/meetings/{of['meetings']}/cancel", {"cancelled_on": TODAY}),
        (f"/v1/cases/{of['cases']}/close", {"reason_class": "moved", "closed_on": TODAY}),
        (f"/v1/clients/{spare}/merge", {"into": of["clients"]}),
        (f"/v1/clients/{wrong}/void", {}),
    ):
        answer = await county.call("cws", "POST", path, token, json=body)
        assert answer.is_success, (path, answer.text)
    token = county.token("eligibility_worker", "wtw_worker", program="calworks")
    of = family.refs["calworks"]
    spare, wrong = await newcomers(county, "calworks", token)
    for path, body in (
        (f"/v1/noncompliances/{of['noncompliances']}/good-cause", {"granted": True}),
        (f"/v1/sanctions/{of['sanctions']}/rescind", {"rescinded_on": TODAY}),
        (f"/v1/exemptions/{of['exemptions']}/end", {"ended_on": TODAY}),
        (f"/v1/cases/{of['cases']}/discontinue", {"reason_class": "moved", "aid_end": TODAY}),
        (f"/v1/persons/{spare}/merge", {"into": of["persons"]}),
        (f"/v1/persons/{wrong}/void", {}),
    ):
        answer = await county.call("calworks", "POST", path, token, json=body)
        assert answer.is_success, (path, answer.text)
    await county.settle()


async def newcomers(county: County, program: str, token: str) -> list[str]:
    """An intake of two people who are known to nobody: what the program calls them."""
    path, people, key, role = {
        "cws": ("/v1/referrals", "participants", "client", "parent"),
        "calworks": ("/v1/applications", "persons", "person", "aided_adult"),
    }[program]
    body = {
        "received_at": datetime.now(UTC).isoformat(),
        people: [
            {"role": role, "person": {"first_name": name, "last_name": "Okafor", "birth_date": born}}
            for name, born in (("Ada", "1979-02-11"), ("Chidi", "1984-10-30"))
        ],
        **({"response": "3_day"} if program == "cws" else {}),
    }
    answer = await county.made(program, path, body, token)
    return [one[key] for one in answer[people]]


async def test_a_new_matcher_finds_what_the_old_one_had_found(county: County, tmp_path: Path) -> None:
    await live(county, await county.family())
    await end(county, await county.family(name="Nguyen"))
    await county.family(name="Brandt")
    before = await standing(tmp_path, county)
    assert {kind for kind, *_ in before["alerts"]} >= {"A01", "A05", "A06", "A09", "A10", "A11"}
    await lose_everything(tmp_path)
    await republish(county)
    assert await standing(tmp_path, county) == before


async def test_everything_that_a_program_publishes_is_told_again(county: County, tmp_path: Path) -> None:
    await live(county, await county.family())
    await end(county, await county.family(name="Nguyen"))
    await seal(county, await county.family(name="Brandt"))
    await lose_everything(tmp_path)
    await republish(county)
    told = {kind for kind, _ in await _told(tmp_path)}
    rare = {calworks.ApplicationWithdrawn, calworks.WtwPlanAmended, calworks.ClockTimedOut}
    rare |= {cws.ImportStarted, cws.ImportCompleted, calworks.ImportStarted, calworks.ImportCompleted}
    wanted = {*cws.TYPES, *calworks.TYPES} - {kind.type() for kind in TOLD_OTHERWISE | rare}
    assert wanted - told == set()


async def test_a_matcher_that_knows_everything_is_not_changed(county: County, tmp_path: Path) -> None:
    await live(county, await county.family())
    before, counted = await standing(tmp_path, county), rows(tmp_path, *GROWS)
    await republish(county, times=2)
    assert await standing(tmp_path, county) == before
    assert rows(tmp_path, *GROWS) == counted


async def test_of_who_is_sealed_nothing_is_told_but_the_seal(county: County, tmp_path: Path) -> None:
    family = await county.family()
    await county.family(name="Nguyen")
    await seal(county, family)
    before = await standing(tmp_path, county)
    await lose_everything(tmp_path)
    await republish(county)
    assert await standing(tmp_path, county) == before
    sealed = {family.refs["cws"]["clients"], family.refs["calworks"]["persons"]}
    told = await _told(tmp_path)
    assert {kind for kind, about in told if about in sealed} == {
        "linkages.cws.client.sealed.v1",
        "linkages.calworks.person.sealed.v1",
    }


async def seal(county: County, family: Family) -> None:
    """Seal a child on one side and an adult on the other."""
    for service, role, path in (
        ("cws", "cws_supervisor", f"/v1/clients/{family.refs['cws']['clients']}/seal"),
        ("calworks", "calworks_supervisor", f"/v1/persons/{family.refs['calworks']['persons']}/seal"),
    ):
        token = county.token(role, program=service)
        assert (await county.call(service, "POST", path, token, json={})).status_code == 204
    await county.settle()


async def _told(folder: Path) -> list[tuple[str, str]]:
    """Types and subjects in the log, which holds nothing older than the loss."""
    bus = await EmbeddedBus.open(folder / "bus.db")
    found = []
    for topic in (CWS_TOPIC, CALWORKS_TOPIC):
        starts = {partition: bounds.begin for partition, bounds in (await bus.bounds(topic)).items()}
        for records in (await bus.fetch(topic, starts, limit=10_000, timeout=0)).values():
            for record in records:
                headers = dict(record.message.headers)
                found.append((headers["ce_type"].decode(), record.message.key.decode()))
    await bus.close()
    return found


async def test_it_goes_on_where_an_earlier_run_stopped(county: County, tmp_path: Path) -> None:
    await county.family()
    whole = await linkages("republish", "calworks", "--county", HOME)
    assert re.search(
        r"^persons: \d+ told; to go on from here: --from persons:\S+$", whole.output, re.MULTILINE
    )
    rest = await linkages("republish", "calworks", "--county", HOME, "--from", "cases:")
    assert rest.stdout.startswith("1 cases, ")
    assert "persons" not in rest.stdout


@pytest.mark.parametrize(
    "wrong", [("--county", "99"), ("--county", HOME, "--from", "nothing:x")], ids=["county", "place"]
)
async def test_what_cannot_be_told_is_refused(county: County, wrong: tuple[str, ...]) -> None:
    assert (await linkages("republish", "cws", *wrong)).exit_code == 2
