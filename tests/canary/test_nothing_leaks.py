"""Made-up people go through the whole system, with a power cut in the midst; then nobody is found in what is left.

`CANARY_PEOPLE=1000` makes it the release's figure; `CANARY_NATIVE=1` runs it on Kafka and PostgreSQL.
"""

import os
import shutil
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.canary import plants
from tests.canary.canaries import Crowd, make_crowd
from tests.canary.story import Run, play
from tests.canary.sweep import Finding, Sweep
from tests.canary.system import System

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.alone, pytest.mark.timeout(1800)]

PEOPLE = int(os.environ.get("CANARY_PEOPLE", "30"))
NATIVE = os.environ.get("CANARY_NATIVE") == "1"
KILLS = max(1, PEOPLE // 200)
SEED = int(os.environ.get("CANARY_SEED", "7"))


@dataclass
class Played:
    """The system after everything has happened to the people; it still runs."""

    system: System
    crowd: Crowd
    run: Run
    seconds: float


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def played() -> AsyncIterator[Played]:
    crowd, began = make_crowd(PEOPLE, SEED), time.monotonic()
    async with System(native=NATIVE) as system:
        inputs = system.inputs
        try:
            run = await play(system, crowd, KILLS)
            yield Played(system, crowd, run, time.monotonic() - began)
        finally:
            shutil.rmtree(inputs, ignore_errors=True)


async def test_nobody_is_found_where_nobody_may_be(played: Played) -> None:
    began, sweep = time.monotonic(), Sweep(played.crowd)
    sweep.all_of(played.system, played.run)
    counted = played.run.counted
    sys.stdout.write(
        f"{played.crowd.people} people, {len(played.crowd.canaries)} canaries, seed {SEED}: {dict(counted)}; kills "
        f"{played.system.kills}; run {played.seconds:.0f} s; searched in {time.monotonic() - began:.0f} s "
        f"{dict(sweep.places)}\n{sweep.told()}\n"
    )
    for what in ("intakes", "links", "alerts read", "revoked", "people read", "pages", "refused"):
        assert counted[what], f"nothing was searched: no {what}"
    assert NATIVE or counted["dead letters"], "nothing was searched: no dead letters"
    assert not sweep.findings, sweep.told()


async def test_the_permitted_answers_do_name_people(played: Played) -> None:
    """Or the search would have been of answers in which nobody stands anyway."""
    sweep = Sweep(played.crowd)
    sweep.answers(one if one.malformed else plants.of_nobody(one) for one in played.run.overheard.exchanges)
    kinds = {finding.kind for finding in sweep.findings}
    assert {"name", "birth date"} <= kinds
    assert "ssn" not in kinds


async def test_planted_leaks_are_found_each_in_its_place(played: Played) -> None:
    """The last test of this system, which is not clean afterwards."""
    expected = plants.plant(played.system, played.crowd)
    sweep = Sweep(played.crowd)
    for place, (text, told) in plants.said(played.crowd).items():
        sweep.look(place, text)
        expected.add(told)
    sweep.left_behind(played.system)
    found = set(sweep.findings)
    missed = {one for one in expected if not any(_is(finding, one) for finding in found)}
    assert not missed, sorted(missed)


def _is(finding: Finding, expected: tuple[str, str, str]) -> bool:
    place, kind, form = expected
    return finding.place == place and finding.kind == kind and form in finding.form
