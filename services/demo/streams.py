"""The live streams of the inboxes (server-sent events), side by side, each resumed where it broke off."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx

from services.demo.steps import LIAISON, Inbox

_READ_TIMEOUT = 90.0  # seconds of silence after which a stream is opened again
_FIRST_WAIT, _LONGEST_WAIT = 0.05, 1.0


@dataclass(frozen=True, slots=True)
class Message:
    """One server-sent event: its last id, its name, its data."""

    id: str
    event: str
    data: str


@dataclass(slots=True)
class Parser:
    """Server-sent events out of lines (WHATWG HTML, section 9.2.6), without the rules for browsers."""

    last_id: str = "0"
    _event: str = ""
    _data: list[str] = field(default_factory=list)

    def feed(self, line: str) -> Message | None:
        """Take one line without its end; the message that it completes, if it does."""
        if line == "":
            return self._complete()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self.last_id = value
        return None  # a comment (empty name), `retry`, or a field that we do not know

    def _complete(self) -> Message | None:
        data, event = self._data, self._event
        self._data, self._event = [], ""
        return Message(self.last_id, event or "message", "\n".join(data)) if data else None


@dataclass(frozen=True, slots=True)
class Arrival:
    """An alert's first appearance in an inbox, on the loop's clock in seconds."""

    inbox: Inbox
    alert: str
    at: float


class Streams:
    """One reader for each inbox, as `async with`. `matcher`: its address; `readers`: inboxes with a token each."""

    def __init__(
        self,
        matcher: str,
        readers: dict[Inbox, str],
        *,
        on_arrival: Callable[[Arrival], None] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.first: dict[tuple[Inbox, str], float] = {}
        self.last_arrival = 0.0  # on the loop's clock; 0 before the first
        self.out_of_order = 0  # messages whose id is not above the one before: told twice, or too late
        self._readers, self._on_arrival = readers, on_arrival
        self._open = {inbox: asyncio.Event() for inbox in readers}
        self._tasks: list[asyncio.Task[None]] = []
        self._client = httpx.AsyncClient(
            base_url=matcher,
            timeout=httpx.Timeout(_READ_TIMEOUT, connect=3.0),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            trust_env=False,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._read(inbox)) for inbox in self._readers]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()

    async def all_open(self, within: float) -> bool:
        """Whether every stream was answered in time (seconds)."""
        try:
            async with asyncio.timeout(within):
                for opened in self._open.values():
                    await opened.wait()
        except TimeoutError:
            return False
        return True

    async def _read(self, inbox: Inbox) -> None:
        last_id, wait = "0", _FIRST_WAIT
        while True:
            parser = Parser(last_id)  # a message that broke off is sent again whole
            try:
                headers = {"Authorization": f"Bearer {self._readers[inbox]}", "Last-Event-ID": last_id}
                params = {"inbox": "liaison" if inbox.owner == LIAISON else "own"}
                async with self._client.stream(
                    "GET", "/v1/alerts/stream", headers=headers, params=params
                ) as answer:
                    answer.raise_for_status()
                    self._open[inbox].set()
                    async for line in answer.aiter_lines():
                        if (message := parser.feed(line)) is not None:
                            self._take(inbox, message, last_id)
                            last_id, wait = message.id, _FIRST_WAIT
            except httpx.HTTPError:
                pass  # the system is being killed and started again: resume from the last id
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    def _take(self, inbox: Inbox, message: Message, last_id: str) -> None:
        alert = alert_in(message)
        if alert is None:
            return
        self.out_of_order += int(message.id) <= int(last_id)
        if (inbox, alert) in self.first:
            return
        at = asyncio.get_running_loop().time()
        self.first[inbox, alert] = self.last_arrival = at
        if self._on_arrival is not None:
            self._on_arrival(Arrival(inbox, alert, at))


def alert_in(message: Message) -> str | None:
    """The alert that a message tells of; None for anything else, such as a sign of life."""
    try:
        told = json.loads(message.data)
    except ValueError:
        return None
    alert = told.get("alert_id") if isinstance(told, dict) else None
    return alert if isinstance(alert, str) else None
