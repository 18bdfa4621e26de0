"""Two files linked in memory: blocks are held, and capped, as the database holds them."""

import pytest

from services.matcher.identity.decision import Linked, NeedsReview
from services.matcher.identity.linking import Index, link


@pytest.fixture
def twice(person):
    """Somebody who stands twice in one roster, and in the other with another month of birth; the number decides."""
    carmen = person("Carmen Ramirez", "2016-05-02", ssn="219345601")
    return {
        "cws": [("A1", carmen, "one"), ("A2", carmen, "two")],
        "calworks": [("B1", person("Carmen Ramirez", "2016-07-02", ssn="219345601"), "unit")],
    }


def linked(rosters, model, county, cap):
    index = Index(county.digest, cap)
    for program, people in rosters.items():
        index.add(program, people)
    return {pair.cws: pair.decision for pair in link(index, model)}


def test_who_stands_twice_in_one_roster_is_linked_twice(twice, model, county):
    found = linked(twice, model, county, cap=200)
    assert {name: type(decision) for name, decision in found.items()} == {"A1": Linked, "A2": Linked}


def test_a_number_that_too_many_have_decides_nothing(twice, model, county):
    """As in the running matcher, which looks at nobody by it: whether a third holder is somebody else is not known."""
    found = linked(twice, model, county, cap=2)
    assert all(isinstance(decision, NeedsReview) for decision in found.values())
    assert {decision.reasons for decision in found.values()} == {("ssn_needed_and_shared",)}
    assert len(found) == 2
