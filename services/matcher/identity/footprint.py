"""What the decision of a pair may read, and the raw weights in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from services.matcher.identity.cluster import Ref, is_duplicate
from services.matcher.identity.model import Model
from services.matcher.identity.part import Score
from services.matcher.identity.person import Person
from services.matcher.identity.scoring import weigh

Verdict = Literal["same", "different", "disagree"]
"""What people said about a pair; `disagree` when the records merged into an end were judged differently."""

NOBODY: frozenset[Ref] = frozenset()


@dataclass(frozen=True)
class Footprint:
    """All that the decision of a pair may read.

    people: active persons only. candidates: of each end, active persons of the other program that share a
    key. households: of each end, its current households as sets of active members, itself included; the
    caller leaves out those of more than eight, which are no evidence. ssn_holders: of each end, active
    persons of either program with an equal exact number, itself not included. verdicts: by (CWS reference,
    CalWORKs reference). ssn_capped: the ends of which a number has more holders than are looked at.
    """

    people: Mapping[Ref, Person]
    candidates: Mapping[Ref, frozenset[Ref]]
    households: Mapping[Ref, tuple[frozenset[Ref], ...]]
    ssn_holders: Mapping[Ref, frozenset[Ref]]
    verdicts: Mapping[tuple[Ref, Ref], Verdict]
    ssn_capped: frozenset[Ref] = frozenset()


class Weigher:
    """A model, and the raw scores already made. A score is made again where a record has become another object."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._line = model.thresholds.review - max(model.household)
        self._scores: dict[tuple[Ref, Ref], tuple[Person, Person, Score]] = {}

    def score(self, a: Ref, b: Ref, people: Mapping[Ref, Person]) -> Score:
        """The raw score of two records; KeyError for one that is not among the people."""
        pair = (a, b) if a <= b else (b, a)
        x, y = people[pair[0]], people[pair[1]]
        known = self._scores.get(pair)
        if known is not None and known[0] is x and known[1] is y:
            return known[2]
        score = weigh(self.model, x, y)
        self._scores[pair] = (x, y, score)
        return score

    def raw(self, a: Ref, b: Ref, people: Mapping[Ref, Person]) -> float:
        """The raw match weight of two records."""
        return self.score(a, b, people).weight

    def may_pair(self, a: Ref, b: Ref, people: Mapping[Ref, Person]) -> bool:
        """Whether a row may come of two candidates: both are there, and near enough for a household to lift them."""
        return a in people and b in people and self.raw(a, b, people) >= self._line


def households_of(end: Ref, footprint: Footprint) -> tuple[frozenset[Ref], ...]:
    """The end's households, of the people that are there to be compared."""
    return tuple(
        frozenset(member for member in household if member in footprint.people)
        for household in footprint.households.get(end, ())
    )


@dataclass(frozen=True)
class Rival:
    """Somebody else who may be the counterpart of an end: the raw weight of the two, and how well the rival and the
    pair's other end go together as one person (raw weight); `is_duplicate` if that is taken for sure."""

    of: Ref
    ref: Ref
    weight: float
    beside: float
    is_duplicate: bool


@dataclass(frozen=True)
class Case:
    """A pair on its way to a decision: its footprint, its score so far, and the rivals of both ends."""

    a: Ref
    b: Ref
    footprint: Footprint
    weigher: Weigher
    score: Score
    rivals: tuple[Rival, ...] = ()

    def raw(self, x: Ref, y: Ref) -> float:
        """The raw match weight of two records."""
        return self.weigher.raw(x, y, self.footprint.people)

    def repeats(self, other: Ref, end: Ref) -> bool:
        """Whether `other` is a duplicate of `end` inside its program."""
        return is_duplicate(end, other, self.raw, self.weigher.model.thresholds.duplicate)

    def equal_identifier(self) -> bool:
        """Whether an identifier of the person alone agrees: the CIN, or the exact number."""
        return self.score.level("cin") == "equal" or self.score.level("ssn") == "exact"


def rivals(case: Case, end: Ref, other: Ref) -> Iterator[Rival]:
    """Who else may be the counterpart of an end: of its candidates and the other's family those at the review line or
    above, and whoever was said to be it."""
    footprint, line = case.footprint, case.weigher.model.thresholds.review
    same = {z for z in judged(end, footprint) if verdict_of(end, z, footprint) == "same"}
    co_members = (m for household in households_of(other, footprint) for m in household)
    for z in {*footprint.candidates.get(end, NOBODY), *co_members, *same} - {other}:
        if z not in footprint.people or verdict_of(end, z, footprint) == "different":
            continue
        weight = case.raw(end, z)
        if weight >= line or z in same:
            yield Rival(end, z, weight, case.raw(z, other), case.repeats(z, other))


def judged(end: Ref, footprint: Footprint) -> Iterator[Ref]:
    """Of whom people have said something beside this end."""
    for a, b in footprint.verdicts:
        if a == end:
            yield b
        elif b == end:
            yield a


def verdict_of(end: Ref, other: Ref, footprint: Footprint) -> Verdict | None:
    """What people said about two ends, in whichever order."""
    return footprint.verdicts.get((end, other)) or footprint.verdicts.get((other, end))
