"""Claiming and judging doubtful matches: what a liaison of either program does with a pair.

A claim keeps two liaisons from judging one pair at the same time. A verdict is a register of its pair: the decision
reads it, and everything that follows from the decision follows from the verdict by the ordinary derivation.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from services.matcher import dead_letters
from services.matcher.due import AT_ONCE, Due
from services.matcher.identity.decision import pair_id
from services.matcher.identity.resolution import CALWORKS, CWS, Ends
from services.matcher.identity.verdicts import VerdictRepository
from services.matcher.work import Work
from shared.errors import Conflict, Forbidden, NotFound
from shared.ids import mint
from shared.web.auth import Caller

LEASE = timedelta(minutes=15)
LAST = datetime.max.replace(tzinfo=AT_ONCE.tzinfo)

Held = Literal["me", "other", "nobody"]
Verdict = Literal["same", "different", "unsure"]


class ReviewClaimed(Conflict):
    """Somebody else looks at the pair now."""

    slug, title = "review-claimed", "Another liaison looks at this review now"


class NotClaimed(Conflict):
    """A verdict without a claim, or after it ran out."""

    slug, title = "review-not-claimed", "Claim the review before you say what you found"


@dataclass(frozen=True)
class Review:
    """A pair in review as one liaison sees it. `row`: the pair's; `until`: when the claim runs out."""

    id: str
    ends: Ends
    row: Any
    claimed_by: Held
    until: datetime | None


@dataclass(frozen=True)
class Given:
    """A verdict as one liaison sees it: words go to the program in which they were written, and no further."""

    row: Any
    review: str
    by: Literal["me", "colleague", "other_program"]
    reason: str | None
    undone_reason: str | None


async def queue(work: Work, caller: Caller, *, since: datetime, after: str, limit: int) -> list[Review]:
    """The pairs in review, the oldest decision first: those after the one decided then and called that."""
    repository = _repository(work)
    found: list[Any] = []
    while len(found) < limit:
        rows = await repository.waiting(since, after, limit)
        there = await _there(work, {_ends(row) for row in rows})
        found += [row for row in rows if _ends(row) in there]
        if len(rows) < limit:
            break
        since, after = rows[-1].decided_at, rows[-1].id
    found = found[:limit]
    claims = await repository.claims({_ends(row) for row in found}, work.now)
    return [_review(caller, row, claims.get(_ends(row))) for row in found]


async def review_of(work: Work, caller: Caller, ident: str, *, lock: bool = False) -> Review:
    """The pair in review that is called this. NotFound: none, decided meanwhile, or somebody in it is hidden."""
    repository = _repository(work)
    row = await _decided(work, ident, "review", lock=lock)
    ends = _ends(row)
    return _review(caller, row, (await repository.claims({ends}, work.now)).get(ends))


async def waiting_of(work: Work, idents: Collection[str]) -> set[str]:
    """Which of these reviews still wait for somebody."""
    rows = [row for row in await _repository(work).called(idents) if row.decision == "review"]
    there = await _there(work, {_ends(row) for row in rows})
    return {row.id for row in rows if _ends(row) in there}


async def claim(work: Work, caller: Caller, ident: str) -> Review:
    """Take a pair for a quarter of an hour, or go on with it for another. ReviewClaimed: somebody else has it."""
    review = await review_of(work, caller, ident, lock=True)
    if review.claimed_by == "other":
        raise ReviewClaimed
    await _repository(work).claim(review.ends, _who(caller), work.now + LEASE)
    return await review_of(work, caller, ident)


async def release_claim(work: Work, caller: Caller, ident: str) -> Review:
    """Give a pair back. ReviewClaimed: it is somebody else's; nobody's stays nobody's."""
    review = await review_of(work, caller, ident, lock=True)
    if review.claimed_by == "other":
        raise ReviewClaimed
    await _repository(work).give_up(review.ends)
    return await review_of(work, caller, ident)


async def judge(work: Work, caller: Caller, ident: str, verdict: Verdict, reason: str) -> Given:
    """Say what was found about a pair that the caller has claimed; the claim ends with it."""
    review = await review_of(work, caller, ident, lock=True)
    if review.claimed_by == "other":
        raise ReviewClaimed
    if review.claimed_by == "nobody":
        raise NotClaimed
    await _repository(work).give_up(review.ends)
    return await _say(work, caller, review.ends, verdict, reason)


