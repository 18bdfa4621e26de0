"""Records that were never written by a service of ours: whatever they hold, the reader goes on after them."""

import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from services.matcher import reader
from services.matcher.index import Readable
from shared.bus import CWS_TOPIC, Message, partition_of
from shared.database import Connection
from shared.events import Envelope
from shared.events.cws import SOURCE, TYPES, HouseholdChanged
from shared.events.parts import Member
from tests.contract import county as counties
from tests.contract.county import HOME, County
from tests.databases import Stored

pytestmark = pytest.mark.asyncio(loop_scope="module")

GOOD = Envelope(
    id="ev_good",
    source=SOURCE,
    county=HOME,
    time=datetime(2026, 3, 2, 18, tzinfo=UTC),
    recordedat=datetime(2026, 3, 2, 18, tzinfo=UTC),
    sequence=1,
    data=HouseholdChanged(household="hh_1", members=(Member(person="cl_1", role="parent"),), protected=False),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def county(folder: Path, stored: dict[str, Stored]) -> AsyncIterator[County]:
    async with counties.running(folder, stored) as running:
        yield running


def message(envelope: Envelope, **headers: str) -> Message:
    """As a relay sends it, but for some headers."""
    given = {name: value.encode() for name, value in {**envelope.headers(), **headers}.items()}
    return Message(envelope.data.key.encode(), envelope.data.model_dump_json().encode(), tuple(given.items()))


def of_member(**what: str) -> Envelope:
    members = (Member(**{"person": "cl_1", "role": "parent", **what}),)
    return replace(GOOD, data=GOOD.data.model_copy(update={"members": members}))


POISON = {
    "a key with a null character": Message(b"cl\0_1", b"{}", (("ce_county", HOME.encode()),)),
    "a county with a null character": Message(b"cl_1", b"{}", (("ce_county", b"4\0"),)),
    "a header with a null character": Message(b"cl_1", b"\0", (("ce_county", b"43"), ("x", b"\0\xff"))),
    "a name with a null character": message(of_member(person="cl\0_1")),
    "a role with a null character": message(of_member(role="par\0ent")),
    "a number that is too large": message(GOOD, ce_sequence=str(10**30)),
    "a time before all times": message(
        replace(GOOD, recordedat=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))))
    ),
    "half a character": Message(
        b"cl_1", message(GOOD).value.replace(b'"parent"', b'"\\ud800"'), message(GOOD).headers
    ),
    "a county that is not served": message(GOOD, ce_county="58"),
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
async def test_a_record_that_cannot_be_stored_is_a_dead_letter_and_stops_nobody(
    county: County, stored: dict[str, Stored], poison: Message
) -> None:
    matcher = stored["matcher"]
    mark, before = secrets.token_hex(4), matcher.counts()
    fine = [
        message(
            replace(
                GOOD, id=f"ev_{mark}{n}", data=GOOD.data.model_copy(update={"household": f"hh_{mark}{n}"})
            )
        )
        for n in range(2)
    ]
    await county.reader.bus.publish(CWS_TOPIC, partition_of(HOME, "hh_1"), [fine[0], poison, fine[1]])
    await county.reader.round()
    while await county.decider.round():
        pass
    after = matcher.counts()
    grown = {name: after[name] - before[name] for name in ("dead_letter", "group_register")}
    assert grown == {"dead_letter": 1, "group_register": 2}


async def test_two_backslashes_before_the_same_digits_are_plain_text() -> None:
    told = message(of_member(role=r"par\u0000ent"))
    assert rb"\\u0000" in told.value
    assert Envelope.read(told, TYPES).data == of_member(role=r"par\u0000ent").data


async def test_what_the_database_itself_refuses_is_a_dead_letter_and_the_others_are_not(
    county: County, stored: dict[str, Stored], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value that passed every check of ours, and that the database does not take: only it is set aside."""
    matcher, mark = stored["matcher"], secrets.token_hex(4)
    of_households = [f"hh_{mark}{n}" for n in range(3)]
    data = [GOOD.data.model_copy(update={"household": household}) for household in of_households]
    sent = [message(replace(GOOD, id=f"ev_{mark}{n}", data=one)) for n, one in enumerate(data)]
    index = reader.index

    async def refusing(connection: Connection, events: Sequence[Readable], *others: Any) -> None:
        await index(connection, events, *others)
        if any(event.envelope.data.key == of_households[1] for event in events):
            raise sa.exc.DataError(None, None, ValueError())

    monkeypatch.setattr(reader, "index", refusing)
    before = matcher.counts()
    await county.reader.bus.publish(CWS_TOPIC, 0, sent)
    while await county.reader.round():
        pass
    after = matcher.counts()
    assert after["inbox"] - before["inbox"] == len(sent) - 1
    assert after["dead_letter"] - before["dead_letter"] == 1
