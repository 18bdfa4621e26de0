"""Row-level security on PostgreSQL: the second wall between counties, and who may do what to which table.

The first wall is that every statement names its county. This one holds where a statement forgets to: whoever has the
role of an HTTP app sees and writes rows of the county that its transaction names, and none if it names none. What
runs in the background (relay, reader, decider) has a role that sees all counties. The owner of the tables makes
migrations and sees rows in them alone: FORCE binds an app too that is started with the owner's address by mistake.

A migration that makes a table says its rights with `secure`. SQLite has nothing of this.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from shared.database import opened
from shared.errors import Unavailable

APP, WORKER = "linkages_app", "linkages_worker"
"""The two groups that rights are given to; each service's own roles are members of one."""

COUNTY = "linkages.county"
"""The setting that names a transaction's county. Set with `set_config(..., true)`, it ends with the transaction."""

_MIGRATING = "linkages.migrating"
_ALL = "SELECT, INSERT, UPDATE, DELETE"


@dataclass(frozen=True, slots=True)
class Rights:
    """What the HTTP app and the background part may do to a table; empty: nothing."""

    app: str
    worker: str = _ALL


RECORD = Rights(app="SELECT, INSERT, UPDATE")
LIST = Rights(app=_ALL)  # rows that are replaced as a whole
READ = Rights(app="SELECT")
APPEND = Rights(app="SELECT, INSERT")
ACCOUNT = Rights(app="SELECT, INSERT", worker="SELECT, INSERT")  # nobody changes what was accounted for
BACKGROUND = Rights(app="")

_BOUND = f"county = current_setting('{COUNTY}', true)"
_IN_MIGRATIONS = f"current_setting('{_MIGRATING}', true) = 'on'"
_POLICIES = {
    "app": (APP, _BOUND),
    "worker": (WORKER, "true"),
    "migration": ("CURRENT_USER", _IN_MIGRATIONS),
}

_ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""


def secure(connection: sa.Connection, rights: Mapping[str, Rights]) -> None:
    """Give tables their rights, and wall off each that has a column `county`. Raises Unavailable without the groups."""
    if connection.dialect.name != "postgresql":
        return
    _make_groups(connection)
    run = connection.exec_driver_sql
    for table, right in rights.items():
        name = _quoted(table)
        for group, allowed in ((APP, right.app), (WORKER, right.worker)):
            if allowed:
                run(f"GRANT {allowed} ON {name} TO {group}")
        if _has_county(connection, table):
            run(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
            run(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
            for policy, (role, rule) in _POLICIES.items():
                run(f"CREATE POLICY {policy} ON {name} TO {role} USING ({rule}) WITH CHECK ({rule})")
    run(f"GRANT SELECT ON alembic_version TO {APP}, {WORKER}")
    run(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP}, {WORKER}")


def expose(connection: sa.Connection, tables: Iterable[str]) -> None:
    """Take back what `secure` did."""
    if connection.dialect.name != "postgresql":
        return
    run = connection.exec_driver_sql
    run(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {APP}, {WORKER}")
    for table in tables:
        name = _quoted(table)
        run(f"REVOKE ALL ON {name} FROM {APP}, {WORKER}")
        if _has_county(connection, table):
            for policy in _POLICIES:
                run(f"DROP POLICY {policy} ON {name}")
            run(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY")
            run(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY")


def see_all(connection: sa.Connection) -> None:
    """Let this transaction of the owner see every county's rows, since it is a migration."""
    connection.exec_driver_sql(f"SELECT set_config('{_MIGRATING}', 'on', true)")


def _make_groups(connection: sa.Connection) -> None:
    for role in (APP, WORKER):
        try:
            with connection.begin_nested():
                connection.exec_driver_sql(_ROLE.format(role=role))
        except sa.exc.ProgrammingError as error:
            raise Unavailable(f"There is no role {role} here: run `linkages database setup` first") from error


def _has_county(connection: sa.Connection, table: str) -> bool:
    return any(column["name"] == "county" for column in sa.inspect(connection).get_columns(table))


def _quoted(table: str) -> str:
    return f'"{table}"'


_WHY_UNBOUND = sa.text(
    f"""
    SELECT rolsuper AS superuser, rolbypassrls AS bypasses,
           pg_has_role(current_user, '{WORKER}', 'MEMBER') AS worker,
           EXISTS (SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                   WHERE nspname = 'public' AND relkind IN ('r', 'p')
                     AND pg_has_role(current_user, relowner, 'MEMBER')) AS owner,
           pg_has_role(current_user, '{APP}', 'MEMBER') AS app
    FROM pg_roles WHERE rolname = current_user
    """  # noqa: S608 - names of ours
)


OF_THE_BACKGROUND = "Its database role is that of the background part, which sees all counties"


async def unbound(url: str) -> str | None:
    """Why the rows that an HTTP app sees with this address are not walled off by county; None: they are, or SQLite."""
    async with opened(url) as database:
        if database.is_sqlite:
            return None
        async with database.reading() as connection:
            role = (await connection.execute(_WHY_UNBOUND)).one()
    if role.superuser or role.bypasses:
        return "Its database role may pass by row-level security"
    if role.owner:
        return "Its database role owns the tables"
    if role.worker:
        return OF_THE_BACKGROUND
    return None if role.app else f"Its database role is no member of {APP}"


async def require_bound(url: str) -> None:
    """Raise Unavailable unless row-level security binds the role of this address, as an HTTP app needs it."""
    if (reason := await unbound(url)) is not None:
        raise Unavailable(
            f"{reason}: give `linkages serve` the address of the service's app role (`linkages database setup` made it)"
        )
