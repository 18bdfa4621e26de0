"""Silence does not speak: without a basis, a match looks just like no match, to everybody but the liaison.

Two equal worlds, of which one lacks the other side's records. Every address that answers a GET, asked in every role,
gives equal status, headers and body once ids, times, entity tags, cursors and trace ids are masked.
"""

import asyncio
import json
import re
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.demo.child import Child
from shared.calendars import PACIFIC, local_date
from shared.ids import named
from shared.web.auth import BOTH_ROLES, CALWORKS_ROLES, CWS_ROLES, OTHER_ROLES, sign
from shared.web.session import one_time_link

pytestmark = pytest.mark.alone

SETTLED = 2.0  # seconds: many times what the system needs for one family
AT = datetime(2026, 3, 2, 18, 0, tzinfo=UTC).isoformat()
WORKER = {"cws": "w-cws", "calworks": "w-calworks"}
ROLES = {"cws": CWS_ROLES, "calworks": CALWORKS_ROLES}
SPOKEN_TO = "linkages_liaison"  # the one role that a mode of the county may tell

Seen = dict[str, tuple[int, str, str]]

MASKS = [
    (re.compile(r"\b[a-z]{2}_[a-z2-7]{26}\b"), "REF"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?"), "TIME"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "TRACE"),
    (re.compile(r'(name="csrf[^"]*" value=")[^"]*'), r"\1CSRF"),
    (re.compile(r"cursor=[^&>\"]*"), "CURSOR"),
]
UNSTABLE = {"date", "traceparent", "etag", "set-cookie", "content-length"}


@dataclass
class World:
    """A running system in which some of one family's writes were made."""

    child: Child
    client: httpx.AsyncClient
    refs: dict[str, str] = field(default_factory=dict)

    def token(self, program: str, role: str) -> dict[str, str]:
        """A caller's header."""
        token = sign(
            self.child.secret,
            self.child.issuer,
            county="43",
            program=program,
            roles=[role],
            worker=WORKER[program],
            scope=f"{program}:intake:write",
            now=datetime.now(UTC),
        )
        return {"authorization": f"Bearer {token}"}

    async def post(self, program: str, role: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A write that must be accepted."""
        answer = await self.client.post(f"/{program}/v1/{path}", json=body, headers=self.token(program, role))
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made


def _person(first: str, birth: str, **more: str) -> dict[str, Any]:
    home = {"street": "12 Oak Street", "city": "San Jose", "state": "CA", "zip": "95112"}
    name = {"first_name": first, "last_name": "Benavides", "birth_date": birth, "sex": "F"}
    return {**name, "addresses": [home], **more}


MOTHER = _person("Rosario", "1991-04-05", ssn="123-45-6780")
CHILD = _person("Itzel", "2019-06-07", cin="91234567A")


async def _child_welfare(world: World) -> None:
    worker = {"ref": WORKER["cws"], "name": "R. Ortiz", "phone": "408-555-0142", "supervisor": "s-cws"}
    people = [
        {"person": MOTHER, "record_id": "A1", "role": "parent"},
        {"person": CHILD, "record_id": "A2", "role": "child"},
    ]
    body = {"received_at": AT, "response": "3_day", "participants": people, "worker": worker}
    referral = await world.post("cws", "er_worker", "referrals", body)
    child = referral["participants"][1]["client"]
    opened = {
        "child": child,
        "referral": referral["ref"],
        "component": "ER",
        "court": False,
        "opened_on": "2026-03-03",
        "worker": worker,
    }
    case = await world.post("cws", "case_worker", "cases", opened)
    world.refs |= {
        "referrals": referral["ref"],
        "households": referral["household"],
        "clients": child,
        "cases": case["ref"],
        "assignments": referral["assignment"],
        "household": referral["household"],
        "intake": referral["ref"],
    }


async def _calworks(world: World) -> None:
    worker = {
        "ref": WORKER["calworks"],
        "name": "J. Kim",
        "phone": "408-555-0100",
        "supervisor": "s-calworks",
    }
    people = [
        {"person": MOTHER, "record_id": "B1", "role": "aided_adult"},
        {"person": CHILD, "record_id": "B2", "role": "aided_child"},
    ]
    applied = await world.post(
        "calworks",
        "eligibility_worker",
        "applications",
        {"received_at": AT, "persons": people, "worker": worker},
    )
    mother = applied["persons"][0]["person"]
    approved = {
        "application": applied["ref"],
        "aid_start": "2026-03-05",
        "workers": [{"kind": "EW", "worker": worker}, {"kind": "WTW", "worker": worker}],
    }
    case = await world.post("calworks", "eligibility_worker", "cases", approved)
    today = local_date(datetime.now(UTC), PACIFIC).isoformat()
    notice = await world.post(
        "calworks", "wtw_worker", "noncompliances", {"person": mother, "notice_date": today}
    )
    imposed = {"person": mother, "sanction_class": "wtw", "effective_month": "2026-12-01"}
    sanction = await world.post("calworks", "calworks_supervisor", "sanctions", imposed)
    world.refs |= {
        "applications": applied["ref"],
        "persons": mother,
        "cases": case["ref"],
        "assignments": applied["assignment"],
        "noncompliances": notice["ref"],
        "sanctions": sanction["ref"],
        "unit": applied["au"],
        "intake": applied["ref"],
    }


@pytest.mark.parametrize("program", ["cws", "calworks"])
async def test_a_match_without_a_basis_looks_like_no_match_to_every_role_but_the_liaison(
    program: str,
) -> None:
    writes = {"cws": _child_welfare, "calworks": _calworks}
    other = "calworks" if program == "cws" else "cws"
    async with AsyncExitStack() as stack:
        matched, lone = [await _world(stack) for _ in range(2)]
        await writes[other](matched)
        for world in (matched, lone):
            await writes[program](world)
        await asyncio.sleep(SETTLED)
        mutual = await _mutual_case(matched)
        roles = sorted((ROLES[program] | BOTH_ROLES | OTHER_ROLES) - {SPOKEN_TO})
        told = 0
        for group in (roles[:5], roles[5:]):
            pairs = await asyncio.gather(*(_both(matched, lone, program, role, mutual) for role in group))
            for role, (one, other_one) in zip(group, pairs, strict=True):
                assert one == other_one, role
                told += sum(status == 200 for status, _, _ in one.values())
        assert told > 50, "the roles saw too little for this to mean anything"


async def _both(one: World, two: World, program: str, role: str, mutual: str) -> tuple[Seen, Seen]:
    return tuple(await asyncio.gather(*(_everything(w, program, role, mutual) for w in (one, two))))  # type: ignore[return-value]


async def _world(stack: AsyncExitStack) -> World:
    child = await stack.enter_async_context(Child())
    client = await stack.enter_async_context(httpx.AsyncClient(base_url=child.base_url, timeout=30))
    return World(child, client)


async def _mutual_case(world: World) -> str:
    """The id of the mutual case that the matched world holds: asking for it by name must tell nothing either."""
    text = await world.child.command("links", "--out", "/dev/stdout")
    assert text.count("Linked") == 2, f"the matched world has no match: {text}"
    return named("43", world.refs["household"], world.refs["unit"])


async def _everything(world: World, program: str, role: str, mutual: str) -> Seen:
    """Every GET of the program's own service, of the matcher, and of the matcher's pages."""
    found = {}
    own, token = {**world.refs, "alerts": named("43", "A01", mutual, mutual)}, world.token(program, role)
    for service in (program, "matcher"):
        document = (await world.client.get(f"/{service}/openapi.json")).json()
        for path, operations in sorted(document["paths"].items()):
            if "get" not in operations or path.endswith("/stream"):
                continue
            address = re.sub(r"/([a-z]+)/\{[a-z_]+\}", lambda m: f"/{m[1]}/{own.get(m[1], 'none')}", path)
            found[f"{service}{path}"] = _masked(await world.client.get(f"/{service}{address}", headers=token))
    found["stream"] = await _stream(world, token)
    found |= await _pages(world, program, role)
    return found


async def _stream(world: World, token: dict[str, str]) -> tuple[int, str, str]:
    """What the live feed says in half a second."""
    heard = []
    async with world.client.stream("GET", "/matcher/v1/alerts/stream", headers=token) as answer:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                async for line in answer.aiter_lines():
                    heard.append(line)  # noqa: PERF401 - what was heard before the time ran out counts
        return answer.status_code, "", _mask("\n".join(heard))


async def _pages(world: World, program: str, role: str) -> Seen:
    """The inbox, its tasks and an alert that is not there, as a browser sees them."""
    link = one_time_link(
        world.child.secret,
        f"{world.child.base_url}/matcher",
        county="43",
        program=program,
        roles=[role],
        worker=WORKER[program],
        now=datetime.now(UTC),
    )
    task = named("43", "offer_release", world.refs["intake"])
    async with httpx.AsyncClient(follow_redirects=True, timeout=30) as browser:
        addresses = {"login": link}
        pages = ("inbox", f"inbox/tasks/{task}", f"inbox/alerts/{named('43', 'none')}")
        addresses |= {f"page {i}": f"{world.child.base_url}/matcher/{page}" for i, page in enumerate(pages)}
        return {name: _masked(await browser.get(address)) for name, address in addresses.items()}


def _masked(answer: httpx.Response) -> tuple[int, str, str]:
    headers = sorted((n, _mask(v)) for n, v in answer.headers.items() if n not in UNSTABLE)
    text = answer.text
    if answer.headers.get("content-type", "").startswith("application/json"):
        body = json.loads(text)
        if isinstance(body, dict) and isinstance(body.get("items"), list):
            body["items"].sort(key=lambda item: _mask(json.dumps(item, sort_keys=True)))
        text = json.dumps(body, sort_keys=True)
    else:
        text = "\n".join(sorted(_mask(text).splitlines()))
    return answer.status_code, repr(headers), _mask(text)


def _mask(text: str) -> str:
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    return text
