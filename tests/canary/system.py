"""The services as real processes, with their temporary files where they can be looked at, and all that was said to
them and by them over HTTP.
"""

import os
import signal
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from services.demo.child import Child
from services.demo.workers import Worker
from shared.web.auth import sign

SERVICES = ("cws", "calworks", "matcher")
_STARTED_AGAIN = 90.0  # seconds


class System(Child):
    """The whole system, which logs all that it can, and whose temporary files are in its own directory."""

    def _environment(self) -> dict[str, str]:
        self.temporary.mkdir(exist_ok=True)
        return super()._environment() | {"LINKAGES_LOG_LEVEL": "debug", "TMPDIR": str(self.temporary)}

    @property
    def temporary(self) -> Path:
        """Where temporary files go."""
        return self.directory / "temporary"

    @property
    def data(self) -> Path:
        """Where everything else goes."""
        return self.directory / "data"

    @property
    def inputs(self) -> Path:
        """Where a test lays files that it hands in: they are its own, so nobody looks at them."""
        folder = self.directory.parent / f"{self.directory.name}-handed-in"
        folder.mkdir(exist_ok=True)
        return folder

    async def strike(self) -> None:
        """A power cut for a worker: natively for two background processes, else for the one process there is."""
        if not self.native:
            await self.kill()
            await self.start()
            return
        for name in ("work-matcher", "work-cws"):
            pid = int((self.data / "native" / f"{name}.pid").read_text().split()[0])
            os.kill(pid, signal.SIGKILL)
            self.kills += 1

    def integration(self, program: str, scope: str) -> str:
        """A token of another system of the county."""
        return sign(
            self.secret,
            self.issuer,
            county=self.county,
            program=program,
            roles=["integration"],
            worker=f"{program}-integration",
            scope=scope,
            now=datetime.now(UTC),
        )


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that was answered. `side`: the program of the worker who asked, None: nobody's."""

    side: str | None
    method: str
    url: str
    status: int
    headers: bytes
    body: bytes
    malformed: bool = False


@dataclass
class Overheard(httpx.AsyncBaseTransport):
    """Carries requests, and keeps what was asked and answered."""

    sides: dict[str, str]
    """The program of whoever has a token, by `Authorization`."""
    exchanges: list[Exchange] = field(default_factory=list)
    reading_as: str | None = None
    """The program of whoever reads pages now: a cookie names nobody."""
    malformed: bool = False
    """Whether what is sent now is meant to be refused."""

    def __post_init__(self) -> None:
        self._carrier = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=64))

    @classmethod
    def of(cls, workers: tuple[Worker, ...], tokens: dict[str, str]) -> "Overheard":
        """For a county's staff."""
        return cls({f"Bearer {tokens[worker.ref]}": worker.side for worker in workers})

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._carrier.handle_async_request(request)
        body = await response.aread()
        self.exchanges.append(
            Exchange(
                side=self.sides.get(request.headers.get("authorization", ""), self.reading_as),
                method=request.method,
                url=str(request.url),
                status=response.status_code,
                headers=b"\n".join(name + b": " + value for name, value in response.headers.raw),
                body=body,
                malformed=self.malformed,
            )
        )
        return response

    async def aclose(self) -> None:
        await self._carrier.aclose()
