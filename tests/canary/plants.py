"""Leaks that are planted, so that it is known that the search would find them."""

import base64
import gzip
import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from urllib.parse import quote

from shared.bus import CALWORKS_TOPIC
from tests.canary import places
from tests.canary.canaries import Crowd
from tests.canary.system import Exchange, System

Expected = tuple[str, str, str]
"""Place, kind, and a part of the form."""

_CHANGE, _ONE = "UPDATE assignment SET", "WHERE ref = (SELECT max(ref) FROM assignment)"

_ON_THE_TOPIC: set[Expected] = {
    (f"topic {CALWORKS_TOPIC}, keys", "ssn", "dashed"),
    (f"topic {CALWORKS_TOPIC}, values", "name", "plain"),
    (f"topic {CALWORKS_TOPIC}, headers", "phone", "plain"),
}


def of_nobody(exchange: Exchange) -> Exchange:
    """The same answer, to somebody to whom nobody may be named."""
    return replace(exchange, side=None)


def said(crowd: Crowd) -> dict[str, tuple[bytes, Expected]]:
    """What a process could say: a label of a metric, an address, a line of a program's output."""
    name, ssn, born = (crowd.of(kind)[3].value for kind in ("name", "ssn", "birth date"))
    return {
        "metrics of matcher": (
            f'# HELP x\nlinkages_seen_total{{who="{name}"}} 1.0\n'.encode(),
            ("metrics of matcher", "name", "plain"),
        ),
        "URL of GET /v1/clients": (
            f"http://127.0.0.1/v1/clients?q={quote(name + ' x')}".encode(),
            ("URL of GET /v1/clients", "name", ""),
        ),
        "headers of POST /v1/referrals": (
            f"location: /v1/x/{quote(ssn, safe='')}%2F{ssn.replace('-', '%2D')}".encode(),
            ("headers of POST /v1/referrals", "ssn", "percent"),
        ),
        "output of audit": (f"seen {born}".encode(), ("output of audit", "birth date", "plain")),
    }


def plant(system: System, crowd: Crowd) -> set[Expected]:
    """In the log, temporary files, tables and a topic of the running system; what must be found."""
    return _in_files(system, crowd) | (
        _in_postgres(system, crowd) if system.native else _in_sqlite(system, crowd)
    )


def _in_files(system: System, crowd: Crowd) -> set[Expected]:
    upper, utf16, zipped = (crowd.of("name")[n].value for n in (1, 2, 4))
    with (system.directory / "system.log").open("a") as log:
        log.write(json.dumps({"event": "planted", "who": f"{upper.upper()}, X"}) + "\n")
    number = crowd.of("ssn")[0].value
    (system.temporary / "a.tmp").write_bytes(b"xy" + base64.b64encode(f"q{number}".encode()) + b"\n")
    (system.temporary / "b.tmp").write_bytes(f"who={utf16}".encode("utf-16"))
    (system.temporary / "c.tmp").write_bytes(b"head" + gzip.compress(f"who={zipped}".encode()))
    return {
        ("log system.log", "name", "plain"),
        ("file temporary/a.tmp", "ssn", "base64"),
        ("file temporary/b.tmp", "name", "UTF-16"),
        ("file temporary/c.tmp", "name", "zipped"),
    }


def _in_sqlite(system: System, crowd: Crowd) -> set[Expected]:
    phone, cin, street, name = (crowd.of(kind)[0].value for kind in ("phone", "cin", "street", "name"))
    digits = crowd.of("ssn")[1].value.replace("-", "")
    with closing(sqlite3.connect(system.data / "bus.db", timeout=30)) as bus, bus:
        bus.execute(
            "INSERT INTO record VALUES (?, 5, 999999, ?, ?, ?)",
            (
                CALWORKS_TOPIC,
                crowd.of("ssn")[2].value.encode(),
                json.dumps([("x", phone)]),
                f"<{name}>".encode(),
            ),
        )
    with closing(sqlite3.connect(system.data / "calworks.db", timeout=30)) as database, database:
        database.execute(
            f"{_CHANGE} office = ?, supervisor = ? {_ONE}", (_hashed(digits), digits.encode().hex())
        )
    with closing(sqlite3.connect(system.data / "matcher.db", timeout=30)) as database, database:
        reason = json.dumps({"said": f"{street} {cin}", "code": digits[::-1]})
        database.execute("UPDATE dead_letter SET reason = ?", (reason,))
    return _ON_THE_TOPIC | {
        ("column calworks.assignment.office", "ssn", "sha256"),
        ("column calworks.assignment.supervisor", "ssn", "hex"),
        ("column matcher.dead_letter.reason", "street", "plain"),
        ("column matcher.dead_letter.reason", "cin", "plain"),
        ("column matcher.dead_letter.reason", "ssn", "backwards"),
    }


def _in_postgres(system: System, crowd: Crowd) -> set[Expected]:
    name, digits = crowd.of("name")[0].value, crowd.of("ssn")[1].value.replace("-", "")
    places.execute(
        system, "calworks", f"{_CHANGE} office = $1, supervisor = $2 {_ONE}", _hashed(digits), name
    )
    phone, ssn = crowd.of("phone")[0].value, crowd.of("ssn")[2].value
    places.publish(
        system, CALWORKS_TOPIC, key=ssn.encode(), value=f"<{name}>".encode(), header=phone.encode()
    )
    return _ON_THE_TOPIC | {
        ("column calworks.assignment.office", "ssn", "sha256"),
        ("column calworks.assignment.supervisor", "name", "plain"),
    }


def _hashed(digits: str) -> str:
    return hashlib.sha256(digits.encode()).hexdigest()
