"""The pages' words and order, without a browser."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from services.matcher.identity.levels import LEVELS
from services.matcher.web import words
from services.matcher.web.showing import in_order
from shared.calendars import PACIFIC

_SILENT = {"missing", "sibling"}  # levels that weigh nothing, which no page shows


@pytest.mark.parametrize("field", LEVELS)
def test_every_level_of_agreement_has_words_of_its_own(field: str) -> None:
    for level in set(LEVELS[field].split()) - _SILENT:
        label, said = words.agreement(field, level)
        assert "_" not in label + said
        assert said not in (level, field) or level == "similar"


@pytest.mark.parametrize(
    ("name", "held", "said"),
    [
        ("birth_date", "2017-05-11", "May 11, 2017"),
        ("birth_date", "2017-02-30", "2017-02-30"),
        ("sanction_month", "2026-03", "March 2026"),
        ("slot_starts", "2026-03-02T18:00:00+00:00", "March 2, 2026, 10:00 AM"),
        ("all_removed", True, "yes"),
        ("cure_steps", ["sign_a_plan", "job club"], "sign a plan, job club"),
        ("component", "FR", "Family Reunification"),
    ],
)
def test_facts_are_told_as_people_write_them(name: str, held: object, said: str) -> None:
    assert words.value(name, held, PACIFIC) == said


def test_a_release_that_ends_at_midnight_holds_until_the_end_of_the_day_before() -> None:
    assert words.until(datetime(2027, 3, 2, 8, tzinfo=UTC), PACIFIC) == "the end of March 1, 2027"
    assert words.until(datetime(2027, 3, 2, 20, tzinfo=UTC), PACIFIC) == "March 2, 2027, 12:00 PM"


def test_the_legal_clock_comes_before_the_time_to_acknowledge() -> None:
    def entry(alert: str, kind: str, day: int, legal: int | None = None) -> SimpleNamespace:
        at = datetime(2026, 3, day, tzinfo=UTC)
        end = None if legal is None else datetime(2026, 3, legal, tzinfo=UTC)
        return SimpleNamespace(alert=alert, type=kind, acknowledge_by=at, legal_due=end)

    rows = [
        entry("e", "A01", 1),
        entry("d", "A05", 1),
        entry("c", "A10", 9),
        entry("b", "A09", 2, legal=20),
        entry("a", "A09", 9, legal=12),
        entry("f", "A26", 9),
    ]
    assert [row.alert for row in in_order(rows)] == ["a", "b", "f", "c", "d", "e"]
