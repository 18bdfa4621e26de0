"""Small pieces that several events carry: references, dates, whom to call; never identity."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A frozen piece of an event; unknown fields of a later version are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Participant(Part):
    """A person in a referral, case, application or assistance unit, by reference and role."""

    person: str
    role: str


class Member(Part):
    """A person in a household, dated; without `until` still there."""

    person: str
    role: str
    relation: str | None = None
    from_date: date | None = None
    until_date: date | None = None


class Slot(Part):
    """A dated duty without its reason: what class of activity, when."""

    kind: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class Worker(Part):
    """Whom to call (domain K0): a worker's reference, name, phone, office and supervisor."""

    ref: str
    name: str | None = None
    phone: str | None = None
    office: str | None = None
    supervisor: str | None = None
