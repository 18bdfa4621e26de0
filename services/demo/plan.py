"""From a family's records to what happens to it, in order, and to the alerts that must come of that.

The alert rules stand here a second time, written from the alert catalogue alone: the demo must not ask the
system whether the system is right.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from services.demo.draws import chance
from services.demo.people import Person
from services.demo.steps import (
    LIAISON,
    SIDES,
    AlertType,
    ApproveCase,
    AssignWtw,
    Due,
    Inbox,
    Intake,
    Kind,
    Notice,
    OpenCase,
    Record,
    Release,
    Removal,
    Sanction,
    Side,
    SignedBy,
    Step,
)
from services.demo.workers import Team

_SHARE_WITH_EVENTS = 0.4
_BOTH_SIDES: tuple[Kind, ...] = ("clean", "noisy", "withheld")
_MISSED = ("orientation", "appraisal", "job_search", "assessment")
_CURE = ("job_search", "assessment", "orientation")
_RESPONSES = ("3_day", "5_day", "10_day", "immediate", "10_day")
_EXPEDITE = ("IN", "HA")
_COMPONENTS: tuple[Literal["ER", "FM", "FR"], ...] = ("FM", "FM", "FR", "ER")
_SHORT = 0.3  # of a pause
_PAST_WINDOW = 40  # days since a notice whose twentieth day is long past
_LIAISON_CALWORKS = Inbox("calworks", LIAISON)


@dataclass(frozen=True, slots=True)
class Cast:
    """A family with its records. `shared`: keys of the people on both sides."""

    key: str
    kind: Kind
    people: tuple[Person, ...]
    records: dict[Side, tuple[Record, ...]]
    team: Team

    @property
    def shared(self) -> frozenset[str]:
        """The people whom both programs know."""
        cws, calworks = ({r.person for r in self.records.get(side, ())} for side in ("cws", "calworks"))
        return frozenset(cws & calworks)

    def record(self, side: Side, person: Person) -> Record:
        """A person's record on a side."""
        return next(r for r in self.records[side] if r.person == person.key)

    def on(self, side: Side, *, adults: bool) -> list[Person]:
        """The adults or the children recorded on a side."""
        known = {r.person for r in self.records.get(side, ())}
        return [p for p in self.people if p.key in known and p.adult == adults]


def make_steps(rng: Random, cast: Cast, *, showcase: bool) -> tuple[Step, ...]:
    """All that happens to the family, in order. `showcase`: everything that the demo shows happens to it."""
    sides = [side for side in SIDES if cast.records.get(side)]
    both = len(sides) > 1
    rng.shuffle(sides)
    first, last = sides[0], sides[-1]
    signed = cast.kind in ("clean", "noisy") or (not both and chance(rng, 0.25))
    on = rng.choice(sides)
    releases = _releases(cast, on) if signed else []
    cases = {side: _cases(rng, cast, side, showcase=showcase) for side in sides}
    steps: list[Step] = [_intake(rng, cast, first)]
    early = both and not showcase and chance(rng, 0.6)
    if early:
        steps += cases[first]
        if on == first:
            steps += releases
    if both:
        steps.append(_intake(rng, cast, last))
    later = [*([] if early and on == first else releases)]
    for side in sides:
        later += [] if early and side == first else cases[side]
    # A later release must stay behind the first one, so only whole groups change places.
    if not showcase and chance(rng, 0.5):
        later = [s for s in later if not isinstance(s, Release)] + [
            s for s in later if isinstance(s, Release)
        ]
    steps += later
    if cast.kind in _BOTH_SIDES and (showcase or chance(rng, _SHARE_WITH_EVENTS)):
        steps += _events(rng, cast, steps, showcase=showcase)
    return _paced(rng, steps)


