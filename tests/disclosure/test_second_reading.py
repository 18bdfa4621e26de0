"""The second reading alone: the vectors of the specification, and the edges where readers slip."""

import json
from typing import Any

import pytest

from tests.disclosure.oracle import judge

NOW = "2026-07-01T12:00:00Z"
BOTH = ["both"]


def request(category: str, purpose: str, role: str, *bases: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A request to which nothing but its bases stands in the way."""
    from_calworks = category in ("K3", "K3R", "K4", "K5")
    body = {
        "id": "r",
        "category": category,
        "holder": "CalWORKs" if from_calworks else "CWS",
        "recipient": "CWS" if from_calworks else "CalWORKs",
        "purpose": purpose,
        "role": role,
        "assigned": True,
        "subject": {"id": "p1", "sensitivity": "N", "limited_access": False},
        "item": {
            "implies": [],
            "minor_consented": False,
            "names_hiv": False,
            "alleged_abuser_in_recipient_clients": False,
        },
        "bases": list(bases),
        "now": NOW,
    }
    for key, value in changes.items():
        if isinstance(value, dict):
            body[key] = {**body[key], **value}  # type: ignore[dict-item]
        else:
            body[key] = value
    return body


def basis(kind: str, **given: Any) -> dict[str, Any]:
    return {"basis": kind, "valid_from": "2026-01-01T00:00:00Z", "roster_member": True, **given}


def release(categories: str, purposes: str, **given: Any) -> dict[str, Any]:
    usual = {"expires": "2027-01-01T00:00:00Z", "persons": ["p1"], "directions": BOTH}
    return basis("ROI", categories=categories.split(), purposes=purposes.split(), **{**usual, **given})


def outcome(body: dict[str, Any]) -> str:
    return str(judge(json.dumps(body))["outcome"])


FACTS = basis("ADMIN_10850", breadth="eligibility_facts")
TEAM = basis("MDT_18951")
MEETING = basis("CFT_832", persons=["p1"])
SUBSTANCE = "K10", "P4", "wtw_worker"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            request("K2", "P2", "er_worker", holder="CalWORKs", recipient="CWS"), ("DENY", "NONE"), id="T1"
        ),
        pytest.param(
            request("K6", "P3", "eligibility_worker", FACTS), ("PERMIT", "K6/eligibility_facts"), id="T2"
        ),
        pytest.param(request("K7", "P4", "wtw_worker", FACTS), ("DENY", "NONE"), id="T3"),
        pytest.param(
            request(
                "K3",
                "P6",
                "case_worker",
                release("K3 K4", "P6", directions=["CalWORKs->CWS"]),
                item={"reason_code": "DVW", "implies": ["K12"]},
            ),
            ("PERMIT", "K3/ROI"),
            id="T4",
        ),
        pytest.param(
            request("K4", "P4", "case_worker", release("K4", "P4", expires=NOW)), ("DENY", "NONE"), id="T5"
        ),
        pytest.param(
            request("K15", "P4", "linkages_liaison", {**MEETING, "categories": ["K15"]}),
            ("DENY", "O2"),
            id="T7",
        ),
        pytest.param(
            request("K1", "P1", "system_matcher", FACTS, subject={"sensitivity": "R"}),
            ("DENY", "O3"),
            id="T8",
        ),
        pytest.param(
            request("K3", "P4", "case_worker", release("K3", "P4")), ("PERMIT", "K3/ROI"), id="T9-mother"
        ),
        pytest.param(
            request("K3", "P4", "case_worker", release("K3", "P4"), subject={"id": "p2"}),
            ("DENY", "NONE"),
            id="T9",
        ),
        pytest.param(
            request("K7", "P4", "linkages_liaison", release("K6", "P4")), ("DENY", "NONE"), id="T11"
        ),
        pytest.param(request("K0", "P4", "wtw_worker", TEAM, assigned=False), ("DENY", "O10"), id="T12"),
        pytest.param(request("K0", "P4", "wtw_worker", TEAM), ("PERMIT", "K0/MDT_18951"), id="T12-new"),
        pytest.param(
            request(
                "K12",
                "P4",
                "wtw_worker",
                release("K12", "P4", dv_specific=True),
                item={"alleged_abuser_in_recipient_clients": True},
            ),
            ("DENY", "O5"),
            id="T13",
        ),
        pytest.param(
            request("K11", "P4", "wtw_worker", release("K11 K13", "P4"), item={"minor_consented": True}),
            ("DENY", "O7"),
            id="T14",
        ),
        pytest.param(
            request(*SUBSTANCE, release("K10", "P4", part2_valid=True)), ("PERMIT", "K10/ROI"), id="T15"
        ),
        pytest.param(request("K2", "P8", "analyst", TEAM), ("DENY", "ROLE"), id="T16"),
    ],
)
def test_the_second_reading_answers_the_vectors(body: dict[str, Any], expected: tuple[str, str]) -> None:
    answer = judge(json.dumps(body))
    assert (answer["outcome"], answer["rule"]) == expected


def test_a_substance_use_record_takes_its_notice_and_the_consent_along() -> None:
    valid = release("K4 K10", "P4", part2_valid=True)
    both = ["part2_notice", "consent_copy"]
    assert judge(json.dumps(request(*SUBSTANCE, release("K4 K10", "P4"))))["attachments"] == []
    assert judge(json.dumps(request(*SUBSTANCE, valid)))["attachments"] == both
    implied = request("K4", "P4", "case_worker", valid, item={"implies": ["K10"]})
    assert judge(json.dumps(implied))["attachments"] == both


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-07-01T06:59:59Z", "PERMIT"),  # 23:59:59 of 30 June in Los Angeles
        ("2026-07-01T07:00:00Z", "DENY"),
        ("2026-05-31T20:00:00-07:00", "PERMIT"),
        ("2026-05-31T19:59:59-07:00", "DENY"),  # the report is still to come
    ],
)
def test_a_report_opens_for_thirty_days_of_the_county(now: str, expected: str) -> None:
    report = basis("MDT_18961_7", report_at="2026-06-01T03:00:00Z")  # 31 May in Los Angeles
    assert outcome(request("K7", "P5", "linkages_liaison", report, now=now)) == expected


def test_a_report_may_be_extended_but_never_shortened() -> None:
    report = basis("MDT_18961_7", report_at="2026-06-01T03:00:00Z", extended_to="2026-06-10T00:00:00Z")
    assert outcome(request("K7", "P5", "linkages_liaison", report, now="2026-06-20T00:00:00Z")) == "PERMIT"
    report["extended_to"] = NOW
    assert outcome(request("K7", "P5", "linkages_liaison", report, now="2026-07-01T11:59:59Z")) == "PERMIT"
    assert outcome(request("K7", "P5", "linkages_liaison", report)) == "DENY"


def test_a_release_holds_a_year_at_most() -> None:
    for now, expected in [("2026-12-31T23:59:59Z", "PERMIT"), ("2027-01-01T00:00:00Z", "DENY")]:
        long = release("K4", "P4", expires="2029-01-01T00:00:00Z")
        assert outcome(request("K4", "P4", "case_worker", long, now=now)) == expected
    assert outcome(request("K4", "P4", "case_worker", release("K4", "P4", expires=None))) == "DENY"


def test_a_release_that_is_revoked_this_very_moment_is_gone() -> None:
    for revoked, expected in [
        (NOW, "DENY"),
        ("2026-07-01T05:00:00-07:00", "DENY"),
        ("2026-07-01T12:00:01Z", "PERMIT"),
    ]:
        assert (
            outcome(request("K4", "P4", "case_worker", release("K4", "P4", revoked_at=revoked))) == expected
        )


def test_two_bases_cannot_carry_one_decision_together() -> None:
    item = {"implies": ["K5"]}
    halves = [release("K4", "P4"), release("K5", "P4")]
    assert outcome(request("K4", "P4", "case_worker", *halves, item=item)) == "DENY"
    assert outcome(request("K4", "P4", "case_worker", release("K4 K5", "P4"), item=item)) == "PERMIT"
    assert outcome(request("K4", "P4", "case_worker", TEAM, item=item)) == "REDACT"


def test_what_gives_violence_away_is_stripped_or_refused() -> None:
    item = {"implies": ["K12"]}
    assert outcome(request("K4", "P4", "case_worker", TEAM, item=item)) == "REDACT"
    assert outcome(request("K4", "P4", "case_worker", TEAM, item={"reason_code": "DVW"})) == "REDACT"
    assert outcome(request("K4", "P4", "case_worker", TEAM, item={"reason_code": "STU"})) == "PERMIT"
    abuser = {**item, "alleged_abuser_in_recipient_clients": True}
    assert outcome(request("K4", "P4", "case_worker", TEAM, item=abuser)) == "DENY"


def test_an_order_of_the_court_needs_its_whole_scope_and_the_name_of_the_worker() -> None:
    order = basis("COURT", categories=["K15"], directions=BOTH, purposes=["P4"], persons=["p1"])
    assert outcome(request("K15", "P4", "wtw_worker", order)) == "PERMIT"
    for missing in ("categories", "directions", "purposes", "persons", "roster_member"):
        assert outcome(request("K15", "P4", "wtw_worker", {**order, missing: None})) == "DENY"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "nonsense",
        json.dumps(request("K4", "P4", "case_worker", TEAM)).replace("true", "1", 1),
        json.dumps(request("K4", "P4", "case_worker", TEAM)).replace('"purpose"', '"now": "x", "purpose"', 1),
        json.dumps(request("K4", "P4", "case_worker", TEAM, now="2026-07-01T12:00:00")),
        json.dumps(request("K4", "P4", "case_worker", TEAM, {**TEAM, "categories": ["K4", "K99"]})),
        json.dumps(request("K4", "P4", "case_worker", TEAM, note=None)),
    ],
)
def test_what_is_not_exactly_a_request_is_refused_as_input(line: str) -> None:
    answer = judge(line)
    assert (answer["outcome"], answer["rule"]) == ("DENY", "INPUT")
    readable = line.startswith("{") and line.count('"now"') == 1
    assert answer["id"] == ("r" if readable else None)
