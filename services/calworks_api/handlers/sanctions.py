"""Commands about sanctions. The county imposes them; here they are recorded, so that others can help."""

from dataclasses import dataclass
from datetime import date

from services.calworks_api.domain.intake import NOT_KNOWN
from services.calworks_api.domain.sanction import Sanction, SanctionClass
from services.calworks_api.handlers.noncompliances import lock_adult_member, publish_end
from services.calworks_api.work import Work
from shared.calendars import PACIFIC, start_of_day
from shared.days import check_month
from shared.errors import FieldError, Invalid
from shared.events.parts import Slot
from shared.ids import mint


@dataclass(frozen=True, slots=True)
class ImposeSanction:
    """Record that a sanction was imposed on a person."""

    person: str
    sanction_class: SanctionClass
    effective_month: date
    noncompliance: str | None
    cure_steps: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class CureSanction:
    """Record that a person did what cures a sanction: aid is restored from a month on."""

    sanction: str
    cured_on: date
    effective_month: date


@dataclass(frozen=True, slots=True)
class RescindSanction:
    """Record that a sanction was taken back."""

    sanction: str
    rescinded_on: date


async def impose_sanction(cmd: ImposeSanction, work: Work) -> Sanction:
    """The sanction with its number among the person's. It resolves the notice that it names, if nothing has.

    Raises Invalid or NotAnAdultMember.
    """
    check_month("/effective_month", cmd.effective_month)
    await lock_adult_member(cmd.person, work)
    notice = None
    if cmd.noncompliance is not None:
        notices = {one.ref: one for one in await work.records.noncompliances.of(cmd.person)}
        notice = notices.get(cmd.noncompliance)
        if notice is None:
            raise Invalid(FieldError("/noncompliance", NOT_KNOWN))
    sanction = Sanction(
        ref=mint("sa"),
        person=cmd.person,
        sanction_class=cmd.sanction_class,
        instance_no=await work.records.sanctions.count(cmd.person) + 1,
        effective_month=cmd.effective_month,
        noncompliance=cmd.noncompliance,
        cure_steps=cmd.cure_steps,
    )
    await work.records.sanctions.add(sanction, work.now)
    if notice is not None and notice.status == "started":
        await publish_end(notice.resolved("sanction", on=work.today, today=work.today, pointer=""), work)
    work.publish(sanction.event(), time=work.now, effective=cmd.effective_month)
    return sanction


async def cure_sanction(cmd: CureSanction, work: Work) -> Sanction:
    """The sanction's next version. Raises SanctionNotFound, SanctionOver or Invalid."""
    before = await _locked(cmd.sanction, work)
    cured = before.cured(cmd.cured_on, cmd.effective_month, today=work.today)
    await work.records.sanctions.end(cured, work.now)
    work.publish(cured.end(), time=start_of_day(cmd.cured_on, PACIFIC), effective=cmd.effective_month)
    return cured


async def rescind_sanction(cmd: RescindSanction, work: Work) -> Sanction:
    """The sanction's next version. Raises SanctionNotFound, SanctionOver or Invalid."""
    before = await _locked(cmd.sanction, work)
    rescinded = before.rescinded(cmd.rescinded_on, today=work.today)
    await work.records.sanctions.end(rescinded, work.now)
    day = cmd.rescinded_on
    work.publish(rescinded.end(), time=start_of_day(day, PACIFIC), effective=day)
    return rescinded


async def _locked(ref: str, work: Work) -> Sanction:
    """The sanction, behind the lock of its person. Raises SanctionNotFound."""
    found = await work.records.sanctions.get(ref)
    await work.records.persons.get(found.person, lock=True)
    return await work.records.sanctions.get(ref)
