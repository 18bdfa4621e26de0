"""Request bodies about persons, and the way from a body to its command."""

from collections.abc import Callable
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from services.calworks_api.domain.clock import MAX_MONTHS
from services.calworks_api.domain.identifiers import case_number, county_id
from services.calworks_api.domain.intake import Entry, NewPerson
from services.calworks_api.domain.unit import Role
from services.calworks_api.domain.wtw_plan import Agreed
from services.calworks_api.handlers.clock_milestones import RecordClockMilestone
from services.calworks_api.handlers.exemptions import EndExemption, GrantExemption
from services.calworks_api.handlers.persons import ChangePerson, ChangeWtwStatus, MergePerson
from services.calworks_api.handlers.wtw_plans import AmendWtwPlan, SignWtwPlan
from shared.crypto import CountyKeys
from shared.events.calworks import SupportiveService, WtwStatus
from shared.events.parts import Slot
from shared.web.fields import WHOLE, Body, Count, Day, Moment, Reference, ShortText, fix
from shared.web.people import PersonChange, PersonIn, new_details, only_one_way

MAX_ACTIVITIES = 20  # in one plan
MAX_HOURS = 60  # of a plan, in a week


def _kept(keep: Callable[[str], str], otherwise: str) -> AfterValidator:
    """An identifier as `keep` has it; `otherwise` says what to do about one that it does not know."""

    def kept(text: str) -> str:
        try:
            return keep(text)
        except ValueError:
            raise fix(otherwise) from None

    return AfterValidator(kept)


CountyId = Annotated[
    Reference,
    _kept(county_id, "must be the 14 characters of a COUNTY-ID, CC-AA-SSSSSSS-F-PP, or without dashes"),
]
CaseNumber = Annotated[Reference, _kept(case_number, "must be 7 letters and digits")]


class SlotIn(Body):
    """A dated duty without its reason: what class of activity, when."""

    kind: ShortText
    starts_at: Moment | None = None
    ends_at: Moment | None = None

    def slot(self) -> Slot:
        """As events carry it."""
        return Slot(kind=self.kind, starts_at=self.starts_at, ends_at=self.ends_at)


class ApplicationPersonIn(Body):
    """Somebody in an intake: `ref` or `record_id` alone, or a new `person` with or without `record_id`."""

    ref: Reference | None = None
    record_id: Reference | None = None
    person: PersonIn | None = None
    county_id: CountyId | None = Field(default=None, description="Of a new person")
    role: Role

    @model_validator(mode="after")
    def _named_one_way(self) -> Self:
        only_one_way(self.ref, self.record_id, self.person)
        if self.county_id is not None and self.person is None:
            raise fix("must have `county_id` with a new `person` alone")
        return self

    def entry(self, keys: CountyKeys) -> Entry:
        """The entry of the command."""
        new = None
        if self.person is not None:
            details = new_details(self.person, keys)
            protected = bool(self.person.address_protected)
            new = NewPerson(details, self.person.sensitivity or "N", protected, self.county_id)
        return Entry(self.role, self.ref, self.record_id, new)


class PersonRecordChange(PersonChange):
    """Changes to a person's record: a field that is absent stays as it is, null removes what it held."""

    county_id: CountyId | None = None

    def command(self, person: str, if_match: str | None) -> ChangePerson:
        """The command."""
        sent = "county_id" in self.model_fields_set
        return ChangePerson(person, self, if_match, self.county_id, has_county_id=sent)


class MergeIn(Body):
    """The record of the same person that stays."""

    into: Reference

    def command(self, person: str) -> MergePerson:
        """The command."""
        return MergePerson(person, self.into)


class WtwStatusIn(Body):
    """A welfare-to-work status, without its reason."""

    to_status: WtwStatus
    effective_on: Day

    def command(self, person: str) -> ChangeWtwStatus:
        """The command."""
        return ChangeWtwStatus(person, self.to_status, self.effective_on)


class ExemptionIn(Body):
    """An exemption. Why is never taken."""

    from_date: Day
    review_on: Day | None = None

    def command(self, person: str) -> GrantExemption:
        """The command."""
        return GrantExemption(person, self.from_date, self.review_on)


class ExemptionEndIn(Body):
    """The end of an exemption."""

    ended_on: Day

    def command(self, exemption: str) -> EndExemption:
        """The command."""
        return EndExemption(exemption, self.ended_on)


class AgreedIn(Body):
    """What a welfare-to-work plan holds, whole."""

    activities: Annotated[list[SlotIn], Field(min_length=1, max_length=MAX_ACTIVITIES)]
    hours_per_week: Annotated[Count, Field(ge=0, le=MAX_HOURS), WHOLE]
    supportive_services: Annotated[list[SupportiveService], Field(max_length=4)] = Field(default_factory=list)

    def agreed(self) -> Agreed:
        """As the command has it."""
        services = tuple(dict.fromkeys(self.supportive_services))
        return Agreed(tuple(one.slot() for one in self.activities), self.hours_per_week, services)


class WtwPlanIn(AgreedIn):
    """A welfare-to-work plan that was signed."""

    signed_on: Day

    def command(self, person: str) -> SignWtwPlan:
        """The command."""
        return SignWtwPlan(person, self.signed_on, self.agreed())


class WtwPlanChange(AgreedIn):
    """A welfare-to-work plan as it is from a day on: all of it, not only what changes."""

    amended_on: Day

    def command(self, plan: str, if_match: str | None) -> AmendWtwPlan:
        """The command."""
        return AmendWtwPlan(plan, self.amended_on, self.agreed(), if_match)


class ClockMilestoneIn(Body):
    """The months of aid that an adult has used at the end of a month."""

    month: Day = Field(description="The first day of the month")
    used: Annotated[Count, Field(ge=0, le=MAX_MONTHS), WHOLE]
    remaining: Annotated[Count, WHOLE] | None = Field(default=None, description="Checked if it is sent")
    projected_end: Day | None = None

    def command(self, person: str) -> RecordClockMilestone:
        """The command."""
        return RecordClockMilestone(person, self.month, self.used, self.remaining, self.projected_end)


class NothingIn(Body):
    """Nothing: that it is sent is enough."""
