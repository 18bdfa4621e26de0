"""What every test of faults shares: the numbers of its course, and what must hold at its end.

Numbers come from environment variables (`FAULTS_T1=200`); `FAULTS_SEED` makes another course of faults. With `-s` every
verdict is shown.
"""

import os
import random
import sys

from tests.faults.load import Load

SEED = int(os.environ.get("FAULTS_SEED", random.SystemRandom().randrange(1 << 20)))
ALERT_WITHIN = CATCH_UP_WITHIN = 15.0  # seconds
AFTER = 1.5  # seconds for which a load goes on after the last fault


def number(test: str, short: int) -> int:
    """How many faults a test makes."""
    return int(os.environ.get(f"FAULTS_{test}", short))


def at_most(short: float, long: float, test: str) -> float:
    """The longest outage of a test, in seconds: long ones only where many faults are asked for."""
    return long if f"FAULTS_{test}" in os.environ else short


def chance_of(test: str) -> random.Random:
    """The course of a test, the same for the same seed."""
    return random.Random(f"{SEED}/{test}")


def holds(test: str, load: Load, faults: int, *, unnoticed: float = 0.0) -> None:
    """Nothing lost, doubled or out of order; alerts and catch-up in time. AssertionError: with all figures.

    `unnoticed`: seconds that a fault may go unnoticed, which nobody could make up for.
    """
    v = load.verdict
    sys.stdout.write(f"\n{test}: {faults} faults, seed {SEED}: {v.told()}\n")
    said = f"seed {SEED}: {v.told()}"
    assert v.alerts, said
    assert (v.lost, v.doubled, v.out_of_order, v.refused) == (0, 0, 0, 0), said
    assert v.p99_excused is not None, said
    assert v.p99_excused < ALERT_WITHIN + unnoticed, said
    assert v.catch_up < CATCH_UP_WITHIN + unnoticed, said
