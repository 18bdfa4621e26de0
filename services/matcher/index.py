"""The index transaction: a batch of events becomes registers, blocking keys and `due` rows, and nothing else.

It reads and writes only each event's own aggregate. It looks for no neighbour and drops nothing because of another
aggregate, so the order in which events of different keys arrive cannot matter. What is to be decided is written to
`due`, the keys that people got or lost are noted, and both are gone through when this transaction is visible.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.matcher import due as dues
from services.matcher.alerts import live_since, tasks
from services.matcher.alerts.deadlines import new_worker_until
from services.matcher.coordination.fact import CALWORKS, CWS, PLACES, Fact
from services.matcher.coordination.former_unit import former_until
from services.matcher.coordination.household import Membership
from services.matcher.coordination.removal import news_until
from services.matcher.coordination.repository import CoordinationRepository, Group
from services.matcher.disclosure.policy import CountyPolicy, county_policy
from services.matcher.due import Due
from services.matcher.feed import activity
from services.matcher.identity import blocking, blocks, profile
from services.matcher.identity import record as records
from services.matcher.identity import register as registers
from services.matcher.identity.record import Record
from services.matcher.identity.register import Register
from services.matcher.identity.repository import IdentityRepository, Key
from shared.calendars import PACIFIC, local_date, nth_day_after, start_of_day
from shared.crypto import CountyKeys, Keyring
from shared.database import Connection
from shared.errors import InvalidEvent
from shared.events import Envelope, Event, calworks, cws
from shared.events.sealing import open_person
from shared.metrics import NOT_INDEXED

UPSERTS = (cws.ClientUpserted, calworks.PersonUpserted)
SEALS = (cws.ClientSealed, calworks.PersonSealed)
VOIDS = (cws.ClientVoided, calworks.PersonVoided)
MERGES = (cws.ClientMerged, calworks.PersonMerged)
PERSONS = UPSERTS + SEALS + VOIDS + MERGES
TYPES: dict[str, type[Event]] = cws.TYPES | calworks.TYPES


@dataclass(frozen=True, slots=True)
class Readable:
    """An event ready to be indexed: for an upsert with the record that its sealed field held, and its blocking keys."""

    envelope: Envelope
    program: str
    record: Record | None = None
    keys: tuple[Key, ...] = ()


def prepare(
    envelope: Envelope,
    program: str,
    keys: Mapping[str, CountyKeys],
    kinds: Collection[str] = blocking.STANDARD,
) -> Readable:
    """Open what is sealed and check whose it is; raises InvalidEvent. `kinds`: of the blocking keys that are made."""
    data = envelope.data
    if (program == CWS) != (envelope.event_type in cws.TYPES):
        raise InvalidEvent("An event of one program stands in the topic of the other")
    if envelope.county not in keys:
        raise InvalidEvent("The county is not served here")
    if not isinstance(data, UPSERTS):
        return Readable(envelope, program)
    details = open_person(
        data.person,
        keys[envelope.county].keyring(program),
        event_id=envelope.id,
        event_type=envelope.event_type,
        county=envelope.county,
        subject=data.subject,
    )
    policy = county_policy(envelope.county, local_date(envelope.recordedat, PACIFIC))
    kept, dropped = profile.within(policy.index_profile, details)
    for field in dropped:
        NOT_INDEXED.labels(envelope.county, field).inc()
    record = records.of(kept, envelope.recordedat.date())
    digest = keys[envelope.county].digest
    found = _keys(record, digest, kinds)
    if policy.index_profile == "hashed":
        record = Record(profile.hashed(record.person, digest), {})
    return Readable(envelope, program, record, found)


async def index(
    connection: Connection, events: Sequence[Readable], keys: Mapping[str, CountyKeys], now: datetime
) -> None:
    """Index events that have not been seen before, in the order given."""
    by_county: dict[str, list[Readable]] = defaultdict(list)
    for event in events:
        by_county[event.envelope.county].append(event)
    for county, its in sorted(by_county.items()):
        identity = IdentityRepository(connection, county, keys[county])
        coordination = CoordinationRepository(connection, county)
        due = await _index_people(identity, [e for e in its if isinstance(e.envelope.data, PERSONS)])
        due += await _index_groups(coordination, its, now)
        due += await _index_facts(coordination, its, now)
        due += await _index_tasks(connection, county, [e.envelope for e in its], now)
        await dues.add(connection, _traced(due, [e.envelope for e in its]))
        await activity.count(connection, county, [e.envelope for e in its], now)


def _traced(rows: Sequence[Due], events: Iterable[Envelope]) -> list[Due]:
    """The rows with the request that made each due: an event names whom it makes due in a field of its own.

    What waits for its time was not brought about by a request, nor was what is republished.
    """
    origin = {
        value: event
        for event in events
        if event.trace_id
        for value in vars(event.data).values()
        if isinstance(value, str)
    }
    return [
        replace(row, trace_id=event.trace_id, recorded_at=event.recordedat)
        if row.not_before is None and (event := origin.get(row.subject)) is not None
        else row
        for row in rows
    ]


async def _index_people(identity: IdentityRepository, events: Sequence[Readable]) -> list[Due]:
    """Registers and blocking keys of the persons that events are about."""
    if not events:
        return []
    county, county_keys = identity.county, identity.keys
    ring = county_keys.keyring("matcher")
    refs = {event.envelope.data.key for event in events}
    before = await identity.registers(refs)
    old_keys = await identity.keys_of(list(before))
    had = {ref: frozenset(keys) for ref, keys in old_keys.items()}
    now = dict(before)
    new_keys: dict[str, list[tuple[tuple[str, str], Key]]] = {}
    due: list[Due] = []
    for event in events:
        data, program = event.envelope.data, event.program
        ref = data.key
        was = now.get(ref) or Register(program, ref)
        becomes = _becomes(was, event, ring, county)
        if becomes == was:
            continue
        now[ref] = becomes
        due.append(
            Due(
                county,
                "record",
                program,
                ref,
                was_keys=tuple(key.hex() for key in old_keys.get(ref, ())),
                was_record=None if becomes.sealed else was.record,
            )
        )
        redirected = (becomes.void_seq, becomes.merged_into) != (was.void_seq, was.merged_into)
        if redirected and was.merged_into is not None:
            due.append(Due(county, "record", program, was.merged_into))  # it counts for that one no more
        keyed = event.keys if becomes.counts else ()
        if not becomes.counts or event.record is not None:
            old_keys[ref] = [key.key for key in keyed]
            new_keys[ref] = [((program, ref), key) for key in keyed]
    changed = [register for ref, register in now.items() if register != before.get(ref)]
    await identity.save_registers(changed)
    await identity.replace_keys(
        [ref for ref in new_keys if ref in before], [pair for pairs in new_keys.values() for pair in pairs]
    )
    touched = {
        key
        for ref, pairs in new_keys.items()
        for key in had.get(ref, frozenset()) ^ {k.key for _, k in pairs}
        if blocking.is_capped_kind(key)
    }
    await blocks.touch(identity.connection, county, touched)
    hidden = {register.ref for register in changed if register.sealed}
    due = [row if row.subject not in hidden else _keys_only(row) for row in due]
    await dues.forget_records(identity.connection, county, sorted(hidden & set(before)))
    return due


def _becomes(was: Register, event: Readable, ring: Keyring, county: str) -> Register:
    """A person's registers after one event."""
    sequence = event.envelope.sequence
    match data := event.envelope.data:
        case cws.ClientUpserted() | calworks.PersonUpserted():
            assert event.record is not None  # noqa: S101 - `prepare` has opened it
            blob = records.seal(event.record, ring, county=county, ref=data.key)
            return registers.upserted(
                was, sequence, blob, record_id=data.record_id, sensitivity=data.sensitivity
            )
        case cws.ClientMerged() | calworks.PersonMerged():
            return registers.merged(was, sequence, data.survivor)
        case cws.ClientVoided() | calworks.PersonVoided():
            return registers.voided(was, sequence)
    return registers.sealed(was, sequence, is_sealed=isinstance(data, SEALS))


