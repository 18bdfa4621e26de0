"""Health: `/livez` says the process answers, `/readyz` names each part that it needs and how it is, `/startupz` says
whether all of them have worked once since the process began."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

State = Literal["ok", "degraded", "failed"]
Check = Callable[[], Awaitable[State]]


class Health(BaseModel):
    """The whole is as good as its worst part."""

    status: State
    parts: dict[str, State]


def health_routes(checks: Mapping[str, Check]) -> APIRouter:
    """The health addresses of a service. They carry nothing that a stranger could use, so they need no caller."""
    router = APIRouter(tags=["health"])

    @router.get("/livez", summary="Whether the process answers")
    async def livez() -> Health:
        return Health(status="ok", parts={})

    @router.get(
        "/readyz", summary="Whether every part that it needs works", responses={503: {"model": Health}}
    )
    async def readyz(response: Response) -> Health:
        found = await _look(checks)
        if found.status == "failed":
            response.status_code = 503
        return found

    started: list[Health] = []

    @router.get("/startupz", summary="Whether it has started", responses={503: {"model": Health}})
    async def startupz(response: Response) -> Health:
        if not started:
            found = await _look(checks)
            if found.status == "failed":
                response.status_code = 503
                return found
            started.append(found)
        return started[0]

    return router


async def _look(checks: Mapping[str, Check]) -> Health:
    parts: dict[str, State] = {}
    for name, check in checks.items():
        try:
            parts[name] = await check()
        except Exception:  # noqa: BLE001 - whatever fails, the part has failed
            parts[name] = "failed"
    order: list[State] = ["ok", "degraded", "failed"]
    return Health(status=max(parts.values(), key=order.index, default="ok"), parts=parts)
