"""`/metrics`: what this process counts, in the text format of Prometheus, with what waits looked up at each scrape."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from fastapi import APIRouter, Depends, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.errors import BadRequest, Forbidden, Invalid, Unauthenticated
from shared.metrics import OLDEST, REGISTRY, WAITING, Waiting
from shared.web.auth import allow
from shared.web.problems import problems

SCOPE = "metrics:read"

Looks = Mapping[str, Callable[[], Awaitable[Waiting]]]
Gauges = Sequence[Callable[[], Awaitable[None]]]
"""Each sets gauges to what is so now."""


def metrics_routes(waiting: Looks, gauges: Gauges = ()) -> APIRouter:
    """The address, for integrations with the scope `metrics:read`.

    It names nobody; but how much was decided after an intake tells whether somebody was found, so no worker sees it.
    """
    router = APIRouter(tags=["health"], dependencies=[Depends(allow(None, scope=SCOPE))])

    @router.get(
        "/metrics",
        summary="What the process counts",
        response_class=PlainTextResponse,
        responses=problems(BadRequest, Unauthenticated, Forbidden, Invalid),
    )
    async def metrics() -> Response:
        return await exposition(waiting, gauges)

    return router


async def exposition(waiting: Looks, gauges: Gauges = ()) -> Response:
    """What the process counts, with what waits now."""
    for gauge in gauges:
        await gauge()
    for what, look in waiting.items():
        found = await look()
        WAITING.labels(what).set(found.count)
        if found.seconds is not None:
            OLDEST.labels(what).set(max(0.0, found.seconds))
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
