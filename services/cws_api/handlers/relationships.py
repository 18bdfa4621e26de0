"""Commands about what clients are to each other."""

from dataclasses import dataclass
from datetime import date

from services.cws_api.domain.intake import NOT_KNOWN
from services.cws_api.domain.relationship import AlreadyRelated, Kind, Relationship, check_dates, check_to
from services.cws_api.handlers.households import put_household
from services.cws_api.work import Work
from shared.errors import FieldError, Invalid
from shared.ids import mint
from shared.web.etag import require_match


@dataclass(frozen=True, slots=True)
class Relate:
    """Say that a client is the `kind` of another."""

    client: str
    to: str
    kind: Kind
    same_home: bool | None
    from_date: date | None
    until_date: date | None


@dataclass(frozen=True, slots=True)
class EndRelationship:
    """End a relationship; `if_match` counts where it is sent."""

    relationship: str
    until_date: date
    if_match: str | None = None


async def relate(cmd: Relate, work: Work) -> Relationship:
    """The relationship; in a household of both it is the client's relation from now on.

    Raises ClientNotFound, ClientIsMerged, AlreadyRelated, or Invalid.
    """
    await work.records.clients.to_change(cmd.client)
    check_dates(cmd.from_date, cmd.until_date, work.today)
    to = next((one.person for one in await work.records.clients.find([cmd.to])), None)
    if to is None or to.is_sealed:
        raise Invalid(FieldError("/to", NOT_KNOWN))
    check_to(to.ref, cmd.client)
    related = Relationship(
        ref=mint("rl"),
        client=cmd.client,
        to=to.ref,
        kind=cmd.kind,
        same_home=cmd.same_home,
        from_date=cmd.from_date,
        until_date=cmd.until_date,
    )
    if related.until_date is None:
        if any(one.to == to.ref for one in await work.records.relationships.standing(cmd.client)):
            raise AlreadyRelated("End it before you say another")
        for household in await work.records.households.shared_by(cmd.client, to.ref):
            if (after := household.related(cmd.client, cmd.kind)) is not None:
                await put_household(after, work)
    await work.records.relationships.add(related, work.now)
    return related


async def end_relationship(cmd: EndRelationship, work: Work) -> Relationship:
    """The relationship, over; in a household of both the client's relation is the last one that goes on.

    Raises RelationshipNotFound, RelationshipIsOver, Invalid, or what If-Match asks for.
    """
    before = await work.records.relationships.get(cmd.relationship, lock=True)
    if cmd.if_match is not None:
        require_match(cmd.if_match, before.version, before)
    after = before.ended(cmd.until_date, work.today)
    await work.records.relationships.end(after, work.now)
    others = await work.records.relationships.standing(before.client)
    for household in await work.records.households.shared_by(before.client, before.to):
        mine = next(one.relation for one in household.members if one.person == before.client)
        if mine != before.kind:
            continue  # it was said otherwise since
        left = [one.kind for one in others if one.to in household.present()]
        changed = household.related(before.client, left[-1] if left else None)
        if changed is not None:
            await put_household(changed, work)
    return after
