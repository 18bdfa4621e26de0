"""The guards of the decision: pairs that weigh enough, and that a person looks at all the same."""

from services.matcher.identity.decision import Linked, NeedsReview
from services.matcher.identity.model import Frequencies
from tests.unit.identity.conftest import HOME, World


def test_name_and_birth_date_alone_need_review(world, person):
    decision = world.decide(*world.pair(*[person("Ana Garcia", "1990-03-04")] * 2))
    assert isinstance(decision, NeedsReview)
    assert decision.reasons == ("name_and_date_alone",)


def test_a_rare_name_and_birth_date_link_alone(model, person):
    rare = Frequencies(agree=-0.1, values={}, otherwise=2**-12)
    world = World(model.model_copy(update={"frequencies": {"first_name": rare, "last_name": rare}}))
    assert isinstance(world.decide(*world.pair(*[person("Anacleta Zubizarreta", "1990-03-04")] * 2)), Linked)


def test_two_numbers_that_differ_need_review(world, person):
    one, other = (person("Ana Garcia", "1990-03-04", ssn=ssn, **HOME) for ssn in ("123456789", "987604321"))
    decision = world.decide(*world.pair(one, other))
    assert isinstance(decision, NeedsReview)
    assert decision.reasons == ("ssn_differs",)


def test_without_a_key_that_is_never_capped_there_is_no_link(world, person):
    """Else the link would fall when the last block that brings the two together is closed."""
    more = {"ssn": "123456789", **HOME}
    one, other = person("Ana Garcia", "1990-03-04", **more), person("Ana Garsia", "1990-03-04", **more)
    assert isinstance(world.decide(*world.pair(one, other)), Linked)
    one, other = person("Ana Garcia", "1990-03-04", **more), person("Ana Garsia", "1991-03-04", **more)
    decision = world.decide(*world.pair(one, other))
    assert isinstance(decision, NeedsReview)
    assert "nothing_exact" in decision.reasons


def test_a_nickname_without_a_number_may_be_a_twin(world, person):
    """Jimena and Ximena."""
    ends = world.pair(
        person("Jimena Garcia", "1990-03-04", **HOME),
        person("Ximena Garcia", "1990-03-04", **HOME),
    )
    decision = world.decide(*ends)
    assert isinstance(decision, NeedsReview)
    assert "first_name_uncertain" in decision.reasons


def test_second_names_that_look_alike_may_be_sisters(world, person):
    ends = world.pair(
        person("Mei_Lin Wong", "1990-03-04", **HOME), person("Mei_Ling Wong", "1990-03-04", **HOME)
    )
    decision = world.decide(*ends)
    assert isinstance(decision, NeedsReview)
    assert "middle_names_differ" in decision.reasons
