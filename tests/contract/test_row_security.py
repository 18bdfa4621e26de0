"""The second wall between counties: what a role may see and do on PostgreSQL, whatever a statement forgets to say."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from services.calworks_api.app import create_app as calworks_app
from services.calworks_api.settings import CalworksSettings
from services.cws_api.app import create_app as cws_app
from services.cws_api.settings import CwsSettings
from services.database_setup import GROUPS, SERVICES, role
from services.matcher.app import create_app as matcher_app
from services.matcher.settings import MatcherSettings
from shared.crypto import KeyFile
from shared.database import Database
from shared.errors import Unavailable
from shared.row_security import unbound
from tests.contract.row_security import FOR_THE_BACKGROUND_ALONE, holes
from tests.databases import Stored, set_up_databases

# ruff: noqa: S608 - names and counties of this file
# They change roles, and those are the whole server's.
HERE, THERE = "43", "07"
REQUESTS = 3000

Begin = Callable[[str | None], AbstractAsyncContextManager[Any]]


@pytest.fixture(scope="module")
def addresses(postgres_15: str) -> Iterator[dict[str, str]]:
    """Each role's address of its database, set up and migrated as a county does it."""
    with set_up_databases(postgres_15) as made:
        yield made


def as_admin(addresses: dict[str, str], postgres_15: str, service: str) -> Stored:
    """The same database, for looking into it past every rule."""
    name = sa.make_url(addresses[role(service, "app")]).database
    admin = sa.make_url(postgres_15).set(database=name).render_as_string(hide_password=False)
    return Stored(addresses[role(service, "app")], addresses[role(service, "worker")], admin)


@pytest.fixture
def cws(addresses: dict[str, str], postgres_15: str) -> Iterator[Stored]:
    """Child welfare's database with ten households of each of two counties, of the same references."""
    stored = as_admin(addresses, postgres_15, "cws")
    stored.query(
        "INSERT INTO household (county, ref, protected, version, created_at, changed_at) "
        f"SELECT county, 'h' || number, false, 1, now(), now() FROM unnest(ARRAY['{HERE}', '{THERE}']) AS county, "
        "generate_series(1, 10) AS number"
    )
    yield stored
    stored.query("TRUNCATE household CASCADE")


@pytest.fixture(params=["app", "worker", "owner"])
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@asynccontextmanager
async def opened(url: str, pool_size: int = 2) -> AsyncIterator[Database]:
    database = Database(url, pool_size=pool_size)
    try:
        yield database
    finally:
        await database.close()


async def counties(connection: Any, table: str = "household") -> set[str]:
    """Of whose rows a transaction sees any."""
    rows = await connection.execute(sa.text(f'SELECT DISTINCT county FROM "{table}"'))
    return set(rows.scalars())


# --- the catalogue ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES)
def test_every_table_with_a_county_is_walled_off(
    addresses: dict[str, str], postgres_15: str, service: str
) -> None:
    assert holes(as_admin(addresses, postgres_15, service)) == []


@pytest.mark.parametrize(
    ("planted", "mended", "found"),
    [
        (
            "ALTER TABLE household NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE household FORCE ROW LEVEL SECURITY",
            "household does not bind its owner",
        ),
        (
            "ALTER TABLE household DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE household ENABLE ROW LEVEL SECURITY",
            "household has no row-level security",
        ),
        (
            "CREATE POLICY more ON household TO linkages_app USING (true)",
            "DROP POLICY more ON household",
            "household has other policies",
        ),
        ("CREATE TABLE planted (county text)", "DROP TABLE planted", "planted has no row-level security"),
        ("CREATE TABLE planted (name text)", "DROP TABLE planted", "planted has no county"),
        (
            "CREATE VIEW planted AS SELECT county FROM household",
            "DROP VIEW planted",
            "planted is a view that sees as its owner",
        ),
        (
            "CREATE UNIQUE INDEX planted ON household (record_id)",
            "DROP INDEX planted",
            "planted is unique across counties",
        ),
        (
            "CREATE FUNCTION planted() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::bigint'",
            "DROP FUNCTION planted()",
            "planted is a function that acts as its owner",
        ),
        (
            "ALTER ROLE linkages_cws_app BYPASSRLS",
            "ALTER ROLE linkages_cws_app NOBYPASSRLS",
            "linkages_cws_app",
        ),
    ],
)
def test_a_hole_in_the_wall_is_found(cws: Stored, planted: str, mended: str, found: str) -> None:
    cws.query(planted)
    try:
        assert any(found in hole for hole in holes(cws)), holes(cws)
    finally:
        cws.query(mended)
    assert holes(cws) == []


# --- what each role sees ---------------------------------------------------------------------------------------------


