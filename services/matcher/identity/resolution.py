"""Deciding the pairs of persons who are due, and saying who is due because of them.

The rules are those of the order property: a decision reads the records of both ends, of their candidates, household
members and holders of their SSN, and nothing derived; a changed record makes due those whose decisions read it, by
its old keys as well as by its new ones.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.matcher.coordination.household import (
    Membership,
    counting_for,
    current_members,
    evidence_households,
)
from services.matcher.coordination.repository import CoordinationRepository
from services.matcher.due import Due
from services.matcher.feed.feed import Feed
from services.matcher.identity import record as records
from services.matcher.identity.decision import Footprint, Linked, NeedsReview, Ref, Verdict, Weigher, decide
from services.matcher.identity.person import Person
from services.matcher.identity.repository import IdentityRepository, Sharing
from services.matcher.identity.scoring import weigh

CWS, CALWORKS = "cws", "calworks"
Ends = tuple[str, str]  # the CWS and the CalWORKs reference of a pair


@dataclass(frozen=True)
class Resolved:
    """What deciding did: the ends of pairs whose row changed or went, and whom to decide next.

    neighbours: whose decisions read what changed. survivors: for whom records that changed count; what reads them has
    changed too.
    """

    changed: set[Ends] = field(default_factory=set)
    neighbours: set[Ref] = field(default_factory=set)
    survivors: set[Ref] = field(default_factory=set)


@dataclass
class _Seen:
    """What the transaction has read."""

    sharing: dict[Ref, Sharing] = field(default_factory=dict)
    people: dict[Ref, Person] = field(default_factory=dict)
    spells: dict[Membership, None] = field(default_factory=dict)
    members: dict[str, dict[str, str]] = field(default_factory=dict)
    homes: dict[str, list[str]] = field(default_factory=dict)  # of a person: the households now
    programs: dict[str, str] = field(default_factory=dict)
    verdicts: dict[Ends, Verdict] = field(default_factory=dict)
    ssn_capped: frozenset[Ref] = frozenset()

    def judged(self, ref: Ref) -> set[Ref]:
        """Whom people have said something about beside this person."""
        with_cws = {(CALWORKS, b) for a, b in self.verdicts if (CWS, a) == ref}
        return with_cws | {(CWS, a) for a, b in self.verdicts if (CALWORKS, b) == ref}

    def co_members(self, ref: Ref) -> set[Ref]:
        """Everyone else in the person's households now."""
        program, person = ref
        return {
            (program, other)
            for household in self.homes.get(person, ())
            if self.programs[household] == program
            for other in self.members[household]
        } - {ref}

    def move_in(self, today: date) -> None:
        """Work out from the spells who lives where now."""
        self.members = current_members(self.spells, today)
        homes: dict[str, list[str]] = defaultdict(list)
        for household, persons in self.members.items():
            for person in persons:
                homes[person].append(household)
        self.homes = homes


