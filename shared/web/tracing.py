"""One request's trace: `traceparent` is taken from the caller or begun here, passed on in events, and written in logs.

A plain ASGI middleware, because the one built on tasks loses connections when a client goes away.
"""

import time
from contextvars import ContextVar

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.metrics import REQUESTS
from shared.trace import begin, trace_id_of

_current: ContextVar[str | None] = ContextVar("traceparent", default=None)
MAX_BODY = 1_000_000  # bytes of a single request; rosters go through imports
MAX_FILE = 1_000_000_000  # bytes of a file that is read as it comes

log = structlog.get_logger()


def traceparent() -> str | None:
    """The trace context of the request being served (W3C Trace Context)."""
    return _current.get()


def trace_id() -> str | None:
    """The trace id of the request being served."""
    return trace_id_of(_current.get())


class Tracing:
    """Sets the trace, forbids caching, refuses oversized bodies, and writes one log line a request.

    The body of a POST to one of `files` is a file: the route reads it as it comes and keeps none of it in memory.
    """

    def __init__(self, app: ASGIApp, files: frozenset[str] = frozenset()) -> None:
        self._app = app
        self._files = files

    def _longest(self, scope: Scope) -> int:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        return MAX_FILE if scope["method"] == "POST" and path in self._files else MAX_BODY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {
            name: value for name, value in scope["headers"] if name in (b"traceparent", b"content-length")
        }
        parent = begin(headers.get(b"traceparent", b"").decode("latin-1"))
        token = _current.set(parent)
        started, status, taken = time.perf_counter(), 500, 0
        longest = self._longest(scope)

        async def take() -> Message:
            """The body may come without its length: what is too long is not read to its end."""
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > longest:
                raise HTTPException(413)
            return message

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = list(message.get("headers", []))
                given.append((b"traceparent", parent.encode()))
                if not any(name == b"cache-control" for name, _ in given):
                    given.append((b"cache-control", b"no-store"))
                message = {**message, "headers": given}
            await send(message)

        try:
            length = headers.get(b"content-length", b"0")
            if not length.isdigit() or int(length) > longest:
                await _too_large(answer)
            else:
                await self._app(scope, take, answer)
        finally:
            route, took = getattr(scope.get("route"), "path", None), time.perf_counter() - started
            REQUESTS.labels(scope["method"] if route else "other", route or "unknown", str(status)).observe(
                took
            )
            log.info(
                "request",
                method=scope["method"],
                route=route,
                status=status,
                ms=round(took * 1000, 1),
                trace_id=trace_id_of(parent),
            )
            _current.reset(token)


async def _too_large(send: Send) -> None:
    body = (
        b'{"type":"https://linkages.example/problems/too-large","title":"The body is too large","status":413}'
    )
    kind = (b"content-type", b"application/problem+json")
    await send({"type": "http.response.start", "status": 413, "headers": [kind]})
    await send({"type": "http.response.body", "body": body})
