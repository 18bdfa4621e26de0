"""A made-up county with doubtful pairs: calls of its liaisons, for the tests of reviews over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from services.matcher.identity.decision import pair_id
from tests.contract import county as counties
from tests.contract import doubtful
from tests.contract.county import HOME, County
from tests.databases import Databases

ELENA_AND_LUISA = ("Elena", "Luisa")


@asynccontextmanager
async def county_in(folder: Path, databases: Databases) -> AsyncIterator[County]:
    """A county that runs on new databases, with its log in this folder."""
    with counties.fresh(databases, folder) as stored:
        async with counties.running(folder, stored) as one:
            yield one


def liaison(county: County, program: str = "cws", worker: str = "") -> str:
    """A liaison's token."""
    return county.token("linkages_liaison", program=program, worker=worker)


async def pair(county: County, last_name: str) -> tuple[str, tuple[str, str]]:
    """A new doubtful pair: what its review is called, and its ends."""
    ends = await doubtful.come(county, HOME, last_name, ELENA_AND_LUISA)
    await county.settle()
    return pair_id(HOME, *ends), ends


async def get(county: County, path: str, token: str, **more: Any) -> httpx.Response:
    return await county.call("matcher", "GET", path, token, **more)


async def post(county: County, path: str, token: str, body: Any = None, **more: Any) -> httpx.Response:
    return await county.call("matcher", "POST", path, token, json=body, **more)


async def judged(county: County, review: str, verdict: str, token: str) -> str:
    """Claim a review and give a verdict; its id."""
    assert (await post(county, f"/v1/reviews/{review}/claim", token)).status_code == 200
    body = {"verdict": verdict, "reason": "The school knows."}
    answer = await post(county, f"/v1/reviews/{review}/verdict", token, body)
    assert answer.status_code == 201, answer.text
    await county.settle()
    return str(answer.json()["id"])


async def waits(county: County, review: str) -> bool:
    """Whether the pair is in review."""
    return (await get(county, f"/v1/reviews/{review}", liaison(county))).status_code == 200
