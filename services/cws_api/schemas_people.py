"""Request bodies about clients, and the way from a body to its command."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from services.cws_api.domain.intake import Entry, NewPerson
from services.cws_api.domain.placement import CAREGIVER
from services.cws_api.domain.record_id import stored
from services.cws_api.domain.referral import Role
from services.cws_api.domain.relationship import Kind as RelationshipKind
from services.cws_api.handlers.clients import MergeClient
from services.cws_api.handlers.placements import EndPlacement, PlaceWithRelative, StartPlacement
from services.cws_api.handlers.relationships import EndRelationship, Relate
from services.cws_api.handlers.removals import RemoveChild, ReturnChild
from shared.crypto import CountyKeys
from shared.events.cws import Funding
from shared.web.fields import WHOLE, Body, Count, Day, Flag, Reference, ShortText, fix
from shared.web.people import PersonIn, new_details, only_one_way


def _stored(record_id: str) -> str:
    try:
        return stored(record_id)
    except ValueError:
        raise fix("has 19 digits that no record id of CWS/CMS has: check them") from None


RecordId = Annotated[Reference, AfterValidator(_stored)]


def _new_person(given: PersonIn | None, keys: CountyKeys) -> NewPerson | None:
    if given is None:
        return None
    details = new_details(given, keys)
    return NewPerson(details, given.sensitivity or "N", bool(given.address_protected))


class ParticipantIn(Body):
    """Somebody in an intake: `ref` or `record_id` alone, or a new `person` with or without `record_id`."""

    ref: Reference | None = None
    record_id: RecordId | None = None
    person: PersonIn | None = None
    role: Role
    relation: ShortText | None = None
    in_household: Flag = True

    @model_validator(mode="after")
    def _named_one_way(self) -> Self:
        only_one_way(self.ref, self.record_id, self.person)
        return self

    def entry(self, keys: CountyKeys) -> Entry:
        """The entry of the command."""
        new = _new_person(self.person, keys)
        return Entry(self.role, self.ref, self.record_id, new, self.relation, self.in_household)


class RemovalIn(Body):
    """A child's removal."""

    removed_on: Day
    all_eligible_removed: Flag | None = Field(
        default=None, description="Whether every child who could be aided is out of the home"
    )
    placement_class: ShortText | None = None
    court_date: Day | None = None

    def command(self, child: str) -> RemoveChild:
        """The command."""
        return RemoveChild(
            child, self.removed_on, self.all_eligible_removed, self.placement_class or None, self.court_date
        )


class ReturnIn(Body):
    """A removed child's return home."""

    returned_on: Day

    def command(self, removal: str, if_match: str | None) -> ReturnChild:
        """The command."""
        return ReturnChild(removal, self.returned_on, if_match)


class MergeIn(Body):
    """The record of the same person that counts from now on."""

    into: Reference

    def command(self, client: str) -> MergeClient:
        """The command."""
        return MergeClient(client, self.into)


class RelationshipIn(Body):
    """What the client is to another: `parent` says that the client is a parent of `to`."""

    to: Reference
    kind: RelationshipKind
    same_home: Flag | None = None
    from_date: Day | None = None
    until_date: Day | None = None

    def command(self, client: str) -> Relate:
        """The command."""
        return Relate(client, self.to, self.kind, self.same_home, self.from_date, self.until_date)


class RelationshipEndIn(Body):
    """When a relationship ended."""

    until_date: Day

    def command(self, relationship: str, if_match: str | None) -> EndRelationship:
        """The command."""
        return EndRelationship(relationship, self.until_date, if_match)


class CaregiverIn(Body):
    """Who cares for a child: `ref` or `record_id` alone, or a new `person` with or without `record_id`."""

    ref: Reference | None = None
    record_id: RecordId | None = None
    person: PersonIn | None = None

    @model_validator(mode="after")
    def _named_one_way(self) -> Self:
        only_one_way(self.ref, self.record_id, self.person)
        return self


class PlacementIn(Body):
    """A placement with a relative: `planned_on` for one that is planned, `started_on` for one that has begun."""

    caregiver: CaregiverIn
    degree: Annotated[Count, Field(ge=1, le=5), WHOLE] | None = Field(
        default=None, description="Of relation; null while it is not known"
    )
    planned_on: Day | None = None
    started_on: Day | None = None
    funding: Funding = "none"

    @model_validator(mode="after")
    def _dated_one_way(self) -> Self:
        if (self.planned_on is None) == (self.started_on is None):
            raise fix("must have `planned_on` alone or `started_on` alone")
        return self

    def command(self, child: str, keys: CountyKeys) -> PlaceWithRelative:
        """The command."""
        who = self.caregiver
        entry = Entry(CAREGIVER, who.ref, who.record_id, _new_person(who.person, keys))
        return PlaceWithRelative(child, entry, self.degree, self.funding, self.planned_on, self.started_on)


class PlacementStartIn(Body):
    """When a planned placement began."""

    started_on: Day

    def command(self, placement: str, if_match: str | None) -> StartPlacement:
        """The command."""
        return StartPlacement(placement, self.started_on, if_match)


class PlacementEndIn(Body):
    """When a placement ended."""

    ended_on: Day

    def command(self, placement: str, if_match: str | None) -> EndPlacement:
        """The command."""
        return EndPlacement(placement, self.ended_on, if_match)


class NothingIn(Body):
    """Nothing: that it is sent is enough."""
