"""A batch costs the same number of statements however many events it holds: each is one trip to the database."""

from collections import Counter

import pytest

from tests.order.conftest import BOTH
from tests.order.families import MARIA, Teller, details
from tests.order.harness import Arena, Told, probed, records

SOMETIMES = 3
"""Statements that are left out where there is nothing to ask for, as is more likely in a small batch."""


class Counting:
    """Counts the operations of a task."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    async def __call__(self, operation: str) -> None:
        self.seen[operation] += 1


def many(families: int) -> list[Told]:
    """Families known to both programs: upserts, households, applications, assignments and facts."""
    teller = Teller()
    for n in range(families):
        child = details(f"Carmen{n}", f"2016-05-{1 + n % 28:02d}", last=f"Ramirez{n}")
        teller.client(f"cl_{n}", child)
        teller.person(f"ps_{n}", child)
        teller.household(f"hh_{n}", **{f"cl_{n}": "child"})
        teller.referral(f"rf_{n}", f"hh_{n}")
        teller.er_worker(f"rf_{n}", f"w_er{n % 3}")
        teller.application(f"ap_{n}", f"au_{n}", **{f"ps_{n}": "aided_child"})
        teller.eligibility_worker(f"ap_{n}", f"w_ew{n % 3}")
        teller.removal(f"cl_{n}")
    return teller.told


@BOTH
async def test_indexing_a_batch_takes_as_many_statements_as_indexing_one_family(arena: Arena) -> None:
    few, lots = Counting(), Counting()
    with probed(few):
        await arena.matchers[0].take(records(many(1)))
    await arena.wipe()
    with probed(lots):
        await arena.matchers[0].take(records(many(25)))
    assert few.seen == lots.seen
    assert few.seen["statement"] > 10


@BOTH
@pytest.mark.parametrize("decide", ["first", "again"])
async def test_deciding_a_batch_takes_as_many_statements_as_deciding_one_family(
    arena: Arena, decide: str
) -> None:
    counted = []
    for families in (1, 20):
        await arena.wipe()
        told = many(families)
        await arena.matchers[0].take(records(told))
        if decide == "again":
            await arena.matchers[0].rest()
            teller = Teller(told, {one.key: one.envelope.sequence for one in told})
            changed = [teller.client(f"cl_{n}", MARIA) for n in range(families)]
            await arena.matchers[0].take(records(changed))
        count = Counting()
        with probed(count):
            assert await arena.matchers[0].round(2000)
        counted.append(count.seen)
    few, lots = (seen["statement"] for seen in counted)
    assert 10 < few <= lots <= few + SOMETIMES
