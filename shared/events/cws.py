"""What Child Welfare Services publishes."""

from datetime import date, datetime
from typing import ClassVar, Literal

from shared.events import Event
from shared.events.parts import Member, Participant, Worker

SOURCE = "/cws"

Component = Literal["ER", "FM", "FR", "PP", "ST"]
"""Emergency response, family maintenance, family reunification, permanent placement, supportive transition."""

ClosureReason = Literal[
    "court_terminated",
    "family_stabilised",
    "reunified",
    "adopted",
    "guardianship",
    "emancipated",
    "services_declined",
    "moved",
    "transferred_county",
    "child_deceased",
    "error",
    "not_stated",
]
"""Why a case was closed; `not_stated` of one that a roster calls closed and no more."""

Funding = Literal["none", "EC", "ARC", "FC"]
"""What else is paid for a placed child: emergency caregiver, approved relative caregiver, foster care."""

MeetingKind = Literal["TDM", "CFT", "safety", "joint"]
"""Team decision making, child and family team, safety, joint with CalWORKs."""

MeetingOutcome = Literal[
    "stay_home", "remove", "return", "place_with_relative", "place_elsewhere", "plan_agreed", "no_decision"
]
HearingKind = Literal[
    "detention", "jurisdiction", "disposition", "review_6", "review_12", "review_18", "selection", "other"
]


class ClientUpserted(Event):
    """A client was taken in or changed. `person` is sealed `PersonDetails` (shared.events.sealing)."""

    NAME: ClassVar[str] = "cws.client.upserted"
    KEY: ClassVar[str] = "client"

    client: str
    person: str
    record_id: str | None = None
    households: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    sensitivity: Literal["N", "S", "R"] = "N"
    address_protected: bool = False


class ClientSealed(Event):
    """A client's record was sealed: it leaves every index, and nothing about the client may be shown."""

    NAME: ClassVar[str] = "cws.client.sealed"
    KEY: ClassVar[str] = "client"

    client: str


class HouseholdChanged(Event):
    """A household's members, all of them."""

    NAME: ClassVar[str] = "cws.household.changed"
    KEY: ClassVar[str] = "household"

    household: str
    members: tuple[Member, ...]
    protected: bool = False


class ReferralReceived(Event):
    """A referral was screened in; `worker` is who took it in."""

    NAME: ClassVar[str] = "cws.referral.received"
    KEY: ClassVar[str] = "referral"

    referral: str
    household: str
    received_at: datetime
    response: str
    participants: tuple[Participant, ...]
    worker: str | None = None


class CaseOpened(Event):
    """A service case was opened for one child, in the household of its referral."""

    NAME: ClassVar[str] = "cws.case.opened"
    KEY: ClassVar[str] = "case"

    case: str
    child: str
    household: str
    referral: str | None = None
    participants: tuple[Participant, ...] = ()
    component: Component
    court: bool = False
    opened_on: date
    projected_end: date | None = None


class AssignmentChanged(Event):
    """Who works on a referral or case from when; kind P primary, S secondary, R read-only."""

    NAME: ClassVar[str] = "cws.assignment.changed"
    KEY: ClassVar[str] = "on"

    assignment: str
    on: str
    on_kind: Literal["referral", "case"]
    kind: Literal["P", "S", "R"]
    worker: Worker
    from_at: datetime
    until_at: datetime | None = None


class ChildRemoved(Event):
    """A child was taken into protective custody."""

    NAME: ClassVar[str] = "cws.child.removed"
    KEY: ClassVar[str] = "child"

    child: str
    removal: str
    removed_on: date
    all_eligible_removed: bool | None = None
    placement_class: str | None = None
    court_date: date | None = None


class ReferralClosed(Event):
    """A referral ended, by its outcome; never with an allegation."""

    NAME: ClassVar[str] = "cws.referral.closed"
    KEY: ClassVar[str] = "referral"

    referral: str
    outcome: Literal["evaluated_out", "no_service", "community", "promoted"]
    closed_on: date


class CaseClosed(Event):
    """A service case ended; `reason_class` is the class of the reason alone."""

    NAME: ClassVar[str] = "cws.case.closed"
    KEY: ClassVar[str] = "case"

    case: str
    reason_class: ClosureReason
    closed_on: date


class CaseReopened(Event):
    """A closed service case was opened again."""

    NAME: ClassVar[str] = "cws.case.reopened"
    KEY: ClassVar[str] = "case"

    case: str
    component: Component
    reopened_on: date


