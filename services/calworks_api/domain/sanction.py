"""A sanction: an adult's needs leave the grant from a month on, until it is cured."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.errors import FieldError, Invalid, NotFound
from shared.events.calworks import SanctionImposed
from shared.events.parts import Slot

SanctionClass = Literal["wtw"]  # penalties of other programs are no WTW sanctions (domain C5)


class SanctionNotFound(NotFound):
    """No sanction with this reference, or one of a person whose record is sealed."""


@dataclass(frozen=True, slots=True)
class Sanction:
    """A sanction's record. `instance_no` is history: it sets no end (domain trap 4)."""

    ref: str
    person: str
    sanction_class: SanctionClass
    instance_no: int
    effective_month: date
    noncompliance: str | None = None
    cure_steps: tuple[Slot, ...] = ()
    status: str = "imposed"
    version: int = 1

    def event(self) -> SanctionImposed:
        """What is published when it is imposed."""
        return SanctionImposed(
            person=self.person,
            sanction=self.ref,
            sanction_class=self.sanction_class,
            instance_no=self.instance_no,
            effective_month=self.effective_month,
            noncompliance=self.noncompliance,
            cure_steps=self.cure_steps,
        )


def check_effective_month(effective_month: date) -> None:
    """Raise Invalid unless it is the first of a month: a grant changes with the month."""
    if effective_month.day != 1:
        raise Invalid(FieldError("/effective_month", "must be the first day of a month"))
