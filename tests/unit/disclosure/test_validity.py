"""The fifteen checks of a release: which refuse the record, and which keep it as a draft."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.matcher.disclosure.paper import (
    MinorSection,
    Notes,
    Paper,
    Sections,
    SignatureKind,
    Statement,
    SubstanceUseSection,
    ViolenceSection,
    completed,
)
from services.matcher.disclosure.policy import county_policy
from services.matcher.disclosure.release import bases_for
from services.matcher.disclosure.request import Category, Role
from services.matcher.disclosure.signers import Authority, Signer
from services.matcher.disclosure.validity import Check, failures
from tests.unit.disclosure.releasing import (
    MINOR,
    POLICY,
    SUBSTANCE_USE,
    TODAY,
    VIOLENCE,
    named,
    paper,
    pointers,
    record,
    sections,
    signed,
)


def test_a_sound_release_fails_no_check():
    assert failures(record(), POLICY, TODAY) == ()
    assert record().lacks == ()


@pytest.mark.parametrize("check", Check)
def test_every_check_says_what_it_asks_for_and_what_to_do(check):
    assert check.words
    assert check.fix.endswith(".")


def test_v1_a_release_is_about_somebody():
    assert pointers(persons=[]) == ["/persons"]


def test_v1_a_section_is_about_somebody_of_the_release():
    stranger = replace(VIOLENCE, survivor="cl_other")
    assert pointers(paper=sections(domestic_violence=stranger)) == ["/sections/domestic_violence/survivor"]
    assert pointers(paper=sections(hiv=("cl_child", "cl_other"))) == ["/sections/hiv/1"]


def test_v2_it_says_who_may_disclose():
    assert pointers(directions=[]) == ["/directions"]


def test_v2_the_form_provides_for_the_direction():
    terms = {"form": "WTW 37", "categories": ["K0"], "policy": county_policy("01", TODAY)}
    assert pointers(**terms, directions=["both"]) == ["/directions/0"]
    assert record(**terms, directions=["CalWORKs->CWS"]).lacks == ()


def test_v3_recipients_are_named_or_left_out_but_not_an_empty_list():
    assert pointers(recipients=[]) == ["/recipients"]
    assert record(recipients=None).recipients is None


@pytest.mark.parametrize(
    ("recipients", "wrong"), [(None, True), (["cws", "calworks"], True), (["case_worker"], False)]
)
def test_v3_a_form_for_one_recipient_names_exactly_one(recipients, wrong):
    terms = {"form": "ABCDM 229", "policy": county_policy("01", TODAY), "recipients": recipients}
    assert (pointers(**terms) == ["/recipients"]) if wrong else (record(**terms).lacks == ())


def test_v4_it_names_what_the_information_is():
    assert pointers(categories=[]) == ["/categories"]


@pytest.mark.parametrize("category", ["K8", "K9", "K15", "K16", "K17"])
def test_v4_what_no_release_opens_is_refused(category):
    assert pointers(categories=["K0", category]) == ["/categories/1"]


def test_v4_the_form_provides_for_the_category():
    assert pointers(form="ABCDM 228", categories=["K0", "K11"]) == ["/categories/1"]
    assert record(categories=["K0", "K11"]).lacks == ()


@pytest.mark.parametrize(
    ("category", "section"),
    [
        ("K14", {"hiv": ("cl_mother",)}),
        ("K18", {"protected_address": ("cl_mother",)}),
        ("K13", {"minor_consented": MINOR}),
    ],
)
def test_v4_a_special_category_is_named_in_its_own_section(category, section):
    assert named(category).lacks == ("V4",)
    assert named(category, paper=sections(**section)).lacks == ()


def test_v4_a_minors_section_without_the_minors_signature_is_a_draft():
    assert named("K13", paper=sections(minor_consented=MinorSection(minor="cl_child"))).lacks == ("V4",)


def test_v5_it_says_what_for():
    assert pointers(purposes=[]) == ["/purposes"]


def test_v6_it_ends_within_the_countys_limit_and_has_not_ended():
    assert pointers(expires_on=TODAY - timedelta(days=1)) == ["/expires_on"]
    assert pointers(expires_on=TODAY.replace(year=2027, day=4)) == ["/expires_on"]


def test_v7_a_signature_lies_not_in_the_future():
    assert pointers(signed_on=TODAY + timedelta(days=1)) == ["/signed_on"]


def test_v7_what_was_said_aloud_waits_for_a_signature():
    assert record(paper=paper(signature=SignatureKind.ORAL)).lacks == ("V7",)
    assert record(paper=paper(signature=SignatureKind.PAPER)).lacks == ()


def test_v8_a_representative_shows_authority_name_and_proof():
    shown = {"authority": Authority.CONSERVATOR, "named": True, "proof_on_file": True}
    assert record(**signed("representative", **shown)).lacks == ()
    for missing in shown:
        less = {name: value for name, value in shown.items() if name != missing}
        assert record(**signed("representative", **less)).lacks == ("V8",)


@pytest.mark.parametrize("left_out", Statement)
def test_v9_a_form_that_does_not_tell_everything_is_a_draft(left_out):
    told = tuple(one for one in Statement if one is not left_out)
    assert record(paper=paper(statements=told)).lacks == ("V9",)


def test_v9_all_statements_are_enough():
    assert record(paper=paper(statements=tuple(Statement))).lacks == ()


def test_v10_another_language_than_the_forms_needs_an_interpreter():
    assert record(paper=paper(language="es")).lacks == ()
    assert record(paper=paper(language="vi")).lacks == ("V10",)
    assert record(paper=paper(language="vi", interpreter=False)).lacks == ("V10",)
    assert record(paper=paper(language="vi", interpreter=True)).lacks == ()


def test_v11_a_form_without_a_name_or_known_to_be_false_is_refused():
    assert pointers(form=" ") == ["/form"]
    assert pointers(paper=paper(known_false=True)) == ["/known_false"]


def test_v11_a_blank_field_makes_a_draft():
    assert record(paper=paper(blank_fields=True)).lacks == ("V11",)


def test_v11_a_version_that_the_county_does_not_use_is_refused():
    policy = POLICY.model_copy(
        update={
            "forms": tuple(one.model_copy(update={"versions": ("2026-01",)}) for one in POLICY.forms),
        }
    )
    assert pointers(policy=policy, paper=paper(form_version="2019-01")) == ["/form_version"]
    assert record(policy=policy, paper=paper(form_version="2026-01")).lacks == ()


def test_v11_a_revoked_release_is_not_valid():
    found = failures(record().revoke(datetime(2026, 8, 3, tzinfo=UTC)), POLICY, TODAY)
    assert [(one.check, one.final) for one in found] == [(Check.V11, True)]


def test_v12_substance_use_records_need_every_element():
    terms = {"recipients": ["case_worker"]}
    assert named("K10", **terms).lacks == ("V12",)
    assert named("K10", **terms, paper=sections(substance_use=SUBSTANCE_USE)).lacks == ()
    undescribed = SubstanceUseSection(patient="cl_mother", with_proceedings=False)
    unsaid = SubstanceUseSection(patient="cl_mother", described=True)
    for lacking in (undescribed, unsaid):
        assert named("K10", **terms, paper=sections(substance_use=lacking)).lacks == ("V12",)


def test_v12_substance_use_records_go_to_named_recipients_alone():
    terms = {"categories": ["K10"], "paper": sections(substance_use=SUBSTANCE_USE)}
    assert pointers(**terms) == ["/recipients"]


def test_v12_a_consent_for_proceedings_is_not_combined():
    combined = replace(SUBSTANCE_USE, with_proceedings=True)
    wrong = pointers(categories=["K10"], recipients=["case_worker"], paper=sections(substance_use=combined))
    assert wrong == ["/sections/substance_use/with_proceedings"]


@pytest.mark.parametrize("notes", Notes)
def test_v13_counselling_notes_have_a_form_of_their_own(notes):
    terms = {
        "recipients": ["case_worker"],
        "paper": sections(notes=notes, substance_use=SUBSTANCE_USE),
    }
    assert pointers(categories=["K0", notes.category], **terms) == ["/sections/notes"]
    assert record(categories=[notes.category], **terms).lacks == ()


def test_v14_domestic_violence_needs_the_survivors_section_and_a_safe_contact():
    assert named("K12").lacks == ("V14",)
    assert named("K12", paper=sections(domestic_violence=VIOLENCE)).lacks == ()
    for lacking in (replace(VIOLENCE, safe_contact=None), ViolenceSection(survivor="cl_mother")):
        assert named("K12", paper=sections(domestic_violence=lacking)).lacks == ("V14",)


def test_v14_nobody_signs_for_the_survivor():
    for_child = replace(VIOLENCE, survivor="cl_child")
    wrong = pointers(categories=["K12"], paper=sections(domestic_violence=for_child))
    assert wrong == ["/sections/domestic_violence/survivor"]


@pytest.mark.parametrize(
    "unexplained",
    [
        Paper(),
        Paper(explained_by="w_er"),
        Paper(explained_on=TODAY),
        Paper(explained_by="w_er", explained_on=TODAY + timedelta(days=1)),
    ],
)
def test_v15_somebody_explained_it_on_a_day_before_it_was_signed(unexplained):
    assert record(paper=unexplained).lacks == ("V15",)


def test_all_that_is_missing_is_told_at_once_and_in_order():
    lacking = named("K12", "K14", paper=Paper(blank_fields=True, signature=SignatureKind.ORAL))
    assert lacking.lacks == ("V4", "V7", "V11", "V14", "V15")


def test_a_draft_gives_no_basis_and_a_sound_release_does():
    records = {"cl_mother": ["cl_mother"], "cl_child": ["cl_child"]}
    assert bases_for(record(paper=paper(signature=SignatureKind.ORAL)), records) == ()
    assert bases_for(record(), records)


def test_what_completes_a_paper_leaves_the_rest_as_it_was():
    held = paper(
        language="es",
        signers={"a": Signer(authority=Authority.PARENT)},
        sections=Sections(domestic_violence=replace(VIOLENCE, safe_contact=None), hiv=("a",)),
    )
    more = Paper(
        interpreter=False,
        signers={"a": Signer(custody=True), "b": Signer(named=True)},
        sections=Sections(domestic_violence=VIOLENCE),
    )
    assert completed(held, more) == paper(
        language="es",
        interpreter=False,
        signers={"a": Signer(authority=Authority.PARENT, custody=True), "b": Signer(named=True)},
        sections=Sections(domestic_violence=VIOLENCE, hiv=("a",)),
    )


def test_all_records_do_not_hold_the_clients_number_or_anything_special():
    assert {Category.K1S, Category.K3R, Category.K5}.isdisjoint(record().categories)
    assert record(recipients=["wtw_worker"]).recipients == (Role.WTW_WORKER,)
