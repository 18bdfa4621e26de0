"""The page of one alert, and acknowledging it."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.matcher.alerts.acknowledging import acknowledge, entry_of, shown_entry
from services.matcher.alerts.catalogue import AlertType
from services.matcher.callers import Ref, inboxes_of
from services.matcher.web import words
from services.matcher.web.answering import Page, page, see_other
from services.matcher.web.showing import view
from services.matcher.web.visitor import Form, VisitorDep, VisitorWork
from services.matcher.work import Work
from shared.errors import NotFound
from shared.web.auth import Caller

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/inbox/alerts/{ref}")
async def show_alert(ref: Ref, request: Request, visitor: VisitorDep, work: VisitorWork) -> Response:
    """One alert, decided at this moment."""
    caller = visitor.caller
    async with work:
        shown = await shown_entry(work, caller, await entry_of(work, caller, inboxes_of(caller), ref))
        if shown.row.state == "withdrawn":  # nobody has read it, and nobody is told
            raise NotFound
        recalled = await _recalled(work, caller, shown.row)
        now, policy = work.now, work.policy
    return page(
        request,
        "alert.html",
        visitor=visitor,
        alert=view(shown, now, policy),
        inbox="own" if shown.row.inbox == caller.worker else "liaison",
        recalled=recalled and (recalled.alert[:8], words.moment(recalled.created_at, policy.zone)),
    )


@router.post("/inbox/alerts/{ref}/acknowledge")
async def acknowledge_alert(
    ref: Ref, request: Request, visitor: VisitorDep, form: Form, work: VisitorWork
) -> Response:
    """Say that one has it; not that it is done."""
    async with work:
        shown = await acknowledge(work, visitor.caller, inboxes_of(visitor.caller), ref)
    if form.get("back") != "inbox":
        return see_other(request, f"/inbox/alerts/{ref}")
    which = "own" if shown.row.inbox == visitor.caller.worker else "liaison"
    return see_other(request, f"/inbox?inbox={which}&saved=acknowledged")


async def _recalled(work: Work, caller: Caller, row: Any) -> Any:
    """The entry that a recall is about: its number and when it came, and no more."""
    if row.type != AlertType.ALERT_RECALLED:
        return None
    return await work.alerts.entry(str(caller.program), [row.inbox], row.cause)
