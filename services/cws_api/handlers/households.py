"""Commands about households."""

from dataclasses import dataclass

from services.cws_api.domain.household import Household, named_members
from services.cws_api.handlers.clients import retelling
from services.cws_api.work import Work
from shared.events.parts import Member
from shared.web.etag import require_match


@dataclass(frozen=True, slots=True)
class ChangeHousehold:
    """Say who lives in a household, all of them, and whether it is protected; what is None stays as it is."""

    household: str
    members: tuple[Member, ...] | None
    protected: bool | None
    if_match: str | None


async def change_household(cmd: ChangeHousehold, work: Work) -> Household:
    """The household's next version. Raises HouseholdNotFound, Invalid, or what If-Match asks for."""
    before = await work.records.households.get(cmd.household, lock=True)
    require_match(cmd.if_match, before.version, before)
    members = None
    if cmd.members is not None:
        found = await work.records.clients.find([one.person for one in cmd.members])
        members = named_members(before, cmd.members, found)
    after = before.changed(members, protected=cmd.protected)
    async with retelling((one.person for one in (*before.members, *after.members)), work):
        await put_household(after, work)
    return after


async def put_household(after: Household, work: Work) -> None:
    """Store a household's next version and publish it."""
    await work.records.households.change(after, work.now)
    work.publish(after.event(), time=work.now)
