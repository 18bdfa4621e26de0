"""What CalWORKs publishes."""

from datetime import date, datetime
from typing import ClassVar, Literal

from shared.events import Event
from shared.events.parts import Participant, Slot, Worker

SOURCE = "/calworks"


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
    )
}
