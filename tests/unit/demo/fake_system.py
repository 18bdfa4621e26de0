"""A stand-in for the system, in one process and in memory: as much of the contract as the demo needs.

It links people of one name and birth date, holds releases, and tells alerts by rules of its own. `python
fake_system.py up --port N`, `links --out FILE`, `audit --summary --json`, as the real command.
"""

import asyncio
import csv
import json
import os
import sys
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse

from shared.calendars import PACIFIC
from shared.ids import mint, named

COUNTY = "43"
STATE = Path(os.environ["LINKAGES_DATA_DIR"]) / "state.json"


class World:
    def __init__(self) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        self.people: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.group_of: dict[str, str] = {}
        self.known: dict[tuple[Any, str], str] = {}
        self.released: set[str] = set()
        self.facts: list[tuple[str, str, str]] = []
        self.entries: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        self.woken = asyncio.Condition()
        self.events = 0
        self.first_release = True

    def group(self, side: str, intake: str) -> dict[str, Any]:
        return self.groups.setdefault(
            intake, {"side": side, "members": [], "workers": defaultdict(list), "ref": mint("gr")}
        )

    def twin(self, ref: str) -> str | None:
        me = self.people[ref]
        return self.known.get((me["who"], "cws" if me["side"] == "calworks" else "calworks"))

    def derive(self) -> None:
        """Alerts of every household and unit that share somebody."""
        shared: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for ref in list(self.people):
            if self.people[ref]["side"] == "cws" and (twin := self.twin(ref)) is not None:
                shared[self.group_of[ref], self.group_of[twin]][ref] = twin
        for (cws, unit), pairs in shared.items():
            self.derive_one(self.groups[cws], self.groups[unit], pairs)

    def save(self) -> None:
        """What the other commands print."""
        pairs = [(r, t) for r, p in self.people.items() if p["side"] == "cws" and (t := self.twin(r))]
        links = [[self.people[a]["record_id"], self.people[b]["record_id"]] for a, b in pairs]
        STATE.write_text(json.dumps({"events": self.events, "links": links}))

    async def wake(self) -> None:
        """Every stream looks again."""
        async with self.woken:
            self.woken.notify_all()

    def derive_one(self, cws: dict[str, Any], unit: dict[str, Any], pairs: dict[str, str]) -> None:
        case = named(COUNTY, cws["ref"], unit["ref"])
        signed = {c for c, p in pairs.items() if c in self.released or p in self.released}
        everyone = [
            *(("cws", w) for w in cws["workers"]["P"] + cws["workers"]["C"]),
            *(("calworks", w) for w in unit["workers"]["EW"] + unit["workers"]["WTW"]),
        ]
        if signed:
            self.tell("A01", case, case, everyone)
        social = [("cws", w) for w in cws["workers"]["C"] or cws["workers"]["P"]]
        specialists = [("calworks", w) for w in unit["workers"]["WTW"]]
        for kind, who, ref in self.facts:
            child = next((c for c, p in pairs.items() if who in (c, p)), None)
            if child is None:
                continue
            if kind == "A05":
                self.tell(kind, case, ref, [("calworks", w) for w in unit["workers"]["EW"]])
                self.tell(kind, case, ref, specialists if child in signed else [])
            elif child in signed:
                others = (
                    specialists or [("calworks", "liaison")] if kind == "A09" else [("calworks", "liaison")]
                )
                self.tell(kind, case, ref, [*social, *others])

    def tell(self, kind: str, case: str, cause: str, inboxes: list[tuple[str, str]]) -> None:
        ident = named(COUNTY, kind, case, cause)
        for inbox in inboxes:
            entries = self.entries[inbox]
            if all(entry["id"] != ident for entry in entries):
                entries.append(
                    {
                        "id": ident,
                        "type": kind,
                        "seq": len(entries) + 1,
                        "state": "open",
                        "mutual_case": case,
                        "cause": cause,
                    }
                )


def take(world: World, side: str, intake: str, people: list[dict[str, Any]], worker: str) -> dict[str, Any]:
    prefix, kind = ("cl", "P") if side == "cws" else ("ps", "EW")
    group, listed = world.group(side, intake), []
    for one in people:
        ref = mint(prefix)
        body = one["person"]
        who = (body["first_name"], body["last_name"], body["birth_date"])
        world.people[ref] = {"who": who, "side": side, "record_id": one["record_id"]}
        world.known[who, side], world.group_of[ref] = ref, intake
        group["members"].append(ref)
        listed.append({"client" if side == "cws" else "person": ref, "role": one["role"]})
    group["workers"][kind].append(worker)
    name, group_name = ("participants", "household") if side == "cws" else ("persons", "au")
    world.events += len(people) + (3 if side == "cws" else 2)
    return {"ref": intake, group_name: group["ref"], name: listed}


