"""The real services of a test run: one of each for all tests, and gone with the run, however it ends."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from confluent_kafka import KafkaException

from services.native import kafka as native_kafka
from services.native import postgres as native_postgres
from services.native.processes import eventually
from tests.integration.seen import all_commands, ask, brokers, make_topic, topics

ROOT = Path(__file__).parents[2]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the database's user may enter."""
    with tempfile.TemporaryDirectory(prefix="linkages-open-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def server(open_folder: Path) -> Iterator[native_postgres.Server]:
    """A server of this test's own."""
    server = native_postgres.Server(open_folder / "postgres", native_postgres.Plan())
    try:
        yield server.start()
    finally:
        server.remove()


def test_the_two_servers_are_the_oldest_that_a_county_may_have_and_a_newer_one(
    postgres: str, postgres_15: str
) -> None:
    newest, oldest = (int(str(ask(url, "SHOW server_version_num"))) for url in (postgres, postgres_15))
    assert oldest // 10_000 == 15
    assert newest // 10_000 > 15


def test_a_fresh_database_is_migrated_and_nobody_elses(fresh_database: Callable[[str], str]) -> None:
    one, other = fresh_database("cws"), fresh_database("cws")
    ask(one, "INSERT INTO alembic_version VALUES ('planted')")
    assert ask(one, "SELECT count(*) FROM alembic_version") == 2
    assert ask(other, "SELECT count(*) FROM alembic_version") == 1


def test_a_fresh_broker_has_no_topic_of_an_earlier_test(fresh_kafka: str) -> None:
    assert not [name for name in topics(fresh_kafka) if name.startswith("linkages.")]
    make_topic(fresh_kafka, "linkages.left-behind.v1")


def test_a_fresh_broker_has_no_topic_of_the_test_before(fresh_kafka: str) -> None:
    assert "linkages.left-behind.v1" not in topics(fresh_kafka)
    make_topic(fresh_kafka, "linkages.left-behind.v1")
    assert "linkages.left-behind.v1" in topics(fresh_kafka)


def test_a_server_comes_back_after_a_crash_with_what_was_committed(server: native_postgres.Server) -> None:
    ask(server.url(), "CREATE TABLE kept (n int)")
    server.crash()
    with pytest.raises(OSError, match="Connect"):
        ask(server.url(), "SELECT 1")
    server.start()
    assert ask(server.url(), "SELECT count(*) FROM kept") == 0


def test_a_paused_server_answers_nobody_until_it_goes_on(server: native_postgres.Server) -> None:
    server.pause()
    with pytest.raises(TimeoutError):
        ask(server.url(), "SELECT 1", timeout=1.0)
    server.resume()
    assert ask(server.url(), "SELECT 1") == 1


def test_a_server_asks_everybody_for_a_password(server: native_postgres.Server) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        ask(server.url(password="a wrong one"), "SELECT 1")


def test_another_process_may_take_hold_of_a_server_by_its_folder(server: native_postgres.Server) -> None:
    same = native_postgres.Server(server.folder)
    same.restart()
    assert ask(server.url(), "SELECT 1") == 1
    server.stop()
    assert not same.runs


def test_a_removed_server_leaves_neither_process_nor_file(server: native_postgres.Server) -> None:
    server.remove()
    assert not server.folder.exists()
    assert str(server.folder) not in all_commands()


@pytest.mark.alone
def test_a_killed_broker_is_replaced_and_comes_back(kafka_cluster: native_kafka.Cluster) -> None:
    make_topic(kafka_cluster.servers, "linkages.lives-on.v1", copies=3)
    kafka_cluster.kill(1)
    assert eventually(lambda: brokers(kafka_cluster.address(2)) == {2, 3}, 30.0, every=0.2)
    assert "linkages.lives-on.v1" in topics(kafka_cluster.address(3))
    kafka_cluster.restart(1)
    assert brokers(kafka_cluster.address(1)) == {1, 2, 3}


@pytest.mark.alone
def test_a_paused_broker_answers_again_when_it_goes_on(kafka_cluster: native_kafka.Cluster) -> None:
    kafka_cluster.pause(3)
    assert eventually(lambda: brokers(kafka_cluster.address(1)) == {1, 2}, 30.0, every=0.2)
    kafka_cluster.resume(3)
    assert eventually(lambda: brokers(kafka_cluster.address(1)) == {1, 2, 3}, 30.0, every=0.2)


def test_a_broker_with_users_lets_in_only_those_and_keeps_its_topics_over_a_restart(tmp_path: Path) -> None:
    plan = native_kafka.Plan(users={"somebody": "a made-up word"}, authorizer=True, session_timeout=2.0)
    cluster = native_kafka.Cluster(tmp_path / "kafka", plan)
    user = {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "somebody",
    }
    try:
        cluster.start()
        make_topic(cluster.admin_servers, "linkages.kept.v1")
        right = user | {"sasl.password": "a made-up word"}
        assert (
            topics(cluster.servers, **right) == set()
        )  # let in, and shown nothing that no access list names
        with pytest.raises(KafkaException):
            topics(cluster.servers, **user | {"sasl.password": "another"})
        cluster.stop()
        cluster.start()
        assert "linkages.kept.v1" in topics(cluster.admin_servers)
    finally:
        cluster.remove()
    assert str(cluster.folder) not in all_commands()


PROBE = """
import time
from collections.abc import Callable
from pathlib import Path

def test_it(fresh_database: Callable[[str], str], kafka: str) -> None:
    Path("here").write_text(fresh_database("cws"))
    time.sleep(120)
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_run_that_is_killed_leaves_nothing_behind(open_folder: Path, workers: str) -> None:
    (open_folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (open_folder / "test_probe.py").write_text(PROBE)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINKAGES_")}
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-n", workers, "-p", "no:cacheprovider", str(open_folder)],
        cwd=open_folder,
        env=environment | {"TMPDIR": str(open_folder)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert eventually((open_folder / "here").exists, 240.0, every=0.1)
        folder = open_folder / f"linkages-test-{run.pid}"
        assert str(folder) in all_commands()
    finally:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    assert eventually(lambda: str(folder) not in all_commands(), 30.0, every=0.2)
    assert not folder.exists()


def test_a_service_that_cannot_be_had_fails_the_test_with_one_sentence(open_folder: Path) -> None:
    (open_folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (open_folder / "test_probe.py").write_text("def test_it(kafka: str) -> None: ...\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINKAGES_")}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", str(open_folder)],
        cwd=open_folder,
        env=environment | {"TMPDIR": str(open_folder), "JAVA_HOME": "", "PATH": str(open_folder)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ran.returncode != 0
    assert "Java 17 is missing: install it" in ran.stdout
    assert "Traceback" not in ran.stdout
    assert not list(open_folder.glob("linkages-test-*"))
