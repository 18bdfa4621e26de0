"""A county goes live: both rosters come in, nobody is told anything of them, and what comes after is news."""

import asyncio
import csv
import io
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import Result

from services.matcher.alerts.live_since import IMPORTING, live_since
from shared.calendars import PACIFIC, local_date
from shared.database import Database
from tests.contract.county import HOME, County
from tests.contract.restored import county, linkages, lose_everything, standing, template

__all__ = ["county", "template"]

CWS = (
    "record_id,first_name,last_name,birth_date,ssn,household_id,role",
    "R-1,Ana,Reyes,1990-04-17,612-47-8391,H-1,parent",
    "R-2,Luz,Reyes,2019-08-02,613-52-9174,H-1,child",
    "R-3,Ida,Moss,1984-11-05,614-33-2817,H-2,parent",
    "R-4,Tom,Moss,2017-01-30,615-41-7726,H-2,child",
)
CALWORKS = (
    "record_id,first_name,last_name,birth_date,ssn,case_id,household_id,role",
    "P-1,Ana,Reyes,1990-04-17,612-47-8391,C-1,,aided_adult",
    "P-2,Luz,Reyes,2019-08-02,613-52-9174,C-1,,aided_child",
    "P-7,Eva,Stone,1979-02-11,616-28-3345,,U-7,aided_adult",
)
MOSS = {"first_name": "Ida", "last_name": "Moss", "birth_date": "1984-11-05", "ssn": "614-33-2817"}


async def came_in(county: County, program: str, rows: tuple[str, ...], **query: Any) -> str:
    """A roster that is applied to its end: what the import is called."""
    token = county.token("integration", program=program, scope="imports:write")
    sent = await county.call(
        program,
        "POST",
        "/v1/imports",
        token,
        params=query,
        content="\r\n".join(rows),
        headers={"content-type": "text/csv"},
    )
    assert sent.status_code == 202, sent.text
    for _ in range(500):
        found = (await county.call(program, "GET", f"/v1/imports/{sent.json()['ref']}", token)).json()
        if found["state"] == "done":
            return str(found["ref"])
        await asyncio.sleep(0.02)
    raise AssertionError(found)


async def goes_live(county: County) -> None:
    """Both rosters, as the first that the county sends."""
    await came_in(county, "cws", CWS, initial=True)
    await came_in(county, "calworks", CALWORKS, initial=True)
    await county.settle()


def asked(folder: Path, statement: str, service: str = "matcher") -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / f"{service}.db")) as connection:
        return list(connection.execute(statement))


def told(folder: Path) -> set[str]:
    """The types of the alerts that stand in an inbox."""
    standing = "SELECT type FROM alert JOIN entry ON entry.alert = alert.id WHERE state = 'open'"
    return {kind for (kind,) in asked(folder, standing)}


def releases(folder: Path, *rows: str) -> Path:
    """A file of releases; each row begins with its persons."""
    today = local_date(datetime.now(UTC), PACIFIC)
    rest = f"K0;K1;K2;K3;K4;K6;K7,both,P2;P3;P4;P6;P7,,ABCDM 228,{today},{today + timedelta(days=300)}"
    header = "persons,categories,directions,purposes,recipients,form,signed_on,expires_on"
    file = folder / "releases.csv"
    file.write_text("\r\n".join((header, *(f"{persons},{rest}" for persons in rows))))
    return file


async def signed(file: Path, program: str = "cws") -> Result:
    found = await linkages("import", "releases", str(file), "--county", HOME, "--program", program)
    structlog.reset_defaults()  # the command logs to the stream that it was given, which is closed now
    return found


def results(file: Path) -> tuple[str, list[dict[str, str]]]:
    """What became of the rows of a file: as text, and line by line."""
    text = file.with_name(f"{file.name}.results.csv").read_text()
    return text, list(csv.DictReader(io.StringIO(text)))


async def signs(county: County, folder: Path) -> None:
    """Everybody has signed, in both programs."""
    file = releases(folder, "R-1:self;R-2:parent_guardian", "R-3:self;R-4:parent_guardian")
    assert (await signed(file)).exit_code == 0
    file = releases(folder, "P-1:self;P-2:parent_guardian")
    assert (await signed(file, "calworks")).exit_code == 0
    await county.settle()


async def removed(county: County, folder: Path, record_id: str) -> None:
    """The child of that record is taken into custody."""
    ((child,),) = asked(folder, f"SELECT ref FROM client WHERE record_id = '{record_id}'", "cws")  # noqa: S608
    token = county.token("er_worker", "case_worker", program="cws")
    day = local_date(datetime.now(UTC), PACIFIC).isoformat()
    await county.made("cws", f"/v1/clients/{child}/removals", {"removed_on": day}, token)


async def applies(county: County) -> None:
    """A mother of the CWS roster asks for aid."""
    body = {
        "received_at": datetime.now(UTC).isoformat(),
        "persons": [{"role": "aided_adult", "person": MOSS}],
    }
    token = county.token("eligibility_worker", program="calworks")
    await county.made("calworks", "/v1/applications", body, token)


async def test_an_initial_import_of_both_rosters_raises_no_alert_and_no_task(
    county: County, tmp_path: Path
) -> None:
    await goes_live(county)
    await signs(county, tmp_path)
    assert asked(tmp_path, "SELECT count(*) FROM pair WHERE decision = 'linked'") == [(2,)]
    assert asked(tmp_path, "SELECT count(*) FROM mutual_case WHERE is_open") == [(1,)]
    assert asked(tmp_path, "SELECT count(*) FROM alert") == [(0,)]
    assert asked(tmp_path, "SELECT count(*) FROM task") == [(0,)]


