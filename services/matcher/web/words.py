"""The pages' words: plain, short, and never a word that tells why a family is known to child welfare."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.matcher.identity.scoring import probability
from shared.calendars import local_date

PROGRAMS = {"cws": "Child Welfare Services", "calworks": "CalWORKs"}
OTHER = {"cws": "calworks", "calworks": "cws"}


@dataclass(frozen=True, slots=True)
class Telling:
    """What an alert says to one program: why its worker sees it, and the one next step. Blanks: names, other
    program, contact, last_day."""

    why: str
    next_step: str


TITLES = {
    "A01": "New shared family",
    "A02": "A doubtful match to look at",
    "A05": "Child placed out of the home",
    "A06": "Child is home again",
    "A07": "Child is to live with a relative",
    "A09": "A sanction can still be avoided",
    "A10": "A sanction is in place",
    "A11": "A sanction has ended",
    "A25": "New worker to call",
    "A26": "Disregard an earlier alert",
}
_TELLINGS = {
    ("A01", "cws"): Telling(
        "You work with {names}. {other} serves the family too.",
        "Call {contact}. Agree on one plan for the family.",
    ),
    ("A01", "calworks"): Telling(
        "You work with {names}. {other} serves the family too.",
        "Call {contact}. Agree on one plan for the family.",
    ),
    ("A05", "calworks"): Telling(
        "You work with the family of {names}. {other} has placed a child out of the home.",
        "Call {contact}. Ask if the plan is for the child to come home. Then check what that means for the aid.",
    ),
    ("A06", "calworks"): Telling(
        "You work with the family of {names}. {other} says that a child is home again.",
        "Call {contact}. Check what the child's return means for the aid.",
    ),
    ("A07", "calworks"): Telling(
        "You work with {names}. {other} says that a child of the family lives, or is to live, with them.",
        "Call {contact}. Ask about immediate need, homeless assistance, and what the relative is paid.",
    ),
    ("A09", "cws"): Telling(
        "You work with {names}. CalWORKs sent a notice. If nothing is done by {last_day}, the cash aid may go down.",
        "Call {contact}. Say which of your visits and meetings fall on the same days. They may be good cause.",
    ),
    ("A09", "calworks"): Telling(
        "Your program sent a notice to {names}. {other} serves the family too.",
        "Call {contact}. Ask which visits and meetings fall on the same days. They may be good cause.",
    ),
    ("A10", "cws"): Telling(
        "You work with {names}. CalWORKs has put a sanction on the cash aid. It can be ended on any day.",
        "Call {contact}. Ask which steps end it, and put them into one plan with yours.",
    ),
    ("A10", "calworks"): Telling(
        "Your program has put a sanction on the cash aid of {names}. {other} serves the family too.",
        "Call {contact}. Ask if the family's other plan can help to end it.",
    ),
    ("A11", "cws"): Telling(
        "You work with {names}. The sanction on the cash aid has ended.",
        "Call {contact}. Ask which work activities go on, and put them into one plan with yours.",
    ),
    ("A25", "cws"): Telling(
        "You work with {names}. The family has a new worker at {other}.",
        "Call {contact}. Tell the new worker of the plan that you share.",
    ),
    ("A25", "calworks"): Telling(
        "You work with {names}. The family has a new worker at {other}.",
        "Call {contact}. Tell the new worker of the plan that you share.",
    ),
}
_RECALLED = Telling(
    "You have read an alert that does not hold any more.",
    "Do not use what it said. If you wrote it down, strike it out.",
)
_UNKNOWN = Telling("You work with {names}.", "Call {contact}.")


_REVIEW = Telling(
    "You are a liaison. A record of yours and one of {other} may be of one person, or of two.",
    "Compare the two records, and say what you found. Nobody else is told before.",
)


def telling(alert_type: str, program: str) -> Telling:
    """What an alert of this type says to a worker of this program."""
    if alert_type == "A02":
        return _REVIEW
    if alert_type == "A26":
        return _RECALLED
    return _TELLINGS.get((alert_type, program), _UNKNOWN)


CATEGORIES = {
    "K0": "Whom to call: the worker's name and phone",
    "K1": "Name and birth date",
    "K2": "That the program serves the family",
    "K3": "Cash aid and work program status",
    "K4": "Work program schedule",
    "K6": "Child welfare status",
    "K7": "Child welfare plan: services, goals, visits",
}
PURPOSES = {
    "P2": "First contact when a new family comes in",
    "P3": "Deciding and giving benefits",
    "P4": "Planning together",
    "P6": "Avoiding or ending a sanction",
    "P7": "Closing well",
}
BASES = {
    "ROI": "A release that the family signed",
    "ADMIN_10850": "State law on running public social services (WIC 10850)",
}
DIRECTIONS = {
    "both": "Both ways",
    "CWS->CalWORKs": "From Child Welfare Services to CalWORKs only",
    "CalWORKs->CWS": "From CalWORKs to Child Welfare Services only",
}
SIGNERS = {
    "self": "Signed for self",
    "parent_guardian": "Parent or guardian signed",
    "representative": "Representative signed",
}
ROLES = {
    "child": "child",
    "parent": "parent",
    "guardian": "guardian",
    "relative_caregiver": "relative caregiver",
    "aided_adult": "adult on aid",
    "aided_child": "child on aid",
    "non_needy_caretaker": "caretaker not on aid",
    "ssi": "on SSI",
}
STATEMENTS = {
    "right_to_revoke": "That they can take it back, and how",
    "aid_not_conditioned": "That aid and services do not depend on it",
    "redisclosure": "That who gets the information might pass it on",
    "copy": "That they have a right to a copy",
}
LANGUAGES = {
    "en": "English",
    "es": "Spanish",
    "ar": "Arabic",
    "hy": "Armenian",
    "zh": "Chinese",
    "fa": "Farsi",
    "hi": "Hindi",
    "hmn": "Hmong",
    "ja": "Japanese",
    "km": "Khmer",
    "ko": "Korean",
    "pa": "Punjabi",
    "ru": "Russian",
    "sgn": "A sign language",
    "tl": "Tagalog",
    "th": "Thai",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
}
OUTCOMES = {
    "signed": "The family signed",
    "declined": "The family said no",
    "not_reached": "The family could not be reached",
}

_FIELDS = {
    "worker_name": "Worker",
    "worker_phone": "Phone",
    "worker_role": "Role",
    "office": "Office",
    "name": "Name",
    "birth_date": "Birth date",
    "program": "Program",
    "involved_since": "Since",
    "status_class": "Status",
    "status_since": "Since",
    "notice_on": "Notice sent on",
    "day_20": "Day 20",
    "sanction_class": "Kind of sanction",
    "sanction_month": "In effect from",
    "slot_starts": "Begins",
    "slot_ends": "Ends",
    "activity": "Activity",
    "cure_steps": "Steps that end it",
    "child": "Child",
    "removed_on": "Placed out of the home on",
    "returned_on": "Home again since",
    "relative_placed_on": "With the relative from",
    "all_removed": "All children of the family",
    "placement_class": "Placed with",
    "next_hearing_on": "Next court date",
    "component": "Service",
    "component_since": "Service since",
    "court_or_voluntary": "By court or voluntary",
    "projected_end_on": "Expected to end on",
}
_VALUES = {
    ("program", "CWS"): PROGRAMS["cws"],
    ("program", "CalWORKs"): PROGRAMS["calworks"],
    ("sanction_class", "wtw"): "Welfare-to-Work",
    ("component", "ER"): "Emergency Response",
    ("component", "FM"): "Family Maintenance",
    ("component", "FR"): "Family Reunification",
    ("component", "PP"): "Permanent Placement",
    ("component", "ST"): "Supportive Transition",
}
_MONTHS = frozenset({"sanction_month"})
_DAYS = frozenset(name for name in _FIELDS if name.endswith(("_on", "_since", "_date", "day_20")))
_MOMENTS = frozenset({"slot_starts", "slot_ends"})


def field(name: str) -> str:
    """A fact's field as a label."""
    return _FIELDS.get(name, name.replace("_", " ").capitalize())


