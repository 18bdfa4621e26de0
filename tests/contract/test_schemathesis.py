"""The OpenAPI documents kept to the letter: thousands of generated requests, and every answer is as documented.

`SCHEMATHESIS_CASES` says how many requests each operation gets of each kind (as its schema says, and not).
"""

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import uvicorn
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.contract import county as counties
from tests.contract.operations import DOCUMENTS, OPERATIONS, Operation, World

CASES = int(os.environ.get("SCHEMATHESIS_CASES", "5"))

# A request may be as its schema says and yet not make sense. What no schema can say, by the words of the refusal:
MEANING = re.compile(
    "The cursor is not one of ours|Last-Event-ID is a number|If-Match|This Idempotency-Key was used"
    "|is not known here|must not be (in the future|before|blank)|must not end before|must be printable text"
    "|must have `|is required without|must be the first day of a month|needs a header|needs a first or a last name"
    "|must be nine digits|must be text of at most 10|must be a time with an offset|is not a time that can be"
    "|must have at most one worker|needs the column|is not a column of this roster|is too large"
    "|not a value that a release can name|must not hold a Social|has 19 digits"
    "|must be the 14 characters|must be 7 letters"
)


@dataclass
class Running:
    """The services, on ports of their own and in an event loop of their own: some checks call back by themselves."""

    world: World
    addresses: dict[str, str]

    def headers(self, operation: Operation) -> dict[str, str]:
        """Those of somebody who may call; a stream would not end but for one that it must refuse."""
        stream = {"Last-Event-ID": "none"} if operation.name.startswith("stream_") else {}
        return {"Authorization": f"Bearer {self.world.somebody(operation)}", **stream}


@asynccontextmanager
async def _served(folder: Path) -> AsyncIterator[Running]:
    async with counties.running(folder) as county, AsyncExitStack() as stack:
        addresses = {}
        for name, app in county.apps.items():
            addresses[name] = await stack.enter_async_context(_server(app))
        yield Running(
            World(county, await county.family(), await county.family(counties.ELSEWHERE, "Brandt")), addresses
        )


@asynccontextmanager
async def _server(app: FastAPI) -> AsyncIterator[str]:
    """The app, whose lifespan somebody else has entered, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest.fixture(scope="module")
def checks() -> list[Any]:
    load_all_checks()
    return list(CHECKS.get_all())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("county")
    counties.migrate(folder)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(_served(folder)) as served:
        yield served


def _generated() -> Iterator[tuple[Operation, GenerationMode]]:
    """Each operation as its schema says; and not, where there is something to be wrong."""
    for operation in OPERATIONS:
        yield operation, GenerationMode.POSITIVE
        documented = DOCUMENTS[operation.service]["paths"][operation.path][operation.method.lower()]
        if operation.has_body or documented.get("parameters"):
            yield operation, GenerationMode.NEGATIVE


def _makes_no_sense(answer: Any) -> bool:
    """Whether a request is refused for its meaning alone: every finding is one that no schema can say."""
    if answer.status_code not in (400, 412, 422, 428):
        return False
    problem = answer.json()
    findings = [one["message"] for one in problem.get("errors", ())]
    return all(MEANING.search(words) for words in findings or [f"{problem['title']} {problem.get('detail')}"])


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
    headers = running.headers(operation)

    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=documented.as_strategy(mode, headers=headers))
    def call(case: Any) -> None:
        if known and mode is GenerationMode.POSITIVE and case.path_parameters:
            case.path_parameters = dict.fromkeys(case.path_parameters, known)
        address = running.addresses[operation.service]
        answer = case.call(address, headers=headers)
        case.validate_response(
            answer,
            checks=checks,
            excluded_checks=[positive_data_acceptance] if _makes_no_sense(answer) else [],
            headers=headers,
            transport_kwargs={"base_url": address, "headers": headers},
        )

    call()