def _keys_only(row: Due) -> Due:
    return Due(row.county, row.kind, row.program, row.subject, was_keys=row.was_keys)


def _keys(record: Record, digest: blocking.Digest, kinds: Collection[str]) -> tuple[Key, ...]:
    ssn = blocking.ssn_keys(record.person, digest)
    return tuple(Key(key, key in ssn) for key in sorted(blocking.keys(record.person, digest, kinds)))


async def _index_groups(
    coordination: CoordinationRepository, events: Sequence[Readable], now: datetime
) -> list[Due]:
    """Memberships: a household's own event, and the persons of applications and cases."""
    groups = [group for event in events for group in (_group(event), _tie(event)) if group is not None]
    if not groups:
        return []
    stored = await coordination.groups({group.source for group in groups})
    newest: dict[str, Group] = {}
    due: list[Due] = []
    for group in groups:
        sequence, members = stored.get(group.source, (0, ()))
        if group.seq <= sequence:
            continue
        row = Due(
            coordination.county,
            "household",
            group.program,
            group.household,
            was_members=tuple(sorted(set(members))),
        )
        if group.kind == "left":
            due += _of_former_member(row, group, now)
        elif group.kind != "placement":  # a placement is a fact about its child, who is due by that
            due.append(row)
            due += _dated(row, group.members, now)
        newest[group.source] = group
        stored[group.source] = (group.seq, tuple(m.person for m in group.members))
    await coordination.save_groups(list(newest.values()))
    return due


def _group(event: Readable) -> Group | None:
    data, sequence = event.envelope.data, event.envelope.sequence
    match data:
        case cws.HouseholdChanged():
            spells = tuple(
                Membership(
                    data.household,
                    data.household,
                    "household",
                    CWS,
                    m.person,
                    m.role,
                    m.from_date,
                    m.until_date,
                )
                for m in data.members
            )
            return Group(data.household, "household", CWS, data.household, sequence, spells)
        case calworks.ApplicationReceived():
            spells = tuple(
                Membership(data.au, data.application, "application", CALWORKS, p.person, p.role)
                for p in data.persons
            )
            return Group(data.application, "application", CALWORKS, data.au, sequence, spells)
        case calworks.CaseApproved() | calworks.AuMemberAdded() | calworks.AuMemberRemoved():
            # One register a case: each of its events has all members, and the newest sequence stands.
            spells = tuple(
                Membership(data.au, data.case, "case", CALWORKS, p.person, p.role) for p in data.members
            )
            return Group(data.case, "case", CALWORKS, data.au, sequence, spells)
    return None


