"""The committed contracts are what the code generates, and say enough to be relied on."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from services import contracts
from shared.events import calworks, coordination, cws


def test_what_is_committed_is_what_the_code_generates() -> None:
    """If the change is meant: `make contracts`, and commit what it writes."""
    assert contracts.differences() == []


def test_a_difference_of_any_kind_is_found(tmp_path: Path) -> None:
    contracts.write(tmp_path)
    assert contracts.differences(tmp_path) == []
    changed, removed, *_ = sorted(tmp_path.rglob("*.json"))
    changed.write_text(changed.read_text().replace('"type"', '"typ"', 1))
    removed.unlink()
    (tmp_path / "events" / "left.over.v1.json").write_text("{}\n")
    assert contracts.differences(tmp_path) == sorted(
        [
            f"{changed.relative_to(tmp_path)} is not what the code generates",
            f"{removed.relative_to(tmp_path)} is missing",
            "events/left.over.v1.json is no longer generated",
        ]
    )
    assert len(contracts.write(tmp_path)) == 3
    assert contracts.differences(tmp_path) == []


def test_settings_of_this_machine_do_not_change_a_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINKAGES_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LINKAGES_COUNTIES", '["07"]')
    monkeypatch.setenv("LINKAGES_ISSUER", "another")
    assert contracts.differences() == []


def test_every_event_type_has_a_schema_that_is_one() -> None:
    folder = contracts.DIRECTORY / "events"
    assert {file.stem for file in folder.glob("*.json")} == {
        *cws.TYPES,
        *calworks.TYPES,
        *coordination.TYPES,
    }
    for file in folder.glob("*.json"):
        schema = json.loads(file.read_text())
        Draft202012Validator.check_schema(schema)
        assert schema["properties"]["type"]["const"] == file.stem
        assert schema["properties"]["data"]["description"]


@pytest.mark.parametrize("service", ["cws", "calworks", "matcher"])
def test_every_operation_has_a_name_a_summary_and_its_refusals(service: str) -> None:
    document = json.loads((contracts.DIRECTORY / "openapi" / f"{service}.json").read_text())
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    for operation in operations:
        assert operation["summary"]
        if "security" not in operation:
            continue
        for status, answer in operation["responses"].items():
            assert answer["description"], (operation["operationId"], status)
            if status >= "400":
                assert "application/problem+json" in answer["content"], (operation["operationId"], status)
