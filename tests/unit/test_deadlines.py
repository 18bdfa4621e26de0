"""The legal clock of a noncompliance notice, and by when an alert is to be acknowledged."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.matcher.alerts.deadlines import (
    DeadlineFacts,
    DeadlineRule,
    acknowledge_by,
    noncompliance_window,
)
from services.matcher.disclosure.policy import county_policy
from shared.calendars import PACIFIC, CalendarKind

POLICY = county_policy("43", date(2026, 3, 2))
NONE = DeadlineFacts()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PACIFIC).astimezone(UTC)


def test_a_notice_of_2_march_2026_leaves_3_to_22_march_and_stops_on_the_20th():
    window = noncompliance_window(date(2026, 3, 2), POLICY)
    assert window.first_day == date(2026, 3, 3)
    assert window.last_day == date(2026, 3, 22)
    assert window.last_day.strftime("%a") == "Sun"
    assert window.hard_stop_day == date(2026, 3, 20)
    assert window.due.at == at("2026-03-22T23:59")
    assert window.hard_stop.at == at("2026-03-20T23:59")


def test_the_window_is_past_with_the_midnight_after_its_last_day():
    window = noncompliance_window(date(2026, 3, 2), POLICY)
    assert not window.past(at("2026-03-22T23:59") + timedelta(seconds=59))
    assert window.past(at("2026-03-23T00:00"))


def test_the_window_counts_days_on_the_wall_when_the_clocks_change():
    window = noncompliance_window(date(2026, 10, 20), POLICY)
    assert window.due.at == datetime(2026, 11, 10, 7, 59, tzinfo=UTC)


def test_a_deadline_keeps_its_rule_its_inputs_and_what_it_counts():
    due = noncompliance_window(date(2026, 3, 2), POLICY).due
    assert due.rule is DeadlineRule.NONCOMPLIANCE_LAST_DAY
    assert due.calendar is CalendarKind.CALENDAR_DAYS
    assert due.inputs == (("notice_on", "2026-03-02"), ("day", "20"))


@pytest.mark.parametrize(
    ("alert_type", "entered", "due"),
    [
        ("A01", "2026-03-02T09:00", "2026-03-03T23:59"),
        ("A01", "2026-03-06T16:00", "2026-03-09T23:59"),
        ("A01", "2026-03-30T16:00", "2026-04-01T23:59"),
        ("A05", "2026-03-02T09:00", "2026-03-02T13:00"),
        ("A05", "2026-03-06T16:00", "2026-03-09T11:00"),
        ("A05", "2026-03-07T03:00", "2026-03-09T12:00"),
        ("A10", "2026-03-05T09:00", "2026-03-09T23:59"),
        ("A26", "2026-03-02T15:00", "2026-03-03T10:00"),
    ],
)
def test_each_type_is_acknowledged_in_its_own_time(alert_type, entered, due):
    assert acknowledge_by(alert_type, at(entered), POLICY, NONE).at == at(due)


def test_a_noncompliance_alert_has_two_business_days():
    facts = DeadlineFacts(notice_on=date(2026, 3, 2))
    deadline = acknowledge_by("A09", at("2026-03-03T09:00"), POLICY, facts)
    assert (deadline.rule, deadline.at) == (DeadlineRule.ACKNOWLEDGE, at("2026-03-05T23:59"))


@pytest.mark.parametrize("entered", ["2026-03-19T09:00", "2026-03-20T18:00", "2026-03-21T09:00"])
def test_a_noncompliance_alert_never_waits_beyond_the_hard_stop(entered):
    facts = DeadlineFacts(notice_on=date(2026, 3, 2))
    deadline = acknowledge_by("A09", at(entered), POLICY, facts)
    assert (deadline.rule, deadline.at) == (
        DeadlineRule.NONCOMPLIANCE_HARD_STOP,
        at("2026-03-20T23:59"),
    )


def test_a_type_without_a_due_time_is_refused():
    with pytest.raises(ValueError, match="A99"):
        acknowledge_by("A99", at("2026-03-02T09:00"), POLICY, NONE)


def test_a_noncompliance_alert_without_its_notice_is_refused():
    with pytest.raises(ValueError, match="notice"):
        acknowledge_by("A09", at("2026-03-02T09:00"), POLICY, NONE)
