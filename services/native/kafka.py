"""Apache Kafka in KRaft mode as ordinary processes: brought by Maven, formatted, started, killed, paused, stopped.

Every broker is a controller too. Nodes talk to each other and to administrators on a plain listener of the loopback
address; clients use a listener of their own, where users can be asked for.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from services.native.installing import SHARE, java, maven, one_at_a_time, say
from services.native.processes import Process, eventually, free_ports, is_free
from shared.errors import Unavailable

POM = Path(__file__).parents[2] / "deploy" / "kafka" / "pom.xml"
_LIBRARIES = SHARE / "kafka"
_FETCH_WITHIN, _FORMAT_WITHIN, _READY_WITHIN, _STOP_WITHIN = 600.0, 60.0, 60.0, 5.0  # seconds
_LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %m (%c)%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
"""


def libraries() -> Path:
    """The folder with the broker's jars, fetched if this environment has them not, or has those of another pom.

    Unavailable: Maven is missing, or could not fetch them.
    """
    if not POM.exists():
        raise Unavailable(f"{POM} is missing: Apache Kafka is brought from a checkout of this project")
    with one_at_a_time(_LIBRARIES.with_suffix(".lock")):
        fetched = _LIBRARIES / POM.name
        if not fetched.exists() or fetched.read_bytes() != POM.read_bytes():
            _fetch()
    return _LIBRARIES


def _fetch() -> None:
    say("Apache Kafka, by Maven")
    made = Path(tempfile.mkdtemp(prefix="kafka-", dir=_LIBRARIES.parent))
    try:
        # A directory that is no project of ours: Maven writes nothing beside the pom.
        shutil.copy(POM, made / POM.name)
        ran = subprocess.run(  # noqa: S603 - found by us
            [
                maven(),
                "-q",
                "-B",
                "-f",
                made / POM.name,
                "dependency:copy-dependencies",
                f"-DoutputDirectory={made}",
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_FETCH_WITHIN,
            check=False,
        )
        if ran.returncode != 0:
            raise Unavailable(
                f"Maven could not fetch Apache Kafka: {(ran.stdout + ran.stderr).strip()[-600:]}"
            )
        if _LIBRARIES.exists():
            shutil.rmtree(_LIBRARIES)
        made.chmod(0o755)
        made.rename(_LIBRARIES)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"Maven did not fetch Apache Kafka within {_FETCH_WITHIN:.0f} s") from None
    finally:
        shutil.rmtree(made, ignore_errors=True)


@dataclass(frozen=True)
class Plan:
    """What a cluster is to be; kept in its folder."""

    brokers: int = 1
    users: Mapping[str, str] = field(default_factory=dict)
    """Names and passwords for SCRAM-SHA-512; none: clients are not asked."""
    authorizer: bool = False
    """Whether access lists count; the plain listener and `super_users` may do everything."""
    super_users: tuple[str, ...] = ()
    heap: str = "512m"
    session_timeout: float = 9.0
    """Seconds without a heartbeat after which a broker counts as gone."""


@dataclass(frozen=True)
class _Ports:
    client: int
    plain: int
    controller: int


