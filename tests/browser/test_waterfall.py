"""The picture of a match weight: its numbers are those of the parts, and it says what it shows to who cannot see it."""

import re
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from services.matcher.web.waterfall import LABELS, WIDTH, Bar, waterfall
from services.matcher.web.words import one_in

weights = st.floats(-40, 40).map(lambda weight: round(weight, 3))
bars = st.lists(
    st.builds(Bar, st.text(st.characters(categories=["L", "P"]), max_size=20), weights), max_size=15
)


def drawn(given_bars: list[Bar]) -> ET.Element:
    return ET.fromstring(str(waterfall(given_bars, link=10.0, review=-3.0)))  # noqa: S314


@given(bars)
def test_every_bar_goes_on_where_the_one_before_ended(given_bars: list[Bar]) -> None:
    *parts, total = drawn(given_bars).findall("rect")
    reached = None
    for bar, rect in zip(given_bars, parts, strict=True):
        left, width = float(rect.attrib["x"]), float(rect.attrib["width"])
        start, end = (left, left + width) if bar.weight >= 0 else (left + width, left)
        assert LABELS <= left <= left + width <= WIDTH
        if reached is not None and width > 2:
            assert abs(start - reached) <= 2.2
        reached = end if width > 2 else None
    assert total.attrib["class"] == "total"


def test_it_says_what_it_shows() -> None:
    picture = drawn([Bar("First name", 7.0), Bar("<b>Sex</b>", -1.5)])
    assert picture.attrib["aria-label"].startswith("Weights that add up to +5.5; linked from +10.0")
    assert [text.text for text in picture.findall("text")] == [
        "First name +7.0",
        "<b>Sex</b> -1.5",
        "In all +5.5",
    ]
    assert not re.search("style=|script", str(waterfall([], link=10.0, review=-3.0)))


def test_how_often_a_match_is_wrong_is_said_in_whole_numbers() -> None:
    assert one_in(-1.0) == "More likely two people than one, by what is written alone"
    assert one_in(6.64385619) == "About 1 in 101 such matches is wrong"
    assert one_in(30.0) == "Fewer than 1 in 1,000 such matches is wrong"
