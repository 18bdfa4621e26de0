"""Requests and decisions as lines of JSON, for counsel's files: one request a line, one decision a line.

A line is read strictly: a field that is missing, unknown or of the wrong kind, anywhere in it, refuses the
whole request, and the decision says where.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from services.matcher.disclosure.decide import Permit, Reason, Refusal, decide
from services.matcher.disclosure.request import (
    Basis,
    BasisKind,
    Breadth,
    Category,
    Direction,
    Item,
    Program,
    Purpose,
    Request,
    Role,
    Sensitivity,
    Subject,
    Topic,
)
from services.matcher.disclosure.table import Table, table_on
from shared.calendars import PACIFIC, local_date

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
_Value = TypeVar("_Value")
_Kind = TypeVar("_Kind", bound=StrEnum)
_Content = Mapping[str, Any]
TableOn = Callable[[date], Table]


class Malformed(ValueError):
    """A line that holds no request. `id`: the request's own, where it can be read; `field`: what is wrong."""

    def __init__(self, field: str, id: str | None = None) -> None:  # noqa: A002
        super().__init__(field)
        self.field = field
        self.id = id


def decide_line(line: bytes, on: TableOn = table_on) -> Permit | Refusal:
    """The decision of one line, by the version of the table in force on the local day of the request."""
    try:
        request = read_request(line)
        day = local_date(request.now, PACIFIC)
    except Malformed as wrong:
        return Refusal(request=wrong.id, rule="INPUT", reasons=(Reason.INPUT,), detail=(wrong.field,))
    except OverflowError:  # an instant that has no local day
        return Refusal(request=request.id, rule="INPUT", reasons=(Reason.INPUT,), detail=("now",))
    return decide(request, on(day))


def written(answer: Permit | Refusal) -> str:
    """A decision as its line, without the end of the line."""
    permit = answer if isinstance(answer, Permit) else None
    reasons = [] if isinstance(answer, Permit) else [*answer.reasons, *answer.detail]
    return json.dumps(
        {
            "id": answer.request,
            "outcome": answer.outcome.value,
            "rule": answer.rule,
            "redaction": permit.redaction if permit else None,
            "attachments": list(permit.obligations) if permit else [],
            "reasons": reasons,
        }
    )


def read_request(line: bytes) -> Request:
    """The request in a line. Malformed: it holds none."""
    try:
        content = _JSON.decode(line.decode("utf-8"))
    except (ValueError, RecursionError) as wrong:
        raise Malformed("line: no JSON") from wrong
    if not isinstance(content, dict):
        raise Malformed("line: no object")
    try:
        return _request(content)
    except Malformed as wrong:
        known = content.get("id")
        wrong.id = known if isinstance(known, str) else None
        raise


def _request(content: _Content) -> Request:
    _keys(content, _REQUEST, _REQUEST - {"topic"})
    return Request(
        id=_text(content, "id"),
        category=_one(content, "category", _CATEGORIES),
        holder=_one(content, "holder", _PROGRAMS),
        recipient=_one(content, "recipient", _PROGRAMS),
        purpose=_one(content, "purpose", _PURPOSES),
        role=_one(content, "role", _ROLES),
        assigned=_flag(content, "assigned"),
        topic=_maybe(content, "topic", lambda c, name: _one(c, name, _TOPICS)),
        subject=_within("subject", _subject, content["subject"]),
        item=_within("item", _item, content["item"]),
        bases=tuple(_within(f"bases.{at}", _basis, one) for at, one in enumerate(_list(content, "bases"))),
        now=_instant(content, "now"),
    )


def _subject(content: _Content) -> Subject:
    _keys(content, _SUBJECT, _SUBJECT)
    return Subject(
        id=_text(content, "id"),
        sensitivity=_one(content, "sensitivity", _SENSITIVITIES),
        limited_access=_flag(content, "limited_access"),
    )


def _item(content: _Content) -> Item:
    _keys(content, _ITEM, _ITEM - {"reason_code"})
    return Item(
        implies=_many(content, "implies", _CATEGORIES),
        reason_code=_maybe(content, "reason_code", _text),
        minor_consented=_flag(content, "minor_consented"),
        names_hiv=_flag(content, "names_hiv"),
        alleged_abuser_in_recipient_clients=_flag(content, "alleged_abuser_in_recipient_clients"),
    )