async def test_without_it_the_same_rosters_are_news(county: County, tmp_path: Path) -> None:
    await came_in(county, "cws", CWS)
    await came_in(county, "calworks", CALWORKS)
    await county.settle()
    await signs(county, tmp_path)
    assert told(tmp_path) == {"A01"}
    assert asked(tmp_path, "SELECT count(*) FROM task") == [(3,)]


async def test_the_first_intake_after_it_is_news(county: County, tmp_path: Path) -> None:
    await goes_live(county)
    await signs(county, tmp_path)
    await applies(county)
    await county.settle()
    assert told(tmp_path) == {"A01"}
    assert asked(tmp_path, "SELECT count(*) FROM task") == [(1,)]


async def test_a_removal_of_a_family_that_came_with_it_is_news(county: County, tmp_path: Path) -> None:
    await goes_live(county)
    await signs(county, tmp_path)
    await removed(county, tmp_path, "R-2")
    await county.settle()
    assert told(tmp_path) == {"A05"}


async def test_while_one_is_not_completed_nothing_is_news_and_what_follows_its_end_is_told_then(
    county: County, tmp_path: Path
) -> None:
    """The matcher hears of the end last, whatever was recorded after it."""
    await goes_live(county)
    await signs(county, tmp_path)
    with closing(sqlite3.connect(tmp_path / "matcher.db")) as matcher:
        ends = matcher.execute("SELECT import, completed_at FROM initial_import").fetchall()
        matcher.execute("UPDATE initial_import SET completed_at = NULL")
        matcher.commit()
    await removed(county, tmp_path, "R-2")
    await applies(county)
    await county.settle()
    assert await since(tmp_path) == IMPORTING
    assert told(tmp_path) == set()
    assert asked(tmp_path, "SELECT count(*) FROM task") == [(0,)]
    with closing(sqlite3.connect(tmp_path / "matcher.db")) as matcher:
        matcher.executemany(
            "UPDATE initial_import SET completed_at = ? WHERE import = ?", [e[::-1] for e in ends]
        )
        matcher.execute("DELETE FROM inbox")
        matcher.commit()
    for program in ("cws", "calworks"):
        assert (await linkages("replay", program)).exit_code == 0
    await county.settle()
    assert told(tmp_path) == {"A01", "A05"}
    assert asked(tmp_path, "SELECT count(*) FROM task") == [(1,)]


async def since(folder: Path) -> datetime | None:
    database = Database(f"sqlite:///{folder / 'matcher.db'}")
    try:
        async with database.reading() as connection:
            return await live_since(connection, HOME)
    finally:
        await database.close()


async def test_a_new_matcher_that_is_told_everything_again_is_as_silent(
    county: County, tmp_path: Path
) -> None:
    await goes_live(county)
    await signs(county, tmp_path)
    await removed(county, tmp_path, "R-2")
    await county.settle()
    before = await standing(tmp_path, county)
    await lose_everything(tmp_path)
    for program in ("calworks", "cws"):
        assert (await linkages("republish", program, "--county", HOME)).exit_code == 0
    await county.settle()
    assert await standing(tmp_path, county) == before
    assert told(tmp_path) == {"A05"}
    assert asked(tmp_path, "SELECT count(*) FROM task") == [(0,)]


async def test_the_command_waits_for_the_matcher_and_says_what_it_found(
    county: County, tmp_path: Path
) -> None:
    await came_in(county, "calworks", CALWORKS, initial=True)
    file = tmp_path / "cws.csv"
    file.write_text("\r\n".join(CWS))
    importing = asyncio.create_task(linkages("import", "cws", str(file), "--county", HOME, "--initial"))
    while not importing.done():
        await county.settle()
        await asyncio.sleep(0.1)
    structlog.reset_defaults()
    assert importing.result().exit_code == 0, importing.result().output
    assert importing.result().stdout.endswith("links 2, reviews 0, mutual cases 1\n")


async def test_releases_come_from_a_file_once(county: County, tmp_path: Path) -> None:
    await came_in(county, "cws", CWS)
    await county.settle()
    file = releases(tmp_path, "R-1:self;R-2:parent_guardian", "R-99:self", "R-3:zqcanary", "R-3", "R-3:self")
    first, again = await signed(file), await signed(file)
    assert first.stdout.startswith("5 rows: taken 2, taken before 0, rejected 3;")
    assert again.stdout.startswith("5 rows: taken 0, taken before 2, rejected 3;")
    assert asked(tmp_path, "SELECT count(*) FROM release") == [(2,)]
    text, lines = results(file)
    assert [(line["line"], line["outcome"], line["column"]) for line in lines] == [
        ("2", "repeated", ""),
        ("3", "rejected", "persons"),
        ("4", "rejected", "persons"),
        ("5", "rejected", "persons"),
        ("6", "repeated", ""),
    ]
    assert "zqcanary" not in text + first.output


@pytest.mark.parametrize(
    "words", [(), ("--program", "cws", "--initial"), ("--program", "cws", "--dry-run")], ids=str
)
async def test_releases_need_a_program_and_know_no_beginning(
    county: County, tmp_path: Path, words: tuple[str, ...]
) -> None:
    del county
    file = releases(tmp_path, "R-1:self")
    assert (await linkages("import", "releases", str(file), "--county", HOME, *words)).exit_code == 2
