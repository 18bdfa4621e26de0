"""Two program rosters that nobody here made up, composed from pseudopeople's sample population.

pseudopeople (Haddock et al. 2024, https://pseudopeople.readthedocs.io) simulates one town of about ten thousand people
in households, writes them into forms as people and clerks do, with slips, and keeps who each record is. The child
welfare roster takes names and addresses from its census, and a Social Security number for half of those who earn (a
child has none); the CalWORKs roster takes them from its Social Security file, with the address of the household's tax
forms. Two people of five are in both; brothers and sisters are often in the other roster only.

    python -m tests.linkage.rosters DIRECTORY [--noise 1] [--seed 11]

runs in an environment of its own (`make linkage` makes it) and writes cws.csv and calworks.csv (columns of
`linkages import`), truth.csv, and homes.csv: record id and the household that the person really lives in.
"""

import argparse
import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COLUMNS = (
    *("record_id", "first_name", "middle_name", "last_name", "birth_date", "sex", "ssn"),
    *("street", "unit", "city", "state", "zip", "household_id", "role", "status"),
)
MOST_NOISE = 0.6  # of the cells of a column
ADULT = 18  # years

Row = dict[str, str]


@dataclass
class Rosters:
    """Both rosters, and of each record who it is."""

    cws: list[Row] = field(default_factory=list)
    calworks: list[Row] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)  # record id -> person
    homes: dict[str, str] = field(default_factory=dict)  # person -> household


def compose(noise: float, seed: int) -> Rosters:
    """Both rosters at a level of noise: 1 is pseudopeople's own."""
    import pandas as pd
    import pseudopeople as made

    config = noisier(made.get_config(), noise)
    census = made.generate_decennial_census(year=2030, seed=seed, config=config)
    security = made.generate_social_security(year=2030, seed=seed + 1, config=config)
    security = security.sort_values("event_type").drop_duplicates("simulant_id")
    taxes = pd.concat(
        made.generate_taxes_w2_and_1099(year=year, seed=seed + year, config=config) for year in (2030, 2029)
    ).drop_duplicates("simulant_id")

    found = Rosters(homes=dict(zip(census.simulant_id, census.household_id, strict=True)))
    numbers = {row.simulant_id: text(row.ssn) for row in taxes.itertuples()}
    ages = {row.simulant_id: text(row.age) for row in census.itertuples()}
    addresses = _tax_addresses(taxes)
    drawn = _Drawn(seed, found.homes)
    for number, row in enumerate(row for row in census.itertuples() if drawn.in_cws(row.simulant_id)):
        who = row.simulant_id
        found.people[f"A{number}"] = who
        found.cws.append(
            {
                "record_id": f"A{number}",
                "first_name": text(row.first_name),
                "middle_name": text(row.middle_initial),
                "last_name": text(row.last_name),
                "birth_date": american(text(row.date_of_birth)),
                "sex": text(row.sex)[:1],
                "ssn": numbers.get(who, "") if drawn.chance("number", who) < 0.5 else "",
                "street": street(row.street_number, row.street_name),
                "unit": text(row.unit_number),
                "city": text(row.city),
                "state": text(row.state),
                "zip": text(row.zipcode),
                "household_id": drawn.named("H", who),
                "role": "child" if _is_child(ages.get(who, "")) else "parent",
                "status": "open",
            }
        )
    for number, row in enumerate(row for row in security.itertuples() if drawn.in_calworks(row.simulant_id)):
        who = row.simulant_id
        found.people[f"B{number}"] = who
        found.calworks.append(
            {
                "record_id": f"B{number}",
                "first_name": text(row.first_name),
                "middle_name": text(row.middle_name),
                "last_name": text(row.last_name),
                "birth_date": run_together(text(row.date_of_birth)),
                "sex": text(row.sex)[:1],
                "ssn": text(row.ssn).replace(" ", ""),
                "street": addresses.get(who) or addresses.get(found.homes[who], ""),
                "city": "Anytown",
                "state": "WA",
                "zip": "00000",
                "household_id": drawn.named("C", who),
                "role": "aided_child" if _is_child(ages.get(who, "")) else "aided_adult",
                "status": "open",
            }
        )
    return found


