"""`linkages train` and `linkages link` over rosters with known strata, and the parity of weights with Splink."""

import csv
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.bulk import read
from services.cli import app
from services.matcher.identity.levels import LEVELS
from services.matcher.identity.model import DEFAULT_MODEL, Model, load_model
from services.matcher.identity.person import Person
from services.matcher.identity.scoring import weigh
from services.matcher.identity.training import columns, train
from shared.crypto import KeyFile
from tests.linkage import strata

KEYS = KeyFile(counties={"00": KeyFile.county()}).keys()["00"]
PROGRAMS = ("cws", "calworks")


@pytest.fixture(scope="module")
def rosters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rosters")
    strata.write(strata.compose(32, 200, 5), folder)
    return folder


@pytest.fixture(scope="module")
def trained(rosters: Path) -> Path:
    out = rosters / "model.json"
    assert run("train", rosters, "--out", str(out), "--version", "of_the_test").exit_code == 0
    return out


@pytest.fixture(scope="module")
def people(rosters: Path) -> dict[str, dict[str, Person]]:
    return {
        program: {
            one.record_id: spoiled(one.person, number)
            for number, one in enumerate(read(rosters / f"{program}.csv", program, KEYS))
        }
        for program in PROGRAMS
    }


def spoiled(person: Person, number: int) -> Person:
    """One of a few lacks something that the rosters never lack."""
    match number % 20:
        case 0:
            return replace(person, birth_date=None)
        case 1:
            return replace(person, addresses=())
        case 2:
            return replace(person, names=tuple(replace(n, last="", tokens=()) for n in person.names))
        case 3:
            return replace(
                person, addresses=tuple(replace(p, street=f"{p.street} # 9") for p in person.addresses)
            )
    return person


def run(command: str, rosters: Path, *more: str) -> Any:
    files = [word for program in PROGRAMS for word in (f"--{program}", str(rosters / f"{program}.csv"))]
    return CliRunner().invoke(app, [command, *files, *more])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_model_says_where_it_comes_from(trained: Path) -> None:
    provenance = load_model(str(trained)).provenance
    assert provenance.splink == train.SPLINK
    assert len(provenance.data) == 2
    assert all(len(digest) == 64 for digest in provenance.data)
    assert min(provenance.records) > 1000


def test_what_agrees_weighs_for_and_what_differs_against(trained: Path) -> None:
    weights = load_model(str(trained)).comparisons
    for field, best in (
        ("first_name", "exact"),
        ("last_name", "exact"),
        ("birth_date", "exact"),
        ("ssn", "exact"),
    ):
        assert weights[field][best] > 5
        assert weights[field]["differ"] < -2


def test_a_rare_name_weighs_more_than_a_common_one(trained: Path) -> None:
    often = load_model(str(trained)).frequencies["last_name"]
    common = max(often.values, key=lambda name: often.values[name])
    assert often.weight("ZUBIZARRETA", "ZUBIZARRETA") > often.weight(common, common) + 3


@pytest.mark.parametrize("model", ["trained", DEFAULT_MODEL])
def test_the_weight_of_a_pair_is_splinks_own(
    model: str, trained: Path, people: dict[str, dict[str, Person]]
) -> None:
    """Every level and frequency, on all pairs that Splink itself compares; names and addresses are single here."""
    ours = load_model(str(trained) if model == "trained" else model)
    linker = train.splink_of(ours, [columns.table(people[program].items()) for program in PROGRAMS])
    compared = linker.inference.predict().as_pyarrow_table().to_pylist()
    met: Counter[tuple[str, str]] = Counter()
    for row in compared:
        score = weigh(ours, people["cws"][row["unique_id_l"]], people["calworks"][row["unique_id_r"]])
        parts = [part for part in score.parts if part.field != "cap"]
        assert sum(part.weight for part in parts) == pytest.approx(row["match_weight"], abs=1e-6)
        met.update((part.field, part.level) for part in parts)
    assert len(compared) > 10_000
    seldom = {("suffix", "differ"), ("cin", "equal"), ("city", "close")}
    levels = {(field, level) for field, its in LEVELS.items() for level in its.split()}
    assert levels - met.keys() <= seldom


@pytest.mark.parametrize("model", ["trained", DEFAULT_MODEL])
def test_files_are_linked_as_the_rules_say(model: str, rosters: Path, trained: Path) -> None:
    out = rosters / "links.csv"
    name = str(trained) if model == "trained" else model
    assert run("link", rosters, "--out", str(out), "--model", name).exit_code == 0
    decided = {(one["cws_record_id"], one["calworks_record_id"]): one for one in rows(out)}
    for one in decided.values():
        assert one["decision"] == "NeedsReview" or float(one["probability"]) >= 0.5
        assert (one["decision"] == "NeedsReview") == bool(one["reason"])
    households = ("twins", "siblings", "copied", "namesakes", "newborn", "sibling_without", "one_digit")
    for one in rows(rosters / "truth.csv"):
        pair = decided.get((one["cws_record_id"], one["calworks_record_id"]))
        if one["is_match"] == "0" and any(word in one["stratum"] for word in households):
            assert pair is None or pair["decision"] != "Linked", one["stratum"]
        if one["is_match"] == "1" and one["stratum"] == "plain":
            assert pair is not None


def test_a_row_that_cannot_be_read_is_told_and_the_rest_is_linked(rosters: Path, tmp_path: Path) -> None:
    for program in PROGRAMS:
        text = (rosters / f"{program}.csv").read_text().splitlines(keepends=True)
        header = text[0].strip().split(",")
        nobody = ",".join("X1" if column == "record_id" else "" for column in header)
        (tmp_path / f"{program}.csv").write_text("".join(text[:400]) + nobody + "\n")
    answer = run("link", tmp_path, "--out", str(tmp_path / "links.csv"))
    assert answer.exit_code == 0
    assert "cws.csv line 401: last_name needs a first or a last name" in answer.stderr
    assert rows(tmp_path / "links.csv")


def test_a_model_that_contradicts_itself_is_refused_by_name(rosters: Path, trained: Path) -> None:
    broken = json.loads(trained.read_text())
    broken["thresholds"]["review"] = 99
    (rosters / "broken.json").write_text(json.dumps(broken))
    answer = run("link", rosters, "--out", str(rosters / "none.csv"), "--model", str(rosters / "broken.json"))
    assert answer.exit_code == 2
    assert "the review line lies below the link line" in answer.stderr
    assert run("link", rosters, "--out", str(rosters / "none.csv"), "--model", "nowhere.json").exit_code == 2


def test_a_model_without_the_keys_that_are_never_capped_is_refused() -> None:
    whole = load_model()
    with pytest.raises(ValueError, match="links would fall"):
        Model.model_validate(whole.model_dump() | {"blocking": ["names"]})
