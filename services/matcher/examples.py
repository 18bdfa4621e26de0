"""Examples for the OpenAPI document: one made-up family, as a social worker who works with it is told.

The telephone numbers are of those that are given to nobody.
"""

from shared.web.examples import NEXT, lines, listed, sent, shown, streamed

_MOTHER = "cl_m4t2xq7ahd5wkznsy3ovbgeirp"
_CHILD = "cl_jvpffwrbw3b3zyqfazgcxbc7l3"
_ALERT = "33ab52c4-8821-5e58-9adc-ed25a911d842"
_BASIS = {"basis": "ROI", "purpose": "P6", "expires": "2027-03-02T08:00:00Z"}

_ALERT_OUT = {
    "id": _ALERT,
    "type": "A09",
    "seq": 42,
    "state": "open",
    "version": 1,
    "role": "case_worker",
    "mutual_case": "fed410a5-09c9-5374-9514-c4cf5689130a",
    "cause": "nc_b4tzq6wdmxk2ohvy7nrclf3age",
    "created_at": "2026-03-02T18:00:00Z",
    "acknowledge_by": "2026-03-05T07:59:00Z",
    "legal_due": "2026-03-13T07:59:00Z",
    "own": "hh_6xprqhjveimvqgpu77dmwsajgh",
    "people": [
        {
            "ref": _MOTHER,
            "name": "Ana Reyes",
            "match": [
                {"field": "last_name", "level": "exact", "weight": 10.33},
                {"field": "birth_date", "level": "exact", "weight": 13.0},
            ],
        }
    ],
    "items": [
        {
            "category": "K0",
            "person": _MOTHER,
            "facts": {
                "worker_name": "Robin Castle",
                "worker_phone": "831-555-0167",
                "worker_role": "eligibility worker",
                "office": "Salinas Main",
            },
            **_BASIS,
        },
        {
            "category": "K3",
            "person": _MOTHER,
            "facts": {
                "status_class": "noncompliance notice",
                "notice_on": "2026-02-20",
                "day_20": "2026-03-12",
            },
            **_BASIS,
        },
    ],
    "supportive_use_only": True,
}
_TASK_OUT = {
    "id": "1cb01686-b854-597d-8cf8-a3eb2c0e8b3f",
    "kind": "offer_release",
    "intake": "rf_fnbch5thn2arkwnaqbg65tp44b",
    "state": "open",
    "created_at": "2026-03-02T18:00:00Z",
    "version": 1,
}
_RELEASE = {
    "persons": [
        {"ref": _MOTHER, "signed_by": "self", "signer": {"standing": "adult"}},
        {
            "ref": _CHILD,
            "signed_by": "parent_guardian",
            "signer": {"standing": "child_at_home", "authority": "parent", "custody": True},
        },
    ],
    "categories": ["K0", "K1", "K2", "K3", "K4", "K6", "K7"],
    "directions": ["both"],
    "purposes": ["P2", "P3", "P4", "P6", "P7"],
    "recipients": ["case_worker", "eligibility_worker", "wtw_worker"],
    "form": "ABCDM 228",
    "language": "es",
    "interpreter": False,
    "explained_by": "w_castle",
    "explained_on": "2026-03-01",
    "signature": "paper",
    "statements": ["right_to_revoke", "aid_not_conditioned", "redisclosure", "copy"],
    "signed_on": "2026-03-01",
    "expires_on": "2027-02-28",
}
_RELEASE_OUT = {
    "ref": "rl_z3kdn5vqxt7mwbo2hycralf4je",
    "county": "43",
    "program": "cws",
    "status": "active",
    **_RELEASE,
    "version": 1,
}

LIST_ALERTS = shown({"items": [_ALERT_OUT], "next": 42})
STREAM_ALERTS = streamed(": live", f'id: 42\ndata: {{"seq": 42, "alert_id": "{_ALERT}", "kind": "created"}}')
GET_ALERT = shown(_ALERT_OUT)
ACKNOWLEDGE_ALERT = shown(
    {**_ALERT_OUT, "state": "acknowledged", "version": 2, "acknowledged_at": "2026-03-02T18:20:00Z"}
)

LIST_TASKS = listed(_TASK_OUT)
FINISH_TASK = sent(
    {"outcome": "declined"},
    {"outcome": "signed"},
    {**_TASK_OUT, "state": "signed", "done_at": "2026-03-02T18:30:00Z", "version": 2},
)

RECORD_RELEASE = sent(
    {
        "persons": [{"ref": _MOTHER, "signed_by": "self"}],
        "categories": ["K0"],
        "directions": ["both"],
        "purposes": ["P2"],
        "form": "ABCDM 228",
        "signed_on": "2026-03-01",
        "expires_on": "2027-02-28",
    },
    _RELEASE,
    _RELEASE_OUT,
    201,
)
LIST_RELEASES = listed(_RELEASE_OUT)
GET_RELEASE = shown(_RELEASE_OUT)
COMPLETE_RELEASE = sent(
    {"signature": "paper"},
    {"signature": "paper", "signed_on": "2026-03-01", "language": "es", "interpreter": True},
    {**_RELEASE_OUT, "interpreter": True, "version": 2},
)
REVOKE = sent(
    {},
    {"categories": ["K7"], "recipients": ["wtw_worker"], "said": "oral"},
    {
        **_RELEASE_OUT,
        "withdrawals": [
            {
                "at": "2026-06-01T16:00:00Z",
                "said": "oral",
                "categories": ["K7"],
                "recipients": ["wtw_worker"],
            }
        ],
        "awaits_writing": True,
        "version": 2,
    },
)

