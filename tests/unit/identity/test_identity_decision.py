"""Decisions about named cases: who links by itself, who waits for a person, who is nobody's match."""

from dataclasses import replace

import pytest

from services.matcher.identity.cluster import duplicates
from services.matcher.identity.decision import Linked, NeedsReview, NotLinked, Weigher, decide
from tests.unit.identity.conftest import HOME


def test_an_exact_person_links(world, person):
    ends = world.pair(*[person("Ana Garcia", "1990-03-04", **HOME)] * 2)
    assert isinstance(world.decide(*ends), Linked)


def test_number_names_and_birth_date_link_after_a_move(world, person):
    ends = world.pair(
        person("Ana Garcia", "1990-03-04", ssn="123456789", street="1 Elm St"),
        person("Ana Garcia", "1990-03-04", ssn="123456789", street="99 Pine Ave", zip="95814"),
    )
    assert isinstance(world.decide(*ends), Linked)


def test_the_parts_of_a_decision_add_up_to_its_weight(world, person):
    decision = world.decide(*world.pair(*[person("Ana Garcia", "1990-03-04", **HOME)] * 2))
    assert sum(part.weight for part in decision.because) == decision.weight
    assert decision.model == world.model.version


def test_strangers_are_not_linked(world, person):
    ends = world.pair(person("Ana Garcia", "1990-03-04"), person("Luis Soto", "1990-03-04"))
    assert isinstance(world.decide(*ends), NotLinked)


def test_records_that_share_no_key_are_not_weighed(world, person):
    ends = world.pair(person("Ana Garcia"), person("Luis Soto"))
    assert world.decide(*ends) == NotLinked(0.0, (), world.model.version)


@pytest.mark.parametrize(
    "names", [("Rosa", "Luz"), ("Alejandro", "Alejandra"), ("Jayden", "Kayden"), ("Keyla", "Leyla")]
)
@pytest.mark.parametrize(
    "numbers", [({}, {}), ({"ssn": "123456788"}, {"ssn": "123456789"}), ({"ssn": "123456789"},) * 2]
)
def test_a_twin_whose_own_record_is_missing_is_not_linked(world, person, names, numbers):
    twins = [
        person(f"{name} Garcia", "2015-03-04", **HOME, **number)
        for name, number in zip(names, numbers, strict=True)
    ]
    a, b = world.pair(*twins)
    mother, same_mother = (
        add("m", person("Ana Garcia", "1990-05-06", **HOME)) for add in (world.cws, world.calworks)
    )
    father, same_father = (
        add("f", person("Luis Garcia", "1989-05-06", **HOME)) for add in (world.cws, world.calworks)
    )
    world.household(a, mother, father)
    world.household(b, same_mother, same_father)
    assert isinstance(world.decide(a, b), NeedsReview)


def test_two_pairs_of_twins_link_straight_and_not_crosswise(world, person):
    rosa, luz = (person(f"{name} Garcia", "2015-03-04", **HOME) for name in ("Rosa", "Luz"))
    a1, a2 = world.cws("a1", rosa), world.cws("a2", luz)
    b1, b2 = world.calworks("b1", rosa), world.calworks("b2", luz)
    world.household(a1, a2)
    world.household(b1, b2)
    assert isinstance(world.decide(a1, b1), Linked)
    assert isinstance(world.decide(a2, b2), Linked)
    assert not isinstance(world.decide(a1, b2), Linked)
    assert not isinstance(world.decide(a2, b1), Linked)


def test_twins_with_one_first_given_name_are_told_apart_by_the_second(world, person):
    ends = world.pair(
        person("Maria Elena Garcia", "2015-03-04", **HOME),
        person("Maria Luisa Garcia", "2015-03-04", **HOME),
    )
    decision = world.decide(*ends)
    assert isinstance(decision, NeedsReview)
    assert "middle_names_differ" in decision.reasons


@pytest.mark.parametrize(("one", "other"), [("Pa", "Pa_Houa"), ("Wei", "Wai_Man"), ("Maria", "Maria_Luz")])
def test_a_twin_who_has_one_of_the_others_given_names_is_not_linked(world, person, one, other):
    ends = world.pair(*(person(f"{name} Hang", "2021-06-10", sex="F", **HOME) for name in (one, other)))
    decision = world.decide(*ends)
    assert isinstance(decision, NeedsReview)
    assert "first_name_uncertain" in decision.reasons


def test_brothers_and_sisters_are_not_linked(world, person):
    ends = world.pair(
        person("Rosa Garcia", "2012-03-04", sex="F", **HOME),
        person("Luz Garcia", "2015-11-23", sex="F", **HOME),
    )
    assert isinstance(world.decide(*ends), NotLinked)


