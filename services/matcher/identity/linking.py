"""Two rosters linked at once, in memory: the rules of the running system over files.

Blocks are held as the database holds them, capped alike, and every pair is decided by the same function.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from services.matcher.coordination.household import EVIDENCE_LIMIT
from services.matcher.identity.blocking import STANDARD, Digest, is_capped_kind, keys, ssn_keys
from services.matcher.identity.decision import Decision, Footprint, Linked, NeedsReview, Ref, Weigher, decide
from services.matcher.identity.model import Model
from services.matcher.identity.person import Person
from services.matcher.identity.scoring import probability

REPORTED = 0.5
"""The probability from which a pair is told, whatever was decided."""

_FRESH_EVERY = 500  # people, after which raw scores are forgotten: memory does not grow with the files


@dataclass(frozen=True)
class Pair:
    """A pair that is told: the record ids, and what was decided."""

    cws: str
    calworks: str
    decision: Decision


@dataclass
class Index:
    """The people of both rosters and the blocks that they share. `cap`: the most people in a block that counts."""

    digest: Digest
    cap: int
    kinds: Collection[str] = STANDARD
    people: dict[Ref, Person] = field(default_factory=dict)
    households: dict[Ref, tuple[frozenset[Ref], ...]] = field(default_factory=dict)
    _keys: dict[Ref, tuple[bytes, ...]] = field(default_factory=dict)
    _blocks: dict[bytes, list[Ref]] = field(default_factory=lambda: defaultdict(list))

    def add(self, program: str, people: Iterable[tuple[str, Person, str]]) -> None:
        """Take a roster: record id, person, and what it belongs to."""
        homes: dict[str, list[Ref]] = defaultdict(list)
        for ident, person, unit in people:
            ref = (program, ident)
            self.people[ref] = person
            self._keys[ref] = tuple(keys(person, self.digest, self.kinds))
            for key in self._keys[ref]:
                self._blocks[key].append(ref)
            homes[unit].append(ref)
        for members in homes.values():
            if len(members) <= EVIDENCE_LIMIT:
                home = frozenset(members)
                self.households.update((ref, (home,)) for ref in members)

    def candidates(self, of: Ref) -> frozenset[Ref]:
        """Those of the other roster who share a block that is not capped."""
        return frozenset(
            other
            for key in self._keys[of]
            if self._counts(key)
            for other in self._blocks[key]
            if other[0] != of[0]
        )

    def holders(self, of: Ref) -> frozenset[Ref]:
        """The others who have an equal Social Security number, unless too many have it."""
        numbers = ssn_keys(self.people[of], self.digest)
        return frozenset(r for key in numbers if self._counts(key) for r in self._blocks[key]) - {of}

    def has_capped_number(self, ref: Ref) -> bool:
        """Whether too many have a Social Security number of this person."""
        return not all(map(self._counts, ssn_keys(self.people[ref], self.digest)))

    def _counts(self, key: bytes) -> bool:
        return len(self._blocks[key]) <= self.cap or not is_capped_kind(key)

    @property
    def capped(self) -> Collection[int]:
        """The sizes of the blocks that do not count."""
        return [len(block) for key, block in self._blocks.items() if not self._counts(key)]


def link(index: Index, model: Model, looked_at: Callable[[int], None] = lambda _: None) -> Iterator[Pair]:
    """Every pair of probability `REPORTED` or more, and every one that needs a review. Says how many were looked at."""
    people = sorted(ref for ref in index.people if ref[0] == "cws")
    for start in range(0, len(people), _FRESH_EVERY):
        weigher = Weigher(model)
        some = people[start : start + _FRESH_EVERY]
        for a in some:
            yield from _pairs_of(a, index, weigher)
        looked_at(len(some))


def _pairs_of(a: Ref, index: Index, weigher: Weigher) -> Iterator[Pair]:
    candidates: dict[Ref, frozenset[Ref]] = {a: index.candidates(a)}
    partners = [b for b in sorted(candidates[a]) if weigher.may_pair(a, b, index.people)]
    candidates.update((b, index.candidates(b)) for b in partners)
    ends = (a, *partners)
    footprint = Footprint(
        people=index.people,
        candidates=candidates,
        households=index.households,
        ssn_holders={ref: index.holders(ref) for ref in ends},
        verdicts={},
        ssn_capped=frozenset(filter(index.has_capped_number, ends)),
    )
    for b in partners:
        decision = decide(a, b, footprint, weigher)
        if isinstance(decision, NeedsReview) or probability(decision.weight) >= REPORTED:
            yield Pair(a[1], b[1], decision)


def words(decision: Decision) -> Mapping[str, str]:
    """A decision as the columns of a file of links."""
    match decision:
        case Linked():
            name = "Linked"
        case NeedsReview():
            name = "NeedsReview"
        case _:
            name = "NotLinked"
    return {
        "weight": f"{decision.weight:.6f}",
        "probability": f"{probability(decision.weight):.9f}",
        "decision": name,
        "reason": ";".join(decision.reasons) if isinstance(decision, NeedsReview) else "",
    }
