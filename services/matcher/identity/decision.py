"""The decision about a pair: linked, to be reviewed, or not linked.

A pure function of its footprint and the model. It reads no other decision, so the order in which records
arrive cannot matter.
"""

from dataclasses import dataclass, replace
from math import log2

from services.matcher.identity.cluster import Ref, evidence
from services.matcher.identity.footprint import (
    NOBODY,
    Case,
    Footprint,
    Verdict,
    Weigher,
    households_of,
    rivals,
)
from services.matcher.identity.guards import speaking
from services.matcher.identity.model import exact
from services.matcher.identity.part import Part, Score
from shared.ids import named

__all__ = [
    "Decision",
    "Footprint",
    "Linked",
    "NeedsReview",
    "NotLinked",
    "Ref",
    "Verdict",
    "Weigher",
    "decide",
    "pair_id",
]


@dataclass(frozen=True)
class Linked:
    """The two records are one person. The parts in `because` add up to `weight` (log2) exactly."""

    weight: float
    because: tuple[Part, ...]
    model: str


@dataclass(frozen=True)
class NeedsReview:
    """A person has to look: `reasons` names the guards that spoke."""

    weight: float
    because: tuple[Part, ...]
    model: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class NotLinked:
    """No row for this pair. Two records that nothing brings together have no parts and weigh 0."""

    weight: float
    because: tuple[Part, ...]
    model: str


Decision = Linked | NeedsReview | NotLinked


def pair_id(county: str, cws: str, calworks: str) -> str:
    """What a pair is called outside, as a review and as a link: neither end can be read from it."""
    return named(county, "pair", cws, calworks)


def decide(a: Ref, b: Ref, footprint: Footprint, weigher: Weigher) -> Decision:
    """Decide the pair of a CWS record `a` and a CalWORKs record `b`."""
    model, people = weigher.model, footprint.people
    verdict = footprint.verdicts.get((a, b))
    met = verdict is not None or b in footprint.candidates.get(a, NOBODY)
    if not met or a not in people or b not in people:
        return NotLinked(0.0, (), model.version)

    score = _with_household(a, b, footprint, weigher)
    if verdict is not None:
        score = Score(score.weight, (*score.parts, Part("verdict", verdict, 0.0)))
    outcome = (score.weight, score.parts, model.version)
    match verdict:
        case "same":
            return Linked(*outcome)
        case "different":
            return NotLinked(*outcome)
        case "disagree":
            return NeedsReview(*outcome, reasons=("verdicts_disagree",))
        case None:
            pass
    if score.weight < model.thresholds.review:
        return NotLinked(*outcome)
    case = _among_rivals(Case(a, b, footprint, weigher, score))
    outcome = (case.score.weight, case.score.parts, model.version)
    if case.score.weight < model.thresholds.review:
        return NotLinked(*outcome)
    reasons = tuple(speaking(case))
    return NeedsReview(*outcome, reasons=reasons) if reasons else Linked(*outcome)


def _with_household(a: Ref, b: Ref, footprint: Footprint, weigher: Weigher) -> Score:
    """The raw score and what the two households add to it."""
    people, lines = footprint.people, weigher.model.thresholds
    found = evidence(
        a,
        b,
        (households_of(a, footprint), households_of(b, footprint)),
        lambda x, y: weigher.raw(x, y, people),
        (lines.corroborate, lines.duplicate),
    )
    counted = min(found, 2)
    bonus = weigher.model.household[counted]
    raw = weigher.score(a, b, people)
    level = ("none", "one_other", "two_or_more")[counted]
    return Score(raw.weight + bonus, (*raw.parts, Part("household", level, bonus)))


def _among_rivals(case: Case) -> Case:
    """The case with what the others take from it who may be the counterpart of an end: a record has at most one,
    unless that is recorded twice."""
    ends = ((case.a, case.b), (case.b, case.a))
    case = replace(case, rivals=tuple(rival for end, other in ends for rival in rivals(case, end, other)))
    least = min(_left(case, end) for end, _ in ends)
    if least == 1:
        return case
    part = Part("rivals", "some", exact(log2(least)))
    return replace(case, score=Score(case.score.weight + part.weight, (*case.score.parts, part)))


def _left(case: Case, of: Ref) -> float:
    """What the rivals of an end leave of the odds of the pair: (1 + sum of k z) / (1 + sum of z) over their odds z.

    k says how well a rival goes together with the pair, being the other end once more: the odds of the two, as records
    of one program, beside those of the pair; at most 1, which a sure duplicate has.
    """
    model, pair = case.weigher.model, case.raw(case.a, case.b)
    strong = [one for one in case.rivals if one.of == of and one.weight >= model.thresholds.review]
    again = model.duplicates - model.prior - pair
    # Sums in order, for floats add up so.
    taken = sum(sorted(2**one.weight for one in strong))
    kept = sum(
        sorted(
            2 ** (one.weight + (0 if one.is_duplicate else min(0.0, one.beside + again))) for one in strong
        )
    )
    return (1 + kept) / (1 + taken)
