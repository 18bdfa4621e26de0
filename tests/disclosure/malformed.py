"""Makes a line that is no request out of one that is."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

from tests.disclosure.oracle_input import BASIS_FLAGS

Body = dict[str, Any]
_TIMES = (
    "2026-03-01T12:00:00",
    "2026-03-01",
    "2026-03-01 12:00:00Z",
    "20260301T120000Z",
    "2026-03-01T12:00:00+0800",
    "2026-03-01T12:00:00-08",
    "2026-03-01T12:00Z",
    "2026-03-01T24:00:00Z",
    "2026-03-01T12:00:60Z",
    "2026-02-30T12:00:00Z",
    "2026-13-01T12:00:00Z",
    "2026-03-01T12:00:00,5Z",
    "2026-03-01T12:00:00.Z",
    "2026-03-01T12:00:00+24:00",
    "2026-03-01T12:00:00+05:60",
    "2026-03-01T12:00:00-08:00:01",
    "2026-W09-7T12:00:00Z",
    "2026-03-01T12:00:00Z ",
    "\uff12026-03-01T12:00:00Z",
    "now",
    "",
    1_772_366_400,
    True,
    ["2026-03-01T12:00:00Z"],
)


def malformed(rng: Random, body: Body) -> str:
    """One thing is wrong, somewhere."""
    change = rng.choice(
        [_without, _unknown_key, _wrong_value, _wrong_value, _wrong_basis, _wrong_basis, _wrong_time]
    )
    if rng.random() < 0.3:
        return rng.choice([_broken, _doubled])(rng, body)
    change(rng, body)
    return json.dumps(body)


def _basis(rng: Random, body: Body) -> Body:
    """A basis that may be among good ones."""
    if not body["bases"]:
        body["bases"].append({"basis": "EMERGENCY", "valid_from": body["now"]})
    chosen: Body = rng.choice(body["bases"])
    return chosen


def _objects(rng: Random, body: Body) -> Body:
    return rng.choice([body, body["subject"], body["item"], _basis(rng, body)])


def _without(rng: Random, body: Body) -> None:
    where = _objects(rng, body)
    optional = {"topic", "reason_code"}
    required = [key for key in where if key not in optional]
    if "valid_from" in where:
        required = ["basis", "valid_from"]
    key = rng.choice(required)
    if rng.random() < 0.5:
        where[key] = None
    else:
        del where[key]


def _unknown_key(rng: Random, body: Body) -> None:
    _objects(rng, body)[rng.choice(["note", "Purpose", "", "ssn", "case_id", "name", "id "])] = rng.choice(
        [None, "x", 1]
    )


def _wrong_value(rng: Random, body: Body) -> None:
    subject, item = body["subject"], body["item"]
    places: list[tuple[Body, str, list[Any]]] = [
        (body, "id", [7, True, ["r1"], {"id": "r1"}]),
        (body, "category", ["K19", "k1", "K1s", "", 1, "K3 ", ["K1"]]),
        (body, "holder", ["cws", "CALWORKS", "both", "", True]),
        (body, "recipient", ["cws", "matcher", 1, {}]),
        (body, "purpose", ["P0", "P9", "p1", "P1,P2", 1, ["P1"]]),
        (body, "role", ["worker", "CWS", "Er_Worker", "", 0]),
        (body, "assigned", ["true", 1, 0, "", [], {}]),
        (body, "topic", ["", "fr_aid", 1, False, ["FR_AID"]]),
        (body, "subject", ["p1", [subject], True]),
        (body, "item", ["", [], 1]),
        (body, "bases", [{}, "ROI", True, ["ROI"], [None], [[]], [*body["bases"], {}]]),
        (subject, "id", [1, False, ["p1"]]),
        (subject, "sensitivity", ["n", "X", "", "NS", 1, False]),
        (subject, "limited_access", [0, 1, "false", ""]),
        (item, "implies", ["K1", {}, {"K1": True}, ["K99"], ["K1", None], ["K1", 1], [["K1"]], False]),
        (item, "reason_code", [1, True, ["STU"], {}]),
        (item, "minor_consented", [0, 1, "false", []]),
        (item, "names_hiv", [0, 1, "false", []]),
        (item, "alleged_abuser_in_recipient_clients", [0, 1.0, "no"]),
    ]
    where, key, values = rng.choice(places)
    where[key] = rng.choice(values)


def _wrong_basis(rng: Random, body: Body) -> None:
    basis = _basis(rng, body)
    places: list[tuple[str, list[Any]]] = [
        ("basis", ["roi", "ADMIN", "MDT", "", 1, ["ROI"]]),
        ("breadth", ["all", "", "Coordination", 1, False, ["coordination"]]),
        ("categories", ["K1", {}, ["K1", "K99"], ["K1", None], [1], True, "", 0]),
        ("directions", [["CWS"], ["CWS -> CalWORKs"], [None], 1, ["both", "all"]]),
        ("purposes", ["P1", ["P0"], ["P1", 2], [None], {"P1": 1}]),
        ("persons", ["p1", [1], [None], [["p1"]], {}, [True]]),
        ("recipients", ["CWS", ["cws"], ["anyone"], [None], [""], {}]),
    ]
    places += [(flag, ["true", 1, 0, "", [], 1.0]) for flag in BASIS_FLAGS]
    key, values = rng.choice(places)
    basis[key] = rng.choice(values)


def _wrong_time(rng: Random, body: Body) -> None:
    key = rng.choice(["now", "valid_from", "expires", "revoked_at", "report_at", "extended_to"])
    where = body if key == "now" else _basis(rng, body)
    where[key] = rng.choice(_TIMES)


def _broken(rng: Random, body: Body) -> str:
    text = json.dumps(body)
    cut = rng.randrange(len(text))
    breaks: list[Callable[[], str]] = [
        lambda: text[:cut],
        lambda: text[:-1] + ",}",
        lambda: text.replace('"', "'"),
        lambda: text + text,
        lambda: text + "]",
        lambda: "\ufeff" + text,
        lambda: text.replace("true", "True").replace("false", "False") + "#",
        lambda: text[:-1] + ', "weight": NaN}',
        lambda: text[:-1] + ', "weight": -Infinity}',
        lambda: rng.choice(
            ["", " ", "\t", "null", "[]", "42", '"K1"', "true", "{}", f"[{text}]", "[" * 5_000]
        ),
        lambda: text.replace(":", "=", 1),
        lambda: "// " + text,
    ]
    return rng.choice(breaks)()


def _doubled(rng: Random, body: Body) -> str:
    """A key stands twice, with the same or with another value; never the id, so that it can be answered."""
    text = json.dumps(body)
    extra = [
        ('"purpose": ', f'"purpose": "{body["purpose"]}", '),
        ('"assigned": ', '"assigned": true, '),
        ('"sensitivity": ', '"sensitivity": "N", '),
        ('"implies": ', '"implies": [], '),
        ('"now": ', f'"now": "{body["now"]}", '),
        ('"bases": ', '"bases": [], '),
        ('"valid_from": ', f'"valid_from": "{body["now"]}", '),
    ]
    key, before = rng.choice([pair for pair in extra if pair[0] in text])
    return text.replace(key, before + key, 1)
