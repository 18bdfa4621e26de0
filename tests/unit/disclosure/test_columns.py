"""The cells of the table, ground by ground, and who must be on whose roster."""

from dataclasses import replace

import pytest

from services.matcher.disclosure.decide import Outcome, Reason, Refusal, decide
from services.matcher.disclosure.request import (
    BasisKind,
    Breadth,
    Category,
    Direction,
    Program,
    Purpose,
    Role,
    Topic,
)
from tests.unit.disclosure.asking import (
    CHILD,
    PLAIN,
    admin,
    court,
    everything,
    other,
    permitted,
    refused,
    removal,
    sanction,
    table,
)

OWN_OF_CWS = {Category.K6, Category.K7, Category.K8, Category.K9, Category.K15}
FACTS = admin(Breadth.ELIGIBILITY_FACTS)
COORDINATION = admin(Breadth.COORDINATION)
P = list(Purpose)

# ground, then for each category the outcome and the purposes under which it stands; what is absent is refused.
# P/R: permit or redact. The liaison asks; the item is of its own program.
MDT = [2, 4, 5, 6, 7]
CELLS = {
    "eligibility_facts": (FACTS, {"K0": ("P", [3]), "K1": ("P", [1, 3]), "K2": ("P", [3]), "K3": ("P", [3])}),
    "coordination": (
        COORDINATION,
        {
            "K0": ("P", [2, 3, 4, 6, 7]),
            "K1": ("P", [1, 2, 3, 4, 6, 7]),
            "K2": ("P", [2, 3, 4, 6, 7]),
            "K3": ("P", [1, 2, 3, 4, 6, 7]),
            "K3R": ("R", [1, 2, 3, 4, 6, 7]),
            "K4": ("P", [4, 6]),
            "K6": ("P", [1, 2, 3, 4, 6, 7]),
            "K7": ("R", [1, 2, 3, 4, 6, 7]),
        },
    ),
    "MDT_18951": (
        other(BasisKind.MDT_18951),
        {
            **dict.fromkeys(("K0", "K1", "K2", "K3", "K4", "K6", "K7"), ("P", MDT)),
            **dict.fromkeys(("K1S", "K3R", "K5", "K8"), ("R", MDT)),
        },
    ),
    "MDT_18986": (
        other(BasisKind.MDT_18986),
        {
            **dict.fromkeys(("K0", "K1", "K2", "K3", "K4", "K6", "K7"), ("P", MDT)),
            **dict.fromkeys(("K1S", "K3R", "K5", "K8"), ("R", MDT)),
        },
    ),
    "MDT_18961_7": (
        other(BasisKind.MDT_18961_7),
        {
            **{one: ("P", [5]) for one in ("K0", "K1", "K2", "K3", "K6", "K7")},
            **{one: ("R", [5]) for one in ("K1S", "K3R", "K11")},
        },
    ),
    "CFT_832": (
        other(BasisKind.CFT_832),
        {
            **{one: ("P", [4, 5, 7]) for one in ("K0", "K1", "K2", "K3", "K4", "K6", "K7")},
            **{one: ("R", [4, 5, 7]) for one in ("K3R", "K8")},
        },
    ),
    "ROI": (
        everything(),
        {
            **{
                f"K{n}": ("P", [1, 2, 3, 4, 5, 6, 7])
                for n in (0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 18)
            },
            "K1S": ("R", [1, 2, 3, 4, 5, 6, 7]),
        },
    ),
    "COURT": (
        court(),
        {
            **{f"K{n}": ("P", [1, 2, 3, 4, 5, 6, 7]) for n in (0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 15)},
            "K3R": ("P", [1, 2, 3, 4, 5, 6, 7]),
            "K1S": ("R", [1, 2, 3, 4, 5, 6, 7]),
            "K18": ("R", [1, 2, 3, 4, 5, 6, 7]),
        },
    ),
    "INDEX_18961_5": (other(BasisKind.INDEX_18961_5), {"K0": ("P", [1, 2]), "K1": ("P", [1, 2])}),
    "EMERGENCY": (
        other(BasisKind.EMERGENCY),
        {**{one: ("P", [5]) for one in ("K0", "K1", "K2", "K12")}, "K18": ("R", [5])},
    ),
    "SUBJECT": (other(BasisKind.SUBJECT), {}),
}


