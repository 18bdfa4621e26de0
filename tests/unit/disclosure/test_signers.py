"""Who may sign for whom: each standing of a person, and each reason why a signature does not count."""

from datetime import date, timedelta

import pytest

from services.matcher.disclosure.signers import (
    ROWS,
    Authority,
    ParentalRights,
    SignedBy,
    Signer,
    SignerFault,
    Standing,
    faults,
)
from tests.unit.disclosure.releasing import paper, pointers, record, signed

ON = date(2026, 8, 3)
SHOWN = {"named": True, "proof_on_file": True}
SELF, PARENT, REPRESENTATIVE = SignedBy.SELF, SignedBy.PARENT_GUARDIAN, SignedBy.REPRESENTATIVE


def found(signed_by: SignedBy, age: int | None = None, **signer: object) -> list[str]:
    return [fault.name for fault in faults(signed_by, Signer(**signer), on=ON, age=age)]


@pytest.mark.parametrize("standing", Standing)
def test_every_standing_has_its_row(standing):
    row = ROWS[standing]
    assert row.own or row.parents or row.by_proof


@pytest.mark.parametrize("fault", SignerFault)
def test_every_fault_has_a_code_and_says_what_to_do(fault):
    assert fault.value.startswith("S")
    assert fault.fix.endswith(".")


def test_an_adult_signs_for_himself_or_herself():
    assert found(SELF, standing=Standing.ADULT, age=30) == []
    assert found(PARENT, standing=Standing.ADULT) == ["OTHER_MUST_SIGN"]


@pytest.mark.parametrize(
    "authority", [Authority.CONSERVATOR, Authority.ATTORNEY_IN_FACT, Authority.AUTHORIZED_REPRESENTATIVE]
)
def test_an_adults_representative_signs_with_proof(authority):
    asked = {"standing": Standing.ADULT, "authority": authority}
    assert found(REPRESENTATIVE, **asked, **SHOWN) == []
    assert found(REPRESENTATIVE, **asked, named=True) == ["PROOF_MISSING"]
    assert found(REPRESENTATIVE, **asked, proof_on_file=True) == ["AUTHORITY_UNSAID"]


@pytest.mark.parametrize("authority", [Authority.PARENT, Authority.SOCIAL_WORKER, Authority.COURT])
def test_nobody_else_represents_an_adult(authority):
    asked = {"standing": Standing.ADULT, "authority": authority, **SHOWN}
    assert found(REPRESENTATIVE, **asked) == ["OTHER_MUST_SIGN"]


def test_an_authority_that_has_ended_signs_nothing():
    asked = {"standing": Standing.ADULT, "authority": Authority.AUTHORIZED_REPRESENTATIVE, **SHOWN}
    assert found(REPRESENTATIVE, **asked, authority_until=ON - timedelta(days=1)) == ["AUTHORITY_ENDED"]
    assert found(REPRESENTATIVE, **asked, authority_until=ON) == []


@pytest.mark.parametrize(("form_says", "count"), [(True, ("S10",)), (False, ())])
def test_an_authorized_representative_signs_on_paper_where_the_form_says_so(form_says, count):
    signer = Signer(
        standing=Standing.ADULT,
        authority=Authority.AUTHORIZED_REPRESENTATIVE,
        named=True,
        proof_on_file=True,
    )
    asked = {"on": ON, "electronic": True, "representative_on_paper": form_says}
    assert tuple(one.value for one in faults(REPRESENTATIVE, signer, **asked)) == count


@pytest.mark.parametrize("authority", [None, Authority.PARENT, Authority.LEGAL_GUARDIAN])
def test_a_child_at_home_is_signed_for_by_a_parent_or_guardian_with_custody(authority):
    asked = {"standing": Standing.CHILD_AT_HOME, "authority": authority}
    assert found(PARENT, **asked, custody=True) == []
    assert found(PARENT, **asked) == ["CUSTODY"]
    assert found(PARENT, **asked, custody=False) == ["OTHER_MUST_SIGN"]
    assert found(SELF, standing=Standing.CHILD_AT_HOME) == ["OTHER_MUST_SIGN"]


@pytest.mark.parametrize("authority", [Authority.STEP_PARENT, Authority.CARETAKER])
@pytest.mark.parametrize("standing", [None, Standing.CHILD_AT_HOME, Standing.DEPENDENT_CHILD])
def test_a_step_parent_or_caretaker_cannot_sign_for_a_child(authority, standing):
    assert found(PARENT, standing=standing, authority=authority, custody=True)[0] == "NO_PARENT"


def test_each_parent_signs_for_the_own_data_alone():
    both = {"standing": Standing.ADULT, "authority": Authority.OTHER_PARENT, **SHOWN}
    assert "OWN_DATA_ONLY" in found(REPRESENTATIVE, **both)


