"""The page of a task, where a worker records how the offer went: signed, declined, or nobody reached."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.matcher.alerts.tasks import TaskDone, finish
from services.matcher.callers import RELEASE_TAKERS, Ref, inboxes_of
from services.matcher.disclosure.handlers import PersonNotYours, take_release
from services.matcher.web import words
from services.matcher.web.answering import Page, page, see_other
from services.matcher.web.offers import CATEGORIES, PURPOSES, Filled, Offer, offer_of, proposed, sent
from services.matcher.web.release_form import integrated
from services.matcher.web.visitor import Form, VisitorDep, VisitorWork
from services.matcher.work import Work
from shared.errors import BadRequest, FieldError, Forbidden, Invalid
from shared.web.auth import Caller
from shared.web.session import Session

router = APIRouter(route_class=Page, include_in_schema=False)

_NOT_YOURS = FieldError(
    "/persons",
    "One of these people is not on your list yet. Wait a minute and try again, or ask your supervisor.",
)


@router.get("/inbox/tasks/{ref}")
async def show_task(ref: Ref, request: Request, visitor: VisitorDep, work: VisitorWork) -> Response:
    """The same page for every intake of the own program."""
    async with work:
        row, offer = await offer_of(work, visitor.caller, ref)
        filled = proposed(work.today, work.policy, visitor.caller.worker)
    return _page(request, visitor, work, row, offer, filled)


@router.post("/inbox/tasks/{ref}/done")
async def finish_task(
    ref: Ref, request: Request, visitor: VisitorDep, form: Form, work: VisitorWork
) -> Response:
    """Record how it went; a signed release and the end of its task are one transaction."""
    outcome, caller = form.get("outcome"), visitor.caller
    if outcome not in words.OUTCOMES:
        raise BadRequest
    if outcome == "signed" and not caller.has(*RELEASE_TAKERS):
        raise Forbidden
    async with work:
        row, offer = await offer_of(work, caller, ref)
        if row.state not in ("open", outcome):
            raise TaskDone
        filled, errors = proposed(work.today, work.policy, caller.worker), tuple[FieldError, ...]()
        if outcome == "signed" and row.state == "open":
            filled = sent(form, offer)
            errors = await _record(filled, caller, work)
        if not errors:
            inboxes = inboxes_of(caller)
            await finish(work.connection, work.county, str(caller.program), inboxes, ref, outcome, work.now)
    if errors:
        return _page(request, visitor, work, row, offer, filled, errors)
    return see_other(request, f"/inbox?inbox={_which(row, caller)}&saved={outcome}")


async def _record(filled: Filled, caller: Caller, work: Work) -> tuple[FieldError, ...]:
    """Record the release, or what is to be fixed; then nothing was written."""
    try:
        await take_release(filled.command(), caller, work, drafts=False)
    except PersonNotYours:
        return (_NOT_YOURS,)
    except Invalid as invalid:
        return invalid.errors
    return ()


def _page(
    request: Request,
    visitor: Session,
    work: Work,
    row: Any,
    offer: Offer,
    filled: Filled,
    errors: tuple[FieldError, ...] = (),
) -> Response:
    return page(
        request,
        "task.html",
        status=Invalid.status if errors else 200,
        visitor=visitor,
        offer=offer,
        filled=filled,
        inbox=_which(row, visitor.caller),
        outcome=words.OUTCOMES.get(row.state),
        prints=integrated(work.policy) is not None,
        may_record=visitor.caller.has(*RELEASE_TAKERS),
        categories=[(one, words.CATEGORIES[one]) for one in CATEGORIES],
        purposes=[(one, words.PURPOSES[one]) for one in PURPOSES],
        directions=list(words.DIRECTIONS.items()),
        signers=list(words.SIGNERS.items()),
        languages=list(words.LANGUAGES.items()),
        statements=list(words.STATEMENTS.items()),
        forms=[(one.code, one.name) for one in work.policy.forms if set(CATEGORIES) <= set(one.categories)],
        errors=_by_field(errors),
    )


def _which(row: Any, caller: Caller) -> str:
    return "own" if row.inbox == caller.worker else "liaison"


def _by_field(errors: tuple[FieldError, ...]) -> dict[str, str]:
    """One message for each part of the form: the first segment of a pointer names it."""
    found: dict[str, str] = {}
    for error in errors:
        found.setdefault(error.pointer.strip("/").split("/")[0] or "persons", error.message)
    return found
