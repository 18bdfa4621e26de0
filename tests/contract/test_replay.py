"""`linkages replay`: what was published is sent again with its ids. It heals, and a second run changes nothing."""

from pathlib import Path

from shared.events.calworks import TYPES
from tests.contract.county import County
from tests.contract.restored import county, linkages, lose_everything, rows, standing, template

__all__ = ["county", "template"]


async def test_a_matcher_that_lost_everything_is_healed_by_a_replay(county: County, tmp_path: Path) -> None:
    await county.family()
    before = await standing(tmp_path, county)
    assert before["alerts"]
    await lose_everything(tmp_path)
    await county.settle()
    assert not (await standing(tmp_path, county))["links"]
    for service in ("cws", "calworks"):
        done = await linkages("replay", service)
        assert done.exit_code == 0, done.output
        assert "events will be sent again" in done.stdout
    await county.settle()
    assert await standing(tmp_path, county) == before


async def test_a_replay_changes_nothing_where_everything_was_read(county: County, tmp_path: Path) -> None:
    await county.family()
    before, counted = await standing(tmp_path, county), rows(tmp_path, "due")
    for _ in range(2):
        for service in ("cws", "calworks"):
            assert (await linkages("replay", service)).exit_code == 0
        await county.settle()
    assert await standing(tmp_path, county) == before
    assert rows(tmp_path, "due") == counted


async def test_a_replay_can_be_narrowed_to_a_time_a_type_or_a_position(county: County) -> None:
    await county.family()
    later = await linkages("replay", "cws", "--since", "2100-01-01")
    assert later.stdout == "0 events will be sent again\n"
    one = await linkages("replay", "calworks", "--type", "linkages.calworks.sanction.imposed.v1")
    assert one.stdout == "1 events will be sent again\n"
    beyond = await linkages("replay", "cws", "--after", "1000000")
    assert beyond.stdout == "0 events will be sent again\n"


async def test_a_replay_of_what_nobody_publishes_says_what_is_published(county: County) -> None:
    refused = await linkages("replay", "calworks", "--type", "linkages.calworks.nothing.v1")
    assert refused.exit_code == 2
    assert next(iter(sorted(TYPES)))[:20] in refused.output
    assert (await linkages("replay", "cws", "--since", "yesterday")).exit_code == 2
