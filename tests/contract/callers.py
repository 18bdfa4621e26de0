"""Who may call each address: role by role, as domain and issue say, written down apart from the code.

A new address without an entry here fails `test_routes_refuse.py`.
"""

from dataclasses import dataclass

from shared.web.auth import BOTH_ROLES, CALWORKS_ROLES, CWS_ROLES


@dataclass(frozen=True)
class Callers:
    """Roles that may call, of these programs; `scope`: with it an `integration` may too."""

    roles: frozenset[str]
    programs: frozenset[str]
    scope: str | None = None


BOTH = frozenset({"cws", "calworks"})

_CWS_WRITE = Callers(
    frozenset({"er_worker", "case_worker", "cws_supervisor", "cws_clerk"}),
    frozenset({"cws"}),
    "cws:intake:write",
)
_CWS_READ = Callers(CWS_ROLES | {"linkages_liaison", "integration"}, frozenset({"cws"}))
_CWS_SEAL = Callers(frozenset({"cws_supervisor", "privacy_officer"}), frozenset({"cws"}))

_CALWORKS_WRITE = Callers(
    frozenset({"eligibility_worker", "wtw_worker", "calworks_supervisor", "calworks_clerk"}),
    frozenset({"calworks"}),
    "calworks:intake:write",
)
_CALWORKS_READ = Callers(CALWORKS_ROLES | {"linkages_liaison", "integration"}, frozenset({"calworks"}))
_CALWORKS_SEAL = Callers(frozenset({"calworks_supervisor", "privacy_officer"}), frozenset({"calworks"}))

_INBOX = Callers(CWS_ROLES | CALWORKS_ROLES | BOTH_ROLES, BOTH)
_RELEASES = Callers(
    frozenset(
        {
            "er_worker",
            "case_worker",
            "eligibility_worker",
            "wtw_worker",
            "cws_supervisor",
            "calworks_supervisor",
            "linkages_liaison",
        }
    ),
    BOTH,
)

_REVIEWS = Callers(frozenset({"linkages_liaison"}), BOTH)

_ACCOUNTING = Callers(frozenset({"linkages_liaison", "cws_supervisor", "calworks_supervisor"}), BOTH)

_METRICS = Callers(frozenset(), BOTH, "metrics:read")
_FEED = Callers(frozenset(), BOTH, "events:read")
_CWS_IMPORT = Callers(frozenset(), frozenset({"cws"}), "imports:write")
_CALWORKS_IMPORT = Callers(frozenset(), frozenset({"calworks"}), "imports:write")

