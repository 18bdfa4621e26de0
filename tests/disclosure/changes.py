"""Changes one thing in a request, most often so that it stands just on one side of an edge."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from tests.disclosure.making import (
    CODES,
    COLUMNS,
    LOS_ANGELES,
    PEOPLE,
    Body,
    open_basis,
    permit,
    random_basis,
    some,
    written,
)
from tests.disclosure.oracle_input import (
    BASIS_FLAGS,
    BREADTHS,
    CALWORKS_ROLES,
    CATEGORIES,
    CWS_ROLES,
    DIRECTIONS,
    PROGRAMS,
    PURPOSES,
    ROLES,
    TOPICS,
)


def _now(body: Body) -> datetime:
    return datetime.fromisoformat(body["now"].upper())


def _change_program(rng: Random, body: Body) -> None:
    if rng.random() < 0.5:
        body["holder"], body["recipient"] = body["recipient"], body["holder"]
    else:
        body["holder"] = rng.choice(PROGRAMS)


def _change_plain(rng: Random, body: Body) -> None:
    key, known = rng.choice(
        [
            ("category", CATEGORIES),
            ("purpose", PURPOSES),
            ("role", ROLES),
            ("role", CWS_ROLES + CALWORKS_ROLES),
        ]
    )
    body[key] = rng.choice(known)


def _change_topic(rng: Random, body: Body) -> None:
    body["topic"] = rng.choice([None, *TOPICS])
    if rng.random() < 0.3:
        del body["topic"]


def _change_subject(rng: Random, body: Body) -> None:
    subject = body["subject"]
    change = rng.choice(["sensitivity", "supervised", "limited", "assigned", "person"])
    if change == "sensitivity":
        subject["sensitivity"] = rng.choice("SR")
    elif change == "supervised":
        own = "cws_supervisor" if body["recipient"] == "CWS" else "calworks_supervisor"
        subject["sensitivity"], body["role"] = "S", rng.choice(["linkages_liaison", own])
    elif change == "limited":
        subject["limited_access"] = True
    elif change == "assigned":
        body["assigned"] = False
    else:
        subject["id"] = rng.choice(PEOPLE)


def _change_item(rng: Random, body: Body) -> None:
    item = body["item"]
    change = rng.randrange(6)
    if change == 0:
        item["minor_consented"] = True
    elif change == 1:
        item["names_hiv"] = True
    elif change == 2:
        item["alleged_abuser_in_recipient_clients"] = True
    elif change == 3:
        item["reason_code"] = rng.choice([None, *CODES])
    else:
        special = ("K10", "K11", "K12", "K12", "K12", "K13", "K14")
        item["implies"] = [*item["implies"], rng.choice(special if rng.random() < 0.5 else CATEGORIES)]


def _change_to_open(rng: Random, body: Body) -> None:
    """Everything listed and every flag set on one basis, so that what an item implies can pass too."""
    if body["bases"]:
        basis = rng.choice(body["bases"])
        basis |= {"categories": list(CATEGORIES), **dict.fromkeys(BASIS_FLAGS, True)}
        _change_item(rng, body)


def _change_list(rng: Random, body: Body) -> None:
    if not body["bases"]:
        return
    basis = rng.choice(body["bases"])
    key, known = rng.choice(
        [
            ("categories", CATEGORIES),
            ("directions", DIRECTIONS),
            ("purposes", PURPOSES),
            ("persons", PEOPLE),
            ("recipients", ROLES + PROGRAMS),
        ]
    )
    change = rng.randrange(4)
    if change == 0:
        basis[key] = rng.choice([None, []])
    elif change == 1:
        basis.pop(key, None)
    elif change == 2 and basis.get(key):
        basis[key] = basis[key][1:]
    else:
        basis[key] = some(rng, known)


def _change_flag(rng: Random, body: Body) -> None:
    if body["bases"]:
        basis = rng.choice(body["bases"])
        flag = rng.choice([*BASIS_FLAGS, "roster_member", "roster_member", "breadth"])
        if flag == "breadth":
            basis["breadth"] = rng.choice([None, *BREADTHS])
        else:
            basis[flag] = rng.choice([None, False, not basis.get(flag)])


def _change_time(rng: Random, body: Body) -> None:
    """A date of one basis at the very instant where it begins or ends to count, or beside it."""
    if not body["bases"]:
        return
    basis, now = rng.choice(body["bases"]), _now(body)
    step = timedelta(microseconds=rng.choice([0, 0, 1, -1, 1_000_000, -1_000_000]))
    begin = datetime.fromisoformat(basis["valid_from"].upper())
    key = rng.choice(
        ["valid_from", "expires", "revoked_at", "year", "report_at", "thirty", "extended_to", "far"]
    )
    if key == "year":
        if (begin.month, begin.day) not in ((2, 28), (2, 29), (3, 1)):
            basis["expires"] = written(rng, begin.replace(year=begin.year + 1) + step)
    elif key == "far":
        basis[rng.choice(["expires", "extended_to"])] = "9999-12-31T23:59:59Z"
    elif key == "thirty":
        first = now.astimezone(LOS_ANGELES).date() - timedelta(days=rng.choice([29, 30, 30, 31, 31]))
        clock = rng.choice(["00:00:00", "23:59:59", "12:00:00", "23:59:00"])
        basis["report_at"] = written(
            rng, datetime.fromisoformat(f"{first}T{clock}").replace(tzinfo=LOS_ANGELES)
        )
        last = datetime.fromisoformat(f"{now.astimezone(LOS_ANGELES).date()}T00:00:00").replace(
            tzinfo=LOS_ANGELES
        )
        body["now"] = written(rng, rng.choice([now, last + step]))
    else:
        basis[key] = written(rng, now + step)


def _change_bases(rng: Random, body: Body) -> None:
    if rng.random() < 0.15:
        body["bases"].clear()
    else:
        body["bases"].insert(0, random_basis(rng, _now(body)))
        other = permit(rng, "", body["category"], rng.choice(COLUMNS))
        if rng.random() < 0.5:
            other |= {key: body[key] for key in ("subject", "purpose", "holder", "recipient", "role")}
            body["bases"].append(open_basis(rng, other, rng.choice(COLUMNS), _now(body)))


CHANGES: list[Callable[[Random, Body], None]] = [
    _change_program,
    _change_plain,
    _change_plain,
    _change_topic,
    _change_subject,
    _change_item,
    _change_item,
    _change_to_open,
    _change_to_open,
    _change_list,
    _change_list,
    _change_flag,
    _change_time,
    _change_time,
    _change_bases,
]
