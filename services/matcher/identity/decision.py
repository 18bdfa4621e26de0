"""The decision about a pair: linked, to be reviewed, or not linked.

A pure function of its footprint and the model. It reads no other decision, so the order in which records
arrive cannot matter.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from services.matcher.identity.cluster import Ref, evidence, is_duplicate
from services.matcher.identity.person import Person
from services.matcher.identity.scoring import OTHER_FIRST_NAME, SAME_FIRST_NAME, Model, Part, Score, weigh
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

Verdict = Literal["same", "different", "disagree"]
"""What people said about a pair; `disagree` when the records merged into an end were judged differently."""

GENERATION_YEARS = 15
"""Two people of one name whose birth years lie this far apart are taken for parent and child."""

_NOBODY: frozenset[Ref] = frozenset()


@dataclass(frozen=True)
class Footprint:
    """All that the decision of a pair may read.

    people: active persons only. candidates: of each end, active persons of the other program that share a
    key. households: of each end, its current households as sets of active members, itself included; the
    caller leaves out those of more than eight, which are no evidence. ssn_holders: of each end, active
    persons of either program with an equal exact number, itself not included. verdicts: by (CWS reference,
    CalWORKs reference).
    """

    people: Mapping[Ref, Person]
    candidates: Mapping[Ref, frozenset[Ref]]
    households: Mapping[Ref, tuple[frozenset[Ref], ...]]
    ssn_holders: Mapping[Ref, frozenset[Ref]]
    verdicts: Mapping[tuple[Ref, Ref], Verdict]


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


def pair_id(county: str, cws: str, calworks: str) -> str:
    """What a pair is called outside, as a review and as a link: neither end can be read from it."""
    return named(county, "pair", cws, calworks)


def decide(a: Ref, b: Ref, footprint: Footprint, weigher: Weigher) -> Decision:
    """Decide the pair of a CWS record `a` and a CalWORKs record `b`."""
    model, people = weigher.model, footprint.people
    verdict = footprint.verdicts.get((a, b))
    met = verdict is not None or b in footprint.candidates.get(a, _NOBODY)
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
    reasons = tuple(_reasons(_Case(a, b, footprint, weigher, score)))
    return NeedsReview(*outcome, reasons=reasons) if reasons else Linked(*outcome)


def _with_household(a: Ref, b: Ref, footprint: Footprint, weigher: Weigher) -> Score:
    """The raw score and what the two households add to it."""
    people, lines = footprint.people, weigher.model.thresholds
    found = evidence(
        a,
        b,
        (_households(a, footprint), _households(b, footprint)),
        lambda x, y: weigher.raw(x, y, people),
        (lines.corroborate, lines.duplicate),
    )
    counted = min(found, 2)
    bonus = weigher.model.household[counted]
    raw = weigher.score(a, b, people)
    level = ("none", "one_other", "two_or_more")[counted]
    return Score(raw.weight + bonus, (*raw.parts, Part("household", level, bonus)))


def _households(end: Ref, footprint: Footprint) -> tuple[frozenset[Ref], ...]:
    """The end's households, of the people that are there to be compared."""
    return tuple(
        frozenset(member for member in household if member in footprint.people)
        for household in footprint.households.get(end, ())
    )


@dataclass(frozen=True)
class _Case:
    """A pair on its way to a decision, as the guards look at it."""

    a: Ref
    b: Ref
    footprint: Footprint
    weigher: Weigher
    score: Score

    def raw(self, x: Ref, y: Ref) -> float:
        return self.weigher.raw(x, y, self.footprint.people)

    def repeats(self, other: Ref, end: Ref) -> bool:
        """Whether `other` is a duplicate of `end` inside its program."""
        return is_duplicate(end, other, self.raw, self.weigher.model.thresholds.duplicate)

    def equal_identifier(self) -> bool:
        """Whether an identifier of the person alone agrees: the CIN, or the exact number."""
        return self.score.level("cin") == "equal" or self.score.level("ssn") == "exact"


def _reasons(case: _Case) -> Iterator[str]:
    """Why the pair is not linked by itself, in a fixed order; none if nothing speaks against it."""
    if case.score.weight < case.weigher.model.thresholds.link:
        yield "weight_below_link"
    for reason, speaks in _GUARDS:
        if speaks(case):
            yield reason


def _second_candidate(case: _Case) -> bool:
    """Guard (i): another record is nearly as good for one of the ends. A duplicate of the end is no rival."""
    return _has_rival(case, case.a, case.b) or _has_rival(case, case.b, case.a)


