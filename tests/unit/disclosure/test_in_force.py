"""The edges of time: from when and until when each ground holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.matcher.disclosure.decide import Outcome, Reason, decide
from services.matcher.disclosure.request import BasisKind, Category, Purpose
from shared.calendars import PACIFIC
from tests.unit.disclosure.asking import NOW, court, other, permitted, refused, roi, sanction, table

TICK = timedelta(microseconds=1)


def investigation(report, now, **changes):
    basis = other(BasisKind.MDT_18961_7, report_at=report, valid_from=report, **changes)
    return sanction(category=Category.K0, purpose=Purpose.P5, bases=(basis,), now=now)


@pytest.mark.parametrize(
    ("report", "last"),
    [
        (datetime(2026, 8, 3, 0, 0, tzinfo=PACIFIC), datetime(2026, 9, 2, 23, 59, 59, tzinfo=PACIFIC)),
        (datetime(2026, 8, 3, 23, 59, tzinfo=PACIFIC), datetime(2026, 9, 2, 23, 59, 59, tzinfo=PACIFIC)),
        # the third of August in Los Angeles, the fourth in London
        (datetime(2026, 8, 4, 6, 30, tzinfo=UTC), datetime(2026, 9, 2, 23, 59, 59, tzinfo=PACIFIC)),
        # across the end of daylight saving time, and across its start
        (datetime(2026, 10, 20, 12, 0, tzinfo=PACIFIC), datetime(2026, 11, 19, 23, 59, 59, tzinfo=PACIFIC)),
        (datetime(2026, 2, 20, 12, 0, tzinfo=PACIFIC), datetime(2026, 3, 22, 23, 59, 59, tzinfo=PACIFIC)),
    ],
)
def test_t6_an_investigation_holds_through_day_thirty_in_los_angeles(report, last):
    permitted(investigation(report, last))
    assert refused(investigation(report, last + timedelta(seconds=1))).reason is Reason.EXPIRED


def test_t6_an_extension_holds_until_its_own_instant_and_shortens_nothing():
    report = datetime(2026, 8, 3, 12, 0, tzinfo=PACIFIC)
    longer = datetime(2026, 9, 20, 12, 0, tzinfo=PACIFIC)
    permitted(investigation(report, longer - TICK, extended_to=longer))
    assert refused(investigation(report, longer, extended_to=longer)).reason is Reason.EXPIRED
    shorter = report + timedelta(days=2)
    permitted(investigation(report, datetime(2026, 9, 2, 12, tzinfo=PACIFIC), extended_to=shorter))


def test_an_investigation_needs_a_report_that_has_been_made():
    without = other(BasisKind.MDT_18961_7, report_at=None, extended_to=NOW + timedelta(days=9))
    asked = sanction(category=Category.K0, purpose=Purpose.P5, bases=(without,))
    assert refused(asked).reason is Reason.NO_REPORT
    coming = replace(without, report_at=NOW + TICK)
    assert refused(replace(asked, bases=(coming,))).reason is Reason.NO_REPORT
    permitted(replace(asked, bases=(replace(without, report_at=NOW),)))


def test_an_investigation_that_is_revoked_or_expires_earlier_ends_earlier():
    report = NOW - timedelta(days=1)
    assert refused(investigation(report, NOW, expires=NOW)).reason is Reason.EXPIRED
    assert refused(investigation(report, NOW, revoked_at=NOW)).reason is Reason.REVOKED


def test_reports_at_the_ends_of_time_raise_nothing():
    for report in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        decide(investigation(report, NOW), table())
        decide(investigation(report, report), table())


@pytest.mark.parametrize("kind", ["MDT_18951", "MDT_18986", "CFT_832", "EMERGENCY"])
def test_any_other_ground_holds_from_its_start_to_just_before_its_end(kind):
    basis = other(BasisKind(kind), valid_from=NOW, expires=NOW + timedelta(days=1), report_at=None)
    asked = sanction(category=Category.K0, purpose=Purpose.P5, bases=(basis,))
    for now, outcome in (
        (NOW - TICK, Outcome.DENY),
        (NOW, Outcome.PERMIT),
        (NOW + timedelta(days=1) - TICK, Outcome.PERMIT),
        (NOW + timedelta(days=1), Outcome.DENY),
    ):
        assert decide(replace(asked, now=now), table()).outcome is outcome


def test_only_a_release_must_say_when_it_ends():
    permitted(sanction(bases=(court(expires=None),)))
    permitted(sanction(bases=(court(valid_from=NOW - timedelta(days=900)),)))
    assert refused(sanction(bases=(roi(expires=None),))).reason is Reason.NO_EXPIRY


def test_a_year_from_the_leap_day_ends_on_the_twenty_eighth():
    start = datetime(2028, 2, 29, 12, tzinfo=UTC)
    endless = roi(valid_from=start, expires=datetime(2040, 1, 1, tzinfo=UTC))
    end = datetime(2029, 2, 28, 12, tzinfo=UTC)
    permitted(sanction(bases=(endless,), now=end - TICK))
    assert refused(sanction(bases=(endless,), now=end)).reason is Reason.EXPIRED


def test_instants_are_compared_whatever_their_offset():
    ends = datetime.fromisoformat("2026-08-03T10:00:00-07:00")
    assert refused(sanction(bases=(roi(expires=ends),), now=NOW)).reason is Reason.EXPIRED
    permitted(sanction(bases=(roi(expires=ends),), now=NOW - TICK))
