"""Alerts as a page shows them: what is due when, why it is there, whom to call, what crossed and why that is lawful.

Plain values made from a read that has been decided; nothing here asks for anything more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from services.matcher.alerts.reading import Agreement, ShownAlert, ShownItem
from services.matcher.alerts.routing import LIAISON
from services.matcher.disclosure.policy import CountyPolicy
from services.matcher.web import words
from shared.calendars import local_date

# The preventable first: a sanction that can still be avoided, then what must not be used, then the rest.
_ORDER = {"A09": 0, "A26": 1, "A10": 2, "A05": 3, "A07": 4, "A06": 5, "A01": 6, "A11": 7, "A25": 8, "A02": 9}
_LAST_MINUTE = (23, 59)
_SOON = 5  # calendar days of a legal clock from which it is shown as urgent

Urgency = Literal["urgent", "soon"]


@dataclass(frozen=True, slots=True)
class Due:
    """When something must be done, in words."""

    text: str
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call on the other side. `dial`: the telephone's digits."""

    name: str
    roles: str
    phone: str | None
    dial: str | None
    office: str | None


@dataclass(frozen=True, slots=True)
class Ground:
    """By what right something crossed, what for, and until when; `redaction`: what alone was shown."""

    basis: str
    purpose: str
    until: str
    redaction: str | None


@dataclass(frozen=True, slots=True)
class Crossed:
    """A fact that crossed: what, and about whom."""

    title: str
    about: str | None
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Why the other program's record is thought to be the same person's: fields, never values."""

    name: str
    fields: tuple[tuple[str, str, str], ...]
    wrong: str
    model: str


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert on a page."""

    id: str
    number: str
    type: str
    title: str
    names: str | None
    due: Due | None
    why: str
    next_step: str
    contacts: tuple[Contact, ...]
    crossed: tuple[tuple[Ground, tuple[Crossed, ...]], ...]
    matches: tuple[Match, ...]
    state: str
    since: str
    acknowledged: str | None
    unassigned: bool
    review: str | None
    other: str


def in_order(rows: Iterable[Any]) -> list[Any]:
    """Entries by the law's clock: what it ends first, then by the time to acknowledge."""
    return sorted(rows, key=_place)


def _place(row: Any) -> tuple[int, float, str]:
    by = row.legal_due or row.acknowledge_by
    return _ORDER.get(row.type, len(_ORDER)), by.timestamp() if by else 0.0, row.alert


def view(shown: ShownAlert, now: datetime, policy: CountyPolicy) -> AlertView:
    """An alert in words."""
    row, zone = shown.row, policy.zone
    names = words.listed(sorted(set(shown.people.values())))
    contacts = _contacts(shown.items)
    other = words.PROGRAMS[words.OTHER[row.program]]
    said = words.telling(row.type, row.program)
    blanks = {
        "names": names,
        "other": other,
        "contact": words.listed(list(dict.fromkeys(contact.name for contact in contacts)))
        if contacts
        else other,
        "last_day": words.day(local_date(row.legal_due, zone)) if row.legal_due else "the last day",
    }
    return AlertView(
        id=row.alert,
        number=row.alert[:8],
        type=row.type,
        title=words.TITLES.get(row.type, "Alert"),
        names=names if shown.people else None,
        due=_due(row, now, zone),
        why=said.why.format(**blanks),
        next_step=said.next_step.format(**blanks),
        contacts=contacts,
        crossed=_crossed(shown, zone),
        matches=tuple(
            _match(shown.people[ref], shown.match[ref])
            for ref in sorted(shown.people, key=lambda ref: (shown.people[ref], ref))
            if ref in shown.match
        ),
        state=row.state,
        since=words.moment(row.created_at, zone),
        acknowledged=words.moment(row.acknowledged_at, zone) if row.state == "acknowledged" else None,
        unassigned=row.inbox == LIAISON and row.type not in ("A02", "A10", "A26"),
        review=row.cause if row.type == "A02" else None,
        other=other,
    )


def _match(name: str, agreement: Agreement) -> Match:
    fields = ((*words.agreement(field, level), f"{weight:+.1f}") for field, level, weight in agreement.parts)
    return Match(name, tuple(fields), words.one_in(agreement.weight), agreement.model)


def _due(row: Any, now: datetime, zone: ZoneInfo) -> Due | None:
    """The legal clock, else the time to acknowledge; None once that is done."""
    today = local_date(now, zone)
    if row.legal_due is not None:
        left = (local_date(row.legal_due, zone) - today).days
        return Due(_days_left(left), "urgent" if left <= _SOON else "soon")
    if row.state == "acknowledged" or row.acknowledge_by is None:
        return None
    if row.acknowledge_by < now:
        return Due("Late: acknowledge now", "urgent")
    return Due(f"Acknowledge by {_by(row.acknowledge_by, today, zone)}", "soon")


def _days_left(left: int) -> str:
    match left:
        case 0:
            return "Last day is today"
        case 1:
            return "1 day left"
        case _:
            return f"{left} days left" if left > 0 else "The last day is past"


def _by(at: datetime, today: date, zone: ZoneInfo) -> str:
    near = words.near_day(local_date(at, zone), today)
    local = at.astimezone(zone)
    return near if (local.hour, local.minute) == _LAST_MINUTE else f"{near}, {words.clock(at, zone)}"


def _contacts(items: Sequence[ShownItem]) -> tuple[Contact, ...]:
    """Everybody to call, once, with all the roles in which they work with the family."""
    roles: dict[tuple[str, str | None, str | None], dict[str, None]] = {}
    for item in items:
        facts = item.facts
        if item.category == "K0" and "worker_name" in facts:
            who = (str(facts["worker_name"]), facts.get("worker_phone"), facts.get("office"))
            its = roles.setdefault(who, {})
            if role := facts.get("worker_role"):
                its[str(role)] = None
    return tuple(
        Contact(name, words.listed(list(its)) if its else "", phone, _dial(phone), office)
        for (name, phone, office), its in roles.items()
    )


def _dial(phone: str | None) -> str | None:
    return "".join(c for c in phone or "" if c.isdigit() or c == "+") or None


def _crossed(shown: ShownAlert, zone: ZoneInfo) -> tuple[tuple[Ground, tuple[Crossed, ...]], ...]:
    """What crossed, by its ground; the same fact about several people stands once."""
    grounds: dict[Ground, dict[tuple[str, tuple[tuple[str, str], ...]], dict[str, None]]] = {}
    for item in shown.items:
        ground = Ground(
            words.BASES.get(item.basis, item.basis),
            words.PURPOSES.get(item.purpose, item.purpose),
            words.until(item.expires, zone) if item.expires else "no end date",
            item.redaction,
        )
        facts = tuple((words.field(name), words.value(name, held, zone)) for name, held in item.facts.items())
        title = words.CATEGORIES.get(item.category, item.category)
        about = grounds.setdefault(ground, {}).setdefault((title, facts), {})
        person = shown.people.get(item.person or "")
        if person is not None and item.category != "K0":  # a worker's telephone is about nobody
            about[person] = None
    return tuple(
        (
            ground,
            tuple(
                Crossed(title, words.listed(list(about)) if about else None, facts)
                for (title, facts), about in its.items()
            ),
        )
        for ground, its in grounds.items()
    )