def _tie(event: Readable) -> Group | None:
    """Who takes care of a placed child, or whether a person has left the unit of a case."""
    data, sequence = event.envelope.data, event.envelope.sequence
    match data:
        case cws.RelativePlacementPlanned() | cws.RelativePlacementStarted():
            caregiver = Membership(
                data.child, data.placement, "placement", CWS, data.caregiver, "relative_caregiver"
            )
            return Group(data.placement, "placement", CWS, data.child, sequence, (caregiver,))
        case calworks.AuMemberAdded():
            return Group(_left(data), "left", CALWORKS, data.au, sequence, ())
        case calworks.AuMemberRemoved():
            former = Membership(
                data.au, _left(data), "left", CALWORKS, data.person, "left", None, data.effective_month
            )
            return Group(_left(data), "left", CALWORKS, data.au, sequence, (former,))
    return None


def _left(data: calworks.AuMemberAdded | calworks.AuMemberRemoved) -> str:
    return f"{data.case}/{data.person}"


def _of_former_member(row: Due, group: Group, now: datetime) -> list[Due]:
    """Who left, or came back; where the unit counts for some months from then, a row waits for their end."""
    months = county_policy(row.county, local_date(now, PACIFIC)).former_unit_months
    persons = sorted({*row.was_members, *(spell.person for spell in group.members)})
    ends = [former_until(s.until_date, months, PACIFIC) for s in group.members if s.until_date]
    return [
        Due(row.county, "derive", group.program, person, not_before=instant)
        for person in persons
        for instant in (None, *(end for end in ends if end > now))
    ]


def _dated(row: Due, spells: Iterable[Membership], now: datetime) -> list[Due]:
    """A spell that is yet to begin or to end needs a row that waits for that day."""
    firsts = {s.from_date for s in spells if s.from_date}
    firsts |= {nth_day_after(s.until_date, 1) for s in spells if s.until_date}
    days = {day for first in firsts if (day := start_of_day(first, PACIFIC)) > now}
    return [
        Due(row.county, "household", row.program, row.subject, was_members=row.was_members, not_before=day)
        for day in sorted(days)
    ]


async def _index_facts(
    coordination: CoordinationRepository, events: Sequence[Readable], now: datetime
) -> list[Due]:
    """Facts, each in its place; what they end with time falls due then."""
    facts: list[Fact] = []
    due: list[Due] = []
    policy = county_policy(coordination.county, local_date(now, PACIFIC))
    for event in events:
        data = event.envelope.data
        place = PLACES.get(type(data))
        if place is None:
            continue
        fact = Fact(
            place.ref(data),
            event.program,
            place.about(data),
            event.envelope.sequence,
            event.envelope.recordedat,
            data,
        )
        facts.append(fact)
        kind: dues.Kind = "derive" if place.due == "derive" else "group"
        row = Due(coordination.county, kind, event.program, fact.about)
        due.append(row)
        due += [
            Due(row.county, row.kind, row.program, row.subject, not_before=instant)
            for instant in _instants(data, policy)
            if instant > now
        ]
    await coordination.save_facts(facts)
    return due


async def _index_tasks(
    connection: Connection, county: str, events: Sequence[Envelope], now: datetime
) -> list[Due]:
    """Tasks of intakes, as far as they are news; after an initial import's beginning or end all is looked at again."""
    imports = [event for event in events if live_since.of_initial(event)]
    await live_since.save(connection, imports)
    since = await live_since.live_since(connection, county)
    await tasks.offer_release(connection, events, now, since)
    if not imports:
        return []
    await tasks.offer_again(connection, county, now, since)
    return await live_since.all_again(connection, county)


def _instants(data: Event, policy: CountyPolicy) -> list[datetime]:
    """The instants at which a fact changes what should stand."""
    match data:
        case calworks.NoncomplianceStarted():
            return [start_of_day(nth_day_after(data.day20, 1), PACIFIC)]
        case cws.AssignmentChanged() | calworks.AssignmentChanged():
            ends = () if data.until_at is None else (data.until_at,)
            return [data.from_at, *ends, new_worker_until(data.from_at)]
        case calworks.CaseDiscontinued(aid_end=last):
            counted = former_until(last, policy.former_unit_months, PACIFIC)
            return [start_of_day(nth_day_after(last, 1), PACIFIC), counted]
        case cws.ChildReturned(returned_on=day):
            return [news_until(day, PACIFIC)]
        case calworks.SanctionCured(cured_on=day) | calworks.SanctionRescinded(rescinded_on=day):
            return [news_until(day, PACIFIC)]
    return []
