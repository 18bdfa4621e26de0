"""Request bodies about applications, cases, notices and sanctions, and the way from a body to its command."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from services.calworks_api.domain.application import Expedite
from services.calworks_api.domain.application import Outcome as Decision
from services.calworks_api.domain.assignment import Kind
from services.calworks_api.domain.noncompliance import Outcome
from services.calworks_api.domain.sanction import SanctionClass
from services.calworks_api.domain.unit import Member, Role
from services.calworks_api.handlers.applications import (
    DecideApplication,
    NamedUnit,
    ReceiveApplication,
    WithdrawApplication,
)
from services.calworks_api.handlers.assignments import Assign
from services.calworks_api.handlers.cases import (
    AddMember,
    ApproveCase,
    DiscontinueCase,
    RemoveMember,
    RestoreCase,
)
from services.calworks_api.handlers.noncompliances import (
    DecideGoodCause,
    ResolveNoncompliance,
    StartNoncompliance,
)
from services.calworks_api.handlers.sanctions import CureSanction, ImposeSanction, RescindSanction
from services.calworks_api.schemas_people import ApplicationPersonIn, CaseNumber, SlotIn
from shared.crypto import CountyKeys
from shared.events.calworks import DenialReason, DiscontinuanceReason
from shared.web.auth import Caller
from shared.web.fields import Body, Day, Flag, Moment, Reference, fix
from shared.web.people import WorkerIn, worker_of

MAX_PEOPLE = 40  # on one application or case
MAX_STEPS = 20  # to the cure of one sanction


class UnitIn(Body):
    """A known unit by `ref`; else the one with this `record_id`, which is made if it is not known."""

    ref: Reference | None = None
    record_id: Reference | None = None

    @model_validator(mode="after")
    def _named_one_way(self) -> Self:
        if self.ref is not None and self.model_fields_set != {"ref"}:
            raise fix("must have `ref` alone, or `record_id`")
        return self

    def named(self) -> NamedUnit:
        """The unit as the command names it."""
        return NamedUnit(self.ref, self.record_id)


class ApplicationIn(Body):
    """An application with everybody on it."""

    received_at: Moment
    expedite: Annotated[list[Expedite], Field(max_length=4)] = Field(default_factory=list)
    unit: UnitIn = UnitIn()
    persons: Annotated[list[ApplicationPersonIn], Field(min_length=1, max_length=MAX_PEOPLE)]
    worker: WorkerIn | None = Field(default=None, description="Default: the caller")

    def command(self, caller: Caller, keys: CountyKeys) -> ReceiveApplication:
        """The command."""
        return ReceiveApplication(
            received_at=self.received_at,
            expedite=tuple(dict.fromkeys(self.expedite)),
            unit=self.unit.named(),
            persons=tuple(one.entry(keys) for one in self.persons),
            worker=worker_of(self.worker, caller.worker),
        )


class DecisionIn(Body):
    """An application that was approved or denied."""

    outcome: Decision
    reason_class: DenialReason | None = Field(default=None, description="Of a denial, and of nothing else")
    decided_on: Day

    def command(self, application: str) -> DecideApplication:
        """The command."""
        return DecideApplication(application, self.outcome, self.reason_class, self.decided_on)


class WithdrawalIn(Body):
    """An application that the applicant took back."""

    withdrawn_on: Day

    def command(self, application: str) -> WithdrawApplication:
        """The command."""
        return WithdrawApplication(application, self.withdrawn_on)


class CaseMemberIn(Body):
    """Somebody known in a case."""

    person: Reference
    role: Role


class CaseWorkerIn(Body):
    """A worker of a case: EW eligibility, WTW employment, liaison."""

    kind: Kind
    worker: WorkerIn


class CaseIn(Body):
    """An approved case: on an application, whose people are the members unless named; or for a unit."""

    application: Reference | None = None
    au: Reference | None = None
    case_number: CaseNumber | None = None
    aid_start: Day
    members: Annotated[list[CaseMemberIn], Field(min_length=1, max_length=MAX_PEOPLE)] | None = None
    workers: Annotated[list[CaseWorkerIn], Field(min_length=1, max_length=3)] | None = Field(
        default=None, description="Default: the application's eligibility worker goes on"
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.application is None) == (self.au is None):
            raise fix("must have `application` or `au`, not both")
        if len({one.kind for one in self.workers or ()}) < len(self.workers or ()):
            raise fix("must have at most one worker of a kind")
        return self

    def command(self, caller: Caller) -> ApproveCase:
        """The command."""
        members, workers = self.members, self.workers
        return ApproveCase(
            application=self.application,
            au=self.au,
            case_number=self.case_number,
            aid_start=self.aid_start,
            members=None if members is None else tuple(Member(one.person, one.role) for one in members),
            workers=None
            if workers is None
            else tuple((one.kind, worker_of(one.worker, caller.worker)) for one in workers),
            caller=worker_of(None, caller.worker),
        )


class DiscontinuanceIn(Body):
    """Aid that ends."""

    reason_class: DiscontinuanceReason
    aid_end: Day = Field(description="The last day of aid")

    def command(self, case: str) -> DiscontinueCase:
        """The command."""
        return DiscontinueCase(case, self.reason_class, self.aid_end)


class RestorationIn(Body):
    """A discontinuance that was taken back."""

    restored_on: Day = Field(description="The day on which aid goes on")

    def command(self, case: str) -> RestoreCase:
        """The command."""
        return RestoreCase(case, self.restored_on)


class NewMemberIn(ApplicationPersonIn):
    """Somebody who joins a case: named, or brought, as in an intake."""

    effective_month: Day = Field(description="The first day of the month")

    def command(self, case: str, keys: CountyKeys) -> AddMember:
        """The command."""
        return AddMember(case, self.entry(keys), self.effective_month)


class MemberRemovalIn(Body):
    """Somebody who leaves a case."""

    effective_month: Day = Field(description="The first day of the month")

    def command(self, case: str, person: str) -> RemoveMember:
        """The command."""
        return RemoveMember(case, person, self.effective_month)


class AssignmentIn(Body):
    """A worker for an application or case: EW eligibility, WTW employment, liaison."""

    on: Reference
    kind: Kind
    worker: WorkerIn
    from_at: Moment | None = Field(default=None, description="Default: now")

    def command(self, caller: Caller) -> Assign:
        """The command."""
        return Assign(self.on, self.kind, worker_of(self.worker, caller.worker), self.from_at)


class NoncomplianceIn(Body):
    """A notice of non-participation that was sent."""

    person: Reference
    notice_date: Day
    missed: SlotIn | None = None

    def command(self) -> StartNoncompliance:
        """The command."""
        missed = None if self.missed is None else self.missed.slot()
        return StartNoncompliance(self.person, self.notice_date, missed)


class ResolutionIn(Body):
    """How a notice came to its end."""

    outcome: Outcome
    resolved_on: Day

    def command(self, noncompliance: str) -> ResolveNoncompliance:
        """The command."""
        return ResolveNoncompliance(noncompliance, self.outcome, self.resolved_on)


class GoodCauseIn(Body):
    """Whether there was good cause, and for how long. The reason stays with the worker."""

    granted: Flag
    from_date: Day | None = None
    until_date: Day | None = None

    def command(self, noncompliance: str) -> DecideGoodCause:
        """The command."""
        return DecideGoodCause(noncompliance, self.granted, self.from_date, self.until_date)


class CompliancePlanIn(Body):
    """A compliance plan that the person signed."""

    signed_on: Day

    def command(self, noncompliance: str) -> ResolveNoncompliance:
        """The command."""
        return ResolveNoncompliance(noncompliance, "compliance_plan", self.signed_on, "/signed_on")


class SanctionIn(Body):
    """A sanction that was imposed; penalties of other programs are none."""

    person: Reference
    sanction_class: SanctionClass
    effective_month: Day = Field(description="The first day of the month")
    noncompliance: Reference | None = None
    cure_steps: Annotated[list[SlotIn], Field(max_length=MAX_STEPS)] = Field(default_factory=list)

    def command(self) -> ImposeSanction:
        """The command."""
        return ImposeSanction(
            person=self.person,
            sanction_class=self.sanction_class,
            effective_month=self.effective_month,
            noncompliance=self.noncompliance,
            cure_steps=tuple(step.slot() for step in self.cure_steps),
        )


class CureIn(Body):
    """A sanction that was cured."""

    cured_on: Day
    effective_month: Day = Field(description="The first day of the month from which aid is restored")

    def command(self, sanction: str) -> CureSanction:
        """The command."""
        return CureSanction(sanction, self.cured_on, self.effective_month)


class RescissionIn(Body):
    """A sanction that was taken back."""

    rescinded_on: Day

    def command(self, sanction: str) -> RescindSanction:
        """The command."""
        return RescindSanction(sanction, self.rescinded_on)
