"""The engine against a second reading of the same specification, on random requests.

DISCLOSURE_DECISIONS is the number of requests, DISCLOSURE_SEED where they start.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.disclosure.making import COLUMNS
from tests.disclosure.oracle import judge
from tests.disclosure.oracle_input import CATEGORIES
from tests.disclosure.requests import requests

COUNT = int(os.environ.get("DISCLOSURE_DECISIONS", "10000"))
SEED = int(os.environ.get("DISCLOSURE_SEED", "1"))
AT_ONCE = 50_000  # lines of one call of the command

CAN_OPEN = {
    "eligibility_facts": "K0 K1 K1S K2 K3 K6",
    "coordination": "K0 K1 K1S K2 K3 K3R K4 K6 K7",
    "MDT_18951": "K0 K1 K1S K2 K3 K3R K4 K5 K6 K7 K8",
    "MDT_18961_7": "K0 K1 K1S K2 K3 K3R K6 K7 K11",  # K8 is open to CWS alone, whose own it is
    "MDT_18986": "K0 K1 K1S K2 K3 K3R K4 K5 K6 K7 K8",
    "CFT_832": "K0 K1 K2 K3 K3R K4 K6 K7 K8 K11",
    "ROI": "K0 K1 K1S K2 K3 K3R K4 K5 K6 K7 K10 K11 K12 K13 K14 K18",
    "COURT": "K0 K1 K1S K2 K3 K3R K4 K5 K6 K7 K8 K11 K15 K18",
    "INDEX_18961_5": "K0 K1",
    "EMERGENCY": "K0 K1 K2 K12 K18",
    "SUBJECT": "",
}


def decided(lines: list[str], file: Path) -> list[str]:
    file.write_bytes("".join(line + "\n" for line in lines).encode())
    command = [sys.executable, "-m", "services.cli", "policy", "decide", str(file)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2_000:]
    answers = done.stdout.decode().removesuffix("\n").split("\n")
    assert len(answers) == len(lines), f"{len(lines)} requests have {len(answers)} answers"
    return answers


def plain(rule: str) -> str:
    """A rule with its column spelt one way."""
    category, stroke, column = rule.partition("/")
    for short in ("eligibility_facts", "coordination"):
        if column.endswith(short):
            column = short
    return category + stroke + column.removesuffix(" naming cat").replace("MDT_18986", "MDT_18951")


def differences(expected: dict[str, Any], answer: str) -> list[str]:
    """What in the engine's answer a second reader would not have said."""
    try:
        found = json.loads(answer)
    except ValueError:
        return ["the answer is no JSON"]
    keys = {"id", "outcome", "rule", "redaction", "attachments", "reasons"}
    if not isinstance(found, dict) or set(found) != keys:
        return ["the answer has other fields"]
    wrong = [
        f"{key} {found[key]} for {expected[key]}"
        for key in ("outcome", "attachments")
        if found[key] != expected[key]
    ]
    if found["id"] != expected["id"]:
        wrong.append("no id" if found["id"] is None else "another id")
    if not wrong and plain(str(found["rule"])) not in {plain(rule) for rule in expected["rules"]}:
        wrong.append(f"rule {found['rule']} for {expected['outcome']}")
    if (found["outcome"] == "REDACT" and not found["redaction"]) or (
        found["outcome"] == "DENY" and found["redaction"] is not None
    ):
        wrong.append(f"redaction {found['redaction']} for {found['outcome']}")
    return wrong


@pytest.mark.timeout(7_200)
def test_two_readings_of_the_specification_agree(tmp_path: Path) -> None:
    kinds: Counter[str] = Counter()
    shown: list[str] = []
    for first in range(0, COUNT, AT_ONCE):
        lines = list(requests(SEED + first, min(AT_ONCE, COUNT - first)))
        answers = decided(lines, tmp_path / "requests.ndjson")
        for line, answer in zip(lines, answers, strict=True):
            expected = judge(line)
            wrong = differences(expected, answer)
            kinds.update(wrong)
            if wrong and len(shown) < 5:
                expected["rules"] = sorted(expected["rules"])
                shown.append(f"{line}\n  engine: {answer}\n  second: {json.dumps(expected)}\n  {wrong}")
    assert not kinds, "\n".join([f"{COUNT} requests: {dict(kinds.most_common(20))}", *shown])


def test_requests_open_and_close_every_cell_that_can_be_open() -> None:
    seen: dict[str, set[tuple[str, str]]] = {"open": set(), "closed": set()}
    for line in requests(7, 15_000):
        answer = judge(line)
        if answer["rule"] == "INPUT":
            continue
        body = json.loads(line)
        if not body["bases"]:
            assert answer["outcome"] == "DENY"
        if len(body["bases"]) == 1:
            basis = body["bases"][0]
            column = basis.get("breadth") if basis["basis"] == "ADMIN_10850" else basis["basis"]
            seen["closed" if answer["outcome"] == "DENY" else "open"].add((body["category"], column))
    table = {(category, column) for category in CATEGORIES for column in COLUMNS}
    assert seen["open"] & table == {
        (category, column) for column in COLUMNS for category in CAN_OPEN[column].split()
    }
    assert seen["closed"] >= table


def test_requests_are_open_often_enough_and_malformed_now_and_then() -> None:
    answers = [judge(line) for line in requests(8, 5_000)]
    rules = {rule for answer in answers for rule in answer["rules"] if "/" not in rule}
    assert rules == {*(f"O{number}" for number in range(1, 12)), "ROLE", "INPUT", "NONE"}
    outcomes = Counter(answer["outcome"] for answer in answers)
    assert outcomes["PERMIT"] > 1_000
    assert outcomes["REDACT"] > 300
    assert sum(answer["rule"] == "INPUT" for answer in answers) > 150
    assert sum(bool(answer["attachments"]) for answer in answers) > 30


def test_requests_are_the_same_for_the_same_seed() -> None:
    assert list(requests(3, 200)) == list(requests(3, 200))
    assert list(requests(3, 200)) != list(requests(4, 200))
