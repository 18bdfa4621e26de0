"""Taking and revoking releases. A worker takes them for people of the own program to whom he or she is assigned."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar

from services.matcher.alerts.routing import appointed_in_calworks, appointed_in_cws, at_work
from services.matcher.coordination.fact import CWS
from services.matcher.coordination.life_cycle import ended
from services.matcher.disclosure.paper import HowSaid, Paper, Withdrawal, completed
from services.matcher.disclosure.recording import checked, recipient, record_release
from services.matcher.disclosure.release import Release
from services.matcher.disclosure.request import Category
from services.matcher.disclosure.validity import failures
from services.matcher.due import Due
from services.matcher.work import Work
from shared.calendars import PACIFIC, local_date
from shared.days import day_in_calendar
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events.coordination import ReleaseRecorded, ReleaseRevoked
from shared.ids import mint
from shared.web.auth import Caller

_Value = TypeVar("_Value")


class PersonNotYours(NotFound):
    """No such record, or not one of the caller's people: these look alike."""

    slug, title = "person-not-found", "No such person among the caller's"


class NoDraft(Conflict):
    """Only a draft can be completed."""

    slug, title = "release-no-draft", "The release is not a draft"


@dataclass(frozen=True)
class RecordRelease:
    """What stands on a signed form. `expires_on` None: as the form itself says."""

    persons: tuple[tuple[str, str], ...]
    categories: tuple[str, ...]
    directions: tuple[str, ...]
    purposes: tuple[str, ...]
    recipients: tuple[str, ...] | None
    form: str
    signed_on: date
    expires_on: date | None
    paper: Paper = field(default_factory=Paper)
    supersedes: str | None = None


@dataclass(frozen=True)
class CompleteRelease:
    """What was missing, and the day of a signature that followed what was said aloud."""

    paper: Paper = field(default_factory=Paper)
    signed_on: date | None = None


@dataclass(frozen=True)
class RevokeRelease:
    """What is taken back: all that any list names; the whole where none names anything."""

    said: HowSaid = HowSaid.WRITTEN
    categories: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    found_false: bool = False


async def take_release(
    command: RecordRelease, caller: Caller, work: Work, ident: str | None = None, *, drafts: bool = True
) -> Release:
    """Store a release, under `ident` if it has one; what it changes is decided again now, and when it ends.

    One that lacks something is stored as a draft and changes nothing; Invalid instead, where there are no `drafts`.
    Who explained it is, unless it is said, the worker who records it.
    """
    assert caller.program is not None  # noqa: S101 - the route allows callers of a program only
    await require_assigned(work, caller, {ref for ref, _ in command.persons})
    paper = command.paper
    if paper.explained_by is None and paper.explained_on is None:
        paper = replace(paper, explained_by=caller.worker, explained_on=command.signed_on)
    ages = await _ages(work, caller.program, paper, command.signed_on)
    release = record_release(
        id=ident or mint("rl"),
        county=caller.county,
        program=caller.program,
        persons=command.persons,
        categories=command.categories,
        directions=command.directions,
        purposes=command.purposes,
        recipients=command.recipients,
        form=command.form,
        signed_on=command.signed_on,
        expires_on=command.expires_on,
        today=work.today,
        policy=work.policy,
        paper=paper,
        supersedes=command.supersedes,
        ages=ages,
    )
    if release.lacks and not drafts:
        found = failures(release, work.policy, work.today, ages)
        raise Invalid(*(FieldError(one.pointer, one.fix) for one in found))
    if release.lacks:
        await _replaced(release, work)  # told now if it cannot be
    await work.releases.add(release, caller.worker, work.policy, work.now)
    await _begin(release, work)
    return release


async def complete_release(
    release_id: str, command: CompleteRelease, caller: Caller, work: Work
) -> tuple[Release, int]:
    """Supply what a draft lacks; with nothing missing it is in force, and what it changes is decided again."""
    release, row = await _found(release_id, caller, work)
    if not release.lacks or release.over:
        raise NoDraft
    signed_on = command.signed_on or release.signed_on
    paper = completed(release.paper, command.paper)
    ages = await _ages(work, release.program, paper, signed_on)
    fuller = checked(replace(release, paper=paper, signed_on=signed_on), work.policy, work.today, ages)
    if fuller == release:
        return release, row.version
    version = await work.releases.change(fuller, work.policy)
    await _begin(fuller, work)
    return fuller, version


async def revoke_release(
    release_id: str, caller: Caller, work: Work, command: RevokeRelease | None = None
) -> tuple[Release, int]:
    """Revoke, in whole or in part, from now on: no decision that rests on it commits after this transaction."""
    release, row = await _found(release_id, caller, work, every=False)
    withdrawal = _withdrawal(command or RevokeRelease(), release, work.now)
    withdrawn = release.withdraw(withdrawal)
    if withdrawn.left == release.left and release.revoked_at == withdrawn.revoked_at:
        written = release.awaits_writing and withdrawal.said is HowSaid.WRITTEN
        if not written and not withdrawal.found_false:
            return release, row.version
    version = await work.releases.change(withdrawn, work.policy)
    if not release.lacks and release.revoked_at is None:
        work.feed.release(ReleaseRevoked, withdrawn)
        await work.make_due(
            [Due(work.county, "derive", release.program, person.ref) for person in release.persons]
        )
    return withdrawn, version


