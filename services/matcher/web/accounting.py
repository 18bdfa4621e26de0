"""The page of the accounting of disclosures: what a family is given on paper, and a worker's search for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response

from services.matcher.callers import Ref
from services.matcher.disclosure.accounting_languages import LANGUAGES
from services.matcher.disclosure.accounting_words import Language, Words
from services.matcher.disclosure.disclosures import READERS, Disclosed, grouped
from services.matcher.web import words as page_words
from services.matcher.web.answering import Page, page, see_other
from services.matcher.web.review import named
from services.matcher.web.visitor import VisitorDep, VisitorWork
from shared.calendars import local_date
from shared.errors import Forbidden
from shared.web.fields import is_reference
from shared.web.session import Session

router = APIRouter(route_class=Page, include_in_schema=False)


async def _reader(visitor: VisitorDep) -> Session:
    """The session of one who may ask. Forbidden: anybody else's."""
    if not visitor.caller.has(*READERS):
        raise Forbidden
    return visitor


ReaderVisitor = Annotated[Session, Depends(_reader)]
Lang = Annotated[Language, Query()]
Record = Annotated[str | None, Query(max_length=200)]


class _Alike(NamedTuple):
    """What a family reads as one: the same words, whenever it was."""

    what: str
    to: str
    what_for: str = ""
    allowed_by: str = ""
    only: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One part of the paper: what it says, line by line."""

    what: str
    said: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Span:
    first: date
    last: date
    times: int


@router.get("/accounting")
async def find_accounting(request: Request, visitor: ReaderVisitor, record: Record = None) -> Response:
    """Ask for a record of the own program by its reference."""
    asked = (record or "").strip()
    if is_reference(asked):
        return see_other(request, f"/accounting/{asked}")
    return page(
        request, "find_accounting.html", visitor=visitor, inbox="accounting", wrong=record is not None
    )


@router.get("/accounting/{ref}")
async def show_accounting(
    ref: Ref, request: Request, visitor: ReaderVisitor, work: VisitorWork, lang: Lang = "en"
) -> Response:
    """The whole accounting of one person, to be printed. Opening it is itself written down."""
    caller = visitor.caller
    async with work:
        found = await grouped(work, caller, ref)
        name = (await named(work, caller, {ref}))[ref]
        today, zone = work.today, work.policy.zone
    own, told = str(caller.program), LANGUAGES[lang]
    first = min((local_date(one.first, zone) for one in found), default=None)
    gone = _together([one for one in found if one.has_gone], told, zone)
    # What was looked at once needs no line that it could have been.
    ready = _together([one for one in found if not (one.has_gone or one.was_withheld)], told, zone)
    withheld = _together([one for one in found if one.was_withheld], told, zone)
    return page(
        request,
        "accounting.html",
        visitor=visitor,
        inbox="accounting",
        lang=lang,
        t=told,
        ref=ref,
        name=name,
        intro=told.intro.format(own=told.programs[own], other=told.programs[page_words.OTHER[own]]),
        made_by=told.programs[own],
        made_on=told.day(today),
        period=first and told.since.format(first=told.day(first), last=told.day(today)),
        nothing=told.nothing_yet.format(last=told.day(today)),
        gone=[_line(told, alike, told.span(s.first, s.last, s.times)) for alike, s in _newest_first(gone)],
        ready=[
            _line(told, alike, told.lasted(s.first, s.last))
            for alike, s in _newest_first({a: s for a, s in ready.items() if a not in gone})
        ],
        withheld=[_line(told, alike, told.lasted(s.first, s.last)) for alike, s in _newest_first(withheld)],
    )


def _together(found: Iterable[Disclosed], told: Words, zone: ZoneInfo) -> dict[_Alike, _Span]:
    """What reads the same becomes one, with how often and between which days."""
    spans: dict[_Alike, _Span] = {}
    for one in found:
        first, last = local_date(one.first, zone), local_date(one.last, zone)
        span = spans.setdefault(_alike(one, told), _Span(first, last, 0))
        span.first, span.last = min(span.first, first), max(span.last, last)
        span.times += one.times
    return spans


def _alike(one: Disclosed, told: Words) -> _Alike:
    what, to = told.category(one.category), told.recipient(one.program, one.role)
    if one.was_withheld:
        return _Alike(what, to, why_not=told.because(one.reasons))
    return _Alike(
        what,
        to,
        what_for=told.purpose(one.purpose),
        allowed_by=told.ground(one.basis or "", one.release),
        only=told.redaction(one.redaction) if one.redaction else "",
    )


def _newest_first(spans: dict[_Alike, _Span]) -> list[tuple[_Alike, _Span]]:
    by_words = sorted(spans.items(), key=lambda pair: pair[0])
    return sorted(by_words, key=lambda pair: pair[1].last, reverse=True)


def _line(told: Words, alike: _Alike, when: str) -> Line:
    said = (
        (told.to, alike.to),
        (told.when, when),
        (told.only, alike.only),
        (told.what_for, alike.what_for),
        (told.allowed_by, alike.allowed_by),
        (told.why_not, alike.why_not),
    )
    return Line(alike.what, tuple((label, text) for label, text in said if text))