def value(name: str, held: Any, zone: ZoneInfo) -> str:
    """A fact's value in words; dates and times as the county reads them."""
    if isinstance(held, bool):
        return "yes" if held else "no"
    if isinstance(held, list):
        return ", ".join(spaced(str(one)) for one in held)
    text = str(held)
    if name in _DAYS:
        return _day_or_text(text)
    if name in _MOMENTS:
        return moment(datetime.fromisoformat(text), zone)
    if name in _MONTHS:
        return f"{date.fromisoformat(f'{text}-01'):%B %Y}"
    return _VALUES.get((name, text), spaced(text))


def _day_or_text(text: str) -> str:
    """A program may have written a birth date that no calendar has: then as it was written."""
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def spaced(text: str) -> str:
    """A code's words."""
    return text.replace("_", " ")


def day(on: date) -> str:
    """Such as March 5, 2027."""
    return f"{on:%B} {on.day}, {on.year}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Such as Friday, March 5, 2027, 5:00 PM, on the county's clocks."""
    return f"{day(local_date(at, zone))}, {clock(at, zone)}"


def until(end: datetime, zone: ZoneInfo) -> str:
    """When something ends: the last day, if it ends with that day."""
    if end.astimezone(zone).time() == time.min:
        return f"the end of {day(local_date(end, zone) - timedelta(days=1))}"
    return moment(end, zone)


