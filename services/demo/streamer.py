"""Families streaming in: their steps in order, many at once, each call remembered with its answer."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from services.demo.calls import Known, call_of, events_of
from services.demo.client import CallRefused, Client, Unanswered
from services.demo.county import County
from services.demo.figures import Expected
from services.demo.steps import Due, Family, Intake, Step

_IN_FLIGHT = 48  # calls at once
_LEAST_PAUSE = (
    0.2  # seconds before a call that follows an answer: a worker reads, and the matcher has read too
)


class Streamer:
    """Streams a county in.

    `times`: seconds from the start for each intake. `spread`: the longest pause before others.
    """

    def __init__(
        self,
        county: County,
        client: Client,
        times: Mapping[str, float],
        *,
        spread: float = 0.6,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.answered: dict[str, float] = {}  # by key of the step, on the loop's clock
        self.intakes: list[float] = []
        self.refused: list[str] = []
        self.events_expected = 0
        self._county, self._client, self._times = county, client, times
        self._spread, self._clock = spread, clock
        self._staff = {worker.ref: worker for worker in county.workers}
        self._known = {family.key: Known() for family in county.families}
        self._in_flight = asyncio.Semaphore(_IN_FLIGHT)

    async def run(self) -> None:
        """Everything that happens. A refused call ends its family's part and is kept in `refused`."""
        start = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as running:
            for family in sorted(self._county.families, key=lambda one: self._times[one.intakes[0].key]):
                await _until(start + self._times[family.intakes[0].key])
                running.create_task(self._family(family, start))

    def expected(self) -> list[Expected]:
        """The alerts that must stand, with their ids and the instants from which they are late."""
        return [self._expect(family, due) for family in self._county.families for due in family.due]

    def forbidden(self) -> list[Expected]:
        """The alerts that nobody may see."""
        return [self._expect(family, due) for family in self._county.families for due in family.forbidden]

    def _expect(self, family: Family, due: Due) -> Expected:
        needed = [self.answered.get(key) for key in due.needs]
        answered = [at for at in needed if at is not None]
        complete = len(answered) == len(needed)
        ident = self._known[family.key].alert_id(self._county.code, due)
        return Expected(family, due, ident, max(answered) if complete else None)

    async def _family(self, family: Family, start: float) -> None:
        for step in family.steps:
            if isinstance(step, Intake):
                await _until(start + self._times[step.key])
            else:
                await asyncio.sleep(_LEAST_PAUSE + step.pause * self._spread)
            if not await self._make(step, self._known[family.key]):
                return

    async def _make(self, step: Step, known: Known) -> bool:
        call = call_of(step, known, self._staff, self._clock())
        async with self._in_flight:
            try:
                answer = await self._client.post(
                    call.service, call.path, call.worker, call.body, settles=call.settles
                )
            except (CallRefused, Unanswered) as error:
                self.refused.append(f"{step.key}: {error}")
                return False
        self.answered[step.key] = asyncio.get_running_loop().time()
        known.learn(step, answer)
        self.events_expected += events_of(step)
        if isinstance(step, Intake):
            self.intakes.append(self.answered[step.key])
        return True


async def _until(at: float) -> None:
    """Wait for an instant on the loop's clock; not at all if it is past."""
    left = at - asyncio.get_running_loop().time()
    if left > 0:
        await asyncio.sleep(left)
