"""The task "offer the release" on a page: whose intake it is, who can sign, and what a form proposes.

Everything here is the reader's own program's: having a task tells nothing, and so does its page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData

from services.matcher.callers import inboxes_of
from services.matcher.coordination.household import current_members
from services.matcher.disclosure.handlers import RecordRelease
from services.matcher.disclosure.paper import Paper, Statement
from services.matcher.disclosure.policy import ORDINARY, CountyPolicy
from services.matcher.disclosure.recording import OPEN_PURPOSES
from services.matcher.web import repository, words
from services.matcher.work import Work
from shared.calendars import add_months, local_date
from shared.days import day_in_calendar
from shared.errors import FieldError, Invalid, NotFound
from shared.events import calworks, cws
from shared.web.auth import Caller
from shared.web.fields import Reference, ShortText

CATEGORIES = tuple(one.value for one in ORDINARY)
PURPOSES = tuple(one.value for one in OPEN_PURPOSES)
_YEAR = 12  # months
_VERSION: TypeAdapter[str] = TypeAdapter(ShortText)
_WORKER: TypeAdapter[str] = TypeAdapter(Reference)
_WHICH_VERSION = "Write at most 80 letters and digits, and no Social Security number."
_WHICH_WORKER = "Give the worker's name for signing in, without blanks."

_CHILDREN = frozenset({"child", "aided_child"})


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may have signed; `signed_by` is what is proposed."""

    ref: str
    name: str
    role: str
    signed_by: str
    born: date | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A task with its family."""

    id: str
    state: str
    kind: str  # referral | application
    received: str | None
    members: tuple[Member, ...]
    done: str | None

    @property
    def names(self) -> str:
        """The family's people as the own program names them."""
        return words.listed([member.name for member in self.members])


@dataclass(frozen=True)
class Filled:
    """What a release form holds: at first what it proposes, then what was sent."""

    persons: dict[str, str]  # who is ticked, and who signed
    categories: tuple[str, ...]
    directions: tuple[str, ...]
    purposes: tuple[str, ...]
    form: str
    signed_on: str
    expires_on: str
    form_version: str
    language: str
    interpreter: bool
    explained_by: str
    explained_on: str  # empty: on the day of the signature
    statements: tuple[str, ...]

    def command(self) -> RecordRelease:
        """The release, for the handler. Invalid: nobody is ticked, or a date is none."""
        errors: list[FieldError] = []
        if not self.persons:
            errors.append(FieldError("/persons", "Tick each person whose information the paper is about."))
        signed_on = _day("/signed_on", self.signed_on, errors)
        expires_on = _day("/expires_on", self.expires_on, errors)
        paper = self._paper(signed_on, errors)
        if errors or signed_on is None or expires_on is None:
            raise Invalid(*errors)
        return RecordRelease(
            persons=tuple(self.persons.items()),
            categories=self.categories,
            directions=self.directions,
            purposes=self.purposes,
            recipients=None,
            form=self.form,
            signed_on=signed_on,
            expires_on=expires_on,
            paper=paper,
        )

    def _paper(self, signed_on: date | None, errors: list[FieldError]) -> Paper:
        """How it was explained, and what the paper tells."""
        if self.language not in words.LANGUAGES:
            errors.append(FieldError("/language", "Say in which language it was explained."))
        on = _day("/explained_on", self.explained_on, errors) if self.explained_on else signed_on
        return Paper(
            form_version=_read("/form_version", self.form_version, _VERSION, _WHICH_VERSION, errors),
            language=self.language,
            interpreter=self.interpreter,
            explained_by=_read("/explained_by", self.explained_by, _WORKER, _WHICH_WORKER, errors),
            explained_on=on,
            statements=tuple(Statement(one) for one in self.statements),
        )


def proposed(today: date, policy: CountyPolicy, worker: str) -> Filled:
    """What the page proposes; nobody is ticked, for only the paper says who has signed."""
    months = min(_YEAR, policy.release_cap_months)
    return Filled(
        persons={},
        categories=CATEGORIES,
        directions=("both",),
        purposes=PURPOSES,
        form=policy.forms[0].code,
        signed_on=today.isoformat(),
        expires_on=(add_months(today, months) - timedelta(days=1)).isoformat(),
        form_version="",
        language="",
        interpreter=False,
        explained_by=worker,
        explained_on="",
        statements=tuple(words.STATEMENTS),
    )


