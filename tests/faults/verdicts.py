"""What every test of faults shares: the numbers of its course, and what must hold at its end.

Numbers come from environment variables (`FAULTS_T1=200`); `FAULTS_SEED` makes another course of faults. With `-s` every
verdict is shown. How long alerts and catch-up may take is judged where a number is given, as `make faults` does: the
short form runs on machines of any speed, and shows only what it measures.
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


def long_form(test: str) -> bool:
    """Whether somebody asks for a number of faults, as `make faults` does."""
    return f"FAULTS_{test}" in os.environ


def at_most(short: float, long: float, test: str) -> float:
    """The longest outage of a test, in seconds: long ones only where many faults are asked for."""
    return long if long_form(test) else short


def chance_of(test: str) -> random.Random:
    """The course of a test, the same for the same seed."""
    return random.Random(f"{SEED}/{test}")


def holds(test: str, load: Load, faults: int, *, unnoticed: float = 0.0) -> None:
    """Nothing lost, doubled or out of order; in the long form all in time. AssertionError: with all figures.

    `unnoticed`: seconds that a fault may go unnoticed, which nobody could make up for.
    """
    v = load.verdict
    sys.stdout.write(f"\n{test}: {faults} faults, seed {SEED}: {v.told()}\n")
    said = f"seed {SEED}: {v.told()}"
    assert v.alerts, said
    assert (v.lost, v.doubled, v.out_of_order, v.refused) == (0, 0, 0, 0), said
    assert v.p99_excused is not None, said
    if not long_form(test):
        return
    assert v.p99_excused < ALERT_WITHIN + unnoticed, said
    assert v.catch_up < CATCH_UP_WITHIN + unnoticed, said
