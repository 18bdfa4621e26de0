"""`linkages link` and the running matcher decide the same of the same rosters.

`OFFLINE_PAIRS=90` makes some 10,000 records of them, with every stratum and trap.
"""

import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.bulk import WORDS, records_of
from services.matcher.identity.blocking import CAP
from services.matcher.identity.linking import Index, link, words
from services.matcher.identity.person import normalise
from services.matcher.tables import PAIR
from shared.events.person import PersonDetails
from shared.roster.checking import check
from tests.linkage import strata
from tests.order.families import Teller
from tests.order.harness import COUNTY, KEYS, MODEL, NOW, Arena, records

PAIRS = int(os.environ.get("OFFLINE_PAIRS", "4"))
TOGETHER = 200  # events of one transaction

Row = tuple[str, PersonDetails, str]


def rows(folder: Path, program: str) -> list[Row]:
    """Record id, details and unit of each row."""
    found = []
    for one in records_of(folder / f"{program}.csv", WORDS[program]):
        checked = check(one, WORDS[program], KEYS[COUNTY])
        assert checked.row is not None
        found.append((one.fields["record_id"], checked.row.details, checked.unit))
    return found


def told(rosters: dict[str, list[Row]]) -> Teller:
    """The rosters as events of the programs."""
    teller = Teller()
    for program, people in rosters.items():
        homes: dict[str, dict[str, str]] = defaultdict(dict)
        for ref, details, unit in people:
            if program == "cws":
                teller.client(ref, details)
                homes[unit][ref] = "child"
            else:
                teller.person(ref, details)
                homes[unit][ref] = "aided_child"
        for unit, members in homes.items():
            if program == "cws":
                teller.household(f"hh {unit}", **members)
            else:
                teller.application(f"ap {unit}", f"au {unit}", **members)
    return teller


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("cap", [CAP, 2])
async def test_files_and_events_end_in_the_same_decisions(cap: int, arena: Arena, tmp_path: Path) -> None:
    strata.write(strata.compose(PAIRS, 40 * PAIRS, 11), tmp_path)
    rosters = {program: rows(tmp_path, program) for program in ("cws", "calworks")}

    offline = Index(KEYS[COUNTY].digest, cap, MODEL.blocking)
    for program, people in rosters.items():
        offline.add(program, ((ref, normalise(one, NOW.date()), unit) for ref, one, unit in people))
    found: dict[tuple[str, str], Any] = {}
    for pair in link(offline, MODEL):
        said = words(pair.decision)
        if said["decision"] != "NotLinked":
            found[pair.cws, pair.calworks] = (said["decision"], said["reason"], pair.decision.weight)

    await arena.wipe(cap)
    matcher = arena.matchers[0]
    events = records(told(rosters).told)
    for start in range(0, len(events), TOGETHER):
        await matcher.take(events[start : start + TOGETHER])
    await matcher.rest()
    while await arena.sweep():
        await matcher.rest()
    names = {"linked": "Linked", "review": "NeedsReview"}
    online = {
        (row.cws, row.calworks): (names[row.decision], ";".join(row.reasons), row.weight)
        for row in await matcher.rows(sa.select(PAIR))
    }
    assert online == found
    assert len(found) > 5 * PAIRS
