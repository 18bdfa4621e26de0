"""Dead letters: what no one could read, why, and whom it puts on hold until it is resolved."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.matcher import due as dues
from services.matcher.due import Due
from services.matcher.identity.blocking import STANDARD
from services.matcher.index import TYPES, index, prepare
from services.matcher.tables import INBOX
from shared.bus import CALWORKS_TOPIC, CWS_TOPIC, Message, Record
from shared.crypto import CountyKeys
from shared.database import Connection, among
from shared.errors import InvalidEvent
from shared.events import Envelope
from shared.inbox import first_time
from shared.metrics import DEAD_LETTERS

dead = INBOX.dead
_PROGRAMS = {CWS_TOPIC: "cws", CALWORKS_TOPIC: "calworks"}

_HELD = sa.select(dead.c.subject).where(
    dead.c.county == sa.bindparam("county"),
    among(dead.c.subject, "subjects"),
    dead.c.resolved_at.is_(None),
)
_ONE = (
    sa.select(dead).where(dead.c.id == sa.bindparam("number"), dead.c.resolved_at.is_(None)).with_for_update()
)
_STAYS = dead.update().where(dead.c.id == sa.bindparam("number")).values(reason=sa.bindparam("why"))


async def bury(connection: Connection, letters: Sequence[tuple[Record, str]], now: datetime) -> None:
    """Store records with the reason, and put the subject that their key names on hold."""
    if not letters:
        return
    rows = []
    for record, reason in letters:
        headers = {name: value.decode("latin-1") for name, value in record.message.headers}
        county = headers.get("ce_county")
        if county is not None and "\0" in county:  # PostgreSQL holds no such text
            county = None
        rows.append(
            {
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "county": county,
                "subject": record.message.key.decode(errors="replace").replace("\0", "\ufffd")
                if county
                else None,
                "key": record.message.key,
                "headers": headers,
                "value": record.message.value,
                "reason": reason,
                "at": now,
            }
        )
    await connection.execute(dead.insert(), rows)
    for row in rows:
        DEAD_LETTERS.labels(row["topic"]).inc()
    await dues.add(
        connection,
        [
            Due(str(row["county"]), "derive", _PROGRAMS[str(row["topic"])], str(row["subject"]))
            for row in rows
            if row["county"]
        ],
    )


async def waiting(connection: Connection) -> list[Any]:
    """The dead letters that are not resolved."""
    return list(
        (
            await connection.execute(sa.select(dead).where(dead.c.resolved_at.is_(None)).order_by(dead.c.id))
        ).all()
    )


def on_hold(letters: Sequence[Any]) -> set[tuple[str, str]]:
    """Whom these dead letters put on hold: county and subject."""
    return {(letter.county, letter.subject) for letter in letters if letter.subject}


async def held(connection: Connection, county: str, subjects: Sequence[str]) -> set[str]:
    """Which of these subjects are on hold."""
    rows = await connection.execute(_HELD, {"county": county, "subjects": list(subjects)})
    return set(rows.scalars())


async def unresolved(connection: Connection, number: int) -> Any | None:
    """One letter that is not resolved, locked: nobody else retries it meanwhile."""
    return (await connection.execute(_ONE, {"number": number})).one_or_none()


async def retry(
    connection: Connection,
    letter: Any,
    keys: Mapping[str, CountyKeys],
    now: datetime,
    kinds: Collection[str] = STANDARD,
) -> bool:
    """Read a dead letter again; when it can be read now, index it and lift the hold. Whether it could.

    One that cannot be read stays, with the reason of this time.
    """
    message = Message(
        letter.key,
        letter.value,
        tuple((name, value.encode("latin-1")) for name, value in letter.headers.items()),
    )
    program = _PROGRAMS[letter.topic]
    try:
        event = prepare(Envelope.read(message, TYPES), program, keys, kinds)
    except InvalidEvent as error:
        await connection.execute(_STAYS, {"number": letter.id, "why": error.detail})
        return False
    if event.envelope.id in await first_time(connection, INBOX, [event.envelope.id], now):
        await index(connection, [event], keys, now)
    await resolve(connection, letter, now)
    return True


async def resolve(connection: Connection, letter: Any, now: datetime) -> None:
    """Lift the hold."""
    await connection.execute(dead.update().where(dead.c.id == letter.id).values(resolved_at=now))
    if letter.county:
        await dues.add(connection, [Due(letter.county, "derive", _PROGRAMS[letter.topic], letter.subject)])
