"""What happens to the made-up people: intakes on both sides, by call and by file, links, alerts that are read, releases
that are revoked, refusals, a record that nobody can read, and power cuts in the midst of it.
"""

import asyncio
import csv
import io
import json
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from services.demo.client import CallRefused, Client
from services.demo.observe import final_entries, inboxes, read_links
from services.demo.pace import slots
from services.demo.steps import Family, Side
from services.demo.streamer import Streamer
from shared.bus import CWS_TOPIC
from tests.canary.canaries import Crowd
from tests.canary.system import SERVICES, Overheard, System
from tests.canary.unwelcome import send_unwelcome

RATE = 20.0  # intakes a second
VISIBLE_WITHIN = 60.0  # seconds after the last call
_COLUMNS = (
    *("record_id", "first_name", "middle_name", "last_name", "suffix", "birth_date", "sex", "ssn", "cin", "phone"),
    *("street", "unit", "city", "state", "zip", "role", "household_id", "language"),
)  # fmt: skip
_LINK = re.compile(r'href="(/(?:[^"?]*/)?(?:review|inbox/alerts|inbox/tasks)/[^"]+)"')
_PAGES_OF_A_LIST = 20  # that are opened


@dataclass
class Run:
    """What was done and seen."""

    crowd: Crowd
    overheard: Overheard
    metrics: dict[str, str] = field(default_factory=dict)
    streams: bytes = b""
    printed: dict[str, str] = field(default_factory=dict)
    """What commands said."""
    counted: Counter[str] = field(default_factory=Counter)


async def play(system: System, crowd: Crowd, kills: int) -> Run:
    """All of it, with so many power cuts. Raises what went wrong: where nothing happened nothing would be found."""
    workers = crowd.county.workers
    now = datetime.now(UTC)
    tokens = {w.ref: w.token(system.secret, system.issuer, system.county, now) for w in workers}
    run = Run(crowd, Overheard.of(workers, tokens))
    async with (
        Client(system.addresses, tokens, transport=run.overheard) as client,
        _plain(system, run.overheard) as plain,
    ):
        await _import(system, run, plain)
        streamer = Streamer(crowd.county, client, slots(crowd.county.families, RATE, 1))
        streaming = asyncio.create_task(streamer.run())
        for _ in range(kills):
            await asyncio.sleep(max(1.0, crowd.county.intakes / RATE / (kills + 1)))
            await system.strike()
        await streaming
        assert not streamer.refused, streamer.refused[:3]
        run.counted["intakes"] = len(streamer.intakes)
        await _poison(system)
        expected = streamer.expected()
        until = asyncio.get_running_loop().time() + VISIBLE_WITHIN
        entries = await final_entries(client, inboxes(workers), expected, until)
        run.counted["alerts"] = len(entries)
        run.overheard.malformed = True
        run.counted["refused"] = await send_unwelcome(system, crowd, tokens, plain)
        run.overheard.malformed = False
        by_inbox = {worker: inbox for inbox, worker in inboxes(workers).items()}
        await _read_all(run, client, {ref: token for ref, token in tokens.items() if ref in by_inbox})
        await _revoke(run, client)
        await _pages(system, run, plain)
        await _streams(system, run, tokens)
        await _overview(system, run, plain)
    links = await read_links(system)
    run.counted["links"] = sum(row.linked for row in links)
    commands = (("audit", "--summary"), ("doctor",), ("dead-letters", "list", "--json"))
    # What a command that fails says counts as well.
    told = await asyncio.gather(*(system.command(*words) for words in commands), return_exceptions=True)
    run.printed |= {" ".join(words): str(text) for words, text in zip(commands, told, strict=True)}
    run.counted["dead letters"] = run.printed["dead-letters list --json"].count('"reason"')
    return run


@asynccontextmanager
async def _plain(system: System, overheard: Overheard) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=overheard, timeout=30.0) as client:
        yield client


# --- by file ---


