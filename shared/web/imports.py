"""Imports over HTTP: a file comes in as the body, read as it comes; what became of each row goes out the same way."""

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Any, Self

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from shared.errors import LinkagesError
from shared.roster.checking import Words
from shared.roster.receiving import CSV, NDJSON, Place, receive
from shared.roster.tables import Import, Result, State
from shared.web.examples import shown

SCOPE = "imports:write"
RETRY_AFTER = "5"  # seconds
_PAGE = 500  # rows read at a time
_COLUMNS = ("line", "record_id", "outcome", "column", "fix")


class NotAFile(LinkagesError):
    """A body that is neither CSV nor NDJSON."""

    slug, status, title = "media-type", 415, "A roster is text/csv or application/x-ndjson"


class ImportOut(BaseModel):
    """An import as it stands: `left` accepted rows are still to be applied."""

    ref: str
    county: str
    state: State
    dry_run: bool
    initial: bool
    rows: int
    accepted: int
    repeated: int
    warnings: int
    rejected: int
    done: int
    left: int
    record_ids: int
    units: int
    created_at: datetime | None = None
    finished_at: datetime | None = None

    @classmethod
    def of(cls, found: Import) -> Self:
        """Present an import."""
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


async def receive_upload(
    request: Request, place: Place, words: Words, *, worker: str, dry_run: bool, initial: bool
) -> Import:
    """The import of the request's body. Raises NotAFile, or Invalid for a file that is no roster."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (CSV, NDJSON):
        raise NotAFile("Send the file as the body, with Content-Type text/csv or application/x-ndjson")
    return await receive(
        request.stream(), kind, place, words, worker=worker, dry_run=dry_run, initial=initial
    )


def results_file(request: Request, place: Place, ref: str) -> StreamingResponse:
    """What became of each row: CSV for whom asks for it, else NDJSON. A row with more findings has more lines."""
    as_csv = CSV in request.headers.get("accept", "")
    return StreamingResponse(_lines(place, ref, as_csv=as_csv), media_type=CSV if as_csv else NDJSON)


async def _lines(place: Place, ref: str, *, as_csv: bool) -> AsyncIterator[str]:
    if as_csv:
        yield _csv([list(_COLUMNS)])
    after = 0
    while True:
        async with place.reading() as imports:
            found = await imports.results(ref, after, _PAGE)
        if not found:
            return
        after = found[-1].line
        told = [line for one in found for line in _told(one)]
        if as_csv:
            yield _csv([["" if value is None else value for value in line] for line in told])
        else:
            yield _ndjson(told)


def accepted(found: Import, location: str) -> Response:
    """202: the file is here, and `location` tells how far it is applied."""
    return Response(
        ImportOut.of(found).model_dump_json(exclude_none=True),
        status_code=202,
        media_type="application/json",
        headers={"location": location, "retry-after": RETRY_AFTER},
    )


def _told(one: Result) -> list[tuple[object, ...]]:
    if not one.findings:
        return [(one.line, one.record_id, one.outcome, None, None)]
    return [(one.line, one.record_id, one.outcome, of.column or None, of.fix) for of in one.findings]


def _ndjson(lines: Iterable[tuple[object, ...]]) -> str:
    found = [{n: v for n, v in zip(_COLUMNS, line, strict=True) if v is not None} for line in lines]
    return "".join(json.dumps(one) + "\n" for one in found)


def _csv(lines: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    return out.getvalue()


_SHOWN = {
    "ref": "im_hq3rcrv5bwxc2mnlk7yt4zdoae",
    "county": "43",
    "state": "applying",
    "dry_run": False,
    "initial": False,
    "rows": 3,
    "accepted": 2,
    "repeated": 0,
    "warnings": 1,
    "rejected": 1,
    "done": 0,
    "left": 2,
    "record_ids": 3,
    "units": 0,
    "created_at": "2026-03-02T17:30:00Z",
}
_DONE = {"state": "done", "done": 2, "left": 0, "finished_at": "2026-03-02T17:30:04Z"}
_TOLD = (
    (2, "A-1", "accepted", None, None),
    (3, "A-2", "accepted", "birth_date", "should be a day that exists, as YYYY-MM-DD"),
    (4, "A-3", "rejected", "last_name", "needs a first or a last name"),
)


def upload_example(role: str) -> dict[str, Any]:
    """A route that takes a roster; `role` is one of the program's."""
    small = {"record_id": "A-1", "first_name": "Luz", "last_name": "Reyes"}
    full = {**small, "birth_date": "2019-08-02", "phone": "831-555-0142", "zip": "93901", "role": role}
    text = {"type": "string"}
    content = {
        CSV: {
            "schema": text,
            "examples": {n: _file(_csv([list(r), list(r.values())])) for n, r in _both(small, full)},
        },
        NDJSON: {"schema": text, "examples": {n: _file(json.dumps(r) + "\n") for n, r in _both(small, full)}},
    }
    return {"requestBody": {"required": True, "content": content}, **shown(_SHOWN, 202)}


def import_example() -> dict[str, Any]:
    """A route that shows an import."""
    return shown({**_SHOWN, **_DONE})


def results_example() -> dict[str, Any]:
    """A route that answers with what became of each row."""
    text = {"type": "string"}
    as_csv = _csv([list(_COLUMNS), *([value or "" for value in line] for line in _TOLD)])
    content = {
        NDJSON: {"schema": text, "examples": {"answer": _file(_ndjson(_TOLD))}},
        CSV: {"schema": text, "examples": {"answer": _file(as_csv)}},
    }
    return {"responses": {"200": {"content": content}}}


def _both(small: dict[str, str], full: dict[str, str]) -> list[tuple[str, dict[str, str]]]:
    return [("small", small), ("full", full)]


def _file(text: str) -> dict[str, str]:
    return {"summary": "A file", "value": text}
