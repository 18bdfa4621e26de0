"""Numbers that name made-up people: each is given out once in a county.

Social Security numbers are drawn at random from the areas 734-749 and 773-899. None of those areas was
allotted to a State before June 2011, so no adult of the demo's ages was given one at birth; each number
here belongs to a made-up person by design and is looked up nowhere. (Areas 000, 666 and 900-999, which
are never issued at all, cannot serve: the system rightly takes them for fillers.) Telephone numbers have
the exchange 555, nobody's.
"""

from collections.abc import Callable
from random import Random

_AREAS = (*range(734, 750), *range(773, 900))
_CIN_LETTERS = "ACDEFGHJKMNPRTUVWXY"
_PHONE_AREAS = ("408", "669", "650", "510", "831", "925")
_RECORD_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


class Numbers:
    """Draws without repeats. `first`: number of the first family; no two batches share a record id."""

    def __init__(self, rng: Random, first: int) -> None:
        self._rng = rng
        self._given: set[str] = set()
        self._next = first * 16  # a family has at most six people, so at most twelve records

    def ssn(self) -> str:
        """A Social Security number as people write it."""
        return self._fresh(
            lambda r: f"{r.choice(_AREAS)}-{r.randint(1, 99):02}-{r.randint(1, 9999):04}",
        )

    def cin(self) -> str:
        """A Client Index Number: 9, seven digits, a letter."""
        return self._fresh(lambda r: f"9{r.randint(0, 9_999_999):07}{r.choice(_CIN_LETTERS)}")

    def phone(self) -> str:
        """A telephone number."""
        return self._fresh(lambda r: f"{r.choice(_PHONE_AREAS)}-555-{r.randint(1000, 9999)}")

    def record_ids(self) -> tuple[str, str]:
        """The record ids of one person with CWS and with CalWORKs: they look nothing alike."""
        self._next += 1
        letter = self._rng.choice(_RECORD_LETTERS)
        return f"{letter}{self._next:06}0A{letter}", f"43-30-{self._next:07}-0-{self._rng.randint(1, 9):02}"

    def _fresh(self, make: Callable[[Random], str]) -> str:
        while (number := make(self._rng)) in self._given:
            pass
        self._given.add(number)
        return number
