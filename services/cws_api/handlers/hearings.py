"""Commands about hearings."""

from dataclasses import dataclass
from datetime import date

from services.cws_api.domain.hearing import Hearing
from services.cws_api.work import Work
from shared.events.cws import HearingKind
from shared.ids import mint
from shared.web.etag import require_match


@dataclass(frozen=True, slots=True)
class SetHearing:
    """Set a hearing in a case for a day."""

    case: str
    kind: HearingKind
    on: date


@dataclass(frozen=True, slots=True)
class MoveHearing:
    """Set a hearing for another day; `if_match` is the entity tag that the caller read."""

    hearing: str
    on: date
    if_match: str | None


async def set_hearing(cmd: SetHearing, work: Work) -> Hearing:
    """The hearing. Raises CaseNotFound or CaseIsClosed."""
    case = await work.records.cases.get(cmd.case, lock=True)
    case.check_open("The case is closed: reopen it before you set a hearing in it")
    hearing = Hearing(ref=mint("hr"), case=cmd.case, kind=cmd.kind, on=cmd.on)
    await work.records.hearings.add(hearing, work.now)
    work.publish(hearing.event(), time=work.now)
    return hearing


async def move_hearing(cmd: MoveHearing, work: Work) -> Hearing:
    """The hearing on its other day. Raises HearingNotFound, or what If-Match asks for."""
    before = await work.records.hearings.get(cmd.hearing, lock=True)
    require_match(cmd.if_match, before.version, before)
    after = before.moved(cmd.on)
    await work.records.hearings.move(after, work.now)
    work.publish(after.event(), time=work.now)
    return after
