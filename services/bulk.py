"""Files instead of a running system: `linkages train` and `linkages link`.

Rosters are read as `linkages import` reads them. Their Social Security numbers become tokens under a key that is made
for the run and forgotten with it.
"""

import csv
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from services.calworks_api.handlers import imports as calworks_rows
from services.cws_api.handlers import imports as cws_rows
from services.matcher.identity import linking
from services.matcher.identity.blocking import CAP
from services.matcher.identity.model import DEFAULT_MODEL, Model, Provenance, load_model
from services.matcher.identity.person import Person, normalise
from services.progress import Progress
from shared.crypto import CountyKeys, KeyFile
from shared.extras import bulk_libraries
from shared.roster.checking import Words, check
from shared.roster.reading import PIECE, Read, is_ndjson, reader_of
from shared.roster.receiving import REQUIRED

WORDS = {"cws": cws_rows.WORDS, "calworks": calworks_rows.WORDS}
COLUMNS = ("cws_record_id", "calworks_record_id", "weight", "probability", "decision", "reason")

Cws = Annotated[
    Path, typer.Option(exists=True, dir_okay=False, help="CWS roster: CSV, or NDJSON if it ends so")
]
Calworks = Annotated[Path, typer.Option(exists=True, dir_okay=False, help="CalWORKs roster")]
ModelName = Annotated[str, typer.Option("--model", help="A model file, or the name of a shipped one")]


@dataclass(frozen=True)
class Listed:
    """A row of a roster: its record id as the file has it, the person, and what the row belongs to."""

    record_id: str
    person: Person
    unit: str


def train(
    cws: Cws,
    calworks: Calworks,
    out: Annotated[Path, typer.Option(help="Where the model is written")],
    version: Annotated[
        str, typer.Option(help="What the model is called in every decision; else by date and data")
    ] = "",
    start: Annotated[
        str, typer.Option(help="Gives the lines, and the weights that the rosters do not show")
    ] = DEFAULT_MODEL,
    names: Annotated[
        bool,
        typer.Option(
            help="Keep how often each name is in the rosters; without, no name of anybody is in the model"
        ),
    ] = True,
    seed: Annotated[int, typer.Option(help="Of the pairs that are drawn")] = 1,
) -> None:
    """Learn the weights of a model from two rosters, without labels."""
    with bulk_libraries("Training needs"):
        from services.matcher.identity.training import columns  # noqa: PLC0415
        from services.matcher.identity.training import train as training  # noqa: PLC0415
    begun = _model(start)
    keys = _keys()
    tables = [
        columns.table((one.record_id, one.person) for one in read(path, program, keys))
        for program, path in (("cws", cws), ("calworks", calworks))
    ]
    typer.echo(f"{tables[0].num_rows} and {tables[1].num_rows} records; learning", err=True)
    data = tuple(_digest(path) for path in (cws, calworks))
    today = datetime.now(UTC).date().isoformat()
    provenance = Provenance(
        how="Learned without labels: u by sampling, m by expectation maximisation in blocks of one birth date, and of "
        "one first and last name",
        date=today,
        splink=training.SPLINK,
        data=data,
        records=tuple(table.num_rows for table in tables),
    )
    name = version or f"{today.replace('-', '_')}_{data[0][:4]}{data[1][:4]}"
    model = training.train(tables, begun, version=name, provenance=provenance, names=names, seed=seed)
    out.write_text(model.model_dump_json(indent=1) + "\n", encoding="utf-8")
    typer.echo(f"{model.version}: {out}", err=True)


def link(
    cws: Cws,
    calworks: Calworks,
    out: Annotated[Path, typer.Option(help="Where the pairs are written, as CSV")],
    model: ModelName = DEFAULT_MODEL,
    cap: Annotated[int, typer.Option(min=2, help="The most people in a block that counts")] = CAP,
) -> None:
    """Link two rosters by the rules of the running system: pairs of probability .5 or more, and all to be reviewed."""
    learned = _model(model)
    keys = _keys()
    index = linking.Index(keys.digest, cap, learned.blocking)
    for program, path in (("cws", cws), ("calworks", calworks)):
        rows = read(path, program, keys)
        index.add(program, ((one.record_id, one.person, one.unit) for one in rows))
    progress = Progress("people looked at", sum(program == "cws" for program, _ in index.people))
    partial = out.with_name(f"{out.name}.part")
    told = 0
    with partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for pair in linking.link(index, learned, progress.more):
            writer.writerow(
                {
                    "cws_record_id": pair.cws,
                    "calworks_record_id": pair.calworks,
                    **linking.words(pair.decision),
                }
            )
            told += 1
    partial.replace(out)
    closed = index.capped
    typer.echo(f"{told} pairs: {out}; {len(closed)} blocks of more than {cap} people did not count", err=True)


def read(path: Path, program: str, keys: CountyKeys) -> Iterator[Listed]:
    """The rows of a roster; of one that is rejected, line and fix go to standard error. LinkagesError: no roster."""
    words = WORDS[program]
    today = datetime.now(UTC).date()
    rejected = 0
    for one in records_of(path, words):
        checked = check(one, words, keys)
        if checked.row is None:
            rejected += 1
            for finding in checked.findings[:1]:
                typer.echo(f"{path.name} line {one.line}: {finding.column or 'row'} {finding.fix}", err=True)
            continue
        ident = one.fields.get("record_id", "").strip()
        yield Listed(ident, normalise(checked.row.details, today), checked.unit)
    if rejected:
        typer.echo(f"{path.name}: {rejected} rows rejected", err=True)


def records_of(path: Path, words: Words) -> Iterator[Read]:
    """The records of a CSV or NDJSON file, as they stand there. Invalid: it is no roster."""
    reader = reader_of(words.columns, REQUIRED, ndjson=is_ndjson(path))
    with path.open("rb") as file:
        progress = Progress(f"{path.name}: bytes read", os.fstat(file.fileno()).st_size)
        while piece := file.read(PIECE):
            yield from reader.feed(piece)
            progress.more(len(piece))
        yield from reader.end()


def _keys() -> CountyKeys:
    return KeyFile(counties={"00": KeyFile.county()}).keys()["00"]


def _model(name: str) -> Model:
    try:
        return load_model(name)
    except FileNotFoundError:
        raise typer.BadParameter(f"there is no model {name}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise typer.BadParameter(f"{name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
