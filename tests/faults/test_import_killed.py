"""An import is killed at any moment and run again: it goes on where it stopped, nothing is lost and nothing doubled.

`IMPORT_ROWS=100000` makes it a county's; with `-s` it says how long that took.
"""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = pytest.mark.alone

FAMILIES = int(os.environ.get("IMPORT_ROWS", "1200")) // 2
KILLS = 3 if FAMILIES < 10_000 else 6
WITHIN = 120 + FAMILIES / 20  # seconds
MEMORY = 300 * 1024  # KiB that an import may take, however long its file is


def command(folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "services.cli", *words]


def started(folder: Path, file: Path) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "LINKAGES_DATA_DIR": str(folder)}
    return subprocess.Popen(
        command(folder, "import", "cws", str(file), "--county", "43"),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=(folder / "progress").open("ab"),
    )


def memory(running: "subprocess.Popen[bytes]") -> int:
    """The most that a process has taken so far, in KiB; 0 when it is gone."""
    try:
        status = Path(f"/proc/{running.pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


def asked(folder: Path, statement: str) -> int:
    with closing(sqlite3.connect(folder / "cws.db", timeout=10)) as connection:
        return int(connection.execute(statement).fetchone()[0])


def roster(file: Path) -> None:
    lines = ["record_id,first_name,last_name,birth_date,household_id,role"]
    for n in range(FAMILIES):
        lines += [
            f"R-{n}-a,Ana,Reyes{n},1990-04-17,H-{n},parent",
            f"R-{n}-b,Leo,Reyes{n},2019-08-02,H-{n},child",
        ]
    file.write_text("\n".join(lines))


def test_an_import_killed_several_times_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    roster(file)
    environment = {**os.environ, "LINKAGES_DATA_DIR": str(tmp_path)}
    subprocess.run(command(tmp_path, "migrate"), env=environment, check=True, capture_output=True)
    seen, most, begun = [], 0, time.monotonic()
    for kill in range(KILLS):
        running = started(tmp_path, file)
        give_up = time.monotonic() + WITHIN
        goal = (kill * 2 * FAMILIES) // (KILLS + 1)
        while running.poll() is None and time.monotonic() < give_up:
            stored = "SELECT count(*) FROM roster_row" if kill == 0 else "SELECT count(*) FROM client"
            if asked(tmp_path, stored) > goal:
                break
            most = max(most, memory(running))
            time.sleep(0.02)
        assert running.poll() is None, "it ended before it was killed"
        running.send_signal(signal.SIGKILL)
        running.wait()
        seen.append(asked(tmp_path, "SELECT count(*) FROM client"))
        with closing(sqlite3.connect(tmp_path / "cws.db")) as connection:  # the lease of the dead runs out
            connection.execute("UPDATE roster_import SET until = 0")
            connection.commit()
    running = started(tmp_path, file)
    give_up = time.monotonic() + WITHIN
    while running.poll() is None and time.monotonic() < give_up:
        most = max(most, memory(running))
        time.sleep(0.1)
    out, _ = running.communicate(timeout=1)
    took = time.monotonic() - begun
    rate = 2 * FAMILIES / took
    sys.stdout.write(f"{2 * FAMILIES} rows, killed {KILLS} times: {took:.1f} s, {rate:.0f}/s, {most} KiB\n")
    assert f"applied {2 * FAMILIES}" in out.decode()
    assert most < MEMORY
    if took > 30:
        assert "rows applied" in (tmp_path / "progress").read_text()
    assert seen == sorted(seen)
    assert asked(tmp_path, "SELECT count(*) FROM client") == 2 * FAMILIES
    assert asked(tmp_path, "SELECT count(*) FROM household") == FAMILIES
    assert asked(tmp_path, "SELECT count(*) FROM referral") == FAMILIES
    assert asked(tmp_path, "SELECT count(*) FROM roster_import") == 1
    upserts = "SELECT count(*) FROM outbox WHERE type = 'linkages.cws.client.upserted.v1'"
    assert asked(tmp_path, upserts) == 2 * FAMILIES
    ends = "SELECT count(*) FROM outbox WHERE type LIKE 'linkages.cws.import.%'"
    assert asked(tmp_path, ends) == 2