def test_a_newborn_without_a_name_needs_review(world, person):
    ends = world.pair(
        person("Baby_Boy Garcia", "2026-02-14", **HOME), person("Mateo Garcia", "2026-02-14", **HOME)
    )
    decision = world.decide(*ends)
    assert isinstance(decision, NeedsReview)
    assert "first_name_missing" in decision.reasons


def test_a_number_copied_from_the_mother_does_not_link_her(world, person):
    ends = world.pair(
        person("Luz Garcia", "2015-11-23", ssn="123456789", **HOME),
        person("Ana Garcia", "1990-03-04", ssn="123456789", **HOME),
    )
    assert not isinstance(world.decide(*ends), Linked)


def test_a_number_copied_from_a_twin_needs_review(world, person):
    ends = world.pair(
        person("Luz Garcia", "2015-11-23", ssn="123456789", **HOME),
        person("Rosa Garcia", "2015-11-23", ssn="123456789", **HOME),
    )
    decision = world.decide(*ends)
    assert isinstance(decision, NeedsReview)
    assert "ssn_names_differ" in decision.reasons


@pytest.mark.parametrize("suffixes", [("JR", "SR"), ("II", "III")])
def test_other_suffixes_need_review_though_all_else_agrees(world, person, suffixes):
    one, other = (person("Luis Reyes", "1990-03-04", suffix=s, ssn="123456789", **HOME) for s in suffixes)
    decision = world.decide(*world.pair(one, other))
    assert isinstance(decision, NeedsReview)
    assert "parent_and_child" in decision.reasons


@pytest.mark.parametrize("born", ["1960-03-04", "1961-11-30"])
def test_father_and_son_of_one_name_are_not_linked_even_with_one_number(world, person, born):
    ends = world.pair(
        person("Luis Reyes", "1990-03-04", ssn="123456789", cin="91234567A", **HOME),
        person("Luis Reyes", born, ssn="123456789", cin="91234567A", **HOME),
    )
    decision = world.decide(*ends)
    assert isinstance(decision, NeedsReview)
    assert "parent_and_child" in decision.reasons


@pytest.mark.parametrize("surname", ["Garcia_Lopez", "Lopez-Garcia", "Garcia", "Lopez"])
def test_two_surnames_link_in_any_order_and_cut(world, person, surname):
    ends = world.pair(
        person("Ana García-López", "1990-03-04", **HOME),
        person(f"Ana {surname}", "1990-03-04", **HOME),
    )
    assert isinstance(world.decide(*ends), Linked)


@pytest.mark.parametrize(("nickname", "name"), [("Pepe", "Jose"), ("Lupe", "Guadalupe"), ("Mike", "Michael")])
def test_a_nickname_links_with_a_number(world, person, nickname, name):
    numbered = {"ssn": "123456789", **HOME}
    ends = world.pair(
        person(f"{nickname} Garcia", "1990-03-04", **numbered),
        person(f"{name} Garcia", "1990-03-04", **numbered),
    )
    assert isinstance(world.decide(*ends), Linked)


def test_day_and_month_swapped_link_at_one_address(world, person):
    ends = world.pair(person("Ana Garcia", "1990-04-03", **HOME), person("Ana Garcia", "1990-03-04", **HOME))
    assert isinstance(world.decide(*ends), Linked)


def test_a_missing_first_name_needs_review_even_with_a_number(world, person):
    ends = world.pair(
        person("Unknown Garcia", "1990-03-04", ssn="123456789", **HOME),
        person("Ana Garcia", "1990-03-04", ssn="123456789", **HOME),
    )
    decision = world.decide(*ends)
    assert isinstance(decision, NeedsReview)
    assert "first_name_missing" in decision.reasons


def test_a_missing_birth_date_needs_review(world, person):
    ends = world.pair(
        person("Ana Garcia", None, ssn="123456789", **HOME),
        person("Ana Garcia", "1990-03-04", ssn="123456789", **HOME),
    )
    decision = world.decide(*ends)
    assert isinstance(decision, NeedsReview)
    assert "birth_date_missing" in decision.reasons


def test_a_changed_surname_needs_review_without_an_identifier(world, person):
    ends = world.pair(
        person("Ana Garcia", "1990-03-04", **HOME), person("Ana Whitfield", "1990-03-04", **HOME)
    )
    decision = world.decide(*ends)
    assert isinstance(decision, NeedsReview)
    assert "last_name_uncertain" in decision.reasons


def weak_pair_in_households(world, person):
    a, b = world.pair(person("Ana Garcia", "1990-03-04"), person("Ana Garcia", "1990-04-03"))
    child = person("Mateo Garcia", "2015-06-07")
    x, y = world.cws("x", child), world.calworks("y", child)
    return a, b, x, y


