"""The county's system as processes that a test kills, freezes and starts again: the stand of the fault tests.

Three HTTP apps, the workers of both programs, two matcher workers; Kafka brokers that ask for a user and keep access
lists; PostgreSQL with durable commits and a role for each process. `supervise` does what a county's supervisor does.
"""

import asyncio
import csv
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import asyncpg
import httpx
from confluent_kafka.admin import AdminClient
from prometheus_client.parser import text_string_to_metric_families

from services import kafka_setup
from services.broker import PERMISSIONS, TOPICS
from services.database_setup import SERVICES, read_or_make, role, set_up
from services.native import kafka, postgres
from services.native.processes import Process, eventually, free_ports

LINKAGES = (sys.executable, "-m", "services.cli")
APPS = tuple(f"{service} app" for service in SERVICES)
RELAYS = ("cws worker", "calworks worker")
MATCHERS = ("matcher worker 1", "matcher worker 2")
PARTS = (*APPS, *RELAYS, *MATCHERS)
LEASE = 5.0  # seconds for which a worker that says nothing keeps its partitions
COUNTY = "43"

_READY_WITHIN, _MIGRATED_WITHIN, _STOP_WITHIN = 90.0, 120.0, 10.0
_PAUSE = 1.0  # seconds before what has ended is started again, as in `linkages up --native`
_LOOK_EVERY = 0.05

# Whatever is counted as read, is counted where no other part of the system looks or writes.
_COUNTER = """
CREATE TABLE counted (events bigint NOT NULL);
INSERT INTO counted VALUES (0);
CREATE FUNCTION count_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  UPDATE counted SET events = events + NEW.count - CASE WHEN TG_OP = 'UPDATE' THEN OLD.count ELSE 0 END;
  RETURN NULL;
END $$;
CREATE TRIGGER counting AFTER INSERT OR UPDATE OF count ON activity FOR EACH ROW EXECUTE FUNCTION count_events();
"""


