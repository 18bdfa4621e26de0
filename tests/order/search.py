"""Looks for worlds that show the planted bugs: `python -m tests.order.search [WORLDS [PLANT ...]]`.

For each plant it tells the first two seeds under WORLDS (200 unless told) that end otherwise than the batch works
out, as soon as it has them; they are written into `plants.py` by hand.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from random import Random

from tests.order.harness import Arena
from tests.order.plants import PLANTS
from tests.order.playing import play


async def seeds(name: str, worlds: int, wanted: int = 2) -> list[int]:
    """The first seeds that show a planted bug."""
    plant, _ = PLANTS[name]
    found: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        arena = await Arena.open(f"sqlite:///{folder}/matcher.db")
        for seed in range(worlds):
            with plant():
                outcome = await play(arena, Random(seed))
            if outcome.wrong:
                found.append(seed)
            if len(found) == wanted:
                break
        await arena.close()
    return found


def _look(name: str, worlds: int) -> str:
    return f"{name}: {asyncio.run(seeds(name, worlds))}"


def main(given: Sequence[str]) -> None:
    """Look for all plants, or those named, on every core."""
    worlds, names = int(given[0]) if given else 200, given[1:] or list(PLANTS)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for line in as_completed([pool.submit(_look, name, worlds) for name in names]):
            print(line.result(), flush=True)  # noqa: T201 - it is for whoever asked


if __name__ == "__main__":
    main(sys.argv[1:])
