"""`linkages dead-letters retry`: what can be read now has its effect and lifts its hold; the rest says why it stays."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from shared.bus import CWS_TOPIC, Message
from shared.bus.embedded import EmbeddedBus
from shared.crypto import KeyFile
from tests.contract.county import HOME, County
from tests.contract.restored import county, linkages, rows, standing, template

__all__ = ["county", "template"]

OTHER_KEYS = KeyFile(counties={HOME: KeyFile.county()}).keys()


async def unreadable_family(county: County) -> None:
    """A family whose four people a matcher with the wrong keys could not read; it has the right ones again."""
    right, county.reader.keys = county.reader.keys, OTHER_KEYS
    try:
        await county.family()
    except AssertionError:  # nothing is told of people on hold
        pass
    finally:
        county.reader.keys = right
    await county.settle()


async def letters() -> list[dict[str, Any]]:
    """Those that wait."""
    listed = await linkages("dead-letters", "list", "--json")
    return [json.loads(line) for line in listed.stdout.splitlines()]


async def test_letters_that_can_be_read_now_have_their_effect_and_lift_their_hold(
    county: County, tmp_path: Path
) -> None:
    await unreadable_family(county)
    assert {one["reason"] for one in await letters()} == {"The sealed person cannot be opened"}
    assert not (await standing(tmp_path, county))["links"]

    one, *others = await letters()
    assert (await linkages("dead-letters", "retry", "--id", str(one["id"]))).stdout == "1 read\n"
    assert len(await letters()) == len(others)

    assert (await linkages("dead-letters", "retry", "--all")).stdout == f"{len(others)} read\n"
    await county.settle()
    assert await letters() == []
    found = await standing(tmp_path, county)
    assert len(found["links"]) == 2
    assert found["tasks"]


async def test_a_letter_that_was_read_once_is_not_read_again(county: County, tmp_path: Path) -> None:
    await unreadable_family(county)
    number = str((await letters())[0]["id"])
    await linkages("dead-letters", "retry")
    await county.settle()
    before, counted = await standing(tmp_path, county), rows(tmp_path)
    again = await linkages("dead-letters", "retry", "--id", number)
    assert again.exit_code == 2
    assert f"there is no dead letter {number}" in " ".join(again.output.split())
    assert (await linkages("dead-letters", "retry")).stdout == "no dead letters\n"
    assert (await standing(tmp_path, county), rows(tmp_path)) == (before, counted)


async def test_one_that_cannot_be_read_stays_with_its_new_reason(county: County, tmp_path: Path) -> None:
    bus = await EmbeddedBus.open(tmp_path / "bus.db")
    await bus.publish(CWS_TOPIC, 0, [Message(b"cl_1", b"{}", (("ce_county", b"43"),))])
    await bus.close()
    await county.settle()
    (letter,) = await letters()
    assert letter["on_hold"] == "cl_1"
    with closing(sqlite3.connect(tmp_path / "matcher.db", isolation_level=None)) as matcher:
        matcher.execute("UPDATE dead_letter SET reason = 'What an earlier version said'")
    assert (await linkages("dead-letters", "retry", "--id", str(letter["id"]))).stdout == "1 still dead\n"
    assert await letters() == [letter]


async def test_one_and_all_are_not_said_together(county: County) -> None:
    assert (await linkages("dead-letters", "retry", "--all", "--id", "1")).exit_code == 2
