"""The release of information: what a family has signed, and the basis that it gives.

A release names everything: whose data, which categories, which way, what for, and when it ends. Nothing is
filled in for the family, and what a list does not name is not released.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from services.matcher.disclosure.policy import CountyPolicy
from services.matcher.disclosure.request import (
    Basis,
    BasisKind,
    Category,
    Direction,
    Program,
    Purpose,
    Role,
)
from shared.calendars import PACIFIC, add_months, months_after, start_of_day
from shared.errors import FieldError, Invalid

OPEN_CATEGORIES = frozenset(
    {Category.K0, Category.K1, Category.K2, Category.K3, Category.K4, Category.K6, Category.K7}
)
OPEN_PURPOSES = frozenset({Purpose.P2, Purpose.P3, Purpose.P4, Purpose.P6, Purpose.P7})
NEVER_RECIPIENTS = frozenset({Role.SYSTEM_MATCHER, Role.ANALYST, Role.AUDITOR, Role.INTEGRATION})

_YEAR_IN_MONTHS = 12
_Value = TypeVar("_Value")


class SignedBy(StrEnum):
    """Who signed for a person."""

    SELF = "self"
    PARENT_GUARDIAN = "parent_guardian"
    REPRESENTATIVE = "representative"


@dataclass(frozen=True)
class ReleasePerson:
    """One whose own data is released; `ref` is the record of the program that took the release."""

    ref: str
    signed_by: SignedBy


@dataclass(frozen=True, kw_only=True)
class Release:
    """A recorded release. `program` ("cws", "calworks") took it; `recipients` None: not narrowed further.

    It holds from the start of `signed_on` to the end of `expires_on`, both in the county's zone.
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

    def revoke(self, at: datetime) -> "Release":
        """The release, revoked. A second revocation does not move the first to a later time."""
        if self.revoked_at is not None and self.revoked_at <= at:
            return self
        return replace(self, revoked_at=at)

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


def record_release(
    *,
    id: str,  # noqa: A002
    county: str,
    program: str,
    persons: Sequence[tuple[str, str]],
    categories: Sequence[str],
    directions: Sequence[str],
    purposes: Sequence[str],
    recipients: Sequence[str] | None,
    form: str,
    signed_on: date,
    expires_on: date,
    today: date,
    policy: CountyPolicy,
) -> Release:
    """A release from what was written on the form. `persons` are (ref, signed_by); `today` is local.

    Invalid: every field that is empty, unknown or not yet possible, at once; values are not repeated.
    """
    errors: list[FieldError] = []
    release = Release(
        id=id,
        county=county,
        program=program,
        persons=_persons(persons, errors),
        categories=_listed("categories", categories, _category, errors),
        directions=_listed("directions", directions, Direction, errors),
        purposes=_listed("purposes", purposes, _purpose, errors),
        recipients=None if recipients is None else _listed("recipients", recipients, _recipient, errors),
        form=form.strip(),
        signed_on=signed_on,
        expires_on=expires_on,
    )
    if not release.form:
        errors.append(FieldError("/form", "Name the form that was signed."))
    errors += _date_errors(signed_on, expires_on, today, policy)
    if errors:
        raise Invalid(*errors)
    return release


def basis_for(release: Release, persons_covered: Iterable[str], zone: ZoneInfo = PACIFIC) -> Basis:
    """The ground that a release gives, for the gate.

    `persons_covered` are references whose own data it covers: the persons who signed or were signed for,
    and the same persons' records across links that stand now; never a record merged in or in review.
    """
    return Basis(
        basis=BasisKind.ROI,
        categories=release.categories,
        directions=release.directions,
        purposes=release.purposes,
        persons=tuple(sorted(set(persons_covered))),
        recipients=release.recipients,
        valid_from=release.begins_at(zone),
        expires=release.ends_at(zone),
        revoked_at=release.revoked_at,
        source=release.id,
    )


def _persons(written: Sequence[tuple[str, str]], errors: list[FieldError]) -> tuple[ReleasePerson, ...]:
    if not written:
        errors.append(FieldError("/persons", "Name at least one person."))
    persons: dict[str, ReleasePerson] = {}
    for at, (ref, signed_by) in enumerate(written):
        if not ref:
            errors.append(FieldError(f"/persons/{at}/ref", "Give the person's reference."))
        elif ref in persons:
            errors.append(FieldError(f"/persons/{at}/ref", "This person is named twice."))
        try:
            persons[ref] = ReleasePerson(ref, SignedBy(signed_by))
        except ValueError:
            words = "Say who signed: self, parent_guardian or representative."
            errors.append(FieldError(f"/persons/{at}/signed_by", words))
    return tuple(persons.values())


def _listed(
    field: str, written: Sequence[str], read: Callable[[str], _Value], errors: list[FieldError]
) -> tuple[_Value, ...]:
    """Each value once, in the order given; one error for each that cannot be read."""
    if not written:
        errors.append(FieldError(f"/{field}", "Name at least one; nothing is filled in."))
    values: dict[_Value, None] = {}
    for at, one in enumerate(written):
        try:
            values[read(one)] = None
        except _NotYetError as wrong:
            errors.append(FieldError(f"/{field}/{at}", str(wrong)))
        except ValueError:
            errors.append(FieldError(f"/{field}/{at}", "This is not a value that a release can name."))
    return tuple(values)


class _NotYetError(ValueError):
    """A value of the vocabulary that a release cannot name at present."""


def _category(written: str) -> Category:
    category = Category(written)
    if category not in OPEN_CATEGORIES:
        raise _NotYetError("A release cannot name this category yet.")
    return category


def _purpose(written: str) -> Purpose:
    purpose = Purpose(written)
    if purpose not in OPEN_PURPOSES:
        raise _NotYetError("A release cannot name this purpose; it may name P2, P3, P4, P6 and P7.")
    return purpose


def _recipient(written: str) -> Role | Program:
    """A role, or a program in either of its spellings."""
    if written in set(Role):
        role = Role(written)
        if role in NEVER_RECIPIENTS:
            raise _NotYetError("This role receives nothing under a release.")
        return role
    return Program.of(written)


def _date_errors(signed_on: date, expires_on: date, today: date, policy: CountyPolicy) -> list[FieldError]:
    if signed_on > today:
        return [FieldError("/signed_on", "The date of signature is in the future.")]
    errors = []
    if expires_on < signed_on:
        errors.append(FieldError("/expires_on", "It ends before it was signed."))
    elif expires_on < today or add_months(signed_on, _YEAR_IN_MONTHS) <= today:
        errors.append(FieldError("/expires_on", "It has ended already."))
    if expires_on > add_months(signed_on, policy.release_cap_months):
        words = f"It must end within {policy.release_cap_months} months of the signature."
        errors.append(FieldError("/expires_on", words))
    return errors
