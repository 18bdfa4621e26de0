"""Examples for the OpenAPI document: one made-up family, whose references run through all of them.

The telephone numbers are of those that are given to nobody, and the Social Security number is none.
"""

from shared.web.examples import listed, sent, shown

_APPLICATION = "ap_k3wq7ztnhc5xd2bvyoe6ml4fjp"
_CASE = "cc_r5vhm2dqxa7ktnwz3ycbfl6gso"
_UNIT = "au_z6obt4nyqk2whvd7mx3rcjfe5l"
_MOTHER = "ps_x2fsn6vbwkqd4ztmh7oyarc3le"
_CHILD = "ps_h7cym3lqtz5kowvbx2dnfra4eg"
_OTHER = "ps_q5ztk2wmvhx7dnbo4ycrlfa6ge"  # another record of the mother
_ASSIGNMENT = "as_cuonolgvht2yd2zto264mkc4ct"
_NOTICE = "nc_b4tzq6wdmxk2ohvy7nrclf3age"
_GOOD_CAUSE = "gc_w3nkd5xqvzt7mbo2hycralf4je"
_SANCTION = "sa_q7xhv4kzdtm2wnbo5ycrfla3ge"
_EXEMPTION = "ex_d2kvz7qmwtx5hnbo3ycrlfa4je"
_PLAN = "wp_v6cqx3dtknh7mzwb2yorlfa5je"
_MILESTONE = "cm_n4wzt7kqvdx2hmbo6ycrlfa3ge"
_MOTHER_ID, _CHILD_ID, _UNIT_ID, _COUSIN_ID = "P-400123", "P-400124", "U-81007", "P-400125"

_WORKER = {
    "ref": "w-3052",
    "name": "Robin Castle",
    "phone": "831-555-0167",
    "office": "Salinas Main",
    "supervisor": "w-3001",
}
_ADDRESS = {
    "street": "12 Elm St",
    "unit": "B",
    "city": "Salinas",
    "state": "CA",
    "zip": "93901",
    "from_date": "2025-06-01",
    "kind": "residence",
}
_ANA = {
    "first_name": "Ana",
    "middle_name": "María",
    "last_name": "Reyes",
    "aliases": [{"first_name": "Ana", "last_name": "Soto"}],
    "birth_date": "1990-04-17",
    "sex": "F",
    "cin": "90000001A",
    "addresses": [_ADDRESS],
    "phones": ["831-555-0142"],
    "language": "es",
    "sensitivity": "N",
    "address_protected": False,
}
_COUSIN = {"first_name": "Teo", "last_name": "Reyes", "birth_date": "2024-11-09", "sex": "M"}
_MISSED = {
    "kind": "appraisal",
    "starts_at": "2026-02-18T09:00:00-08:00",
    "ends_at": "2026-02-18T10:00:00-08:00",
}
_STEP = {
    "kind": "sign the plan",
    "starts_at": "2026-03-09T09:00:00-07:00",
    "ends_at": "2026-03-09T10:00:00-07:00",
}

_AGREED = {
    "activities": [{**_STEP, "kind": "job search"}, {"kind": "english as a second language"}],
    "hours_per_week": 30,
    "supportive_services": ["child_care", "transport"],
}
_LESS = {"activities": [{"kind": "job search"}], "hours_per_week": 20}

_PERSON_OUT = {
    "ref": _MOTHER,
    "county": "43",
    "record_id": _MOTHER_ID,
    "person": {**_ANA, "ssn_on_file": False},
    "wtw_status": "active",
    "wtw_since": "2026-03-01",
    "county_id": "43300012345001",
    "version": 2,
}
_MEMBERS_OUT = [
    {"person": _MOTHER, "record_id": _MOTHER_ID, "role": "aided_adult"},
    {"person": _CHILD, "record_id": _CHILD_ID, "role": "aided_child"},
]
_UNIT_OUT = {"ref": _UNIT, "county": "43", "record_id": _UNIT_ID, "members": _MEMBERS_OUT, "version": 1}
_APPLICATION_OUT = {
    "ref": _APPLICATION,
    "county": "43",
    "status": "pending",
    "received_at": "2026-03-02T17:30:00Z",
    "expedite": ["IN"],
    "au": _UNIT,
    "persons": _MEMBERS_OUT,
    "assignment": _ASSIGNMENT,
    "version": 1,
}
_CASE_OUT = {
    "ref": _CASE,
    "county": "43",
    "status": "active",
    "au": _UNIT,
    "application": _APPLICATION,
    "case_number": "0012345",
    "aid_start": "2026-03-01",
    "members": _MEMBERS_OUT,
    "assignments": [_ASSIGNMENT],
    "version": 1,
}
_ASSIGNMENT_OUT = {
    "ref": _ASSIGNMENT,
    "county": "43",
    "on": _CASE,
    "on_kind": "case",
    "kind": "EW",
    "worker": _WORKER,
    "from_at": "2026-03-02T17:30:00Z",
    "version": 1,
}
_NOTICE_OUT = {
    "ref": _NOTICE,
    "county": "43",
    "status": "started",
    "person": _MOTHER,
    "notice_date": "2026-02-20",
    "day1": "2026-02-21",
    "day20": "2026-03-12",
    "missed": _MISSED,
    "good_causes": [],
    "version": 1,
}
_RESOLVED = {**_NOTICE_OUT, "status": "resolved", "resolved_on": "2026-03-02", "version": 2}
_SANCTION_OUT = {
    "ref": _SANCTION,
    "county": "43",
    "status": "imposed",
    "person": _MOTHER,
    "sanction_class": "wtw",
    "instance_no": 1,
    "effective_month": "2026-04-01",
    "noncompliance": _NOTICE,
    "cure_steps": [_STEP],
    "version": 1,
}
_EXEMPTION_OUT = {
    "ref": _EXEMPTION,
    "county": "43",
    "status": "granted",
    "person": _MOTHER,
    "from_date": "2026-03-01",
    "review_on": "2026-09-01",
    "version": 1,
}
_PLAN_OUT = {
    "ref": _PLAN,
    "county": "43",
    "status": "standing",
    "person": _MOTHER,
    "signed_on": "2026-03-02",
    **_AGREED,
    "version": 1,
}
_MILESTONE_OUT = {
    "ref": _MILESTONE,
    "county": "43",
    "person": _MOTHER,
    "month": "2026-02-01",
    "used": 54,
    "remaining": 6,
    "projected_end": "2026-08-31",
    "version": 1,
}

