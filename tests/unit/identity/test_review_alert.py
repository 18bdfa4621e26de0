"""A02: the liaisons of both programs are told that somebody has to look at a pair, and nobody else is."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from shared.web.auth import CALWORKS_ROLES, CWS_ROLES
from tests.contract.county import County
from tests.databases import Databases
from tests.unit.identity.reviewing import county_in, get, judged, liaison, pair, post

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def county(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    async with county_in(tmp_path_factory.mktemp("reviews"), databases) as one:
        yield one


async def entries(county: County, token: str, inbox: str = "liaison") -> dict[str, dict[str, Any]]:
    """What stands of doubtful matches in an inbox, by the review."""
    items = (await get(county, f"/v1/alerts?limit=200&inbox={inbox}", token)).json()["items"]
    return {
        one["cause"]: one
        for one in items
        if one["type"] == "A02" and one["state"] in ("open", "acknowledged")
    }


@pytest.mark.parametrize("program", ["cws", "calworks"])
async def test_the_liaisons_of_both_programs_are_told_that_somebody_has_to_look(
    county: County, program: str
) -> None:
    review, ends = await pair(county, {"cws": "Rentera", "calworks": "Saucedo"}[program])
    token = liaison(county, program, worker="li-10")
    entry = (await entries(county, token))[review]
    assert entry["acknowledge_by"] > entry["created_at"]
    assert (entry["items"], entry["people"], entry["role"]) == ([], [], "linkages_liaison")
    assert not {ref for ref in ends if ref in str(entry)}
    assert review not in await entries(county, token, inbox="own")
    taken = await post(county, f"/v1/alerts/{entry['id']}/acknowledge", token)
    assert taken.json()["state"] == "acknowledged"

    await judged(county, review, "different", token)
    assert review not in await entries(county, token)
    over = await get(county, f"/v1/alerts/{entry['id']}", token)
    assert over.json()["state"] == "closed"


@pytest.mark.parametrize(("program", "roles"), [("cws", CWS_ROLES), ("calworks", CALWORKS_ROLES)])
async def test_nobody_but_a_liaison_is_told_of_a_doubtful_match(
    county: County, program: str, roles: frozenset[str]
) -> None:
    review, _ = await pair(county, {"cws": "Villagomez", "calworks": "Yturralde"}[program])
    entry = (await entries(county, liaison(county, program)))[review]
    assert (await get(county, f"/v1/alerts/{entry['id']}", liaison(county, program))).status_code == 200
    for role in sorted(roles - {"linkages_liaison"}):
        token = county.token(role, program=program, worker="li-10")
        for inbox in ("own", "liaison"):
            answer = await get(county, f"/v1/alerts?limit=200&inbox={inbox}", token)
            assert "A02" not in answer.text, role
        for path in (f"alerts/{entry['id']}", f"reviews/{review}"):
            assert (await get(county, f"/v1/{path}", token)).status_code in (403, 404), role
        taken = await post(county, f"/v1/alerts/{entry['id']}/acknowledge", token)
        assert taken.status_code in (403, 404), role


@pytest.mark.parametrize("looked", [True, False])
async def test_a_sealing_takes_back_what_a_liaison_was_told(county: County, looked: bool) -> None:
    review, (client, _) = await pair(county, "Terrazas" if looked else "Urquidi")
    token = liaison(county, "calworks", worker="li-11")
    entry = (await entries(county, token))[review]
    if looked:
        assert (await get(county, f"/v1/reviews/{review}", token)).status_code == 200
    supervisor = county.token("cws_supervisor", program="cws")
    await county.call("cws", "POST", f"/v1/clients/{client}/seal", supervisor, json={})
    for relay in county.relays:
        await relay.round()
    await county.reader.round()  # indexed, and nothing decided yet
    assert review not in await entries(county, token)
    assert (await get(county, f"/v1/alerts/{entry['id']}", token)).status_code == 404
    await county.settle()
    now = await get(county, f"/v1/alerts/{entry['id']}", token)
    assert now.json()["state"] == ("recalled" if looked else "withdrawn")
    items = (await get(county, "/v1/alerts?limit=200&inbox=liaison", token)).json()["items"]
    assert [one["cause"] for one in items if one["type"] == "A26" and one["cause"] == entry["id"]] == (
        [entry["id"]] if looked else []
    )
