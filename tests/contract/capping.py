"""Blocks that are capped, in a made-up county: few people are too many here, so that few have to be made."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from services.matcher.sweeper import Sweeper
from tests.contract.county import ELSEWHERE, HOME, County

CAP = 3  # a family of two is four records


async def sweep(county: County, cap: int = CAP) -> None:
    """Cap what more than `cap` records share, in every county."""
    sweeper = Sweeper(county.decider.database, (HOME, ELSEWHERE), "tests", cap, asyncio.Event())
    while await sweeper.round():
        pass
    await county.settle()


async def capped(county: County, code: str) -> str:
    """What a capped block of a county is called, once they are swept."""
    await sweep(county)
    token = county.token("linkages_liaison", program="cws", county=code)
    answer = await county.call("matcher", "GET", "/v1/capped-blocks", token)
    assert answer.json()["items"], answer.text
    return str(answer.json()["items"][0]["id"])


async def come(county: County, program: str, people: list[dict[str, Any]], code: str = HOME) -> list[str]:
    """People come to a program in one intake; what it calls them."""
    now = datetime.now(UTC).isoformat()
    if program == "cws":
        body = {
            "received_at": now,
            "response": "3_day",
            "participants": [{"role": "parent", "person": one} for one in people],
        }
        token = county.token("er_worker", program=program, county=code)
        answer = await county.made("cws", "/v1/referrals", body, token)
        return [str(one["client"]) for one in answer["participants"]]
    body = {"received_at": now, "persons": [{"role": "aided_adult", "person": one} for one in people]}
    token = county.token("eligibility_worker", program=program, county=code)
    answer = await county.made("calworks", "/v1/applications", body, token)
    return [str(one["person"]) for one in answer["persons"]]
