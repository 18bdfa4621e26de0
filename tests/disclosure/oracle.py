"""Reads the rules of disclosure a second time, apart from the engine: same text, other reader, other shape."""

from collections.abc import Callable
from typing import Any

from tests.disclosure.oracle_cells import (
    COORDINATION_CELLS,
    DENY,
    ELIGIBILITY_CELLS,
    EMERGENCY_CELLS,
    INDEX_CELLS,
    MEETING_CELLS,
    PERMIT,
    REDACT,
    REPORT_CELLS,
    TEAM_CELLS,
    Cells,
)
from tests.disclosure.oracle_input import (
    BOTH_ROLES,
    CALWORKS_ROLES,
    CWS_ROLES,
    Basis,
    Request,
    end_of_thirtieth_day,
    read,
)

NAMES = ("DENY", "REDACT", "PERMIT")
ATTACHMENTS = ["part2_notice", "consent_copy"]

# fmt: off
OPEN_REASONS = frozenset({
    "U16", "STU", "PSE16", "A60", "YC24", "YC6", "YC12W", "NPREL", "CALLEARN", "INDIAN50", "VISTA", "CWS_PLAN",
})
# fmt: on
SPECIAL = frozenset({"K10", "K11", "K12", "K13", "K14"})
OWN_PROGRAM = {
    "CalWORKs": frozenset({"K3", "K3R", "K4", "K5"}),
    "CWS": frozenset({"K6", "K7", "K8", "K9", "K15"}),
}


def judge(line: str) -> dict[str, Any]:
    """The answer to one line, and every rule that a reader of the text could name for it."""
    name, request = read(line)
    if request is None:
        return _answer(name, DENY, ["INPUT"])
    judged = _judged(request)
    refusing = _refusals(request, judged)
    if refusing:
        return _answer(name, DENY, refusing + _special_rules(request))
    carried = [carry(request, basis) for basis in request.bases]
    widest = max(carried, default=DENY)
    named = sorted({request.category, *judged, *request.implies})
    if widest == DENY:
        cells = [f"{cell}/{column(basis)}" for cell in named for basis in request.bases]
        return _answer(name, DENY, [*_special_rules(request), "NONE", *cells])
    winners = [basis for basis, outcome in zip(request.bases, carried, strict=True) if outcome == widest]
    cells = [f"{cell}/{column(basis)}" for basis in winners for cell in [request.category, *named]]
    attached = ATTACHMENTS if "K10" in judged else []
    return _answer(name, widest, cells + _special_rules(request), attached)


def _answer(
    name: str | None, outcome: int, rules: list[str], attached: list[str] | None = None
) -> dict[str, Any]:
    return {
        "id": name,
        "outcome": NAMES[outcome],
        "rule": rules[0],
        "rules": set(rules),
        "attachments": list(attached or []),
    }


def column(basis: Basis) -> str:
    """The column of the table that the basis stands in."""
    if basis.kind == "ADMIN_10850":
        return basis.breadth or "none"
    return basis.kind


def _judged(request: Request) -> frozenset[str]:
    """The item's own category and all others that it has to pass as well, whatever the basis."""
    others = request.implies
    if request.category == "K3R" or (request.category == "K3" and request.reason_code is not None):
        others -= SPECIAL
    elif request.category != "K12":
        others -= {"K12"}
    judged = {request.category, *others}
    if request.minor_consented:
        judged.add("K13")
    if request.names_hiv:
        judged.add("K14")
    return frozenset(judged)


def _refusals(request: Request, judged: frozenset[str]) -> list[str]:
    """What refuses whatever the bases are, in the order of the text."""
    rules = []
    if judged & {"K9", "K17"}:
        rules.append("O1")
    if request.sensitivity == "R":
        rules.append("O3")
    if request.sensitivity == "S" and request.role not in (
        "linkages_liaison",
        "cws_supervisor",
        "calworks_supervisor",
    ):
        rules.append("O3")
    if request.alleged_abuser and (judged & {"K12", "K18"} or "K12" in request.implies):
        rules.append("O5")
    if "K16" in judged:
        rules.append("O9")
    if not request.assigned:
        rules.append("O10")
    if request.limited_access:
        rules.append("O11")
    if _role_refused(request, judged):
        rules.append("ROLE")
    if _no_crossing(request, judged):
        rules += ["ROLE", "NONE", *(f"{cell}/{column(basis)}" for cell in judged for basis in request.bases)]
    return rules


