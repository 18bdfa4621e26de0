"""`make peers`: Splink beside ours on the sets on which linkage is usually measured, each a line of JSON.

FEBRL 3 and 4, census against WIC and against Social Security, and the two program rosters, also with 100,000 others in
the second; pseudopeople as it comes and with three times the slips, from a seed on which nothing was tuned. Then what
it costs to learn a model from 100,000 and 100,000 records, beside Splink's own training.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.linkage.__main__ import COMPOSER
from tests.linkage.others import Others, read
from tests.linkage.peer import compare, peer
from tests.linkage.rosters import COLUMNS, write_csv

NOISES = (1, 3)
MANY = 100_000


def sets(directory: Path, seed: int) -> list[Path]:
    """Compose them; their directories."""
    _compose("sets", directory, "--seed", str(seed))
    for noise in NOISES:
        name = f"composed_{noise}"
        _compose("rosters", directory / name, "--noise", str(noise), "--seed", str(seed))
    among = directory / f"composed_{NOISES[-1]}_among_{MANY}"
    there = directory / f"composed_{NOISES[-1]}"
    _run(sys.executable, "tests.linkage.others", there, among, "--others", str(MANY), "--seed", str(seed))
    return sorted(one for one in directory.iterdir() if one.is_dir())


def _compose(module: str, *words: object) -> None:
    _run(COMPOSER, f"tests.linkage.{module}", *words)


def _run(python: object, module: str, *words: object) -> None:
    subprocess.run((str(python), "-m", module, *map(str, words)), check=True, stdout=subprocess.DEVNULL)


def costs(rosters: Path, seed: int) -> dict[str, Any]:
    """Time and memory of training on many records, ours and Splink's own, each in a process of its own."""
    cws, calworks = (read(rosters / f"{name}.csv") for name in ("cws", "calworks"))
    others = Others(cws, calworks, seed)
    with TemporaryDirectory(prefix="linkages-costs-") as folder:
        directory = Path(folder)
        for name, roster in (("cws", cws), ("calworks", calworks)):
            rows = [*roster, *others.people(MANY - len(roster))]
            lines = (
                [f"{name}{number}", *(row[column] for column in COLUMNS[1:])]
                for number, row in enumerate(rows)
            )
            write_csv(directory / f"{name}.csv", COLUMNS, lines)
        files = [
            word for name in ("cws", "calworks") for word in (f"--{name}", str(directory / f"{name}.csv"))
        ]
        model = str(directory / "model.json")
        return {
            "set": f"training on {MANY} and {MANY}",
            "ours": _measured("-m", "services.cli", "train", *files, "--out", model),
            "splink": _measured("-m", "tests.linkage.peers", "--train", folder),
        }


def _measured(*command: str) -> dict[str, float]:
    """Seconds and the most memory (MB) of a process."""
    watched = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    began = time.monotonic()
    words = (sys.executable, "-c", watched, sys.executable, *command)
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE)
    return {"seconds": round(time.monotonic() - began, 1), "memory_mb": round(int(done.stdout) / 1024)}


def main() -> None:
    """Every set, then the costs."""
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, default=51)
    options.add_argument("--train", type=Path, help="only train Splink on the rosters of a directory")
    given = options.parse_args()
    if given.train:
        peer(given.train)
        return
    with TemporaryDirectory(prefix="linkages-peers-") as directory:
        for one in sets(Path(directory), given.seed):
            _say(compare(one))
        _say(costs(Path(directory) / "composed_1", given.seed))


def _say(figures: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
