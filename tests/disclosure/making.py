"""Makes requests that nothing is wrong with: wholly random ones, and ones that should pass."""

from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.disclosure.oracle_input import (
    BASES,
    BASIS_FLAGS,
    BOTH_ROLES,
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

Body = dict[str, Any]
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
COLUMNS = (
    "eligibility_facts",
    "coordination",
    "MDT_18951",
    "MDT_18961_7",
    "MDT_18986",
    "CFT_832",
    "ROI",
    "COURT",
    "INDEX_18961_5",
    "EMERGENCY",
    "SUBJECT",
)
CODES = ("U16", "STU", "CWS_PLAN", "VISTA", "DVW", "SUD", "u16", "", "Übergang")
PEOPLE = ("p1", "p2", "p3", "p4")
_USUAL_PURPOSES = {
    "eligibility_facts": ("P3", "P3", "P3", "P1"),
    "coordination": ("P1", "P2", "P3", "P4", "P6", "P7"),
    "MDT_18951": ("P2", "P4", "P5", "P6", "P7"),
    "MDT_18986": ("P2", "P4", "P5", "P6", "P7"),
    "MDT_18961_7": ("P5",),
    "CFT_832": ("P4", "P5", "P7"),
    "INDEX_18961_5": ("P1", "P2"),
    "EMERGENCY": ("P5",),
}
_COORDINATED = {
    "K4": ("P4", "P6"),
    "K1S": ("P3",),
    "K0": ("P2", "P3", "P4", "P6", "P7"),
    "K2": ("P2", "P3", "P4", "P6", "P7"),
}


def written(rng: Random, moment: datetime) -> str:
    """The instant in one of the spellings that are allowed for it."""
    zone = rng.choice(
        [UTC, UTC, LOS_ANGELES, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=8))]
    )
    text = moment.astimezone(zone).isoformat()
    if text.endswith("+00:00") and rng.random() < 0.8:
        text = text[:-6] + "Z"
    if rng.random() < 0.01:
        text = text.lower()
    return text


def _moment(rng: Random) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=rng.randrange(800 * 86_400))


def some(rng: Random, known: tuple[str, ...], most: int = 4) -> list[str]:
    return [rng.choice(known) for _ in range(rng.randrange(most + 1))]


def maybe(rng: Random, value: Any, share: float = 0.5) -> Any:
    return value if rng.random() < share else None


def random_basis(rng: Random, now: datetime) -> Body:
    """A basis of any kind with anything in it, in force more often than not."""

    def near(first: int, last: int) -> str:
        return written(rng, now + timedelta(days=rng.randint(first, last), seconds=rng.choice([0, 0, 1, -1])))

    basis: Body = {"basis": rng.choice(BASES), "valid_from": near(-200, 5)}
    optional: Body = {
        "breadth": rng.choice(BREADTHS),
        "categories": some(rng, CATEGORIES, 8),
        "directions": some(rng, DIRECTIONS, 2),
        "purposes": some(rng, PURPOSES, 6),
        "persons": some(rng, PEOPLE, 3),
        "recipients": some(rng, ROLES + PROGRAMS, 4),
        "expires": near(-20, 160),
        "revoked_at": near(-20, 20),
        "report_at": near(-33, 1),
        "extended_to": near(-10, 20),
        **{flag: rng.random() < 0.5 for flag in BASIS_FLAGS},
    }
    for key, value in optional.items():
        if rng.random() < (0.2 if key == "revoked_at" else 0.5):
            basis[key] = maybe(rng, value, 0.9)
    return basis


def random_request(rng: Random, name: str) -> Body:
    now = _moment(rng)
    holder = rng.choice(PROGRAMS)
    return {
        "id": name,
        "category": rng.choice(CATEGORIES),
        "holder": holder,
        "recipient": rng.choice(PROGRAMS),
        "purpose": rng.choice(PURPOSES),
        "role": rng.choice(ROLES),
        "assigned": rng.random() < 0.9,
        "topic": maybe(rng, rng.choice(TOPICS)),
        "subject": {
            "id": rng.choice(PEOPLE),
            "sensitivity": rng.choice("NNNNSR"),
            "limited_access": rng.random() < 0.1,
        },
        "item": {
            "implies": some(rng, CATEGORIES, 2),
            "reason_code": maybe(rng, rng.choice(CODES)),
            "minor_consented": rng.random() < 0.1,
            "names_hiv": rng.random() < 0.1,
            "alleged_abuser_in_recipient_clients": rng.random() < 0.1,
        },
        "bases": [random_basis(rng, now) for _ in range(rng.randrange(6))],
        "now": written(rng, now),
    }


