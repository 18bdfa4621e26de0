"""`linkages database setup`: run as often as one likes, by whoever may make databases and roles."""

import asyncio
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from services.cli import app
from services.database_setup import GROUPS, SERVICES, read_or_make, role, set_up
from shared.database import Database
from shared.errors import Unavailable
from tests.databases import Stored


@pytest.fixture
def folder(postgres_15: str, tmp_path: Path) -> Iterator[Path]:
    """Addresses that name databases nobody else has."""
    made, mark = tmp_path / "addresses", secrets.token_hex(4)
    for name, url in read_or_make(made, postgres_15).items():
        address = url.set(database=f"{url.database}_{mark}")
        (made / name).write_text(address.render_as_string(hide_password=False))
    yield made
    for service in SERVICES:
        admin(postgres_15).query(f"DROP DATABASE IF EXISTS linkages_{service}_{mark} WITH (FORCE)")


def admin(url: str) -> Stored:
    return Stored(url, url, url)


def enters(url: str) -> bool:
    """Whether an address opens its database."""

    async def look() -> bool:
        database = Database(url)
        try:
            async with database.reading() as connection:
                await connection.execute(sa.text("SELECT 1"))
        except sa.exc.DBAPIError:
            return False
        else:
            return True
        finally:
            await database.close()

    return asyncio.run(look())


def test_it_may_be_run_again_and_keeps_every_address(postgres_15: str, folder: Path, tmp_path: Path) -> None:
    server = tmp_path / "admin"
    server.write_text(f"{postgres_15}\n")
    before = {file.name: file.read_text() for file in folder.iterdir()}
    for _ in range(2):
        run = CliRunner().invoke(
            app, ["database", "setup", "--admin", f"@{server}", "--addresses", str(folder)]
        )
        assert run.exit_code == 0, run.output
        assert "linkages_cws_owner, linkages_cws_app, linkages_cws_worker" in run.output
        assert not any(
            url.password in run.output for url in map(sa.make_url, before.values()) if url.password
        )
    assert {file.name: file.read_text() for file in folder.iterdir()} == before
    assert set(before) == {role(service, kind) for service in SERVICES for kind in GROUPS}
    assert all(enters(address) for address in before.values())


def test_addresses_that_are_made_are_for_their_owner_alone(tmp_path: Path) -> None:
    made = read_or_make(tmp_path / "new", "postgresql://admin:secret@db.example:5433/postgres")
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "new").iterdir()} == {0o600}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert len({url.password for url in made.values()}) == len(made)
    assert {(url.drivername, url.host, url.port) for url in made.values()} == {
        ("postgresql+asyncpg", "db.example", 5433)
    }
    assert made["linkages_matcher_app"].database == "linkages_matcher"
    assert read_or_make(tmp_path / "new", "postgresql://other@elsewhere/postgres") == made


def test_a_new_password_in_the_file_counts_after_setting_up_again(postgres_15: str, folder: Path) -> None:
    asyncio.run(set_up(postgres_15, read_or_make(folder, postgres_15)))
    file = folder / "linkages_cws_app"
    old = file.read_text()
    new = sa.make_url(old).set(password="changed-by-the-county").render_as_string(hide_password=False)
    assert not enters(new)
    file.write_text(new)
    asyncio.run(set_up(postgres_15, read_or_make(folder, postgres_15)))
    assert enters(new)
    assert not enters(old)


def test_databases_sort_by_byte_and_let_nobody_else_in(postgres_15: str, folder: Path) -> None:
    addresses = read_or_make(folder, postgres_15)
    asyncio.run(set_up(postgres_15, addresses))
    server = admin(postgres_15)
    for service in SERVICES:
        name = addresses[role(service, "app")].database
        ((collation, owner),) = server.query(
            "SELECT datcollate, pg_get_userbyid(datdba) FROM pg_database "  # noqa: S608
            f"WHERE datname = '{name}'"
        )
        assert (collation, owner) == ("C", role(service, "owner"))
        who = server.query(
            "SELECT rolname FROM pg_roles WHERE NOT rolsuper AND rolcanlogin "  # noqa: S608
            f"AND has_database_privilege(oid, '{name}', 'CONNECT')"
        )
        assert {one for (one,) in who} == {role(service, kind) for kind in GROUPS}


def test_who_may_make_databases_and_roles_need_not_be_a_superuser(postgres_15: str, folder: Path) -> None:
    server, name = admin(postgres_15), f"linkages_test_maker_{secrets.token_hex(4)}"
    for service in SERVICES:
        for kind in GROUPS:
            server.query(f"DROP ROLE IF EXISTS {role(service, kind)}")
    server.query(f"CREATE ROLE {name} LOGIN PASSWORD 'made-up' CREATEROLE CREATEDB")
    maker = sa.make_url(postgres_15).set(username=name, password="made-up")
    try:
        addresses = read_or_make(folder, postgres_15)
        asyncio.run(set_up(maker.render_as_string(hide_password=False), addresses))
        assert all(enters(url.render_as_string(hide_password=False)) for url in addresses.values())
    finally:
        for service in SERVICES:
            database = read_or_make(folder, postgres_15)[role(service, "app")].database
            server.query(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        server.query(f"DROP OWNED BY {name} CASCADE")
        server.query(f"DROP ROLE {name}")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"password": None}, "password"),
        ({"password": "pässword"}, "ASCII"),
        ({"username": "somebody"}, "another role or database"),
        ({"database": "elsewhere"}, "another role or database"),
    ],
)
def test_an_address_that_does_not_fit_is_refused(
    postgres_15: str, folder: Path, change: dict[str, str | None], says: str
) -> None:
    addresses = read_or_make(folder, postgres_15)
    of = addresses["linkages_cws_app"]
    addresses["linkages_cws_app"] = sa.URL.create(
        **{**of._asdict(), **change}  # type: ignore[arg-type]
    )
    with pytest.raises(Unavailable, match=says) as refused:
        asyncio.run(set_up(postgres_15, addresses))
    assert str(of.password) not in str(refused.value)


def test_a_server_that_cannot_be_set_up_is_told_in_a_sentence(postgres_15: str, tmp_path: Path) -> None:
    nowhere = "postgresql://postgres:hush@127.0.0.1:9/postgres"
    refusing = sa.make_url(postgres_15).set(password="hush").render_as_string(hide_password=False)
    for server, says in (
        (nowhere, "127.0.0.1:9 does not answer"),
        (refusing, "password authentication failed"),
    ):
        command = ["database", "setup", "--admin", server, "--addresses", str(tmp_path / "addresses")]
        refused = CliRunner().invoke(app, command).exception
        assert isinstance(refused, Unavailable)
        assert says in refused.detail
        assert "hush" not in refused.detail
