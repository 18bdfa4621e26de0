"""Who is made due again: not who will be decided anyway, but everybody whose decision may be under way."""

import pytest
import sqlalchemy as sa

from services.matcher import due
from services.matcher.due import Due
from services.matcher.tables import DUE
from tests.order.conftest import BOTH
from tests.order.harness import COUNTY, NOW, Arena, Matcher

MARIA = Due(COUNTY, "again", "cws", "cl_1")


async def number_due(matcher: Matcher) -> int:
    """How many rows there are about Maria."""
    return len(await matcher.rows(sa.select(DUE.c.id).where(DUE.c.subject == MARIA.subject)))


async def add(matcher: Matcher, row: Due) -> None:
    async with matcher.database.transaction() as connection:
        await due.add(connection, [row])


@BOTH
@pytest.mark.parametrize("kind", ["record", "again"])
async def test_a_person_who_waits_to_be_decided_is_not_made_due_again(arena: Arena, kind: due.Kind) -> None:
    matcher = arena.matchers[0]
    await add(matcher, Due(COUNTY, kind, "cws", "cl_1"))
    async with matcher.database.transaction() as connection:
        await due.add_again(connection, NOW, [MARIA], [])
    assert await number_due(matcher) == 1


@BOTH
async def test_what_waits_for_something_else_or_for_its_time_is_no_reason_to_leave_a_person_out(
    arena: Arena,
) -> None:
    matcher = arena.matchers[0]
    await add(matcher, Due(COUNTY, "derive", "cws", "cl_1"))
    await add(matcher, Due(COUNTY, "again", "calworks", "cl_1"))
    await add(matcher, Due(COUNTY, "again", "cws", "cl_1", not_before=NOW.replace(year=NOW.year + 1)))
    async with matcher.database.transaction() as connection:
        await due.add_again(connection, NOW, [MARIA], [])
    assert await number_due(matcher) == 4


@BOTH
async def test_the_row_that_this_transaction_settles_does_not_count(arena: Arena) -> None:
    matcher = arena.matchers[0]
    await add(matcher, MARIA)
    async with matcher.database.transaction() as connection:
        claimed = await due.claim(connection, NOW, 10)
        await due.add_again(connection, NOW, [MARIA], claimed)
        await due.settle(connection, claimed)
    assert await number_due(matcher) == 1


@pytest.mark.parametrize("arena", ["postgresql"], indirect=True)
async def test_a_row_that_somebody_else_has_claimed_does_not_count(arena: Arena) -> None:
    """He may have read what she was before, and his deletion of the row cannot be seen yet."""
    one, other = arena.matchers[:2]
    await add(one, MARIA)
    async with one.database.transaction() as deciding:
        claimed = await due.claim(deciding, NOW, 10)
        async with other.database.transaction() as connection:
            await due.add_again(connection, NOW, [MARIA], [])
        await due.settle(deciding, claimed)
    assert await number_due(one) == 1


@pytest.mark.parametrize("arena", ["postgresql"], indirect=True)
async def test_a_row_that_is_counted_on_can_be_claimed_only_after_the_commit(arena: Arena) -> None:
    one, other = arena.matchers[:2]
    await add(one, MARIA)
    async with one.database.transaction() as connection:
        await due.add_again(connection, NOW, [MARIA], [])
        async with other.database.transaction() as claiming:
            assert await due.claim(claiming, NOW, 10) == []
    async with other.database.transaction() as claiming:
        assert len(await due.claim(claiming, NOW, 10)) == 1
