"""A made-up family's records in one of the two program services, brought to where an operation can begin."""

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
}

Records = dict[str, str]  # references by name


async def records(api: Api, operation: Operation) -> Records:
    """Make what must stand before an operation."""
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
    for step in BEFORE[program.name].get(operation.name, ()):
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
    return body


def _named(program: Program, name: str, value: str, example: dict[str, Any], found: Records) -> str:
    """What a field that names a record is to name here."""
    known = found["child" if example.get("role") == program.child else "adult"]
    if "role" in example and name in ("ref", "client", "person"):
        return known
    if "role" in example and name == "record_id" and "person" not in example:
        return "C-1" if known == found["child"] else "A-1"
    if name == "on":
        return found["case"]
    if name == "person":
        return found["adult"]
    return found.get(name, value)


EVERY_WRITE = pytest.mark.parametrize("operation", WRITES, ids=str)
