"""The made-up county: the same for the same seed, true to its own truth, with every trap in it."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import get_args

import pytest

from services.demo.calls import Known, call_of, events_of
from services.demo.county import TRAPS, County, make_county
from services.demo.names import CULTURES
from services.demo.noise import KINDS
from services.demo.steps import (
    ApproveCase,
    AssignWtw,
    Family,
    Inbox,
    Intake,
    Kind,
    Notice,
    OpenCase,
    Record,
    Release,
    Removal,
    Sanction,
)
from services.demo.workers import personas
from shared.ids import named

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


@pytest.fixture(scope="module", params=[1, 2, 3])
def county(request: pytest.FixtureRequest) -> County:
    return make_county(200, request.param, today=TODAY)


def records(family: Family) -> list[Record]:
    return [record for intake in family.intakes for record in intake.records]


def test_the_same_seed_makes_the_same_county() -> None:
    assert make_county(60, 7, today=TODAY) == make_county(60, 7, today=TODAY)


def test_another_seed_makes_another_county() -> None:
    assert make_county(60, 7, today=TODAY).families != make_county(60, 8, today=TODAY).families


def test_two_batches_of_one_run_share_no_family_and_no_record() -> None:
    one, two = make_county(50, 7, today=TODAY), make_county(50, 7, first=50, today=TODAY)
    keys = [family.key for county in (one, two) for family in county.families]
    ids = [
        record.record_id for county in (one, two) for family in county.families for record in records(family)
    ]
    assert len(set(keys)) == len(keys)
    assert len(set(ids)) == len(ids)


def test_a_county_without_families_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one family"):
        make_county(0, 1)


def test_every_trap_and_every_kind_of_family_is_there(county: County) -> None:
    assert {trap for family in county.families for trap in family.traps} == set(TRAPS)
    kinds = Counter(family.kind for family in county.families)
    assert set(kinds) == set(get_args(Kind))
    assert kinds["clean"] + kinds["noisy"] + kinds["withheld"] == 110
    assert len({noise for family in county.families for noise in family.noise}) >= len(KINDS) - 2


def test_nobody_stands_twice_on_a_side_and_no_record_id_twice(county: County) -> None:
    everyone = [record for family in county.families for record in records(family)]
    assert len({record.record_id for record in everyone}) == len(everyone)
    assert len({(record.side, record.person) for record in everyone}) == len(everyone)


def test_the_truth_is_exactly_the_people_on_both_sides(county: County) -> None:
    sides: dict[str, dict[str, str]] = {}
    for family in county.families:
        for record in records(family):
            sides.setdefault(record.person, {})[record.side] = record.record_id
    both = {(ids["cws"], ids["calworks"]) for ids in sides.values() if len(ids) == 2}
    assert county.truth == both


def test_families_have_two_to_six_people_and_no_number_is_given_twice(county: County) -> None:
    for family in county.families:
        assert 2 <= len({record.person for record in records(family)}) <= 6
    ssns = [
        record.body["ssn"]
        for family in county.families
        if not {"copied_ssn", "split_copied_ssn"} & set(family.traps)
        for record in records(family)
        if record.side == "calworks" and "ssn" in record.body
    ]
    assert len(set(ssns)) == len(ssns)


def test_no_number_is_one_that_the_system_takes_for_a_filler(county: County) -> None:
    for family in county.families:
        for ssn in (record.body["ssn"] for record in records(family) if "ssn" in record.body):
            area, group, serial = ssn.split("-")
            assert 734 <= int(area) <= 899
            assert group != "00"
            assert serial != "0000"


def test_clean_and_withheld_people_are_written_down_alike_on_both_sides(county: County) -> None:
    for family in county.families:
        if family.kind not in ("clean", "withheld"):
            continue
        by_person: dict[str, list[Record]] = {}
        for record in records(family):
            by_person.setdefault(record.person, []).append(record)
        for one, *others in by_person.values():
            for other in others:
                shared = (one.body.keys() & other.body.keys()) - {"ssn", "cin"}
                assert all(one.body[name] == other.body[name] for name in shared)
                assert one.body.keys() ^ other.body.keys() <= {"ssn", "cin"}


def test_children_have_no_number_with_cws_and_half_of_noisy_adults_have_none(county: County) -> None:
    adults = []
    for family in county.families:
        for record in records(family):
            if record.side == "cws" and record.role == "child":
                assert "ssn" not in record.body
            elif record.side == "cws" and family.kind == "noisy":
                adults.append("ssn" in record.body)
    assert 0.2 < sum(adults) / len(adults) < 0.75


def test_a_noisy_family_has_an_error_in_it(county: County) -> None:
    assert all(family.noise for family in county.families if family.kind == "noisy")


def test_split_siblings_stand_on_one_side_each(county: County) -> None:
    for family in county.families:
        if family.kind == "split":
            children = [r.person for r in records(family) if r.role in ("child", "aided_child")]
            assert len(children) == len(set(children)) == 2
            assert len(family.pairs) <= 1


def test_every_due_alert_names_calls_that_its_family_makes(county: County) -> None:
    inboxes = {Inbox(w.side, w.ref) for w in county.workers} | {Inbox("calworks", "liaison")}
    for family in county.families:
        order = [step.key for step in family.steps]
        for due in (*family.due, *family.forbidden):
            assert set(due.needs) <= set(order)
            assert due.trigger == max(due.needs, key=order.index)
            assert due.cause is None or due.cause in due.needs
            assert due.inbox in inboxes
            assert {intake.key for intake in family.intakes} <= set(due.needs)


def test_each_alert_is_due_once_in_an_inbox(county: County) -> None:
    for family in county.families:
        seen = [(due.type, due.cause, due.inbox) for due in (*family.due, *family.forbidden)]
        assert len(seen) == len(set(seen))


def test_each_clean_family_owes_a01_to_both_intake_workers(county: County) -> None:
    for family in county.families:
        if family.kind == "clean":
            workers = {Inbox(intake.side, intake.worker) for intake in family.intakes}
            assert workers <= {due.inbox for due in family.due if due.type == "A01"}
            assert not family.forbidden


def test_a_withheld_family_owes_only_the_removal_to_eligibility(county: County) -> None:
    withheld = [family for family in county.families if family.kind == "withheld"]
    assert any(family.due for family in withheld)
    for family in withheld:
        assert not any(isinstance(step, Release) for step in family.steps)
        ew = next(intake.worker for intake in family.intakes if intake.side == "calworks")
        assert all(due.type == "A05" and due.inbox.owner == ew for due in family.due)
        assert any(due.type == "A01" for due in family.forbidden)


def test_only_clean_and_withheld_families_owe_anything(county: County) -> None:
    assert not any(f.due or f.forbidden for f in county.families if f.kind not in ("clean", "withheld"))


def test_about_two_in_five_mutual_families_get_an_event_and_all_alert_types_are_due(county: County) -> None:
    mutual = [family for family in county.families if family.kind in ("clean", "noisy", "withheld")]
    with_event = [f for f in mutual if any(isinstance(s, Removal | Notice | Sanction) for s in f.steps)]
    assert 0.25 < len(with_event) / len(mutual) < 0.55
    assert {due.type for family in county.families for due in family.due} == {"A01", "A05", "A09", "A10"}


def test_noncompliance_goes_to_the_intake_worker_only_while_there_is_no_case() -> None:
    found = set()
    for seed in range(6):
        for family in make_county(150, seed, today=TODAY).families:
            case = next((step for step in family.steps if isinstance(step, OpenCase)), None)
            er = next((intake.worker for intake in family.intakes if intake.side == "cws"), None)
            for due in family.due:
                if due.type in ("A09", "A10") and due.inbox.side == "cws":
                    assert due.inbox.owner == (er if case is None else case.worker)
                    found.add(case is None)
    assert found == {True, False}


def test_releases_name_people_of_their_own_side_and_their_worker_is_assigned_there(county: County) -> None:
    for family in county.families:
        intakes = {intake.side: intake for intake in family.intakes}
        for step in family.steps:
            if isinstance(step, Release):
                intake = intakes[step.side]
                assert step.worker == intake.worker
                assert {ref for ref, _ in step.signers} <= {r.record_id for r in intake.records}


def test_each_adult_signs_for_self_and_one_for_the_children(county: County) -> None:
    for family in county.families:
        signed = [signer for step in family.steps if isinstance(step, Release) for signer in step.signers]
        roles = {record.record_id: record.role for record in records(family)}
        for record_id, by in signed:
            assert (by == "parent_guardian") == (roles[record_id] in ("child", "aided_child"))
        assert len({record_id for record_id, _ in signed}) == len(signed)


def test_the_first_family_belongs_to_the_personas_and_shows_everything(county: County) -> None:
    first, (social, specialist) = county.families[0], personas(county.workers)
    assert first.kind == "clean"
    told = {(due.type, due.inbox.owner) for due in first.due}
    assert {("A01", social.ref), ("A01", specialist.ref), ("A09", social.ref)} <= told
    assert ("A05", specialist.ref) in told
    kinds = {type(step) for step in first.steps}
    assert {Intake, Release, OpenCase, ApproveCase, Removal, Notice} <= kinds


def test_the_staff_is_about_a_dozen_for_each_program_with_supervisors(county: County) -> None:
    assert Counter(worker.side for worker in county.workers) == {"cws": 12, "calworks": 12}
    refs = {worker.ref for worker in county.workers}
    assert len(refs) == len({worker.name for worker in county.workers}) == 24
    assert all(w.supervisor in refs for w in county.workers if w.job != "supervisor")


def test_names_come_from_several_communities() -> None:
    assert len(CULTURES) >= 7
    assert sum(culture.share for culture in CULTURES) == 100


def test_every_step_becomes_a_call_once_the_earlier_ones_are_answered(county: County) -> None:
    staff = {worker.ref: worker for worker in county.workers}
    seen = set()
    for family in county.families:
        known = Known()
        for n, step in enumerate(family.steps):
            call = call_of(step, known, staff, NOW)
            assert call.path.startswith("/v1/")
            assert call.worker in staff
            side = staff[call.worker].side
            assert call.service in (side, "matcher")
            known.learn(step, _answer(step, f"{family.key}-{n}"))
            assert (events_of(step) > 0) == (not isinstance(step, Release))
            seen.add(type(step))
        for due in family.due:
            mutual_case = named("43", known.group["cws"], known.group["calworks"])
            cause = mutual_case if due.cause is None else known.made[due.cause]
            assert known.alert_id("43", due) == named("43", due.type, mutual_case, cause)
    assert seen == {Intake, OpenCase, ApproveCase, AssignWtw, Release, Removal, Notice, Sanction}


def _answer(step: object, ref: str) -> dict[str, object]:
    if not isinstance(step, Intake):
        return {"ref": ref}
    if step.side == "cws":
        listed = [{"client": f"{ref}-{r.record_id}", "role": r.role} for r in step.records]
        return {"ref": ref, "household": f"{ref}-hh", "participants": listed}
    return {
        "ref": ref,
        "au": f"{ref}-au",
        "persons": [{"person": f"{ref}-{r.record_id}"} for r in step.records],
    }
