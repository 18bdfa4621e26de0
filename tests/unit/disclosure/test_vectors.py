"""The decision vectors on a release and on WIC 10850, one test each; `test_overrides.py` has the special categories."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.matcher.disclosure.decide import Outcome, Reason, decide
from services.matcher.disclosure.request import (
    BasisKind,
    Breadth,
    Category,
    Direction,
    Program,
    Purpose,
    Role,
    Sensitivity,
    Subject,
    Topic,
)
from tests.unit.disclosure.asking import (
    CHILD,
    MOTHER,
    NOW,
    PLAIN,
    admin,
    permitted,
    refused,
    removal,
    roi,
    sanction,
    table,
)

MINIMUM = {"child", "removed_on", "returned_on", "relative_placed_on", "fr_plan", "fr_aid_recommended"}


def test_t1_involvement_without_a_basis_is_refused():
    answer = refused(sanction(category=Category.K2, purpose=Purpose.P2, role=Role.ER_WORKER, bases=()))
    assert (answer.rule, answer.reasons) == ("NONE", (Reason.NO_BASIS,))


def test_t1_the_countys_standing_basis_does_not_open_involvement_at_intake():
    answer = refused(
        sanction(category=Category.K2, purpose=Purpose.P2, role=Role.ER_WORKER, bases=(admin(),))
    )
    assert (answer.rule, answer.reason) == (
        "K2/ADMIN eligibility_facts",
        Reason.PURPOSE_NOT_COVERED,
    )


def test_t2_the_eligibility_worker_learns_of_a_removal_the_minimum_and_nothing_else():
    answer = permitted(removal())
    assert answer.outcome is Outcome.PERMIT
    assert answer.rule == "K6/ADMIN eligibility_facts"
    assert answer.fields == MINIMUM
    assert answer.redaction is not None
    assert (answer.basis, answer.source, answer.sources) == (BasisKind.ADMIN_10850, None, frozenset())


def test_t2_the_child_may_be_named_and_the_cws_worker_called_about_a_removal():
    assert permitted(removal(category=Category.K1)).allows("name")
    assert permitted(removal(category=Category.K0)).allows("worker_phone")


def test_t2_no_other_role_learns_of_a_removal_without_a_release():
    for role in (Role.WTW_WORKER, Role.CALWORKS_SUPERVISOR, Role.LINKAGES_LIAISON):
        answer = refused(removal(role=role))
        assert (answer.rule, answer.reason) == (
            "K6/ADMIN eligibility_facts",
            Reason.ROLE_NOT_FOR_CATEGORY,
        )


def test_t2_a_release_shows_the_welfare_to_work_worker_the_removal():
    answer = permitted(removal(role=Role.WTW_WORKER, purpose=Purpose.P4, bases=(admin(), roi())))
    assert (answer.rule, answer.source, answer.redaction) == ("K6/ROI", "rl_one", None)
    assert answer.fields > MINIMUM


def test_t3_the_list_of_plan_services_is_refused_by_category_and_purpose():
    answer = refused(removal(category=Category.K7, purpose=Purpose.P4, role=Role.WTW_WORKER))
    assert (answer.rule, answer.reason) == ("K7/ADMIN eligibility_facts", Reason.NOT_IN_TABLE)


def test_t4_an_exemption_is_told_as_its_class_and_the_code_is_removed():
    item = replace(PLAIN, reason_code="DVW", implies=(Category.K12,))
    answer = permitted(sanction(item=item))
    assert (answer.outcome, answer.rule) == (Outcome.PERMIT, "K3/ROI")
    assert answer.allows("status_class")
    assert not answer.allows("reason_code")
    assert answer.redaction == "the class alone, without the reason"


def test_t5_what_was_permitted_when_the_alert_was_built_is_refused_when_read_after_expiry():
    short = roi(expires=NOW + timedelta(hours=1))
    assert permitted(sanction(bases=(short,))).expires == NOW + timedelta(hours=1)
    answer = refused(sanction(bases=(short,), now=NOW + timedelta(hours=1)))
    assert (answer.rule, answer.reason) == ("NONE", Reason.EXPIRED)


def test_t9_a_release_signed_by_the_mother_alone_covers_her_and_not_the_father():
    signed_by_mother = roi(persons=("ps_mother",))
    father = replace(MOTHER, id="ps_father")
    assert permitted(sanction(bases=(signed_by_mother,))).source == "rl_one"
    answer = refused(sanction(subject=father, bases=(signed_by_mother,)))
    assert answer.reason is Reason.PERSON_NOT_COVERED


def test_t12_the_worker_of_yesterday_is_refused_and_the_new_one_permitted():
    assert refused(sanction(assigned=False)).rule == "O10"
    permitted(sanction(assigned=True))


def test_t13_what_gives_violence_away_is_refused_where_the_alleged_abuser_is_a_client_too():
    item = replace(PLAIN, implies=(Category.K12,), alleged_abuser_in_recipient_clients=True)
    assert refused(sanction(category=Category.K4, item=item)).rule == "O5"


def test_t13_the_class_alone_is_refused_too_where_its_removed_code_was_about_violence():
    item = replace(
        PLAIN,
        reason_code="DVW",
        implies=(Category.K12,),
        alleged_abuser_in_recipient_clients=True,
    )
    assert refused(sanction(item=item)).rule == "O5"
    permitted(sanction(item=replace(item, reason_code="U16", implies=())))


def test_t14_a_parents_release_does_not_open_what_the_minor_consented_to():
    assert refused(sanction(item=replace(PLAIN, minor_consented=True))).rule == "O7"


@pytest.mark.parametrize("purpose", [Purpose.P2, Purpose.P4, Purpose.P6, Purpose.P7])
def test_aid_status_is_open_without_a_release_for_eligibility_alone(purpose):
    topic = {"role": Role.CASE_WORKER, "bases": (admin(),), "topic": Topic.FR_AID}
    assert refused(sanction(purpose=purpose, **topic)).rule == "K3/ADMIN eligibility_facts"
    assert permitted(sanction(purpose=Purpose.P3, **topic)).rule == "K3/ADMIN eligibility_facts"


def test_aid_status_without_a_release_needs_one_of_two_topics():
    for topic in (None, Topic.AU_CHANGE, Topic.IN_HA):
        assert refused(sanction(purpose=Purpose.P3, bases=(admin(),), topic=topic)).rule.startswith("K3/")
    for topic in (Topic.FR_AID, Topic.RELATIVE_CAREGIVER):
        permitted(sanction(purpose=Purpose.P3, bases=(admin(),), topic=topic))


def test_the_welfare_to_work_schedule_needs_a_release():
    answer = refused(sanction(category=Category.K4, bases=(admin(),)))
    assert answer.rule == "K4/ADMIN eligibility_facts"
    assert permitted(sanction(category=Category.K4)).allows("slot_starts")


@pytest.mark.parametrize("breadth", [None, Breadth.NONE])
def test_10850_opens_nothing_where_counsel_has_named_no_breadth(breadth):
    assert refused(removal(bases=(admin(breadth),))).reason is Reason.BASIS_NOT_OPEN


def test_o3_nothing_of_a_sealed_person_crosses_to_anybody():
    sealed = replace(CHILD, sensitivity=Sensitivity.SEALED)
    for role in Role:
        answer = refused(removal(role=role, subject=sealed, bases=(admin(), roi())))
        assert (answer.rule, answer.reason) == ("O3", Reason.SUBJECT_SEALED)


def test_o3_a_sensitive_person_is_open_to_the_liaison_and_supervisors_alone():
    sensitive = replace(MOTHER, sensitivity=Sensitivity.SENSITIVE)
    assert refused(sanction(subject=sensitive)).rule == "O3"
    permitted(sanction(subject=sensitive, role=Role.CWS_SUPERVISOR))
    permitted(sanction(subject=sensitive, role=Role.LINKAGES_LIAISON))


def test_o5_fields_that_could_tell_of_violence_are_taken_out():
    answer = permitted(sanction(category=Category.K4, item=replace(PLAIN, implies=(Category.K12,))))
    assert (answer.outcome, answer.rule) == (Outcome.REDACT, "O5")
    assert answer.fields == {"slot_starts", "slot_ends", "hours_per_week"}


def test_o5_a_reason_code_outside_the_open_list_is_as_good_as_telling():
    coded = replace(PLAIN, reason_code="DVW")
    assert permitted(sanction(category=Category.K4, item=coded)).outcome is Outcome.REDACT
    open_code = replace(PLAIN, reason_code="U16")
    assert permitted(sanction(category=Category.K4, item=open_code)).outcome is Outcome.PERMIT


def test_o10_nobody_who_is_not_assigned_learns_anything_in_any_role():
    for role in Role:
        assert refused(sanction(role=role, assigned=False)).rule == "O10"


def test_o11_a_legal_hold_refuses():
    assert refused(sanction(subject=replace(MOTHER, limited_access=True))).rule == "O11"


def test_all_refusing_overrides_are_reported_and_the_first_names_the_rule():
    sealed = Subject(id="x", sensitivity=Sensitivity.SEALED, limited_access=True)
    answer = refused(sanction(subject=sealed, assigned=False, item=replace(PLAIN, names_hiv=True)))
    assert answer.rule == "O3"
    assert {Reason.HIV, Reason.NOT_ASSIGNED, Reason.LIMITED_ACCESS} <= set(answer.reasons)


def test_the_holder_must_be_the_program_whose_own_fact_it_is():
    for category in (Category.K3, Category.K4):
        backwards = sanction(
            category=category,
            holder=Program.CWS,
            recipient=Program.CALWORKS,
            role=Role.WTW_WORKER,
        )
        answer = refused(backwards)
        assert (answer.rule, answer.reason) == ("ROLE", Reason.NOT_HOLDERS_OWN)
    relayed = removal(holder=Program.CALWORKS, recipient=Program.CWS, role=Role.CASE_WORKER, bases=(roi(),))
    assert refused(relayed).reason is Reason.NOT_HOLDERS_OWN


def test_what_stays_in_one_program_is_no_crossing_and_not_permitted_here():
    answer = refused(sanction(recipient=Program.CALWORKS, role=Role.WTW_WORKER))
    assert (answer.rule, answer.reason) == ("ROLE", Reason.SAME_PROGRAM)


def test_a_role_receives_for_its_own_program_only():
    assert refused(sanction(role=Role.WTW_WORKER)).reason is Reason.ROLE_OF_OTHER_PROGRAM


def test_clerks_receive_contact_identity_and_involvement_alone():
    for category in (Category.K0, Category.K1, Category.K2):
        permitted(sanction(category=category, role=Role.CWS_CLERK))
    for category in (Category.K3, Category.K4):
        assert refused(sanction(category=category, role=Role.CWS_CLERK)).rule == "ROLE"


def test_auditors_integrations_and_analysts_receive_nothing_and_statistics_do_not_pass():
    for role in (Role.AUDITOR, Role.INTEGRATION, Role.ANALYST):
        assert refused(sanction(role=role)).rule == "ROLE"
    broad = roi(purposes=tuple(Purpose))
    assert refused(sanction(role=Role.ANALYST, purpose=Purpose.P8, bases=(broad,))).rule == "ROLE"


def test_the_matcher_itself_asks_for_matching_alone():
    assert refused(sanction(role=Role.SYSTEM_MATCHER)).reason is Reason.ROLE_NOT_FOR_PURPOSE
    permitted(sanction(category=Category.K1, role=Role.SYSTEM_MATCHER, purpose=Purpose.P1, bases=(admin(),)))


def test_a_release_one_way_does_not_open_the_other():
    one_way = roi(directions=(Direction.CWS_TO_CALWORKS,))
    assert refused(sanction(bases=(one_way,))).reason is Reason.DIRECTION_NOT_COVERED
    permitted(removal(role=Role.WTW_WORKER, bases=(one_way,)))


def test_a_release_opens_nothing_it_does_not_name():
    for missing, reason in (
        ({"categories": None}, Reason.CATEGORY_NOT_NAMED),
        ({"categories": (Category.K0,)}, Reason.CATEGORY_NOT_NAMED),
        ({"directions": None}, Reason.DIRECTION_NOT_COVERED),
        ({"purposes": None}, Reason.PURPOSE_NOT_COVERED),
        ({"purposes": (Purpose.P2,)}, Reason.PURPOSE_NOT_COVERED),
        ({"persons": None}, Reason.PERSON_NOT_COVERED),
        ({"recipients": ()}, Reason.RECIPIENT_NOT_NAMED),
        ({"recipients": (Role.ER_WORKER,)}, Reason.RECIPIENT_NOT_NAMED),
        ({"recipients": (Program.CALWORKS,)}, Reason.RECIPIENT_NOT_NAMED),
        ({"expires": None}, Reason.NO_EXPIRY),
    ):
        assert refused(sanction(bases=(roi(**missing),))).reasons == (reason,), missing
    permitted(sanction(bases=(roi(recipients=(Program.CWS,)),)))
    permitted(sanction(bases=(roi(recipients=(Role.CASE_WORKER,)),)))


def test_lists_narrow_the_countys_standing_basis_too():
    assert refused(removal(bases=(admin(persons=("someone",)),))).reason is Reason.PERSON_NOT_COVERED
    assert refused(removal(bases=(admin(categories=()),))).reason is Reason.CATEGORY_NOT_NAMED


def test_two_releases_do_not_add_up_to_one():
    halves = (roi(categories=(Category.K0,)), roi(purposes=(Purpose.P2,)))
    refused(sanction(bases=halves))


def test_the_wider_of_two_grounds_stands():
    both = permitted(removal(bases=(admin(), roi())))
    assert (both.rule, both.source) == ("K6/ROI", "rl_one")
    assert both.fields > MINIMUM


def test_an_item_that_gives_another_category_away_needs_that_one_too():
    item = replace(PLAIN, implies=(Category.K3,))
    permitted(sanction(category=Category.K2, item=item))
    answer = refused(sanction(category=Category.K2, item=item, bases=(roi(categories=(Category.K2,)),)))
    assert answer.reason is Reason.CATEGORY_NOT_NAMED


@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        (datetime(2026, 8, 1, 6, 59, 59, 999999, tzinfo=UTC), Outcome.DENY),
        (datetime(2026, 8, 1, 7, tzinfo=UTC), Outcome.PERMIT),
        (datetime(2027, 7, 31, 6, 59, 59, 999999, tzinfo=UTC), Outcome.PERMIT),
        (datetime(2027, 7, 31, 7, tzinfo=UTC), Outcome.DENY),
    ],
)
def test_a_release_holds_from_its_first_instant_to_just_before_its_expiry(at, outcome):
    assert decide(sanction(now=at), table()).outcome is outcome


def test_a_revocation_holds_from_its_own_instant():
    revoked = roi(revoked_at=NOW)
    permitted(sanction(bases=(revoked,), now=NOW - timedelta(microseconds=1)))
    assert refused(sanction(bases=(revoked,), now=NOW)).reason is Reason.REVOKED


def test_no_release_outlives_a_year_whatever_it_says():
    endless = roi(expires=datetime(2040, 1, 1, tzinfo=UTC))
    permitted(sanction(bases=(endless,), now=datetime(2027, 8, 1, 6, 59, tzinfo=UTC)))
    assert refused(sanction(bases=(endless,), now=datetime(2027, 8, 1, 7, tzinfo=UTC))).reason is (
        Reason.EXPIRED
    )
