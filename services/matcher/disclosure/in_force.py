"""Whether a basis is in force at an instant, and whether it covers the request. Lists narrow."""

from datetime import datetime, timedelta

from services.matcher.disclosure.request import Basis, Direction, Reason, Request
from services.matcher.disclosure.table import Column
from shared.calendars import PACIFIC, local_date, months_after, start_of_day


def inactive(request: Request, basis: Basis, column: Column) -> Reason | None:
    """Why a basis says nothing of this request, whatever the category; None: it is in force and covers it."""
    return _not_in_force(basis, column, request.now) or _uncovered(request, basis, column)


def ends(basis: Basis, column: Column) -> datetime | None:
    """When the basis ends: the first of its expiry and of the longest time that its ground gives it."""
    last = [basis.expires] if basis.expires is not None else []
    try:
        if column.longest_months is not None:
            last.append(months_after(basis.valid_from, column.longest_months))
        if column.days_after_report is not None and basis.report_at is not None:
            last.append(_end_after_report(basis.report_at, basis.extended_to, column.days_after_report))
    except (OverflowError, ValueError):  # no instant can hold it: such a basis never was in force
        return basis.valid_from
    return min(last, default=None)


def names(value: str, listed: tuple[str, ...] | None, *, must: bool) -> bool:
    """Whether a list of the basis names a value; no list does not narrow, but where there must be one."""
    return not must if listed is None else value in listed


def _not_in_force(basis: Basis, column: Column, now: datetime) -> Reason | None:
    if column.must_expire and basis.expires is None:
        return Reason.NO_EXPIRY
    if basis.revoked_at is not None and basis.revoked_at <= now:
        return Reason.REVOKED
    if now < basis.valid_from:
        return Reason.NOT_YET_IN_FORCE
    if column.days_after_report is not None and (basis.report_at is None or now < basis.report_at):
        return Reason.NO_REPORT
    end = ends(basis, column)
    return Reason.EXPIRED if end is not None and end <= now else None


def _uncovered(request: Request, basis: Basis, column: Column) -> Reason | None:
    must, recipients = column.must_name, basis.recipients
    if not names(request.subject.id, basis.persons, must="persons" in must):
        return Reason.PERSON_NOT_COVERED
    if not names(request.category, basis.categories, must="categories" in must):
        return Reason.CATEGORY_NOT_NAMED
    if not _goes(request, basis.directions, must="directions" in must):
        return Reason.DIRECTION_NOT_COVERED
    if not names(request.purpose, basis.purposes, must="purposes" in must):
        return Reason.PURPOSE_NOT_COVERED
    if recipients is not None and request.role not in recipients and request.recipient not in recipients:
        return Reason.RECIPIENT_NOT_NAMED
    if request.recipient in column.roster_for and basis.roster_member is not True:
        return Reason.NOT_ON_ROSTER
    return None


def _goes(request: Request, directions: tuple[Direction, ...] | None, *, must: bool) -> bool:
    if directions is None:
        return not must
    return any(one.covers(request.holder, request.recipient) for one in directions)


def _end_after_report(report_at: datetime, extended_to: datetime | None, days: int) -> datetime:
    """The local midnight after day `days`, the day of the report being day 0; or the extension, if later."""
    after = start_of_day(local_date(report_at, PACIFIC) + timedelta(days=days + 1), PACIFIC)
    return after if extended_to is None else max(after, extended_to)
