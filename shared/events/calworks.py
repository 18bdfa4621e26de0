"""What CalWORKs publishes."""

from datetime import date, datetime
from typing import ClassVar, Literal

from shared.events import Event
from shared.events.parts import Participant, Slot, Worker

SOURCE = "/calworks"

WtwStatus = Literal[
    "pending",
    "active",
    "exempt",
    "exempt_volunteer",
    "good_cause",
    "noncompliance",
    "compliance_plan",
    "sanctioned",
    "timed_out",
    "deregistered",
    "fr_services",
]
DenialReason = Literal["income", "resources", "no_eligible_child", "not_verified", "residence", "other"]
DiscontinuanceReason = Literal[
    "income", "resources", "no_eligible_child", "report_missing", "moved", "requested", "timed_out", "other"
]

SupportiveService = Literal["child_care", "transport", "ancillary", "counselling_referral"]


class PersonUpserted(Event):
    """A person was taken in or changed. `person` is sealed `PersonDetails` (shared.events.sealing)."""

    NAME: ClassVar[str] = "calworks.person.upserted"
    KEY: ClassVar[str] = "person_ref"

    person_ref: str
    person: str
    record_id: str | None = None
    units: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    sensitivity: Literal["N", "S", "R"] = "N"
    address_protected: bool = False


class PersonSealed(Event):
    """A person's record was sealed: it leaves every index, and nothing about the person may be shown."""

    NAME: ClassVar[str] = "calworks.person.sealed"
    KEY: ClassVar[str] = "person_ref"

    person_ref: str


class ApplicationReceived(Event):
    """An application for cash aid was received; `au` is the assistance unit that it is for."""

    NAME: ClassVar[str] = "calworks.application.received"
    KEY: ClassVar[str] = "application"

    application: str
    au: str
    received_at: datetime
    persons: tuple[Participant, ...]
    expedite: tuple[Literal["IN", "HA", "relative", "cws_prescreen"], ...] = ()
    worker: str | None = None


class CaseApproved(Event):
    """Aid was approved: the members of the assistance unit and their roles, all of them."""

    NAME: ClassVar[str] = "calworks.case.approved"
    KEY: ClassVar[str] = "case"

    case: str
    au: str
    application: str | None = None
    members: tuple[Participant, ...]
    aid_start: date


class AssignmentChanged(Event):
    """Who works on an application or case from when; kind EW eligibility, WTW employment, liaison."""

    NAME: ClassVar[str] = "calworks.assignment.changed"
    KEY: ClassVar[str] = "on"

    assignment: str
    on: str
    on_kind: Literal["application", "case"]
    kind: Literal["EW", "WTW", "liaison"]
    worker: Worker
    from_at: datetime
    until_at: datetime | None = None


class NoncomplianceStarted(Event):
    """A notice of non-participation was sent; its twentieth day ends the time to prevent a sanction."""

    NAME: ClassVar[str] = "calworks.wtw.noncompliance.started"
    KEY: ClassVar[str] = "person"

    person: str
    noncompliance: str
    notice_date: date
    day20: date
    missed: Slot | None = None


class SanctionImposed(Event):
    """An adult's needs leave the grant from a month on. The number of the instance sets no end (domain trap 4)."""

    NAME: ClassVar[str] = "calworks.sanction.imposed"
    KEY: ClassVar[str] = "person"

    person: str
    sanction: str
    sanction_class: str
    instance_no: int
    effective_month: date
    noncompliance: str | None = None
    cure_steps: tuple[Slot, ...] = ()


class ApplicationDecided(Event):
    """An application was approved or denied; `reason_class` is the class of a denial's reason alone."""

    NAME: ClassVar[str] = "calworks.application.decided"
    KEY: ClassVar[str] = "application"

    application: str
    outcome: Literal["approved", "denied"]
    reason_class: DenialReason | None = None
    decided_on: date


class ApplicationWithdrawn(Event):
    """The applicant took the application back."""

    NAME: ClassVar[str] = "calworks.application.withdrawn"
    KEY: ClassVar[str] = "application"

    application: str
    withdrawn_on: date


class CaseDiscontinued(Event):
    """Aid ends: `aid_end` is the last day of aid."""

    NAME: ClassVar[str] = "calworks.case.discontinued"
    KEY: ClassVar[str] = "case"

    case: str
    reason_class: DiscontinuanceReason
    aid_end: date


class CaseRestored(Event):
    """A discontinuance was taken back: aid goes on from a day."""

    NAME: ClassVar[str] = "calworks.case.restored"
    KEY: ClassVar[str] = "case"

    case: str
    restored_on: date


class AuMemberAdded(Event):
    """A person joined the assistance unit of a case. `members` are all of them from then on."""

    NAME: ClassVar[str] = "calworks.au.member_added"
    KEY: ClassVar[str] = "case"

    case: str
    au: str
    person: str
    role: str
    effective_month: date
    members: tuple[Participant, ...]


class AuMemberRemoved(Event):
    """A person left the assistance unit of a case. `members` are all who stay."""

    NAME: ClassVar[str] = "calworks.au.member_removed"
    KEY: ClassVar[str] = "case"

    case: str
    au: str
    person: str
    effective_month: date
    members: tuple[Participant, ...]


