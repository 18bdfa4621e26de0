"""A sanction: an adult's needs leave the grant from a month on, until it is cured."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from shared.days import check_month, check_order, check_past
from shared.errors import Conflict, NotFound
from shared.events.calworks import SanctionCured, SanctionImposed, SanctionRescinded
from shared.events.parts import Slot

SanctionClass = Literal["wtw"]  # penalties of other programs are no WTW sanctions (domain C5)
Status = Literal["imposed", "cured", "rescinded"]


class SanctionNotFound(NotFound):
    """No sanction with this reference, or one of a person whose record is sealed."""


class SanctionOver(Conflict):
    """A second end of one sanction."""

    slug, title = "sanction-over", "The sanction has been cured or rescinded"


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
    status: Status = "imposed"
    ended_on: date | None = None  # when it was cured or rescinded
    restored_month: date | None = None  # from which month on aid is restored, once it is cured
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

    def cured(self, cured_on: date, effective_month: date, *, today: date) -> "Sanction":
        """The next version, with aid from a month on. Raises SanctionOver, or Invalid for days that do not fit."""
        self._check_stands()
        check_past("/cured_on", cured_on, today)
        check_month("/effective_month", effective_month)
        check_order("/effective_month", effective_month, self.effective_month, "the sanction takes effect")
        return replace(
            self,
            status="cured",
            ended_on=cured_on,
            restored_month=effective_month,
            version=self.version + 1,
        )

    def rescinded(self, rescinded_on: date, *, today: date) -> "Sanction":
        """The next version. Raises SanctionOver, or Invalid for a day that has not come."""
        self._check_stands()
        check_past("/rescinded_on", rescinded_on, today)
        return replace(self, status="rescinded", ended_on=rescinded_on, version=self.version + 1)

    def end(self) -> SanctionCured | SanctionRescinded:
        """What is published when it is cured or rescinded."""
        if self.ended_on is None:
            raise ValueError("the sanction stands")
        if self.restored_month is None:
            return SanctionRescinded(person=self.person, sanction=self.ref, rescinded_on=self.ended_on)
        return SanctionCured(
            person=self.person,
            sanction=self.ref,
            cured_on=self.ended_on,
            effective_month=self.restored_month,
        )

    def _check_stands(self) -> None:
        if self.status != "imposed":
            raise SanctionOver