def asked_of(category, purpose, basis):
    """The liaison of the other program asks for the category, with a topic that lets aid status through."""
    holder = Program.CWS if category in OWN_OF_CWS else Program.CALWORKS
    recipient = Program.CALWORKS if holder is Program.CWS else Program.CWS
    return sanction(
        category=category,
        purpose=purpose,
        holder=holder,
        recipient=recipient,
        role=Role.LINKAGES_LIAISON,
        topic=Topic.FR_AID,
        bases=(basis,),
    )


@pytest.mark.parametrize("ground", CELLS)
def test_every_cell_of_a_ground_stands_for_its_purposes_and_no_other(ground):
    basis, cells = CELLS[ground]
    for category in Category:
        letter, purposes = cells.get(category.value, ("-", []))
        for purpose in Purpose:
            answer = decide(asked_of(category, purpose, basis), table())
            open_now = int(purpose.value[1:]) in purposes
            expected = {"P": Outcome.PERMIT, "R": Outcome.REDACT}[letter] if open_now else Outcome.DENY
            assert answer.outcome is expected, (category, purpose, answer)


def test_the_last_four_of_the_cin_go_to_the_eligibility_worker_for_eligibility():
    for basis in (FACTS, COORDINATION):
        asked = removal(category=Category.K1S, bases=(basis,))
        answer = permitted(asked)
        assert (answer.outcome, answer.fields) == (Outcome.REDACT, {"cin_last_4"})
        assert refused(replace(asked, role=Role.WTW_WORKER)).reason is Reason.ROLE_NOT_FOR_CATEGORY
        assert refused(replace(asked, purpose=Purpose.P1)).reason is Reason.PURPOSE_NOT_COVERED


def test_no_ground_shows_the_whole_cin():
    for basis, _ in CELLS.values():
        for purpose in Purpose:
            answer = decide(removal(category=Category.K1S, purpose=purpose, bases=(basis,)), table())
            assert isinstance(answer, Refusal) or answer.fields == {"cin_last_4"}


def test_coordination_shows_component_and_dates_and_times_without_the_reason():
    asked = removal(purpose=Purpose.P4, role=Role.WTW_WORKER, bases=(COORDINATION,))
    status = permitted(asked)
    assert status.allows("component")
    assert not status.allows("placement_class")
    times = permitted(replace(asked, category=Category.K7))
    assert times.fields == {"slot_starts", "slot_ends", "place"}


def test_two_redactions_show_the_fields_of_both():
    bases = (other(BasisKind.MDT_18951), other(BasisKind.CFT_832))
    answer = permitted(
        removal(category=Category.K8, purpose=Purpose.P4, role=Role.LINKAGES_LIAISON, bases=bases)
    )
    assert answer.outcome is Outcome.REDACT
    assert answer.fields == {"safety_summary", "meeting_minutes"}
    assert answer.redaction is not None
    assert {"minutes", "summary"} <= set(answer.redaction.split())


def test_the_narrative_goes_to_no_welfare_to_work_or_eligibility_worker():
    for role in (Role.WTW_WORKER, Role.ELIGIBILITY_WORKER):
        answer = refused(removal(category=Category.K8, role=role, bases=(court(),)))
        assert (answer.rule, answer.reason) == ("ROLE", Reason.ROLE_NOT_FOR_CATEGORY)
    asked = removal(category=Category.K7, purpose=Purpose.P4, bases=(everything(),))
    assert refused(asked).reason is Reason.ROLE_NOT_FOR_CATEGORY


def test_health_facts_need_the_teams_authorization_to_list_them():
    asked = removal(category=Category.K11, purpose=Purpose.P4, role=Role.WTW_WORKER)
    team = other(BasisKind.CFT_832)
    assert refused(replace(asked, bases=(team,))).reason is Reason.CATEGORY_NOT_NAMED
    listed = replace(team, categories=(Category.K11,))
    assert permitted(replace(asked, bases=(listed,))).rule == "K11/CFT_832"


def test_the_index_shows_the_listed_parts_of_identity_alone():
    asked = removal(category=Category.K1, purpose=Purpose.P1, bases=(other(BasisKind.INDEX_18961_5),))
    assert permitted(asked).fields == {"name", "birth_date", "birth_place", "address", "phone"}


ROSTERS = ["MDT_18951", "MDT_18961_7", "MDT_18986", "CFT_832", "INDEX_18961_5"]