class Cluster:
    """Brokers whose plan, ports and process ids stand in a folder, so another process may take hold of them too."""

    def __init__(self, folder: Path, plan: Plan | None = None) -> None:
        """`plan` None: the one that the folder has."""
        self.folder = folder.absolute()
        if plan is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._plan_file.touch(mode=0o600)
            self._plan_file.write_text(json.dumps(asdict(plan)))
        told = json.loads(self._plan_file.read_text())
        self.plan = Plan(**{**told, "super_users": tuple(told["super_users"])})
        self._nodes = [Process(self.folder, f"broker-{number}") for number in self.numbers]

    @property
    def runs(self) -> bool:
        """Whether every broker's process is there."""
        return all(node.pid is not None for node in self._nodes)

    @property
    def numbers(self) -> range:
        """The numbers of the brokers, from 1."""
        return range(1, self.plan.brokers + 1)

    @property
    def servers(self) -> str:
        """Where clients begin: host:port,host:port."""
        return ",".join(self.address(number) for number in self.numbers)

    @property
    def admin_servers(self) -> str:
        """The plain listeners: whoever comes there may do everything and is not asked."""
        return ",".join(f"127.0.0.1:{ports.plain}" for ports in self._ports())

    def address(self, number: int) -> str:
        """Where clients reach one broker."""
        return f"127.0.0.1:{self._ports()[number - 1].client}"

    def start(self) -> Self:
        """Start every broker that does not run, and wait until all are there.

        Unavailable: Java or the jars cannot be had, or a broker ended or took too long; the message shows its log.
        """
        self._choose_ports()
        jars, program = libraries(), java()
        self._format(jars, program)
        for number in self.numbers:
            self._start(number, jars, program)
        self.wait_until_ready()
        return self

    def restart(self, number: int, *, wait: bool = True) -> None:
        """Start a broker that was stopped or killed."""
        self._start(number, libraries(), java())
        if wait:
            self.wait_until_ready()

    def kill(self, number: int) -> None:
        """End a broker as a power cut would, but for what the system has yet to write."""
        self._nodes[number - 1].send(signal.SIGKILL)
        self._nodes[number - 1].wait(5.0)

    def stop_broker(self, number: int) -> None:
        """Ask one broker to hand over what it leads, and to end."""
        self._nodes[number - 1].stop()

    def pause(self, number: int) -> None:
        """A broker stands still: its connections stay open, and nothing comes."""
        self._nodes[number - 1].send(signal.SIGSTOP)

    def resume(self, number: int) -> None:
        """A broker goes on."""
        self._nodes[number - 1].send(signal.SIGCONT)

    def wait_until_ready(self, timeout: float = _READY_WITHIN) -> None:
        """Wait until the cluster says that every broker whose process runs takes part.

        Unavailable: a broker ended, or it took too long.
        """
        running = [number for number in self.numbers if self._nodes[number - 1].pid is not None]

        def ready() -> bool:
            return all(set(running) <= self._seen_by(number) for number in running)

        if not eventually(ready, timeout, every=0.1):
            raise self._failed(running[0], f"was not ready within {timeout:.0f} s")

    def _seen_by(self, number: int) -> set[int]:
        """The brokers that a broker itself names; none while it does not answer. Unavailable: it has ended."""
        if self._nodes[number - 1].pid is None:
            raise self._failed(number, "ended")
        # A client that knows nobody else yet: only this broker can have answered.
        asking = AdminClient(
            {"bootstrap.servers": f"127.0.0.1:{self._ports()[number - 1].plain}", "log_level": 0}
        )
        try:
            return set(asking.list_topics(timeout=2.0).brokers)
        except KafkaException:
            return set()

    def stop(self) -> None:
        """Stop every broker; the data stay. The last ones have nobody to hand over to, and are not waited for long."""
        for node in self._nodes:
            node.send(signal.SIGCONT)
            node.send(signal.SIGTERM)
        for node in self._nodes:
            node.stop(within=_STOP_WITHIN)

    def remove(self) -> None:
        """Leave neither process nor file, at once."""
        for node in self._nodes:
            node.send(signal.SIGKILL)
        for node in self._nodes:
            node.wait(5.0)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _plan_file(self) -> Path:
        return self.folder / "plan.json"

    @property
    def _ports_file(self) -> Path:
        return self.folder / "ports.json"

    def _ports(self) -> list[_Ports]:
        return [_Ports(**ports) for ports in json.loads(self._ports_file.read_text())]

    def _choose_ports(self) -> None:
        """Those of the last time, unless somebody else has one by now."""
        if self._ports_file.exists():
            if any(node.pid is not None for node in self._nodes):
                return
            if all(is_free(port) for ports in self._ports() for port in asdict(ports).values()):
                return
        chosen = iter(free_ports(3 * self.plan.brokers))
        ports = [asdict(_Ports(next(chosen), next(chosen), next(chosen))) for _ in self.numbers]
        self._ports_file.write_text(json.dumps(ports))

    def _start(self, number: int, jars: Path, program: Path) -> None:
        node = self._nodes[number - 1]
        if node.pid is not None:
            return
        config = self._configure(number)
        node.start([*self._java(jars, program, f"-Xmx{self.plan.heap}"), "kafka.Kafka", str(config)])

    def _format(self, jars: Path, program: Path) -> None:
        """Give every broker that has none its storage, with the users in it."""
        cluster = self.folder / "cluster-id"
        if not cluster.exists():
            cluster.write_text(_cluster_id())
        users = [
            f"--add-scram=SCRAM-SHA-512=[name={name},password={password}]"
            for name, password in self.plan.users.items()
        ]

        def format_one(number: int) -> None:
            if (self._data(number) / "meta.properties").exists():
                return
            command = [
                *self._java(jars, program, "-Xmx128m", "-XX:TieredStopAtLevel=1"),
                "kafka.tools.StorageTool",
            ]
            command += ["format", "-t", cluster.read_text(), "-c", str(self._configure(number)), *users]
            ran = subprocess.run(  # noqa: S603 - found by us
                command, capture_output=True, text=True, timeout=_FORMAT_WITHIN, check=False
            )
            if ran.returncode != 0:
                raise Unavailable(f"a broker's storage could not be formatted: {ran.stderr.strip()[-600:]}")

        with ThreadPoolExecutor(self.plan.brokers) as threads:
            list(threads.map(format_one, self.numbers))

    def _java(self, jars: Path, program: Path, *options: str) -> list[str]:
        logging = self.folder / "log4j2.properties"
        if not logging.exists():
            logging.write_text(_LOGGING)
        return [str(program), *options, "-cp", f"{jars}/*", f"-Dlog4j2.configurationFile={logging}"]

    def _data(self, number: int) -> Path:
        return self.folder / f"data-{number}"

    def _configure(self, number: int) -> Path:
        """Write the settings of one broker."""
        file = self.folder / f"broker-{number}.properties"
        settings = _settings(self.plan, number, self._ports(), self._data(number))
        file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        return file

    def _failed(self, number: int, what: str) -> Unavailable:
        return Unavailable(f"broker {number} of {self.folder} {what}: {self._nodes[number - 1].tail()}")


