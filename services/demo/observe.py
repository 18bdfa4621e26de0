"""What can be seen from outside once the stream has ended: inboxes, links, the audit's summary."""

import asyncio
import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.demo.child import Child
from services.demo.client import Client
from services.demo.figures import Entry, Expected, LinkRow, standing, unseen
from services.demo.steps import LIAISON, Inbox
from services.demo.streams import Streams
from services.demo.workers import Worker

VISIBLE_WITHIN = 30.0  # seconds after the end by which a due alert must be in its inbox
_QUIET = 2.0  # seconds without any arrival that pass for rest
_LOOK_EVERY = 0.1
_OWN_INBOX = ("er", "case", "ew", "wtw")


@dataclass(frozen=True, slots=True)
class Audit:
    """`linkages audit --summary --json`: events read, and refusals by rule."""

    events: int
    withheld: dict[str, int]


def inboxes(workers: Iterable[Worker]) -> dict[Inbox, str]:
    """Every inbox that the demo watches, and the worker who may read it."""
    found = {}
    for worker in workers:
        if worker.job in _OWN_INBOX:
            found[Inbox(worker.side, worker.ref)] = worker.ref
        elif worker.job == "liaison":
            found[Inbox(worker.side, LIAISON)] = worker.ref
    return found


async def settle(streams: Streams, expected: Sequence[Expected], within: float) -> None:
    """Wait until every due alert has arrived and nothing more comes, at most so many seconds."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    while loop.time() < start + within:
        quiet_since = max(start, streams.last_arrival)
        if not unseen(expected, streams.first) and loop.time() - quiet_since >= _QUIET:
            return
        await asyncio.sleep(_LOOK_EVERY)


async def final_entries(
    client: Client, readers: Mapping[Inbox, str], expected: Sequence[Expected], until: float
) -> list[Entry]:
    """All entries of all inboxes, read again until every due alert stands or `until` (the loop's clock)."""
    while True:
        entries = []
        for inbox, worker in readers.items():
            entries += await _listed(client, inbox, worker)
        if not unseen(expected, standing(entries)) or asyncio.get_running_loop().time() >= until:
            return entries
        await asyncio.sleep(1.0)


async def read_links(child: Child) -> list[LinkRow]:
    """The running system's links and reviews. ChildDied: the command failed."""
    out = child.directory / "links.csv"
    await child.command("links", "--out", str(out))
    with out.open(newline="", encoding="utf-8") as file:
        return [
            LinkRow(row["cws_record_id"], row["calworks_record_id"], row["decision"])
            for row in csv.DictReader(file)
        ]


async def read_audit(child: Child) -> Audit:
    """The counts of the disclosure audit. ChildDied: the command failed."""
    told = json.loads(await child.command("audit", "--summary", "--json"))
    return Audit(events=told["events"], withheld=dict(told["withheld"]))


def disclosed(forbidden: Iterable[Expected], seen: Iterable[tuple[Inbox, str]]) -> int:
    """Forbidden alerts that were seen. A removal may reach eligibility; only other inboxes count then."""
    nowhere = {one.id for one in forbidden if one.due.type != "A05"}
    not_there = {(one.due.inbox, one.id) for one in forbidden if one.due.type == "A05"}
    return sum(pair[1] in nowhere or pair in not_there for pair in set(seen))


async def _listed(client: Client, inbox: Inbox, worker: str) -> list[Entry]:
    which = "liaison" if inbox.owner == LIAISON else "own"
    entries: list[Entry] = []
    after: int | str = 0
    while True:
        page = await client.get("matcher", "/v1/alerts", worker, {"inbox": which, "after": after})
        entries += [_entry(inbox, item) for item in page["items"]]
        following = page.get("next")
        if not page["items"] or following is None or following == after:
            return entries
        after = following


def _entry(inbox: Inbox, item: Mapping[str, Any]) -> Entry:
    return Entry(inbox, item["id"], item["type"], item["mutual_case"], str(item["cause"]), item["state"])
