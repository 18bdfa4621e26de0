"""`linkages evaluate`: sets of pairs against a truth."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from services.cli import app
from services.evaluation import LINKED, NEEDS_REVIEW, read_pairs
from services.quality import quality, wilson

pairs = st.sets(st.tuples(st.sampled_from("abcde"), st.sampled_from("vwxyz")), max_size=25)


def test_wilsons_interval_is_the_published_one() -> None:
    """10 of 100: 0.0552 to 0.1744 (Newcombe 1998, table I, method 3, rounds to these)."""
    share = wilson(10, 100)
    assert (share.value, round(share.low or 0, 4), round(share.high or 0, 4)) == (0.1, 0.0552, 0.1744)


def test_nothing_found_has_no_precision_and_no_recall_but_nought() -> None:
    one = quality([], [("a", "x")])
    assert one.precision.value is None
    assert one.recall.value == 0.0


@given(found=pairs, truth=pairs)
def test_the_figures_are_what_counting_gives_and_lie_in_their_intervals(
    found: set[tuple[str, str]], truth: set[tuple[str, str]]
) -> None:
    one = quality(found, truth)
    assert one.right == sum(pair in truth for pair in found)
    if found and truth and one.right:
        p, r = one.right / len(found), one.right / len(truth)
        assert one.f1.value == pytest.approx(2 * p * r / (p + r), abs=1e-5)
    for share in (one.precision, one.recall, one.f1):
        if share.value is not None:
            assert share.low is not None
            assert share.high is not None
            assert 0 <= share.low <= share.value <= share.high <= 1


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    links, truth = tmp_path / "links.csv", tmp_path / "truth.csv"
    links.write_text(
        "cws_record_id,calworks_record_id,decision\n"
        f"A1,B1,{LINKED}\nA2,B9,{LINKED}\nA3,B3,{NEEDS_REVIEW}\n,B4,{LINKED}\n"
    )
    truth.write_text("cws_record_id,calworks_record_id\nA1,B1\nA2,B2\nA3,B3\n")
    return links, truth


def test_links_and_reviews_are_told_apart(files: tuple[Path, Path]) -> None:
    assert read_pairs(files[0], decisions={LINKED}) == {("A1", "B1"), ("A2", "B9")}
    answer = CliRunner().invoke(
        app, ["evaluate", "--links", str(files[0]), "--truth", str(files[1]), "--json"]
    )
    figures = json.loads(answer.stdout)
    assert figures["linked"]["precision"]["value"] == 0.5
    assert figures["linked_or_review"]["recall"]["value"] == pytest.approx(2 / 3, abs=1e-5)


def test_a_file_without_the_columns_is_refused_by_their_names(files: tuple[Path, Path]) -> None:
    files[1].write_text("left,right\n1,2\n")
    answer = CliRunner().invoke(app, ["evaluate", "--links", str(files[0]), "--truth", str(files[1])])
    assert answer.exit_code == 2
    assert "cws_record_id and calworks_record_id" in answer.output
