"""What offices get wrong: errors laid over one record of a person, each by a kind that has a name."""

from collections.abc import Callable, Mapping
from datetime import date
from random import Random
from typing import Any

from services.demo.draws import chance
from services.demo.names import SHORT_NAMES
from services.demo.people import Person

Body = dict[str, Any]
_ENOUGH = 4  # letters that a name needs before a slip of the pen leaves it readable
_DAYS_THAT_CAN_BE_MONTHS = 12
_NEWBORN_DAYS = 365


def _slip(rng: Random, name: str) -> str:
    """Two letters swapped, one left out, one doubled, or one replaced."""
    at = rng.randrange(1, len(name) - 1)
    match rng.randrange(4):
        case 0:
            slipped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
        case 1:
            slipped = name[:at] + name[at + 1 :]
        case 2:
            slipped = name[:at] + name[at] + name[at:]
        case _:
            slipped = name[:at] + rng.choice("aeioulnrst") + name[at + 1 :]
    return slipped if slipped != name else name[:at] + name[at + 1 :]


def _typo_first(rng: Random, body: Body) -> bool:
    if len(body["first_name"]) < _ENOUGH:
        return False
    body["first_name"] = _slip(rng, body["first_name"])
    return True


def _typo_last(rng: Random, body: Body) -> bool:
    if len(body["last_name"]) < _ENOUGH:
        return False
    body["last_name"] = _slip(rng, body["last_name"])
    return True


def _nickname(_: Random, body: Body) -> bool:
    short = SHORT_NAMES.get(body["first_name"])
    if short is None:
        return False
    body["first_name"] = short
    return True


def _dropped_surname(rng: Random, body: Body) -> bool:
    halves = body["last_name"].replace("-", " ").split()
    if len(halves) != 2:  # noqa: PLR2004 - two surnames, and no particle between them
        return False
    body["last_name"] = halves[0] if chance(rng, 0.75) else halves[1]
    return True


def _surname_order(_: Random, body: Body) -> bool:
    halves = body["last_name"].replace("-", " ").split()
    if len(halves) != 2:  # noqa: PLR2004 - as above
        return False
    body["last_name"] = f"{halves[1]} {halves[0]}"
    return True


def _day_month(_: Random, body: Body) -> bool:
    born = date.fromisoformat(body["birth_date"])
    if born.day > _DAYS_THAT_CAN_BE_MONTHS or born.day == born.month:
        return False
    body["birth_date"] = date(born.year, born.day, born.month).isoformat()
    return True


def _no_ssn(_: Random, body: Body) -> bool:
    return body.pop("ssn", None) is not None


_KINDS: Mapping[str, tuple[int, Callable[[Random, Body], bool]]] = {
    "typo_first": (3, _typo_first),
    "typo_last": (3, _typo_last),
    "nickname": (4, _nickname),
    "dropped_surname": (3, _dropped_surname),
    "surname_order": (1, _surname_order),
    "day_month": (3, _day_month),
    "missing_ssn": (3, _no_ssn),
}
KINDS = (*_KINDS, "moved", "newborn")


def spoil(rng: Random, person: Person, body: Body, today: date) -> tuple[str, ...]:
    """Change the body in place; the kinds of error that were made, one or two where any applies.

    A newborn may still be without a name in one of the offices.
    """
    if (today - person.birth_date).days < _NEWBORN_DAYS and chance(rng, 0.7):
        body["first_name"] = "Baby Girl" if person.sex == "F" else "Baby Boy"
        body.pop("middle_name", None)
        return ("newborn",)
    wanted = 1 if chance(rng, 0.7) else 2
    done: list[str] = []
    left = dict(_KINDS)
    while left and len(done) < wanted:
        kind = rng.choices(list(left), [weight for weight, _ in left.values()])[0]
        _, change = left.pop(kind)
        if change(rng, body):
            done.append(kind)
            for other in ("typo_first", "nickname") if kind in ("typo_first", "nickname") else ():
                left.pop(other, None)
            for other in (
                ("typo_last", "dropped_surname", "surname_order")
                if kind in ("typo_last", "dropped_surname", "surname_order")
                else ()
            ):
                left.pop(other, None)
    return tuple(done)
