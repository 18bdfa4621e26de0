"""Commands about placements with relatives."""

from dataclasses import dataclass
from datetime import date

from services.cws_api.domain.client import NotAChild, Places
from services.cws_api.domain.intake import Entry, admit_one
from services.cws_api.domain.placement import (
    CAREGIVER,
    AlreadyPlaced,
    Placement,
    check_caregiver,
    check_started_on,
)
from services.cws_api.handlers.clients import publish_client, retelling
from services.cws_api.work import Work
from shared.calendars import PACIFIC, start_of_day
from shared.events.cws import Funding
from shared.ids import mint
from shared.web.etag import require_match


@dataclass(frozen=True, slots=True)
class PlaceWithRelative:
    """Record that a child is to live, or lives, with a relative: `planned_on` or `started_on`."""

    child: str
    caregiver: Entry
    degree: int | None
    funding: Funding
    planned_on: date | None
    started_on: date | None


@dataclass(frozen=True, slots=True)
class StartPlacement:
    """Record that a planned placement began; `if_match` counts where it is sent."""

    placement: str
    started_on: date
    if_match: str | None = None


@dataclass(frozen=True, slots=True)
class EndPlacement:
    """Record that a placement ended; `if_match` counts where it is sent."""

    placement: str
    ended_on: date
    if_match: str | None = None


async def place_with_relative(cmd: PlaceWithRelative, work: Work) -> Placement:
    """The placement, stored with its caregiver where that is somebody new.

    Raises ClientNotFound, ClientIsMerged, NotAChild, AlreadyPlaced, RecordIdTaken, or Invalid.
    """
    clients = work.records.clients
    await clients.to_change(cmd.child)
    check_started_on(cmd.started_on, work.today)
    if not await clients.is_child(cmd.child):
        raise NotAChild
    if await work.records.placements.stands(await clients.same(cmd.child)):
        raise AlreadyPlaced("End it before you record another")
    named = cmd.caregiver
    found = await clients.find(
        [named.ref] if named.ref is not None else [], [named.record_id] if named.record_id is not None else []
    )
    caregiver = admit_one(named, found, pointer="/caregiver")
    check_caregiver(caregiver.client, cmd.child)
    placement = Placement(
        ref=mint("rp"),
        child=cmd.child,
        caregiver=caregiver.client,
        degree=cmd.degree,
        funding=cmd.funding,
        planned_on=cmd.planned_on,
        started_on=cmd.started_on,
    )
    if caregiver.new is not None:
        await clients.add([caregiver.new], work.now)
        publish_client(caregiver.new, work, Places(roles=(CAREGIVER,)))
        await work.records.placements.add(placement, work.now)
    else:
        async with retelling([caregiver.client], work):
            await work.records.placements.add(placement, work.now)
    _publish(placement, work)
    return placement


async def start_placement(cmd: StartPlacement, work: Work) -> Placement:
    """The placement, begun. Raises PlacementNotFound, PlacementHasBegun, PlacementIsOver, Invalid, or for If-Match."""
    before = await _locked(cmd.placement, cmd.if_match, work)
    after = before.started(cmd.started_on, work.today)
    await work.records.placements.move(after, work.now)
    _publish(after, work)
    return after


async def end_placement(cmd: EndPlacement, work: Work) -> Placement:
    """The placement, over. Raises PlacementNotFound, PlacementIsOver, Invalid, or what If-Match asks for."""
    before = await _locked(cmd.placement, cmd.if_match, work)
    after, ended = before.ended(cmd.ended_on, work.today)
    async with retelling([before.caregiver], work):
        await work.records.placements.move(after, work.now)
    work.publish(ended, time=start_of_day(cmd.ended_on, PACIFIC), effective=cmd.ended_on)
    return after


async def _locked(ref: str, if_match: str | None, work: Work) -> Placement:
    placement = await work.records.placements.get(ref, lock=True)
    if if_match is not None:
        require_match(if_match, placement.version, placement)
    return placement


def _publish(placement: Placement, work: Work) -> None:
    """Publish that it began, from that day on; or that it is planned, now."""
    began = placement.started_on
    time = work.now if began is None else start_of_day(began, PACIFIC)
    work.publish(placement.event(), time=time, effective=began)
