"""The OpenAPI documents kept to the letter: thousands of generated requests, and every answer is as documented.

`SCHEMATHESIS_CASES` says how many requests each operation gets of each kind (as its schema says, and not).
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from tests.contract import county as counties
from tests.contract.operations import DOCUMENTS, OPERATIONS, Operation, World

CASES = int(os.environ.get("SCHEMATHESIS_CASES", "8"))

# What these look for needs a meaning that a schema cannot say: `test_routes_refuse.py` calls without a token and with
# the wrong one, `test_malformed_bodies.py` says what is refused; well formed names may be names of nobody.
MEANING = ("ignored_auth", "positive_data_acceptance", "use_after_free", "ensure_resource_availability")


@dataclass
class Running:
    """The services, in an event loop of their own."""

    portal: BlockingPortal
    world: World

    def headers(self, operation: Operation) -> dict[str, str]:
        """Those of somebody who may call; a stream would not end but for one that it must refuse."""
        stream = {"Last-Event-ID": "none"} if operation.name.startswith("stream_") else {}
        return {"Authorization": f"Bearer {self.world.somebody(operation)}", **stream}

    def answer(self, operation: Operation, request: "requests.PreparedRequest") -> httpx.Response:
        """Send what was generated."""
        client = self.world.county.clients[operation.service]
        body = request.body.encode() if isinstance(request.body, str) else request.body

        async def send() -> httpx.Response:
            assert request.method
            return await client.request(
                request.method, str(request.url), headers=request.headers, content=body
            )

        return self.portal.call(send)


@asynccontextmanager
async def _world(folder: Path) -> AsyncIterator[World]:
    async with counties.running(folder) as county:
        yield World(county, await county.family(), await county.family(counties.ELSEWHERE, "Brandt"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("county")
    counties.migrate(folder)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(_world(folder)) as world:
        yield Running(portal, world)


@pytest.fixture(scope="module")
def checks() -> list[Any]:
    load_all_checks()
    return [check for check in CHECKS.get_all() if check.__name__ not in MEANING]


def _generated() -> Iterator[tuple[Operation, GenerationMode]]:
    """Each operation as its schema says; and not, where there is something to be wrong."""
    for operation in OPERATIONS:
        yield operation, GenerationMode.POSITIVE
        documented = DOCUMENTS[operation.service]["paths"][operation.path][operation.method.lower()]
        if operation.has_body or documented.get("parameters"):
            yield operation, GenerationMode.NEGATIVE


SCHEMAS = {name: schemathesis.openapi.from_dict(document) for name, document in DOCUMENTS.items()}


@pytest.mark.parametrize(
    ("operation", "mode"),
    list(_generated()),
    ids=lambda one: one.value if isinstance(one, GenerationMode) else str(one),
)
def test_every_answer_is_as_documented(
    operation: Operation, mode: GenerationMode, running: Running, checks: list[Any]
) -> None:
    documented = SCHEMAS[operation.service][operation.path][operation.method]
    known = running.world.home.refs[operation.service].get(operation.noun)

    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=documented.as_strategy(mode, headers=running.headers(operation)))
    def call(case: Any) -> None:
        if known and mode is GenerationMode.POSITIVE and case.path_parameters:
            case.path_parameters = dict.fromkeys(case.path_parameters, known)
        request = requests.Request(**case.as_transport_kwargs(base_url="http://api")).prepare()
        case.validate_response(running.answer(operation, request), checks=checks)

    call()
