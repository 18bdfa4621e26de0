"""The open loop: one intake every 1/rate seconds, second intakes ripe, the reached rate honest."""

import pytest

from services.demo.county import make_county
from services.demo.pace import reached_rate, slots


@pytest.mark.parametrize(("families", "rate"), [(200, 20.0), (120, 40.0), (30, 0.5)])
def test_intakes_are_evenly_spaced_and_each_is_made_once(families: int, rate: float) -> None:
    county = make_county(families, 5)
    times = slots(county.families, rate, 5)
    assert len(times) == county.intakes
    assert sorted(times.values()) == pytest.approx([n / rate for n in range(county.intakes)])


def test_a_second_intake_follows_its_first_after_some_seconds() -> None:
    county = make_county(200, 5)
    times = slots(county.families, 20.0, 5)
    gaps = [
        times[family.intakes[1].key] - times[family.intakes[0].key]
        for family in county.families
        if len(family.intakes) > 1
    ]
    assert min(gaps) > 2.9
    assert max(gaps) > 8


def test_the_first_family_of_the_demo_is_complete_at_once() -> None:
    county = make_county(40, 5)
    times = slots(county.families, 0.5, 5, eager=True)
    assert [times[intake.key] for intake in county.families[0].intakes] == [0.0, 2.0]


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        slots(make_county(2, 1).families, 0, 1)


def test_the_reached_rate_counts_the_spaces_between_answers() -> None:
    assert reached_rate([0.0, 0.05, 0.1, 0.15]) == pytest.approx(20.0)
    assert reached_rate([3.0, 1.0]) == pytest.approx(0.5)
    assert reached_rate([1.0]) == 0.0
    assert reached_rate([]) == 0.0
