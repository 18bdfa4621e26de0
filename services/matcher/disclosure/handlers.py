"""Taking and revoking releases. A worker takes them for people of the own program to whom he or she is assigned."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.matcher.alerts.routing import appointed_in_calworks, appointed_in_cws, at_work
from services.matcher.coordination.fact import CWS
from services.matcher.coordination.life_cycle import ended
from services.matcher.disclosure.release import Release, record_release
from services.matcher.due import Due
from services.matcher.work import Work
from shared.calendars import PACIFIC, local_date
from shared.errors import NotFound
from shared.events.coordination import ReleaseRecorded, ReleaseRevoked
from shared.ids import mint
from shared.web.auth import Caller


class PersonNotYours(NotFound):
    """No such record, or not one of the caller's people: these look alike."""

    slug, title = "person-not-found", "No such person among the caller's"


@dataclass(frozen=True)
class RecordRelease:
    """What stands on a signed form."""

    persons: tuple[tuple[str, str], ...]
    categories: tuple[str, ...]
    directions: tuple[str, ...]
    purposes: tuple[str, ...]
    recipients: tuple[str, ...] | None
    form: str
    signed_on: date
    expires_on: date


async def take_release(
    command: RecordRelease, caller: Caller, work: Work, ident: str | None = None
) -> Release:
    """Store a release, under `ident` if it has one; what it changes is decided again now, and when it ends."""
    assert caller.program is not None  # noqa: S101 - the route allows callers of a program only
    await require_assigned(work, caller, {ref for ref, _ in command.persons})
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
    )
    await work.releases.add(release, caller.worker, work.policy, work.now)
    work.feed.release(ReleaseRecorded, release)
    end = release.ends_at(work.policy.zone)
    await work.make_due(
        [
            Due(work.county, "derive", release.program, person.ref, not_before=not_before)
            for person in release.persons
            for not_before in (None, end)
        ]
    )
    return release


async def revoke_release(release_id: str, caller: Caller, work: Work) -> tuple[Release, Any]:
    """Revoke from now on: no decision that rests on the release commits after this transaction."""
    assert caller.program is not None  # noqa: S101 - the route allows callers of a program only
    found = await work.releases.get(release_id, caller.program)
    if found is None:
        raise NotFound
    release, row = found
    await require_assigned(work, caller, {person.ref for person in release.persons}, every=False)
    if release.revoked_at is None:
        await work.releases.revoke(release_id, work.now)
        work.feed.release(ReleaseRevoked, release)
        await work.make_due(
            [Due(work.county, "derive", release.program, person.ref) for person in release.persons]
        )
        found = await work.releases.get(release_id, caller.program)
        assert found is not None  # noqa: S101 - the row is locked by this transaction
        release, row = found
    return release, row


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
