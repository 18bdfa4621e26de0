"""Acknowledging an alert: "I have it". The entry takes the next place in its inbox, so other windows hear of it."""

from typing import Any

from services.matcher.alerts.inbox import InboxAddress
from services.matcher.alerts.reading import ShownAlert, read
from services.matcher.work import Work
from shared.errors import Conflict, NotFound
from shared.web.auth import Caller


class NotStanding(Conflict):
    """The entry was closed, withdrawn or recalled."""

    slug, title = "alert-not-standing", "The alert does not stand any more"


async def acknowledge(work: Work, caller: Caller, inboxes: list[str], alert: str) -> ShownAlert:
    """Mark the caller's entry of an alert as acknowledged; doing so again changes nothing."""
    row = await entry_of(work, caller, inboxes, alert)
    if row.state == "open":
        address = InboxAddress(work.county, row.program, row.inbox)
        last = (await work.alerts.next_seqs({address: 1}))[address]
        await work.alerts.mark(
            [row],
            state="acknowledged",
            acknowledged_at=work.now,
            seq=last + 1,
            change="acknowledged",
            version=row.version + 1,
        )
        work.touch(address)
        cause = [fact.recorded_at for fact in await work.coordination.facts(refs={row.cause})]
        work.feed.acknowledged(row, max(cause, default=None), work.policy)
        row = await entry_of(work, caller, inboxes, alert)
    elif row.state != "acknowledged":
        raise NotStanding
    return await shown_entry(work, caller, row)


async def entry_of(work: Work, caller: Caller, inboxes: list[str], alert: str) -> Any:
    """The caller's entry of an alert, or NotFound."""
    row = await work.alerts.entry(str(caller.program), inboxes, alert)
    if row is None or not caller.has(row.role):
        raise NotFound
    return row


async def shown_entry(work: Work, caller: Caller, row: Any) -> ShownAlert:
    """The entry as it may be seen now, or NotFound: hidden and absent look alike."""
    shown = await read(work, caller, [row])
    if not shown:
        raise NotFound
    return shown[0]
