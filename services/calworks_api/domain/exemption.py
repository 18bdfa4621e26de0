"""An exemption: an adult need not take part in welfare-to-work from a day on. That is kept, never why."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from shared.days import check_order, check_past
from shared.errors import Conflict, NotFound
from shared.events.calworks import ExemptionEnded, ExemptionGranted

Status = Literal["granted", "ended"]


class ExemptionNotFound(NotFound):
    """No exemption with this reference, or one of a person whose record is sealed."""


class AlreadyExempt(Conflict):
    """A second exemption while one stands: the end of either would tell what is not so."""

    slug, title = "already-exempt", "The person has an exemption that has not ended"


class ExemptionOver(Conflict):
    """A second end of one exemption."""

    slug, title = "exemption-ended", "The exemption has ended"


@dataclass(frozen=True, slots=True)
class Exemption:
    """An exemption's record; without `ended_on` it stands."""

    ref: str
    person: str
    from_date: date
    review_on: date | None = None
    ended_on: date | None = None
    version: int = 1

    @property
    def status(self) -> Status:
        """Whether it stands."""
        return "granted" if self.ended_on is None else "ended"

    def ended(self, on: date, *, today: date) -> "Exemption":
        """The next version. Raises ExemptionOver, or Invalid for a day that does not fit."""
        if self.ended_on is not None:
            raise ExemptionOver
        check_past("/ended_on", on, today)
        check_order("/ended_on", on, self.from_date, "it began")
        return replace(self, ended_on=on, version=self.version + 1)

    def event(self) -> ExemptionGranted:
        """What is published when it is granted."""
        return ExemptionGranted(
            person=self.person, exemption=self.ref, from_date=self.from_date, review_on=self.review_on
        )

    def end(self) -> ExemptionEnded:
        """What is published when it ends."""
        if self.ended_on is None:
            raise ValueError("the exemption stands")
        return ExemptionEnded(person=self.person, exemption=self.ref, ended_on=self.ended_on)


def check_review_on(review_on: date | None, from_date: date) -> None:
    """Raise Invalid for a review before the exemption begins."""
    if review_on is not None:
        check_order("/review_on", review_on, from_date, "it begins")