def test_household_evidence_lifts_a_weak_pair(world, person):
    a, b, x, y = weak_pair_in_households(world, person)
    alone = world.decide(a, b)
    world.household(a, x)
    world.household(b, y)
    together = world.decide(a, b)
    assert together.weight - alone.weight == world.model.household[1]
    assert together.because[-1].field == "household"


def test_a_household_lifts_a_pair_over_the_link_line(world, person):
    a, b, x, y = weak_pair_in_households(world, person)
    sister = person("Luz Garcia", "2017-08-09")
    world.household(a, x, world.cws("z", sister))
    assert isinstance(world.decide(a, b), NeedsReview)
    world.household(b, y, world.calworks("w", sister))
    assert isinstance(world.decide(a, b), Linked)


def test_a_duplicate_of_an_end_is_no_household_evidence_for_it(world, person):
    a, b, x, y = weak_pair_in_households(world, person)
    world.people[x] = world.people[y] = world.people[a]
    world.household(a, x)
    world.household(b, y)
    assert {part.field: part.level for part in world.decide(a, b).because}["household"] == "none"


def test_evidence_is_the_smaller_count_of_either_side(world, person):
    a, b, x, y = weak_pair_in_households(world, person)
    world.household(a, x, world.cws("x2", world.people[x]))
    world.household(b, y)
    assert world.decide(a, b).because[-1].level == "one_other"


def test_someone_recorded_twice_in_one_program_links_twice(world, person):
    ana = person("Ana Garcia", "1990-03-04", **HOME)
    a = world.cws("a", ana)
    b, again = (
        world.calworks("b", ana),
        world.calworks("b2", person("Ana Maria Garcia", "1990-03-04", **HOME)),
    )
    weigher = Weigher(world.model)
    line = world.model.thresholds.duplicate
    assert duplicates(b, world.people, lambda x, y: weigher.raw(x, y, world.people), line) == {again}
    assert isinstance(world.decide(a, b), Linked)
    assert isinstance(world.decide(a, again), Linked)


def test_a_pair_is_weighed_again_when_a_record_has_changed(world, person):
    ana = person("Ana Garcia", "1990-03-04", **HOME)
    a, b = world.cws("a", ana), world.calworks("b", ana)
    weigher = Weigher(world.model)
    assert weigher.may_pair(a, b, world.people)
    assert not weigher.may_pair(a, b, {a: ana, b: person("Luis Ortiz", "1961-12-31", **HOME)})
    assert not weigher.may_pair(a, b, {a: ana})
    assert weigher.may_pair(a, b, world.people)


def test_two_people_nearly_as_good_need_review(world, person):
    a = world.cws("a", person("Ana Garcia", "1990-03-04", ssn="123456789"))
    b = world.calworks("b", person("Ana Garcia", "1990-03-04", ssn="555443333", street="1 Elm St"))
    c = world.calworks(
        "c", person("Ana Garcia", "1990-03-04", ssn="222118888", street="77 Pine Ave", zip="93701")
    )
    for end in (b, c):
        decision = world.decide(a, end)
        assert isinstance(decision, NeedsReview)
        assert "second_candidate" in decision.reasons


def rivals_take(world, a, b):
    return sum(part.weight for part in world.decide(a, b).because if part.field == "rivals")


def test_a_second_record_of_the_other_end_takes_the_less_the_more_often_one_program_holds_a_person_twice(
    world, person
):
    a = world.cws("a", person("Ana Garcia", "1990-03-04", **HOME))
    b = world.calworks("b", person("Ana Garcia", "1990-03-04", zip="93701", street="1 Elm St"))
    world.calworks("again", person("Anna Garcia", "1990-03-04", **HOME))
    seldom = rivals_take(world, a, b)
    world.model = world.model.model_copy(update={"duplicates": world.model.prior})
    assert seldom < rivals_take(world, a, b) <= 0


def test_a_twin_whose_own_record_is_there_keeps_what_records_of_one_program_are_worth(world, person):
    a = world.cws("a", person("Ana Garcia", "1990-03-04", **HOME))
    b = world.calworks("b", person("Luz Garcia", "1990-03-04", **HOME))
    world.calworks("ana", person("Ana Garcia", "1990-03-04", **HOME))
    assert rivals_take(world, a, b) == pytest.approx(world.model.duplicates - world.model.prior, abs=0.001)


