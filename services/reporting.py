"""`linkages links` and `audit`: what the running system has found and decided."""

import asyncio
import csv
import json
from pathlib import Path
from typing import Annotated

import typer

from services import local
from services.matcher import reports
from shared.database import opened


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


def audit(
    *,
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