class CaseComponentChanged(Event):
    """A case moved from one component of service to another."""

    NAME: ClassVar[str] = "cws.case.component_changed"
    KEY: ClassVar[str] = "case"

    case: str
    from_component: Component
    to_component: Component
    court: bool
    changed_on: date


class CaseParticipantsChanged(Event):
    """The participants of a case, all of them."""

    NAME: ClassVar[str] = "cws.case.participants_changed"
    KEY: ClassVar[str] = "case"

    case: str
    participants: tuple[Participant, ...]


class ChildReturned(Event):
    """A removed child came home."""

    NAME: ClassVar[str] = "cws.child.returned"
    KEY: ClassVar[str] = "child"

    child: str
    removal: str
    returned_on: date


class ClientMerged(Event):
    """Two records are one person: `client` is retired, what is known of it counts for `survivor`."""

    NAME: ClassVar[str] = "cws.client.merged"
    KEY: ClassVar[str] = "client"

    client: str
    survivor: str


class ClientVoided(Event):
    """A record was entered in error: nothing may rest on it."""

    NAME: ClassVar[str] = "cws.client.voided"
    KEY: ClassVar[str] = "client"

    client: str


class RelativePlacementPlanned(Event):
    """A child is to live with a relative; `degree` of relation is 1 to 5, None when it is not known yet."""

    NAME: ClassVar[str] = "cws.placement.relative_planned"
    KEY: ClassVar[str] = "child"

    child: str
    placement: str
    caregiver: str
    degree: int | None = None
    planned_on: date
    funding: Funding = "none"


class RelativePlacementStarted(Event):
    """A child lives with a relative from a day on."""

    NAME: ClassVar[str] = "cws.placement.relative_started"
    KEY: ClassVar[str] = "child"

    child: str
    placement: str
    caregiver: str
    degree: int | None = None
    started_on: date
    funding: Funding = "none"


class RelativePlacementEnded(Event):
    """A placement with a relative, planned or begun, ended."""

    NAME: ClassVar[str] = "cws.placement.relative_ended"
    KEY: ClassVar[str] = "child"

    child: str
    placement: str
    ended_on: date


class MeetingScheduled(Event):
    """A meeting about a household was set, or set anew: when, where, who is asked."""

    NAME: ClassVar[str] = "cws.meeting.scheduled"
    KEY: ClassVar[str] = "meeting"

    meeting: str
    household: str
    kind: MeetingKind
    starts_at: datetime
    ends_at: datetime | None = None
    place: str | None = None
    clients: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()


class MeetingHeld(Event):
    """A meeting took place, with outcomes by their codes alone."""

    NAME: ClassVar[str] = "cws.meeting.held"
    KEY: ClassVar[str] = "meeting"

    meeting: str
    held_on: date
    outcomes: tuple[MeetingOutcome, ...] = ()


class MeetingCancelled(Event):
    """A meeting will not take place."""

    NAME: ClassVar[str] = "cws.meeting.cancelled"
    KEY: ClassVar[str] = "meeting"

    meeting: str
    cancelled_on: date


class HearingSet(Event):
    """A hearing in a case was set, or set anew, for a day."""

    NAME: ClassVar[str] = "cws.court.hearing_set"
    KEY: ClassVar[str] = "case"

    case: str
    hearing: str
    kind: HearingKind
    on: date


class ImportStarted(Event):
    """A roster begins to be applied. An initial one tells how the county stands: what is recorded of it is no news."""

    NAME: ClassVar[str] = "cws.import.started"
    KEY: ClassVar[str] = "import_ref"

    import_ref: str
    initial: bool = False


class ImportCompleted(Event):
    """A roster is applied to its end."""

    NAME: ClassVar[str] = "cws.import.completed"
    KEY: ClassVar[str] = "import_ref"

    import_ref: str
    initial: bool = False


TYPES: dict[str, type[Event]] = {
    kind.type(): kind
    for kind in (
        ClientUpserted,
        ClientSealed,
        HouseholdChanged,
        ReferralReceived,
        CaseOpened,
        AssignmentChanged,
        ChildRemoved,
        ChildReturned,
        ReferralClosed,
        CaseClosed,
        CaseReopened,
        CaseComponentChanged,
        CaseParticipantsChanged,
        ClientMerged,
        ClientVoided,
        RelativePlacementPlanned,
        RelativePlacementStarted,
        RelativePlacementEnded,
        MeetingScheduled,
        MeetingHeld,
        MeetingCancelled,
        HearingSet,
        ImportStarted,
        ImportCompleted,
    )
}
