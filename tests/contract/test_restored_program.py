"""A program's database that came back from a backup, mended as deploy/runbooks/restore.md says."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.contract.county import HOME, County, Family
from tests.contract.restored import county, linkages, template

__all__ = ["county", "template"]

RUNBOOK = Path(__file__).parents[2] / "deploy" / "runbooks" / "restore.md"


def changed(database: Path, *statements: str) -> None:
    """Change a database beside its service, as its owner does."""
    with closing(sqlite3.connect(database, timeout=10)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def counters(database: Path) -> dict[tuple[str, str], int]:
    """How many events each key has had."""
    with closing(sqlite3.connect(database)) as connection:
        return {(c, k): n for c, k, n in connection.execute("SELECT county, key, last FROM outbox_key")}


async def seal(county: County, ref: str) -> None:
    """A supervisor seals a client's record; the matcher is told."""
    token = county.token("cws_supervisor", program="cws")
    answer = await county.call("cws", "POST", f"/v1/clients/{ref}/seal", token, json={})
    assert answer.status_code == 204, answer.text
    await county.settle()


def is_sealed(folder: Path, ref: str) -> bool:
    """Whether the matcher knows that a record is sealed."""
    with closing(sqlite3.connect(folder / "matcher.db")) as connection:
        return bool(connection.execute("SELECT sealed FROM person WHERE ref = ?", (ref,)).fetchone()[0])


async def restored(county: County, folder: Path) -> str:
    """A client whose first events the matcher has seen, and whose program has forgotten that it sent them."""
    family: Family = await county.family(HOME)
    client = family.refs["cws"]["clients"]
    before = counters(folder / "cws.db")[HOME, client]
    assert before > 1
    changed(
        folder / "cws.db",
        f"DELETE FROM outbox WHERE key = '{client}' AND sequence > 1",  # noqa: S608 - a reference of ours
        f"UPDATE outbox_key SET last = 1 WHERE key = '{client}'",  # noqa: S608
    )
    return client


async def test_until_its_counters_are_moved_on_a_restored_program_is_not_heard(
    county: County, tmp_path: Path
) -> None:
    client = await restored(county, tmp_path)
    changed(tmp_path / "matcher.db", f"UPDATE person SET sealed_seq = 5 WHERE ref = '{client}'")  # noqa: S608
    await seal(county, client)
    assert not is_sealed(tmp_path, client)


async def test_after_the_runbooks_steps_it_is_heard(county: County, tmp_path: Path) -> None:
    client = await restored(county, tmp_path)
    changed(tmp_path / "matcher.db", f"UPDATE person SET sealed_seq = 5 WHERE ref = '{client}'")  # noqa: S608
    await seal(county, client)
    (command,) = re.findall(r"linkages (.+ --restored)", RUNBOOK.read_text())
    told = await linkages(*command.replace("43", HOME).split())
    assert told.exit_code == 0, told.output
    await county.settle()
    assert is_sealed(tmp_path, client)
