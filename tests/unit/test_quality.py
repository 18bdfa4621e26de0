"""The figures of `linkages evaluate` for strata and probabilities, against figures computed by hand."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from services.cli import app
from services.quality import Known, Share, calibration, per_thousand, strata, wilson

HEAD = "cws_record_id,calworks_record_id"
LINKS = f"""{HEAD},probability,decision
A1,B1,0.99,Linked
A2,B2,0.95,NeedsReview
A3,B3,0.92,NotLinked
A4,B9,0.91,Linked
A5,B5,0.60,NeedsReview
A6,B6,0.30,Linked
,B7,0.99,Linked
"""
TRUTH = f"""{HEAD},is_match,stratum
A1,B1,1,moved
A2,B2,1,moved
A3,B3,1,moved
A6,B6,1,
A4,B9,0,trap_twins
A5,B5,0,trap_twins
A8,B8,0,trap_twins
"""


def evaluated(tmp_path: Path, links: str, truth: str, *more: str) -> Any:
    (tmp_path / "links.csv").write_text(links)
    (tmp_path / "truth.csv").write_text(truth)
    places = ("--links", str(tmp_path / "links.csv"), "--truth", str(tmp_path / "truth.csv"))
    return CliRunner().invoke(app, ["evaluate", *places, *more])


def figures(tmp_path: Path, links: str, truth: str, *more: str) -> Any:
    return json.loads(evaluated(tmp_path, links, truth, "--json", *more).stdout)


def test_what_is_known_to_be_two_people_is_no_truth_and_lowers_the_precision(tmp_path: Path) -> None:
    """Linked: A1, A4, A6, of which A1 and A6 are among the four true pairs."""
    linked = figures(tmp_path, LINKS, TRUTH)["linked"]
    assert (linked["found"], linked["true"], linked["right"]) == (3, 4, 2)
    assert linked["precision"]["value"] == pytest.approx(2 / 3, abs=1e-5)
    assert linked["recall"]["value"] == 0.5


def test_each_stratum_tells_what_was_linked_and_what_waits_in_order_of_name(tmp_path: Path) -> None:
    moved, twins = figures(tmp_path, LINKS, TRUTH)["strata"]
    assert (moved["stratum"], moved["is_match"], moved["pairs"]) == ("moved", 1, 3)
    assert (moved["linked_pairs"], moved["review_pairs"]) == (1, 1)
    assert moved["linked"]["value"] == moved["in_review"]["value"] == pytest.approx(1 / 3, abs=1e-5)
    assert moved["linked_or_review"]["value"] == pytest.approx(2 / 3, abs=1e-5)
    assert (twins["stratum"], twins["is_match"], twins["pairs"]) == ("trap_twins", 0, 3)
    assert (twins["linked_pairs"], twins["review_pairs"]) == (1, 1)


def test_the_share_of_a_stratum_has_wilsons_interval() -> None:
    known = [Known((f"a{n}", "b"), is_match=True, stratum="moved") for n in range(100)]
    (one,) = strata(known, [(f"a{n}", "b") for n in range(10)], [])
    assert one.linked == wilson(10, 100)


def test_a_pair_that_is_linked_and_in_review_counts_once() -> None:
    known = [Known(("a", "b"), is_match=True, stratum="moved")]
    (one,) = strata(known, [("a", "b")], [("a", "b")])
    assert (one.linked_pairs, one.review_pairs, one.linked_or_review.value) == (1, 0, 1.0)


def test_the_score_alone_counts_whatever_was_decided(tmp_path: Path) -> None:
    """From 0.9 on: A1, A2, A3 and A4, the last of which is wrong; A6 is missed."""
    at = figures(tmp_path, LINKS, TRUTH)["score_at_0.9"]
    assert (at["found"], at["true"], at["right"]) == (4, 4, 3)
    assert at["precision"]["value"] == at["recall"]["value"] == at["f1"]["value"] == 0.75


def test_calibration_takes_every_row_from_one_half_on(tmp_path: Path) -> None:
    """0.99, 0.95, 0.92, 0.91 and 0.60 have the mean 0.874; three of five are true."""
    told = figures(tmp_path, LINKS, TRUTH)["calibration"]
    (band,) = told["bands"]
    assert (band["low"], band["high"], band["pairs"], band["mean_probability"]) == (0.5, 1.0, 5, 0.874)
    assert band["true"]["value"] == 0.6
    assert told["expected_calibration_error"] == pytest.approx(0.274)


def test_bands_begin_at_their_lower_edge_and_take_in_neighbours_until_they_have_enough() -> None:
    """Two at 0.6, one at 0.7, three at 1: by twos that is 0.5-0.65 and 0.65-1, and the error is by hand
    2/6 * |0.6 - 1/2| + 4/6 * |3.7/4 - 3/4| = 0.15."""
    probable = {("a", "1"): 0.6, ("b", "2"): 0.6, ("c", "3"): 0.7} | {("d", str(n)): 1.0 for n in range(3)}
    true = {("a", "1"), ("d", "0"), ("d", "1"), ("d", "2")}
    told = calibration(probable, true, enough=2)
    assert [(one.low, one.high, one.pairs) for one in told.bands] == [(0.5, 0.65, 2), (0.65, 1.0, 4)]
    assert [one.true.value for one in told.bands] == [0.5, 0.75]
    assert told.expected_calibration_error == pytest.approx(0.15)


def test_a_band_that_is_too_small_at_the_upper_end_belongs_to_the_one_below() -> None:
    probable = {("a", str(n)): 0.52 for n in range(300)} | {("b", str(n)): 0.97 for n in range(199)}
    assert [one.pairs for one in calibration(probable, ()).bands] == [499]
    probable[("b", "one more")] = 0.97
    assert [one.pairs for one in calibration(probable, ()).bands] == [300, 200]


def test_without_a_probability_of_one_half_there_is_nothing_to_calibrate() -> None:
    told = calibration({("a", "b"): 0.4999}, {("a", "b")})
    assert (told.pairs, told.expected_calibration_error, told.bands) == (0, None, ())


@given(
    probable=st.dictionaries(
        st.tuples(st.integers(0, 40).map(str), st.just("x")), st.floats(0, 1), max_size=40
    ),
    enough=st.integers(1, 10),
)
def test_bands_cover_each_pair_once_and_none_is_too_small_beside_another(
    probable: dict[tuple[str, str], float], enough: int
) -> None:
    truth = [pair for pair, probability in probable.items() if probability > 0.8]
    told = calibration(probable, truth, enough=enough)
    inside = [probability for probability in probable.values() if probability >= 0.5]
    assert told.pairs == sum(band.pairs for band in told.bands) == len(inside)
    for band in told.bands:
        assert band.pairs == sum(band.low <= p < band.high or p == band.high == 1 for p in inside)
        assert band.pairs >= enough or len(told.bands) == 1
        assert band.low - 1e-5 <= band.mean_probability <= band.high + 1e-5
    for below, above in zip(told.bands, told.bands[1:], strict=False):
        assert below.high == above.low
    assert (told.expected_calibration_error is None) == (not inside)
    assert 0 <= (told.expected_calibration_error or 0) <= 1


def test_wrong_links_are_counted_per_1000_intakes(tmp_path: Path) -> None:
    assert figures(tmp_path, LINKS, TRUTH, "--intakes", "400")["wrong_per_1000_intakes"] == 2.5
    assert per_thousand([("a", "b"), ("c", "d")], [("a", "b")], 8000) == 0.125
    assert evaluated(tmp_path, LINKS, TRUTH, "--intakes", "0").exit_code == 2


def test_a_truth_of_two_columns_and_links_without_probability_have_the_two_figures_alone(
    tmp_path: Path,
) -> None:
    plain = figures(tmp_path, f"{HEAD},decision\nA1,B1,Linked\nA2,B2,NotLinked\n", f"{HEAD}\nA1,B1\nA2,B2\n")
    assert set(plain) == {"linked", "linked_or_review"}
    assert plain["linked_or_review"]["found"] == 1


def test_a_truth_without_is_match_lists_true_pairs_and_may_name_strata(tmp_path: Path) -> None:
    (one,) = figures(tmp_path, LINKS, f"{HEAD},stratum\nA1,B1,moved\n")["strata"]
    assert (one["is_match"], one["linked"]["value"]) == (1, 1.0)


def test_every_figure_can_be_read(tmp_path: Path) -> None:
    lines = evaluated(tmp_path, LINKS, TRUTH, "--intakes", "400").stdout.splitlines()
    assert lines[0] == "linked: 3 found, 4 true, 2 right"
    assert "score at 0.9: 4 found, 4 true, 3 right" in lines
    assert "calibration: 5 pairs, expected error 0.2740" in lines
    assert any(line.startswith("  0.50-1.00  5 pairs, mean 0.8740, true 0.6000") for line in lines)
    assert "  moved (one person): 3 pairs" in lines
    assert "  trap_twins (two people): 3 pairs" in lines
    assert any(line.startswith("    linked (wrong)    0.3333") for line in lines)
    assert lines[-1] == "wrong per 1000 intakes: 2.5"


@pytest.mark.parametrize("told", ["high", "", "nan", "1.5", "-0.1"])
def test_a_probability_that_is_none_is_refused_by_its_line_and_never_shown(tmp_path: Path, told: str) -> None:
    answer = evaluated(tmp_path, f"{HEAD},probability\nA1,B1,0.5\nA2,B2,{told}\n", TRUTH)
    assert answer.exit_code == 2
    assert "links.csv, line 3: probability must be a number from 0 to 1" in answer.output
    assert not told or told not in answer.output.replace("from 0 to 1", "")


@pytest.mark.parametrize("told", ["yes", "", "2"])
def test_an_is_match_that_is_neither_is_refused_by_its_line_and_never_shown(
    tmp_path: Path, told: str
) -> None:
    answer = evaluated(tmp_path, LINKS, f"{HEAD},is_match\nA1,B1,{told}\n")
    assert answer.exit_code == 2
    assert answer.output == "linkages: truth.csv, line 2: is_match must be 1 or 0\n"


def test_a_truth_that_says_both_of_a_pair_is_refused(tmp_path: Path) -> None:
    answer = evaluated(tmp_path, LINKS, f"{HEAD},is_match\nA1,B1,1\nA1,B1,0\n")
    assert answer.exit_code == 2
    assert "truth.csv, line 3: is_match is not what an earlier line says" in answer.output


def test_a_share_of_nothing_is_nothing() -> None:
    assert wilson(0, 0) == Share(None, None, None)
