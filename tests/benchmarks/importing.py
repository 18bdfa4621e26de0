"""How many rows of a roster a second `linkages import` takes, from the file to rows and events on disk."""

import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.demo.county import make_county
from services.demo.steps import Intake

ROWS, ROUNDS = 5000, 3
_PERSONS_PER_FAMILY = 3


def import_rates() -> list[float]:
    """Rows a second, a figure for each round; each into a new system."""
    return [_rate() for _ in range(ROUNDS)]


def _rate() -> float:
    with tempfile.TemporaryDirectory(prefix="linkages-bench-") as directory:
        roster = Path(directory) / "cws.csv"
        rows = _write(roster)
        environment = {**os.environ, "LINKAGES_DATA_DIR": directory, "LINKAGES_LOG_LEVEL": "error"}
        linkages = (sys.executable, "-m", "services.cli")
        subprocess.run((*linkages, "migrate"), env=environment, check=True, capture_output=True)
        started = time.perf_counter()
        subprocess.run(
            (*linkages, "import", "cws", str(roster), "--county", "43"),
            env=environment,
            check=True,
            capture_output=True,
        )
        return rows / (time.perf_counter() - started)


def _write(roster: Path) -> int:
    """The people of a made-up county's referrals, a household for each referral."""
    header = (
        "record_id",
        "first_name",
        "last_name",
        "birth_date",
        "ssn",
        "street",
        "zip",
        "household_id",
        "role",
    )
    written = 0
    with roster.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for number, family in enumerate(make_county(ROWS // _PERSONS_PER_FAMILY, 1).families):
            intakes = [step for step in family.steps if isinstance(step, Intake) and step.side == "cws"]
            for record in intakes[0].records if intakes else ():
                writer.writerow((record.record_id, *_columns(record.body), f"H{number}", record.role))
                written += 1
    return written


def _columns(person: Mapping[str, Any]) -> tuple[str, ...]:
    address = (person.get("addresses") or [{}])[0]
    who = (person.get(name) or "" for name in ("first_name", "last_name", "birth_date", "ssn"))
    return (*who, address.get("street") or "", address.get("zip") or "")
