"""The order property: any order, with repeats, late dead letters, crashes and several matchers, ends in the same.

ORDER_WORLDS says how many seeded worlds are played (200 unless told), ORDER_WORLDS_POSTGRESQL how many there (20); a
failure names its seed.
"""

import asyncio
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.order.harness import Arena
from tests.order.plants import PLANTS, Plant
from tests.order.playing import play

WORLDS = int(os.environ.get("ORDER_WORLDS", "200"))
SIDE_BY_SIDE = int(os.environ.get("ORDER_WORLDS_POSTGRESQL", "20"))
CHUNK = 200
RICH = {
    "links": 150,
    "reviews": 150,
    "cases": 60,
    "alerts": 60,
    "A01": 25,
    "A05": 10,
    "A06": 3,
    "A07": 3,
    "M3": 30,
    "M5": 3,
    "A09": 2,
    "A10": 2,
    "A11": 2,
    "A25": 15,
    "crashes": 150,
}
"""What a chunk of worlds holds at least; a property of empty worlds would hold too."""


@pytest.mark.parametrize("first", range(0, WORLDS, CHUNK))
async def test_a_world_ends_in_what_the_batch_works_out(arena: Arena, first: int) -> None:
    wrong: dict[int, str] = {}
    rich: Counter[str] = Counter()
    for seed in range(first, min(first + CHUNK, WORLDS)):
        outcome = await play(arena, Random(seed))
        if outcome.wrong:
            wrong[seed] = outcome.wrong
        rich.update({part: len(outcome.standing[part]) for part in ("links", "reviews", "cases", "alerts")})
        rich.update(place[0] for place in outcome.standing["alerts"])
        rich.update(kind for types in outcome.standing["cases"].values() for kind in types)
        rich["crashes"] += outcome.crashes
    assert not wrong, "\n".join(f"seed {seed}:\n{words}" for seed, words in wrong.items())
    if first + CHUNK <= WORLDS:
        assert {name: rich[name] for name, least in RICH.items() if rich[name] < least} == {}


@pytest.mark.parametrize("arena", ["postgresql"], indirect=True)
async def test_a_world_on_postgresql_with_four_connections_at_once_ends_in_the_same(arena: Arena) -> None:
    wrong = {}
    for seed in range(SIDE_BY_SIDE):
        outcome = await play(arena, Random(seed), together=40)
        if outcome.wrong:
            wrong[seed] = outcome.wrong
    assert not wrong, "\n".join(f"seed {seed}:\n{words}" for seed, words in wrong.items())


def test_a_world_of_hypothesis_ends_in_what_the_batch_works_out() -> None:
    """The same worlds with every choice made by hypothesis, which shrinks one that ends otherwise."""
    with asyncio.Runner() as runner, tempfile.TemporaryDirectory() as folder:
        arena = runner.run(Arena.open(f"sqlite:///{folder}/matcher.db"))

        @settings(
            max_examples=max(10, WORLDS // 20),
            derandomize=True,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(st.randoms(use_true_random=False))
        def holds(random: Random) -> None:
            assert not runner.run(play(arena, random)).wrong

        holds()
        runner.run(arena.close())


@pytest.mark.parametrize(("plant", "known"), PLANTS.values(), ids=PLANTS.keys())
async def test_a_planted_bug_is_found(arena: Arena, plant: Plant, known: tuple[int, int]) -> None:
    """Within the first 200 seeds; those that found it last time come first."""
    for seed in _seeds(known):
        with plant():
            outcome = await play(arena, Random(seed))
        if outcome.wrong:
            return
    pytest.fail("no world of 200 shows the planted bug")


def _seeds(known: tuple[int, int]) -> Iterator[int]:
    yield from known
    yield from (seed for seed in range(200) if seed not in known)