def _settings(plan: Plan, number: int, ports: list[_Ports], data: Path) -> dict[str, Any]:
    own = ports[number - 1]
    voters = (f"{n}@127.0.0.1:{p.controller}" for n, p in enumerate(ports, 1))
    copies = min(3, plan.brokers)
    settings: dict[str, Any] = {
        "process.roles": "broker,controller",
        "node.id": number,
        "controller.quorum.voters": ",".join(voters),
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAIN",
        "listeners": f"CLIENT://127.0.0.1:{own.client},PLAIN://127.0.0.1:{own.plain}"
        f",CONTROLLER://127.0.0.1:{own.controller}",
        "advertised.listeners": f"CLIENT://127.0.0.1:{own.client},PLAIN://127.0.0.1:{own.plain}",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAIN:PLAINTEXT,"
        f"CLIENT:{'SASL_PLAINTEXT' if plan.users else 'PLAINTEXT'}",
        "log.dirs": data,
        "auto.create.topics.enable": "false",
        "min.insync.replicas": max(1, copies - 1),
        "default.replication.factor": copies,
        "offsets.topic.replication.factor": copies,
        "offsets.topic.num.partitions": 4,  # nothing but what lag tools see is kept there
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": max(1, copies - 1),
        "transaction.state.log.num.partitions": 4,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": max(1, copies - 1),
        "share.coordinator.state.topic.num.partitions": 4,
        "group.initial.rebalance.delay.ms": 0,
        "broker.session.timeout.ms": round(plan.session_timeout * 1000),
        "broker.heartbeat.interval.ms": round(plan.session_timeout * 1000 / 5),
        "controlled.shutdown.max.retries": 1,
        # Small: a county's work on the machine of somebody who tries it out.
        "num.network.threads": 2,
        "num.io.threads": 4,
        "log.cleaner.dedupe.buffer.size": 4_000_000,
        "log.index.size.max.bytes": 1_000_000,
        "log.segment.delete.delay.ms": 1_000,
    }
    if plan.users:
        settings["sasl.enabled.mechanisms"] = "SCRAM-SHA-512"
        settings["listener.name.client.scram-sha-512.sasl.jaas.config"] = (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        )
    if plan.authorizer:
        settings["authorizer.class.name"] = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
        settings["super.users"] = ";".join(f"User:{name}" for name in ("ANONYMOUS", *plan.super_users))
    return settings


def _cluster_id() -> str:
    """A random id as Kafka writes one: 16 bytes in the alphabet of URLs, which begin with no dash."""
    import base64  # noqa: PLC0415

    while (made := base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")).startswith("-"):
        pass
    return made
