"""Commands about children taken into protective custody."""

from dataclasses import dataclass
from datetime import date

from services.cws_api.domain.client import NotAChild
from services.cws_api.domain.removal import AlreadyRemoved, Removal, check_removed_on
from services.cws_api.work import Work
from shared.calendars import PACIFIC, start_of_day
from shared.ids import mint
from shared.web.etag import require_match


@dataclass(frozen=True, slots=True)
class RemoveChild:
    """Record that a child was removed."""

    child: str
    removed_on: date
    all_eligible_removed: bool | None
    placement_class: str | None
    court_date: date | None


@dataclass(frozen=True, slots=True)
class ReturnChild:
    """Record that a removed child came home; `if_match` counts where it is sent."""

    removal: str
    returned_on: date
    if_match: str | None = None


async def remove_child(cmd: RemoveChild, work: Work) -> Removal:
    """The removal. Raises ClientNotFound, ClientIsMerged, NotAChild, or AlreadyRemoved while one stands."""
    await work.records.clients.to_change(cmd.child)
    check_removed_on(cmd.removed_on, work.today)
    if not await work.records.clients.is_child(cmd.child):
        raise NotAChild
    if await work.records.removals.stands(await work.records.clients.same(cmd.child)):
        raise AlreadyRemoved
    removal = Removal(
        ref=mint("rm"),
        child=cmd.child,
        removed_on=cmd.removed_on,
        all_eligible_removed=cmd.all_eligible_removed,
        placement_class=cmd.placement_class,
        court_date=cmd.court_date,
    )
    await work.records.removals.add(removal, work.now)
    work.publish(removal.event(), time=start_of_day(cmd.removed_on, PACIFIC), effective=cmd.removed_on)
    return removal


async def return_child(cmd: ReturnChild, work: Work) -> Removal:
    """The removal, over. Raises RemovalNotFound, AlreadyReturned, Invalid, or what If-Match asks for."""
    before = await work.records.removals.get(cmd.removal, lock=True)
    if cmd.if_match is not None:
        require_match(cmd.if_match, before.version, before)
    after, returned = before.returned(cmd.returned_on, work.today)
    await work.records.removals.end(after, work.now)
    work.publish(returned, time=start_of_day(cmd.returned_on, PACIFIC), effective=cmd.returned_on)
    return after
