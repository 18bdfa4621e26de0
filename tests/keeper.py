"""Keeps one real service for a test run: started once, and gone when the run is, however it ends.

`python keeper.py KIND FOLDER CONTROLLER STARTED`: the kind of service; the run's folder; the process id of the run, and
when that process was started.
"""

import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from services.native import kafka, postgres
from services.native.processes import started
from shared.errors import Unavailable
from tests.services import READY

KINDS: dict[str, Callable[[Path], kafka.Cluster | postgres.Server]] = {
    "kafka": lambda folder: kafka.Cluster(folder, kafka.Plan()),
    # A broker that was killed counts as gone after 3 s, so that a test need not wait for 9.
    "kafka_cluster": lambda folder: kafka.Cluster(
        folder, kafka.Plan(brokers=3, heap="384m", session_timeout=3.0)
    ),
    "postgres": lambda folder: postgres.Server(folder, postgres.Plan("newest", durable=False)),
    "postgres_15": lambda folder: postgres.Server(folder, postgres.Plan("15", durable=False)),
    "postgres_server": lambda folder: postgres.Server(folder, postgres.Plan("newest")),
}
"""What each kind is; the last one is for tests that end it, so its commits wait for the disk."""

_LOOK_EVERY = 0.3  # seconds


class _Told(Exception):
    """Asked to end."""


def keep(kind: str, run: Path, controller: int, since: str) -> None:
    """Start it, say that it is ready or why not, and stop it with the run."""

    def told(_number: int, _frame: FrameType | None) -> None:
        raise _Told

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    service: Any = KINDS[kind](run / kind)
    try:
        try:
            service.start()
            said = READY
        except Exception as missing:  # noqa: BLE001 - whatever it is, the tests that need the service tell it
            said = missing.detail if isinstance(missing, Unavailable) else repr(missing)
        state = run / f"{kind}.state"
        state.with_suffix(".made").write_text(said)
        state.with_suffix(".made").replace(state)
        while started(controller) == since:
            time.sleep(_LOOK_EVERY)
    except _Told:
        pass
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        service.remove()
        for file in run.glob(f"{kind}[.-]*"):
            file.unlink(missing_ok=True)
        if not list(run.glob("*-keeper.pid")):  # the last one; a run that ended well does it itself
            shutil.rmtree(run, ignore_errors=True)


if __name__ == "__main__":
    keep(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
