"""Index profiles: what a county's profile leaves out is dropped and counted, and never stored (vector T10)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from unittest import mock

import pytest
import sqlalchemy as sa

from services.matcher import index
from services.matcher.disclosure.policy import CountyPolicy, county_policy
from services.matcher.identity import record as records
from services.matcher.identity.person import dump
from services.matcher.identity.profile import Profile, within
from services.matcher.tables import BLOCK_KEY, PAIR, PERSON
from shared.events.person import PersonDetails
from shared.metrics import NOT_INDEXED
from tests.order.families import CARMEN, Teller, details
from tests.order.harness import COUNTY, KEYS, Arena
from tests.order.harness import records as told_records

TOLD = details("Maria", "1985-03-04", ssn="219345601", street="12 Cedar St")
WORDS = ("MARIA", "RAMIREZ", "1985", "CEDAR", "95112", "SAN JOSE")


@contextmanager
def chosen(profile: Profile) -> Iterator[None]:
    """The county has chosen this profile."""

    def policy(county: str, on: object) -> object:
        return county_policy(county, on).model_copy(update={"index_profile": profile})  # type: ignore[arg-type]

    with mock.patch.object(index, "county_policy", policy):
        yield


async def stored(arena: Arena, profile: Profile, *people: PersonDetails) -> list[records.Record]:
    """What the index keeps of people of both programs."""
    await arena.wipe()
    teller = Teller()
    for number, person in enumerate(people):
        teller.client(f"cl_{number}", person)
        teller.person(f"ps_{number}", person)
    with chosen(profile):
        await arena.matchers[0].take(told_records(teller.told))
    await arena.matchers[0].rest()
    ring = KEYS[COUNTY].keyring("matcher")
    rows = await arena.matchers[0].rows(sa.select(PERSON))
    return [records.open_record(row.record, ring, county=COUNTY, ref=row.ref) for row in rows]


def dropped(field: str) -> float:
    return NOT_INDEXED.labels(COUNTY, field)._value.get()


async def test_numbers_and_sex_are_dropped_and_counted_where_the_law_lists_neither(arena: Arena) -> None:
    before = {field: dropped(field) for field in ("ssn", "sex", "cin")}
    kept = await stored(arena, "18961_5", TOLD)
    assert len(kept) == 2
    assert all(not one.person.ssn and one.person.sex is None for one in kept)
    assert all(one.person.names and one.person.birth_date and one.person.addresses for one in kept)
    after = {field: dropped(field) - count for field, count in before.items()}
    assert after == {"ssn": 2, "sex": 2, "cin": 0}
    keys = await arena.matchers[0].rows(sa.select(BLOCK_KEY.c.is_ssn))
    assert not any(row.is_ssn for row in keys)


async def test_the_administrative_profile_keeps_identifiers(arena: Arena) -> None:
    kept = await stored(arena, "10850_admin", TOLD)
    assert all(one.person.ssn and one.person.sex == "F" for one in kept)


async def test_a_hashed_index_holds_no_name_date_or_address_and_still_finds_who_is_the_same(
    arena: Arena,
) -> None:
    kept = await stored(arena, "hashed", TOLD, CARMEN)
    for one in kept:
        assert one.shown == {}
        text = dump(one.person).decode().upper()
        assert not [word for word in WORDS if word in text]
    pairs = await arena.matchers[0].rows(sa.select(PAIR.c.cws, PAIR.c.calworks, PAIR.c.decision))
    linked = {(row.cws, row.calworks) for row in pairs if row.decision == "linked"}
    assert linked == {("cl_0", "ps_0"), ("cl_1", "ps_1")}


@pytest.mark.parametrize("profile", ["10850_admin", "hashed"])
def test_nothing_is_dropped_of_who_has_nothing_outside_the_profile(profile: Profile) -> None:
    assert within(profile, TOLD) == (TOLD, ())


def test_a_county_cannot_choose_a_profile_that_is_not_there() -> None:
    policy = county_policy(COUNTY, date(2026, 3, 2))
    with pytest.raises(ValueError, match="index_profile"):
        CountyPolicy.model_validate(policy.model_dump() | {"index_profile": "roi_only"})