def _basis(content: _Content) -> Basis:
    _keys(content, _BASIS, _BASIS_REQUIRED)
    given: dict[str, Any] = {
        name: _READERS[name](content, name) for name, value in content.items() if value is not None
    }
    if not given.keys() >= _BASIS_REQUIRED:
        raise Malformed(next(name for name in sorted(_BASIS_REQUIRED) if name not in given))
    return Basis(**given)


def _within(name: str, read: Callable[[_Content], _Value], content: object) -> _Value:
    """A part of the request, with its place in what is said of it."""
    if not isinstance(content, dict):
        raise Malformed(name)
    try:
        return read(content)
    except Malformed as wrong:
        raise Malformed(f"{name}.{wrong.field}") from wrong


def _keys(content: _Content, known: frozenset[str], required: frozenset[str]) -> None:
    keys = content.keys()
    if not keys <= known:
        raise Malformed("an unknown key")  # not repeated: it may hold anything
    if not required <= keys:
        raise Malformed(f"{min(required - keys)} is missing")


def _maybe(content: _Content, name: str, read: Callable[[_Content, str], _Value]) -> _Value | None:
    return None if content.get(name) is None else read(content, name)


def _text(content: _Content, name: str) -> str:
    value = content[name]
    if not isinstance(value, str) or not value:
        raise Malformed(name)
    return value


def _flag(content: _Content, name: str) -> bool:
    value = content[name]
    if not isinstance(value, bool):
        raise Malformed(name)
    return value


def _instant(content: _Content, name: str) -> datetime:
    value = content[name]
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise Malformed(name)
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError as wrong:  # no such day, hour or offset
        raise Malformed(name) from wrong


def _list(content: _Content, name: str) -> list[object]:
    value = content[name]
    if not isinstance(value, list):
        raise Malformed(name)
    return value


def _one(content: _Content, name: str, spelled: Mapping[str, _Value]) -> _Value:
    value = content[name]
    if not isinstance(value, str) or value not in spelled:
        raise Malformed(name)
    return spelled[value]


def _many(content: _Content, name: str, spelled: Mapping[str, _Value]) -> tuple[_Value, ...]:
    values = _list(content, name)
    if not all(isinstance(one, str) and one in spelled for one in values):
        raise Malformed(name)
    return tuple(spelled[str(one)] for one in values)


def _texts(content: _Content, name: str) -> tuple[str, ...]:
    values = _list(content, name)
    if not all(isinstance(one, str) and one for one in values):
        raise Malformed(name)
    return tuple(map(str, values))


def _spelled(kind: type[_Kind]) -> dict[str, _Kind]:
    return {one.value: one for one in kind}


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a key stands twice")
    return content


def _no_number(written: str) -> None:
    raise ValueError(f"{written} is no JSON")


# No field is a number: whatever one says, it is of the wrong kind, and no digit of it needs to be read.
_JSON = json.JSONDecoder(
    object_pairs_hook=_each_once,
    parse_constant=_no_number,
    parse_int=lambda _: 0,
    parse_float=lambda _: 0.0,
)
_CATEGORIES, _PURPOSES, _ROLES = _spelled(Category), _spelled(Purpose), _spelled(Role)
_PROGRAMS, _TOPICS, _SENSITIVITIES = _spelled(Program), _spelled(Topic), _spelled(Sensitivity)
_KINDS, _BREADTHS, _DIRECTIONS = _spelled(BasisKind), _spelled(Breadth), _spelled(Direction)
_RECIPIENTS: dict[str, Role | Program] = {**_ROLES, **_PROGRAMS}
_REQUEST = frozenset(one.name for one in fields(Request))
_SUBJECT = frozenset(one.name for one in fields(Subject))
_ITEM = frozenset(one.name for one in fields(Item))
_BASIS_REQUIRED = frozenset({"basis", "valid_from"})
_READERS: dict[str, Callable[[_Content, str], Any]] = {
    "basis": lambda content, name: _one(content, name, _KINDS),
    "breadth": lambda content, name: _one(content, name, _BREADTHS),
    "categories": lambda content, name: _many(content, name, _CATEGORIES),
    "directions": lambda content, name: _many(content, name, _DIRECTIONS),
    "purposes": lambda content, name: _many(content, name, _PURPOSES),
    "recipients": lambda content, name: _many(content, name, _RECIPIENTS),
    "persons": _texts,
    **dict.fromkeys(("valid_from", "expires", "revoked_at", "report_at", "extended_to"), _instant),
    **dict.fromkeys(
        ("names_protected_address", "names_hiv", "dv_specific", "part2_valid", "minor_own", "roster_member"),
        _flag,
    ),
}
_BASIS = frozenset(_READERS)  # `source` is ours: no file names it
