"""Commands about clients."""

from dataclasses import dataclass

from services.cws_api.domain.client import Client
from services.cws_api.work import Work
from shared.events.cws import ClientSealed, ClientUpserted
from shared.events.sealing import seal_person
from shared.outbox import new_event_id
from shared.web.etag import require_match
from shared.web.people import PersonChange, changed_details


@dataclass(frozen=True, slots=True)
class ChangeClient:
    """Change a client's details; `if_match` is the entity tag that the caller read."""

    client: str
    change: PersonChange
    if_match: str | None


async def change_client(cmd: ChangeClient, work: Work) -> Client:
    """The client's next version. Raises ClientNotFound, or what If-Match asks for."""
    before = await work.records.clients.get(cmd.client, lock=True)
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
    households, roles = await work.records.clients.places(after.ref)
    publish_client(after, work, households=households, roles=roles)
    return after


async def seal_client(ref: str, work: Work) -> None:
    """Hide a client from everybody, here and wherever the event is read. Raises ClientNotFound."""
    client = await work.records.clients.get(ref, lock=True)
    await work.records.clients.change(client.sealed(), work.now)
    work.publish(ClientSealed(client=ref), time=work.now)


def publish_client(
    client: Client, work: Work, *, households: tuple[str, ...], roles: tuple[str, ...]
) -> None:
    """Publish who the client is, sealed for this one event."""
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
        households=households,
        roles=roles,
        sensitivity=client.sensitivity,
        address_protected=client.address_protected,
    )
    work.publish(event, time=work.now, event_id=event_id)
