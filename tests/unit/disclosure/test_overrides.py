"""The special categories: what refuses whatever the ground, and the one release or order that opens each."""

from dataclasses import replace

import pytest

from services.matcher.disclosure.decide import Outcome, Reason
from services.matcher.disclosure.request import (
    BasisKind,
    Category,
    Program,
    Purpose,
    Role,
    Sensitivity,
)
from tests.unit.disclosure.asking import (
    CHILD,
    MOTHER,
    PLAIN,
    admin,
    court,
    everything,
    other,
    permitted,
    refused,
    removal,
    roi,
    sanction,
)

EMERGENCY = other(BasisKind.EMERGENCY)


def safety(category, **changes):
    """An item of CalWORKs about the mother, asked for by an emergency response worker for safety."""
    asked = {"purpose": Purpose.P5, "role": Role.ER_WORKER, "bases": (EMERGENCY,), **changes}
    return sanction(category=category, **asked)


def of_the_child(category, **changes):
    """An item of child welfare about the child, asked for by the welfare-to-work worker."""
    asked = {"purpose": Purpose.P4, "role": Role.WTW_WORKER, "bases": (everything(),), **changes}
    return removal(category=category, **asked)


ALWAYS = [(Category.K9, "O1"), (Category.K17, "O1"), (Category.K16, "O9")]


@pytest.mark.parametrize(("category", "rule"), ALWAYS)
def test_the_reporter_tax_data_and_immigration_never_cross(category, rule):
    bases = (everything(), court(), EMERGENCY)
    assert refused(sanction(category=category, bases=bases)).rule == rule
    assert refused(of_the_child(category, bases=bases)).rule == rule
    given_away = replace(PLAIN, implies=(category,))
    assert refused(sanction(item=given_away, bases=bases)).rule == rule


def test_o1_taking_the_reason_out_does_not_help_where_the_item_gives_the_reporter_away():
    item = replace(PLAIN, reason_code="DVW", implies=(Category.K12, Category.K9))
    assert refused(sanction(item=item, bases=(everything(),))).rule == "O1"


@pytest.mark.parametrize("kind", [BasisKind.CFT_832, BasisKind.MDT_18951])
def test_t7_an_adoption_record_is_refused_to_a_team(kind):
    assert refused(of_the_child(Category.K15, bases=(other(kind),))).rule == "O2"


def test_o2_an_adoption_record_crosses_by_order_of_the_court_alone():
    assert refused(of_the_child(Category.K15)).rule == "O2"
    assert permitted(of_the_child(Category.K15, bases=(court(),))).rule == "K15/COURT"
    assert refused(of_the_child(Category.K15, bases=(court(categories=(Category.K6,)),))).rule == "O2"


def test_o3_a_sealed_person_is_refused_whatever_the_release_order_or_emergency_says():
    sealed = replace(CHILD, sensitivity=Sensitivity.SEALED)
    answer = refused(of_the_child(Category.K6, subject=sealed, bases=(everything(), court(), EMERGENCY)))
    assert (answer.rule, answer.reasons) == ("O3", (Reason.SUBJECT_SEALED,))


def test_o4_a_protected_address_crosses_as_its_city_under_a_release_that_lists_it():
    answer = permitted(of_the_child(Category.K18, bases=(everything(names_protected_address=False),)))
    assert (answer.outcome, answer.rule) == (Outcome.REDACT, "O4")
    assert answer.fields == {"city"}
    assert answer.redaction == "the city alone"


def test_o4_a_release_that_names_the_protected_address_shows_it_whole():
    answer = permitted(of_the_child(Category.K18))
    assert (answer.outcome, answer.rule, answer.redaction) == (Outcome.PERMIT, "K18/ROI", None)
    assert answer.allows("address")


def test_o4_naming_the_address_is_nothing_without_listing_the_category():
    unlisted = roi(names_protected_address=True)
    assert refused(of_the_child(Category.K18, bases=(unlisted,))).rule == "O4"
    assert refused(of_the_child(Category.K18, bases=(admin(), other(BasisKind.MDT_18951)))).rule == "O4"