LIST_DISCLOSURES = listed(
    {
        "at": "2026-03-02T18:12:00Z",
        "stage": "read",
        "to_program": "calworks",
        "to_role": "eligibility_worker",
        "category": "K6",
        "says": "Your child welfare status",
        "item": "rm_q5wd2xkz7t4mhnv3ay6cjobrle",
        "purpose": "P3",
        "what_for": "To decide on benefits and give them",
        "outcome": "PERMIT",
        "basis": "ROI",
        "allowed_by": "The release that was signed on March 1, 2026.",
        "law": "Signed release; elements of 45 CFR 164.508",
        "release": _RELEASE_OUT["ref"],
        "reasons": [],
    }
)

_REVIEW = "0c4f6d4e-6a0b-5c0e-9a53-6f0f5be0e1c7"
_REVIEW_OUT = {
    "id": _REVIEW,
    "claimed_by": "nobody",
    "since": "2026-03-02T18:00:00Z",
    "reasons": ["The first names are only alike, as those of twins are"],
}
_CLAIMED = {**_REVIEW_OUT, "claimed_by": "me", "claimed_until": "2026-03-02T18:35:00Z"}
_VERDICT_OUT = {
    "id": "vd_q2m6xk4tzr7hwcbn3ysvolgdpe",
    "review": _REVIEW,
    "verdict": "same",
    "by": "me",
    "at": "2026-03-02T18:24:00Z",
    "reason": "The mother says that she is called both.",
    "version": 1,
}

LIST_REVIEWS = listed(_REVIEW_OUT)
GET_REVIEW = shown(
    {
        **_CLAIMED,
        "own": _CHILD,
        "compared": [
            {"field": "first_name", "own": "Luz", "other": "Lus", "says": "one letter differs"},
            {"field": "last_name", "own": "Reyes", "other": "Reyes", "says": "same"},
            {"field": "birth_date", "own": "2019-08-02", "other": "2019-08-02", "says": "same"},
            {"field": "phone", "says": "only here"},
        ],
        "weights": [
            {"field": "prior", "level": "population", "weight": -17.0},
            {"field": "first_name", "level": "similar", "weight": 1.5},
            {"field": "last_name", "level": "exact", "weight": 7.5},
            {"field": "birth_date", "level": "exact", "weight": 14.0},
        ],
        "total": 6.0,
        "review_from": -3.0,
        "link_from": 10.0,
        "model": "2026_01_hand",
        "ground": {"basis": "ADMIN_10850", "purpose": "P1"},
    }
)
CLAIM_REVIEW = shown(_CLAIMED)
RELEASE_CLAIM = shown(_REVIEW_OUT)
GIVE_VERDICT = sent(
    {"verdict": "unsure", "reason": "Nobody could be reached."},
    {"verdict": "same", "reason": _VERDICT_OUT["reason"]},
    _VERDICT_OUT,
    201,
)
LIST_VERDICTS = listed(_VERDICT_OUT)
UNDO_VERDICT = sent(
    {"reason": "It was the sister."},
    {"reason": "It was the sister, as the school says."},
    {
        **_VERDICT_OUT,
        "undone_at": "2026-03-03T17:10:00Z",
        "undone_reason": "It was the sister, as the school says.",
        "version": 2,
    },
)
UNLINK = sent(
    {"reason": "They are cousins."},
    {"reason": "They are cousins of the same name."},
    {**_VERDICT_OUT, "verdict": "different", "reason": "They are cousins of the same name."},
    201,
)

_CAPPED_OUT = {
    "id": "005fd2a91c3e8b7704d6e1f29ab3c58d",
    "kind": "phone",
    "says": "Telephone number",
    "since": "2026-03-02T18:00:00Z",
    "own": 187,
    "other": 46,
}
LIST_CAPPED_BLOCKS = listed(_CAPPED_OUT)
GET_CAPPED_BLOCK = shown({**_CAPPED_OUT, "records": [_CHILD, _MOTHER], "next": NEXT})

_EVENT = {
    "specversion": "1.0",
    "id": "ev_wq3n5bkz7t2mhxv4ay6cjodrle",
    "source": "/matcher",
    "type": "linkages.alert.acknowledged.v1",
    "subject": "alert_5f0c1e9a7d3b48628e41c2d90b7fa613",
    "time": "2026-03-02T18:00:00+00:00",
    "dataschema": "https://linkages.example/contracts/linkages.alert.acknowledged.v1.json",
    "partitionkey": "alert_5f0c1e9a7d3b48628e41c2d90b7fa613",
    "sequence": "2",
    "county": "43",
    "recordedat": "2026-03-02T18:00:00+00:00",
    "datacontenttype": "application/json",
    "data": {
        "alert": "alert_5f0c1e9a7d3b48628e41c2d90b7fa613",
        "alert_type": "A09",
        "severity": "high",
        "program": "cws",
        "role": "case_worker",
        "due_class": "2_business_days",
        "minutes_since_cause": 20,
        "on_time": True,
    },
}
LIST_EVENTS = lines(_EVENT)
