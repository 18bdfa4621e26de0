"""When each intake is to be made: an open loop, so that a slow system is not given time by being slow."""

from collections.abc import Sequence
from heapq import heappop, heappush
from random import Random

from services.demo.steps import Family

_LEAST_GAP = 2.0  # seconds between a family's two intakes
_MEAN_MORE = 6.0  # seconds on top of that, on average


def slots(families: Sequence[Family], rate: float, seed: int, *, eager: bool = False) -> dict[str, float]:
    """Seconds from the start by key of the intake: one intake every 1/rate s, families in their order.

    A family's second intake follows some seconds after its first, at random; other families come in between.
    `eager`: the first family's follows at once. ValueError: the rate is not above 0.
    """
    if rate <= 0:
        raise ValueError("a rate is above 0 intakes a second")
    rng = Random(seed)
    waiting: list[tuple[float, str]] = []
    times: dict[str, float] = {}
    left = iter(families)
    family = next(left, None)
    while family is not None or waiting:
        now = len(times) / rate
        if waiting and (family is None or waiting[0][0] <= now):
            times[heappop(waiting)[1]] = now
            continue
        assert family is not None  # noqa: S101 - the loop's condition; mypy cannot see it
        first, *second = family.intakes
        times[first.key] = now
        for later in second:
            soon = eager and family is families[0]
            gap = 0.0 if soon else _LEAST_GAP + rng.expovariate(1 / _MEAN_MORE)
            heappush(waiting, (now + gap, later.key))
        family = next(left, None)
    return times


def reached_rate(sent: Sequence[float]) -> float:
    """Intakes a second that were really made, from the instants of their answers; 0 for fewer than two."""
    if len(sent) < 2:  # noqa: PLR2004 - one instant has no duration
        return 0.0
    span = max(sent) - min(sent)
    return (len(sent) - 1) / span if span > 0 else 0.0