def sent(form: FormData, offer: Offer) -> Filled:
    """What was filled in, of the people and values that the page had; a date only if it is one."""
    ticked = {str(one) for one in form.getlist("person")}
    return Filled(
        persons={m.ref: _text(form, f"signed_by:{m.ref}") for m in offer.members if m.ref in ticked},
        categories=_of(form, "category", CATEGORIES),
        directions=_of(form, "direction", tuple(words.DIRECTIONS)),
        purposes=_of(form, "purpose", PURPOSES),
        form=" ".join(_text(form, "form").split())[:80],
        signed_on=_text(form, "signed_on"),
        expires_on=_text(form, "expires_on"),
        form_version=" ".join(_text(form, "form_version").split()),
        language=_text(form, "language"),
        interpreter=_text(form, "interpreter") == "yes",
        explained_by=_text(form, "explained_by").strip(),
        explained_on=_text(form, "explained_on"),
        statements=_of(form, "statement", tuple(words.STATEMENTS)),
    )


async def offer_of(work: Work, caller: Caller, ref: str) -> tuple[Any, Offer]:
    """A task of the caller's inboxes, and its page. NotFound: none of that name."""
    row = await repository.task(work.connection, work.county, str(caller.program), inboxes_of(caller), ref)
    if row is None:
        raise NotFound
    return row, (await offers_of(work, [row]))[0]


async def offers_of(work: Work, tasks: Sequence[Any]) -> list[Offer]:
    """Tasks with their families, in a fixed number of statements."""
    if not tasks:
        return []
    facts = {fact.ref: fact for fact in await work.coordination.facts(refs={task.intake for task in tasks})}
    spells = await work.coordination.memberships(households={fact.about for fact in facts.values()})
    members = current_members(spells, work.today)
    roles = {ref: _roles(fact, members) for ref, fact in facts.items()}
    program = tasks[0].program
    records = await work.identity.people({(program, ref) for its in roles.values() for ref in its})
    shown = {ref: record.shown for (_, ref), record in records.items()}
    return [_offer(task, facts.get(task.intake), roles.get(task.intake, {}), shown, work) for task in tasks]


def _offer(
    task: Any, fact: Any, roles: dict[str, str], shown: dict[str, dict[str, str]], work: Work
) -> Offer:
    zone = work.policy.zone
    received = fact.data.received_at if fact is not None else None
    known = [
        Member(
            ref,
            _name(shown[ref]),
            words.ROLES.get(role, words.spaced(role)),
            _signer(role),
            _born(shown[ref]),
        )
        for ref, role in roles.items()
        if ref in shown
    ]
    return Offer(
        id=task.id,
        state=task.state,
        kind="referral" if task.program == "cws" else "application",
        received=words.day(local_date(received, zone)) if received else None,
        members=tuple(sorted(known, key=lambda m: (m.signed_by != "self", m.name, m.ref))),
        done=words.moment(task.done_at, zone) if task.done_at else None,
    )


def _roles(fact: Any, members: dict[str, dict[str, str]]) -> dict[str, str]:
    """Who is in the intake's household or unit now; before that is known, who came with the intake."""
    match fact.data:
        case cws.ReferralReceived(participants=people) | calworks.ApplicationReceived(persons=people):
            return members.get(fact.about) or {one.person: one.role for one in people}
        case _:
            return {}


def _signer(role: str) -> str:
    return "parent_guardian" if role in _CHILDREN else "self"


def _name(shown: dict[str, str]) -> str:
    return (
        " ".join(shown[part] for part in ("first_name", "last_name", "suffix") if part in shown)
        or "(no name)"
    )


def _born(shown: dict[str, str]) -> date | None:
    """A program may have written a birth date that no calendar has: then it is left to be filled in."""
    return day_in_calendar(shown.get("birth_date"))


def _text(form: FormData, name: str) -> str:
    held = form.get(name)
    return held if isinstance(held, str) else ""


def _of(form: FormData, name: str, known: Sequence[str]) -> tuple[str, ...]:
    chosen = {str(one) for one in form.getlist(name)}
    return tuple(one for one in known if one in chosen)


def _read(
    pointer: str, text: str, kind: TypeAdapter[str], wrong: str, errors: list[FieldError]
) -> str | None:
    """A text as the API would take it; None: nothing was written."""
    if not text:
        return None
    try:
        return kind.validate_python(text)
    except ValidationError:
        errors.append(FieldError(pointer, wrong))
        return None


def _day(pointer: str, text: str, errors: list[FieldError]) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        errors.append(FieldError(pointer, "Give a date: month, day and year."))
        return None