def _role_refused(request: Request, judged: frozenset[str]) -> bool:
    role = request.role
    if role in ("auditor", "integration", "analyst"):
        return True
    if role == "system_matcher":
        return request.purpose != "P1"
    if role in CWS_ROLES and request.recipient != "CWS":
        return True
    if role in CALWORKS_ROLES and request.recipient != "CalWORKs":
        return True
    if role in ("cws_clerk", "calworks_clerk"):
        return not judged <= {"K0", "K1", "K2"}
    if role == "wtw_worker":
        return "K8" in judged
    if role == "eligibility_worker":
        return bool(judged & {"K7", "K8"})
    return role not in CWS_ROLES + CALWORKS_ROLES + BOTH_ROLES


def _no_crossing(request: Request, judged: frozenset[str]) -> bool:
    """Statistics, an item that stays where it is, or one that its holder has from the other program."""
    other = "CWS" if request.holder == "CalWORKs" else "CalWORKs"
    return request.purpose == "P8" or request.holder == request.recipient or bool(judged & OWN_PROGRAM[other])


def _special_rules(request: Request) -> list[str]:
    """The overrides that open a category only to a certain basis and touch this item."""
    touched = {request.category, *request.implies}
    rules = []
    if "K15" in touched:
        rules.append("O2")
    if "K18" in touched:
        rules.append("O4")
    if "K12" in touched or (request.reason_code is not None and request.reason_code not in OPEN_REASONS):
        rules.append("O5")
    if "K10" in touched:
        rules.append("O6")
    if "K13" in touched or request.minor_consented:
        rules.append("O7")
    if "K14" in touched or request.names_hiv:
        rules.append("O8")
    return rules


def carry(request: Request, basis: Basis) -> int:
    """What this basis alone gives for the whole item."""
    if not active(request, basis):
        return DENY
    outcome = cell(request, basis, request.category)
    judged = _judged(request)
    if request.category == "K3R" and outcome == PERMIT:
        judged |= request.implies
    outcome = min([outcome, *(cell(request, basis, category) for category in judged)])
    code_kept = request.reason_code is not None and request.reason_code not in OPEN_REASONS
    if request.category in ("K3R", "K12") or (request.category == "K3" and request.reason_code is not None):
        return outcome
    if "K12" in request.implies or code_kept:
        return min(outcome, REDACT)
    return outcome


def active(request: Request, basis: Basis) -> bool:
    """In force now, for this subject, direction, purpose, role and team."""
    return _in_force(request, basis) and _roster(request, basis) and _lists(request, basis)


def _in_force(request: Request, basis: Basis) -> bool:
    now, expires, revoked = request.now, basis.times["expires"], basis.times["revoked_at"]
    if now < basis.valid_from or (expires is not None and now >= expires):
        return False
    if revoked is not None and revoked <= now:
        return False
    if basis.kind == "ROI":
        return expires is not None and now < basis.year_after
    if basis.kind == "MDT_18961_7":
        report, extended = basis.times["report_at"], basis.times["extended_to"]
        if report is None or report > now:
            return False
        return now < end_of_thirtieth_day(report) or (extended is not None and now < extended)
    return True


def _roster(request: Request, basis: Basis) -> bool:
    if basis.kind in ("MDT_18951", "MDT_18961_7", "MDT_18986", "CFT_832", "INDEX_18961_5"):
        return "roster_member" in basis.flags
    if basis.kind == "COURT" and request.recipient == "CalWORKs":
        return "roster_member" in basis.flags
    return True


