"""A made-up family's records in one of the two program services, brought to where an operation can begin."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.contract.operations import OPERATIONS, Operation
from tests.contract.program_world import CALWORKS, CWS, Api, Program, new

PROGRAMS = {program.name: program for program in (CWS, CALWORKS)}
WRITES = [one for one in OPERATIONS if one.service in PROGRAMS and one.has_body]

# The records that must stand before an operation, beyond an intake with an adult and a child.
BEFORE = {
    "cws": {
        "close_case": ("case",),
        "reopen_case": ("case", "closed"),
        "change_component": ("case",),
        "change_participants": ("case",),
        "assign": ("case",),
        "return_child": ("removal",),
        "end_relationship": ("relationship",),
        "start_placement": ("relative-placement",),
        "end_placement": ("relative-placement",),
        "change_meeting": ("meeting",),
        "hold_meeting": ("meeting",),
        "cancel_meeting": ("meeting",),
        "set_hearing": ("case",),
        "move_hearing": ("case", "hearing"),
    },
    "calworks": {
        "discontinue_case": ("case",),
        "restore_case": ("case", "discontinued"),
        "add_member": ("case",),
        "remove_member": ("case",),
        "assign": ("case",),
        "resolve_noncompliance": ("noncompliance",),
        "decide_good_cause": ("noncompliance",),
        "sign_compliance_plan": ("noncompliance",),
        "impose_sanction": ("noncompliance",),
        "cure_sanction": ("sanction",),
        "rescind_sanction": ("sanction",),
        "end_exemption": ("exemption",),
        "amend_wtw_plan": ("wtw-plan",),
    },
}

# What an address of a noun is about; the other nouns are called by their own name without the s.
OF_NOUN = {"clients": "child", "persons": "adult"}

# How each record is made: its address, with the names of records in it, and its body.
STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "cws case": (
        "/v1/cases",
        {
            "child": "{child}",
            "referral": "{referral}",
            "component": "FM",
            "court": False,
            "opened_on": "2026-02-02",
        },
    ),
    "cws closed": ("/v1/cases/{case}/close", {"reason_class": "reunified", "closed_on": "2026-02-20"}),
    "cws removal": ("/v1/clients/{child}/removals", {"removed_on": "2026-02-02"}),
    "cws relationship": ("/v1/clients/{child}/relationships", {"to": "{adult}", "kind": "child"}),
    "cws relative-placement": (
        "/v1/clients/{child}/relative-placements",
        {"caregiver": {"record_id": "A-1"}, "planned_on": "2026-02-02"},
    ),
    "cws meeting": (
        "/v1/meetings",
        {"household": "{household}", "kind": "CFT", "starts_at": "2026-03-05T18:00:00Z"},
    ),
    "cws hearing": ("/v1/cases/{case}/hearings", {"kind": "review_6", "on": "2026-08-28"}),
    "calworks case": ("/v1/cases", {"application": "{application}", "aid_start": "2026-02-01"}),
    "calworks discontinued": (
        "/v1/cases/{case}/discontinue",
        {"reason_class": "requested", "aid_end": "2026-02-28"},
    ),
    "calworks noncompliance": ("/v1/noncompliances", {"person": "{adult}", "notice_date": "2026-02-20"}),
    "calworks sanction": (
        "/v1/sanctions",
        {"person": "{adult}", "sanction_class": "wtw", "effective_month": "2026-02-01"},
    ),
    "calworks exemption": ("/v1/persons/{adult}/exemptions", {"from_date": "2026-02-01"}),
    "calworks wtw-plan": (
        "/v1/persons/{adult}/wtw-plans",
        {"signed_on": "2026-02-02", "activities": [{"kind": "job search"}], "hours_per_week": 30},
    ),
}

ENDS = frozenset({"closed", "discontinued"})  # steps after which other operations cannot begin

Records = dict[str, str]  # references by name


async def records(api: Api, operation: Operation) -> Records:
    """Make what must stand before an operation."""
    return await _made(api, BEFORE[api.program.name].get(operation.name, ()))


async def all_records(api: Api) -> Records:
    """Make one of each, and end none."""
    steps = [step.split(" ", 1) for step in STEPS]
    return await _made(api, [step for name, step in steps if name == api.program.name and step not in ENDS])


async def _made(api: Api, steps: Sequence[str]) -> Records:
    program = api.program
    intake = await api.intake(
        new(program.adult, "Ana", record_id="A-1"), new(program.child, "Luz", record_id="C-1")
    )
    adult, child = api.refs(intake)
    name = {"cws": "referral", "calworks": "application"}[program.name]
    found = {
        name: intake["ref"],
        program.group_out: intake[program.group_out],
        "adult": adult,
        "child": child,
    }
    for step in steps:
        path, body = STEPS[f"{program.name} {step}"]
        sent = {key: one.format(**found) if isinstance(one, str) else one for key, one in body.items()}
        response = await api.post(path.format(**found), sent)
        assert response.is_success, response.text
        found[step] = response.json()["ref"]
    return found


def address(operation: Operation, found: Records) -> str:
    """The operation's address, of these records."""
    ref = found.get(OF_NOUN.get(operation.noun, operation.noun.removesuffix("s")), "")
    return operation.path.replace("{ref}", ref).replace("{person}", found["child"])


def body_of(program: Program, example: Any, found: Records) -> Any:
    """An example that names these records, field by field; an entry names the adult or the child by its role."""
    if isinstance(example, list):
        return [body_of(program, one, found) for one in example]
    if not isinstance(example, dict):
        return example
    body = {name: body_of(program, one, found) for name, one in example.items()}
    for name, value in body.items():
        if isinstance(value, str):
            body[name] = _named(program, name, value, example, found)
        if name == program.group and isinstance(value, dict) and "ref" in value:
            body[name] = {"ref": found[program.group_out]}
        if name == "caregiver" and "ref" in value:
            body[name] = {"ref": found["adult"]}
        if name == "clients":
            body[name] = [found["child"], found["adult"]]
    return body


def _named(program: Program, name: str, value: str, example: dict[str, Any], found: Records) -> str:
    """What a field that names a record is to name here."""
    known = found["child" if example.get("role") == program.child else "adult"]
    if "role" in example and name in ("ref", "client", "person"):
        return known
    if "role" in example and name == "record_id" and "person" not in example:
        return "C-1" if known == found["child"] else "A-1"
    if name == "on" and "worker" in example:  # a hearing is on a day
        return found["case"]
    if name == "into":  # another than the address is about
        return found["child" if program is CALWORKS else "adult"]
    if name in ("person", "to"):
        return found["adult"]
    return found.get(name, value)


EVERY_WRITE = pytest.mark.parametrize("operation", WRITES, ids=str)