def test_o4_order_and_emergency_show_the_city_alone():
    for answer in (
        permitted(of_the_child(Category.K18, bases=(court(names_protected_address=True),))),
        permitted(safety(Category.K18)),
    ):
        assert (answer.outcome, answer.rule, answer.fields) == (Outcome.REDACT, "O4", {"city"})


def test_o4_an_item_that_gives_the_address_away_loses_the_fields_that_tell_it():
    item = replace(PLAIN, implies=(Category.K18,))
    release = everything(names_protected_address=None)
    answer = permitted(of_the_child(Category.K1, item=item, bases=(release,)))
    assert (answer.outcome, answer.rule) == (Outcome.REDACT, "O4")
    assert not answer.allows("address")
    assert permitted(of_the_child(Category.K1, item=item)).outcome is Outcome.PERMIT
    assert refused(of_the_child(Category.K1, item=item, bases=(admin(), roi()))).rule == "O4"


def test_o5_violence_crosses_by_the_survivors_own_specific_release():
    asked = sanction(category=Category.K12, bases=(everything(),))
    assert permitted(asked).rule == "K12/ROI"
    assert refused(replace(asked, bases=(everything(dv_specific=False),))).rule == "O5"
    assert refused(replace(asked, bases=(everything(persons=("ps_father",)),))).rule == "O5"
    assert refused(replace(asked, bases=(court(dv_specific=True),))).rule == "O5"


def test_o5_in_an_emergency_child_welfare_learns_the_minimum_about_violence():
    answer = permitted(safety(Category.K12))
    assert (answer.outcome, answer.rule) == (Outcome.PERMIT, "K12/EMERGENCY")
    assert answer.redaction is not None
    assert refused(safety(Category.K12, purpose=Purpose.P4)).rule == "O5"
    assert refused(safety(Category.K12, assigned=False)).rule == "O10"


@pytest.mark.parametrize("category", [Category.K12, Category.K18])
def test_t13_where_the_alleged_abuser_is_a_client_too_neither_release_nor_emergency_helps(category):
    item = replace(PLAIN, alleged_abuser_in_recipient_clients=True)
    bases = (everything(), court(), EMERGENCY)
    assert refused(safety(category, item=item, bases=bases)).rule == "O5"
    implied = replace(item, implies=(category,))
    assert refused(safety(Category.K2, item=implied, bases=bases)).rule == "O5"
    assert permitted(safety(Category.K2, item=item, bases=bases)).outcome is Outcome.PERMIT


def test_t15_a_substance_use_record_crosses_with_its_notice_and_a_copy_of_the_consent():
    answer = permitted(of_the_child(Category.K10))
    assert (answer.outcome, answer.rule) == (Outcome.PERMIT, "K10/ROI")
    assert answer.obligations == ("part2_notice", "consent_copy")


def test_o6_no_other_ground_opens_a_substance_use_record():
    flawed = everything(part2_valid=False)
    teams = [other(kind, categories=tuple(Category)) for kind in BasisKind]
    assert refused(of_the_child(Category.K10, bases=(flawed, court(part2_valid=True), *teams))).rule == "O6"


def test_o6_what_gives_a_substance_use_record_away_needs_the_consent_and_carries_the_notice():
    item = replace(PLAIN, implies=(Category.K10,))
    asked = of_the_child(Category.K7, item=item)
    assert permitted(asked).obligations == ("part2_notice", "consent_copy")
    assert refused(replace(asked, bases=(other(BasisKind.MDT_18951),))).rule == "O6"


def test_o6_the_element_of_one_release_does_not_serve_another():
    names_it = everything(part2_valid=False)
    has_element = everything(categories=(Category.K7,))
    assert refused(of_the_child(Category.K10, bases=(names_it, has_element))).rule == "O6"


def test_t14_a_parents_release_does_not_open_counselling_to_which_a_minor_consented():
    item = replace(PLAIN, minor_consented=True)
    asked = of_the_child(Category.K11, item=item)
    assert refused(replace(asked, bases=(everything(minor_own=False),))).rule == "O7"
    assert permitted(asked).rule == "K11/ROI"


