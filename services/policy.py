"""`linkages policy`: the disclosure rules for county counsel, on files alone; no running system is needed."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, BinaryIO, TypeVar

import typer

from services.matcher.disclosure.decide import Permit, Refusal, decide
from services.matcher.disclosure.explain import explain
from services.matcher.disclosure.ndjson import Malformed, decide_line, read_request, written
from services.matcher.disclosure.policy import (
    CountyPolicy,
    PolicyFileError,
    county_policy,
    read_county,
    read_table,
    table_on,
)
from services.matcher.disclosure.request import BasisKind, Request
from services.matcher.disclosure.table import Table
from shared.calendars import PACIFIC, local_date
from shared.counties import read_yaml
from shared.errors import LinkagesError

LONGEST = 1 << 20  # bytes of a line; a longer one holds no request

_Answer = Permit | Refusal
_Value = TypeVar("_Value")
Requests = Annotated[typer.FileBinaryRead, typer.Argument(help="Requests, one a line; - is standard input")]
TableFile = Annotated[
    Path | None, typer.Option("--table", exists=True, dir_okay=False, help="A decision table")
]
CountyFile = Annotated[
    Path | None, typer.Option("--county", exists=True, dir_okay=False, help="A county's file")
]

policy_app = typer.Typer(help="The disclosure rules: what may cross, and why.", no_args_is_help=True)


class UnusableFile(LinkagesError):
    """A policy file with a slip in it."""

    slug, status, title = "unusable-policy-file", 422, "The policy file cannot be used"


@policy_app.command("decide")
def main_decide(file: Requests) -> None:
    """Decide each request of a file: one decision a line, in the same order."""
    for line in _lines(file):
        sys.stdout.write(written(decide_line(line)) + "\n")
        if file is sys.stdin.buffer:
            sys.stdout.flush()  # whoever writes line by line waits for each


@policy_app.command("explain")
def main_explain(table: TableFile = None) -> None:
    """Say in plain words what the table in force today holds, or the one in a file."""
    for line in explain(_table(table) if table else table_on(_today())):
        typer.echo(line)


@policy_app.command("check")
def main_check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A table or a county's file")],
) -> None:
    """Check a decision table or a county's policy file. Ends with 1 and names the key if something is wrong."""
    try:
        if "settings" in read_yaml(file):
            county = read_county(file, _today())
            typer.echo(f"{file.name}: fine, county {county.county}")
        else:
            table = read_table(file)
            typer.echo(f"{file.name}: fine, decision table {table.version}")
    except (PolicyFileError, UnicodeDecodeError) as wrong:
        typer.echo(
            str(wrong) if isinstance(wrong, PolicyFileError) else f"{file.name} is not UTF-8", err=True
        )
        raise typer.Exit(1) from wrong


@policy_app.command("simulate")
def main_simulate(file: Requests, table: TableFile = None, county: CountyFile = None) -> None:
    """Say which of these decisions would change under another table, or another file of a county.

    A county's file changes which grounds are gathered: each request is asked with those of its own that the county
    uses, before and after. The identifiers of what changes are listed, then counted by rule.
    """
    if table is not None and county is None:
        before, after = _of_tables(_table(table))
    elif county is not None and table is None:
        before, after = _of_counties(_county(county))
    else:
        raise typer.BadParameter("give either --table or --county")
    counted: Counter[str] = Counter()
    total = 0
    for line in _lines(file):
        total += 1
        was, becomes = _both(line, before, after)
        if written(was) != written(becomes):
            change = f"{_said(was)} -> {_said(becomes)}"
            typer.echo(f"{was.request}: {change}")
            counted[change] += 1
    typer.echo(f"{counted.total()} of {total} decisions would change")
    for change, times in counted.most_common():
        typer.echo(f"{times:>8}  {change}")


_Decide = Callable[[Request], _Answer]


def _both(line: bytes, before: _Decide, after: _Decide) -> tuple[_Answer, _Answer]:
    try:
        request = read_request(line)
        local_date(request.now, PACIFIC)
    except (Malformed, OverflowError):  # refused by every table
        refused = decide_line(line)
        return refused, refused
    return before(request), after(request)


def _shipped(request: Request) -> _Answer:
    return decide(request, table_on(local_date(request.now, PACIFIC)))


def _of_tables(other: Table) -> tuple[_Decide, _Decide]:
    return _shipped, lambda request: decide(request, other)


def _of_counties(other: CountyPolicy) -> tuple[_Decide, _Decide]:
    shipped = county_policy(other.county, _today())
    return (
        lambda request: _shipped(_gathered(request, shipped)),
        lambda request: _shipped(_gathered(request, other)),
    )


def _gathered(request: Request, policy: CountyPolicy) -> Request:
    """The request with the grounds that the county would gather: its standing ones, and those taken that it uses."""
    taken = (basis for basis in request.bases if basis.basis is not BasisKind.ADMIN_10850)
    return replace(request, bases=policy.gather(taken))


def _said(answer: _Answer) -> str:
    return f"{answer.outcome.value} {answer.rule}"


def _table(path: Path) -> Table:
    return _usable(read_table, path)


def _county(path: Path) -> CountyPolicy:
    return _usable(lambda file: read_county(file, _today()), path)


def _usable(read: Callable[[Path], _Value], path: Path) -> _Value:
    try:
        return read(path)
    except (PolicyFileError, UnicodeDecodeError) as wrong:
        raise UnusableFile(str(wrong)) from wrong


def _today() -> date:
    return local_date(datetime.now(UTC), PACIFIC)


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """Each line; one that is too long to hold a request comes as an empty one, and is never held whole."""
    while line := source.readline(LONGEST):
        if len(line) < LONGEST or line.endswith(b"\n"):
            yield line
            continue
        while (rest := source.readline(LONGEST)) and not rest.endswith(b"\n"):
            pass
        yield b""