class Stand:
    """`with Stand(brokers) as stand`: everything runs, and nothing is left behind."""

    def __init__(self, brokers: int) -> None:
        self.secret, self.issuer, self.county = secrets.token_urlsafe(48), "linkages", COUNTY
        self.directory = Path(tempfile.mkdtemp(prefix="linkages-faults-"))
        self.directory.chmod(0o711)  # started by root, the database server runs as another user
        users = {f"linkages-{service}": secrets.token_urlsafe(24) for service in SERVICES}
        self.cluster = kafka.Cluster(
            self.directory / "kafka", kafka.Plan(brokers=brokers, users=users, authorizer=True, heap="384m")
        )
        self.server = postgres.Server(self.directory / "postgres", postgres.Plan())
        self._ports = dict(zip(PARTS, free_ports(len(PARTS)), strict=True))
        self._processes = {name: Process(self.directory, name.replace(" ", "-")) for name in PARTS}
        self._programs: dict[str, Sequence[str]] = dict.fromkeys(PARTS, LINKAGES)
        self._ended: dict[str, float] = {}
        self._frozen: set[str] = set()

    # --- as the demo's client, streams and observer see a system ---

    @property
    def addresses(self) -> dict[str, str]:
        return {service: f"http://127.0.0.1:{self._ports[f'{service} app']}" for service in SERVICES}

    def address(self, service: str) -> str:
        return self.addresses[service]

    # --- from its beginning to its end ---

    def __enter__(self) -> Self:
        try:
            self.cluster.start()
            self.server.start()
            self._set_up()
            for name in PARTS:
                self.start(name)
            self.wait_until_ready(*PARTS)
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Leave neither process nor file."""
        for process in self._processes.values():
            process.send(signal.SIGKILL)
        for process in self._processes.values():
            process.wait(5.0)
        self.cluster.remove()
        self.server.remove()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _set_up(self) -> None:
        kafka_setup.grant(self.admin(), kafka_setup.read_permissions(PERMISSIONS))
        self.create_topics()
        self._roles = read_or_make(self.directory / "addresses", self.server.url())
        asyncio.run(set_up(self.server.url(), self._roles))
        owners = {f"LINKAGES_{service.upper()}_DATABASE": self._url(service, "owner") for service in SERVICES}
        subprocess.run(
            [*LINKAGES, "migrate"],
            env=self._environment(**owners),
            capture_output=True,
            check=True,
            timeout=_MIGRATED_WITHIN,
        )
        self.sql("matcher", _COUNTER)

    def create_topics(self) -> None:
        """The topics of the deployment that are not there."""
        kafka_setup.create_topics(
            self.admin(), kafka_setup.read_topics(TOPICS, replication=min(3, self.cluster.plan.brokers))
        )

    def admin(self) -> AdminClient:
        """Somebody who may do everything to the brokers."""
        return AdminClient({"bootstrap.servers": self.cluster.admin_servers, "log_level": 0})

    def _url(self, service: str, kind: str) -> str:
        return self._roles[role(service, kind)].render_as_string(hide_password=False)

    def _environment(self, **told: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LINKAGES_")}
        return {
            **kept,
            "LINKAGES_DATA_DIR": str(self.directory / "data"),
            "LINKAGES_TOKEN_SECRET": self.secret,
            "LINKAGES_ISSUER": self.issuer,
            "LINKAGES_COUNTIES": json.dumps([COUNTY]),
            "LINKAGES_LOG_LEVEL": "warning",
            **told,
        }

    # --- its parts ---

    def start(self, name: str) -> None:
        """Start a part. From the main thread: so none outlives a test run that is killed."""
        service, kind = name.split()[:2]
        port, user = str(self._ports[name]), f"linkages-{service}"
        words = (
            ("serve", service, "--port", port) if kind == "app" else ("work", service, "--metrics-port", port)
        )
        environment = self._environment(
            LINKAGES_BUS="kafka",
            LINKAGES_KAFKA_SERVERS=self.cluster.servers,
            LINKAGES_KAFKA_SECURITY="SASL_PLAINTEXT",
            LINKAGES_KAFKA_USER=user,
            LINKAGES_KAFKA_PASSWORD=self.cluster.plan.users[user],
            **{f"LINKAGES_{service.upper()}_DATABASE": self._url(service, kind)},
        )
        self._ended.pop(name, None)
        self._processes[name].start([*self._programs[name], *words], env=environment)

    def kill(self, name: str) -> None:
        """End a part as a power cut would."""
        self._processes[name].send(signal.SIGKILL)
        self._processes[name].wait(5.0)

    def stop(self, name: str) -> float:
        """Ask a part to end; the seconds that it took. AssertionError: it had to be killed."""
        started = time.monotonic()
        self._processes[name].send(signal.SIGTERM)
        assert self._processes[name].wait(_STOP_WITHIN), f"{name} did not end within {_STOP_WITHIN:.0f} s"
        return time.monotonic() - started

    def freeze(self, name: str) -> None:
        """A part stands still, with all that it holds."""
        self._frozen.add(name)
        self._processes[name].send(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """It goes on, and does not know that time has passed."""
        self._frozen.discard(name)
        self._processes[name].send(signal.SIGCONT)

    @contextmanager
    def running(self, program: Sequence[str], *names: str) -> Iterator[None]:
        """These parts run another program within this block."""
        for name in names:
            self._programs[name] = program
        self._again(names)
        try:
            yield
        finally:
            for name in names:
                self._programs[name] = LINKAGES
            self._again(names)

    def _again(self, names: Sequence[str]) -> None:
        for name in names:
            self.kill(name)
            self.start(name)
        self.wait_until_ready(*names)

    def supervise(self, seconds: float) -> None:
        """Let time pass; what has ended is started again a second after it is seen to have."""
        until = time.monotonic() + seconds
        while (now := time.monotonic()) < until:
            for name in PARTS:
                if self._processes[name].pid is not None:
                    continue
                if now >= self._ended.setdefault(name, now) + _PAUSE:
                    self.start(name)
            time.sleep(_LOOK_EVERY)

    def wait_until_ready(self, *names: str) -> None:
        """Wait until these parts say that they are ready; what ends meanwhile is started again."""
        with httpx.Client(timeout=3.0, trust_env=False) as client:
            for name in names:

                def ready(name: str = name) -> bool:
                    try:
                        return client.get(f"http://127.0.0.1:{self._ports[name]}/readyz").is_success
                    except httpx.TransportError:
                        self.supervise(0.1)
                        return False

                assert eventually(ready, _READY_WITHIN, every=0.2), f"{name}: {self._processes[name].tail()}"

    def said(self, name: str) -> str:
        """All that a part wrote."""
        return self._processes[name].log.read_text(errors="replace")

    # --- what can be known of it from outside ---

    def metric(self, name: str, sample: str, **labels: str) -> float:
        """The value of a worker's metric, 0 while it has none or does not answer."""
        try:
            told = httpx.get(
                f"http://127.0.0.1:{self._ports[name]}/metrics", timeout=3.0, trust_env=False
            ).text
        except httpx.TransportError:
            return 0.0
        return sum(
            one.value
            for family in text_string_to_metric_families(told)
            for one in family.samples
            if one.name == sample and labels.items() <= one.labels.items()
        )

    def sql(self, service: str, statement: str) -> list[Any]:
        """Rows of a statement of the administrator's, or statements without any."""
        return asyncio.run(self._sql(service, statement))

    async def _sql(self, service: str, statement: str) -> list[Any]:
        url = self.server.url(f"linkages_{service}").replace("+asyncpg", "")
        connection = await asyncpg.connect(url, timeout=10)
        try:
            if statement.lstrip().startswith("SELECT"):
                return list(await connection.fetch(statement))
            await connection.execute(statement)
            return []
        finally:
            await connection.close()

    def links(self) -> list[dict[str, str]]:
        """`linkages links`."""
        out = self.directory / "links.csv"
        subprocess.run(
            [*LINKAGES, "links", "--out", str(out)],
            env=self._environment(LINKAGES_MATCHER_DATABASE=self._url("matcher", "worker")),
            capture_output=True,
            check=True,
            timeout=60,
        )
        with out.open(newline="") as file:
            return list(csv.DictReader(file))
