"""A release from what was written on a form: every word read, every check made, and all that is wrong told at once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from services.matcher.disclosure.paper import Paper
from services.matcher.disclosure.policy import ORDINARY, CountyPolicy
from services.matcher.disclosure.release import NEVER_RECIPIENTS, Release, ReleasePerson
from services.matcher.disclosure.request import Category, Direction, Program, Purpose, Role
from services.matcher.disclosure.signers import SignedBy
from services.matcher.disclosure.validity import Ages, failures
from shared.calendars import add_months
from shared.errors import FieldError, Invalid

OPEN_PURPOSES = (Purpose.P2, Purpose.P3, Purpose.P4, Purpose.P6, Purpose.P7)
ALL_RECORDS = "all_records"  # as written on a form: resolved into categories here
AT_MY_REQUEST = "at_my_request"  # likewise into purposes

_Value = TypeVar("_Value")


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
    expires_on: date | None,
    today: date,
    policy: CountyPolicy,
    paper: Paper | None = None,
    supersedes: str | None = None,
    ages: Ages | None = None,
) -> Release:
    """A release from what was written on the form. `persons` are (ref, signed_by); `today` is local.

    What is merely missing makes it a draft. Invalid: every field that is empty, unknown or not possible, at once;
    values are not repeated.
    """
    errors: list[FieldError] = []
    release = Release(
        id=id,
        county=county,
        program=program,
        persons=_persons(persons, errors),
        categories=_resolved("categories", categories, ALL_RECORDS, ORDINARY, Category, errors),
        directions=_listed("directions", directions, Direction, errors),
        purposes=_resolved("purposes", purposes, AT_MY_REQUEST, OPEN_PURPOSES, _purpose, errors),
        recipients=None if recipients is None else _listed("recipients", recipients, recipient, errors),
        form=form.strip(),
        signed_on=signed_on,
        expires_on=expires_on or _as_printed(form, signed_on, policy, errors),
        paper=paper or Paper(),
        supersedes=supersedes,
    )
    return checked(release, policy, today, ages, errors)


def checked(
    release: Release,
    policy: CountyPolicy,
    today: date,
    ages: Ages | None = None,
    errors: Sequence[FieldError] = (),
) -> Release:
    """The release with what it still lacks. Invalid: `errors`, and each failure that nothing can cure."""
    found = failures(release, policy, today, ages)
    told = {_field(error.pointer) for error in errors}
    wrong = [
        FieldError(one.pointer, one.fix) for one in found if one.final and _field(one.pointer) not in told
    ]
    if errors or wrong:
        raise Invalid(*errors, *wrong)
    return replace(release, lacks=tuple(dict.fromkeys(one.check.value for one in found)))


def _field(pointer: str) -> str:
    return pointer.split("/")[1]


def _as_printed(form: str, signed_on: date, policy: CountyPolicy, errors: list[FieldError]) -> date:
    """The last day that the form itself names, where it does."""
    known = policy.form(form)
    if known is None or known.default_months is None:
        errors.append(FieldError("/expires_on", "Give the last day: this form does not name one itself."))
        return signed_on
    return add_months(signed_on, min(known.default_months, policy.release_cap_months))


def _persons(written: Sequence[tuple[str, str]], errors: list[FieldError]) -> tuple[ReleasePerson, ...]:
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


def _resolved(
    field: str,
    written: Sequence[str],
    shorthand: str,
    means: tuple[_Value, ...],
    read: Callable[[str], _Value],
    errors: list[FieldError],
) -> tuple[_Value, ...]:
    """A list in which one word may stand for several values; what else is listed by name stands beside them."""
    if shorthand not in written:
        return _listed(field, written, read, errors)
    named = _listed(field, written, lambda one: None if one == shorthand else read(one), errors)
    return tuple(dict.fromkeys((*means, *(one for one in named if one is not None))))


def _listed(
    field: str, written: Sequence[str], read: Callable[[str], _Value], errors: list[FieldError]
) -> tuple[_Value, ...]:
    """Each value once, in the order given; one error for each that cannot be read."""
    values: dict[_Value, None] = {}
    for at, one in enumerate(written):
        try:
            values[read(one)] = None
        except _NotPossibleError as wrong:
            errors.append(FieldError(f"/{field}/{at}", str(wrong)))
        except ValueError:
            errors.append(FieldError(f"/{field}/{at}", "This is not a value that a release can name."))
    return tuple(values)


class _NotPossibleError(ValueError):
    """A value of the vocabulary that a release cannot name."""


def _purpose(written: str) -> Purpose:
    purpose = Purpose(written)
    if purpose not in OPEN_PURPOSES:
        raise _NotPossibleError("A release cannot name this purpose; it may name P2, P3, P4, P6 and P7.")
    return purpose


def recipient(written: str) -> Role | Program:
    """A role, or a program in either of its spellings. ValueError: none, or one that receives nothing."""
    if written in set(Role):
        role = Role(written)
        if role in NEVER_RECIPIENTS:
            raise _NotPossibleError("This role receives nothing under a release.")
        return role
    return Program.of(written)
