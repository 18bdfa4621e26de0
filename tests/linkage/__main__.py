"""`make linkage`: rosters that nobody here made up, imported and matched by the running system, against their truth.

Prints one JSON line for each level of noise. Nothing here was tuned on these rosters.
"""

import asyncio
import csv
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from services.demo.child import Child
from services.evaluation import LINKED, read_pairs

COMPOSER = Path(
    ".venv-linkage/bin/python"
)  # pseudopeople and what it needs, apart from what the project needs
NOISES = (1, 3)
LOOK_EVERY, AT_REST_AFTER = 3.0, 4  # seconds, and looks without a change
LONGEST = 3600.0  # seconds for one pair of rosters


async def match(rosters: Path) -> dict[str, Any]:
    """Import both rosters, wait until the system is at rest, and compare its links with the truth."""
    async with Child() as child:
        started = time.monotonic()
        for program in ("cws", "calworks"):
            said = await child.command(
                "import", program, str(rosters / f"{program}.csv"), "--county", child.county
            )
            sys.stderr.write(said)
        imported = time.monotonic() - started
        await _rest(child)
        links = rosters / "links.csv"
        await child.command("links", "--out", str(links))
        truth = rosters / "truth.csv"
        figures: dict[str, Any] = json.loads(
            await child.command("evaluate", "--links", str(links), "--truth", str(truth), "--json")
        )
        return figures | {
            "rows": sum(_rows(rosters / f"{program}.csv") for program in ("cws", "calworks")),
            "import_seconds": round(imported, 1),
            "seconds": round(time.monotonic() - started, 1),
            "links_inside_a_home": len(_inside_a_home(rosters, links)),
        }


async def _rest(child: Child) -> None:
    """Wait until the count of events read and the links have stood still for some looks."""
    before: list[str] = []
    async with asyncio.timeout(LONGEST):
        while len(before) < AT_REST_AFTER or len(set(before[-AT_REST_AFTER:])) > 1:
            await asyncio.sleep(LOOK_EVERY)
            out = child.directory / "look.csv"
            await child.command("links", "--out", str(out))
            summary = json.loads(await child.command("audit", "--summary", "--json"))
            before.append(f"{summary['events']}/{hash(out.read_bytes())}")


def _rows(path: Path) -> int:
    with path.open(newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def _inside_a_home(rosters: Path, links: Path) -> set[tuple[str, str]]:
    """Wrong automatic links of two people of one household: brothers and sisters, twins, parent and child."""
    with (rosters / "homes.csv").open(newline="") as file:
        homes = {row["record_id"]: row["home"] for row in csv.DictReader(file)}
    wrong = read_pairs(links, decisions={LINKED}) - read_pairs(rosters / "truth.csv")
    return {(a, b) for a, b in wrong if homes[a] == homes[b]}


def main() -> None:
    """Compose, match, print; ends with 1 when two people of one household were linked."""
    failed = False
    for noise in NOISES:
        with TemporaryDirectory(prefix="linkages-rosters-") as directory:
            subprocess.run(
                (COMPOSER, "-m", "tests.linkage.rosters", directory, "--noise", str(noise)), check=True
            )
            figures = asyncio.run(match(Path(directory)))
        failed |= figures["links_inside_a_home"] > 0
        sys.stdout.write(json.dumps({"noise": noise, **figures}) + "\n")
        sys.stdout.flush()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