def test_a_sure_duplicate_of_an_end_makes_a_third_person_less_of_a_rival(world, person):
    ana = person("Ana Garcia", "1990-03-04", ssn="123456789", **HOME)
    a, b = world.cws("a", person("Ana Garcia", "1990-03-04", **HOME)), world.calworks("b", ana)
    world.calworks("cousin", person("Ana Garcia", "1990-03-04", phone=HOME["phone"], ssn="555443333"))
    alone = rivals_take(world, a, b)
    world.calworks("again", ana)
    assert alone < rivals_take(world, a, b) < 0


def test_a_rival_judged_different_is_no_rival(world, person):
    a = world.cws("a", person("Ana Garcia", "1990-03-04", **HOME))
    b = world.calworks("b", person("Ana Garcia", "1990-03-04", ssn="555443333", street=HOME["street"]))
    c = world.calworks("c", person("Ana Garcia", "1990-03-04", ssn="222118888", phone=HOME["phone"]))
    decision = world.decide(a, b)
    assert isinstance(decision, NeedsReview)
    assert decision.because[-1].field == "rivals"
    assert decision.because[-1].weight < -1
    assert sum(part.weight for part in decision.because) == decision.weight
    world.verdicts[a, c] = "different"
    assert isinstance(world.decide(a, b), Linked)
    assert isinstance(world.decide(a, c), NotLinked)


def test_a_partner_that_a_person_confirmed_is_a_rival_whatever_she_weighs(world, person):
    ana = person("Ana Garcia", "1990-03-04", **HOME)
    a, b, c = world.cws("a", ana), world.calworks("b", ana), world.calworks("c", person("Zoe Smith"))
    world.verdicts[a, c] = "same"
    assert isinstance(world.decide(a, c), Linked)
    decision = world.decide(a, b)
    assert isinstance(decision, NeedsReview)
    assert decision.reasons == ("second_candidate",)


def test_a_rival_in_the_household_counts_without_a_shared_key(world, person):
    a, b = world.pair(
        person("Ana Garcia", "1990-03-04", ssn="222118888", street=HOME["street"]),
        person("Ana Garcia", "1990-03-04", **HOME),
    )
    rival = world.cws("c", person("Ana Garcia", "1990-03-04", ssn="555443333", phone=HOME["phone"]))
    keyless = {"candidates": {a: frozenset({b}), b: frozenset({a})}}
    weigher = Weigher(world.model)
    assert isinstance(decide(a, b, replace(world.footprint((a, b)), **keyless), weigher), Linked)
    world.household(a, rival)
    decision = decide(a, b, replace(world.footprint((a, b)), **keyless), weigher)
    assert isinstance(decision, NeedsReview)
    assert "second_candidate" in decision.reasons


def test_a_number_that_decides_and_is_held_by_a_third_person_needs_review(world, person):
    a, b = world.pair(
        person("Ana Garcia", "1990-03-04", ssn="123456789"),
        person("Ana Garcia", "1990-05-04", ssn="123456789"),
    )
    assert isinstance(world.decide(a, b), Linked)
    world.calworks("c", person("Zoe Smith", "1975-10-12", ssn="123456789"))
    decision = world.decide(a, b)
    assert isinstance(decision, NeedsReview)
    assert decision.reasons == ("ssn_needed_and_shared",)


def test_a_duplicate_that_holds_the_number_is_no_third_person(world, person):
    ana = person("Ana Garcia", "1990-03-04", ssn="123456789")
    a, b = world.pair(ana, person("Ana Garcia", "1990-05-04", ssn="123456789"))
    world.cws("a2", ana)
    assert isinstance(world.decide(a, b), Linked)


def test_a_number_that_is_not_needed_may_be_shared(world, person):
    a, b = world.pair(*[person("Ana Garcia", "1990-03-04", ssn="123456789", **HOME)] * 2)
    world.calworks("c", person("Zoe Smith", "1975-10-12", ssn="123456789"))
    assert isinstance(world.decide(a, b), Linked)


@pytest.mark.parametrize(
    ("verdict", "outcome"), [("same", Linked), ("different", NotLinked), ("disagree", NeedsReview)]
)
def test_what_people_said_decides(world, person, verdict, outcome):
    a, b = world.pair(person("Ana Garcia", "1990-03-04"), person("Ana Garcia", "1990-03-04"))
    world.verdicts[a, b] = verdict
    decision = world.decide(a, b)
    assert isinstance(decision, outcome)
    assert sum(part.weight for part in decision.because) == decision.weight


def test_an_end_that_is_no_longer_active_is_not_linked_even_by_verdict(world, person):
    ana = person("Ana Garcia", "1990-03-04")
    a, b = world.pair(ana, ana)
    world.verdicts[a, b] = "same"
    del world.people[b]
    assert isinstance(decide(a, b, world.footprint((a,)), Weigher(world.model)), NotLinked)