@dataclass
class Resolution:
    """One decide transaction's work on pairs, for one county. Read afresh, after the locks."""

    identity: IdentityRepository
    coordination: CoordinationRepository
    weigher: Weigher
    today: date
    now: datetime
    feed: Feed
    _seen: _Seen = field(default_factory=_Seen)
    _asked: set[Ref] = field(default_factory=set)

    async def resolve(self, due: Sequence[Due]) -> Resolved:
        """Decide every pair of the subjects of `record` and `again` rows, and of those they count for."""
        named = {(row.program, row.subject) for row in due if row.kind in ("record", "again")}
        changes = [row for row in due if row.kind == "record"]
        if not named:
            return Resolved()
        merges = await self.identity.merges({ref for _, ref in named})
        subjects = named | {(program, merges.root(ref)) for program, ref in named}
        stored = await self.identity.pairs({ref for _, ref in subjects})
        old_holders = await self.identity.holding({bytes.fromhex(k) for row in changes for k in row.was_keys})
        await self._look(subjects)
        await self._meet(
            {candidate for ref in subjects for candidate in self._sharing(ref).candidates}
            | {ref for holders in old_holders.values() for ref in holders}
        )
        partners = self._partners(subjects, stored)
        others = {partner for theirs in partners.values() for partner in theirs} - subjects
        await self._look(others)
        await self._meet(self._footprint_refs(subjects | others))
        in_pairs = {end for ref, theirs in partners.items() if theirs for end in (ref, *theirs)}
        self._seen.ssn_capped = await self.identity.numbers_capped(in_pairs)
        wanted = {
            (a[1], b[1])
            for ref, theirs in partners.items()
            for other in theirs
            for a, b in [_ends(ref, other)]
        }
        changed = await self._write(wanted, stored)
        neighbours = self._neighbours(changes, old_holders) - subjects
        counted = {(row.program, merges.root(row.subject)) for row in changes}
        return Resolved(changed, neighbours, counted - {(row.program, row.subject) for row in changes})

    async def _look(self, refs: Collection[Ref]) -> None:
        """Read keys shared and households of persons not looked at before."""
        fresh = set(refs) - self._asked
        if not fresh:
            return
        self._asked |= fresh
        self._seen.sharing.update(await self.identity.sharing(fresh))
        named = {ref for _, ref in fresh}
        named = (await self.identity.merges(named)).classes(named)
        said = await self.identity.verdicts(named)
        judged = await self.identity.merges({end for pair in said for end in pair})
        self._seen.verdicts.update(one_voice(said, judged.root))
        spells = await self.coordination.memberships(persons=named)
        theirs = await self.identity.merges({spell.person for spell in spells})
        for spell in spells:
            self._seen.spells[counting_for(spell, theirs.root)] = None
            self._seen.programs[spell.household] = spell.program
        self._seen.move_in(self.today)
        await self._meet(fresh | {other for ref in fresh for other in self._seen.judged(ref)})

    async def _meet(self, refs: Collection[Ref]) -> None:
        """Read records not read before. Who is not active has none."""
        missing = {ref for ref in refs if ref not in self._seen.people}
        found = await self.identity.people(missing)
        self._seen.people.update({ref: record.person for ref, record in found.items()})

    def _sharing(self, ref: Ref) -> Sharing:
        return self._seen.sharing.get(ref) or Sharing()

    def _partners(self, subjects: Collection[Ref], stored: Iterable[Any]) -> dict[Ref, set[Ref]]:
        """Whom each subject must be decided with: near enough, or with a row already."""
        people = self._seen.people
        partners: dict[Ref, set[Ref]] = defaultdict(set)
        for ref in subjects:
            if ref in people:
                partners[ref] |= {
                    other
                    for other in self._sharing(ref).candidates
                    if self.weigher.may_pair(ref, other, people)
                }
                partners[ref] |= {other for other in self._seen.judged(ref) if other in people}
        for row in stored:
            a, b = (CWS, row.cws), (CALWORKS, row.calworks)
            partners[a if a in subjects else b].add(b if a in subjects else a)
        return partners

    def _footprint_refs(self, ends: Collection[Ref]) -> set[Ref]:
        found: set[Ref] = set()
        for ref in ends:
            sharing = self._sharing(ref)
            found |= sharing.candidates | sharing.ssn_holders | self._seen.co_members(ref)
            found |= self._seen.judged(ref)
        return found

    def _footprint(self) -> Footprint:
        seen, people = self._seen, self._seen.people
        small = evidence_households(seen.members, people, seen.programs)
        homes: dict[Ref, list[frozenset[Ref]]] = defaultdict(list)
        for household in sorted(small):
            for ref in small[household]:
                homes[ref].append(small[household])
        return Footprint(
            people=people,
            candidates={
                r: frozenset(c for c in s.candidates if c in people) for r, s in seen.sharing.items()
            },
            households={ref: tuple(theirs) for ref, theirs in homes.items()},
            ssn_holders={
                r: frozenset(h for h in s.ssn_holders if h in people) for r, s in seen.sharing.items()
            },
            verdicts={((CWS, a), (CALWORKS, b)): verdict for (a, b), verdict in seen.verdicts.items()},
            ssn_capped=seen.ssn_capped,
        )

    async def _write(self, wanted: Collection[Ends], stored: Iterable[Any]) -> set[Ends]:
        """Decide the pairs and write the difference to the rows that stand."""
        before = {(row.cws, row.calworks): row for row in stored}
        footprint = self._footprint()
        rows, gone = [], set()
        for ends in sorted(wanted | before.keys()):
            decision = decide((CWS, ends[0]), (CALWORKS, ends[1]), footprint, self.weigher)
            row = before.get(ends)
            self.feed.pair(ends, row, decision)
            if not isinstance(decision, Linked | NeedsReview):
                if row is not None:
                    gone.add(ends)
                continue
            content = {
                "decision": "linked" if isinstance(decision, Linked) else "review",
                "weight": decision.weight,
                "because": [[part.field, part.level, part.weight] for part in decision.because],
                "reasons": list(decision.reasons) if isinstance(decision, NeedsReview) else [],
                "model": decision.model,
            }
            if row is None or any(getattr(row, name) != value for name, value in content.items()):
                version = row.version + 1 if row is not None else 1
                rows.append(
                    {
                        "cws": ends[0],
                        "calworks": ends[1],
                        "version": version,
                        "decided_at": self.now,
                        **content,
                    }
                )
        await self.identity.save_pairs(rows)
        await self.identity.delete_pairs(gone)
        return gone | {(str(row["cws"]), str(row["calworks"])) for row in rows}

    def _neighbours(self, changes: Sequence[Due], old_holders: dict[bytes, set[Ref]]) -> set[Ref]:
        """Whose decisions read the records that changed, by what these are and by what they were."""
        people, line = self._seen.people, self.weigher.model.thresholds.review
        ring = self.identity.keys.keyring("matcher")
        found: set[Ref] = set()
        for row in changes:
            ref = (row.program, row.subject)
            sharing = self._sharing(ref)
            found |= self._seen.co_members(ref) | sharing.ssn_holders | self._seen.judged(ref)
            if ref not in people:  # hidden, with its keys: by somebody sealed who was merged into it
                found |= sharing.candidates
            else:
                found |= {
                    other
                    for other in sharing.candidates
                    if other in people and self.weigher.raw(ref, other, people) >= line
                }
            holders = {h for key in row.was_keys for h in old_holders.get(bytes.fromhex(key), ())} - {ref}
            if row.was_record is None:
                found |= holders
                continue
            was = records.open_record(row.was_record, ring, county=row.county, ref=row.subject).person
            found |= {
                other
                for other in holders
                if other in people
                and (
                    weigh(self.weigher.model, was, people[other]).weight >= line
                    or _same_ssn(was, people[other])
                )
            }
        return found


def one_voice(said: Mapping[Ends, str], root: Callable[[str], str]) -> dict[Ends, Verdict]:
    """What was said of pairs of records, as of the people they count for; `disagree` where that is not one thing."""
    found: dict[Ends, set[str]] = defaultdict(set)
    for (a, b), verdict in said.items():
        found[(root(a), root(b))].add(verdict)
    return {ends: _voice(verdicts) for ends, verdicts in found.items()}


def _voice(verdicts: set[str]) -> Verdict:
    match sorted(verdicts):
        case ["same"]:
            return "same"
        case ["different"]:
            return "different"
    return "disagree"


def _ends(one: Ref, other: Ref) -> tuple[Ref, Ref]:
    return (one, other) if one[0] == CWS else (other, one)


def _same_ssn(one: Person, other: Person) -> bool:
    return not {t.exact for t in one.ssn}.isdisjoint(t.exact for t in other.ssn)
