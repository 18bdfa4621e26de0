"""The life of a release: its status, what a withdrawal leaves, and what its sections open at the gate."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.matcher.disclosure.paper import HowSaid, SignatureKind, Withdrawal
from services.matcher.disclosure.release import Release, Status, bases_for
from services.matcher.disclosure.request import Basis, Category, Direction, Program, Role, Subject
from services.matcher.disclosure.signers import Signer, Standing
from tests.unit.disclosure.asking import MOTHER, PLAIN, permitted, refused, sanction
from tests.unit.disclosure.releasing import (
    MINOR,
    ORDINARY,
    SUBSTANCE_USE,
    VIOLENCE,
    named,
    paper,
    record,
    sections,
)

NOW = datetime(2026, 8, 3, 18, tzinfo=UTC)
RECORDS = {"cl_mother": ["cl_mother", "ps_mother"], "cl_child": ["cl_child"]}
CHILD = Subject(id="cl_child", sensitivity=MOTHER.sensitivity, limited_access=False)


def withdrawn(release: Release | None = None, **named: Any) -> Release:
    return (release or record()).withdraw(Withdrawal(at=NOW, **named))


def only(release: Release) -> Basis:
    (basis,) = bases_for(release, RECORDS)
    return basis


def asked(release: Release, category: Category, **changes: Any) -> Any:
    """A request of the child's case worker for something of the mother's."""
    bases = bases_for(release, RECORDS)
    return sanction(category=category, bases=bases, now=NOW, **changes)


# --- withdrawals ---------------------------------------------------------------------------------------------------


def test_a_withdrawal_that_names_nothing_takes_the_whole_back():
    release = withdrawn()
    assert (release.revoked_at, release.status(NOW)) == (NOW, Status.REVOKED)


def test_a_category_that_was_taken_back_is_not_released_and_the_others_are():
    release = withdrawn(categories=(Category.K3,))
    refused(asked(release, Category.K3))
    permitted(asked(release, Category.K4))
    assert (release.revoked_at, release.status(NOW)) == (None, Status.ACTIVE)
    assert release.categories == ORDINARY  # what was signed stays readable


def test_a_person_who_took_the_own_data_back_is_not_covered():
    assert only(withdrawn(persons=("cl_mother",))).persons == ("cl_child",)


def test_a_role_that_was_taken_back_receives_nothing_and_the_others_do():
    release = withdrawn(recipients=(Role.CASE_WORKER,))
    refused(asked(release, Category.K3))
    permitted(asked(release, Category.K3, role=Role.ER_WORKER))
    permitted(asked(release, Category.K3, role=Role.LINKAGES_LIAISON))


def test_a_role_of_a_named_program_is_taken_back_and_nobody_is_added():
    release = withdrawn(record(recipients=["CWS"]), recipients=(Role.CASE_WORKER,))
    assert only(release).recipients == (
        Role.CWS_CLERK,
        Role.CWS_SUPERVISOR,
        Role.ER_WORKER,
        Role.TDM_FACILITATOR,
    )


def test_a_program_that_was_taken_back_receives_nothing_whoever_asks_for_it():
    release = withdrawn(recipients=(Program.CWS,))
    refused(asked(release, Category.K3))
    refused(asked(release, Category.K3, role=Role.LINKAGES_LIAISON))
    assert only(release).directions == (Direction.CWS_TO_CALWORKS,)


def test_what_any_list_of_a_withdrawal_names_is_taken_back():
    left = withdrawn(categories=(Category.K7,), persons=("cl_child",)).left
    assert left is not None
    assert Category.K7 not in left.categories
    assert [person.ref for person in left.persons] == ["cl_mother"]


def test_what_was_taken_back_stays_taken_back():
    twice = withdrawn(withdrawn(categories=(Category.K3,)), categories=(Category.K4,))
    assert only(twice).categories == tuple(one for one in ORDINARY if one not in (Category.K3, Category.K4))


@pytest.mark.parametrize(
    "everything",
    [
        {"categories": ORDINARY},
        {"persons": ("cl_mother", "cl_child")},
        {"recipients": (Program.CWS, Program.CALWORKS)},
    ],
)
def test_parts_after_which_nothing_is_left_are_the_whole(everything):
    release = withdrawn(**everything)
    assert release.revoked_at == NOW
    assert bases_for(release, RECORDS) == ()


def test_what_was_said_aloud_counts_at_once_and_awaits_writing():
    release = withdrawn(said=HowSaid.ORAL)
    assert release.status(NOW) is Status.REVOKED
    assert release.awaits_writing
    assert not withdrawn(release, said=HowSaid.WRITTEN).awaits_writing


def test_a_reader_who_began_before_a_revocation_and_waited_for_it_does_not_outrun_it():
    later = record().withdraw(Withdrawal(at=NOW + timedelta(seconds=1)))
    refused(asked(later, Category.K3))
    refused(asked(record().supersede("rl_two", NOW + timedelta(seconds=1)), Category.K3))


# --- status --------------------------------------------------------------------------------------------------------


def test_a_release_is_active_then_expiring_then_expired():
    release = record(expires_on=date(2026, 12, 31))
    ends = release.ends_at()
    assert release.status(NOW) is Status.ACTIVE
    assert release.status(ends - timedelta(days=30, seconds=1)) is Status.ACTIVE
    assert release.status(ends - timedelta(days=30)) is Status.EXPIRING
    assert release.status(ends - timedelta(seconds=1)) is Status.EXPIRING
    assert release.status(ends) is Status.EXPIRED


def test_a_draft_whose_time_runs_out_is_invalid():
    draft = record(paper=paper(signature=SignatureKind.ORAL))
    assert draft.status(NOW) is Status.DRAFT
    assert draft.status(draft.ends_at()) is Status.INVALID


def test_what_was_found_false_is_invalid():
    assert withdrawn(found_false=True).status(NOW) is Status.INVALID
    refused(asked(withdrawn(found_false=True), Category.K3))


def test_a_replaced_release_gives_nothing_from_then_on():
    old = record().supersede("rl_two", NOW)
    assert old.status(NOW) is Status.SUPERSEDED
    refused(asked(old, Category.K3))


# --- special sections ----------------------------------------------------------------------------------------------


def test_a_survivors_section_opens_the_survivors_own_facts_alone():
    release = named("K12", paper=sections(domestic_violence=VIOLENCE))
    permitted(asked(release, Category.K12))
    refused(asked(release, Category.K12, subject=CHILD))
    permitted(asked(release, Category.K3, subject=CHILD))


def test_a_substance_use_section_opens_the_patients_records_with_notice_and_copy():
    release = named("K10", recipients=["case_worker"], paper=sections(substance_use=SUBSTANCE_USE))
    assert permitted(asked(release, Category.K10)).obligations == ("part2_notice", "consent_copy")
    refused(asked(release, Category.K10, subject=CHILD))


def test_a_section_on_hiv_opens_what_names_it():
    item = replace(PLAIN, names_hiv=True)
    release = named("K11", "K14", paper=sections(hiv=("cl_mother",)))
    permitted(asked(release, Category.K11, item=item))
    refused(asked(named("K11"), Category.K11, item=item))
    permitted(asked(named("K11"), Category.K11))


def test_a_section_on_the_protected_address_opens_the_whole_address():
    release = named("K18", paper=sections(protected_address=("cl_mother",)))
    assert "address" in permitted(asked(release, Category.K18)).fields
    refused(asked(release, Category.K18, subject=CHILD))


def test_a_parents_release_never_opens_what_a_minor_consented_to_without_the_minors_signature():
    item = replace(PLAIN, minor_consented=True)
    refused(asked(named("K11"), Category.K11, item=item, subject=CHILD))
    release = named("K11", "K13", paper=sections(minor_consented=MINOR))
    permitted(asked(release, Category.K11, item=item, subject=CHILD))
    refused(asked(release, Category.K11, item=item))


def test_a_minor_who_signs_alone_releases_those_services_and_nothing_else():
    own = {"cl_child": Signer(standing=Standing.MINOR_OWN_SERVICES)}
    release = record(
        persons=[("cl_child", "self")], categories=["all_records", "K13"], paper=paper(signers=own)
    )
    permitted(asked(release, Category.K13, subject=CHILD))
    refused(asked(release, Category.K3, subject=CHILD))


def test_a_special_category_that_was_taken_back_is_shut_again():
    release = named("K12", paper=sections(domestic_violence=VIOLENCE))
    refused(asked(withdrawn(release, categories=(Category.K12,)), Category.K12))
