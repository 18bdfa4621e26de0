"""Response bodies: what may be shown of each record."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Self

from pydantic import BaseModel

from services.calworks_api.domain.application import Application, Expedite, Status
from services.calworks_api.domain.assignment import Assignment, Kind, OnKind
from services.calworks_api.domain.case import Case
from services.calworks_api.domain.case import Status as CaseStatus
from services.calworks_api.domain.clock import ClockMilestone
from services.calworks_api.domain.exemption import Exemption
from services.calworks_api.domain.exemption import Status as ExemptionStatus
from services.calworks_api.domain.noncompliance import GoodCause, Noncompliance, Outcome
from services.calworks_api.domain.noncompliance import Status as NoticeStatus
from services.calworks_api.domain.person import Person
from services.calworks_api.domain.sanction import Sanction, SanctionClass
from services.calworks_api.domain.sanction import Status as SanctionStatus
from services.calworks_api.domain.unit import Member, Unit
from services.calworks_api.domain.wtw_plan import Status as PlanStatus
from services.calworks_api.domain.wtw_plan import WtwPlan
from shared.events.calworks import DenialReason, DiscontinuanceReason, SupportiveService, WtwStatus
from shared.events.parts import Slot, Worker
from shared.web.people import PersonOut


class PersonRecordOut(BaseModel):
    """A person's record; `wtw_status` is the one since `wtw_since`.

    One that has `merged_into` is retired: what is known of it counts for that survivor, and it is changed no more.
    """

    ref: str
    county: str
    record_id: str | None = None
    person: PersonOut
    wtw_status: WtwStatus | None = None
    wtw_since: date | None = None
    county_id: str | None = None
    merged_into: str | None = None
    version: int

    @classmethod
    def of(cls, person: Person, county: str) -> Self:
        """What may be shown of it."""
        shown = PersonOut.of(
            person.details, sensitivity=person.sensitivity, address_protected=person.address_protected
        )
        return cls(
            ref=person.ref,
            county=county,
            record_id=person.record_id,
            person=shown,
            wtw_status=person.wtw_status,
            wtw_since=person.wtw_since,
            county_id=person.county_id,
            merged_into=person.merged_into,
            version=person.version,
        )


class MemberOut(BaseModel):
    """A person in a unit, application or case."""

    person: str
    record_id: str | None = None
    role: str

    @classmethod
    def all_of(cls, members: Sequence[Member]) -> list[Self]:
        """Several, in order."""
        return [cls(person=one.person, record_id=one.record_id, role=one.role) for one in members]


class UnitOut(BaseModel):
    """An assistance unit: the members of its last approval, and those of applications since."""

    ref: str
    county: str
    record_id: str | None = None
    members: Sequence[MemberOut]
    version: int

    @classmethod
    def of(cls, unit: Unit, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=unit.ref,
            county=county,
            record_id=unit.record_id,
            members=MemberOut.all_of(unit.members),
            version=unit.version,
        )


class ApplicationOut(BaseModel):
    """An application; `assignment` is the one of its present eligibility worker.

    `ended_on` is the day on which it was decided or withdrawn; `reason_class` is a denial's.
    """

    ref: str
    county: str
    status: Status
    reason_class: DenialReason | None = None
    ended_on: date | None = None
    received_at: datetime
    expedite: Sequence[Expedite]
    au: str
    persons: Sequence[MemberOut]
    assignment: str | None = None
    version: int

    @classmethod
    def of(cls, application: Application, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=application.ref,
            county=county,
            status=application.status,
            reason_class=application.reason_class,
            ended_on=application.ended_on,
            received_at=application.received_at,
            expedite=application.expedite,
            au=application.au,
            persons=MemberOut.all_of(application.persons),
            assignment=application.assignment,
            version=application.version,
        )


class CaseOut(BaseModel):
    """A case; `assignments` are those of its present workers, one of a kind.

    While it is discontinued it has a `reason_class` and `aid_end`, the last day of aid.
    """

    ref: str
    county: str
    status: CaseStatus
    reason_class: DiscontinuanceReason | None = None
    aid_end: date | None = None
    au: str
    application: str | None = None
    case_number: str | None = None
    aid_start: date
    members: Sequence[MemberOut]
    assignments: Sequence[str]
    version: int

    @classmethod
    def of(cls, case: Case, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=case.ref,
            county=county,
            status=case.status,
            reason_class=case.reason_class,
            aid_end=case.aid_end,
            au=case.au,
            application=case.application,
            case_number=case.case_number,
            aid_start=case.aid_start,
            members=MemberOut.all_of(case.members),
            assignments=case.assignments,
            version=case.version,
        )


class AssignmentOut(BaseModel):
    """An assignment; without `until_at` it goes on."""

    ref: str
    county: str
    on: str
    on_kind: OnKind
    kind: Kind
    worker: Worker
    from_at: datetime
    until_at: datetime | None = None
    version: int

    @classmethod
    def of(cls, assignment: Assignment, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=assignment.ref,
            county=county,
            on=assignment.on,
            on_kind=assignment.on_kind,
            kind=assignment.kind,
            worker=assignment.worker,
            from_at=assignment.from_at,
            until_at=assignment.until_at,
            version=assignment.version,
        )


class GoodCauseOut(BaseModel):
    """A decision on good cause."""

    ref: str
    granted: bool
    from_date: date | None = None
    until_date: date | None = None

    @classmethod
    def of(cls, decided: GoodCause) -> Self:
        """What may be shown of it."""
        return cls(
            ref=decided.ref,
            granted=decided.granted,
            from_date=decided.from_date,
            until_date=decided.until_date,
        )


class NoncomplianceOut(BaseModel):
    """A notice and its days: a sanction can be prevented until `day20` is over, unless it is resolved before."""

    ref: str
    county: str
    status: NoticeStatus
    outcome: Outcome | None = None
    resolved_on: date | None = None
    person: str
    notice_date: date
    day1: date
    day20: date
    missed: Slot | None = None
    good_causes: Sequence[GoodCauseOut] = ()
    version: int

    @classmethod
    def of(cls, noncompliance: Noncompliance, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=noncompliance.ref,
            county=county,
            status=noncompliance.status,
            outcome=noncompliance.outcome,
            resolved_on=noncompliance.resolved_on,
            person=noncompliance.person,
            notice_date=noncompliance.notice_date,
            day1=noncompliance.day1,
            day20=noncompliance.day20,
            missed=noncompliance.missed,
            good_causes=[GoodCauseOut.of(one) for one in noncompliance.good_causes],
            version=noncompliance.version,
        )


class SanctionOut(BaseModel):
    """A sanction. Its number is history and sets no end: it can be cured at once.

    `ended_on` is the day of the cure or rescission; `restored_month` the month from which a cure restores aid.
    """

    ref: str
    county: str
    status: SanctionStatus
    ended_on: date | None = None
    restored_month: date | None = None
    person: str
    sanction_class: SanctionClass
    instance_no: int
    effective_month: date
    noncompliance: str | None = None
    cure_steps: Sequence[Slot]
    version: int

    @classmethod
    def of(cls, sanction: Sanction, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=sanction.ref,
            county=county,
            status=sanction.status,
            ended_on=sanction.ended_on,
            restored_month=sanction.restored_month,
            person=sanction.person,
            sanction_class=sanction.sanction_class,
            instance_no=sanction.instance_no,
            effective_month=sanction.effective_month,
            noncompliance=sanction.noncompliance,
            cure_steps=sanction.cure_steps,
            version=sanction.version,
        )


class ExemptionOut(BaseModel):
    """An exemption; without `ended_on` it stands."""

    ref: str
    county: str
    status: ExemptionStatus
    person: str
    from_date: date
    review_on: date | None = None
    ended_on: date | None = None
    version: int

    @classmethod
    def of(cls, exemption: Exemption, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=exemption.ref,
            county=county,
            status=exemption.status,
            person=exemption.person,
            from_date=exemption.from_date,
            review_on=exemption.review_on,
            ended_on=exemption.ended_on,
            version=exemption.version,
        )


class WtwPlanOut(BaseModel):
    """A welfare-to-work plan as it was signed or, if it has `amended_on`, amended last; one stands at a time."""

    ref: str
    county: str
    status: PlanStatus
    person: str
    signed_on: date
    amended_on: date | None = None
    activities: Sequence[Slot]
    hours_per_week: int
    supportive_services: Sequence[SupportiveService]
    version: int

    @classmethod
    def of(cls, plan: WtwPlan, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=plan.ref,
            county=county,
            status=plan.status,
            person=plan.person,
            signed_on=plan.signed_on,
            amended_on=plan.amended_on,
            activities=plan.agreed.activities,
            hours_per_week=plan.agreed.hours_per_week,
            supportive_services=plan.agreed.supportive_services,
            version=plan.version,
        )


class ClockMilestoneOut(BaseModel):
    """The months of aid used and left at the end of a month; `projected_end` is when none would be left."""

    ref: str
    county: str
    person: str
    month: date
    used: int
    remaining: int
    projected_end: date | None = None
    version: int

    @classmethod
    def of(cls, milestone: ClockMilestone, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=milestone.ref,
            county=county,
            person=milestone.person,
            month=milestone.month,
            used=milestone.used,
            remaining=milestone.remaining,
            projected_end=milestone.projected_end,
            version=milestone.version,
        )
