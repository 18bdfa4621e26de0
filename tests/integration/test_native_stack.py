"""`linkages up --native` and the demo on it: the whole county stack as ordinary processes, and nothing left of it."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from services.native.postgres import Server
from services.native.processes import Process, eventually, free_ports_in_a_row
from shared.web.session import one_time_link
from tests.integration.seen import all_commands, ask

pytestmark = pytest.mark.alone
SECRET = "for the test of the native stack alone, nowhere else"
SERVICES = ("cws", "calworks", "matcher")
PATIENCE = 240.0  # seconds


@dataclass
class Running:
    """A started stack, and what it says."""

    process: "subprocess.Popen[bytes]"
    said_in: Path
    port: int

    @property
    def said(self) -> str:
        return self.said_in.read_text()

    def says(self, words: str) -> bool:
        assert self.process.poll() is None, self.said
        return words in self.said

    def status(self, service: str, path: str = "/readyz") -> int:
        address = f"http://127.0.0.1:{self.port + SERVICES.index(service)}"
        return httpx.get(f"{address}{path}", trust_env=False, timeout=10).status_code

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the database's user may enter; nothing may run in it at the end."""
    with tempfile.TemporaryDirectory(prefix="linkages-stack-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        assert folder not in all_commands()


@contextmanager
def started(place: Path) -> Iterator[Running]:
    settings = {name: value for name, value in os.environ.items() if not name.startswith("LINKAGES_")}
    settings |= {"LINKAGES_DATA_DIR": str(place / "data"), "LINKAGES_TOKEN_SECRET": SECRET}
    port = free_ports_in_a_row(3)
    with (place / "said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.cli", "up", "--native", "--port", str(port)],
            env=settings,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
    running = Running(process, place / "said", port)
    try:
        assert eventually(lambda: running.says("all ready"), PATIENCE, every=0.2), running.said
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def test_one_command_runs_the_whole_stack_and_neither_ctrl_c_nor_kill_leaves_anything_running(
    place: Path,
) -> None:
    with started(place) as running:
        lines = re.findall(
            r"^linkages: (\S.*?) {2,}(?:http://)?127\.0\.0\.1:\d+$", running.said, re.MULTILINE
        )
        parts = [f"{service}, {part}" for part in ("HTTP app", "background") for service in SERVICES]
        assert lines == ["Apache Kafka", "PostgreSQL", *parts]
        assert [running.status(service) for service in SERVICES] == [200, 200, 200]
        assert _inbox(running) == 200

        refused = subprocess.run(
            [sys.executable, "-m", "services.cli", "up", "--native", "--port", str(free_ports_in_a_row(3))],
            env=os.environ | {"LINKAGES_DATA_DIR": str(place / "data")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert "is running already" in refused.stderr

        app = Process(place / "data" / "native", "serve-matcher")
        app.send(signal.SIGKILL)
        assert eventually(lambda: running.says("matcher, HTTP app has ended, and starts again"), 10.0)
        assert eventually(lambda: app.pid is not None, 10.0)
        assert eventually(lambda: _answers(running, "matcher"), 60.0, every=0.2)

        admin = _admin(place)
        ask(admin, "CREATE TABLE kept (n int)")
        assert running.stop() == 0
    assert running.said.endswith("linkages: stopping\nlinkages: stopped\n")
    assert str(place) not in all_commands()

    with started(place) as running:
        assert ask(_admin(place), "SELECT count(*) FROM kept") == 0
        assert [running.status(service) for service in SERVICES] == [200, 200, 200]
        running.process.kill()
        running.process.wait()
        if sys.platform == "linux":  # elsewhere the next start ends what it finds
            assert eventually(lambda: str(place) not in all_commands(), 30.0, every=0.1)


@pytest.mark.faults
def test_the_demo_on_the_native_stack_loses_nothing_when_all_of_it_is_killed_and_starts_again() -> None:
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "services.cli", "demo", "--once", "--native", "--json"),
            *("--families", "30", "--rate", "5", "--kill", "1"),
        ],
        stdout=subprocess.PIPE,
        timeout=400,
        check=False,
    )
    figures = json.loads(ran.stdout)
    assert ran.returncode == 0, figures
    assert figures["kills"] == 1
    assert figures["lost"] == figures["duplicated"] == figures["disclosed"] == 0
    assert figures["events"] == figures["events_expected"] > 200
    assert figures["alerts"]["A01"] > 5
    assert "linkages-demo-" not in all_commands()


def _answers(running: Running, service: str) -> bool:
    try:
        return running.status(service) == 200
    except httpx.TransportError:
        return False


def _inbox(running: Running) -> int:
    """The status of a worker's inbox in a browser that came by a one-time link."""
    matcher = f"http://127.0.0.1:{running.port + 2}"
    now = datetime.now(UTC)
    link = one_time_link(
        SECRET, matcher, county="43", program="cws", roles=["case_worker"], worker="w-1", now=now
    )
    with httpx.Client(trust_env=False, timeout=15, follow_redirects=True) as browser:
        browser.get(link).raise_for_status()
        page = browser.get(f"{matcher}/inbox")
        return page.status_code if page.url.path == "/inbox" else 0


def _admin(place: Path) -> str:
    """The administrator's URL of the stack's database server."""
    return Server(place / "data" / "native" / "postgres").url()