@pytest.mark.parametrize("kind", ROSTERS)
@pytest.mark.parametrize("roster", [None, False])
def test_who_is_not_on_the_roster_receives_nothing_on_that_ground(kind, roster):
    basis = other(BasisKind(kind))
    purpose = Purpose.P1 if kind == "INDEX_18961_5" else Purpose.P5
    asked = sanction(category=Category.K0, purpose=purpose, bases=(basis,))
    permitted(asked)
    answer = refused(replace(asked, bases=(replace(basis, roster_member=roster),)))
    assert answer.reasons == (Reason.NOT_ON_ROSTER,)


def test_an_order_must_name_a_recipient_of_calworks_but_not_one_of_child_welfare():
    unnamed = court(roster_member=None)
    permitted(sanction(bases=(unnamed,)))
    asked = removal(role=Role.WTW_WORKER, bases=(unnamed,))
    assert refused(asked).reason is Reason.NOT_ON_ROSTER
    permitted(replace(asked, bases=(court(),)))


@pytest.mark.parametrize("missing", ["categories", "directions", "purposes", "persons"])
def test_an_order_opens_nothing_that_its_scope_does_not_name(missing):
    permitted(sanction(bases=(court(),)))
    refused(sanction(bases=(court(**{missing: None}),)))
    refused(sanction(bases=(court(**{missing: ()}),)))


def test_the_teams_authorization_covers_those_who_signed():
    asked = removal(category=Category.K7, purpose=Purpose.P4, role=Role.WTW_WORKER)
    for persons in (None, (), ("ps_mother",)):
        team = other(BasisKind.CFT_832, persons=persons)
        assert refused(replace(asked, bases=(team,))).reason is Reason.PERSON_NOT_COVERED
    permitted(replace(asked, bases=(other(BasisKind.CFT_832, persons=(CHILD.id,)),)))


@pytest.mark.parametrize("ground", [name for name in CELLS if name != "SUBJECT"])
def test_lists_narrow_every_ground(ground):
    basis, cells = CELLS[ground]
    purpose = Purpose(f"P{cells['K0'][1][0]}")
    permitted(asked_of(Category.K0, purpose, basis))
    for narrowed in (
        {"categories": (Category.K2,)},
        {"directions": (Direction.CWS_TO_CALWORKS,)},
        {"purposes": (Purpose.P8,)},
        {"persons": ("somebody",)},
        {"recipients": (Role.CASE_WORKER,)},
    ):
        refused(asked_of(Category.K0, purpose, replace(basis, **narrowed)))
    permitted(asked_of(Category.K0, purpose, replace(basis, recipients=(Program.CWS,))))


def test_a_reason_code_is_told_under_a_release_only_where_it_gives_nothing_away():
    asked = sanction(category=Category.K3R, bases=(everything(),))
    assert permitted(replace(asked, item=replace(PLAIN, reason_code="U16"))).rule == "K3R/ROI"
    for item in (
        PLAIN,
        replace(PLAIN, reason_code="DVW"),
        *(replace(PLAIN, reason_code="U16", implies=(Category(f"K{n}"),)) for n in range(10, 15)),
    ):
        answer = refused(replace(asked, item=item))
        assert (answer.rule, answer.reason) == ("K3R/ROI", Reason.REASON_CODE_WITHHELD)


def test_a_reason_that_gives_violence_away_is_refused_by_its_own_cell():
    item = replace(PLAIN, reason_code="U16", implies=(Category.K12,))
    release = everything(dv_specific=None)
    assert refused(sanction(category=Category.K3R, item=item, bases=(release,))).rule == "K3R/ROI"


def test_the_class_of_a_reason_is_told_to_a_team_whatever_the_reason_gives_away():
    item = replace(PLAIN, reason_code="DVW", implies=(Category.K12, Category.K10))
    asked = sanction(category=Category.K3R, item=item, bases=(other(BasisKind.MDT_18951),))
    answer = permitted(asked)
    assert (answer.outcome, answer.rule) == (Outcome.REDACT, "K3R/MDT_18951")
    assert (answer.fields, answer.obligations) == ({"reason_class"}, ())
    assert permitted(replace(asked, bases=(*asked.bases, everything()))).rule == "K3R/MDT_18951"
    abuser = replace(item, alleged_abuser_in_recipient_clients=True)
    assert refused(replace(asked, item=abuser)).rule == "O5"


def test_an_order_tells_a_reason_but_not_what_it_gives_away_of_violence():
    asked = sanction(category=Category.K3R, bases=(court(),), item=replace(PLAIN, reason_code="DVW"))
    assert permitted(asked).rule == "K3R/COURT"
    implied = replace(PLAIN, reason_code="DVW", implies=(Category.K12,))
    refused(replace(asked, item=implied))
