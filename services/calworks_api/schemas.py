"""Request and response bodies, and the way from a body to its command."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from services.calworks_api.domain.application import Application, Expedite, Status
from services.calworks_api.domain.assignment import Assignment, Kind, OnKind
from services.calworks_api.domain.case import Case
from services.calworks_api.domain.intake import Entry, NewPerson
from services.calworks_api.domain.noncompliance import Noncompliance
from services.calworks_api.domain.person import Person
from services.calworks_api.domain.sanction import Sanction, SanctionClass
from services.calworks_api.domain.unit import Member, Role, Unit
from services.calworks_api.handlers.applications import NamedUnit, ReceiveApplication
from services.calworks_api.handlers.assignments import Assign
from services.calworks_api.handlers.cases import ApproveCase
from services.calworks_api.handlers.noncompliances import StartNoncompliance
from services.calworks_api.handlers.sanctions import ImposeSanction
from shared.crypto import CountyKeys
from shared.events.parts import Slot, Worker
from shared.web.auth import Caller
from shared.web.fields import Body, Day, Moment, Reference, ShortText, fix
from shared.web.people import PersonIn, PersonOut, WorkerIn, new_details, only_one_way, worker_of

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


class ApplicationPersonIn(Body):
    """Somebody in an intake: `ref` or `record_id` alone, or a new `person` with or without `record_id`."""

    ref: Reference | None = None
    record_id: Reference | None = None
    person: PersonIn | None = None
    role: Role

    @model_validator(mode="after")
    def _named_one_way(self) -> Self:
        only_one_way(self.ref, self.record_id, self.person)
        return self

    def entry(self, keys: CountyKeys) -> Entry:
        """The entry of the command."""
        new = None
        if self.person is not None:
            details = new_details(self.person, keys)
            new = NewPerson(details, self.person.sensitivity or "N", bool(self.person.address_protected))
        return Entry(self.role, self.ref, self.record_id, new)


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
            aid_start=self.aid_start,
            members=None if members is None else tuple(Member(one.person, one.role) for one in members),
            workers=None
            if workers is None
            else tuple((one.kind, worker_of(one.worker, caller.worker)) for one in workers),
            caller=worker_of(None, caller.worker),
        )


class AssignmentIn(Body):
    """A worker for an application or case: EW eligibility, WTW employment, liaison."""

    on: Reference
    kind: Kind
    worker: WorkerIn
    from_at: Moment | None = Field(default=None, description="Default: now")

    def command(self, caller: Caller) -> Assign:
        """The command."""
        return Assign(self.on, self.kind, worker_of(self.worker, caller.worker), self.from_at)


class SlotIn(Body):
    """A dated duty without its reason: what class of activity, when."""

    kind: ShortText
    starts_at: Moment | None = None
    ends_at: Moment | None = None

    def slot(self) -> Slot:
        """As events carry it."""
        return Slot(kind=self.kind, starts_at=self.starts_at, ends_at=self.ends_at)


class NoncomplianceIn(Body):
    """A notice of non-participation that was sent."""

    person: Reference
    notice_date: Day
    missed: SlotIn | None = None

    def command(self) -> StartNoncompliance:
        """The command."""
        missed = None if self.missed is None else self.missed.slot()
        return StartNoncompliance(self.person, self.notice_date, missed)


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


class SealIn(Body):
    """Nothing: that it is sent is enough."""


class PersonRecordOut(BaseModel):
    """A person's record."""

    ref: str
    county: str
    record_id: str | None = None
    person: PersonOut
    version: int

    @classmethod
    def of(cls, person: Person, county: str) -> Self:
        """What may be shown of it."""
        shown = PersonOut.of(
            person.details, sensitivity=person.sensitivity, address_protected=person.address_protected
        )
        return cls(
            ref=person.ref, county=county, record_id=person.record_id, person=shown, version=person.version
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
    """An application; `assignment` is the one of its present eligibility worker."""

    ref: str
    county: str
    status: Status
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
            received_at=application.received_at,
            expedite=application.expedite,
            au=application.au,
            persons=MemberOut.all_of(application.persons),
            assignment=application.assignment,
            version=application.version,
        )


class CaseOut(BaseModel):
    """A case; `assignments` are those of its present workers, one of a kind."""

    ref: str
    county: str
    status: Literal["active"]
    au: str
    application: str | None = None
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
            status="active",
            au=case.au,
            application=case.application,
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


class NoncomplianceOut(BaseModel):
    """A notice and its days: a sanction can be prevented until `day20` is over."""

    ref: str
    county: str
    status: Literal["started"]
    person: str
    notice_date: date
    day1: date
    day20: date
    missed: Slot | None = None
    version: int

    @classmethod
    def of(cls, noncompliance: Noncompliance, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=noncompliance.ref,
            county=county,
            status="started",
            person=noncompliance.person,
            notice_date=noncompliance.notice_date,
            day1=noncompliance.day1,
            day20=noncompliance.day20,
            missed=noncompliance.missed,
            version=noncompliance.version,
        )


class SanctionOut(BaseModel):
    """A sanction. Its number is history and sets no end: it can be cured at once."""

    ref: str
    county: str
    status: Literal["imposed"]
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
            status="imposed",
            person=sanction.person,
            sanction_class=sanction.sanction_class,
            instance_no=sanction.instance_no,
            effective_month=sanction.effective_month,
            noncompliance=sanction.noncompliance,
            cure_steps=sanction.cure_steps,
            version=sanction.version,
        )
