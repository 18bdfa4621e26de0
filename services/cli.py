"""The `linkages` command."""

import asyncio
import csv
import json
import signal
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from services import contracts as agreed
from services import evaluation, importing, local, operating
from services.broker import kafka_app
from services.database_setup import database_app
from services.demo.command import main_demo
from services.doctor import examine
from services.matcher import reports
from services.secret_files import main_secrets
from shared import logs, migrations
from shared.database import opened
from shared.errors import LinkagesError
from shared.extras import county_libraries
from shared.web.auth import ROLES, sign

app = typer.Typer(
    help="Tells the child welfare worker and the CalWORKs worker that they serve the same family, if the family or "
    "the law allows it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(operating.dead_letters_app, name="dead-letters")
app.add_typer(kafka_app, name="kafka")
app.add_typer(database_app, name="database")
app.command("import")(importing.main_import)
app.command()(operating.replay)
app.command()(operating.republish)
app.command()(evaluation.evaluate)
app.command("secrets")(main_secrets)


@app.command()
def up(
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


@app.command()
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


@app.command()
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
        url = local.urls(settings)[service.value]
        await migrations.require_head(url, local.PACKAGES[service.value])
        local.collect_rarely()
        watch = None if metrics_port is None else (metrics_host, metrics_port)
        await local.work(settings, service.value, stopped, watch)

    asyncio.run(run())


@app.command()
def migrate(
    service: Annotated[local.Service | None, typer.Argument(help="One service; default: all")] = None,
) -> None:
    """Bring databases up to the newest revision."""
    settings = local.Settings()
    services = (service.value,) if service else ("cws", "calworks", "matcher")
    local.migrate(settings, services)
    typer.echo(f"migrated: {', '.join(services)}")


@app.command()
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


@app.command()
def links(
    out: Annotated[Path, typer.Option(help="CSV file to write")],
    county: Annotated[str, typer.Option(help="01 to 58")] = "43",
) -> None:
    """Write the running system's links and reviews as CSV."""
    settings = local.Settings().matcher

    async def run() -> int:
        async with opened(settings.url) as database, database.reading() as connection:
            rows = await reports.links(connection, county)
        with out.open("w", newline="") as file:
            writer = csv.DictWriter(file, reports.LINK_COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        return len(rows)

    typer.echo(f"{asyncio.run(run())} pairs written to {out}", err=True)


@app.command()
def audit(
    summary: Annotated[bool, typer.Option("--summary", help="Decisions by type, outcome and rule")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object")] = False,
    county: Annotated[str, typer.Option(help="01 to 58")] = "43",
) -> None:
    """Account for what the gate decided."""
    del summary  # the summary is all there is so far
    settings = local.Settings().matcher

    async def run() -> reports.Audit:
        async with opened(settings.url) as database, database.reading() as connection:
            return await reports.audit(connection, county)

    found = asyncio.run(run())
    if as_json:
        typer.echo(json.dumps(found.as_dict()))
        return
    typer.echo(f"events read: {found.events}")
    for line in found.decisions:
        typer.echo(
            f"{line['count']:>8}  {line['stage']:8} {line['type']:4} {line['outcome']:7} {line['rule']}"
        )


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line")] = False,
) -> None:
    """Look at every part and say what mends it. Changes nothing; ends with 1 if something has failed."""
    found = asyncio.run(examine(local.Settings()))
    for one in found:
        if as_json:
            typer.echo(json.dumps(asdict(one)))
            continue
        typer.echo(f"{one.state:8} {one.part}: {one.says}")
        if one.fix:
            typer.echo(f"         Try: {one.fix}")
    if any(one.state == "failed" for one in found):
        raise typer.Exit(1)


@app.command()
def contracts(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if anything differs")] = False,
    broken: Annotated[
        bool, typer.Option("--breaking", help="Write nothing; fail if the last tag's contracts are broken")
    ] = False,
    directory: Annotated[Path, typer.Option(help="Where they are kept")] = agreed.DIRECTORY,
) -> None:
    """Write the JSON Schemas of the events, their AsyncAPI document and the OpenAPI documents of the services."""
    if broken:
        _refuse_to_break(directory)
        return
    if not check:
        for path in agreed.write(directory):
            typer.echo(path, err=True)
        return
    found = agreed.differences(directory)
    for line in found:
        typer.echo(f"linkages: {line}", err=True)
    if found:
        typer.echo(
            "linkages: if the change is meant, run `make contracts` and commit what it writes", err=True
        )
        raise typer.Exit(1)


def _refuse_to_break(directory: Path) -> None:
    """End with 1 if somebody who relies on the contracts of the last tag would be let down."""
    tag, found = agreed.broken_since_the_last_tag(directory)
    if tag is None:
        typer.echo("linkages: there is no tag yet, so nobody relies on a contract", err=True)
        return
    for line in found:
        typer.echo(f"linkages: {line} (it stood in {tag})", err=True)
    if found:
        typer.echo("linkages: keep what was published, or publish a new version of it beside", err=True)
        raise typer.Exit(1)


@app.command()
def demo(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Run the stream to its end and print the figures")
    ] = False,
    families: Annotated[int, typer.Option(min=1, help="Families in the stream")] = 200,
    seed: Annotated[int, typer.Option(help="Another seed makes another county")] = 1,
    rate: Annotated[float | None, typer.Option(min=0.1, help="Intakes a second; measured runs: 20")] = None,
    kill: Annotated[int, typer.Option(min=0, help="Kill the system this often, at random")] = 0,
    knee: Annotated[bool, typer.Option("--knee", help="Raise the pace until alerts take a second")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object")] = False,
    port: Annotated[
        int | None, typer.Option(help="Port of the system; a free one for a measured run")
    ] = None,
    native: Annotated[bool, typer.Option("--native", help="On Apache Kafka and PostgreSQL")] = False,
) -> None:
    """Stream a made-up county through the real system. Ctrl-C leaves nothing behind."""
    status = main_demo(
        once=once,
        families=families,
        seed=seed,
        rate=rate,
        kill=kill,
        knee=knee,
        json=as_json,
        port=port,
        native=native,
    )
    raise typer.Exit(status)


def _refuse_in_production(settings: local.Settings) -> None:
    if settings.matcher.environment == "production":
        raise typer.BadParameter("this command is for development: LINKAGES_ENVIRONMENT is production")


def _of_database(error: sa.exc.DBAPIError) -> str:
    """What is wrong with the database; what its driver says may hold a value, so only the kind of error is told."""
    if isinstance(error, sa.exc.OperationalError):
        return "the database does not answer: `linkages doctor` looks at each part"
    return f"the database refuses ({type(error.orig).__name__}): look at its address, role and password"


def main() -> None:
    """Run the command; what went wrong is one line that says what to do."""
    try:
        app()
    except (LinkagesError, sa.exc.DBAPIError) as error:
        detail = error.detail if isinstance(error, LinkagesError) else _of_database(error)
        typer.echo(f"linkages: {detail}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