async def unlink(work: Work, caller: Caller, ident: str, reason: str) -> Given:
    """Say that a link joins two different people. NotFound: no link is called this, or somebody in it is hidden."""
    row = await _decided(work, ident, "linked", lock=True)
    return await _say(work, caller, _ends(row), "different", reason)


async def verdicts(work: Work, caller: Caller, *, at: datetime, after: str, limit: int) -> list[Given]:
    """What was said of people who are not hidden, the newest first: before that one."""
    found: list[Given] = []
    while len(found) < limit:
        rows = await _repository(work).newest(at, after, limit)
        there = await _there(work, {(row.cws, row.calworks) for row in rows})
        found += [_given(work, caller, row) for row in rows if (row.cws, row.calworks) in there]
        if len(rows) < limit:
            break
        at, after = rows[-1].at, rows[-1].id
    return found[:limit]


async def undo(work: Work, caller: Caller, ident: str, reason: str) -> Given:
    """Take a verdict of the caller's program back; what it decided is decided again. Once more changes nothing."""
    repository = _repository(work)
    row = await repository.verdict(ident, lock=True)
    if row is None or (row.cws, row.calworks) not in await _there(work, {(row.cws, row.calworks)}):
        raise NotFound
    if _program(row.by) != caller.program:
        raise Forbidden("A verdict is taken back by a liaison of the program in which it was given")
    if row.undone_at is None:
        values = {"undone_by": _who(caller), "undone_at": work.now, "undone_reason": reason}
        await repository.undo(ident, values)
        await _decide_again(work, (row.cws, row.calworks))
    return _given(work, caller, await repository.verdict(ident))


async def _say(work: Work, caller: Caller, ends: Ends, verdict: Verdict, reason: str) -> Given:
    ident = mint("vd")
    await _repository(work).add(
        {
            "id": ident,
            "cws": ends[0],
            "calworks": ends[1],
            "verdict": verdict,
            "reason": reason,
            "by": _who(caller),
            "at": work.now,
        }
    )
    await _decide_again(work, ends)
    return _given(work, caller, await _repository(work).verdict(ident))


async def _decide_again(work: Work, ends: Ends) -> None:
    await work.make_due(
        [Due(work.county, "again", program, ref) for program, ref in zip((CWS, CALWORKS), ends, strict=True)]
    )


async def _there(work: Work, pairs: Collection[Ends]) -> set[Ends]:
    """Those pairs of which nobody is sealed, void, merged into another, or on hold: it might be a sealing."""
    found = await there(work, {ref for ends in pairs for ref in ends})
    return {ends for ends in pairs if found >= set(ends)}


async def there(work: Work, refs: Collection[str]) -> set[str]:
    """Those who are not sealed, void, merged into another, or on hold."""
    if not refs:
        return set()
    known = (await work.identity.active(refs)).keys()
    return known - await dead_letters.held(work.connection, work.county, sorted(refs))


async def _decided(work: Work, ident: str, decision: str, *, lock: bool) -> Any:
    """The pair that is called this and is decided so. NotFound: none, or somebody in it is hidden."""
    row = await _repository(work).pair(ident, lock=lock)
    if row is None or row.decision != decision or not await _there(work, {_ends(row)}):
        raise NotFound
    return row


def _ends(row: Any) -> Ends:
    return row.cws, row.calworks


def _review(caller: Caller, row: Any, held: Any) -> Review:
    if held is None:
        return Review(row.id, _ends(row), row, "nobody", None)
    return Review(row.id, _ends(row), row, "me" if held.worker == _who(caller) else "other", held.until)


def _given(work: Work, caller: Caller, row: Any) -> Given:
    program = _program(row.by)
    review = pair_id(work.county, *_ends(row))
    if program != caller.program:
        return Given(row, review, "other_program", None, None)
    by: Literal["me", "colleague"] = "me" if row.by == _who(caller) else "colleague"
    return Given(row, review, by, row.reason, row.undone_reason)


def _who(caller: Caller) -> str:
    """A worker's reference is unique in a program only."""
    return f"{caller.program}/{caller.worker}"


def _program(who: str) -> str:
    return who.split("/", 1)[0]


def _repository(work: Work) -> VerdictRepository:
    return VerdictRepository(work.connection, work.county)
