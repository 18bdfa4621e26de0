"""The broker of docker-compose.yml, from its own files, as a process: only ports, folders and the jars are others."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from services import secret_files
from services.native.installing import java
from services.native.kafka import libraries
from services.native.processes import eventually, free_ports

FILES = Path(__file__).parents[2] / "deploy" / "kafka" / "compose"
PROGRAMS = {"kafka-storage.sh": "kafka.tools.StorageTool", "kafka-server-start.sh": "kafka.Kafka"}
READY_WITHIN = 60.0  # seconds


@dataclass(frozen=True)
class Broker:
    """A running broker: where clients and whoever is inside reach it, the secrets, and what it has said so far."""

    servers: str
    inside: str
    secrets: Path
    log: Path

    def environment(self, user: str) -> dict[str, str]:
        """The settings of a process that signs in as this user."""
        return {
            "LINKAGES_BUS": "kafka",
            "LINKAGES_KAFKA_SERVERS": self.servers,
            "LINKAGES_KAFKA_SECURITY": "SASL_PLAINTEXT",
            "LINKAGES_KAFKA_USER": user,
            "LINKAGES_KAFKA_PASSWORD": (self.secrets / f"kafka_{user}").read_text(),
        }

    @property
    def answers(self) -> bool:
        """Whether it takes part in its cluster."""
        try:
            admin = AdminClient({"bootstrap.servers": self.inside, "log_level": 0})
            return bool(admin.list_topics(timeout=2.0).brokers)
        except KafkaException:
            return False


@contextmanager
def running(folder: Path) -> Iterator[Broker]:
    """Start it as its container does, and stop it."""
    clients, controller, inside = free_ports(3)
    config = (FILES / "server.properties").read_text()
    for was, becomes in (
        ("/var/lib/kafka/data", str(folder / "data")),
        (":9092", f":{clients}"),
        (":9093", f":{controller}"),
        (":9094", f":{inside}"),
        ("//kafka:", "//127.0.0.1:"),
    ):
        assert was in config
        config = config.replace(was, becomes)
    (folder / "server.properties").write_text(config)
    programs = folder / "kafka" / "bin"
    programs.mkdir(parents=True)
    for name, main in PROGRAMS.items():
        logging = f"-Dlog4j2.configurationFile={FILES / 'log4j2.properties'}"
        (programs / name).write_text(
            f"#!/bin/sh\nexec '{java()}' -Xmx384m -cp '{libraries()}/*' {logging} {main} \"$@\"\n"
        )
        (programs / name).chmod(0o755)
    secret_files.make(folder / "secrets", ("43",), "127.0.0.1:5432")
    broker = Broker(f"127.0.0.1:{clients}", f"127.0.0.1:{inside}", folder / "secrets", folder / "log")
    with broker.log.open("wb") as log:
        process = subprocess.Popen(
            ["/bin/sh", FILES / "start.sh"],
            env={
                **os.environ,
                "KAFKA_HOME": str(folder / "kafka"),
                "KAFKA_CONFIG": str(folder / "server.properties"),
                "KAFKA_SECRETS": str(broker.secrets),
            },
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        assert eventually(lambda: broker.answers or process.poll() is not None, READY_WITHIN), "not ready"
        assert process.poll() is None, broker.log.read_text()[-2000:]
        yield broker
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
