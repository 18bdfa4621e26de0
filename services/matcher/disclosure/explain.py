"""The decision table in plain words, for counsel: nothing is said here that the table does not hold."""

from collections.abc import Iterable, Iterator

from services.matcher.disclosure.request import Category
from services.matcher.disclosure.table import Cell, Column, Row, Table

PURPOSES = {
    "P1": "matching",
    "P2": "notice at intake",
    "P3": "eligibility and benefits",
    "P4": "coordinated planning",
    "P5": "safety and detention",
    "P6": "sanction, good cause or exemption",
    "P7": "closing a case",
    "P8": "statistics",
}
_ELEMENTS = {
    "names_protected_address": "names the protected address",
    "names_hiv": "names HIV",
    "dv_specific": "is the survivor's own and specific to domestic violence",
    "part2_valid": "is valid for substance-use records",
    "minor_own": "is the minor's own",
}
_BEGINS, _WRAPPED = "  ", "      "


def explain(table: Table) -> Iterator[str]:
    """The table, line by line."""
    yield f"Decision table {table.version}, in force {_dates(table)}."
    yield f"Source: {table.source}"
    yield ""
    yield "Nothing crosses unless a ground below opens it, and no ground helps against a rule that refuses."
    yield from _overrides(table)
    yield from _roles(table)
    yield from _grounds(table)
    yield ""
    yield "WHAT EACH GROUND OPENS"
    for category in Category:
        yield ""
        row = table.rows.get(category)
        if row is None:
            yield f"{category}: no ground opens it (rule {table.specials.get(category, 'NONE')})."
        else:
            yield from _row(category, row, table)
    yield ""
    yield f"Reason codes that may be told: {_joined(table.reason_codes.open)}."
    yield f"{_BEGINS}Source: {table.reason_codes.source}"


def _dates(table: Table) -> str:
    begins = "without a start" if table.effective_from is None else f"from {table.effective_from}"
    return begins if table.effective_until is None else f"{begins} until {table.effective_until}"


def _overrides(table: Table) -> Iterator[str]:
    yield ""
    yield "WHAT REFUSES, WHATEVER THE GROUND"
    for rule, one in table.overrides.items():
        yield f"{rule}: {one.means}."
        if one.abuser_among_clients:
            yield (
                f"{_WRAPPED}Where the alleged abuser is among the recipient's clients, "
                f"{_joined(one.abuser_among_clients)}, and items that imply them, never cross."
            )
        yield f"{_WRAPPED}Source: {one.source}"


def _roles(table: Table) -> Iterator[str]:
    yield ""
    yield "WHO MAY RECEIVE, WHATEVER THE GROUND"
    for role, limit in table.roles.limits.items():
        parts = [f"for {limit.program}" if limit.program else "for either program"]
        if limit.only is not None:
            parts.append(f"{_joined(limit.only)} alone" if limit.only else "nothing")
        if limit.never:
            parts.append(f"never {_joined(limit.never)}")
        if limit.purposes is not None:
            parts.append(f"for {_purposes(limit.purposes)} alone")
        yield f"{_BEGINS}{role}: {', '.join(parts)}."
    yield f"{_BEGINS}Of a sensitive person: {_joined(table.roles.sensitive)} alone."
    yield f"{_BEGINS}Refused for everybody: {_purposes(table.roles.refused_purposes)}."
    yield f"{_BEGINS}Source: {table.roles.source}"
    holders = ", ".join(f"{category} by {program}" for category, program in table.holders.of.items())
    yield f"{_BEGINS}Told by its own program alone: {holders}."
    yield f"{_BEGINS}Source: {table.holders.source}"


def _grounds(table: Table) -> Iterator[str]:
    yield ""
    yield "THE GROUNDS"
    for name, column in table.columns.items():
        yield f"{name}: {column.means}."
        stated = "those that it states" if column.purposes is None else _purposes(column.purposes)
        yield f"{_WRAPPED}Purposes: {stated}."
        yield from (f"{_WRAPPED}{condition}." for condition in _conditions(column))
        yield f"{_WRAPPED}Source: {column.source}"


def _conditions(column: Column) -> Iterator[str]:
    if column.must_name:
        yield f"It covers only the {_joined(column.must_name)} that it lists"
    if column.must_expire:
        yield "It must say when it ends"
    if column.longest_months is not None:
        yield f"It ends {column.longest_months} months after its start at the latest"
    if column.days_after_report is not None:
        yield f"It ends with day {column.days_after_report} after the report, unless it is extended"
    if column.roster_for:
        yield f"A recipient of {_joined(column.roster_for)} must be named in it, or on its roster"


def _row(category: Category, row: Row, table: Table) -> Iterator[str]:
    yield f"{category}: {row.name}"
    closed = [name for name, cell in row.cells.items() if cell.outcome == "DENY"]
    for name, cell in row.cells.items():
        if cell.outcome != "DENY":
            yield f"{_BEGINS}{name}: {_cell(cell, table.columns[name])}."
    if closed:
        yield f"{_BEGINS}Not opened by: {', '.join(closed)}."
    if row.attachments:
        yield f"{_BEGINS}With it goes: {_joined(row.attachments)}."
    yield f"{_BEGINS}Source: {row.source}"


def _cell(cell: Cell, column: Column) -> str:
    parts = [f"shows {cell.redaction}" if cell.redaction else "shows it"]
    if cell.purposes is not None and cell.purposes != column.purposes:
        parts.append(f"for {_purposes(cell.purposes)}")
    if cell.recipient is not None:
        parts.append(f"to {cell.recipient} alone")
    if cell.roles is not None:
        parts.append(f"to {_joined(cell.roles)} alone")
    if cell.topics is not None:
        parts.append(f"where it is about {' or '.join(sorted(cell.topics))}")
    if cell.listed:
        parts.append("if it lists this category")
    if cell.needs is not None:
        parts.append(f"if it {_ELEMENTS[cell.needs]}")
    if cell.open_code:
        parts.append("if the reason code may be told and gives nothing else away")
    if cell.whole_with is not None:
        parts.append(f"whole if it {_ELEMENTS[cell.whole_with]}")
    return ", ".join(parts)


def _purposes(purposes: Iterable[str]) -> str:
    return ", ".join(f"{PURPOSES[one]} ({one})" for one in sorted(purposes))


def _joined(values: Iterable[str]) -> str:
    return ", ".join(sorted(map(str, values)))
