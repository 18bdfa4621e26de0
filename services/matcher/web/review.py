"""The liaison's pages of doubtful matches: the queue, two records side by side, and what was found."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter, ValidationError

from services.matcher.callers import Ref
from services.matcher.due import AT_ONCE
from services.matcher.identity import handlers
from services.matcher.identity.handlers import LAST, Given, Review
from services.matcher.identity.reading import SideBySide, look
from services.matcher.identity.resolution import CWS
from services.matcher.identity.review import reasons
from services.matcher.web import words
from services.matcher.web.answering import Page, page, see_other
from services.matcher.web.visitor import Form, VisitorDep, VisitorWork
from services.matcher.web.waterfall import Bar, waterfall
from services.matcher.work import Work
from shared.errors import Forbidden
from shared.web.auth import Caller
from shared.web.fields import Reason
from shared.web.session import Session

router = APIRouter(route_class=Page, include_in_schema=False)

SHOWN = 50  # reviews of a page
_REASON: TypeAdapter[str] = TypeAdapter(Reason)
_LONGEST = 500

VERDICTS = {
    "same": "The same person",
    "different": "Two different people",
    "unsure": "I am not sure",
}
_SAVED = {
    "verdict": "Saved: what you found. The match is decided again in a moment.",
    "undone": "Saved: your verdict is taken back.",
    "released": "Saved: the review waits for somebody else.",
}
_WEIGHED = {
    "prior": "Before anything is compared",
    "verdict": "An earlier verdict",
}
_LEVELS = {
    ("prior", "population"): "two records are rarely one person",
    ("ssn", "sibling"): "one digit apart, as those of siblings are",
}
_MISSING = ("missing", "none")


async def _liaison(visitor: VisitorDep) -> Session:
    """The session of a liaison. Forbidden: anybody else's, whether there are reviews or not."""
    if not visitor.caller.has("linkages_liaison"):
        raise Forbidden
    return visitor


