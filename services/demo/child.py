"""The system under test as a child process: started, killed, started again, and gone with all its files."""

import asyncio
import contextlib
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from services.native.processes import free_ports_in_a_row

_READY_WITHIN = 90.0  # seconds from start to ready
_NATIVE_READY_WITHIN = 300.0  # the first start on a machine fetches the broker
_STOP_WITHIN = 10.0  # seconds from SIGTERM to SIGKILL
_NATIVE_STOP_WITHIN = 45.0  # eight processes in order
_ASK_EVERY, _LOOK_EVERY = 0.05, 0.2
_TAIL = 4_000  # characters of the log that are shown when it dies
LINKAGES = (sys.executable, "-m", "services.cli")
_SERVICES = ("cws", "calworks", "matcher")


class ChildDied(Exception):
    """The system ended by itself, or never became ready; the message ends with the last of its log."""


class Child:
    """The whole system in one process of its own, on one port, with a directory of its own.

    `native`: on Apache Kafka and PostgreSQL, in eight processes below that one, on that port and the next two.
    """

    def __init__(
        self,
        *,
        port: int | None = None,
        county: str = "43",
        program: Sequence[str] = LINKAGES,
        native: bool = False,
    ) -> None:
        """`port` None: a free one. `program`: the words that `up` and the other commands follow."""
        self._program, self.native = tuple(program), native
        self.port = port or free_ports_in_a_row(len(_SERVICES) if native else 1)
        self.secret = secrets.token_urlsafe(48)
        self.issuer = "linkages"
        self.county = county
        self.kills = 0
        self._dir: Path | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._expected_to_end = False

    @property
    def base_url(self) -> str:
        """Where its three apps are, each below its name; `native` has no such place."""
        return f"http://127.0.0.1:{self.port}"

    def address(self, service: str) -> str:
        """Where one of its apps is."""
        if self.native:
            return f"http://127.0.0.1:{self.port + _SERVICES.index(service)}"
        return f"{self.base_url}/{service}"

    @property
    def addresses(self) -> dict[str, str]:
        """Where its apps are, by service."""
        return {service: self.address(service) for service in _SERVICES}

    @property
    def pid(self) -> int | None:
        """Its process id, or None before it is started."""
        return None if self._process is None else self._process.pid

    async def __aenter__(self) -> Self:
        self._dir = Path(tempfile.mkdtemp(prefix="linkages-demo-"))
        if self.native:
            self._dir.chmod(0o711)  # started by root, the database server runs as another user
        try:
            await self.start()
        except BaseException:
            self.clear()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.stop()
        finally:
            self.clear()

    async def start(self) -> None:
        """Start it and wait until its three apps are ready. ChildDied: it ended, or took too long."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._program,
                "up",
                "--port",
                str(self.port),
                *(["--native"] if self.native else []),
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches the parent alone, which then stops the group
            )
        self._expected_to_end = False
        await self._ready()

    async def kill(self) -> None:
        """End it as a power cut would (SIGKILL, no farewell)."""
        self._expected_to_end = True
        self.kills += 1
        self._signal(signal.SIGKILL)
        if self._process is not None:
            await self._process.wait()

    async def stop(self) -> None:
        """Ask it to end, and make it end if it does not in time."""
        self._expected_to_end = True
        if self._process is None or self._process.returncode is not None:
            return
        self._signal(signal.SIGTERM)
        try:
            within = _NATIVE_STOP_WITHIN if self.native else _STOP_WITHIN
            await asyncio.wait_for(self._process.wait(), within)
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self._process.wait()

    def clear(self) -> None:
        """Leave nothing, neither process nor file. Needs no event loop, so it works at any moment."""
        self._expected_to_end = True
        self._signal(signal.SIGKILL)
        if self._dir is not None:
            shutil.rmtree(self._dir, ignore_errors=True)
            self._dir = None

    async def died(self) -> None:
        """Wait until it ends by itself, and raise ChildDied then; never returns."""
        while True:
            process = self._process
            if process is not None and process.returncode is not None and not self._expected_to_end:
                raise ChildDied(f"the system ended with status {process.returncode}\n{self.tail()}")
            await asyncio.sleep(_LOOK_EVERY)

    async def command(self, *arguments: str) -> str:
        """The standard output of `linkages` with these arguments, on the child's own directory.

        ChildDied: it failed.
        """
        process = await asyncio.create_subprocess_exec(
            *self._program,
            *arguments,
            env=self._environment() | self._of_the_stack(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await process.communicate()
        if process.returncode != 0:
            said = err.decode(errors="replace")[-_TAIL:]
            raise ChildDied(f"linkages {' '.join(arguments[:2])} ended with {process.returncode}\n{said}")
        return out.decode()

    @property
    def directory(self) -> Path:
        """Where its files are while it lives."""
        if self._dir is None:
            raise RuntimeError("the child has no directory before it is entered or after it is left")
        return self._dir

    def tail(self) -> str:
        """The last of its log."""
        if self._dir is None or not self._log.exists():
            return ""
        return self._log.read_text(errors="replace")[-_TAIL:]

    @property
    def _log(self) -> Path:
        return self.directory / "system.log"

    def _environment(self) -> dict[str, str]:
        """Ours without any setting of Linkages: a demo never opens anybody's database."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LINKAGES_")}
        return kept | {
            "LINKAGES_DATA_DIR": str(self.directory / "data"),
            "LINKAGES_TOKEN_SECRET": self.secret,
            "LINKAGES_ISSUER": self.issuer,
            "LINKAGES_COUNTIES": f'["{self.county}"]',
            "LINKAGES_LOG_LEVEL": "warning",
        }

    def _of_the_stack(self) -> dict[str, str]:
        """Where a native system's databases are, as it tells other commands."""
        file = self.directory / "data" / "native" / "environment"
        if not self.native:
            return {}
        pairs = (line.partition("=") for line in file.read_text().splitlines())
        return {name: shlex.split(value)[0] for name, _, value in pairs}

    def _signal(self, number: signal.Signals) -> None:
        """To the whole group; nothing if it is gone."""
        if self._process is None or self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    async def _ready(self) -> None:
        within = _NATIVE_READY_WITHIN if self.native else _READY_WITHIN
        async with httpx.AsyncClient(timeout=2.0, trust_env=False) as client:
            try:
                async with asyncio.timeout(within):
                    for service in _SERVICES:
                        while not await self._answers(client, service):  # noqa: ASYNC110
                            await asyncio.sleep(_ASK_EVERY)
            except TimeoutError:
                raise ChildDied(f"not ready within {within:.0f} s\n{self.tail()}") from None

    async def _answers(self, client: httpx.AsyncClient, service: str) -> bool:
        if self._process is not None and self._process.returncode is not None:
            raise ChildDied(f"the system ended with status {self._process.returncode}\n{self.tail()}")
        try:
            return (await client.get(f"{self.address(service)}/readyz")).is_success
        except httpx.TransportError:
            return False