def write(  # noqa: C901, PLR0912 - the contract's addresses, one after the other
    world: World, path: str, body: dict[str, Any]
) -> dict[str, Any] | None:
    parts = path.strip("/").split("/")
    match parts:
        case ["cws", "v1", "referrals"]:
            return take(world, "cws", mint("rf"), body["participants"], body["worker"]["ref"])
        case ["calworks", "v1", "applications"]:
            return take(world, "calworks", mint("ap"), body["persons"], body["worker"]["ref"])
        case ["cws", "v1", "cases"]:
            world.groups[body["referral"]]["workers"]["C"].append(body["worker"]["ref"])
            world.events += 2
            return {"ref": mint("ca")}
        case ["calworks", "v1", "cases"]:
            for one in body["workers"]:
                world.groups[body["application"]]["workers"][one["kind"]].append(one["worker"]["ref"])
            world.events += 2 + len(body["workers"])
            return {"ref": mint("cc")}
        case ["calworks", "v1", "assignments"]:
            world.groups[body["on"]]["workers"][body["kind"]].append(body["worker"]["ref"])
            world.events += 1
            return {"ref": mint("as")}
        case ["matcher", "v1", "releases"]:
            if world.first_release:  # the matcher has not read the intake yet
                world.first_release = False
                return None
            world.released.update(one["ref"] for one in body["persons"])
            return {"ref": mint("rl")}
        case ["cws", "v1", "clients", who, "removals"]:
            kind = "A05"
        case ["calworks", "v1", "noncompliances"]:
            who, kind = body["person"], "A09"
        case ["calworks", "v1", "sanctions"]:
            who, kind = body["person"], "A10"
            world.events += "noncompliance" in body
        case _:
            raise ValueError(path)
    world.events += 1
    ref = mint("fa")
    if kind != "A09" or date.fromisoformat(body["notice_date"]) > datetime.now(PACIFIC).date() - timedelta(
        days=20
    ):
        world.facts.append((kind, who, ref))
    return {"ref": ref}


def make_app() -> FastAPI:
    app, world = FastAPI(), World()

    def inbox_of(request: Request) -> tuple[str, str]:
        token = request.headers["authorization"].removeprefix("Bearer ")
        claims = jwt.decode(
            token, os.environ["LINKAGES_TOKEN_SECRET"], algorithms=["HS256"], audience="linkages"
        )
        own = request.query_params["inbox"] == "own"
        return claims["program"], claims["worker"] if own else "liaison"

    @app.get("/matcher/v1/alerts/stream")
    async def stream(request: Request) -> StreamingResponse:
        inbox, after = inbox_of(request), int(request.headers["last-event-id"])

        async def lines() -> Any:
            sent = after
            yield ": hello\n\n"
            while True:
                for entry in world.entries[inbox][sent:]:
                    sent = entry["seq"]
                    data = json.dumps({"seq": sent, "alert_id": entry["id"], "kind": "created"})
                    yield f"id: {sent}\ndata: {data}\n\n"
                async with world.woken:
                    await world.woken.wait()

        return StreamingResponse(lines(), media_type="text/event-stream")

    @app.get("/matcher/v1/alerts")
    async def alerts(request: Request) -> dict[str, Any]:
        after = int(request.query_params["after"])
        page = world.entries[inbox_of(request)][after : after + 5]
        return {"items": page, "next": page[-1]["seq"] if page else None}

    @app.get("/{service}/readyz")
    async def readyz(service: str) -> dict[str, str]:
        return {"status": "ok", "service": service}

    @app.post("/{path:path}")
    async def post(path: str, request: Request) -> JSONResponse:
        key = request.headers["idempotency-key"]
        if key not in world.answers:
            answer = write(world, path, await request.json())
            if answer is None:
                return JSONResponse({"title": "Not found"}, 404)
            world.answers[key] = answer
            world.derive()
            world.save()
            await world.wake()
        return JSONResponse(world.answers[key], 201)

    return app


def main(arguments: list[str]) -> None:
    match arguments:
        case ["up", "--port", port]:
            STATE.parent.mkdir(parents=True, exist_ok=True)
            uvicorn.run(make_app(), port=int(port), log_level="warning", timeout_graceful_shutdown=1)
        case ["links", "--out", file]:
            with Path(file).open("w", newline="") as out:
                writer = csv.writer(out)
                writer.writerow(["cws_record_id", "calworks_record_id", "decision"])
                writer.writerows([a, b, "Linked"] for a, b in json.loads(STATE.read_text())["links"])
        case ["audit", "--summary", "--json"]:
            told = {
                "events": json.loads(STATE.read_text())["events"],
                "decisions": [],
                "withheld": {"none": 0},
            }
            sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1:])
