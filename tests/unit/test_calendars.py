"""Days, office hours and months in a county's zone, around holidays and changes of the clock."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.calendars import (
    PACIFIC,
    BusinessCalendar,
    add_business_days,
    add_months,
    add_office_hours,
    end_of_day,
    local_date,
    months_after,
    nth_day_after,
    start_of_day,
)

CALENDAR = BusinessCalendar(
    zone=PACIFIC,
    opens=time(8),
    closes=time(17),
    holiday_names=frozenset(
        {
            "New Year's Day",
            "Presidents' Day",
            "Cesar Chavez Day",
            "Independence Day",
            "Veterans Day",
            "Thanksgiving Day",
            "Day After Thanksgiving",
            "Christmas Day",
        }
    ),
    saturday_names=frozenset({"Veterans Day"}),
    extra_closures=frozenset({date(2026, 12, 24)}),
)


def at(text: str) -> datetime:
    """A local wall time as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=PACIFIC).astimezone(UTC)


def test_the_local_date_is_the_one_on_the_wall():
    assert local_date(datetime(2026, 3, 3, 7, 59, tzinfo=UTC), PACIFIC) == date(2026, 3, 2)
    assert local_date(datetime(2026, 7, 3, 7, 0, tzinfo=UTC), PACIFIC) == date(2026, 7, 3)


def test_a_day_begins_at_midnight_and_what_is_due_is_due_at_23_59():
    assert start_of_day(date(2026, 3, 2), PACIFIC) == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert end_of_day(date(2026, 7, 2), PACIFIC) == datetime(2026, 7, 3, 6, 59, tzinfo=UTC)


def test_days_are_23_and_25_hours_long_when_the_clocks_change():
    for day, hours in ((date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 6, 1), 24)):
        length = start_of_day(day + timedelta(days=1), PACIFIC) - start_of_day(day, PACIFIC)
        assert length == timedelta(hours=hours)


def test_an_instant_without_an_offset_is_refused():
    naive = datetime(2026, 3, 2)  # noqa: DTZ001
    for use in (
        lambda: local_date(naive, PACIFIC),
        lambda: add_office_hours(naive, 1, CALENDAR),
        lambda: months_after(naive, 1),
    ):
        with pytest.raises(ValueError, match="offset"):
            use()


def test_weekends_holidays_and_the_countys_own_closures_are_no_business_days():
    closed = [
        date(2026, 3, 7),
        date(2026, 3, 8),
        date(2026, 3, 31),
        date(2026, 11, 26),
        date(2026, 11, 27),
        date(2026, 12, 24),
        date(2026, 12, 25),
    ]
    assert not any(CALENDAR.is_business_day(day) for day in closed)


def test_public_holidays_that_the_county_does_not_keep_are_business_days():
    assert CALENDAR.is_business_day(date(2027, 10, 29))  # Diwali
    assert CALENDAR.is_business_day(date(2026, 1, 19))  # Martin Luther King Jr. Day is not in this calendar


def test_a_holiday_on_a_sunday_closes_the_monday():
    assert not CALENDAR.is_business_day(date(2027, 7, 5))


def test_a_holiday_on_a_saturday_closes_the_friday_only_where_named():
    assert CALENDAR.is_business_day(date(2026, 7, 3))
    assert not CALENDAR.is_business_day(date(2028, 11, 10))


def test_two_holidays_on_one_day_are_both_known():
    assert not CALENDAR.is_business_day(date(2027, 2, 15))


def test_business_days_skip_weekends_and_holidays():
    assert add_business_days(date(2026, 3, 2), 2, CALENDAR) == date(2026, 3, 4)
    assert add_business_days(date(2026, 3, 6), 1, CALENDAR) == date(2026, 3, 9)
    assert add_business_days(date(2026, 3, 7), 1, CALENDAR) == date(2026, 3, 9)
    assert add_business_days(date(2026, 3, 30), 1, CALENDAR) == date(2026, 4, 1)
    assert add_business_days(date(2026, 11, 25), 1, CALENDAR) == date(2026, 11, 30)
    assert add_business_days(date(2026, 3, 7), 0, CALENDAR) == date(2026, 3, 7)


def test_counting_backwards_is_refused():
    with pytest.raises(ValueError, match="forwards"):
        add_business_days(date(2026, 3, 2), -1, CALENDAR)
    with pytest.raises(ValueError, match="forwards"):
        add_office_hours(at("2026-03-02T09:00"), -1, CALENDAR)


def test_a_calendar_that_never_opens_is_refused():
    shut = BusinessCalendar(
        zone=PACIFIC,
        opens=time(8),
        closes=time(17),
        holiday_names=frozenset(),
        extra_closures=frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(365)),
    )
    with pytest.raises(ValueError, match="no business day"):
        add_business_days(date(2026, 2, 1), 1, shut)
    with pytest.raises(ValueError, match="before it closes"):
        BusinessCalendar(zone=PACIFIC, opens=time(17), closes=time(8), holiday_names=frozenset())


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-02T09:00", 4, "2026-03-02T13:00"),
        ("2026-03-02T13:00", 4, "2026-03-02T17:00"),
        ("2026-03-02T13:01", 4, "2026-03-03T08:01"),
        ("2026-03-02T06:00", 4, "2026-03-02T12:00"),
        ("2026-03-02T17:00", 4, "2026-03-03T12:00"),
        ("2026-03-06T16:00", 4, "2026-03-09T11:00"),
        ("2026-03-07T10:00", 4, "2026-03-09T12:00"),
        ("2026-03-30T15:30", 4, "2026-04-01T10:30"),
        ("2026-03-02T08:00", 20, "2026-03-04T10:00"),
        ("2026-10-30T15:00", 4, "2026-11-02T10:00"),
    ],
)
def test_office_hours_stand_still_while_the_office_is_shut(start, hours, end):
    assert add_office_hours(at(start), hours, CALENDAR) == at(end)


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_months_are_clamped_to_the_last_day_of_a_shorter_month(day, months, end):
    assert add_months(day, months) == end


def test_months_after_an_instant_keep_its_time_of_day_in_utc():
    start = datetime(2028, 2, 29, 23, 30, tzinfo=UTC)
    assert months_after(start, 12) == datetime(2029, 2, 28, 23, 30, tzinfo=UTC)


def test_day_n_is_counted_from_day_0_across_weekends():
    assert nth_day_after(date(2026, 3, 2), 20) == date(2026, 3, 22)


instants = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@settings(deadline=None)
@given(start=instants, first=st.integers(0, 30), second=st.integers(1, 30))
def test_office_hours_add_up(start, first, second):
    # None more after closing time leads to the next opening, so a second step of nothing is another question.
    step = add_office_hours(add_office_hours(start, first, CALENDAR), second, CALENDAR)
    assert step == add_office_hours(start, first + second, CALENDAR)


@settings(deadline=None)
@given(start=instants, hours=st.integers(0, 60))
def test_office_hours_end_when_the_office_is_open_or_just_closing(start, hours):
    end = add_office_hours(start, hours, CALENDAR)
    wall = end.astimezone(PACIFIC)
    assert end >= start
    assert CALENDAR.is_business_day(wall.date())
    assert time(8) <= wall.time() <= time(17)
