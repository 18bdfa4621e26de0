"""Days that records are told of."""

from datetime import date

from shared.errors import FieldError, Invalid


def day_in_calendar(text: str | None) -> date | None:
    """The day in ISO 8601; None: no text, or a day that no calendar has."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def check_month(pointer: str, month: date) -> None:
    """Raise Invalid unless it is the first of a month: a grant changes with the month."""
    if month.day != 1:
        raise Invalid(FieldError(pointer, "must be the first day of a month"))


def check_past(pointer: str, day: date, today: date) -> None:
    """Raise Invalid for a day that has not come."""
    if day > today:
        raise Invalid(FieldError(pointer, "must not be in the future"))


def check_order(pointer: str, day: date, before: date, what: str) -> None:
    """Raise Invalid for a day before another one, which `what` names."""
    if day < before:
        raise Invalid(FieldError(pointer, f"must not be before {what}"))
