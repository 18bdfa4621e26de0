"""Calls to the system under test: each POST with a key of its own, said again until it is answered."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

PATIENCE = 180.0  # seconds for which an unanswered call is said again
_TIMEOUT = httpx.Timeout(10.0, connect=3.0)
_FIRST_WAIT, _LONGEST_WAIT = 0.05, 1.0  # seconds between attempts
_UNAVAILABLE, _NOT_FOUND = 503, 404
_LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=64, keepalive_expiry=60)


class CallRefused(Exception):
    """An answer that is no success. It shows status and problem, never the body that was sent."""

    def __init__(self, address: str, status: int, problem: str) -> None:
        super().__init__(f"{address} answered {status}: {problem}")
        self.status = status


class Unanswered(Exception):
    """Nothing answered within the client's patience."""


class Client:
    """One keep-alive client for each service. `addresses`: by service; `tokens`: a token by worker reference."""

    def __init__(
        self,
        addresses: Mapping[str, str],
        tokens: Mapping[str, str],
        *,
        patience: float = PATIENCE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._headers = {worker: {"Authorization": f"Bearer {token}"} for worker, token in tokens.items()}
        self._patience, self._sleep = patience, sleep
        self._clients = {
            service: httpx.AsyncClient(
                base_url=address,
                timeout=_TIMEOUT,
                limits=_LIMITS,
                trust_env=False,
                transport=transport,
            )
            for service, address in addresses.items()
        }

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients.values():
            await client.aclose()

    async def post(
        self, service: str, path: str, worker: str, body: Mapping[str, Any], *, settles: bool = False
    ) -> dict[str, Any]:
        """The answer to a POST, repeated with the same key and the same bytes until there is one.

        `settles`: a 404 is repeated too. CallRefused: any other answer than success. Unanswered: none.
        """
        headers = {
            **self._headers[worker],
            "Idempotency-Key": str(uuid.uuid4()),
            "Content-Type": "application/json",
        }
        again = (_UNAVAILABLE, _NOT_FOUND) if settles else (_UNAVAILABLE,)
        content = json.dumps(body).encode()
        return await self._until_answered(service, "POST", path, headers, again, content=content)

    async def get(
        self, service: str, path: str, worker: str, params: Mapping[str, str | int] | None = None
    ) -> dict[str, Any]:
        """The answer to a GET. Errors as for `post`."""
        return await self._until_answered(
            service, "GET", path, self._headers[worker], (_UNAVAILABLE,), params=params
        )

    async def _until_answered(
        self,
        service: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        again: tuple[int, ...],
        *,
        content: bytes | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> dict[str, Any]:
        client, clock = self._clients[service], asyncio.get_running_loop().time
        until, wait, last = clock() + self._patience, _FIRST_WAIT, ""
        while True:
            try:
                response = await client.request(method, path, headers=headers, content=content, params=params)
            except httpx.TransportError as error:
                last = type(error).__name__
            else:
                if response.is_success:
                    told: dict[str, Any] = response.json()
                    return told
                if response.status_code not in again:
                    raise CallRefused(_address(service, path), response.status_code, _problem(response))
                last = str(response.status_code)
            if clock() + wait > until:
                raise Unanswered(f"{_address(service, path)}: {last} for {self._patience:.0f} s")
            await self._sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)


def _address(service: str, path: str) -> str:
    """The address without the references in it."""
    parts = ["{id}" if "_" in part else part for part in path.split("/")]
    return f"/{service}{'/'.join(parts)}"


def _problem(response: httpx.Response) -> str:
    """What a problem+json says, on one line."""
    try:
        told = response.json()
    except ValueError:
        return "no problem+json"
    said = [str(told.get("title", ""))] if isinstance(told, dict) else []
    if isinstance(told, dict):
        said += [
            f"{e.get('pointer', '')} {e.get('message', '')}"
            for e in told.get("errors", [])
            if isinstance(e, dict)
        ]
    return "; ".join(part for part in said if part) or "no title"