async def _import(system: System, run: Run, plain: httpx.AsyncClient) -> None:
    """CWS's people by the command, those of CalWORKs by a call; and rows that are refused."""
    families, spoilt = run.crowd.imported, run.crowd.imported[0]
    file = system.inputs / "roster.csv"
    file.write_text(roster(families, "cws", spoilt), encoding="utf-8")
    run.printed["import"] = await system.command("import", "cws", str(file), "--county", system.county)
    results = [one for one in system.inputs.iterdir() if one != file]
    run.printed |= {f"import's {one.suffix} file": one.read_text() for one in results}
    token = system.integration("calworks", "imports:write")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv"}
    run.overheard.sides[headers["Authorization"]] = "calworks"
    base = f"{system.address('calworks')}/v1/imports"
    text = roster(families, "calworks", spoilt).encode()
    answer = await plain.post(base, headers=headers, content=text)
    assert answer.status_code == 202, answer.text
    ref = answer.json()["ref"]
    while (await plain.get(f"{base}/{ref}", headers=headers)).json()["state"] != "done":  # noqa: ASYNC110 - it is another process
        await asyncio.sleep(0.1)
    await plain.get(f"{base}/{ref}/rows", headers=headers)
    run.counted["imported families"] = len(families)


def roster(families: list[Family], side: Side, spoilt: Family) -> str:
    """The people of a program as its file has them; of one family each row is wrong in a way of its own."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, restval="", extrasaction="ignore")
    writer.writeheader()
    for family in families:
        records = [one for intake in family.intakes if intake.side == side for one in intake.records]
        for n, record in enumerate(records):
            body: dict[str, Any] = dict(record.body)
            home = body.pop("addresses")[0]
            row = (
                body | home | {"phone": body["phones"][0], "role": record.role, "record_id": record.record_id}
            )
            row["household_id"] = f"H-{family.key.replace('/', '-')}"
            writer.writerow(row)
            if family is spoilt:
                wrong: dict[str, Any] = (
                    {"role": row["last_name"], "record_id": f"{record.record_id}-1"},
                    {"record_id": f"{row.get('ssn') or '?'} {row['last_name']}"},
                    {"sex": row["first_name"], "birth_date": f"{row['last_name']} {row['birth_date']}"},
                )[n % 3]
                writer.writerow(row | wrong)
    return out.getvalue()


async def _poison(system: System) -> None:
    """A record that nobody can read, on the log of the one process; it holds nothing of anybody."""
    if system.native:
        return

    def write() -> None:
        with closing(sqlite3.connect(system.data / "bus.db", timeout=30)) as bus:
            bus.execute("BEGIN IMMEDIATE")
            row = bus.execute(
                'SELECT "end" FROM bound WHERE topic = ? AND partition = 0', (CWS_TOPIC,)
            ).fetchone()
            end = row[0] if row else 0
            headers = json.dumps([("ce_county", system.county)])
            bus.execute(
                "INSERT INTO record VALUES (?, 0, ?, ?, ?, ?)", (CWS_TOPIC, end, b"cl_1", headers, b"{]")
            )
            bus.execute(
                'INSERT INTO bound VALUES (?, 0, 0, ?) ON CONFLICT DO UPDATE SET "end" = excluded."end"',
                (CWS_TOPIC, end + 1),
            )
            bus.commit()

    await asyncio.to_thread(write)


# --- reading ---


async def _read_all(run: Run, client: Client, tokens: dict[str, str]) -> None:
    """Every worker reads each alert of the own inbox; each program reads its people."""
    staff = {worker.ref: worker for worker in run.crowd.county.workers}
    for ref in tokens:
        which = "liaison" if staff[ref].job == "liaison" else "own"
        page = await client.get("matcher", "/v1/alerts", ref, {"inbox": which})
        for alert in page["items"]:
            got = await client.get("matcher", f"/v1/alerts/{alert['id']}", ref)
            run.counted["alerts read"] += 1
            if got["state"] == "open" and run.counted["alerts read"] % 3 == 0:
                await client.post("matcher", f"/v1/alerts/{alert['id']}/acknowledge", ref, {})
        for service, path in (("cws", "/v1/clients"), ("calworks", "/v1/persons")):
            if staff[ref].side != service or which != "liaison":
                continue
            after: str | None = None
            while True:
                params: dict[str, str | int] = {"limit": 100} | ({"after": after} if after else {})
                people = await client.get(service, path, ref, params)
                for one in people["items"]:
                    await client.get(service, f"{path}/{one['ref']}", ref)
                    run.counted["people read"] += 1
                if not people.get("next") or people["next"] == after:
                    break
                after = str(people["next"])
        if which == "liaison":
            reviews = await client.get("matcher", "/v1/reviews", ref)
            for one in reviews["items"]:
                await client.get("matcher", f"/v1/reviews/{one['id']}", ref)
                run.counted["reviews read"] += 1


async def _revoke(run: Run, client: Client) -> None:
    """Every second release of the own families; then the alerts are listed once more."""
    for worker in run.crowd.county.workers:
        if worker.job not in ("er", "ew"):
            continue
        page = await client.get("matcher", "/v1/releases", worker.ref)
        for release in page["items"][::2]:
            if "revoked_at" not in release:
                with suppress(CallRefused):  # of a family that is another worker's
                    await client.post("matcher", f"/v1/releases/{release['ref']}/revoke", worker.ref, {})
                    run.counted["revoked"] += 1
        await client.get("matcher", "/v1/alerts", worker.ref, {"inbox": "own"})


async def _pages(system: System, run: Run, plain: httpx.AsyncClient) -> None:
    """The pages of a social worker, a specialist and both liaisons, each link of them that only reads."""
    from shared.web.session import one_time_link

    for worker in run.crowd.county.workers:
        if worker.job not in ("liaison", "case", "wtw"):
            continue
        link = one_time_link(
            system.secret,
            system.address("matcher"),
            county=system.county,
            program=worker.side,
            roles=list(worker.roles),
            worker=worker.ref,
            now=datetime.now(UTC),
        )
        run.overheard.reading_as = worker.side
        plain.cookies.clear()
        answer = await plain.get(link)
        assert answer.status_code == 303, answer.status_code
        for path in ("/inbox", "/review", "/review/capped-blocks"):
            page = await plain.get(f"{system.address('matcher')}{path}")
            run.counted["pages"] += page.is_success
            if path == "/review/capped-blocks":
                continue
            for target in sorted(set(_LINK.findall(page.text)))[:_PAGES_OF_A_LIST]:
                shown = await plain.get(f"{_origin(system.address('matcher'))}{target}")
                run.counted["pages"] += shown.is_success
        plain.cookies.clear()
        run.overheard.reading_as = None


async def _streams(system: System, run: Run, tokens: dict[str, str]) -> None:
    """What the live stream of each inbox says first."""
    async with httpx.AsyncClient(timeout=5.0) as client:
        for token in tokens.values():
            url, headers = (
                f"{system.address('matcher')}/v1/alerts/stream",
                {"Authorization": f"Bearer {token}"},
            )
            async with client.stream("GET", url, headers=headers, params={"after": 0}) as answer:
                try:
                    async with asyncio.timeout(0.15):
                        async for chunk in answer.aiter_raw():
                            run.streams += chunk
                except TimeoutError:
                    continue


async def _overview(system: System, run: Run, plain: httpx.AsyncClient) -> None:
    """What a dashboard reads: metrics of every process, and the coordination events."""
    for service in SERVICES:
        token = system.integration("cws" if service == "matcher" else service, "metrics:read events:read")
        headers = {"Authorization": f"Bearer {token}"}
        answer = await plain.get(f"{system.address(service)}/metrics", headers=headers)
        assert answer.status_code == 200, answer.text
        run.metrics[service] = answer.text
        if service == "matcher":
            await plain.get(f"{system.address(service)}/v1/events?limit=200", headers=headers)


def _origin(address: str) -> str:
    """Without a path."""
    return "/".join(address.split("/", 3)[:3])
