"""An assignment: who works on a referral or case, from when until when."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from shared.errors import NotFound
from shared.events.cws import AssignmentChanged
from shared.events.parts import Worker

OnKind = Literal["referral", "case"]
Kind = Literal["P", "S", "R"]  # primary, secondary, read-only
PRIMARY: Kind = "P"


class AssignmentNotFound(NotFound):
    """No assignment with this reference."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """An assignment's record; without `until_at` it goes on."""

    ref: str
    on: str
    on_kind: OnKind
    kind: Kind
    worker: Worker
    from_at: datetime
    until_at: datetime | None = None
    version: int = 1

    @property
    def replaces(self) -> bool:
        """Whether it ends the one before it: there is one primary worker at a time."""
        return self.kind == PRIMARY

    def ended(self, at: datetime) -> "Assignment":
        """The next version, over from `at` on, but not before it began."""
        return replace(self, until_at=max(at, self.from_at), version=self.version + 1)

    def event(self) -> AssignmentChanged:
        """What is published of each version."""
        return AssignmentChanged(
            assignment=self.ref,
            on=self.on,
            on_kind=self.on_kind,
            kind=self.kind,
            worker=self.worker,
            from_at=self.from_at,
            until_at=self.until_at,
        )