CALLERS: dict[str, dict[str, Callers]] = {
    "cws": {
        "metrics": _METRICS,
        "import_roster": _CWS_IMPORT,
        "get_import": _CWS_IMPORT,
        "get_import_rows": _CWS_IMPORT,
        "receive_referral": _CWS_WRITE,
        "list_referrals": _CWS_READ,
        "get_referral": _CWS_READ,
        "close_referral": _CWS_WRITE,
        "list_households": _CWS_READ,
        "get_household": _CWS_READ,
        "list_clients": _CWS_READ,
        "get_client": _CWS_READ,
        "change_client": _CWS_WRITE,
        "seal_client": _CWS_SEAL,
        "open_case": _CWS_WRITE,
        "close_case": _CWS_WRITE,
        "reopen_case": _CWS_WRITE,
        "change_component": _CWS_WRITE,
        "change_participants": _CWS_WRITE,
        "list_cases": _CWS_READ,
        "get_case": _CWS_READ,
        "assign": _CWS_WRITE,
        "list_assignments": _CWS_READ,
        "get_assignment": _CWS_READ,
        "remove_child": _CWS_WRITE,
        "list_removals_of_client": _CWS_READ,
        "list_removals": _CWS_READ,
        "get_removal": _CWS_READ,
        "return_child": _CWS_WRITE,
        "change_household": _CWS_WRITE,
        "merge_client": _CWS_WRITE,
        "void_client": _CWS_WRITE,
        "relate": _CWS_WRITE,
        "list_relationships_of_client": _CWS_READ,
        "get_relationship": _CWS_READ,
        "end_relationship": _CWS_WRITE,
        "place_with_relative": _CWS_WRITE,
        "list_placements_of_client": _CWS_READ,
        "list_placements": _CWS_READ,
        "get_placement": _CWS_READ,
        "start_placement": _CWS_WRITE,
        "end_placement": _CWS_WRITE,
        "schedule_meeting": _CWS_WRITE,
        "list_meetings": _CWS_READ,
        "get_meeting": _CWS_READ,
        "change_meeting": _CWS_WRITE,
        "hold_meeting": _CWS_WRITE,
        "cancel_meeting": _CWS_WRITE,
        "set_hearing": _CWS_WRITE,
        "list_hearings_of_case": _CWS_READ,
        "get_hearing": _CWS_READ,
        "move_hearing": _CWS_WRITE,
    },
    "calworks": {
        "metrics": _METRICS,
        "import_roster": _CALWORKS_IMPORT,
        "get_import": _CALWORKS_IMPORT,
        "get_import_rows": _CALWORKS_IMPORT,
        "receive_application": _CALWORKS_WRITE,
        "list_applications": _CALWORKS_READ,
        "get_application": _CALWORKS_READ,
        "decide_application": _CALWORKS_WRITE,
        "withdraw_application": _CALWORKS_WRITE,
        "list_units": _CALWORKS_READ,
        "get_unit": _CALWORKS_READ,
        "list_persons": _CALWORKS_READ,
        "get_person": _CALWORKS_READ,
        "change_person": _CALWORKS_WRITE,
        "seal_person": _CALWORKS_SEAL,
        "merge_person": _CALWORKS_WRITE,
        "void_person": _CALWORKS_WRITE,
        "change_wtw_status": _CALWORKS_WRITE,
        "grant_exemption": _CALWORKS_WRITE,
        "sign_wtw_plan": _CALWORKS_WRITE,
        "list_wtw_plans": _CALWORKS_READ,
        "get_wtw_plan": _CALWORKS_READ,
        "amend_wtw_plan": _CALWORKS_WRITE,
        "record_clock_milestone": _CALWORKS_WRITE,
        "list_clock_milestones_of_person": _CALWORKS_READ,
        "list_clock_milestones": _CALWORKS_READ,
        "get_clock_milestone": _CALWORKS_READ,
        "approve_case": _CALWORKS_WRITE,
        "discontinue_case": _CALWORKS_WRITE,
        "restore_case": _CALWORKS_WRITE,
        "add_member": _CALWORKS_WRITE,
        "remove_member": _CALWORKS_WRITE,
        "list_cases": _CALWORKS_READ,
        "get_case": _CALWORKS_READ,
        "assign": _CALWORKS_WRITE,
        "list_assignments": _CALWORKS_READ,
        "get_assignment": _CALWORKS_READ,
        "start_noncompliance": _CALWORKS_WRITE,
        "list_noncompliances": _CALWORKS_READ,
        "get_noncompliance": _CALWORKS_READ,
        "resolve_noncompliance": _CALWORKS_WRITE,
        "decide_good_cause": _CALWORKS_WRITE,
        "sign_compliance_plan": _CALWORKS_WRITE,
        "impose_sanction": _CALWORKS_WRITE,
        "list_sanctions": _CALWORKS_READ,
        "get_sanction": _CALWORKS_READ,
        "cure_sanction": _CALWORKS_WRITE,
        "rescind_sanction": _CALWORKS_WRITE,
        "list_exemptions": _CALWORKS_READ,
        "get_exemption": _CALWORKS_READ,
        "end_exemption": _CALWORKS_WRITE,
    },
    "matcher": {
        "metrics": _METRICS,
        "list_events": _FEED,
        "list_alerts": _INBOX,
        "stream_alerts": _INBOX,
        "get_alert": _INBOX,
        "acknowledge_alert": _INBOX,
        "list_tasks": _INBOX,
        "finish_task": _INBOX,
        "record_release": _RELEASES,
        "list_releases": _RELEASES,
        "get_release": _RELEASES,
        "complete_release": _RELEASES,
        "revoke": _RELEASES,
        "list_reviews": _REVIEWS,
        "get_review": _REVIEWS,
        "claim_review": _REVIEWS,
        "release_claim": _REVIEWS,
        "give_verdict": _REVIEWS,
        "list_verdicts": _REVIEWS,
        "undo_verdict": _REVIEWS,
        "unlink": _REVIEWS,
        "list_capped_blocks": _REVIEWS,
        "get_capped_block": _REVIEWS,
        "list_disclosures": _ACCOUNTING,
    },
}

# Addresses that need no caller: they carry nothing that a stranger could use.
OPEN = frozenset({"/livez", "/readyz", "/startupz", "/openapi.json", "/docs", "/docs/{name}"})

# Pages: those that anybody may open, before or while signing in. All others need a session.
OPEN_PAGES = frozenset({"/", "/login", "/static/{name}"})