class WtwStatusChanged(Event):
    """An adult's welfare-to-work status; the reason by its class alone, and never one that tells of violence."""

    NAME: ClassVar[str] = "calworks.wtw.status_changed"
    KEY: ClassVar[str] = "person"

    person: str
    from_status: WtwStatus | None = None
    to_status: WtwStatus
    effective_on: date


class NoncomplianceResolved(Event):
    """A notice of non-participation came to its end before, or by, a sanction."""

    NAME: ClassVar[str] = "calworks.wtw.noncompliance.resolved"
    KEY: ClassVar[str] = "person"

    person: str
    noncompliance: str
    outcome: Literal["good_cause", "compliance_plan", "sanction", "complied", "rescinded"]
    resolved_on: date


class GoodCauseDecided(Event):
    """Whether an adult had good cause not to take part, and for how long; the reason stays with the worker."""

    NAME: ClassVar[str] = "calworks.goodcause.decided"
    KEY: ClassVar[str] = "person"

    person: str
    good_cause: str
    noncompliance: str | None = None
    granted: bool
    from_date: date | None = None
    until_date: date | None = None


class SanctionCured(Event):
    """A sanction ended because the adult did what cures it: aid is restored from a month on."""

    NAME: ClassVar[str] = "calworks.sanction.cured"
    KEY: ClassVar[str] = "person"

    person: str
    sanction: str
    cured_on: date
    effective_month: date


class SanctionRescinded(Event):
    """A sanction was taken back: it should not have been imposed."""

    NAME: ClassVar[str] = "calworks.sanction.rescinded"
    KEY: ClassVar[str] = "person"

    person: str
    sanction: str
    rescinded_on: date


class ExemptionGranted(Event):
    """An adult is exempt from welfare-to-work from a day on. That, and until when; never why."""

    NAME: ClassVar[str] = "calworks.exemption.granted"
    KEY: ClassVar[str] = "person"

    person: str
    exemption: str
    from_date: date
    review_on: date | None = None


class ExemptionEnded(Event):
    """An exemption ended."""

    NAME: ClassVar[str] = "calworks.exemption.ended"
    KEY: ClassVar[str] = "person"

    person: str
    exemption: str
    ended_on: date


class PersonMerged(Event):
    """Two records are one person: `person_ref` is retired, what is known of it counts for `survivor`."""

    NAME: ClassVar[str] = "calworks.person.merged"
    KEY: ClassVar[str] = "person_ref"

    person_ref: str
    survivor: str


class PersonVoided(Event):
    """A record was entered in error: nothing may rest on it."""

    NAME: ClassVar[str] = "calworks.person.voided"
    KEY: ClassVar[str] = "person_ref"

    person_ref: str


class WtwPlanSigned(Event):
    """An adult and the county signed a welfare-to-work plan: dated activities, hours a week, supportive services."""

    NAME: ClassVar[str] = "calworks.wtwplan.signed"
    KEY: ClassVar[str] = "person"

    person: str
    plan: str
    signed_on: date
    activities: tuple[Slot, ...]
    hours_per_week: int
    supportive_services: tuple[SupportiveService, ...] = ()


class WtwPlanAmended(Event):
    """A plan as it is from a day on, whole."""

    NAME: ClassVar[str] = "calworks.wtwplan.amended"
    KEY: ClassVar[str] = "person"

    person: str
    plan: str
    amended_on: date
    activities: tuple[Slot, ...]
    hours_per_week: int
    supportive_services: tuple[SupportiveService, ...] = ()


class ClockMilestone(Event):
    """An adult's time on aid at the end of a month: months used and left of 60, and when it would end."""

    NAME: ClassVar[str] = "calworks.clock.milestone"
    KEY: ClassVar[str] = "person"

    person: str
    month: date
    used: int
    remaining: int
    projected_end: date | None = None


class ClockTimedOut(Event):
    """An adult has used all 60 months."""

    NAME: ClassVar[str] = "calworks.clock.timed_out"
    KEY: ClassVar[str] = "person"

    person: str
    month: date


class ImportStarted(Event):
    """A roster begins to be applied. An initial one tells how the county stands: what is recorded of it is no news."""

    NAME: ClassVar[str] = "calworks.import.started"
    KEY: ClassVar[str] = "import_ref"

    import_ref: str
    initial: bool = False


class ImportCompleted(Event):
    """A roster is applied to its end."""

    NAME: ClassVar[str] = "calworks.import.completed"
    KEY: ClassVar[str] = "import_ref"

    import_ref: str
    initial: bool = False


TYPES: dict[str, type[Event]] = {
    kind.type(): kind
    for kind in (
        PersonUpserted,
        PersonSealed,
        ApplicationReceived,
        CaseApproved,
        AssignmentChanged,
        NoncomplianceStarted,
        SanctionImposed,
        SanctionCured,
        SanctionRescinded,
        ApplicationDecided,
        ApplicationWithdrawn,
        CaseDiscontinued,
        CaseRestored,
        AuMemberAdded,
        AuMemberRemoved,
        WtwStatusChanged,
        NoncomplianceResolved,
        GoodCauseDecided,
        ExemptionGranted,
        ExemptionEnded,
        PersonMerged,
        PersonVoided,
        *(WtwPlanSigned, WtwPlanAmended, ClockMilestone, ClockTimedOut),
        *(ImportStarted, ImportCompleted),
    )
}
