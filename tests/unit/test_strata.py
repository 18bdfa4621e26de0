"""The rosters of `tests.linkage.strata`: every stratum and trap is what its name says."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from services.demo.numbers import _AREAS
from tests.linkage.strata import COUNTERPART, STRATA, compose, write
from tests.linkage.traps import COLUMNS, TRAPS

PAIRS, OTHERS = 20, 60
Row = dict[str, str]


def read(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("strata")
    write(compose(PAIRS, OTHERS, 7), made)
    return made


@pytest.fixture(scope="module")
def pairs(directory: Path) -> dict[str, list[tuple[Row, Row]]]:
    """Both rows of each pair of the truth, by stratum."""
    cws, calworks = ({row["record_id"]: row for row in read(directory / f"{p}.csv")} for p in programs())
    found: dict[str, list[tuple[Row, Row]]] = {}
    for line in read(directory / "truth.csv"):
        both = cws[line["cws_record_id"]], calworks[line["calworks_record_id"]]
        found.setdefault(line["stratum"], []).append(both)
    return found


def programs() -> tuple[str, str]:
    return "cws", "calworks"


def equal(both: tuple[Row, Row], *columns: str) -> bool:
    a, b = both
    return all(a[column] and a[column].upper() == b[column].upper() for column in columns)


def test_a_seed_gives_the_same_files_and_another_seed_others(directory: Path, tmp_path: Path) -> None:
    write(compose(PAIRS, OTHERS, 7), tmp_path / "again")
    write(compose(PAIRS, OTHERS, 8), tmp_path / "other")
    for name in ("cws.csv", "calworks.csv", "truth.csv"):
        first = (directory / name).read_bytes()
        assert (tmp_path / "again" / name).read_bytes() == first
        assert (tmp_path / "other" / name).read_bytes() != first


def test_every_stratum_and_every_trap_has_the_pairs_that_were_asked_for(directory: Path) -> None:
    counted = Counter((line["stratum"], line["is_match"]) for line in read(directory / "truth.csv"))
    assert counted.pop((COUNTERPART, "1")) > PAIRS
    assert counted == {(name, "1"): PAIRS for name in STRATA} | {(name, "0"): PAIRS for name in TRAPS}


def test_the_truth_names_records_that_exist_and_a_true_pair_once(directory: Path) -> None:
    truth = read(directory / "truth.csv")
    for program in programs():
        rows = read(directory / f"{program}.csv")
        ids = [row["record_id"] for row in rows]
        assert tuple(rows[0]) == COLUMNS
        assert len(set(ids)) == len(ids)
        assert {line[f"{program}_record_id"] for line in truth} <= set(ids)
        true = [line[f"{program}_record_id"] for line in truth if line["is_match"] == "1"]
        assert len(set(true)) == len(true), "one record of a roster is one person"


def test_in_half_of_the_traps_both_have_their_true_counterpart(directory: Path) -> None:
    truth = read(directory / "truth.csv")
    true = {line[f"{p}_record_id"] for line in truth if line["is_match"] == "1" for p in programs()}
    for name in TRAPS:
        lines = [line for line in truth if line["stratum"] == name]
        present = [[line[f"{p}_record_id"] in true for p in programs()] for line in lines]
        assert Counter(map(tuple, present)) == {(True, True): PAIRS / 2, (False, False): PAIRS / 2}


def test_social_security_numbers_are_of_the_areas_of_the_made_up_or_taxpayers(
    directory: Path, pairs: dict[str, list[tuple[Row, Row]]]
) -> None:
    transposed = {row["record_id"] for both in pairs["ssn_transposed"] for row in both}
    areas = {str(area) for area in _AREAS}
    for program in programs():
        for row in read(directory / f"{program}.csv"):
            assert (
                row["ssn"][:3] in {"", *areas} or row["ssn"].startswith("9") or row["record_id"] in transposed
            )


@pytest.mark.parametrize("name", ["day_month", "default_date", "impossible_date", "birth_digit"])
def test_a_birth_date_is_wrong_on_one_side_and_the_name_is_equal(
    name: str, pairs: dict[str, list[tuple[Row, Row]]]
) -> None:
    for both in pairs[name]:
        assert equal(both, "first_name", "last_name")
        assert not equal(both, "birth_date")


def test_a_birth_date_differs_as_its_stratum_says(pairs: dict[str, list[tuple[Row, Row]]]) -> None:
    for a, b in pairs["day_month"]:
        year, month, day = a["birth_date"].split("-")
        assert b["birth_date"] == f"{year}-{day}-{month}"
    for a, b in pairs["birth_digit"]:
        assert sum(x != y for x, y in zip(a["birth_date"], b["birth_date"], strict=True)) == 1
    for a, b in pairs["default_date"]:
        assert [row["birth_date"].endswith("-01-01") for row in (a, b)].count(True) == 1


def test_a_surname_differs_as_its_stratum_says(pairs: dict[str, list[tuple[Row, Row]]]) -> None:
    for a, b in pairs["surnames_reversed"]:
        assert a["last_name"].upper().split() == b["last_name"].split()[::-1]
    for a, b in pairs["surnames_hyphen"]:
        assert ("-" in a["last_name"]) != ("-" in b["last_name"])
        assert a["last_name"].upper().replace("-", " ") == b["last_name"].replace("-", " ")
    for a, b in pairs["surnames_half"]:
        halves = sorted((a["last_name"].upper().split(), b["last_name"].split()), key=len)
        assert [len(one) for one in halves] == [1, 2]
        assert halves[0][0] in halves[1]
    for a, b in pairs["names_swapped"]:
        assert a["first_name"].upper() == b["last_name"]
        assert a["last_name"].upper() == b["first_name"]


@pytest.mark.parametrize("name", ["nickname", "transliteration", "accents", "particles", "changed_surname"])
def test_a_name_is_written_in_two_ways(name: str, pairs: dict[str, list[tuple[Row, Row]]]) -> None:
    assert not any(equal(both, "first_name", "last_name") for both in pairs[name])


def test_a_number_is_missing_transposed_or_not_a_true_one_as_its_stratum_says(
    pairs: dict[str, list[tuple[Row, Row]]],
) -> None:
    assert all(equal(both, "ssn") for both in pairs["plain"])
    assert all(not (a["ssn"] and b["ssn"]) for a, b in pairs["missing_ssn"])
    for a, b in pairs["ssn_transposed"]:
        differ = [at for at, (x, y) in enumerate(zip(a["ssn"], b["ssn"], strict=True)) if x != y]
        assert len(differ) == 2
        assert sorted(a["ssn"]) == sorted(b["ssn"])
    for both in pairs["itin_or_pseudo_ssn"]:
        assert [row["ssn"][:1] == "9" for row in both].count(True) == 1


def test_no_household_of_the_moved_tells_its_address_twice(
    pairs: dict[str, list[tuple[Row, Row]]],
) -> None:
    assert not any(equal(both, "street", "zip") for both in pairs["moved"])


def test_newborns_have_no_name_with_cws(pairs: dict[str, list[tuple[Row, Row]]]) -> None:
    for a, b in pairs["newborn"]:
        assert a["first_name"].upper().startswith(("BABY", "INFANT"))
        assert b["first_name"] != a["first_name"].upper()
        assert a["birth_date"] == b["birth_date"] > "2025-09"


@pytest.mark.parametrize("name", [name for name in TRAPS if "name" not in name])
def test_people_of_a_trap_have_first_names_of_their_own(
    name: str, pairs: dict[str, list[tuple[Row, Row]]]
) -> None:
    assert not any(equal(both, "first_name") for both in pairs[name])


@pytest.mark.parametrize(
    ("name", "shared"),
    [
        ("trap_twins_unlike", ("birth_date", "last_name")),
        ("trap_twins_alike", ("birth_date", "last_name")),
        ("trap_same_sex_siblings", ("last_name",)),
        ("trap_namesakes_no_suffix", ("first_name", "last_name")),
        ("trap_copied_ssn", ("ssn",)),
        ("trap_same_name_and_birth", ("first_name", "last_name", "birth_date")),
        ("trap_shelter_strangers", ("street", "city", "zip")),
        ("trap_shared_phone", ("phone",)),
        ("trap_newborn_twins", ("birth_date", "last_name")),
        ("trap_sibling_without_name", ("last_name",)),
    ],
)
def test_people_of_a_trap_share_what_the_trap_is_about(
    name: str, shared: tuple[str, ...], pairs: dict[str, list[tuple[Row, Row]]]
) -> None:
    assert all(equal(both, *shared) for both in pairs[name])


def test_a_trap_differs_where_its_name_says(pairs: dict[str, list[tuple[Row, Row]]]) -> None:
    for a, b in pairs["trap_ssn_one_digit"]:
        assert sum(x != y for x, y in zip(a["ssn"], b["ssn"], strict=True)) == 1
    for a, b in pairs["trap_same_name_and_birth"]:
        assert a["ssn"] == b["ssn"] == ""
        assert a["street"].upper() != b["street"]
    for name in ("trap_namesakes_suffix", "trap_namesakes_no_suffix"):
        for a, b in pairs[name]:
            assert abs(int(a["birth_date"][:4]) - int(b["birth_date"][:4])) >= 15
            written = f"{a['last_name']} {a['suffix']} {b['last_name']} {b['suffix']}".upper().split()
            assert ("JR" in written) == (name == "trap_namesakes_suffix")
    days = [a["birth_date"][5:] == b["birth_date"][5:] for a, b in pairs["trap_namesakes_no_suffix"]]
    assert days.count(True) >= PAIRS / 2
    assert [a["first_name"] and b["first_name"] for a, b in pairs["trap_sibling_without_name"]] == [
        ""
    ] * PAIRS
