"""Reads one line of the decision format, strictly: what is not exactly as agreed is no request."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

# fmt: off
CATEGORIES = (
    "K0", "K1", "K1S", "K2", "K3", "K3R", "K4", "K5", "K6", "K7", "K8",
    "K9", "K10", "K11", "K12", "K13", "K14", "K15", "K16", "K17", "K18",
)
# fmt: on
PROGRAMS = ("CWS", "CalWORKs")
PURPOSES = ("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8")
CWS_ROLES = ("er_worker", "case_worker", "cws_supervisor", "tdm_facilitator", "cws_clerk")
CALWORKS_ROLES = ("eligibility_worker", "wtw_worker", "calworks_supervisor", "calworks_clerk")
BOTH_ROLES = ("linkages_liaison", "linkages_coordinator")
OTHER_ROLES = ("system_matcher", "analyst", "auditor", "integration")
ROLES = CWS_ROLES + CALWORKS_ROLES + BOTH_ROLES + OTHER_ROLES
TOPICS = ("FR_AID", "RELATIVE_CAREGIVER", "AU_CHANGE", "IN_HA")
DIRECTIONS = ("CWS->CalWORKs", "CalWORKs->CWS", "both")
BREADTHS = ("none", "eligibility_facts", "coordination")
BASES = (
    "ROI",
    "ADMIN_10850",
    "MDT_18951",
    "MDT_18961_7",
    "MDT_18986",
    "CFT_832",
    "COURT",
    "INDEX_18961_5",
    "EMERGENCY",
    "SUBJECT",
)
BASIS_FLAGS = (
    "names_protected_address",
    "names_hiv",
    "dv_specific",
    "part2_valid",
    "minor_own",
    "roster_member",
)
BASIS_LISTS: dict[str, tuple[str, ...] | None] = {
    "categories": CATEGORIES,
    "directions": DIRECTIONS,
    "purposes": PURPOSES,
    "persons": None,
    "recipients": ROLES + PROGRAMS,
}
BASIS_TIMES = ("expires", "revoked_at", "report_at", "extended_to")

Instant = tuple[int, str]  # seconds since the first day of year 1 in UTC, and the digits after the point
_LOS_ANGELES = ZoneInfo("America/Los_Angeles")
_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_FOUR_CENTURIES = 146_097  # days


class WrongInput(ValueError):
    """The line is not a request."""


@dataclass(frozen=True)
class Basis:
    """One basis as given; None where the line says nothing."""

    kind: str
    breadth: str | None
    flags: frozenset[str]
    lists: dict[str, frozenset[str] | None]
    valid_from: Instant
    year_after: Instant
    times: dict[str, Instant | None]


@dataclass(frozen=True)
class Request:
    """One request, checked."""

    id: str
    category: str
    holder: str
    recipient: str
    purpose: str
    role: str
    assigned: bool
    topic: str | None
    subject: str
    sensitivity: str
    limited_access: bool
    implies: frozenset[str]
    reason_code: str | None
    minor_consented: bool
    names_hiv: bool
    alleged_abuser: bool
    bases: tuple[Basis, ...]
    now: Instant


def read(line: str) -> tuple[str | None, Request | None]:
    """The id, where one can be read, and the request, unless anything in the line is wrong."""
    doubled: list[str] = []

    def as_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            doubled.append("a key stands twice")
        return result

    try:
        value = json.loads(line, object_pairs_hook=as_object, parse_constant=_no_constant, parse_int=float)
    except (ValueError, RecursionError):
        return None, None
    if doubled or not isinstance(value, dict):
        return None, None
    name = value.get("id")
    shown = name if isinstance(name, str) else None
    try:
        return shown, _request(value)
    except WrongInput:
        return shown, None


def _no_constant(word: str) -> Any:
    raise ValueError(word)


def _request(value: dict[str, Any]) -> Request:
    required = "id category holder recipient purpose role assigned subject item bases now"
    _keys(value, required, "topic")
    subject, item, bases = value["subject"], value["item"], value["bases"]
    _keys(subject, "id sensitivity limited_access", "")
    _keys(item, "implies minor_consented names_hiv alleged_abuser_in_recipient_clients", "reason_code")
    if not isinstance(bases, list):
        raise WrongInput("bases")
    return Request(
        id=_text(value["id"]),
        category=_one_of(value["category"], CATEGORIES),
        holder=_one_of(value["holder"], PROGRAMS),
        recipient=_one_of(value["recipient"], PROGRAMS),
        purpose=_one_of(value["purpose"], PURPOSES),
        role=_one_of(value["role"], ROLES),
        assigned=_flag(value["assigned"]),
        topic=None if value.get("topic") is None else _one_of(value["topic"], TOPICS),
        subject=_text(subject["id"]),
        sensitivity=_one_of(subject["sensitivity"], ("N", "S", "R")),
        limited_access=_flag(subject["limited_access"]),
        implies=_list(item["implies"], CATEGORIES),
        reason_code=None if item.get("reason_code") is None else _text(item["reason_code"]),
        minor_consented=_flag(item["minor_consented"]),
        names_hiv=_flag(item["names_hiv"]),
        alleged_abuser=_flag(item["alleged_abuser_in_recipient_clients"]),
        bases=tuple(_basis(basis) for basis in bases),
        now=instant(value["now"]),
    )


def _basis(value: object) -> Basis:
    optional = " ".join(["breadth", *BASIS_FLAGS, *BASIS_LISTS, *BASIS_TIMES])
    given = _keys(value, "basis valid_from", optional)

    breadth = given.get("breadth")
    return Basis(
        kind=_one_of(given["basis"], BASES),
        breadth=None if breadth is None else _one_of(breadth, BREADTHS),
        flags=frozenset(key for key in BASIS_FLAGS if given.get(key) is not None and _flag(given[key])),
        lists={
            key: None if given.get(key) is None else _list(given[key], known)
            for key, known in BASIS_LISTS.items()
        },
        valid_from=instant(given["valid_from"]),
        year_after=instant(given["valid_from"], years=1),
        times={key: None if given.get(key) is None else instant(given[key]) for key in BASIS_TIMES},
    )


def _keys(value: object, required: str, optional: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongInput("no object")
    needed = set(required.split())
    if needed - set(value) or set(value) - needed - set(optional.split()):
        raise WrongInput("keys")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise WrongInput("no text")
    return value


def _flag(value: object) -> bool:
    if value is True or value is False:
        return value is True
    raise WrongInput("neither true nor false")


def _one_of(value: object, known: tuple[str, ...]) -> str:
    if _text(value) not in known:
        raise WrongInput("unknown value")
    return str(value)


def _list(value: object, known: tuple[str, ...] | None) -> frozenset[str]:
    if not isinstance(value, list):
        raise WrongInput("no list")
    return frozenset(_text(member) if known is None else _one_of(member, known) for member in value)


def instant(value: object, years: int = 0) -> Instant:
    """The instant of an RFC 3339 text with its offset, or of the same clock some years on."""
    parts = _TIME.fullmatch(_text(value))
    if parts is None:
        raise WrongInput("no time with an offset")
    year, month, day, hour, minute, second = (int(part) for part in parts.groups()[:6])
    sign, hours, minutes = parts[8], int(parts[9] or 0), int(parts[10] or 0)
    if hour > 23 or minute > 59 or second > 59 or hours > 23 or minutes > 59:
        raise WrongInput("no such time")
    try:
        days = _days(year, month, day, years)
    except ValueError as error:
        raise WrongInput("no such day") from error
    offset = (hours * 60 + minutes) * (-60 if sign == "-" else 60)
    seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
    return seconds, (parts[7] or "").rstrip("0")


def _days(year: int, month: int, day: int, years: int) -> int:
    date(year, month, day)
    later = year + years
    if (month, day) == (2, 29) and years:
        day = 28  # a year after 29 February is the 28th: never a day longer
    if later > 9_999:
        return date(later - 400, month, day).toordinal() + _FOUR_CENTURIES
    return date(later, month, day).toordinal()


def end_of_thirtieth_day(report: Instant) -> Instant:
    """When the thirtieth day after the report's own day in Los Angeles is over."""
    begin = datetime(1, 1, 1, tzinfo=UTC)
    try:
        local = (begin + timedelta(days=-1, seconds=report[0])).astimezone(_LOS_ANGELES)
        midnight = datetime.combine(local.date() + timedelta(days=31), time(), _LOS_ANGELES)
        since = midnight.astimezone(UTC) - begin
    except OverflowError:  # the first or the last days that a calendar has
        eight_hours = 8 * 3_600
        day = (report[0] - eight_hours) // 86_400
        return (day + 31) * 86_400 + eight_hours, ""
    return (since.days + 1) * 86_400 + since.seconds, ""
