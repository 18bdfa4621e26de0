"""Releases from a file: each row is what `POST /v1/releases` is sent, taken as a liaison of one program would take it.

A row's release has an id that is made of the file and the line, so a file that was cut off is brought again whole and
nothing of it is taken twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from services.matcher.disclosure.bodies import ReleaseIn
from services.matcher.disclosure.handlers import PersonNotYours, RecordRelease, take_release
from services.matcher.work import Work
from shared.errors import Invalid, LinkagesError, Unavailable
from shared.ids import named
from shared.roster.checking import Finding
from shared.roster.reading import Read
from shared.web.auth import Caller

LISTS = ("categories", "directions", "purposes", "recipients")
COLUMNS = frozenset({"persons", "form", "signed_on", "expires_on", *LISTS})
REQUIRED = COLUMNS - {"recipients"}

_NOT_KNOWN = Finding("persons", "names somebody who is not among the program's people: import them before")
_NOT_A_PERSON = Finding("persons", "must be ref:signed_by, several with a semicolon between them")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a row: `repeated` was taken when the file was brought before."""

    line: int
    outcome: Literal["taken", "repeated", "rejected"]
    findings: tuple[Finding, ...] = ()


async def take_rows(
    records: Sequence[Read], file: str, caller: Caller, work: Work, record_id: Callable[[str], str]
) -> list[Taken]:
    """Take the releases of some rows of a file, which `file` names; `record_id` gives an id as it is kept."""
    return [await _take(one, file, caller, work, record_id) for one in records]


async def _take(read: Read, file: str, caller: Caller, work: Work, record_id: Callable[[str], str]) -> Taken:
    if read.fix:
        return _rejected(read, Finding("", read.fix))
    ident = f"rl_{named(caller.county, 'release', str(caller.program), file, str(read.line))}"
    if await work.releases.get(ident, str(caller.program)) is not None:
        return Taken(read.line, "repeated")
    try:
        command = await _command(read.fields, str(caller.program), work, record_id)
        await take_release(command, caller, work, ident, drafts=False)
    except Unavailable:
        raise
    except PersonNotYours:
        return _rejected(read, _NOT_KNOWN)
    except ValidationError as error:
        return _rejected(read, *_findings(error))
    except Invalid as error:
        return _rejected(read, *(Finding(_column(e.pointer), e.message) for e in error.errors))
    except LinkagesError as error:
        return _rejected(read, Finding("", error.detail))
    return Taken(read.line, "taken")


async def _command(
    fields: dict[str, str], program: str, work: Work, record_id: Callable[[str], str]
) -> RecordRelease:
    """What the handler is given. Raises Invalid or ValidationError."""
    body: dict[str, Any] = {name: fields.get(name, "").strip() for name in COLUMNS}
    body |= {name: _listed(body[name]) for name in LISTS}
    body["recipients"] = body["recipients"] or None
    persons = [one.rpartition(":") for one in _listed(body["persons"])]
    names = {ref.strip(): _stored(ref.strip(), record_id) for ref, _, _ in persons}
    refs = await work.identity.refs_of(program, names.values())
    body["persons"] = [
        {"ref": refs.get(names[ref.strip()], ref.strip()), "signed_by": signed_by.strip()}
        for ref, _, signed_by in persons
    ]
    return ReleaseIn.model_validate(body).command()


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _stored(ref: str, record_id: Callable[[str], str]) -> str:
    try:
        return record_id(ref)
    except ValueError:
        return ref


def _findings(error: ValidationError) -> list[Finding]:
    """The columns that are no body of a release, with what the checks say: never a value."""
    found = {}
    for one in error.errors(include_input=False, include_url=False, include_context=False):
        column = str(one["loc"][0])
        found[column] = _NOT_A_PERSON if column == "persons" else Finding(column, one["msg"])
    return [found[column] for column in sorted(found)]


def _column(pointer: str) -> str:
    return pointer.strip("/").partition("/")[0]


def _rejected(read: Read, *findings: Finding) -> Taken:
    return Taken(read.line, "rejected", findings)