def _paced(rng: Random, steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps with a pause before each call; short ones where a second intake is still to come at its time."""
    last_intake = max(n for n, step in enumerate(steps) if isinstance(step, Intake))
    return tuple(
        step
        if isinstance(step, Intake)
        else replace(step, pause=rng.random() * (_SHORT if n < last_intake else 1.0))
        for n, step in enumerate(steps)
    )


def make_due(cast: Cast, steps: Sequence[Step]) -> tuple[tuple[Due, ...], tuple[Due, ...]]:
    """Alerts that must stand, and those that nobody may ever see, for a family of exact identity.

    A withheld family signed nothing: an eligibility worker hears of a removal all the same, nobody of more.
    """
    if cast.kind not in ("clean", "withheld"):
        return (), ()
    told = _Telling(cast, steps)
    every = told.all_alerts()
    if cast.kind == "clean":
        return every, ()
    lawful = tuple(due for due in every if due.type == "A05" and due.inbox == told.ew)
    return lawful, tuple(due for due in every if due not in lawful)


class _Telling:
    """Works out who must be told what once everybody has signed."""

    def __init__(self, cast: Cast, steps: Sequence[Step]) -> None:
        self._cast, self._steps = cast, steps
        self._order = {step.key: n for n, step in enumerate(steps)}
        self._base = tuple(step.key for step in steps if isinstance(step, Intake))
        case = next((s for s in steps if isinstance(s, OpenCase)), None)
        job = next((s for s in steps if isinstance(s, AssignWtw | ApproveCase) and s.wtw is not None), None)
        self.er = Inbox("cws", cast.team.er)
        self.ew = Inbox("calworks", cast.team.ew)
        self._case = None if case is None else (Inbox("cws", cast.team.case), (case.key,))
        self._wtw = None if job is None else (Inbox("calworks", cast.team.wtw), (job.key,))

    def all_alerts(self) -> tuple[Due, ...]:
        """Every alert, one for each inbox, by the calls that it needs first."""
        head = next(p for p in self._cast.people if p.part == "head")
        found = [*self._mutual(self._release_of(head))]
        for step in self._steps:
            match step:
                case Removal():
                    found += self._removed(step, self._release_of(head))
                case Notice(days_ago=days) if days < _PAST_WINDOW:
                    found += self._about_adult("A09", step, others=[self._wtw or (_LIAISON_CALWORKS, ())])
                case Sanction():
                    found += self._about_adult("A10", step, others=[(_LIAISON_CALWORKS, ())])
                case _:
                    pass
        first: dict[tuple[AlertType, str | None, Inbox], Due] = {}
        for due in sorted(found, key=lambda d: self._order.get(d.trigger, 0)):
            first.setdefault((due.type, due.cause, due.inbox), due)
        return tuple(first.values())

    def _mutual(self, release: tuple[str, ...]) -> Iterable[Due]:
        yield self._due("A01", self.er, None, release)
        yield self._due("A01", self.ew, None, release)
        for also in (self._case, self._wtw):
            if also is not None:
                yield self._due("A01", also[0], None, (*release, *also[1]))

    def _removed(self, step: Removal, release: tuple[str, ...]) -> Iterable[Due]:
        yield self._due("A05", self.ew, step.key, (step.key,))
        if self._wtw is not None:
            yield self._due("A05", self._wtw[0], step.key, (step.key, *release, *self._wtw[1]))

    def _about_adult(
        self, kind: AlertType, step: Notice | Sanction, *, others: list[tuple[Inbox, tuple[str, ...]]]
    ) -> Iterable[Due]:
        adult = next(p for p in self._cast.people if self._is(p, step.adult))
        release = self._release_of(adult)
        social = self._case if self._case is not None else (self.er, ())
        for inbox, needs in (social, *others):
            yield self._due(kind, inbox, step.key, (step.key, *release, *needs))

    def _due(self, kind: AlertType, inbox: Inbox, cause: str | None, needs: tuple[str, ...]) -> Due:
        keys = sorted({*self._base, *needs}, key=lambda key: self._order.get(key, 0))
        return Due(kind, inbox, cause, tuple(keys))

    def _is(self, person: Person, record_id: str) -> bool:
        return any(
            r.person == person.key and r.record_id == record_id for r in self._cast.records["calworks"]
        )

    def _release_of(self, person: Person) -> tuple[str, ...]:
        """The release that names a person; none where nobody signed."""
        mine = {
            r.record_id for records in self._cast.records.values() for r in records if r.person == person.key
        }
        for step in self._steps:
            if isinstance(step, Release) and any(ref in mine for ref, _ in step.signers):
                return (step.key,)
        return ()


def _intake(rng: Random, cast: Cast, side: Side) -> Intake:
    urgency = (
        rng.choice(_RESPONSES) if side == "cws" else rng.choice(_EXPEDITE) if chance(rng, 0.15) else None
    )
    return Intake(
        key=f"{cast.key}/{side}",
        side=side,
        worker=cast.team.er if side == "cws" else cast.team.ew,
        records=cast.records[side],
        minutes_ago=rng.randint(1, 90),
        urgency=urgency,
    )


def _releases(cast: Cast, side: Side) -> list[Step]:
    """Each adult of that side signs a form of his or her own; the first signs for the children too."""
    adults, children = cast.on(side, adults=True), cast.on(side, adults=False)
    worker = cast.team.er if side == "cws" else cast.team.ew
    steps: list[Step] = []
    for n, adult in enumerate(adults, 1):
        signers: list[tuple[str, SignedBy]] = [(cast.record(side, adult).record_id, "self")]
        if n == 1:
            signers += [(cast.record(side, child).record_id, "parent_guardian") for child in children]
        steps.append(Release(key=f"{cast.key}/release-{n}", side=side, worker=worker, signers=tuple(signers)))
    return steps


def _cases(rng: Random, cast: Cast, side: Side, *, showcase: bool) -> list[Step]:
    both = cast.kind in _BOTH_SIDES
    if side == "cws":
        if not (showcase or chance(rng, 0.4 if both else 0.1)):
            return []
        children = [cast.record("cws", child).record_id for child in cast.on("cws", adults=False)]
        opened = children if chance(rng, 0.3) else [rng.choice(children)]
        component = rng.choice(_COMPONENTS)
        return [
            OpenCase(
                key=f"{cast.key}/case-{n}",
                worker=cast.team.case,
                child=child,
                component=component,
                court=component == "FR",
            )
            for n, child in enumerate(opened, 1)
        ]
    if showcase or chance(rng, 0.5 if both else 0.1):
        wtw = cast.team.wtw if showcase or chance(rng, 0.9) else None
        return [ApproveCase(key=f"{cast.key}/approved", worker=cast.team.ew, wtw=wtw)]
    if both and chance(rng, 0.2):
        return [AssignWtw(key=f"{cast.key}/wtw", worker=cast.team.ew, wtw=cast.team.wtw)]
    return []


def _events(rng: Random, cast: Cast, before: Sequence[Step], *, showcase: bool) -> list[Step]:
    """A removal, a notice or a sanction, sometimes two; about people whom nobody can be mistaken for."""
    shared = cast.shared
    approved = next((s for s in before if isinstance(s, ApproveCase)), None)
    adults = [
        p
        for p in cast.on("calworks", adults=True)
        if p.key in shared and p.ordinary and cast.record("calworks", p).role == "aided_adult"
    ]
    children = [
        p
        for p in cast.on("cws", adults=False)
        if p.key in shared and p.ordinary and cast.record("calworks", p).role == "aided_child"
    ]
    about_adult = [_notice, _sanction] if approved is not None and adults else []
    events: list[Step] = []
    if children and (showcase or not about_adult or chance(rng, 0.35)):
        events.append(_removal(rng, cast, rng.choice(children), before))
    if about_adult and (showcase or not events or chance(rng, 0.3)):
        make = _notice if showcase else rng.choice(about_adult)
        adult = adults[0] if chance(rng, 0.75) else rng.choice(adults)
        worker = approved.wtw if approved is not None and approved.wtw is not None else cast.team.ew
        events += make(rng, cast, adult, worker)
    return events


def _removal(rng: Random, cast: Cast, child: Person, before: Sequence[Step]) -> Step:
    opened = any(isinstance(step, OpenCase) for step in before)
    return Removal(
        key=f"{cast.key}/removal",
        worker=cast.team.case if opened else cast.team.er,
        child=cast.record("cws", child).record_id,
        days_ago=rng.randint(0, 2),
        all_removed=len(cast.on("cws", adults=False)) == 1,
        court_in_days=rng.randint(1, 3) if chance(rng, 0.6) else None,
    )


def _notice(rng: Random, cast: Cast, adult: Person, worker: str) -> list[Step]:
    return [
        Notice(
            key=f"{cast.key}/notice",
            worker=worker,
            adult=cast.record("calworks", adult).record_id,
            days_ago=rng.randint(1, 10),
            missed=rng.choice(_MISSED),
        )
    ]


def _sanction(rng: Random, cast: Cast, adult: Person, worker: str) -> list[Step]:
    """A sanction, half of the time after a notice whose twenty days are past."""
    record = cast.record("calworks", adult).record_id
    steps: list[Step] = []
    if chance(rng, 0.5):
        steps.append(
            Notice(
                key=f"{cast.key}/notice",
                worker=worker,
                adult=record,
                days_ago=_PAST_WINDOW,
                missed=rng.choice(_MISSED),
            )
        )
    cure = tuple(rng.sample(_CURE, rng.randint(1, 2)))
    notice = steps[0].key if steps else None
    steps.append(Sanction(key=f"{cast.key}/sanction", worker=worker, adult=record, notice=notice, cure=cure))
    return steps