async def test_an_app_sees_the_county_of_its_transaction_and_without_one_nothing(cws: Stored) -> None:
    async with opened(cws.app) as database:
        for county, seen in ((HERE, {HERE}), (THERE, {THERE}), (None, set()), ("", set()), ("58", set())):
            async with database.reading(county=county) as connection:
                assert await counties(connection) == seen
            async with database.transaction(county=county) as connection:
                assert await counties(connection) == seen


async def test_an_app_cannot_write_a_row_of_another_county_or_give_one_away(cws: Stored) -> None:
    add = (
        "INSERT INTO household (county, ref, protected, version, created_at, changed_at) "
        f"VALUES ('{THERE}', 'new', false, 1, now(), now())"
    )
    async with opened(cws.app) as database:
        for statement in (add, f"UPDATE household SET county = '{THERE}' WHERE ref = 'h1'"):
            with pytest.raises(sa.exc.DBAPIError, match="row-level security"):
                async with database.transaction(county=HERE) as connection:
                    await connection.execute(sa.text(statement))
        async with database.transaction(county=HERE) as connection:
            await connection.execute(sa.text("UPDATE household SET version = 2"))
    assert cws.query("SELECT county, count(*) FROM household WHERE version = 2 GROUP BY county") == [
        (HERE, 10)
    ]


async def test_a_worker_sees_all_counties(cws: Stored) -> None:
    async with opened(cws.worker) as database, database.reading() as connection:
        assert await counties(connection) == {HERE, THERE}


async def test_the_owner_sees_rows_in_migrations_alone(cws: Stored, addresses: dict[str, str]) -> None:
    async with opened(addresses[role("cws", "owner")]) as database:
        for county in (None, HERE):
            async with database.reading(county=county) as connection:
                assert await counties(connection) == set()
        async with database.reading() as connection:
            await connection.execute(sa.text("SELECT set_config('linkages.migrating', 'on', true)"))
            assert await counties(connection) == {HERE, THERE}


async def test_nobody_but_the_owner_changes_a_table(cws: Stored) -> None:
    for url in (cws.app, cws.worker):
        async with opened(url) as database:
            for statement in (
                "CREATE TABLE planted (id int)",
                "ALTER TABLE household DISABLE ROW LEVEL SECURITY",
                "DROP POLICY app ON household",
                "TRUNCATE household",
                "SET ROLE linkages_cws_owner",
            ):
                with pytest.raises(sa.exc.DBAPIError, match=r"permission denied|must be owner"):
                    async with database.transaction(county=HERE) as connection:
                        await connection.execute(sa.text(statement))


async def test_an_app_cannot_make_itself_a_migration(cws: Stored) -> None:
    """Whoever may run any statement may name any county or setting; but only the owner's policy asks for this one."""
    async with opened(cws.app) as database, database.reading(county=HERE) as connection:
        await connection.execute(sa.text("SELECT set_config('linkages.migrating', 'on', true)"))
        assert await counties(connection) == {HERE}


async def test_what_was_accounted_for_stays(addresses: dict[str, str]) -> None:
    for group in ("app", "worker"):
        async with opened(addresses[role("matcher", group)]) as database:
            async with database.reading(county=HERE) as connection:
                await connection.execute(sa.text("SELECT * FROM disclosure"))
            for statement in ("DELETE FROM disclosure", "UPDATE disclosure SET outcome = 'permit'"):
                with pytest.raises(sa.exc.DBAPIError, match="permission denied"):
                    async with database.transaction(county=HERE) as connection:
                        await connection.execute(sa.text(statement))


async def test_an_app_sees_nothing_of_the_background(addresses: dict[str, str], postgres_15: str) -> None:
    for service in SERVICES:
        tables = FOR_THE_BACKGROUND_ALONE & set(as_admin(addresses, postgres_15, service).tables())
        async with opened(addresses[role(service, "app")]) as database:
            for table in tables:
                with pytest.raises(sa.exc.DBAPIError, match="permission denied"):
                    async with database.reading(county=HERE) as connection:
                        await connection.execute(sa.text(f"SELECT * FROM {table}"))
    async with opened(addresses[role("matcher", "app")]) as database:
        with pytest.raises(sa.exc.DBAPIError, match="permission denied"):
            async with database.reading(county=HERE) as connection:
                await connection.execute(sa.text("SELECT value FROM dead_letter"))


async def test_no_service_enters_the_database_of_another(addresses: dict[str, str]) -> None:
    inside = sa.make_url(addresses[role("matcher", "app")]).database
    for service in ("cws", "calworks"):
        for group in GROUPS:
            url = sa.make_url(addresses[role(service, group)]).set(database=inside)
            with pytest.raises(sa.exc.DBAPIError, match="permission denied for database"):
                async with opened(url.render_as_string(hide_password=False)) as database, database.reading():
                    pass


