"""`linkages up --native`: the whole county stack as ordinary processes, on a machine without Docker.

One broker, one database server, three HTTP apps and three background processes, each service under a user of its own
with the rights that it has in a county: access lists on the topics, roles and row-level security in the databases. All
of it is in one folder, and the next start goes on with what is there.
"""

import asyncio
import fcntl
import os
import secrets
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
from confluent_kafka.admin import AdminClient
from sqlalchemy.engine import URL

from services import kafka_setup
from services.broker import PERMISSIONS, TOPICS
from services.database_setup import SERVICES, read_or_make, role, set_up
from services.native import kafka, postgres
from services.native.processes import Process, eventually, free_ports, is_free
from shared.errors import Unavailable

Say = Callable[[str], None]

LINKAGES = (sys.executable, "-m", "services.cli")
_MIGRATED_WITHIN, _READY_WITHIN, _STOP_WITHIN = 120.0, 90.0, 10.0  # seconds
_LOOK_EVERY, _ASK_EVERY = 0.2, 0.1
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # seconds before what has ended is started again
_LIVED_WELL = 60.0  # seconds after which the next end is a first one again
_USERS = (*(f"linkages-{service}" for service in SERVICES), "linkages-dashboard", "linkages-admin")
# What the stack sets itself: whoever starts it may not point a part of it elsewhere.
_OURS = ("LINKAGES_BUS", "LINKAGES_KAFKA_", *(f"LINKAGES_{service.upper()}_DATABASE" for service in SERVICES))