def permit(rng: Random, name: str, category: str, column: str) -> Body:
    """What should pass in this cell, where anything can."""
    body = random_request(rng, name)
    now = datetime.fromisoformat(body["now"].upper())
    holder = _holder(rng, category, column)
    recipient = "CWS" if holder == "CalWORKs" else "CalWORKs"
    purposes = _USUAL_PURPOSES.get(column, PURPOSES[:7])
    if column == "coordination":
        purposes = _COORDINATED.get(category, purposes)
    body |= {"category": category, "holder": holder, "recipient": recipient, "purpose": rng.choice(purposes)}
    body |= {"assigned": True, "role": _role(rng, category, column, recipient)}
    if column == "eligibility_facts" and category == "K3":
        body["topic"] = rng.choice(TOPICS[:2])
    body["subject"] |= {"sensitivity": "N", "limited_access": False}
    body["item"] = {
        "implies": [],
        "minor_consented": False,
        "names_hiv": False,
        "alleged_abuser_in_recipient_clients": False,
    }
    if category == "K3R" or (category == "K3" and rng.random() < 0.4):
        body["item"]["reason_code"] = rng.choice(CODES[:4])
    body["bases"] = [open_basis(rng, body, column, now)]
    if rng.random() < 0.2:
        body["bases"].insert(rng.randrange(2), random_basis(rng, now))
    return body


def _holder(rng: Random, category: str, column: str) -> str:
    if category in ("K3", "K3R", "K4", "K5"):
        return "CalWORKs"
    if category in ("K6", "K7", "K8", "K9", "K15"):
        return "CWS"
    if column == "EMERGENCY":
        return "CalWORKs"
    if category == "K1S" and column in ("eligibility_facts", "coordination"):
        return "CWS"
    return rng.choice(PROGRAMS)


def _role(rng: Random, category: str, column: str, recipient: str) -> str:
    if column == "eligibility_facts" and category in ("K1S", "K6"):
        return "eligibility_worker"
    if column == "coordination" and category == "K1S":
        return "eligibility_worker"
    roles = (CWS_ROLES if recipient == "CWS" else CALWORKS_ROLES)[:-1] + BOTH_ROLES
    if category in ("K7", "K8"):
        roles = tuple(role for role in roles if role not in ("eligibility_worker", "wtw_worker"))
    if category in ("K0", "K1", "K2"):
        roles += ("cws_clerk" if recipient == "CWS" else "calworks_clerk",)
    return rng.choice(roles)


def open_basis(rng: Random, body: Body, column: str, now: datetime) -> Body:
    basis: Body = {
        "basis": column,
        "valid_from": written(rng, now - timedelta(days=rng.randint(1, 150), seconds=5)),
    }
    if column in BREADTHS:
        basis |= {"basis": "ADMIN_10850", "breadth": column}
    if column == "ROI" or rng.random() < 0.4:
        basis["expires"] = written(
            rng, now + timedelta(days=rng.randint(1, 200), microseconds=rng.choice([0, 1]))
        )
    if column in ("ROI", "COURT", "CFT_832") or rng.random() < 0.15:
        basis["persons"] = [body["subject"]["id"], *some(rng, PEOPLE, 2)]
    if column in ("ROI", "COURT") or rng.random() < 0.15:
        others = rng.choice([[], some(rng, CATEGORIES, 6), list(CATEGORIES)])
        basis |= {
            "categories": [body["category"], *others],
            "purposes": [body["purpose"], *some(rng, PURPOSES)],
            "directions": [rng.choice(["both", f"{body['holder']}->{body['recipient']}"])],
        }
    elif column == "CFT_832" and rng.random() < 0.8:
        basis["categories"] = [body["category"], *some(rng, CATEGORIES)]
    if rng.random() < 0.2:
        basis["recipients"] = [rng.choice([body["role"], body["recipient"]]), *some(rng, ROLES, 2)]
    if column == "MDT_18961_7":
        basis["report_at"] = written(rng, now - timedelta(days=rng.randint(0, 29), seconds=1))
    if column == "ROI" and body["category"] in ("K10", "K12", "K13", "K14"):
        basis |= dict.fromkeys(("part2_valid", "dv_specific", "minor_own", "names_hiv"), True)
    if column != "ROI" or rng.random() < 0.1:
        basis["roster_member"] = True
    if rng.random() < 0.3:
        basis[rng.choice(BASIS_FLAGS[:5])] = True
    return basis
