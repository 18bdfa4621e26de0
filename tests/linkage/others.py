"""A pair of rosters with so many others in the second one, as a county's index has them: who is like the people of the
rosters in everything, and none of them.

    python -m tests.linkage.others DIRECTORY OUT [--others 100000] [--seed 41]

Households are those of the second roster once more: size, roles and ages of one, with surname, house number, street and
given names each drawn from another record of either roster, slips and all, and a number of nobody's. So names are as
frequent, and as often written wrongly, as in the rosters themselves.
"""

import argparse
import csv
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from random import Random

from tests.linkage.rosters import COLUMNS, Row, write_csv


class Others:
    """Households of nobody in two rosters."""

    def __init__(self, cws: Sequence[Row], calworks: Sequence[Row], seed: int) -> None:
        self._rng = Random(seed)
        self._records = [*cws, *calworks]
        self._numbers = {row["ssn"].replace("-", "") for row in self._records}
        homes: dict[str, list[Row]] = defaultdict(list)
        for row in calworks:
            homes[row["household_id"]].append(row)
        self._homes = list(homes.values())

    def people(self, wanted: int) -> Iterator[Row]:
        """So many people."""
        numbers = count(1)
        made = 0
        for home in count(1):
            for row in self._household(f"O{home}"):
                if made == wanted:
                    return
                made += 1
                yield row | {"record_id": f"O{next(numbers)}"}

    def _household(self, home: str) -> Iterator[Row]:
        draw = self._rng.choice
        last, door, road = (draw(self._records) for _ in range(3))
        number, _, _ = door["street"].partition(" ")
        _, _, street = road["street"].partition(" ")
        for member in draw(self._homes):
            called, born = draw(self._records), draw(self._records)["birth_date"]
            given = {name: called[name] for name in ("first_name", "middle_name", "sex")}
            yield (
                member
                | given
                | {
                    "last_name": last["last_name"],
                    "birth_date": (member["birth_date"][:4] + born[4:]) if member["birth_date"] else "",
                    "ssn": self._number() if member["ssn"] else "",
                    "street": f"{number} {street}".strip(),
                    "household_id": home,
                }
            )

    def _number(self) -> str:
        while True:
            number = (
                f"{self._rng.randint(1, 899):03}{self._rng.randint(1, 99):02}{self._rng.randint(1, 9999):04}"
            )
            if number[:3] != "666" and number not in self._numbers:
                self._numbers.add(number)
                return number


def read(path: Path) -> list[Row]:
    """The rows of a roster."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def main() -> None:
    """Write the rosters."""
    options = argparse.ArgumentParser()
    options.add_argument("directory", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--others", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=41)
    given = options.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    cws, calworks = (read(given.directory / f"{name}.csv") for name in ("cws", "calworks"))
    rows = [*calworks, *Others(cws, calworks, given.seed).people(given.others)]
    for name in ("cws.csv", "truth.csv"):
        shutil.copy(given.directory / name, given.out / name)
    write_csv(given.out / "calworks.csv", COLUMNS, ([row[column] for column in COLUMNS] for row in rows))


if __name__ == "__main__":
    main()