@dataclass
class _Part:
    """One process of ours, with the address that says how it is."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    process: Process
    health: str
    started: float = 0.0
    pause: float = _FIRST_PAUSE
    again_at: float | None = field(default=None)

    def start(self) -> None:
        self.started, self.again_at = time.monotonic(), None
        self.process.start(self.command, env=self.environment)


class Stack:
    """The stack of one data directory. HTTP apps listen on `port` and the two after it."""

    def __init__(self, data_dir: Path, port: int, say: Say) -> None:
        self._data_dir, self._port, self._say = data_dir.absolute(), port, say
        self.folder = self._data_dir / "native"
        self._parts: list[_Part] = []
        self._cluster: kafka.Cluster | None = None
        self._server: postgres.Server | None = None

    def run(self) -> None:
        """Start all of it and keep it running until Ctrl-C, SIGTERM or SIGHUP; then stop all of it.

        Unavailable: something could not be had or started; what had been started is stopped.
        """
        for folder in (self._data_dir, self.folder):
            folder.mkdir(parents=True, exist_ok=True)
        with self._alone(), _signals_as_ctrl_c():
            try:
                self._start()
                self._supervise()
            except KeyboardInterrupt:
                self._say("stopping")
            finally:
                for number in _ENDING:
                    signal.signal(number, signal.SIG_IGN)
                self._stop()
        self._say("stopped")

    def _start(self) -> None:
        self._stop_leftovers()
        taken = [port for port in self._ports() if not is_free(port)]
        if taken:
            raise Unavailable(f"Port {taken[0]} is taken: say `linkages up --native --port` with another one")
        cluster, server = self._start_services()
        addresses = self._set_up(cluster, server)
        self._migrate(addresses)
        self._make_parts(addresses)
        for part in self._parts:
            part.start()
        self._wait_until_ready()
        for part in self._parts:
            self._say(f"{part.name:24} {part.health.removesuffix('/readyz')}")
        self._say(f"all ready; settings for other commands: set -a; . {self._environment_file}; set +a")

    def _stop_leftovers(self) -> None:
        """Of a start that was killed, where the system does not end its children with it."""
        for file in self.folder.glob("*.pid"):
            Process(self.folder, file.stem).stop()
        for kind, folder in ((kafka.Cluster, "kafka"), (postgres.Server, "postgres")):
            if (self.folder / folder / "plan.json").exists():
                kind(self.folder / folder).stop()

    def _start_services(self) -> tuple[kafka.Cluster, postgres.Server]:
        folder = self.folder / "kafka"
        known = (folder / "plan.json").exists()
        users = {name: secrets.token_urlsafe(24) for name in _USERS}
        self._cluster = kafka.Cluster(folder, None if known else kafka.Plan(users=users, authorizer=True))
        self._cluster.start()
        self._say(f"{'Apache Kafka':24} {self._cluster.servers}")
        self._server = postgres.Server(self.folder / "postgres", postgres.Plan())
        self._server.start()
        self._say(f"{'PostgreSQL':24} 127.0.0.1:{self._server.port}")
        return self._cluster, self._server

    def _set_up(self, cluster: kafka.Cluster, server: postgres.Server) -> dict[str, URL]:
        """Topics, permissions, databases and roles, as far as they are missing; the address of each role."""
        admin = AdminClient({"bootstrap.servers": cluster.admin_servers, "log_level": 0})
        kafka_setup.create_topics(admin, kafka_setup.read_topics(TOPICS, replication=1))
        missing, _ = kafka_setup.permission_differences(admin, kafka_setup.read_permissions(PERMISSIONS))
        kafka_setup.grant(admin, missing)
        addresses = {
            name: url.set(port=server.port)
            for name, url in read_or_make(self.folder / "addresses", server.url()).items()
        }
        asyncio.run(set_up(server.url(), addresses))
        return addresses

    def _migrate(self, addresses: Mapping[str, URL]) -> None:
        migrating = Process(self.folder, "migrate")
        owners = {service: addresses[role(service, "owner")] for service in SERVICES}
        try:
            migrating.start((*LINKAGES, "migrate"), env=self._environment(_databases(owners)))
            if not migrating.wait(_MIGRATED_WITHIN):
                raise Unavailable(
                    f"Migrations took more than {_MIGRATED_WITHIN:.0f} s: look at {migrating.log}"
                )
        finally:
            migrating.stop()
        if migrating.exit_status != 0:
            raise Unavailable(f"The databases could not be migrated: {migrating.tail()}")
        self._say(f"{'topics and databases':24} are as the services need them")

    def _make_parts(self, addresses: Mapping[str, URL]) -> None:
        watched = free_ports(len(SERVICES))
        for service, port in zip(SERVICES, self._ports(), strict=True):
            self._part(
                f"{service}, HTTP app",
                ("serve", service, "--port", str(port)),
                self._of(service, addresses[role(service, "app")]),
                port,
            )
        for service, port in zip(SERVICES, watched, strict=True):
            self._part(
                f"{service}, background",
                ("work", service, "--metrics-port", str(port)),
                self._of(service, addresses[role(service, "worker")]),
                port,
            )
        workers = {service: addresses[role(service, "worker")] for service in SERVICES}
        told = self._of("admin", None) | _databases(workers)
        lines = [
            f"{name}={shlex.quote(value)}\n" for name, value in sorted(told.items()) if name in _told(told)
        ]
        self._environment_file.touch(mode=0o600)
        self._environment_file.write_text("".join(lines))

    def _part(self, name: str, words: tuple[str, ...], environment: Mapping[str, str], port: int) -> None:
        process = Process(self.folder, "-".join(words[:2]))
        health = f"http://127.0.0.1:{port}/readyz"
        self._parts.append(_Part(name, (*LINKAGES, *words), environment, process, health))

    def _of(self, service: str, address: URL | None) -> dict[str, str]:
        """The environment of a service's process: its user at the broker, and its role in its own database."""
        assert self._cluster is not None  # noqa: S101 - started before
        user = f"linkages-{service}"
        told = {
            "LINKAGES_BUS": "kafka",
            "LINKAGES_KAFKA_SERVERS": self._cluster.servers,
            "LINKAGES_KAFKA_SECURITY": "SASL_PLAINTEXT",
            "LINKAGES_KAFKA_USER": user,
            "LINKAGES_KAFKA_PASSWORD": self._cluster.plan.users[user],
        }
        return self._environment(told | ({} if address is None else _databases({service: address})))

    def _environment(self, told: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        return {**kept, "LINKAGES_DATA_DIR": str(self._data_dir), **told}

    def _wait_until_ready(self) -> None:
        with httpx.Client(timeout=2.0, trust_env=False) as client:
            for part in self._parts:

                def ready(part: _Part = part) -> bool:
                    if part.process.pid is None:
                        raise Unavailable(f"{part.name} ended: {part.process.tail()}")
                    try:
                        return client.get(part.health).is_success
                    except httpx.TransportError:
                        return False

                if not eventually(ready, _READY_WITHIN, every=_ASK_EVERY):
                    raise Unavailable(
                        f"{part.name} was not ready in {_READY_WITHIN:.0f} s: {part.process.tail()}"
                    )

    def _supervise(self) -> None:
        """Start again what ends, each time after a longer pause; never returns."""
        while True:
            time.sleep(_LOOK_EVERY)
            self._start_services_again()
            for part in self._parts:
                if part.process.pid is None:
                    self._start_again(part)

    def _start_again(self, part: _Part) -> None:
        now = time.monotonic()
        if part.again_at is None:
            if now - part.started > _LIVED_WELL:
                part.pause = _FIRST_PAUSE
            part.again_at = now + part.pause
            self._say(
                f"{part.name} has ended, and starts again in {part.pause:.0f} s; its log: {part.process.log}"
            )
            part.pause = min(2 * part.pause, _LONGEST_PAUSE)
        elif now >= part.again_at:
            part.start()

    def _start_services_again(self) -> None:
        """A service that does not come back at once is tried again at the next look."""
        for name, service in (("Apache Kafka", self._cluster), ("PostgreSQL", self._server)):
            if service is None or service.runs:
                continue
            self._say(f"{name} has ended, and starts again")
            try:
                service.start()
            except Unavailable as error:
                self._say(error.detail)

    def _stop(self) -> None:
        """First who takes requests, then who works them off, then what both stand on."""
        for group in (self._parts[: len(SERVICES)], self._parts[len(SERVICES) :]):
            for part in group:
                part.process.send(signal.SIGTERM)
            for part in group:
                part.process.stop(within=_STOP_WITHIN)
        for service in (self._cluster, self._server):
            if service is not None:
                service.stop()

    def _ports(self) -> range:
        return range(self._port, self._port + len(SERVICES))

    @property
    def _environment_file(self) -> Path:
        return self.folder / "environment"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Unavailable: another process runs the stack of this folder."""
        with (self.folder / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Unavailable(f"`linkages up --native` is running already in {self.folder}") from None
            yield


def _databases(addresses: Mapping[str, URL]) -> dict[str, str]:
    return {
        f"LINKAGES_{service.upper()}_DATABASE": url.render_as_string(hide_password=False)
        for service, url in addresses.items()
    }


def _told(environment: Mapping[str, str]) -> list[str]:
    """The settings that the stack gives, without those of whoever started it."""
    return [name for name in environment if name.startswith(("LINKAGES_DATA_DIR", *_OURS))]


_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def _signals_as_ctrl_c() -> Iterator[None]:
    """Whatever asks this process to end does it as Ctrl-C does, at any moment."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before: dict[signal.Signals, Any] = {number: signal.signal(number, interrupt) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
