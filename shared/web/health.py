"""Health: `/livez` says the process answers, `/readyz` names each part that it needs and how it is."""

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
    """The two health addresses of a service. They carry nothing that a stranger could use, so they need no caller."""
    router = APIRouter(tags=["health"])

    @router.get("/livez", summary="Whether the process answers")
    async def livez() -> Health:
        return Health(status="ok", parts={})

    @router.get(
        "/readyz", summary="Whether every part that it needs works", responses={503: {"model": Health}}
    )
    async def readyz(response: Response) -> Health:
        parts: dict[str, State] = {}
        for name, check in checks.items():
            try:
                parts[name] = await check()
            except Exception:  # noqa: BLE001 - whatever fails, the part has failed
                parts[name] = "failed"
        order: list[State] = ["ok", "degraded", "failed"]
        worst = max(parts.values(), key=order.index, default="ok")
        if worst == "failed":
            response.status_code = 503
        return Health(status=worst, parts=parts)

    return router