async def _begin(release: Release, work: Work) -> None:
    """A release that lacks nothing is told, replaces another if it says so, and has its people decided again."""
    if release.lacks:
        return
    old = await _replaced(release, work)
    if old is not None:
        await work.releases.change(old.supersede(release.id, work.now), work.policy)
    work.feed.release(ReleaseRecorded, release)
    end = release.ends_at(work.policy.zone)
    await work.make_due(
        [
            Due(work.county, "derive", release.program, person.ref, not_before=not_before)
            for person in release.persons
            for not_before in (None, end)
        ]
    )


async def _replaced(release: Release, work: Work) -> Release | None:
    """The release that this one replaces: of the same persons, on the same form, and not over."""
    if release.supersedes is None:
        return None
    found = await work.releases.get(release.supersedes, release.program)
    old = found[0] if found is not None else None
    forms = {_spaced(one.form) for one in (release, old) if one is not None}
    persons = {frozenset(p.ref for p in one.persons) for one in (release, old) if one is not None}
    if old is None or old.over or len(forms) != 1 or len(persons) != 1:
        words = "Name a release of the same persons on the same form that was not revoked or replaced."
        raise Invalid(FieldError("/supersedes", words))
    return old


def _withdrawal(command: RevokeRelease, release: Release, at: datetime) -> Withdrawal:
    """What is taken back, as it is kept. Invalid: something that the release does not name."""
    errors: list[FieldError] = []
    categories = _named("categories", command.categories, Category, release.categories, errors)
    persons = _named("persons", command.persons, str, [p.ref for p in release.persons], errors)
    recipients = _named("recipients", command.recipients, recipient, None, errors)
    if command.found_false and (categories or persons or recipients):
        errors.append(FieldError("/found_false", "What is found false is taken back whole."))
    if errors:
        raise Invalid(*errors)
    return Withdrawal(
        at=at,
        said=command.said,
        categories=categories,
        recipients=recipients,
        persons=persons,
        found_false=command.found_false,
    )


def _named(
    field: str,
    written: Sequence[str],
    read: Callable[[str], _Value],
    names: Collection[_Value] | None,
    errors: list[FieldError],
) -> tuple[_Value, ...]:
    """What a list takes back; `names`: what there is to be taken."""
    found: dict[_Value, None] = {}
    for at, one in enumerate(written):
        try:
            value = read(one)
        except ValueError:
            errors.append(FieldError(f"/{field}/{at}", "This is not a value that a release can name."))
            continue
        if names is not None and value not in names:
            errors.append(FieldError(f"/{field}/{at}", "The release does not name this."))
        found[value] = None
    return tuple(found)


async def _found(release_id: str, caller: Caller, work: Work, *, every: bool = True) -> tuple[Release, Any]:
    """A release of the caller's program and people, locked."""
    assert caller.program is not None  # noqa: S101 - the route allows callers of a program only
    found = await work.releases.get(release_id, caller.program)
    if found is None:
        raise NotFound
    release, row = found
    await require_assigned(work, caller, {person.ref for person in release.persons}, every=every)
    return release, row


async def _ages(work: Work, program: str, paper: Paper, on: date) -> dict[str, int]:
    """The age on a day of those of whom it is said what they are before the law, where the record has a birth date."""
    asked = {(program, ref) for ref, signer in paper.signers.items() if signer.standing is not None}
    records = await work.identity.people(asked)
    born = {ref: day_in_calendar(record.person.birth_date) for (_, ref), record in records.items()}
    return {
        ref: on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
        for ref, birth in born.items()
        if birth is not None
    }


def _spaced(form: str) -> str:
    return " ".join(form.lower().split())


async def require_assigned(work: Work, caller: Caller, refs: Collection[str], *, every: bool = True) -> None:
    """Raise PersonNotYours unless the caller is assigned to every one (or to one) of these records."""
    assert caller.program is not None  # noqa: S101 - the route allows callers of a program only
    active = await work.identity.registers(refs)
    known = {ref for ref, r in active.items() if r.program == caller.program and r.counts and not r.sealed}
    theirs = known if caller.has("linkages_liaison") else known & await _people_of(work, caller, known)
    if (every and theirs != set(refs)) or not theirs:
        raise PersonNotYours


async def _people_of(work: Work, caller: Caller, refs: Iterable[str]) -> set[str]:
    """Those of these records that stand in a household or unit which the caller works on or supervises."""
    spells = await work.coordination.memberships(persons=set(refs))
    facts = await work.coordination.facts(about={spell.household for spell in spells})
    on = {fact.ref: fact.about for fact in facts}
    facts += await work.coordination.facts(about=set(on))
    appointed = appointed_in_cws(facts) if caller.program == CWS else appointed_in_calworks(facts)
    assigned = at_work(appointed, ended(facts, local_date(work.now, PACIFIC)), work.now)
    supervises = caller.has("cws_supervisor", "calworks_supervisor")
    mine = {
        on[one.data.on]
        for one in assigned
        if one.data.on in on
        and (one.worker == caller.worker or (supervises and one.data.worker.supervisor == caller.worker))
    }
    return {spell.person for spell in spells if spell.household in mine}
