"""`linkages up`, `serve`, `work`, `migrate` and `token`: the system, a part of it, and what it needs to run."""

import asyncio
import signal
from datetime import UTC, datetime
from typing import Annotated

import typer

from services import local
from shared import logs
from shared.database import opened
from shared.extras import county_libraries
from shared.migrations import require_head
from shared.web.auth import ROLES, sign


def up(
    *,
    port: Annotated[
        int, typer.Option(help="Port on this machine; --native takes the two after it as well")
    ] = 8000,
    native: Annotated[
        bool, typer.Option("--native", help="On Apache Kafka and PostgreSQL, each part a process of its own")
    ] = False,
) -> None:
    """Run everything in one process: the apps at /cws, /calworks and /matcher, relays, reader and decider."""
    settings = local.Settings()
    logs.configure(settings.matcher.log_level, "linkages")
    _refuse_in_production(settings)
    if native:
        _up_native(settings, port)
        return
    local.migrate(settings)
    typer.echo(f"linkages: http://127.0.0.1:{port}/cws, /calworks, /matcher", err=True)
    local.serve(local.together(settings), port)


def _up_native(settings: local.Settings, port: int) -> None:
    with county_libraries("Kafka and PostgreSQL need"):
        from services.native.stack import Stack  # noqa: PLC0415 - the embedded default needs none of its libraries
    Stack(settings.matcher.data_dir, port, lambda line: typer.echo(f"linkages: {line}", err=True)).run()


def serve(
    service: local.Service,
    port: Annotated[int, typer.Option(help="Port to listen on")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on; in a container 0.0.0.0")] = "127.0.0.1",
) -> None:
    """Run the HTTP app of one service."""
    settings = local.Settings()
    logs.configure(settings.matcher.log_level, service.value)
    local.refuse_unsafe(settings)
    local.serve(local.alone(settings, service), port, host)


def work(
    service: local.Service,
    metrics_port: Annotated[
        int | None, typer.Option(help="Port of /metrics, /livez and /readyz; none without it")
    ] = None,
    metrics_host: Annotated[
        str, typer.Option(help="Address of that port: it asks for no token, so let no stranger reach it")
    ] = "127.0.0.1",
) -> None:
    """Run the background part of one service: its relay; for the matcher reader and decider."""
    settings = local.Settings()
    logs.configure(settings.matcher.log_level, service.value)
    local.refuse_unsafe(settings)

    async def run() -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        async with opened(local.urls(settings)[service.value]) as database:
            await require_head(database, local.PACKAGES[service.value])
        local.collect_rarely()
        watch = None if metrics_port is None else (metrics_host, metrics_port)
        await local.work(settings, service.value, stopped, watch)

    asyncio.run(run())


def migrate(
    service: Annotated[local.Service | None, typer.Argument(help="One service; default: all")] = None,
) -> None:
    """Bring databases up to the newest revision."""
    settings = local.Settings()
    services = (service.value,) if service else ("cws", "calworks", "matcher")
    local.migrate(settings, services)
    typer.echo(f"migrated: {', '.join(services)}")


def token(
    role: Annotated[str, typer.Option(help="Role, or several with commas")],
    worker: Annotated[str, typer.Option(help="The worker's reference, as in assignments")],
    county: Annotated[str, typer.Option(help="01 to 58")] = "43",
    program: Annotated[str | None, typer.Option(help="cws or calworks")] = None,
    scope: Annotated[str, typer.Option(help="Scopes, with spaces")] = "",
) -> None:
    """Print a signed token for trying things out. Refused in production."""
    settings = local.Settings()
    _refuse_in_production(settings)
    roles = role.split(",")
    if unknown := sorted(set(roles) - ROLES):
        raise typer.BadParameter(f"unknown role: {', '.join(unknown)}. Known: {', '.join(sorted(ROLES))}")
    common = settings.matcher
    typer.echo(
        sign(
            common.secret,
            common.issuer,
            county=county,
            program=program,
            roles=roles,
            worker=worker,
            scope=scope,
            now=datetime.now(UTC),
        )
    )


def _refuse_in_production(settings: local.Settings) -> None:
    if settings.matcher.environment == "production":
        raise typer.BadParameter("this command is for development: LINKAGES_ENVIRONMENT is production")
