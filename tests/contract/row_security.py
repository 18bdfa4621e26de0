"""What the catalogue of a database says about the wall between counties: every way in which it would have a hole."""

from shared.row_security import APP, WORKER
from tests.databases import Stored

OF_NO_COUNTY = {"alembic_version", "block_sweep", "inbox", "outbox_shard", "progress", "used_ticket"}
"""Tables whose rows belong to no county: leases, places on the bus, one-time links."""

FOR_THE_BACKGROUND_ALONE = {"block_sweep", "block_touched", "inbox", "outbox_shard", "progress"}

ACROSS_COUNTIES = {
    "pk_block_touched": "a number that the database draws",
    "pk_dead_letter": "a number that the database draws",
    "pk_disclosure": "a number that the database draws",
    "pk_due": "a number that the database draws",
    "pk_outbox": "a number that the database draws",
    "uq_outbox_event_id": "drawn at random by the service, never named by a caller",
}
"""Unique keys that do not begin with the county, and why none tells one county what another has."""

_TABLES = """
SELECT relname, relrowsecurity, relforcerowsecurity,
       EXISTS (SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'county')
FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
_POLICIES = """
SELECT tablename, policyname, cmd, permissive, roles::text, qual, with_check FROM pg_policies
WHERE schemaname = 'public'
"""
_UNIQUE = """
SELECT index.relname FROM pg_index
JOIN pg_class AS index ON index.oid = indexrelid
JOIN pg_class AS of ON of.oid = indrelid
JOIN pg_attribute ON attrelid = of.oid AND attnum = indkey[0]
WHERE indisunique AND of.relnamespace = 'public'::regnamespace AND attname <> 'county'
  AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = of.oid AND attname = 'county')
"""
_VIEWS = """
SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace
AND NOT coalesce(reloptions, '{}') && '{security_invoker=true,security_invoker=on}'
"""
_DEFINERS = """
SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
"""
_UNBOUND = f"""
SELECT rolname FROM pg_roles
WHERE pg_has_role(oid, '{APP}', 'MEMBER') AND rolname <> '{APP}' AND NOT rolname IN ('postgres')
  AND (rolsuper OR rolbypassrls OR pg_has_role(oid, '{WORKER}', 'MEMBER'))
"""  # noqa: S608
_COUNTY = "(county = current_setting('linkages.county'::text, true))"
_MIGRATING = "(current_setting('linkages.migrating'::text, true) = 'on'::text)"


def holes(stored: Stored) -> list[str]:
    """What is wrong, in words; empty: the wall stands."""
    found = []
    policies: dict[str, dict[str, tuple[str, ...]]] = {}
    for table, name, command, permissive, roles, sees, writes in stored.query(_POLICIES):
        policies.setdefault(table, {})[name] = (command, permissive, roles.strip("{}"), sees, writes)
    for table, enabled, forced, has_county in stored.query(_TABLES):
        if not has_county:
            found += [] if table in OF_NO_COUNTY else [f"{table} has no county"]
            continue
        found += [] if enabled else [f"{table} has no row-level security"]
        found += [] if forced else [f"{table} does not bind its owner"]
        mine = policies.get(table, {})
        owner = mine.get("migration", ("", "", "", "", ""))[2]
        expected = {
            "app": ("ALL", "PERMISSIVE", APP, _COUNTY, _COUNTY),
            "worker": ("ALL", "PERMISSIVE", WORKER, "true", "true"),
            "migration": ("ALL", "PERMISSIVE", owner, _MIGRATING, _MIGRATING),
        }
        found += [] if mine == expected else [f"{table} has other policies"]
        found += [f"{table} lets {owner} pass by"] if owner in (APP, WORKER, "public") else []
    found += [
        f"{name} is unique across counties"
        for (name,) in stored.query(_UNIQUE)
        if name not in ACROSS_COUNTIES
    ]
    found += [f"{name} is a view that sees as its owner" for (name,) in stored.query(_VIEWS)]
    found += [f"{name} is a function that acts as its owner" for (name,) in stored.query(_DEFINERS)]
    found += [f"{name} is not bound" for (name,) in stored.query(_UNBOUND)]
    return found
