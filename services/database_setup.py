"""`linkages database setup`: the databases and roles that the services need on PostgreSQL.

Each service has a database and three roles with a login: the owner, for `linkages migrate`, who alone may change
tables; the app, for `linkages serve`, which is bound to the county of each request; the worker, for `linkages work`.
What app and worker may do to which table, the migrations say (shared/row_security.py). Setting up changes nothing
that is as it should be, so it may be run again at any time; it gives each role the password of its address.
"""

import asyncio
import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from shared.errors import Unavailable
from shared.row_security import APP, WORKER

SERVICES = ("cws", "calworks", "matcher")
GROUPS = {"owner": None, "app": APP, "worker": WORKER}
"""What a service's roles are for, and the group that each is a member of."""

_LOCK = 4_302_027  # of one set-up at a time: any number that nothing else on this server takes
_ROUNDS = 4096  # of the password's hash, as PostgreSQL does it itself

database_app = typer.Typer(help="Databases and roles on PostgreSQL.", no_args_is_help=True)


def role(service: str, kind: str) -> str:
    """The name of a service's role: `linkages_cws_app`."""
    return f"linkages_{service}_{kind}"


@database_app.command()
def setup(
    admin: Annotated[
        str, typer.Option(help="Address of a role that may make databases and roles, or @FILE that holds it")
    ],
    addresses: Annotated[
        Path,
        typer.Option(help="Folder with a file for each role that holds its address; missing ones are made"),
    ] = Path(".linkages/addresses"),
) -> None:
    """Make the databases, roles and passwords that are missing."""
    server = Path(admin[1:]).read_text().strip() if admin.startswith("@") else admin
    found = read_or_make(addresses, server)
    asyncio.run(set_up(server, found))
    for service in SERVICES:
        names = ", ".join(role(service, kind) for kind in GROUPS)
        typer.echo(f"{found[role(service, 'owner')].database}: {names}")
    typer.echo(f"their addresses are in {addresses}")


def read_or_make(folder: Path, admin: str) -> dict[str, URL]:
    """The address of each role: what the file of its name says, else a new one on the administrator's server."""
    found = {}
    for service in SERVICES:
        for kind in GROUPS:
            name = role(service, kind)
            file = folder / name
            if not file.exists():
                made = make_url(admin).set(
                    drivername="postgresql+asyncpg",
                    username=name,
                    password=secrets.token_urlsafe(32),
                    database=f"linkages_{service}",
                )
                _write(file, made.render_as_string(hide_password=False))
            found[name] = make_url(file.read_text().strip())
    return found


async def set_up(admin: str, addresses: Mapping[str, URL]) -> None:
    """Make what is missing: groups, roles with the passwords of their addresses, the databases that those name."""
    server = make_url(admin)
    async with _connected(server) as connection:
        await connection.exec_driver_sql(f"SELECT pg_advisory_lock({_LOCK})")  # until it is closed
        for group in (APP, WORKER):
            await _make_role(connection, group)
        for service in SERVICES:
            database = addresses[role(service, "owner")].database
            for kind, member_of in GROUPS.items():
                address = addresses[role(service, kind)]
                if (address.username, address.database) != (role(service, kind), database):
                    raise Unavailable(f"The address of {role(service, kind)} names another role or database")
                await _make_login(connection, address, member_of)
            await _make_database(connection, service, str(database))
            async with _connected(server.set(database=database)) as inside:
                await _close_schema(inside, role(service, "owner"))


async def _make_role(connection: AsyncConnection, name: str) -> None:
    if not await _exists(connection, "pg_roles", "rolname", name):
        await connection.exec_driver_sql(f'CREATE ROLE "{name}"')


async def _make_login(connection: AsyncConnection, address: URL, group: str | None) -> None:
    name, password = str(address.username), str(address.password or "")
    if not password or not password.isascii():
        raise Unavailable(f"The address of {name} needs a password of plain ASCII characters")
    await _make_role(connection, name)
    await connection.exec_driver_sql(f"ALTER ROLE \"{name}\" LOGIN PASSWORD '{_verifier(password)}'")
    if group is not None:
        await connection.exec_driver_sql(f'GRANT {group} TO "{name}"')


async def _make_database(connection: AsyncConnection, service: str, name: str) -> None:
    owner, app, worker = (f'"{role(service, kind)}"' for kind in GROUPS)
    run = connection.exec_driver_sql
    if not await _exists(connection, "pg_database", "datname", name):
        if not (await run("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).scalar_one():
            await run(f"GRANT {owner} TO CURRENT_USER")  # else it may not give the database away
        await run(
            f"CREATE DATABASE \"{name}\" OWNER {owner} TEMPLATE template0 ENCODING 'UTF8' "
            "LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    await run(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
    await run(f'GRANT CONNECT ON DATABASE "{name}" TO {app}, {worker}')


async def _close_schema(connection: AsyncConnection, owner: str) -> None:
    """Nobody but these roles finds anything here, and only the owner makes anything."""
    run = connection.exec_driver_sql
    await run("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    await run(f"GRANT USAGE ON SCHEMA public TO {APP}, {WORKER}")
    await run(f'ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC')


async def _exists(connection: AsyncConnection, catalogue: str, column: str, name: str) -> bool:
    found = await connection.exec_driver_sql(f"SELECT 1 FROM {catalogue} WHERE {column} = $1", (name,))  # noqa: S608
    return found.first() is not None


def _verifier(password: str) -> str:
    """What the server keeps of a password (SCRAM-SHA-256): so the password itself is in no log of statements."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ROUNDS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    said = [base64.b64encode(one).decode() for one in (salt, stored, server)]
    return f"SCRAM-SHA-256${_ROUNDS}:{said[0]}${said[1]}:{said[2]}"


@asynccontextmanager
async def _connected(address: URL) -> AsyncIterator[AsyncConnection]:
    """A connection on which each statement stands for itself: a database is not made in a transaction."""
    engine = create_async_engine(
        address.set(drivername="postgresql+asyncpg"),
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args={"timeout": 10},
    )
    where = f"PostgreSQL at {address.host}:{address.port or 5432}"
    try:
        async with engine.connect() as connection:
            yield connection
    except (OSError, TimeoutError) as error:
        raise Unavailable(f"{where} does not answer: {type(error).__name__}") from error
    except sa.exc.DBAPIError as error:  # its words name roles and databases, never a password
        raise Unavailable(f"{where} refuses: {str(error.orig).rpartition('>: ')[2]}") from error
    finally:
        await engine.dispose()


def _write(file: Path, text: str) -> None:
    """A new file that its owner alone may read."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as to:
        to.write(text)