def _lists(request: Request, basis: Basis) -> bool:
    """A list narrows every basis; for some the absence of a list covers nothing. Categories: by cell."""
    ordered = basis.kind in ("ROI", "COURT")
    persons, purposes = basis.lists["persons"], basis.lists["purposes"]
    if persons is None:
        if ordered or basis.kind == "CFT_832":
            return False
    elif request.subject not in persons:
        return False
    if (purposes is None and ordered) or (purposes is not None and request.purpose not in purposes):
        return False
    directions = basis.lists["directions"]
    if directions is None:
        if ordered:
            return False
    elif f"{request.holder}->{request.recipient}" not in directions and "both" not in directions:
        return False
    recipients = basis.lists["recipients"]
    return recipients is None or bool({request.role, request.recipient} & recipients)


def cell(request: Request, basis: Basis, category: str) -> int:
    """What an active basis says about one category."""
    listed = basis.lists["categories"]
    if listed is not None and category not in listed:
        return DENY
    column_of: dict[str, Callable[[Request, Basis, str], int]] = {
        "ROI": _release,
        "ADMIN_10850": _administration,
        "MDT_18951": _team,
        "MDT_18986": _team,
        "MDT_18961_7": _report_team,
        "CFT_832": _meeting,
        "COURT": _court,
        "EMERGENCY": _emergency,
        "INDEX_18961_5": _index,
    }
    return column_of[basis.kind](request, basis, category) if basis.kind in column_of else DENY


def _from(cells: Cells, request: Request, category: str) -> int:
    outcome, purposes = cells.get(category, (DENY, frozenset[str]()))
    return outcome if request.purpose in purposes else DENY


def _administration(request: Request, basis: Basis, category: str) -> int:
    worker = request.role == "eligibility_worker"
    if category == "K1S" and not worker:
        return DENY
    if basis.breadth == "coordination":
        return _from(COORDINATION_CELLS, request, category)
    if basis.breadth != "eligibility_facts":
        return DENY
    if category == "K6" and not worker:
        return DENY
    if category == "K3" and (
        request.recipient != "CWS" or request.topic not in ("FR_AID", "RELATIVE_CAREGIVER")
    ):
        return DENY
    return _from(ELIGIBILITY_CELLS, request, category)


def _team(request: Request, basis: Basis, category: str) -> int:
    return _from(TEAM_CELLS, request, category)


def _report_team(request: Request, basis: Basis, category: str) -> int:
    if category == "K8" and request.recipient != "CWS":
        return DENY
    return _from(REPORT_CELLS, request, category)


def _meeting(request: Request, basis: Basis, category: str) -> int:
    if category == "K11" and "K11" not in (basis.lists["categories"] or ()):
        return DENY
    return _from(MEETING_CELLS, request, category)


def _emergency(request: Request, basis: Basis, category: str) -> int:
    return _from(EMERGENCY_CELLS, request, category) if request.recipient == "CWS" else DENY


def _index(request: Request, basis: Basis, category: str) -> int:
    return _from(INDEX_CELLS, request, category)


def _court(request: Request, basis: Basis, category: str) -> int:
    if basis.lists["categories"] is None or category in ("K9", "K10", "K12", "K13", "K14", "K16", "K17"):
        return DENY
    return REDACT if category in ("K1S", "K18") else PERMIT


def _release(request: Request, basis: Basis, category: str) -> int:
    listed = basis.lists["categories"]
    if listed is None or category in ("K8", "K9", "K15", "K16", "K17"):
        return DENY
    if category == "K1S":
        return REDACT
    if category == "K3R":
        kept = request.reason_code in OPEN_REASONS and not request.implies & SPECIAL
        return PERMIT if kept else DENY
    if category == "K18":
        return PERMIT if "names_protected_address" in basis.flags else REDACT
    flag = {"K10": "part2_valid", "K12": "dv_specific", "K13": "minor_own", "K14": "names_hiv"}.get(category)
    if flag is not None:
        return PERMIT if flag in basis.flags and request.category in listed else DENY
    return PERMIT
