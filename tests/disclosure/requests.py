"""Makes request lines: some wholly random, most near the edge of a decision, a few that are no request."""

import json
from collections.abc import Iterator
from random import Random

from tests.disclosure.changes import CHANGES
from tests.disclosure.making import COLUMNS, Body, permit, random_request
from tests.disclosure.malformed import malformed
from tests.disclosure.oracle_input import CATEGORIES

_ROWS = ("K0", "K1", "K1S", "K2", "K3", "K3R", "K4", "K5", "K6", "K7", "K8", "K11")
_ELSEWHERE = (  # what is open, but in no row of the table
    ("K10", "ROI"),
    ("K10", "ROI"),
    ("K12", "ROI"),
    ("K12", "EMERGENCY"),
    ("K13", "ROI"),
    ("K14", "ROI"),
    ("K15", "COURT"),
    ("K18", "ROI"),
    ("K18", "COURT"),
    ("K18", "EMERGENCY"),
    ("K0", "INDEX_18961_5"),
    ("K1", "INDEX_18961_5"),
    ("K2", "EMERGENCY"),
)


def requests(seed: int, count: int) -> Iterator[str]:
    """The same lines for the same seed: 5 % no request, 10 % wholly random, the others near an edge."""
    for number in range(count):
        rng = Random(f"{seed}/{number}")
        name = (
            f"r{number}"
            if rng.random() < 0.98
            else rng.choice(["", "ñ", "a\u2028b", '"', f"r{number}\n", "\x85"])
        )
        share = rng.random()
        if share < 0.05:
            yield malformed(rng, _near(rng, name))
        elif share < 0.15:
            yield _line(rng, random_request(rng, name))
        else:
            yield _line(rng, _near(rng, name))


def _line(rng: Random, body: Body) -> str:
    pairs = list(body.items())
    rng.shuffle(pairs)
    return json.dumps(dict(pairs), ensure_ascii=rng.random() < 0.5)


def _near(rng: Random, name: str) -> Body:
    """A plausible permit in a random cell, then up to three changes of one thing each."""
    category, column = rng.choice(CATEGORIES), rng.choice(COLUMNS)
    share = rng.random()
    if share < 0.55:
        category, column = rng.choice(_ROWS), rng.choice(COLUMNS[:8])
    elif share < 0.75:
        category, column = rng.choice(_ELSEWHERE)
    body = permit(rng, name, category, column)
    for _ in range(rng.choice([0, 0, 1, 1, 1, 2, 3])):
        rng.choice(CHANGES)(rng, body)
    return body