RECEIVE_APPLICATION = sent(
    {
        "received_at": "2026-03-02T09:30:00-08:00",
        "persons": [{"role": "aided_adult", "person": {"first_name": "Ana", "last_name": "Reyes"}}],
    },
    {
        "received_at": "2026-03-02T09:30:00-08:00",
        "expedite": ["IN"],
        "unit": {"record_id": _UNIT_ID},
        "persons": [
            {
                "role": "aided_adult",
                "record_id": _MOTHER_ID,
                "person": {**_ANA, "ssn": "000-00-0000"},
                "county_id": "43-30-0012345-0-01",
            },
            {"role": "aided_child", "ref": _CHILD},
            {"role": "aided_child", "record_id": _COUSIN_ID, "person": _COUSIN},
        ],
        "worker": _WORKER,
    },
    _APPLICATION_OUT,
    201,
)
LIST_APPLICATIONS = listed(_APPLICATION_OUT)
GET_APPLICATION = shown(_APPLICATION_OUT)
DECIDE_APPLICATION = sent(
    {"outcome": "approved", "decided_on": "2026-03-02"},
    {"outcome": "denied", "reason_class": "income", "decided_on": "2026-03-02"},
    {
        **_APPLICATION_OUT,
        "status": "denied",
        "reason_class": "income",
        "ended_on": "2026-03-02",
        "version": 2,
    },
)
WITHDRAW_APPLICATION = sent(
    {"withdrawn_on": "2026-03-02"},
    {"withdrawn_on": "2026-03-02"},
    {**_APPLICATION_OUT, "status": "withdrawn", "ended_on": "2026-03-02", "version": 2},
)

LIST_UNITS = listed(_UNIT_OUT)
GET_UNIT = shown(_UNIT_OUT)

LIST_PERSONS = listed(_PERSON_OUT)
GET_PERSON = shown(_PERSON_OUT)
CHANGE_PERSON = sent(
    {"phones": ["831-555-0142"]},
    {**_ANA, "suffix": None, "county_id": "43300012345001"},
    {**_PERSON_OUT, "version": 3},
)
SEAL_PERSON = sent({}, {})
MERGE_PERSON = sent({"into": _OTHER}, {"into": _OTHER}, {**_PERSON_OUT, "merged_into": _OTHER, "version": 3})
VOID_PERSON = sent({}, {})
CHANGE_WTW_STATUS = sent(
    {"to_status": "active", "effective_on": "2026-03-01"},
    {"to_status": "good_cause", "effective_on": "2026-03-01"},
    {**_PERSON_OUT, "wtw_status": "good_cause", "version": 3},
)
GRANT_EXEMPTION = sent(
    {"from_date": "2026-03-01"}, {"from_date": "2026-03-01", "review_on": "2026-09-01"}, _EXEMPTION_OUT, 201
)

APPROVE_CASE = sent(
    {"application": _APPLICATION, "aid_start": "2026-03-01"},
    {
        "application": _APPLICATION,
        "case_number": "0012345",
        "aid_start": "2026-03-01",
        "members": [
            {"person": _MOTHER, "role": "aided_adult"},
            {"person": _CHILD, "role": "aided_child"},
        ],
        "workers": [{"kind": "EW", "worker": _WORKER}, {"kind": "WTW", "worker": {"ref": "w-3077"}}],
    },
    _CASE_OUT,
    201,
)
LIST_CASES = listed(_CASE_OUT)
GET_CASE = shown(_CASE_OUT)
DISCONTINUE_CASE = sent(
    {"reason_class": "requested", "aid_end": "2026-03-31"},
    {"reason_class": "report_missing", "aid_end": "2026-03-31"},
    {
        **_CASE_OUT,
        "status": "discontinued",
        "reason_class": "report_missing",
        "aid_end": "2026-03-31",
        "version": 2,
    },
)
RESTORE_CASE = sent({"restored_on": "2026-03-01"}, {"restored_on": "2026-03-01"}, {**_CASE_OUT, "version": 3})
ADD_MEMBER = sent(
    {
        "role": "aided_child",
        "person": {"first_name": "Teo", "last_name": "Reyes"},
        "effective_month": "2026-04-01",
    },
    {"role": "aided_child", "record_id": _COUSIN_ID, "person": _COUSIN, "effective_month": "2026-04-01"},
    {**_CASE_OUT, "version": 2},
)
REMOVE_MEMBER = sent(
    {"effective_month": "2026-04-01"},
    {"effective_month": "2026-04-01"},
    {**_CASE_OUT, "members": _MEMBERS_OUT[:1], "version": 2},
)

