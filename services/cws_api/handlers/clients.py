"""Commands about clients."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.cws_api.domain.client import Client, ClientNotFound, Places, check_into
from services.cws_api.domain.intake import NOT_KNOWN
from services.cws_api.work import Work
from shared.errors import FieldError, Invalid
from shared.events.cws import ClientSealed, ClientUpserted
from shared.events.sealing import seal_person
from shared.outbox import new_event_id
from shared.web.etag import require_match
from shared.web.people import PersonChange, changed_details


@dataclass(frozen=True, slots=True)
class MergeClient:
    """Retire a client's record for another of the same person."""

    client: str
    into: str


@dataclass(frozen=True, slots=True)
class ChangeClient:
    """Change a client's details; `if_match` is the entity tag that the caller read."""

    client: str
    change: PersonChange
    if_match: str | None


async def change_client(cmd: ChangeClient, work: Work) -> Client:
    """The client's next version. Raises ClientNotFound, ClientIsMerged, or what If-Match asks for."""
    before = await work.records.clients.to_change(cmd.client)
    require_match(cmd.if_match, before.version, before)
    given = cmd.change.model_fields_set
    after = before.changed(
        changed_details(before.details, cmd.change, work.keys),
        sensitivity=(cmd.change.sensitivity or "N") if "sensitivity" in given else before.sensitivity,
        address_protected=bool(cmd.change.address_protected)
        if "address_protected" in given
        else before.address_protected,
    )
    await work.records.clients.change(after, work.now)
    publish_client(after, work, await work.records.clients.places(after.ref))
    return after


async def seal_client(ref: str, work: Work) -> None:
    """Hide a client from everybody, here and wherever the event is read, with each record merged into this one.

    Raises ClientNotFound, ClientIsMerged.
    """
    client = await work.records.clients.to_change(ref)
    same = [await work.records.clients.get(one) for one in await work.records.clients.same(ref) if one != ref]
    for one in (client, *same):
        await work.records.clients.change(one.sealed(), work.now)
        work.publish(ClientSealed(client=one.ref), time=work.now)


async def merge_client(cmd: MergeClient, work: Work) -> Client:
    """The retired record. Raises ClientNotFound, ClientIsMerged, or Invalid for what it cannot be merged into."""
    check_into(cmd.client, cmd.into)
    locked: dict[str, Client] = {}
    for ref in sorted((cmd.client, cmd.into)):  # in one order, so that two merges do not wait for each other
        try:
            locked[ref] = await work.records.clients.to_change(ref)
        except ClientNotFound:
            if ref == cmd.client:
                raise
    client = locked[cmd.client]
    if cmd.into not in locked:
        raise Invalid(FieldError("/into", NOT_KNOWN))
    after, merged = client.merged(locked[cmd.into])
    await work.records.clients.merge(after, work.now)
    work.publish(merged, time=work.now)
    return after


async def void_client(ref: str, work: Work) -> None:
    """Hide a record that was made in error. Raises ClientNotFound, ClientIsMerged, ChildOfOpenCase, HasMerged."""
    client = await work.records.clients.to_change(ref)
    voided = client.voided(
        is_child_of_open_case=await work.records.cases.is_open([ref]),
        has_merged=len(await work.records.clients.same(ref)) > 1,
    )
    await work.records.clients.void(ref, work.now)
    work.publish(voided, time=work.now)


@asynccontextmanager
async def retelling(refs: Iterable[str], work: Work) -> AsyncIterator[None]:
    """Publish again each of these clients whose places change inside; those whom nobody may see are left out."""
    clients = work.records.clients
    before = {ref: await clients.places(ref) for ref in dict.fromkeys(refs)}
    yield
    for ref, was in before.items():
        now = await clients.places(ref)
        if now == was:
            continue
        try:
            client = await clients.get(ref)
        except ClientNotFound:
            continue
        if client.merged_into is None:
            publish_client(client, work, now)


def publish_client(client: Client, work: Work, at: Places) -> None:
    """Publish who the client is, sealed for this one event. A protected household protects the address too."""
    event_id = new_event_id()
    person = seal_person(
        client.details,
        work.ring,
        event_id=event_id,
        event_type=ClientUpserted.type(),
        county=work.county,
        subject=client.ref,
    )
    event = ClientUpserted(
        client=client.ref,
        person=person,
        record_id=client.record_id,
        households=at.households,
        roles=at.roles,
        sensitivity=client.sensitivity,
        address_protected=client.address_protected or at.protected,
    )
    work.publish(event, time=work.now, event_id=event_id)