LiaisonVisitor = Annotated[Session, Depends(_liaison)]
Saved = Annotated[Literal["verdict", "undone", "released"] | None, Query()]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A review of the queue."""

    id: str
    number: str
    name: str
    since: str
    reasons: list[str]
    claimed: str | None


@router.get("/review")
async def show_queue(
    request: Request, visitor: LiaisonVisitor, work: VisitorWork, saved: Saved = None
) -> Response:
    """What waits for somebody to look, the oldest first."""
    caller = visitor.caller
    async with work:
        found = await handlers.queue(work, caller, since=AT_ONCE, after="", limit=SHOWN + 1)
        names = await _own_names(work, caller, found)
        last = await _own_last(work, caller)
        waiting = [_waiting(work, one, names[one.id]) for one in found[:SHOWN]]
        undoable = last and (
            last.row.id,
            VERDICTS[last.row.verdict],
            words.moment(last.row.at, work.policy.zone),
        )
    return page(
        request,
        "reviews.html",
        visitor=visitor,
        inbox="review",
        reviews=waiting,
        more=len(found) > SHOWN,
        last=undoable,
        longest=_LONGEST,
        saved=_SAVED.get(saved or ""),
    )


@router.get("/review/{ref}")
async def show_review(ref: Ref, request: Request, visitor: LiaisonVisitor, work: VisitorWork) -> Response:
    """Two records side by side, decided and accounted for at this moment."""
    async with work:
        side = await look(work, visitor.caller, await handlers.review_of(work, visitor.caller, ref))
    return _page(request, visitor, work, side)


@router.post("/review/{ref}/claim")
async def claim(
    ref: Ref, request: Request, visitor: LiaisonVisitor, form: Form, work: VisitorWork
) -> Response:
    """Look at it now, or go on looking."""
    async with work:
        await handlers.claim(work, visitor.caller, ref)
    return see_other(request, f"/review/{ref}")


@router.post("/review/{ref}/release-claim")
async def release_claim(
    ref: Ref, request: Request, visitor: LiaisonVisitor, form: Form, work: VisitorWork
) -> Response:
    """Leave it to somebody else."""
    async with work:
        await handlers.release_claim(work, visitor.caller, ref)
    return see_other(request, "/review?saved=released")


@router.post("/review/{ref}/verdict")
async def give_verdict(
    ref: Ref, request: Request, visitor: LiaisonVisitor, form: Form, work: VisitorWork
) -> Response:
    """Say what was found."""
    caller, sent = visitor.caller, str(form.get("reason") or "")
    verdict, errors = _verdict(form.get("verdict")), dict[str, str]()
    reason = _reason(sent)
    if verdict is None:
        errors["verdict"] = "Choose what you found."
    if reason is None:
        errors["reason"] = f"Write why, in at most {_LONGEST} characters."
    async with work:
        if verdict is None or reason is None:
            side = await look(work, caller, await handlers.review_of(work, caller, ref))
        else:
            await handlers.judge(work, caller, ref, verdict, reason)
    if errors:
        return _page(request, visitor, work, side, verdict=verdict, sent=reason or "", errors=errors)
    return see_other(request, "/review?saved=verdict")


@router.post("/review/verdicts/{ref}/undo")
async def undo_verdict(
    ref: Ref, request: Request, visitor: LiaisonVisitor, form: Form, work: VisitorWork
) -> Response:
    """Take back what one found last."""
    reason = _reason(str(form.get("reason") or "")) or "Taken back on the page"
    async with work:
        await handlers.undo(work, visitor.caller, ref, reason)
    return see_other(request, "/review?saved=undone")


def _page(
    request: Request,
    visitor: Session,
    work: Work,
    side: SideBySide,
    *,
    verdict: str | None = None,
    sent: str = "",
    errors: dict[str, str] | None = None,
) -> Response:
    row, review, thresholds = side.review.row, side.review, request.app.state.model.thresholds
    zone, ground = work.policy.zone, side.ground
    return page(
        request,
        "review.html",
        status=422 if errors else 200,
        visitor=visitor,
        inbox="review",
        id=review.id,
        number=review.id[:8],
        since=words.moment(row.decided_at, zone),
        reasons=reasons(row.reasons),
        claimed=review.claimed_by,
        until=words.clock(review.until, zone) if review.until else None,
        compared=[
            (
                words.agreement(one.field, "")[0],
                _shown(one.field, one.own),
                _shown(one.field, one.other),
                one.says,
            )
            for one in side.compared
        ],
        weights=[_weighed(*part) for part in side.weights if part[1] not in _MISSING],
        picture=waterfall(
            [Bar(_weighed(*part)[0], part[2]) for part in side.weights if part[2]],
            link=thresholds.link,
            review=thresholds.review,
        ),
        wrong=words.one_in(row.weight),
        model=row.model,
        total=f"{row.weight:+.1f}",
        link_from=f"{thresholds.link:+.1f}",
        review_from=f"{thresholds.review:+.1f}",
        ground=ground and words.BASES.get(ground.basis, ground.basis),
        other=words.PROGRAMS[words.OTHER[str(visitor.caller.program)]],
        verdicts=list(VERDICTS.items()),
        verdict=verdict,
        sent=sent,
        longest=_LONGEST,
        errors=errors or {},
    )


def _shown(field: str, held: str | None) -> str:
    """A value as the program writes it; a birth date stays as it stands, so that its digits can be compared."""
    return (
        {"F": "female", "M": "male", "X": "another"}.get(held or "", held or "")
        if field == "sex"
        else held or ""
    )


def _weighed(field: str, level: str, weight: float) -> tuple[str, str, str]:
    label, said = words.agreement(field, level)
    return _WEIGHED.get(field, label), _LEVELS.get((field, level), said), f"{weight:+.1f}"


def _waiting(work: Work, review: Review, name: str) -> Waiting:
    row, zone = review.row, work.policy.zone
    claimed = None
    if review.until is not None:
        who = "You have it" if review.claimed_by == "me" else "Somebody else looks at it"
        claimed = f"{who} until {words.clock(review.until, zone)}"
    since = words.moment(row.decided_at, zone)
    return Waiting(review.id, review.id[:8], name, since, reasons(row.reasons), claimed)


async def _own_names(work: Work, caller: Caller, reviews: list[Review]) -> dict[str, str]:
    """What the caller's own program calls the people in these reviews."""
    end = 0 if caller.program == CWS else 1
    mine = {one.id: one.ends[end] for one in reviews}
    names = await named(work, caller, mine.values())
    return {ident: names[ref] for ident, ref in mine.items()}


async def named(work: Work, caller: Caller, refs: Collection[str]) -> dict[str, str]:
    """What the caller's own program calls each of these people."""
    people = await work.identity.people({(str(caller.program), ref) for ref in refs})
    shown = {ref: record.shown for (_, ref), record in people.items()}
    return {ref: _name(shown.get(ref, {})) for ref in refs}


def _name(shown: dict[str, str]) -> str:
    parts = ("first_name", "middle_name", "last_name", "suffix")
    return " ".join(shown[part] for part in parts if part in shown) or "(no name)"


async def _own_last(work: Work, caller: Caller) -> Given | None:
    """The caller's last verdict, if it stands."""
    found = await handlers.verdicts(work, caller, at=LAST, after="", limit=SHOWN)
    last = next((one for one in found if one.by == "me"), None)
    return last if last is not None and last.row.undone_at is None else None


def _verdict(sent: Any) -> handlers.Verdict | None:
    return next((one for one in ("same", "different", "unsure") if one == sent), None)


def _reason(sent: str) -> str | None:
    """What was written, on one line; None if it is nothing, or too much."""
    try:
        return _REASON.validate_python(" ".join(sent.split()))
    except ValidationError:
        return None
