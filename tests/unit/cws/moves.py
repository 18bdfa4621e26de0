"""A made-up family, and what its records go through."""

from typing import Any

import httpx

from tests.contract.program_world import Api, Published, new


async def family(cws: Api, **more: Any) -> tuple[dict[str, Any], str, str]:
    """A referral with a mother and a child."""
    referral = await cws.intake(new("parent", record_id="R-1"), new("child", "Leo", record_id="R-2"), **more)
    mother, child = cws.refs(referral)
    return referral, mother, child


async def a_case(cws: Api, component: str = "FM", **more: Any) -> dict[str, Any]:
    """An open case of a child with its mother."""
    referral, _, child = await family(cws)
    body = {"child": child, "referral": referral["ref"], "component": component, "court": False}
    return await cws.made("/v1/cases", {**body, "opened_on": "2026-02-01", **more})


async def moved(cws: Api, path: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A change that must be accepted; a read shows the same."""
    response = await cws.post(path, body, **more)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    assert response.headers["etag"] == f'"{answer["version"]}"'
    read = await cws.get(path.rsplit("/", 1)[0])
    assert read.json() == answer
    assert read.headers["etag"] == response.headers["etag"]
    return answer


def refused(response: httpx.Response, slug: str) -> str:
    """The answer is this conflict; its words."""
    problem = response.json()
    assert (response.status_code, problem["type"].rsplit("/", 1)[1]) == (409, slug), response.text
    return str(problem["detail"])


def misdated(response: httpx.Response, pointer: str) -> str:
    """The answer names this field; its words."""
    assert response.status_code == 422, response.text
    (error,) = response.json()["errors"]
    assert error["pointer"] == pointer
    return str(error["message"])


def told(cws: Api, kind: str) -> list[Published]:
    """The events of a type."""
    return [event for event in cws.published() if event.type == f"linkages.cws.{kind}.v1"]