def clock(at: datetime, zone: ZoneInfo) -> str:
    """Such as 5:00 PM."""
    local = at.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local:%M} {'AM' if local.hour < 12 else 'PM'}"  # noqa: PLR2004


def near_day(on: date, today: date) -> str:
    """A day close to today: today, tomorrow, else such as Friday, March 5."""
    match (on - today).days:
        case 0:
            return "today"
        case 1:
            return "tomorrow"
        case _:
            return f"{on:%A}, {on:%B} {on.day}"


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them."""
    if not names:
        return "a family of yours"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


_MATCH_FIELDS = {
    "first_name": "First name",
    "last_name": "Last name",
    "middle_name": "Middle name",
    "suffix": "Jr, Sr or the like",
    "birth_date": "Birth date",
    "sex": "Sex",
    "ssn": "An identifier",
    "cin": "Another identifier",
    "street": "Street",
    "zip": "ZIP code",
    "city": "City",
    "phone": "Phone",
    "household": "Other family members",
    "rivals": "Other people who fit",
    "cap": "Caution",
}
_LEVELS = {
    "exact": "the same",
    "equal": "the same",
    "differ": "different",
    "close": "almost the same",
    "similar": "similar",
    ("first_name", "nickname"): "a short form of the same name",
    ("first_name", "swapped"): "first and last name have changed places",
    ("first_name", "variant"): "another spelling of the same name",
    ("first_name", "middle"): "goes by the middle name",
    ("first_name", "prefix"): "one is the beginning of the other",
    ("first_name", "rhyme"): "alike, but maybe two names",
    ("last_name", "swapped"): "first and last name have changed places",
    ("last_name", "token"): "one of two last names is the same",
    ("middle_name", "initial"): "the first letter is the same",
    ("birth_date", "default"): "the same, but it may be a guess",
    ("birth_date", "swapped"): "day and month have changed places",
    ("birth_date", "one_edit"): "one digit is different",
    ("birth_date", "two_parts"): "two of day, month and year are the same",
    ("birth_date", "two_edits"): "two digits are different",
    ("ssn", "one_off"): "one digit is different",
    ("household", "one_other"): "one more person matches",
    ("household", "two_or_more"): "two or more people match",
    ("rivals", "some"): "somebody else fits too, so this counts for less",
    ("cap", "first_name_differs"): "the first names differ, so the rest counts for less",
    ("cap", "first_name_and_birth_date_differ"): "first name and birth date differ, as in a family",
}


_EVEN, _MOST = 0.5, 1000


def one_in(weight: float) -> str:
    """How often a match of this weight (log2) is wrong."""
    wrong = 1 - probability(weight)
    if wrong >= _EVEN:
        return "More likely two people than one, by what is written alone"
    often = round(1 / max(wrong, 1 / _MOST))
    return (
        f"About 1 in {often:,} such matches is wrong"
        if often < _MOST
        else f"Fewer than 1 in {_MOST:,} such matches is wrong"
    )


def agreement(name: str, level: str) -> tuple[str, str]:
    """A compared field and how it agrees, in words; no value of either side."""
    words = _LEVELS.get((name, level)) or _LEVELS.get(level) or spaced(level)
    return _MATCH_FIELDS.get(name, spaced(name).capitalize()), words