def _has_rival(case: _Case, end: Ref, other: Ref) -> bool:
    footprint, lines = case.footprint, case.weigher.model.thresholds
    same = {z for z in _judged(end, footprint) if _verdict(end, z, footprint) == "same"}
    co_members = (m for household in _households(other, footprint) for m in household)
    # Against the raw weight of the pair: the household would lift a rival in it just as much.
    line = max(lines.review, case.raw(case.a, case.b) - lines.rival_delta)
    for z in {*footprint.candidates.get(end, _NOBODY), *co_members, *same} - {other}:
        verdict = _verdict(end, z, footprint)
        if z not in footprint.people or verdict == "different":
            continue
        if (verdict == "same" or case.raw(end, z) >= line) and not case.repeats(z, other):
            return True
    return False


def _judged(end: Ref, footprint: Footprint) -> Iterator[Ref]:
    for a, b in footprint.verdicts:
        if a == end:
            yield b
        elif b == end:
            yield a


def _verdict(end: Ref, other: Ref, footprint: Footprint) -> Verdict | None:
    return footprint.verdicts.get((end, other)) or footprint.verdicts.get((other, end))


def _first_name_missing(case: _Case) -> bool:
    """Guard (ii): newborns, and people of whom only a surname is known."""
    return case.score.level("first_name") == "missing"


def _first_name_uncertain(case: _Case) -> bool:
    """A first name that is only like the other may be a twin's, and twins get each other's number; only an
    equal CIN outweighs it."""
    level = case.score.level("first_name")
    if level == "missing" or case.score.level("cin") == "equal":
        return False
    return level not in SAME_FIRST_NAME or _one_name_of_two(case)


def _one_name_of_two(case: _Case) -> bool:
    """Pa and Pa Houa, Wei and Wai Man: twins may share one of their given names. An identifier, or the second
    name as a middle name, tells them apart."""
    if case.equal_identifier() or case.score.level("middle_name") in {"exact", "initial"}:
        return False
    people = case.footprint.people
    one, other = ({n.given.removeprefix(n.first) for n in people[end].names} for end in (case.a, case.b))
    return one.isdisjoint(other)


def _middle_names_differ(case: _Case) -> bool:
    """Maria Elena and Maria Luisa may be sisters."""
    return case.score.level("middle_name") == "differ" and not case.equal_identifier()


def _last_name_uncertain(case: _Case) -> bool:
    """Another surname, or none, needs an identifier beside it."""
    return case.score.level("last_name") in {"differ", "similar", "missing"} and not case.equal_identifier()


def _birth_date_missing(case: _Case) -> bool:
    return case.score.level("birth_date") == "missing"


def _birth_date_differs(case: _Case) -> bool:
    return case.score.level("birth_date") in {"differ", "two_edits"}


def _ssn_names_differ(case: _Case) -> bool:
    """Guard (iii): a number copied from a relative."""
    return case.score.level("ssn") == "exact" and case.score.level("first_name") in {
        *OTHER_FIRST_NAME,
        "similar",
    }


def _ssn_of_sibling(case: _Case) -> bool:
    """Numbers one digit apart under another first name."""
    return case.score.level("ssn") == "sibling"


def _ssn_needed_and_shared(case: _Case) -> bool:
    """Guard (iv): the number decides, and somebody else, who is no duplicate of an end, holds it too."""
    if case.score.level("ssn") != "exact":
        return False
    if case.score.weight - case.score.of("ssn") >= case.weigher.model.thresholds.link:
        return False
    holders = case.footprint.ssn_holders
    thirds = (holders.get(case.a, _NOBODY) | holders.get(case.b, _NOBODY)) - {case.a, case.b}
    return any(
        not case.repeats(third, case.a) and not case.repeats(third, case.b)
        for third in thirds
        if third in case.footprint.people
    )


def _parent_and_child(case: _Case) -> bool:
    """Jr and Sr: other suffixes, or one name a generation apart."""
    if case.score.level("suffix") == "differ":
        return True
    if case.score.level("first_name") not in SAME_FIRST_NAME or case.score.level("last_name") == "differ":
        return False
    people = case.footprint.people
    years = [(people[end].birth_date or "")[:4] for end in (case.a, case.b)]
    if not all(len(year) == len("2000") and year.isdigit() for year in years):
        return False
    return abs(int(years[0]) - int(years[1])) >= GENERATION_YEARS


_GUARDS: tuple[tuple[str, Callable[[_Case], bool]], ...] = (
    ("second_candidate", _second_candidate),
    ("first_name_missing", _first_name_missing),
    ("ssn_names_differ", _ssn_names_differ),
    ("ssn_needed_and_shared", _ssn_needed_and_shared),
    ("parent_and_child", _parent_and_child),
    ("ssn_of_sibling", _ssn_of_sibling),
    ("first_name_uncertain", _first_name_uncertain),
    ("middle_names_differ", _middle_names_differ),
    ("last_name_uncertain", _last_name_uncertain),
    ("birth_date_missing", _birth_date_missing),
    ("birth_date_differs", _birth_date_differs),
)
