"""Examples for the OpenAPI document: one made-up family, whose references run through all of them.

The telephone numbers are of those that are given to nobody, and the Social Security number is none.
"""

from shared.web.examples import listed, sent, shown

_REFERRAL = "rf_fnbch5thn2arkwnaqbg65tp44b"
_CASE = "ca_gktohkxxmbv4pehvsztfnkecmx"
_HOUSEHOLD = "hh_6xprqhjveimvqgpu77dmwsajgh"
_CHILD = "cl_jvpffwrbw3b3zyqfazgcxbc7l3"
_MOTHER = "cl_m4t2xq7ahd5wkznsy3ovbgeirp"
_ASSIGNMENT = "as_cuonolgvht2yd2zto264mkc4ct"
_REMOVAL = "rm_qae3hahpavts2xhhxxmyaih2fg"
_AUNT = "cl_h3zq5vnwy7ktc2xmdrb4ajpe6s"
_RELATIONSHIP = "rl_t6wd2ymk4xqhnzj3avc7bpgers"
_PLACEMENT = "rp_b5nyc3rtkq6wzxm2hvd7jagpse"
_MEETING = "mt_z2kxw7dqv4hmcny5rtb3jagpse"
_HEARING = "hr_w4mtq6xzk3hdvyc7nrb2jagpse"
_CHILD_ID, _AUNT_ID, _HOUSEHOLD_ID = "Q4x7LmZ0Ab", "R8c2VtK5Yd", "H1s6NwP3Ge"

