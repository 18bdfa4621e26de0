"""When each intake is to be made: an open loop, so that a slow system is not given time by being slow."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from random import Random

from services.demo.steps import Family

_LEAST_GAP = 3.0  # seconds between a family's two intakes: what happens in between must fit
_MEAN_MORE = 6.0  # seconds on top of that, on average; less in a short run
_SHARE_OF_RUN = 0.25  # at most so much of the run on top, on average


def slots(families: Sequence[Family], rate: float, seed: int, *, eager: bool = False) -> dict[str, float]:
    """Seconds from the start by key of the intake: one intake every 1/rate s.

    A family's second intake follows some seconds after its first, at random; other families come in between. Some
    families of one intake are kept for the end, when the last second intakes are not yet ripe. `eager`: the first
    family's second follows at once. ValueError: the rate is not above 0.
    """
    if rate <= 0:
        raise ValueError("a rate is above 0 intakes a second")
    rng = Random(seed)
    intakes = sum(len(family.intakes) for family in families)
    more = min(_MEAN_MORE, _SHARE_OF_RUN * intakes / rate)
    coming, kept = _kept_back(families, ceil(_LEAST_GAP * rate))
    waiting: list[_Second] = []
    times: dict[str, float] = {}
    while coming or kept or waiting:
        now = len(times) / rate
        if (second := _ripe(waiting, now, ending=not coming)) is not None:
            waiting.remove(second)
            times[second.key] = now
        elif coming or kept:
            family = (coming or kept).popleft()
            times[family.intakes[0].key] = now
            for later in family.intakes[1:]:
                gap = 0.0 if eager and family is families[0] else _LEAST_GAP + rng.expovariate(1 / more)
                waiting.append(_Second(now + gap, now, later.key))
        else:
            oldest = min(waiting, key=lambda one: one.first)
            waiting.remove(oldest)
            times[oldest.key] = now
    return times


@dataclass(frozen=True, slots=True, order=True)
class _Second:
    """A second intake: when it is due, when the family's first was, its key."""

    due: float
    first: float
    key: str


def _kept_back(families: Sequence[Family], enough: int) -> tuple[deque[Family], deque[Family]]:
    """The families in order, and the last few of one intake, kept for the end; the first always comes first."""
    single = [family for family in families[1:] if len(family.intakes) == 1][-enough:]
    keys = {family.key for family in single}
    return deque(family for family in families if family.key not in keys), deque(single)


def _ripe(waiting: list[_Second], now: float, *, ending: bool) -> _Second | None:
    """The second intake to make now: one that is due; at the end one whose least gap is over."""
    ripe = [one for one in waiting if one.due <= now or (ending and one.first + _LEAST_GAP <= now)]
    return min(ripe, default=None)


def reached_rate(sent: Sequence[float]) -> float:
    """Intakes a second that were really made, from the instants of their answers; 0 for fewer than two.

    The first and the last twentieth are left out: a straggler at the end of a short run is no change of pace.
    """
    aside = len(sent) // 20
    made = sorted(sent)[aside : len(sent) - aside]
    if len(made) < 2:  # noqa: PLR2004 - one instant has no duration
        return 0.0
    span = made[-1] - made[0]
    return (len(made) - 1) / span if span > 0 else 0.0