@dataclass(frozen=True)
class _Drawn:
    """Who is in which roster: drawn for whole households first, so that most families come or stay away together."""

    seed: int
    homes: dict[str, str]

    def chance(self, *what: str) -> float:
        """A number from 0 to 1 that is always the same for these words."""
        words = "/".join((str(self.seed), *what))
        return int.from_bytes(hashlib.sha256(words.encode()).digest()[:6]) / 2**48

    def named(self, prefix: str, person: str) -> str:
        home = hashlib.sha256(f"{self.seed}/{prefix}/{self.homes[person]}".encode()).hexdigest()
        return prefix + home[:8]

    def in_cws(self, person: str) -> bool:
        return self.chance("home", self.homes[person]) < 0.7 and self.chance("cws", person) < 0.85

    def in_calworks(self, person: str) -> bool:
        if person not in self.homes:
            return False
        return self.chance("home", self.homes[person]) > 0.35 and self.chance("calworks", person) < 0.85


def truth(found: Rosters) -> Iterator[tuple[str, str]]:
    """The pairs of records that are one person."""
    by_person: dict[str, list[str]] = {}
    for row in found.calworks:
        by_person.setdefault(found.people[row["record_id"]], []).append(row["record_id"])
    for row in found.cws:
        for other in by_person.get(found.people[row["record_id"]], ()):
            yield row["record_id"], other


def noisier(config: dict[str, Any], factor: float) -> dict[str, Any]:
    """Every column's chance of a slip, so many times as high."""
    noisier: dict[str, Any] = {}
    for dataset, parts in config.items():
        for column, kinds in parts.get("column_noise", {}).items():
            for kind, settings in kinds.items():
                if "cell_probability" in settings:
                    chance = min(MOST_NOISE, float(settings["cell_probability"]) * factor)
                    columns = noisier.setdefault(dataset, {}).setdefault("column_noise", {})
                    columns.setdefault(column, {})[kind] = {"cell_probability": chance}
    return noisier


def _tax_addresses(taxes: Any) -> dict[str, str]:
    """The address on the tax forms, by person and by household."""
    found: dict[str, str] = {}
    for row in taxes.itertuples():
        mailed_to = street(row.mailing_address_street_number, row.mailing_address_street_name)
        if mailed_to:
            found[row.simulant_id] = mailed_to
            found.setdefault(row.household_id, mailed_to)
    return found


def text(value: Any) -> str:
    """A cell as text; what stands for nothing is empty."""
    said = str(value).strip()
    return "" if said.lower() in {"nan", "<na>", "none"} else said


def street(number: Any, name: Any) -> str:
    """House number and street of an address."""
    return " ".join(part for part in (text(number), text(name)) if part)


def american(day: str) -> str:
    """`11/03/1943` as a roster has it; what a slip has made unreadable stays as it is."""
    parts = day.split("/")
    return f"{parts[2]}-{parts[0]}-{parts[1]}" if len(parts) == 3 else day[:10]


def run_together(day: str) -> str:
    """`19431103` the same way."""
    return f"{day[:4]}-{day[4:6]}-{day[6:8]}" if len(day) >= 8 else day


def _is_child(age: str) -> bool:
    return age.isdigit() and int(age) < ADULT


def write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Write a table."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def main(say: Callable[[str], object] = print) -> None:
    """Write the files."""
    options = argparse.ArgumentParser()
    options.add_argument("directory", type=Path)
    options.add_argument("--noise", type=float, default=1)
    options.add_argument("--seed", type=int, default=11)
    given = options.parse_args()
    found = compose(given.noise, given.seed)
    given.directory.mkdir(parents=True, exist_ok=True)
    for name, rows in (("cws", found.cws), ("calworks", found.calworks)):
        write_csv(
            given.directory / f"{name}.csv", COLUMNS, ([row.get(c, "") for c in COLUMNS] for row in rows)
        )
    pairs = list(truth(found))
    write_csv(given.directory / "truth.csv", ("cws_record_id", "calworks_record_id"), pairs)
    homes = ((record, found.homes[person]) for record, person in found.people.items())
    write_csv(given.directory / "homes.csv", ("record_id", "home"), homes)
    say(f"cws {len(found.cws)}, calworks {len(found.calworks)}, true pairs {len(pairs)}")


if __name__ == "__main__":
    main()