_WORKER = {
    "ref": "w-2041",
    "name": "Dana Ortega",
    "phone": "831-555-0123",
    "office": "Salinas North",
    "supervisor": "w-1007",
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
_LUZ = {
    "first_name": "Luz",
    "middle_name": "Elena",
    "last_name": "Reyes",
    "aliases": [{"first_name": "Lucita", "last_name": "Reyes"}],
    "birth_date": "2019-08-02",
    "sex": "F",
    "cin": "90000000A",
    "addresses": [_ADDRESS],
    "phones": ["831-555-0142"],
    "language": "es",
    "sensitivity": "N",
    "address_protected": False,
}
_ANY_CHILD = {"role": "child", "person": {"first_name": "Luz", "last_name": "Reyes"}}

_CLIENT_OUT = {
    "ref": _CHILD,
    "county": "43",
    "record_id": _CHILD_ID,
    "person": {**_LUZ, "ssn_on_file": False},
    "version": 1,
}
_HOUSEHOLD_OUT = {
    "ref": _HOUSEHOLD,
    "county": "43",
    "record_id": _HOUSEHOLD_ID,
    "protected": False,
    "members": [
        {"client": _CHILD, "role": "child"},
        {"client": _MOTHER, "role": "parent", "relation": "mother"},
    ],
    "version": 1,
}
_PARTICIPANTS_OUT = [
    {"client": _CHILD, "record_id": _CHILD_ID, "role": "child"},
    {"client": _MOTHER, "role": "parent"},
]
_REFERRAL_OUT = {
    "ref": _REFERRAL,
    "county": "43",
    "status": "open",
    "received_at": "2026-03-02T17:30:00Z",
    "response": "3_day",
    "household": _HOUSEHOLD,
    "participants": _PARTICIPANTS_OUT,
    "assignment": _ASSIGNMENT,
    "version": 1,
}
_CASE_OUT = {
    "ref": _CASE,
    "county": "43",
    "status": "open",
    "child": _CHILD,
    "referral": _REFERRAL,
    "household": _HOUSEHOLD,
    "component": "FM",
    "court": True,
    "opened_on": "2026-03-01",
    "projected_end": "2026-09-01",
    "participants": _PARTICIPANTS_OUT,
    "assignment": _ASSIGNMENT,
    "version": 1,
}
_ASSIGNMENT_OUT = {
    "ref": _ASSIGNMENT,
    "county": "43",
    "on": _CASE,
    "on_kind": "case",
    "kind": "P",
    "worker": _WORKER,
    "from_at": "2026-03-02T17:30:00Z",
    "version": 1,
}
_REMOVAL_OUT = {
    "ref": _REMOVAL,
    "county": "43",
    "child": _CHILD,
    "removed_on": "2026-03-01",
    "all_eligible_removed": True,
    "placement_class": "relative home",
    "court_date": "2026-03-04",
    "version": 1,
}
_RELATIONSHIP_OUT = {
    "ref": _RELATIONSHIP,
    "county": "43",
    "client": _CHILD,
    "to": _MOTHER,
    "kind": "child",
    "same_home": True,
    "from_date": "2019-08-02",
    "version": 1,
}
_PLACEMENT_OUT = {
    "ref": _PLACEMENT,
    "county": "43",
    "status": "planned",
    "child": _CHILD,
    "caregiver": _AUNT,
    "degree": 3,
    "funding": "EC",
    "planned_on": "2026-03-02",
    "version": 1,
}
_MEETING_OUT = {
    "ref": _MEETING,
    "county": "43",
    "status": "scheduled",
    "household": _HOUSEHOLD,
    "kind": "TDM",
    "starts_at": "2026-03-05T18:00:00Z",
    "ends_at": "2026-03-05T19:30:00Z",
    "place": "Salinas North, room 2",
    "clients": [_CHILD, _MOTHER],
    "workers": ["w-2041", "w-3110"],
    "outcomes": [],
    "version": 1,
}
_HEARING_OUT = {
    "ref": _HEARING,
    "county": "43",
    "case": _CASE,
    "kind": "review_6",
    "on": "2026-08-28",
    "version": 1,
}

RECEIVE_REFERRAL = sent(
    {"received_at": "2026-03-02T09:30:00-08:00", "response": "3_day", "participants": [_ANY_CHILD]},
    {
        "received_at": "2026-03-02T09:30:00-08:00",
        "response": "3_day",
        "household": {"record_id": _HOUSEHOLD_ID, "protected": False},
        "participants": [
            {
                "role": "child",
                "record_id": _CHILD_ID,
                "person": {**_LUZ, "ssn": "000-00-0000"},
                "relation": "daughter",
                "in_household": True,
            },
            {"role": "parent", "ref": _MOTHER, "relation": "mother"},
            {
                "role": "relative_caregiver",
                "record_id": _AUNT_ID,
                "person": {"first_name": "Inés", "last_name": "Reyes", "suffix": "Jr"},
                "relation": "aunt",
                "in_household": False,
            },
        ],
        "worker": _WORKER,
    },
    _REFERRAL_OUT,
    201,
)
LIST_REFERRALS = listed(_REFERRAL_OUT)
GET_REFERRAL = shown(_REFERRAL_OUT)
CLOSE_REFERRAL = sent(
    {"outcome": "no_service", "closed_on": "2026-03-02"},
    {"outcome": "promoted", "closed_on": "2026-03-02"},
    {**_REFERRAL_OUT, "status": "closed", "outcome": "promoted", "closed_on": "2026-03-02", "version": 2},
)

LIST_HOUSEHOLDS = listed(_HOUSEHOLD_OUT)
GET_HOUSEHOLD = shown(_HOUSEHOLD_OUT)
CHANGE_HOUSEHOLD = sent(
    {"protected": True},
    {
        "protected": True,
        "members": [
            {"ref": _CHILD, "role": "child", "relation": "daughter", "from_date": "2019-08-02"},
            {"ref": _MOTHER, "role": "parent", "relation": "mother", "until_date": "2026-03-01"},
        ],
    },
    {**_HOUSEHOLD_OUT, "protected": True, "version": 2},
)

LIST_CLIENTS = listed(_CLIENT_OUT)
GET_CLIENT = shown(_CLIENT_OUT)
CHANGE_CLIENT = sent({"phones": ["831-555-0142"]}, {**_LUZ, "suffix": None}, {**_CLIENT_OUT, "version": 2})
SEAL_CLIENT = VOID_CLIENT = sent({}, {})
MERGE_CLIENT = sent(
    {"into": _MOTHER}, {"into": _MOTHER}, {**_CLIENT_OUT, "ref": _AUNT, "merged_into": _MOTHER, "version": 2}
)

RELATE = sent(
    {"to": _MOTHER, "kind": "child"},
    {
        "to": _MOTHER,
        "kind": "child",
        "same_home": True,
        "from_date": "2019-08-02",
        "until_date": "2026-03-01",
    },
    _RELATIONSHIP_OUT,
    201,
)
LIST_RELATIONSHIPS_OF_CLIENT = listed(_RELATIONSHIP_OUT)
GET_RELATIONSHIP = shown(_RELATIONSHIP_OUT)
END_RELATIONSHIP = sent(
    {"until_date": "2026-03-02"},
    {"until_date": "2026-03-02"},
    {**_RELATIONSHIP_OUT, "until_date": "2026-03-02", "version": 2},
)

PLACE_WITH_RELATIVE = sent(
    {"caregiver": {"ref": _AUNT}, "planned_on": "2026-03-02"},
    {
        "caregiver": {"record_id": _AUNT_ID, "person": {"first_name": "Inés", "last_name": "Reyes"}},
        "degree": 3,
        "planned_on": "2026-03-02",
        "funding": "EC",
    },
    _PLACEMENT_OUT,
    201,
)
LIST_PLACEMENTS_OF_CLIENT = LIST_PLACEMENTS = listed(_PLACEMENT_OUT)
GET_PLACEMENT = shown(_PLACEMENT_OUT)
START_PLACEMENT = sent(
    {"started_on": "2026-03-02"},
    {"started_on": "2026-03-02"},
    {**_PLACEMENT_OUT, "status": "started", "started_on": "2026-03-02", "version": 2},
)
END_PLACEMENT = sent(
    {"ended_on": "2026-03-02"},
    {"ended_on": "2026-03-02"},
    {**_PLACEMENT_OUT, "status": "ended", "ended_on": "2026-03-02", "version": 2},
)

SCHEDULE_MEETING = sent(
    {"household": _HOUSEHOLD, "kind": "TDM", "starts_at": "2026-03-05T10:00:00-08:00"},
    {
        "household": _HOUSEHOLD,
        "kind": "TDM",
        "starts_at": "2026-03-05T10:00:00-08:00",
        "ends_at": "2026-03-05T11:30:00-08:00",
        "place": "Salinas North, room 2",
        "clients": [_CHILD, _MOTHER],
        "workers": ["w-2041", "w-3110"],
    },
    _MEETING_OUT,
    201,
)
LIST_MEETINGS = listed(_MEETING_OUT)
GET_MEETING = shown(_MEETING_OUT)
CHANGE_MEETING = sent(
    {"starts_at": "2026-03-05T10:00:00-08:00"},
    {
        "starts_at": "2026-03-05T10:00:00-08:00",
        "ends_at": "2026-03-05T11:30:00-08:00",
        "place": "Salinas North, room 2",
        "clients": [_CHILD, _MOTHER],
        "workers": ["w-2041", "w-3110"],
    },
    {**_MEETING_OUT, "version": 2},
)
HOLD_MEETING = sent(
    {"held_on": "2026-03-02"},
    {"held_on": "2026-03-02", "outcomes": ["stay_home", "plan_agreed"]},
    {
        **_MEETING_OUT,
        "status": "held",
        "held_on": "2026-03-02",
        "outcomes": ["stay_home", "plan_agreed"],
        "version": 2,
    },
)
CANCEL_MEETING = sent(
    {},
    {"cancelled_on": "2026-03-02"},
    {**_MEETING_OUT, "status": "cancelled", "cancelled_on": "2026-03-02", "version": 2},
)

SET_HEARING = sent(
    {"kind": "review_6", "on": "2026-08-28"}, {"kind": "review_6", "on": "2026-08-28"}, _HEARING_OUT, 201
)
LIST_HEARINGS_OF_CASE = listed(_HEARING_OUT)
GET_HEARING = shown(_HEARING_OUT)
MOVE_HEARING = sent(
    {"on": "2026-09-04"}, {"on": "2026-09-04"}, {**_HEARING_OUT, "on": "2026-09-04", "version": 2}
)

OPEN_CASE = sent(
    {"child": _CHILD, "referral": _REFERRAL, "component": "FM", "court": False, "opened_on": "2026-03-01"},
    {
        "child": _CHILD,
        "referral": _REFERRAL,
        "household": _HOUSEHOLD,
        "component": "FM",
        "court": True,
        "opened_on": "2026-03-01",
        "projected_end": "2026-09-01",
        "participants": [{"client": _CHILD, "role": "child"}, {"client": _MOTHER, "role": "parent"}],
        "worker": _WORKER,
    },
    _CASE_OUT,
    201,
)
LIST_CASES = listed(_CASE_OUT)
GET_CASE = shown(_CASE_OUT)
CLOSE_CASE = sent(
    {"reason_class": "family_stabilised", "closed_on": "2026-03-02"},
    {"reason_class": "court_terminated", "closed_on": "2026-03-02"},
    {
        **_CASE_OUT,
        "status": "closed",
        "reason_class": "court_terminated",
        "closed_on": "2026-03-02",
        "version": 2,
    },
)
REOPEN_CASE = sent(
    {"component": "FM", "reopened_on": "2026-03-02"},
    {"component": "FR", "reopened_on": "2026-03-02"},
    {**_CASE_OUT, "component": "FR", "version": 3},
)
CHANGE_COMPONENT = sent(
    {"to_component": "FR", "changed_on": "2026-03-02"},
    {"to_component": "FR", "changed_on": "2026-03-02", "court": True},
    {**_CASE_OUT, "component": "FR", "version": 2},
)
CHANGE_PARTICIPANTS = sent(
    {"participants": [{"ref": _CHILD, "role": "child"}]},
    {"participants": [{"record_id": _CHILD_ID, "role": "child"}, {"ref": _MOTHER, "role": "parent"}]},
    {**_CASE_OUT, "version": 2},
)

ASSIGN = sent(
    {"on": _CASE, "kind": "P", "worker": {"ref": "w-2041"}},
    {"on": _CASE, "kind": "S", "worker": _WORKER, "from_at": "2026-03-02T09:30:00-08:00"},
    {**_ASSIGNMENT_OUT, "kind": "S"},
    201,
)
LIST_ASSIGNMENTS = listed(_ASSIGNMENT_OUT)
GET_ASSIGNMENT = shown(_ASSIGNMENT_OUT)

REMOVE_CHILD = sent(
    {"removed_on": "2026-03-01"},
    {
        "removed_on": "2026-03-01",
        "all_eligible_removed": True,
        "placement_class": "relative home",
        "court_date": "2026-03-04",
    },
    _REMOVAL_OUT,
    201,
)
LIST_REMOVALS_OF_CLIENT = LIST_REMOVALS = listed(_REMOVAL_OUT)
GET_REMOVAL = shown(_REMOVAL_OUT)
RETURN_CHILD = sent(
    {"returned_on": "2026-03-02"},
    {"returned_on": "2026-03-02"},
    {**_REMOVAL_OUT, "returned_on": "2026-03-02", "version": 2},
)
