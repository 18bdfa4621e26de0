"""What each basis gives by itself: a basis carries the whole request alone, by its cells, or not at all."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from services.matcher.disclosure.implied import code_removed, hides_violence, judged
from services.matcher.disclosure.in_force import ends, inactive, names
from services.matcher.disclosure.overrides import NO_RULE, Hit
from services.matcher.disclosure.request import Basis, BasisKind, Breadth, Category, Reason, Request
from services.matcher.disclosure.table import Cell, Column, Outcome, Row, Table

_WITHOUT_CODE = "the class alone, without the reason"
_WITHOUT_VIOLENCE = "without what could tell the reason or the place"


class Grant(NamedTuple):
    """One basis that carries the request: what of the item it shows, by which rule, and what goes with it."""

    rule: str
    outcome: Outcome
    fields: frozenset[str]
    redaction: str | None
    attachments: tuple[str, ...]
    basis: Basis
    expires: datetime | None

    @property
    def width(self) -> tuple[bool, int]:
        """By which of two grants the wider is known."""
        return self.outcome is Outcome.PERMIT, len(self.fields)


class Said(NamedTuple):
    """What a basis says of the request: its grant, or why it gives none; `opened`: categories it would open."""

    grant: Grant | None
    missed: tuple[Hit, ...] = ()
    opened: frozenset[Category] = frozenset()


class _Part(NamedTuple):
    """What a basis opens of one category."""

    category: Category
    row: Row
    rule: str
    outcome: Outcome
    fields: frozenset[str]
    redaction: str | None


def said_by(basis: Basis, request: Request, table: Table) -> Said:
    """What one basis says of the request."""
    name = table.grounds.get(_ground(basis))
    if name is None:
        return Said(None, ((NO_RULE, Reason.BASIS_NOT_OPEN),))
    column = table.columns[name]
    out = inactive(request, basis, column)
    if out is not None:
        return Said(None, ((NO_RULE, out),))
    parts: list[_Part] = []
    missed: list[Hit] = []
    for category in judged(request, table, reason_hidden=_reason_hidden(request, table, name)):
        found = _opened(category, request, basis, name, table)
        if isinstance(found, _Part):
            parts.append(found)
        else:
            missed.append(found)
    if missed:
        return Said(None, tuple(missed), frozenset(part.category for part in parts))
    return Said(_grant(parts, request, basis, column, table))


def _ground(basis: Basis) -> tuple[BasisKind, Breadth | None]:
    """Breadth belongs to WIC 10850 alone; elsewhere it says nothing."""
    return basis.basis, basis.breadth if basis.basis is BasisKind.ADMIN_10850 else None


def _reason_hidden(request: Request, table: Table, name: str) -> bool:
    """Whether the reason does not cross: its code is taken out, or the cell tells the class alone."""
    if request.category is not Category.K3R:
        return code_removed(request)
    row = table.rows.get(Category.K3R)
    return row is not None and row.cells[name].outcome is Outcome.REDACT


def _opened(category: Category, request: Request, basis: Basis, name: str, table: Table) -> _Part | Hit:
    """What an active basis opens of one category, or why nothing."""
    row = table.rows.get(category)
    if row is None:
        return NO_RULE, Reason.CATEGORY_NOT_OPEN
    column, cell, rule = table.columns[name], row.cells[name], f"{category}/{name}"
    if not names(category, basis.categories, must=cell.listed or "categories" in column.must_name):
        return NO_RULE, Reason.CATEGORY_NOT_NAMED
    refused = _refused(request, cell, column, basis, table)
    if refused is not None:
        return rule, refused
    if cell.whole_with is not None and getattr(basis, cell.whole_with) is True:
        return _Part(category, row, rule, Outcome.PERMIT, row.fields, None)
    if cell.outcome is Outcome.REDACT:
        rule = table.specials.get(category, rule)
    fields = row.fields if cell.fields is None else cell.fields
    return _Part(category, row, rule, cell.outcome, fields, cell.redaction)


def _refused(request: Request, cell: Cell, column: Column, basis: Basis, table: Table) -> Reason | None:
    """Why a cell does not open its category to this request; None: it does."""
    purposes = cell.purposes if cell.purposes is not None else column.purposes
    if cell.outcome is Outcome.DENY:
        return Reason.NOT_IN_TABLE
    if purposes is not None and request.purpose not in purposes:
        return Reason.PURPOSE_NOT_COVERED
    if cell.recipient is not None and cell.recipient is not request.recipient:
        return Reason.RECIPIENT_NOT_NAMED
    if cell.roles is not None and request.role not in cell.roles:
        return Reason.ROLE_NOT_FOR_CATEGORY
    if cell.topics is not None and request.topic not in cell.topics:
        return Reason.NOT_IN_TABLE
    if cell.needs is not None and getattr(basis, cell.needs) is not True:
        return Reason.ELEMENT_MISSING
    if cell.open_code and not _tells_the_code_alone(request, table):
        return Reason.REASON_CODE_WITHHELD
    return None


def _tells_the_code_alone(request: Request, table: Table) -> bool:
    codes = table.reason_codes
    return request.item.reason_code in codes.open and codes.hides.isdisjoint(request.item.implies)


def _grant(parts: list[_Part], request: Request, basis: Basis, column: Column, table: Table) -> Grant:
    """The narrower of the item's own category and of all that it gives away."""
    own, *given = parts
    outcome, rule, fields, words = own.outcome, own.rule, own.fields, [own.redaction]
    for part in given:
        words.append(part.redaction)
        if part.outcome is Outcome.REDACT:
            fields -= own.row.revealing
            if outcome is Outcome.PERMIT:
                outcome, rule = Outcome.REDACT, part.rule
    if code_removed(request):
        words.append(_WITHOUT_CODE)
    elif hides_violence(request, table):
        fields -= own.row.revealing
        words.append(_WITHOUT_VIOLENCE)
        if outcome is Outcome.PERMIT:
            outcome, rule = Outcome.REDACT, "O5"
    attached = (one for part in parts for one in part.row.attachments)
    return Grant(
        rule=rule,
        outcome=outcome,
        fields=fields,
        redaction=in_words(words),
        attachments=tuple(dict.fromkeys(attached)),
        basis=basis,
        expires=ends(basis, column),
    )


def in_words(redactions: Iterable[str | None]) -> str | None:
    """What remains, each part told once."""
    return "; ".join(dict.fromkeys(filter(None, redactions))) or None