def test_a_dependent_childs_parent_keeps_signing_while_the_rights_stand_in_full():
    asked = {"standing": Standing.DEPENDENT_CHILD, "authority": Authority.PARENT}
    assert found(PARENT, **asked) == ["RIGHTS_UNCHECKED"]
    assert found(PARENT, **asked, parental_rights=ParentalRights.IN_FULL, custody=False) == []


@pytest.mark.parametrize("rights", [ParentalRights.LIMITED, ParentalRights.TERMINATED])
@pytest.mark.parametrize("standing", [None, Standing.DEPENDENT_CHILD])
def test_a_parent_whose_rights_are_limited_or_ended_does_not_sign(rights, standing):
    assert found(PARENT, standing=standing, parental_rights=rights) == ["RIGHTS_ENDED"]


@pytest.mark.parametrize(
    "authority",
    [
        Authority.CHILDS_ATTORNEY,
        Authority.COURT,
        Authority.AUTHORIZED_BY_COURT,
        Authority.SOCIAL_WORKER,
    ],
)
def test_for_a_dependent_child_those_sign_to_whom_an_order_or_the_law_gives_it(authority):
    asked = {"standing": Standing.DEPENDENT_CHILD, "authority": authority, "named": True}
    assert found(REPRESENTATIVE, **asked, proof_on_file=True) == []
    assert found(REPRESENTATIVE, **asked) == ["PROOF_MISSING"]


def test_a_social_worker_does_not_sign_for_a_child_at_home():
    asked = {"standing": Standing.CHILD_AT_HOME, "authority": Authority.SOCIAL_WORKER, **SHOWN}
    assert found(REPRESENTATIVE, **asked) == ["OTHER_MUST_SIGN"]


def test_a_minor_from_twelve_signs_alone_for_what_a_minor_may_consent_to():
    assert found(SELF, standing=Standing.MINOR_OWN_SERVICES, age=12) == []
    assert found(SELF, standing=Standing.MINOR_OWN_SERVICES, age=11) == ["AGE"]
    assert found(PARENT, standing=Standing.MINOR_OWN_SERVICES) == ["OTHER_MUST_SIGN"]
    own = signed("self", standing=Standing.MINOR_OWN_SERVICES)
    assert record(**own, categories=["K13"]).lacks == ()
    assert pointers(**own) == ["/categories"]


@pytest.mark.parametrize(("age", "wrong"), [(17, ["AGE"]), (18, []), (20, []), (21, ["AGE"])])
def test_a_nonminor_dependent_signs_for_himself_or_herself(age, wrong):
    assert found(SELF, standing=Standing.NONMINOR_DEPENDENT, age=age) == wrong
    assert found(PARENT, standing=Standing.NONMINOR_DEPENDENT) == ["OTHER_MUST_SIGN"]


def test_an_emancipated_or_married_minor_signs_for_himself_or_herself():
    assert found(SELF, standing=Standing.EMANCIPATED_MINOR, age=16) == []
    assert found(PARENT, standing=Standing.EMANCIPATED_MINOR) == ["OTHER_MUST_SIGN"]


def test_for_the_dead_the_personal_representative_signs():
    asked = {"standing": Standing.DECEASED, **SHOWN}
    assert found(REPRESENTATIVE, **asked, authority=Authority.PERSONAL_REPRESENTATIVE) == []
    assert found(REPRESENTATIVE, **asked, authority=Authority.CONSERVATOR) == ["OTHER_MUST_SIGN"]
    assert found(SELF, standing=Standing.DECEASED) == ["OTHER_MUST_SIGN"]


def test_a_relative_caregiver_signs_for_the_own_data_and_not_for_the_childs():
    assert found(SELF, standing=Standing.RELATIVE_CAREGIVER) == []
    child = {"standing": Standing.DEPENDENT_CHILD, "authority": Authority.CARETAKER}
    assert "NO_PARENT" in found(PARENT, **child, parental_rights=ParentalRights.IN_FULL)


def test_a_signature_that_can_never_count_refuses_the_record_and_says_why():
    assert pointers(**signed("parent_guardian", authority=Authority.STEP_PARENT)) == ["/persons/0/signed_by"]
    assert pointers(
        persons=[("cl_one", "self")],
        paper=paper(signers={"cl_one": Signer(standing=Standing.ADULT)}),
        ages={"cl_one": 12},
    ) == ["/persons/0/signed_by"]


def test_a_signature_of_which_something_is_still_to_be_shown_makes_a_draft():
    assert record(**signed("parent_guardian", standing=Standing.CHILD_AT_HOME)).lacks == ("V8",)


def test_what_is_not_said_of_a_plain_signature_is_not_asked():
    assert found(SELF) == found(PARENT) == []
