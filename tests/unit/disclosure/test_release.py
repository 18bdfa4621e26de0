"""Releases: what a worker may record, and the basis that comes of it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.matcher.disclosure.decide import Permit, decide
from services.matcher.disclosure.paper import Paper
from services.matcher.disclosure.policy import county_policy
from services.matcher.disclosure.recording import record_release
from services.matcher.disclosure.release import Release, ReleasePerson, bases_for
from services.matcher.disclosure.request import Basis, Category, Direction, Program, Purpose, Role
from services.matcher.disclosure.signers import SignedBy
from shared.calendars import PACIFIC
from shared.errors import Invalid
from tests.unit.disclosure.asking import sanction, table

TODAY = date(2026, 8, 3)


def record(**changes) -> Release:
    body = {
        "id": "rl_one",
        "county": "43",
        "program": "cws",
        "persons": [("cl_mother", "self"), ("cl_child", "parent_guardian")],
        "categories": ["K0", "K1", "K2", "K3", "K4", "K6", "K7"],
        "directions": ["both"],
        "purposes": ["P2", "P3", "P4", "P6", "P7"],
        "recipients": None,
        "form": "SCD 1029",
        "signed_on": TODAY,
        "expires_on": date(2027, 8, 3),
        "today": TODAY,
        "policy": county_policy("43", TODAY),
        "paper": Paper(explained_by="w_er", explained_on=changes.get("signed_on", TODAY)),
    }
    return record_release(**{**body, **changes})


def basis_of(release: Release, *persons: str) -> Basis:
    """The basis that a release without special sections gives."""
    (basis,) = bases_for(release, {"cl_mother": persons})
    return basis


def wrong(**changes) -> list[str]:
    with pytest.raises(Invalid) as caught:
        record(**changes)
    return [error.pointer for error in caught.value.errors]


def test_a_release_keeps_exactly_what_was_written():
    release = record(recipients=["case_worker", "CalWORKs", "cws"])
    assert release.persons[1] == ReleasePerson("cl_child", SignedBy.PARENT_GUARDIAN)
    assert release.categories[-1] is Category.K7
    assert release.recipients == (Role.CASE_WORKER, Program.CALWORKS, Program.CWS)
    assert release.revoked_at is None


@pytest.mark.parametrize("field", ["persons", "categories", "directions", "purposes", "recipients"])
def test_an_empty_list_is_refused_and_nothing_is_filled_in(field):
    assert wrong(**{field: []}) == [f"/{field}"]


ORDINARY = {"K0", "K1", "K2", "K3", "K4", "K6", "K7"}


@pytest.mark.parametrize("category", [c for c in Category if c not in ORDINARY])
def test_a_form_that_the_county_has_not_registered_names_ordinary_categories_alone(category):
    assert wrong(form="a form of our own", categories=["K0", str(category)]) == ["/categories/1"]


@pytest.mark.parametrize("category", ["K8", "K9", "K15", "K16", "K17"])
def test_no_form_can_name_what_no_release_opens(category):
    assert wrong(form="Linkages ROI", categories=["K0", category]) == ["/categories/1"]


@pytest.mark.parametrize("category", ["K1S", "K3R", "K5"])
def test_what_all_records_leaves_out_is_released_where_it_is_listed_by_name(category):
    release = record(form="Linkages ROI", categories=["all_records", category])
    assert set(release.categories) == ORDINARY | {category}
    assert set(record(categories=["all_records"]).categories) == ORDINARY


def test_at_my_request_is_all_that_a_release_can_be_for():
    assert record(purposes=["at_my_request"]).purposes == tuple(Purpose(f"P{n}") for n in (2, 3, 4, 6, 7))


def test_a_release_without_a_last_day_ends_as_its_form_says():
    assert record(expires_on=None).expires_on == date(2027, 8, 3)
    assert wrong(expires_on=None, form="ABCDM 228") == ["/expires_on"]


def test_matching_safety_and_statistics_are_no_purposes_of_a_release():
    assert wrong(purposes=["P1", "P2", "P5", "P8"]) == ["/purposes/0", "/purposes/2", "/purposes/3"]


def test_every_mistake_is_named_at_once_and_none_is_repeated():
    with pytest.raises(Invalid) as caught:
        record(
            persons=[("", "self"), ("a", "aunt"), ("b", "self"), ("b", "self")],
            directions=["sideways"],
            recipients=["auditor", "mayor"],
            form=" ",
        )
    errors = caught.value.errors
    assert [error.pointer for error in errors] == [
        "/persons/0/ref",
        "/persons/1/signed_by",
        "/persons/3/ref",
        "/directions/0",
        "/recipients/0",
        "/recipients/1",
        "/form",
    ]
    assert not any(word in error.message for error in errors for word in ("aunt", "sideways", "mayor"))


def test_a_signature_lies_not_in_the_future():
    assert wrong(signed_on=TODAY + timedelta(days=1)) == ["/signed_on"]


def test_a_release_ends_after_its_signature_and_not_before_today():
    assert wrong(expires_on=TODAY - timedelta(days=1)) == ["/expires_on"]
    assert wrong(signed_on=date(2026, 7, 1), expires_on=date(2026, 8, 2)) == ["/expires_on"]
    assert record(signed_on=date(2026, 7, 1), expires_on=TODAY).expires_on == TODAY


def test_a_release_lasts_a_year_at_most():
    assert wrong(expires_on=date(2027, 8, 4)) == ["/expires_on"]
    assert wrong(expires_on=date.max) == ["/expires_on"]
    assert wrong(signed_on=date(2025, 8, 3), expires_on=date(2026, 8, 3)) == ["/expires_on"]


def test_a_release_signed_today_is_in_force_at_once_to_the_end_of_its_last_day():
    basis = basis_of(record(expires_on=date(2026, 8, 10)), "cl_mother")
    assert basis.valid_from == datetime(2026, 8, 3, 7, tzinfo=UTC)
    assert basis.expires == datetime(2026, 8, 11, 7, tzinfo=UTC)
    assert basis.expires.astimezone(PACIFIC).isoformat() == "2026-08-11T00:00:00-07:00"


def test_a_release_through_winter_begins_and_ends_at_local_midnight():
    release = record(signed_on=date(2026, 10, 31), expires_on=date(2026, 11, 1), today=date(2026, 10, 31))
    assert release.ends_at() - release.begins_at() == timedelta(hours=49)


def test_no_release_outlives_a_year_from_its_beginning():
    release = record()
    assert release.ends_at() == datetime(2027, 8, 3, 7, tzinfo=UTC)


def test_a_basis_covers_only_those_it_is_told_of():
    basis = basis_of(record(), "ps_mother", "cl_mother", "cl_mother")
    assert basis.persons == ("cl_mother", "ps_mother")
    assert (basis.directions, basis.source) == ((Direction.BOTH,), "rl_one")
    assert Purpose.P6 in basis.purposes


def test_the_gate_opens_by_a_recorded_release_and_shuts_with_its_revocation():
    now = datetime(2026, 8, 3, 18, tzinfo=UTC)
    release = record()
    basis = basis_of(release, "ps_mother")
    assert isinstance(decide(sanction(bases=(basis,), now=now), table()), Permit)
    revoked = basis_of(release.revoke(now), "ps_mother")
    assert not isinstance(decide(sanction(bases=(revoked,), now=now), table()), Permit)


def test_the_first_revocation_stands():
    first = datetime(2026, 8, 4, tzinfo=UTC)
    assert record().revoke(first).revoke(first + timedelta(days=1)).revoked_at == first
