"""Releases for tests: a mother and her child on the integrated form, sound unless a test says otherwise."""

from datetime import date
from typing import Any

from services.matcher.disclosure.paper import (
    MinorSection,
    Paper,
    SafeContact,
    Sections,
    SubstanceUseSection,
    ViolenceSection,
)
from services.matcher.disclosure.policy import CountyPolicy, county_policy
from services.matcher.disclosure.recording import record_release
from services.matcher.disclosure.release import Release
from services.matcher.disclosure.request import Category
from services.matcher.disclosure.signers import Signer
from shared.errors import FieldError, Invalid

TODAY = date(2026, 8, 3)
POLICY: CountyPolicy = county_policy("43", TODAY)

VIOLENCE = ViolenceSection(survivor="cl_mother", signed_apart=True, safe_contact=SafeContact.ADVOCATE)
SUBSTANCE_USE = SubstanceUseSection(patient="cl_mother", described=True, with_proceedings=False)
MINOR = MinorSection(minor="cl_child", signed=True)


def paper(**changes: Any) -> Paper:
    return Paper(**{"explained_by": "w_er", "explained_on": TODAY, **changes})


def sections(**changes: Any) -> Paper:
    return paper(sections=Sections(**changes))


def signed(signed_by: str, **changes: Any) -> dict[str, Any]:
    """A release of one person, with what is known of the signature."""
    return {"persons": [("cl_one", signed_by)], "paper": paper(signers={"cl_one": Signer(**changes)})}


def record(**changes: Any) -> Release:
    body: dict[str, Any] = {
        "id": "rl_one",
        "county": "43",
        "program": "cws",
        "persons": [("cl_mother", "self"), ("cl_child", "parent_guardian")],
        "categories": ["all_records"],
        "directions": ["both"],
        "purposes": ["at_my_request"],
        "recipients": None,
        "form": "Linkages ROI",
        "signed_on": TODAY,
        "expires_on": date(2027, 8, 3),
        "today": TODAY,
        "policy": POLICY,
        "paper": paper(),
    }
    return record_release(**{**body, **changes})


def named(*special: str, **changes: Any) -> Release:
    """A release that lists special categories beside the ordinary ones."""
    return record(categories=["all_records", *special], **changes)


def refused(**changes: Any) -> tuple[FieldError, ...]:
    """Why a record is refused."""
    try:
        record(**changes)
    except Invalid as invalid:
        return invalid.errors
    raise AssertionError("it was recorded")


def pointers(**changes: Any) -> list[str]:
    return [error.pointer for error in refused(**changes)]


ORDINARY = tuple(Category(one) for one in ("K0", "K1", "K2", "K3", "K4", "K6", "K7"))