ASSIGN = sent(
    {"on": _CASE, "kind": "EW", "worker": {"ref": "w-3052"}},
    {"on": _CASE, "kind": "EW", "worker": _WORKER, "from_at": "2026-03-02T09:30:00-08:00"},
    _ASSIGNMENT_OUT,
    201,
)
LIST_ASSIGNMENTS = listed(_ASSIGNMENT_OUT)
GET_ASSIGNMENT = shown(_ASSIGNMENT_OUT)

START_NONCOMPLIANCE = sent(
    {"person": _MOTHER, "notice_date": "2026-02-20"},
    {"person": _MOTHER, "notice_date": "2026-02-20", "missed": _MISSED},
    _NOTICE_OUT,
    201,
)
LIST_NONCOMPLIANCES = listed(_NOTICE_OUT)
GET_NONCOMPLIANCE = shown(_NOTICE_OUT)
RESOLVE_NONCOMPLIANCE = sent(
    {"outcome": "complied", "resolved_on": "2026-03-02"},
    {"outcome": "rescinded", "resolved_on": "2026-03-02"},
    {**_RESOLVED, "outcome": "rescinded"},
)
DECIDE_GOOD_CAUSE = sent(
    {"granted": False},
    {"granted": True, "from_date": "2026-02-18", "until_date": "2026-03-18"},
    {
        **_RESOLVED,
        "outcome": "good_cause",
        "good_causes": [
            {"ref": _GOOD_CAUSE, "granted": True, "from_date": "2026-02-18", "until_date": "2026-03-18"}
        ],
    },
)
SIGN_COMPLIANCE_PLAN = sent(
    {"signed_on": "2026-03-02"}, {"signed_on": "2026-03-02"}, {**_RESOLVED, "outcome": "compliance_plan"}
)

IMPOSE_SANCTION = sent(
    {"person": _MOTHER, "sanction_class": "wtw", "effective_month": "2026-04-01"},
    {
        "person": _MOTHER,
        "sanction_class": "wtw",
        "effective_month": "2026-04-01",
        "noncompliance": _NOTICE,
        "cure_steps": [_STEP],
    },
    _SANCTION_OUT,
    201,
)
LIST_SANCTIONS = listed(_SANCTION_OUT)
GET_SANCTION = shown(_SANCTION_OUT)
CURE_SANCTION = sent(
    {"cured_on": "2026-03-02", "effective_month": "2026-04-01"},
    {"cured_on": "2026-03-02", "effective_month": "2026-04-01"},
    {
        **_SANCTION_OUT,
        "status": "cured",
        "ended_on": "2026-03-02",
        "restored_month": "2026-04-01",
        "version": 2,
    },
)
RESCIND_SANCTION = sent(
    {"rescinded_on": "2026-03-02"},
    {"rescinded_on": "2026-03-02"},
    {**_SANCTION_OUT, "status": "rescinded", "ended_on": "2026-03-02", "version": 2},
)

LIST_EXEMPTIONS = listed(_EXEMPTION_OUT)
GET_EXEMPTION = shown(_EXEMPTION_OUT)
END_EXEMPTION = sent(
    {"ended_on": "2026-03-02"},
    {"ended_on": "2026-03-02"},
    {**_EXEMPTION_OUT, "status": "ended", "ended_on": "2026-03-02", "version": 2},
)

SIGN_WTW_PLAN = sent(
    {"signed_on": "2026-03-02", **_LESS}, {"signed_on": "2026-03-02", **_AGREED}, _PLAN_OUT, 201
)
LIST_WTW_PLANS = listed(_PLAN_OUT)
GET_WTW_PLAN = shown(_PLAN_OUT)
AMEND_WTW_PLAN = sent(
    {"amended_on": "2026-03-02", **_LESS},
    {"amended_on": "2026-03-02", **_AGREED},
    {**_PLAN_OUT, "amended_on": "2026-03-02", "version": 2},
)

RECORD_CLOCK_MILESTONE = sent(
    {"month": "2026-02-01", "used": 54},
    {"month": "2026-02-01", "used": 54, "remaining": 6, "projected_end": "2026-08-31"},
    _MILESTONE_OUT,
    201,
)
LIST_CLOCK_MILESTONES = listed(_MILESTONE_OUT)
GET_CLOCK_MILESTONE = shown(_MILESTONE_OUT)
