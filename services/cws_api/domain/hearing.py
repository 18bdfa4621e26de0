"""A hearing in a case: set for a day, and perhaps for another."""

from dataclasses import dataclass, replace
from datetime import date

from shared.errors import NotFound
from shared.events.cws import HearingKind, HearingSet


class HearingNotFound(NotFound):
    """No hearing with this reference."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """A hearing's record."""

    ref: str
    case: str
    kind: HearingKind
    on: date
    version: int = 1

    def moved(self, on: date) -> "Hearing":
        """The next version, on another day."""
        return replace(self, on=on, version=self.version + 1)

    def event(self) -> HearingSet:
        """What is published when it is set, and each time that it is set anew."""
        return HearingSet(case=self.case, hearing=self.ref, kind=self.kind, on=self.on)
