"""A world in the making: what has been told of it so far, and the choices that make the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from shared.calendars import PACIFIC, local_date
from shared.events import Event
from shared.events.parts import Participant
from shared.events.person import PersonDetails
from tests.order.harness import NOW, Programs

TODAY = local_date(NOW, PACIFIC)
BEGINS = NOW - timedelta(days=3)
"""The clock stands here when a world begins, and at NOW when it ends."""


@dataclass
class Making:
    """A world being made."""

    random: Random
    programs: Programs = field(default_factory=Programs)
    clients: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)
    relatives: list[str] = field(default_factory=list)  # clients who are in no household
    workers: int = 0
    calm: bool = False  # people are told apart easily, and records are mostly true

    def tell(self, data: Event, person: PersonDetails | None = None) -> None:
        self.programs.event(data, person=person, at=BEGINS)

    def chance(self, of: float) -> bool:
        return self.random.random() < of

    def some(self, of: Sequence[str], least: int = 1) -> list[str]:
        """Some of these, often all."""
        number = len(of) if self.chance(0.4) else self.random.randint(min(least, len(of)), len(of))
        return self.random.sample(list(of), number)


def participants(making: Making) -> tuple[Participant, ...]:
    roles = ("aided_adult", "aided_adult", "aided_child", "sanctioned", "excluded")
    return tuple(
        Participant(person=person, role=making.random.choice(roles)) for person in making.some(making.persons)
    )
