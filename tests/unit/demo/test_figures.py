"""Figures: what counts as late, lost, doubled, missed, wrong or disclosed."""

from dataclasses import replace

import pytest

from services.demo.figures import (
    Entry,
    Expected,
    Figures,
    Latency,
    LinkRow,
    alerts_by_type,
    duplicates,
    latency,
    missed,
    percentile,
    standing,
    unseen,
    wrong_links,
)
from services.demo.observe import disclosed
from services.demo.steps import Due, Family, Inbox

MINE, THEIRS = Inbox("cws", "w1"), Inbox("calworks", "w2")
FAMILY = Family("f1", "noisy", (), (), (("c1", "p1"), ("c2", "p2"), ("c3", "p3")), (), ())
DUE = Due("A01", MINE, None, ("a", "b"))


def expected(ident: str | None = "x", at: float | None = 1.0, due: Due = DUE) -> Expected:
    return Expected(FAMILY, due, ident, at)


def entry(ident: str = "x", inbox: Inbox = MINE, state: str = "open", cause: str = "m") -> Entry:
    return Entry(inbox, ident, "A01", "m", cause, state)


def test_percentiles_lie_between_neighbours_in_proportion() -> None:
    assert percentile([], 0.5) is None
    assert percentile([4.0], 0.99) == 4.0
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([0.0, 10.0], 0.25) == 2.5
    assert percentile([float(n) for n in range(101)], 0.95) == pytest.approx(95.0)


def test_latency_runs_from_the_last_answer_and_is_never_negative() -> None:
    seen = {(MINE, "x"): 1.2, (MINE, "y"): 0.5}
    found = latency([expected("x", 1.0), expected("y", 1.0), expected("z", 1.0), expected(None, None)], seen)
    assert found == Latency(p50=100.0, p95=190.0, p99=198.0)


def test_latency_of_nothing_is_unknown() -> None:
    assert latency([expected()], {}) == Latency(None, None, None)


@pytest.mark.parametrize("state", ["open", "acknowledged", "closed"])
def test_an_alert_that_a_reader_can_see_is_not_lost(state: str) -> None:
    assert unseen([expected()], standing([entry(state=state)])) == []


@pytest.mark.parametrize("entries", [[], [entry(state="withdrawn")], [entry(inbox=THEIRS)], [entry("other")]])
def test_an_alert_that_its_reader_cannot_see_is_lost(entries: list[Entry]) -> None:
    assert unseen([expected()], standing(entries)) == [expected()]


def test_an_alert_whose_call_was_refused_is_lost() -> None:
    assert len(unseen([expected(None, None)], {(MINE, "x")})) == 1


def test_one_alert_in_two_inboxes_is_no_duplicate() -> None:
    assert duplicates([entry(), entry(inbox=THEIRS)]) == 0


def test_a_second_id_of_one_type_cause_and_mutual_case_is_a_duplicate() -> None:
    assert duplicates([entry(), entry("y", inbox=THEIRS), entry("z", cause="n")]) == 1


def test_an_id_listed_twice_in_one_inbox_is_a_duplicate() -> None:
    assert duplicates([entry(), entry()]) == 1


def test_alerts_are_counted_once_however_many_inboxes_hold_them() -> None:
    entries = [entry(), entry(inbox=THEIRS), replace(entry("y"), type="A05")]
    assert alerts_by_type(entries) == {"A01": 1, "A05": 1}


@pytest.mark.parametrize("decision", ["Linked", "linked"])
def test_a_pair_linked_automatically_that_is_two_people_is_wrong(decision: str) -> None:
    rows = [LinkRow("c1", "p1", decision), LinkRow("c1", "p2", decision), LinkRow("c3", "p2", "NeedsReview")]
    assert wrong_links(rows, {("c1", "p1")}) == [rows[1]]


def test_a_noisy_pair_is_missed_only_if_neither_linked_nor_in_review() -> None:
    rows = [
        LinkRow("c1", "p1", "Linked"),
        LinkRow("c2", "p2", "needs_review"),
        LinkRow("c3", "p3", "NotLinked"),
    ]
    assert missed(rows, [FAMILY, replace(FAMILY, kind="clean")]) == [("c3", "p3")]


def test_disclosed_counts_every_inbox_but_for_a_removal_only_the_forbidden_one() -> None:
    removal = Due("A05", THEIRS, "r", ("a", "r"))
    forbidden = [expected("x"), expected("r", due=removal)]
    assert disclosed(forbidden, [(THEIRS, "x"), (MINE, "r"), (MINE, "other")]) == 1
    assert disclosed(forbidden, [(THEIRS, "r")]) == 1


@pytest.mark.parametrize("name", ["lost", "duplicated", "disclosed"])
def test_the_run_fails_when_anything_was_lost_doubled_or_disclosed(name: str) -> None:
    figures = Figures()
    assert figures.ok
    setattr(figures, name, 1)
    assert not figures.ok


def test_the_knee_is_printed_only_where_it_was_looked_for() -> None:
    assert "knee" not in Figures().told()
    assert Figures(knee=35.0).told()["knee"] == 35.0
    assert Figures().told()["latency_ms"] == {"p50": None, "p95": None, "p99": None}
