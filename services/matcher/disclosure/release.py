"""The release of information: what a family has signed, and the bases that it gives.

A release names everything: whose data, which categories, which way, what for, and when it ends. Nothing is
filled in for the family, and what a list does not name is not released.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.matcher.disclosure.paper import Paper, Withdrawal
from services.matcher.disclosure.request import (
    Basis,
    BasisKind,
    Category,
    Direction,
    Program,
    Purpose,
    Role,
)
from services.matcher.disclosure.signers import SignedBy, Standing
from shared.calendars import PACIFIC, months_after, start_of_day

NEVER_RECIPIENTS = frozenset({Role.SYSTEM_MATCHER, Role.ANALYST, Role.AUDITOR, Role.INTEGRATION})
_ROLES_OF: Mapping[Program, frozenset[Role]] = {
    Program.CWS: frozenset(
        {Role.ER_WORKER, Role.CASE_WORKER, Role.CWS_SUPERVISOR, Role.TDM_FACILITATOR, Role.CWS_CLERK}
    ),
    Program.CALWORKS: frozenset(
        {Role.ELIGIBILITY_WORKER, Role.WTW_WORKER, Role.CALWORKS_SUPERVISOR, Role.CALWORKS_CLERK}
    ),
}
_INTO = {Program.CALWORKS: Direction.CWS_TO_CALWORKS, Program.CWS: Direction.CALWORKS_TO_CWS}

_YEAR_IN_MONTHS = 12
_EXPIRING = timedelta(days=30)


class Status(StrEnum):
    """Where a release stands in its life."""

    DRAFT = "draft"
    ACTIVE = "active"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    INVALID = "invalid"


@dataclass(frozen=True)
class ReleasePerson:
    """One whose own data is released; `ref` is the record of the program that took the release."""

    ref: str
    signed_by: SignedBy


@dataclass(frozen=True, kw_only=True)
class Release:
    """A recorded release. `program` ("cws", "calworks") took it; `recipients` None: not narrowed further.

    It holds from the start of `signed_on` to the end of `expires_on`, both in the county's zone. `lacks`: the codes of
    what is still missing; while there is one it is a draft, and gives no basis.
    """

    id: str
    county: str
    program: str
    persons: tuple[ReleasePerson, ...]
    categories: tuple[Category, ...]
    directions: tuple[Direction, ...]
    purposes: tuple[Purpose, ...]
    recipients: tuple[Role | Program, ...] | None
    form: str
    signed_on: date
    expires_on: date
    revoked_at: datetime | None = None
    paper: Paper = field(default_factory=Paper)
    lacks: tuple[str, ...] = ()
    supersedes: str | None = None
    superseded_by: str | None = None
    superseded_at: datetime | None = None
    withdrawals: tuple[Withdrawal, ...] = ()

    def revoke(self, at: datetime) -> "Release":
        """The release, revoked. A second revocation does not move the first to a later time."""
        if self.revoked_at is not None and self.revoked_at <= at:
            return self
        return replace(self, revoked_at=at)

    def withdraw(self, withdrawal: Withdrawal) -> "Release":
        """The release with a part taken back, or the whole: a part after which nothing is left is the whole too."""
        taken = replace(self, withdrawals=(*self.withdrawals, withdrawal))
        return taken.revoke(withdrawal.at) if withdrawal.whole or taken.left is None else taken

    def supersede(self, by: str, at: datetime) -> "Release":
        """The release, replaced by another."""
        return replace(self, superseded_by=by, superseded_at=at)

    @property
    def counts(self) -> bool:
        """Whether it can give a basis at all, its dates and its revocation aside."""
        return not self.lacks and self.left is not None

    @property
    def over(self) -> bool:
        """Whether it was revoked or replaced."""
        return self.revoked_at is not None or self.superseded_at is not None

    @property
    def awaits_writing(self) -> bool:
        """Whether its last revocation was said aloud and has not been written yet."""
        return bool(self.withdrawals) and self.withdrawals[-1].said == "oral"

    @property
    def left(self) -> "Release | None":
        """What is left of it after all that was taken back; None: nothing."""
        left = replace(self, withdrawals=())
        for one in self.withdrawals:
            left = _without(left, one)
        empty = not (left.persons and left.categories and left.directions) or left.recipients == ()
        return None if empty else left

    def begins_at(self, zone: ZoneInfo = PACIFIC) -> datetime:
        """Local midnight of the day it was signed, so that it is in force as soon as it is recorded."""
        return start_of_day(self.signed_on, zone)

    def ends_at(self, zone: ZoneInfo = PACIFIC) -> datetime:
        """The first instant at which it no longer holds, revocation aside.

        The midnight after its last day, but never beyond one year from its beginning (twelve months in UTC,
        as the gate counts them): one that names the anniversary as its last day ends as that day begins.
        """
        last = start_of_day(self.expires_on + timedelta(days=1), zone)
        return min(last, months_after(self.begins_at(zone), _YEAR_IN_MONTHS))

    def status(self, now: datetime, zone: ZoneInfo = PACIFIC) -> Status:
        """Where it stands now. A draft whose time has run out never comes into force: it is invalid."""
        ended = self.ends_at(zone) <= now
        found = [
            (any(one.found_false for one in self.withdrawals), Status.INVALID),
            (self.revoked_at is not None, Status.REVOKED),
            (self.superseded_at is not None, Status.SUPERSEDED),
            (bool(self.lacks) and ended, Status.INVALID),
            (bool(self.lacks), Status.DRAFT),
            (ended, Status.EXPIRED),
            (self.ends_at(zone) <= now + _EXPIRING, Status.EXPIRING),
        ]
        return next((status for holds, status in found if holds), Status.ACTIVE)


def bases_for(
    release: Release, records: Mapping[str, Collection[str]], zone: ZoneInfo = PACIFIC
) -> tuple[Basis, ...]:
    """The grounds that a release gives, for the gate: one for all whose special sections say the same.

    `records`: by each person who signed or was signed for, the references whose own data that covers: the person's
    record, and the same person's across links that stand now; never a record merged in or in review. A draft, and a
    release of which nothing is left, give none.
    """
    left = release.left if release.counts else None
    if left is None:
        return ()
    alike: dict[tuple[tuple[Category, ...], _Elements], set[str]] = {}
    for person in left.persons:
        terms = _terms(left, person)
        if terms[0]:
            alike.setdefault(terms, set()).update(records.get(person.ref, ()))
    # A reader that waited for the lock began before the revocation that it then sees, and must not outrun it by its
    # own clock: what is revoked or replaced was so from the beginning.
    revoked_at = left.begins_at(zone) if left.over else None
    return tuple(
        Basis(
            basis=BasisKind.ROI,
            categories=categories,
            directions=left.directions,
            purposes=left.purposes,
            persons=tuple(sorted(persons)),
            recipients=left.recipients,
            valid_from=left.begins_at(zone),
            expires=left.ends_at(zone),
            revoked_at=revoked_at,
            source=left.id,
            dv_specific=elements.dv_specific,
            part2_valid=elements.part2_valid,
            minor_own=elements.minor_own,
            names_hiv=elements.names_hiv,
            names_protected_address=elements.names_protected_address,
        )
        for (categories, elements), persons in alike.items()
    )


@dataclass(frozen=True)
class _Elements:
    """The special elements that a release has for one person. None: it has not."""

    dv_specific: bool | None
    part2_valid: bool | None
    minor_own: bool | None
    names_hiv: bool | None
    names_protected_address: bool | None


def _terms(release: Release, person: ReleasePerson) -> tuple[tuple[Category, ...], _Elements]:
    """The categories that a release opens of one person, and the special elements that it has for that one."""
    sections, ref = release.paper.sections, person.ref
    own = is_minors_own(release, person)
    special = {
        Category.K12: sections.domestic_violence is not None and sections.domestic_violence.survivor == ref,
        Category.K10: sections.substance_use is not None and sections.substance_use.patient == ref,
        Category.K13: own or (sections.minor_consented is not None and sections.minor_consented.minor == ref),
        Category.K14: ref in sections.hiv,
        Category.K18: ref in sections.protected_address,
    }
    named = tuple(one for one in release.categories if special.get(one, True))
    if own:  # what a minor signs alone is for the services that a minor may consent to, and no more
        named = tuple(one for one in named if one is Category.K13)
    has = {one: True if one in named and holds else None for one, holds in special.items()}
    elements = _Elements(
        dv_specific=has[Category.K12],
        part2_valid=has[Category.K10],
        minor_own=has[Category.K13],
        names_hiv=has[Category.K14],
        names_protected_address=has[Category.K18],
    )
    return named, elements


def is_minors_own(release: Release, person: ReleasePerson) -> bool:
    """Whether the person is a minor who signed alone, for services that a minor may consent to."""
    standing = release.paper.signer(person.ref).standing
    return person.signed_by is SignedBy.SELF and standing is Standing.MINOR_OWN_SERVICES


def _without(release: Release, taken: Withdrawal) -> Release:
    """A release without all that is named in any of the lists of a withdrawal."""
    programs = {one for one in taken.recipients if isinstance(one, Program)}
    roles = {one for one in taken.recipients if isinstance(one, Role)}
    return replace(
        release,
        categories=tuple(one for one in release.categories if one not in taken.categories),
        persons=tuple(one for one in release.persons if one.ref not in taken.persons),
        directions=_directions(release.directions, programs),
        recipients=_recipients(release.recipients, programs, roles),
    )


def _directions(directions: Iterable[Direction], programs: set[Program]) -> tuple[Direction, ...]:
    """Without the ways into these programs."""
    closed = {_INTO[program] for program in programs}
    if not closed:
        return tuple(directions)
    ways = {
        way
        for one in directions
        for way in (_INTO.values() if one is Direction.BOTH else (one,))
        if way not in closed
    }
    return tuple(sorted(ways))


def _recipients(
    recipients: tuple[Role | Program, ...] | None, programs: set[Program], roles: set[Role]
) -> tuple[Role | Program, ...] | None:
    """Without these programs and roles. A program of which a role is taken stands for the others that are its own."""
    gone = {role for program in programs for role in _ROLES_OF[program]} | roles
    if not roles:
        kept = recipients if recipients is None else [r for r in recipients if r not in programs | gone]
        return None if kept is None else tuple(kept)
    named: set[Role] = set()
    for one in recipients if recipients is not None else set(Role) - NEVER_RECIPIENTS:
        named |= _ROLES_OF[one] if isinstance(one, Program) else {one}
    return tuple(sorted(named - gone))
