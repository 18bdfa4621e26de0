"""Commands about sanctions. The county imposes them; here they are recorded, so that others can help."""

from dataclasses import dataclass
from datetime import date

from services.calworks_api.domain.intake import NOT_KNOWN
from services.calworks_api.domain.sanction import Sanction, SanctionClass, check_effective_month
from services.calworks_api.handlers.noncompliances import lock_adult_member
from services.calworks_api.work import Work
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


async def impose_sanction(cmd: ImposeSanction, work: Work) -> Sanction:
    """The sanction with its number among the person's. Raises Invalid or NotAnAdultMember."""
    check_effective_month(cmd.effective_month)
    await lock_adult_member(cmd.person, work)
    if cmd.noncompliance is not None:
        notices = await work.records.noncompliances.of(cmd.person)
        if cmd.noncompliance not in {one.ref for one in notices}:
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
    work.publish(sanction.event(), time=work.now, effective=cmd.effective_month)
    return sanction