# --- many requests on few connections --------------------------------------------------------------------------------


async def foreign_rows(begin: Begin, requests: int) -> int:
    """How many of many interleaved requests, some of them cancelled on the way, saw what they should not have."""
    draw, wrong, full = random.Random(5), 0, 0

    async def request(county: str | None) -> None:
        nonlocal wrong, full
        async with begin(county) as connection:
            seen = await counties(connection)
        wrong += seen != (set() if county is None else {county})
        full += len(seen)

    async def client() -> None:
        for _ in range(requests // 12):
            task = asyncio.create_task(request(draw.choice([HERE, THERE, None])))
            if draw.random() < 0.2:
                await asyncio.sleep(draw.random() * 0.01)
                task.cancel()
            await asyncio.wait([task], timeout=30)
            assert task.done()

    await asyncio.gather(*(client() for _ in range(12)))
    assert full > requests / 4  # or nothing was looked at
    return wrong


@pytest.mark.parametrize("pool_size", [1, 2])
async def test_no_request_sees_the_rows_of_another_countys_on_the_same_connection(
    cws: Stored, pool_size: int
) -> None:
    async with opened(cws.app, pool_size) as database:
        assert await foreign_rows(lambda county: database.reading(county=county), REQUESTS) == 0
        assert await foreign_rows(lambda county: database.transaction(county=county), REQUESTS) == 0


async def test_a_county_that_is_set_for_the_connection_is_found(cws: Stored) -> None:
    """Planted: SET, where it should be SET LOCAL."""
    engine = create_async_engine(cws.app, pool_size=1, max_overflow=0, hide_parameters=True)

    @asynccontextmanager
    async def begin(county: str | None) -> AsyncIterator[Any]:
        async with engine.begin() as connection:
            if county is not None:
                await connection.execute(
                    sa.text("SELECT set_config('linkages.county', :county, false)"), {"county": county}
                )
            yield connection

    try:
        assert await foreign_rows(begin, 600) > 0
    finally:
        await engine.dispose()


async def test_without_force_the_owner_sees_all_counties(cws: Stored, addresses: dict[str, str]) -> None:
    """Planted: ENABLE alone."""
    cws.query("ALTER TABLE household NO FORCE ROW LEVEL SECURITY")
    try:
        async with opened(addresses[role("cws", "owner")]) as database, database.reading() as connection:
            assert await counties(connection) == {HERE, THERE}
    finally:
        cws.query("ALTER TABLE household FORCE ROW LEVEL SECURITY")


async def test_a_plain_view_shows_all_counties_and_one_of_the_invokers_rights_does_not(cws: Stored) -> None:
    for options, seen in (("", {HERE, THERE}), ("WITH (security_invoker = true)", {HERE})):
        cws.query(f"CREATE VIEW planted {options} AS SELECT county FROM household")
        cws.query("GRANT SELECT ON planted TO linkages_app")
        try:
            async with opened(cws.app) as database, database.reading(county=HERE) as connection:
                assert await counties(connection, "planted") == seen
        finally:
            cws.query("DROP VIEW planted")


# --- starting --------------------------------------------------------------------------------------------------------


async def test_it_is_told_whose_rows_are_not_walled_off(
    addresses: dict[str, str], postgres_15: str, kind: str
) -> None:
    words = {"app": None, "worker": "sees all counties", "owner": "owns the tables"}[kind]
    for service in SERVICES:
        reason = await unbound(addresses[role(service, kind)])
        assert reason is None if words is None else words in str(reason)
    assert "pass by" in str(await unbound(as_admin(addresses, postgres_15, "cws").admin))
    assert await unbound("sqlite://") is None


async def test_in_production_an_app_starts_with_the_role_that_is_bound_alone(
    addresses: dict[str, str], kind: str, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(KeyFile(counties={HERE: KeyFile.county()}).model_dump_json())
    common: dict[str, Any] = {
        "environment": "production",
        "data_dir": tmp_path,
        "counties": (HERE,),
        "key_file": keys,
        "token_secret": "a secret for tests, long enough to be one",
    }
    for app in (
        cws_app(CwsSettings(**common, database=addresses[role("cws", kind)])),
        calworks_app(CalworksSettings(**common, database=addresses[role("calworks", kind)])),
        matcher_app(MatcherSettings(**common, database=addresses[role("matcher", kind)])),
    ):
        if kind == "app":
            async with app.router.lifespan_context(app):
                pass
        else:
            with pytest.raises(Unavailable, match="app role"):
                async with app.router.lifespan_context(app):
                    pass