def test_o7_the_minors_own_release_must_list_the_items_own_category_too():
    item = replace(PLAIN, minor_consented=True)
    own = everything(categories=(Category.K13,))
    parents = everything(minor_own=None)
    refused(of_the_child(Category.K11, item=item, bases=(own, parents)))
    both = everything(categories=(Category.K11, Category.K13))
    permitted(of_the_child(Category.K11, item=item, bases=(both, parents)))


def test_o8_hiv_crosses_by_a_release_that_names_it():
    assert permitted(of_the_child(Category.K14)).rule == "K14/ROI"
    assert refused(of_the_child(Category.K14, bases=(everything(names_hiv=None), court()))).rule == "O8"
    item = replace(PLAIN, names_hiv=True)
    assert refused(of_the_child(Category.K6, item=item, bases=(everything(names_hiv=False),))).rule == "O8"
    permitted(of_the_child(Category.K6, item=item))


def test_special_releases_serve_their_stated_purposes_alone():
    for category in (Category.K10, Category.K12, Category.K13, Category.K14, Category.K18):
        narrow = everything(purposes=(Purpose.P6,))
        refused(of_the_child(category, bases=(narrow,)))
        permitted(of_the_child(category, bases=(narrow,), purpose=Purpose.P6))


def test_o10_and_o11_refuse_under_every_ground():
    bases = (everything(), court(), EMERGENCY)
    assert refused(safety(Category.K2, bases=bases, assigned=False)).rule == "O10"
    held = replace(MOTHER, limited_access=True)
    assert refused(safety(Category.K2, bases=bases, subject=held)).rule == "O11"


def test_what_the_clients_own_request_opens_does_not_pass_this_gate():
    for category in Category:
        refused(sanction(category=category, bases=(other(BasisKind.SUBJECT),)))


def test_k3_a_removed_code_takes_what_it_gave_away_with_it_but_no_flag():
    hidden = (Category.K10, Category.K11, Category.K12, Category.K13, Category.K14)
    item = replace(PLAIN, reason_code="SUD", implies=hidden)
    answer = permitted(sanction(item=item))
    assert (answer.outcome, answer.rule, answer.obligations) == (Outcome.PERMIT, "K3/ROI", ())
    assert refused(sanction(item=replace(item, names_hiv=True))).rule == "O8"
    assert refused(sanction(item=replace(item, implies=(*hidden, Category.K3R)))).rule == "NONE"


def test_an_item_is_judged_for_all_that_it_gives_away_by_the_same_ground():
    item = replace(PLAIN, implies=(Category.K3,))
    halves = (roi(categories=(Category.K2,)), roi(categories=(Category.K3,)))
    refused(sanction(category=Category.K2, item=item, bases=halves))
    permitted(sanction(category=Category.K2, item=item, bases=(*halves, roi())))


def test_the_narrower_of_an_item_and_what_it_gives_away_stands():
    item = replace(PLAIN, implies=(Category.K5,))
    asked = sanction(category=Category.K3, item=item, bases=(other(BasisKind.MDT_18951),))
    answer = permitted(asked)
    assert (answer.outcome, answer.rule) == (Outcome.REDACT, "K5/MDT_18951")
    wider = everything(categories=(Category.K3, Category.K5))
    assert permitted(replace(asked, bases=(*asked.bases, wider))).outcome is Outcome.PERMIT


def test_what_an_item_gives_away_is_subject_to_role_and_holder_too():
    narrative = replace(PLAIN, implies=(Category.K8,))
    asked = of_the_child(Category.K6, item=narrative, bases=(court(),))
    assert refused(asked).reason is Reason.ROLE_NOT_FOR_CATEGORY
    permitted(replace(asked, role=Role.LINKAGES_LIAISON))
    passed_on = replace(PLAIN, implies=(Category.K3,))
    answer = refused(of_the_child(Category.K2, item=passed_on, holder=Program.CWS))
    assert answer.reason is Reason.NOT_HOLDERS_OWN


def test_a_domestic_violence_item_may_name_itself_and_its_code():
    asked = sanction(
        category=Category.K12, bases=(everything(),), item=replace(PLAIN, implies=(Category.K12,))
    )
    assert permitted(asked).outcome is Outcome.PERMIT
    coded = replace(PLAIN, reason_code="DVW")
    assert permitted(replace(asked, item=coded)).outcome is Outcome.PERMIT
