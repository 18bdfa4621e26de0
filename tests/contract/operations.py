"""Every operation of the three OpenAPI documents, and a family in each of two counties to try them on."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from services.calworks_api.app import create_app as calworks_app
from services.calworks_api.settings import CalworksSettings
from services.cws_api.app import create_app as cws_app
from services.cws_api.settings import CwsSettings
from services.matcher.app import create_app as matcher_app
from services.matcher.settings import MatcherSettings
from tests.contract.callers import CALLERS, OPEN, Callers
from tests.contract.county import HOME, County, Family


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    service: str
    method: str
    path: str
    name: str
    has_body: bool

    def __str__(self) -> str:
        return f"{self.service}-{self.name}"

    def address(self, ref: str) -> str:
        """With a reference where it takes one."""
        return self.path.replace("{ref}", ref).replace("{person}", ref)

    @property
    def noun(self) -> str:
        """What the address is of."""
        return self.path.removeprefix("/v1").split("/")[1]

    @property
    def callers(self) -> Callers:
        """Who may call it."""
        return CALLERS[self.service][self.name]


def _takes_json(operation: dict[str, Any]) -> bool:
    """Whether it has a body, other than a file."""
    return "application/json" in operation.get("requestBody", {}).get("content", {})


DOCUMENTS = {
    "cws": cws_app(CwsSettings()).openapi(),
    "calworks": calworks_app(CalworksSettings()).openapi(),
    "matcher": matcher_app(MatcherSettings()).openapi(),
}
OPERATIONS = [
    Operation(service, method.upper(), path, operation["operationId"], _takes_json(operation))
    for service, document in DOCUMENTS.items()
    for path, methods in document["paths"].items()
    if path not in OPEN
    for method, operation in methods.items()
]
EVERY_OPERATION = pytest.mark.parametrize("operation", OPERATIONS, ids=str)
WITH_REF = pytest.mark.parametrize("operation", [o for o in OPERATIONS if "{ref}" in o.path], ids=str)
LISTS = pytest.mark.parametrize(
    "operation",
    [
        o
        for o in OPERATIONS
        if o.method == "GET"
        and "{ref}" not in o.path
        and o.name not in ("stream_alerts", "list_events", "metrics")
    ],
    ids=str,
)


@dataclass
class World:
    """The services with a family in each of two counties."""

    county: County
    home: Family
    elsewhere: Family

    def somebody(self, operation: Operation, county: str = HOME) -> str:
        """A token of somebody who may call."""
        program = max(operation.callers.programs)
        if not operation.callers.roles:
            scope = operation.callers.scope or ""
            return self.county.token("integration", program=program, county=county, scope=scope)
        liked = ("er_worker", "case_worker", "eligibility_worker", "wtw_worker")
        roles = [role for role in liked if role in operation.callers.roles] or sorted(operation.callers.roles)
        if operation.service == "matcher":
            workers = [role for role in ("er_worker", "case_worker") if role in operation.callers.roles]
            program, roles = "cws", workers or sorted(operation.callers.roles)
        return self.county.token(*roles, program=program, county=county)

    async def send(
        self, operation: Operation, token: str | None, ref: str = "none", **more: Any
    ) -> httpx.Response:
        """Call an address; a stream is made to end at once by a header that it must refuse."""
        headers = {"if-match": "*", "last-event-id": "none", **more.pop("headers", {})}
        if operation.has_body:
            more.setdefault("json", {})
        return await self.county.call(
            operation.service, operation.method, operation.address(ref), token, headers=headers, **more
        )


def refused(response: httpx.Response, status: int) -> None:
    """The answer is this refusal, as problem details that nobody may keep."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert response.json()["status"] == status
    assert ("www-authenticate" in response.headers) == (status == 401)


PLAN = {"activities": [{"kind": "job search"}], "hours_per_week": 20}


def sound(operation: Operation) -> Any:
    """A body that fits, so that what is refused is not the body."""
    return {
        "remove_child": {"removed_on": "2026-01-01"},
        "close_referral": {"outcome": "no_service", "closed_on": "2026-03-02"},
        "close_case": {"reason_class": "reunified", "closed_on": "2026-03-02"},
        "reopen_case": {"component": "FM", "reopened_on": "2026-03-02"},
        "change_component": {"to_component": "FR", "changed_on": "2026-03-02"},
        "change_participants": {"participants": [{"ref": "none", "role": "child"}]},
        "return_child": {"returned_on": "2026-03-02"},
        "merge_client": {"into": "nobody"},
        "relate": {"to": "nobody", "kind": "other_relative"},
        "end_relationship": {"until_date": "2026-03-02"},
        "place_with_relative": {"caregiver": {"ref": "nobody"}, "planned_on": "2026-03-02"},
        "start_placement": {"started_on": "2026-03-02"},
        "end_placement": {"ended_on": "2026-03-02"},
        "hold_meeting": {"held_on": "2026-03-02"},
        "set_hearing": {"kind": "review_6", "on": "2026-08-28"},
        "move_hearing": {"on": "2026-09-04"},
        "decide_application": {"outcome": "approved", "decided_on": "2026-03-02"},
        "withdraw_application": {"withdrawn_on": "2026-03-02"},
        "discontinue_case": {"reason_class": "requested", "aid_end": "2026-03-31"},
        "restore_case": {"restored_on": "2026-04-01"},
        "add_member": {"ref": "none", "role": "aided_child", "effective_month": "2026-04-01"},
        "remove_member": {"effective_month": "2026-04-01"},
        "change_wtw_status": {"to_status": "active", "effective_on": "2026-03-02"},
        "grant_exemption": {"from_date": "2026-03-01"},
        "end_exemption": {"ended_on": "2026-03-02"},
        "merge_person": {"into": "none"},
        "sign_wtw_plan": {"signed_on": "2026-03-02", **PLAN},
        "amend_wtw_plan": {"amended_on": "2026-03-02", **PLAN},
        "record_clock_milestone": {"month": "2026-02-01", "used": 54},
        "resolve_noncompliance": {"outcome": "complied", "resolved_on": "2026-03-02"},
        "decide_good_cause": {"granted": False},
        "sign_compliance_plan": {"signed_on": "2026-03-02"},
        "cure_sanction": {"cured_on": "2026-03-02", "effective_month": "2026-04-01"},
        "rescind_sanction": {"rescinded_on": "2026-03-02"},
        "finish_task": {"outcome": "declined"},
        "give_verdict": {"verdict": "unsure", "reason": "Nobody could be reached."},
        "undo_verdict": {"reason": "It was the sister."},
        "unlink": {"reason": "They are cousins."},
    }.get(operation.name, {} if operation.has_body else None)


def masked(response: httpx.Response) -> dict[str, Any]:
    """An answer without what differs each time."""
    return {**response.json(), "trace_id": ""}
