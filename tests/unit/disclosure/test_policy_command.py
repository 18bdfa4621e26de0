"""`linkages policy`: the format of requests and decisions, what is no request, and counsel's other commands."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from services import policy as command
from services.cli import app
from services.matcher.disclosure import policy as policies
from services.matcher.disclosure.ndjson import decide_line, written

SHIPPED = Path(policies.__file__).parent / "policies" / "2026_07.yaml"
COUNTIES = Path(policies.counties.__file__).parent
REFUSED = {"outcome": "DENY", "rule": "INPUT", "redaction": None, "attachments": []}


def release(**changes: Any) -> dict[str, Any]:
    return {
        "basis": "ROI",
        "categories": ["K3", "K4", "K10"],
        "directions": ["CalWORKs->CWS"],
        "purposes": ["P6"],
        "persons": ["ps_mother"],
        "part2_valid": True,
        "valid_from": "2026-08-01T00:00:00-07:00",
        "expires": "2027-07-31T00:00:00-07:00",
        **changes,
    }


def asked(**changes: Any) -> dict[str, Any]:
    return {
        "id": "rq-1",
        "category": "K3",
        "holder": "CalWORKs",
        "recipient": "CWS",
        "purpose": "P6",
        "role": "case_worker",
        "assigned": True,
        "subject": {"id": "ps_mother", "sensitivity": "N", "limited_access": False},
        "item": {
            "implies": [],
            "minor_consented": False,
            "names_hiv": False,
            "alleged_abuser_in_recipient_clients": False,
        },
        "bases": [release()],
        "now": "2026-08-03T10:00:00-07:00",
        **changes,
    }


def line(**changes: Any) -> str:
    return json.dumps(asked(**changes))


def run(*arguments: str, given: str | bytes = "") -> Any:
    return CliRunner().invoke(app, ["policy", *arguments], input=given, catch_exceptions=False)


def decided(text: str | bytes) -> list[dict[str, Any]]:
    result = run("decide", "-", given=text)
    assert result.exit_code == 0
    return [json.loads(one) for one in result.stdout.splitlines()]


def one(text: str | bytes) -> dict[str, Any]:
    return json.loads(written(decide_line(text.encode() if isinstance(text, str) else text)))


def test_each_request_gets_its_decision_on_the_same_line(tmp_path):
    file = tmp_path / "asked.ndjson"
    lines = [line(), "", line(id="rq-2", assigned=False), "[]", line(id="rq-3", category="K10")]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = run("decide", str(file))
    answers = [json.loads(one) for one in result.stdout.splitlines()]
    assert [(a["id"], a["outcome"], a["rule"]) for a in answers] == [
        ("rq-1", "PERMIT", "K3/ROI"),
        (None, "DENY", "INPUT"),
        ("rq-2", "DENY", "O10"),
        (None, "DENY", "INPUT"),
        ("rq-3", "PERMIT", "K10/ROI"),
    ]
    assert answers[4]["attachments"] == ["part2_notice", "consent_copy"]


def test_a_decision_has_its_six_fields_whatever_it_is():
    for text in (line(), line(assigned=False), line(category="K9"), "{}", "nonsense"):
        assert list(one(text)) == ["id", "outcome", "rule", "redaction", "attachments", "reasons"]


def test_standard_input_is_read_line_by_line_and_needs_no_last_newline():
    assert [answer["id"] for answer in decided(line() + "\r\n" + line(id="rq-2"))] == ["rq-1", "rq-2"]
    assert decided("") == []


def test_a_redaction_says_what_remains():
    team = {"basis": "MDT_18951", "valid_from": "2026-08-01T00:00:00Z", "roster_member": True}
    answer = one(line(category="K5", bases=[team]))
    assert (answer["outcome"], answer["rule"]) == ("REDACT", "K5/MDT_18951")
    assert answer["redaction"]
    assert answer["reasons"] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "nonsense",
        "[]",
        '"rq-1"',
        "null",
        "7",
        "NaN",
        line()[:-1],
        line() + line(),
        line(assigned=float("nan")),
        line().replace('"id"', '"id": "other", "id"', 1),
        line().replace('"sensitivity"', '"sensitivity": "N", "sensitivity"', 1),
        "[" * 100_000,
        '{"id":' * 100_000,
        b'{"id": "\xff"}',
        "\ufeff" + line(),
    ],
)
def test_a_line_that_is_no_json_object_is_refused_without_an_id(text):
    assert one(text) == {"id": None, **REFUSED, "reasons": one(text)["reasons"]}


def test_a_line_that_is_too_long_is_refused_and_the_next_is_read(monkeypatch):
    monkeypatch.setattr(command, "LONGEST", 2000)
    long = line(bases=[release(persons=["ps_mother"] * 1000)])
    answers = decided(f"{long}\n{line()}\n{long}")
    assert [answer["id"] for answer in answers] == [None, "rq-1", None]


REQUIRED = [
    "id",
    "category",
    "holder",
    "recipient",
    "purpose",
    "role",
    "assigned",
    "subject",
    "item",
    "bases",
    "now",
]
PARTS = {
    "subject": ["id", "sensitivity", "limited_access"],
    "item": ["implies", "minor_consented", "names_hiv", "alleged_abuser_in_recipient_clients"],
}


@pytest.mark.parametrize("name", REQUIRED)
def test_a_field_that_is_missing_or_null_refuses_the_request(name):
    without = asked()
    del without[name]
    for content in (without, asked(**{name: None})):
        answer = one(json.dumps(content))
        assert answer == {"id": None if name == "id" else "rq-1", **REFUSED, "reasons": answer["reasons"]}


@pytest.mark.parametrize(("part", "name"), [(part, name) for part, names in PARTS.items() for name in names])
def test_a_field_of_a_part_that_is_missing_or_null_refuses_the_request(part, name):
    whole = asked()[part]
    without = {key: value for key, value in whole.items() if key != name}
    for content in (without, {**whole, name: None}, {**whole, "surprise": 1}, [], None, "x"):
        assert one(line(**{part: content}))["rule"] == "INPUT"


@pytest.mark.parametrize(
    "changes",
    [
        {"category": "k3"},
        {"category": "K19"},
        {"holder": "calworks"},
        {"recipient": "cws"},
        {"purpose": "P9"},
        {"role": "worker"},
        {"role": ["case_worker"]},
        {"topic": "OTHER"},
        {"topic": ""},
        {"assigned": 1},
        {"assigned": "true"},
        {"id": 7},
        {"id": ""},
        {"now": "2026-08-03T10:00:00"},
        {"now": "2026-08-03"},
        {"now": "2026-08-03 10:00:00Z"},
        {"now": "2026-02-30T10:00:00Z"},
        {"now": "2026-08-03T10:00Z"},
        {"now": "2026-08-03T10:00:00+25:00"},
        {"now": "0001-01-01T00:00:00Z"},
        {"now": 1785776400},
        {"bases": {}},
        {"surprise": None},
        {"Category": "K3"},
    ],
)
def test_an_unknown_or_wrongly_typed_field_refuses_the_request(changes):
    assert one(line(**changes))["rule"] == "INPUT"


@pytest.mark.parametrize(
    "changes",
    [
        {"basis": None},
        {"basis": "roi"},
        {"valid_from": None},
        {"valid_from": "yesterday"},
        {"expires": "2027-07-31"},
        {"categories": "K3"},
        {"categories": ["K3", "K99"]},
        {"categories": [["K3"]]},
        {"directions": "both"},
        {"directions": ["CWS->CWS"]},
        {"purposes": ["p6"]},
        {"persons": [7]},
        {"persons": [""]},
        {"recipients": ["anybody"]},
        {"breadth": "wide"},
        {"part2_valid": "yes"},
        {"roster_member": 0},
        {"source": "rl_1"},
        {"surprise": True},
    ],
)
def test_one_wrong_basis_of_several_refuses_the_request_and_is_named(changes):
    answer = one(line(bases=[release(), release(**changes)]))
    assert (answer["id"], answer["rule"]) == ("rq-1", "INPUT")
    assert answer["reasons"][0] == "input"
    assert answer["reasons"][1].startswith("bases.1")


@pytest.mark.parametrize("basis", [None, "ROI", [], {}, {"basis": "ROI"}])
def test_what_is_no_basis_refuses_the_request(basis):
    assert one(line(bases=[release(), basis]))["rule"] == "INPUT"


def test_optional_fields_may_be_absent_or_null():
    flags = ["names_protected_address", "names_hiv", "dv_specific", "minor_own", "roster_member"]
    times = ["revoked_at", "report_at", "extended_to"]
    nothing = dict.fromkeys(["breadth", "recipients", *flags, *times])
    item = {**asked()["item"], "reason_code": None}
    assert one(line(topic=None, item=item, bases=[release(**nothing)]))["outcome"] == "PERMIT"


def test_times_are_read_with_any_offset_and_fraction():
    for now in ("2026-08-03T17:00:00Z", "2026-08-03t17:00:00.123456789z", "2026-08-03T22:30:00+05:30"):
        assert one(line(now=now))["outcome"] == "PERMIT"


@settings(max_examples=300, deadline=None)
@given(
    text=st.one_of(
        st.binary(max_size=60),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_no_line_whatever_makes_it_fail(text):
    assert {**one(text), "id": None, "reasons": []} == {"id": None, **REFUSED, "reasons": []}


def test_explain_tells_every_rule_row_and_ground_of_the_table():
    told = run("explain").stdout
    table = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    for name in (*table["overrides"], *table["columns"]):
        assert f"\n{name}: " in told
    for category, row in table["rows"].items():
        assert f"\n{category}: {row['name']}\n" in told
        assert row["source"] in told
    assert run("explain", "--table", str(SHIPPED)).stdout == told


def changed(tmp_path: Path, change: Any, shipped: Path = SHIPPED) -> Path:
    content = yaml.safe_load(shipped.read_text(encoding="utf-8"))
    change(content)
    path = tmp_path / shipped.name
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


@pytest.mark.parametrize("file", [SHIPPED, COUNTIES / "default.yaml", COUNTIES / "43.yaml"])
def test_check_finds_the_shipped_files_fine(file):
    result = run("check", str(file))
    assert result.exit_code == 0
    assert "fine" in result.stdout


def test_check_names_the_key_that_is_wrong_and_what_to_do(tmp_path):
    table = changed(tmp_path, lambda t: t["rows"]["K0"].update(sauce="x"))
    result = run("check", str(table))
    assert result.exit_code == 1
    assert "rows.K0.sauce: is not a key of this file" in result.stderr
    county = changed(tmp_path, lambda c: c["settings"].update(release_cap_month=9), COUNTIES / "43.yaml")
    result = run("check", str(county))
    assert (result.exit_code, "release_cap_month" in result.stderr) == (1, True)
    for name in ("check", "decide"):
        assert run(name, str(tmp_path / "absent.yaml")).exit_code == 2


def test_check_looks_at_what_a_county_will_have_later(tmp_path):
    def later(county: dict[str, Any]) -> None:
        cap = county["settings"]["release_cap_months"]
        county["settings"]["release_cap_months"] = {**cap, "value": 99, "effective_from": "2090-01-01"}

    county = changed(tmp_path, later, COUNTIES / "43.yaml")
    county.write_text(county.read_text().replace("'2090-01-01'", "2090-01-01"))
    result = run("check", str(county))
    assert (result.exit_code, "release_cap_months" in result.stderr) == (1, True)


@pytest.mark.parametrize("county", ["../default", 43, "99", ""])
def test_check_refuses_a_county_that_there_is_not(tmp_path, county):
    file = changed(tmp_path, lambda c: c.update(county=county), COUNTIES / "43.yaml")
    assert run("check", str(file)).exit_code == 1


def test_simulate_counts_what_another_table_would_change_and_lists_it(tmp_path):
    asking = tmp_path / "asked.ndjson"
    asking.write_text("\n".join([line(), line(id="rq-2", category="K4"), "nonsense"]), encoding="utf-8")
    table = changed(tmp_path, lambda t: t["rows"]["K4"]["cells"].update(ROI="DENY"))
    told = run("simulate", str(asking), "--table", str(table)).stdout
    assert "rq-2: PERMIT K4/ROI -> DENY K4/ROI" in told
    assert "1 of 3 decisions would change" in told
    assert "rq-1" not in told
    assert "0 of 3" in run("simulate", str(asking), "--table", str(SHIPPED)).stdout


def test_simulate_shows_what_a_countys_file_would_change(tmp_path):
    def without_releases(county: dict[str, Any]) -> None:
        value = yaml.safe_load((COUNTIES / "default.yaml").read_text())["settings"]["legal_bases"]["value"]
        county["settings"]["legal_bases"] = {"value": {**value, "roi": False}, "source": "board"}

    asking = tmp_path / "asked.ndjson"
    asking.write_text(line(), encoding="utf-8")
    county = changed(tmp_path, without_releases, COUNTIES / "43.yaml")
    told = run("simulate", str(asking), "--county", str(county)).stdout
    assert "rq-1: PERMIT K3/ROI -> DENY K3/ADMIN eligibility_facts" in told


def test_simulate_needs_one_file_to_compare_with_and_a_sound_one(tmp_path):
    asking = tmp_path / "asked.ndjson"
    asking.write_text(line(), encoding="utf-8")
    assert run("simulate", str(asking)).exit_code == 2
    broken = changed(tmp_path, lambda t: t.pop("rows"))
    result = CliRunner().invoke(app, ["policy", "simulate", str(asking), "--table", str(broken)])
    assert isinstance(result.exception, command.UnusableFile)
    assert "rows: is missing" in str(result.exception)
