"""The examples of the OpenAPI documents: they are there, they are accepted, and the answers are as documented."""

import copy
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from shared.calendars import PACIFIC, local_date
from tests.contract.county import Family, release_of
from tests.contract.operations import DOCUMENTS, OPERATIONS, Operation, World
from tests.contract.program_world import Api, running
from tests.contract.records import PROGRAMS, WRITES, address, body_of, records
from tests.databases import Databases

JSON = "application/json"
REQUESTS = {"small", "full"}
NO_CONTENT = "204"


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every operation that an integrator calls, by its id."""
    for methods in document["paths"].values():
        for operation in methods.values():
            if not {"health", "metrics"} & set(operation.get("tags", ())) and "operationId" in operation:
                yield operation["operationId"], operation


def success(operation: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The status of an answer to what was accepted, and what the document says of its content."""
    (status,) = [status for status in operation["responses"] if status.startswith("2")]
    return status, next(iter(operation["responses"][status].get("content", {}).values()), {})


def events(stream: str) -> list[dict[str, str]]:
    """The events of a stream, without its comments."""
    found = [
        dict(line.split(": ", 1) for line in event.splitlines() if not line.startswith(":"))
        for event in stream.split("\n\n")
    ]
    return [event for event in found if event]


def wrong(document: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    """What in the examples of an answer is not as its schema says."""
    found = []
    for example in answer["examples"].values():
        if "itemSchema" in answer:
            checked = [(answer["itemSchema"], event) for event in events(example["value"])]
        else:
            checked = [(answer["schema"], example["value"])]
        for schema, value in checked:
            found += [error.message for error in of_document(document, schema).iter_errors(value)]
    return found


def without_examples(document: dict[str, Any]) -> set[str]:
    """The operations that lack one of theirs."""
    found = set()
    for name, operation in operations(document):
        body = operation.get("requestBody", {}).get("content", {}).get(JSON)
        if body is not None and set(body.get("examples", ())) != REQUESTS:
            found.add(name)
        status, answer = success(operation)
        if status != NO_CONTENT and not answer.get("examples"):
            found.add(name)
    return found


def of_document(document: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    """What a schema of the document admits."""
    whole = {**schema, "components": document["components"]}
    return Draft202012Validator(whole, format_checker=FormatChecker())


@dataclass(frozen=True)
class Sent:
    """A request example."""

    operation: Operation
    name: str

    def __str__(self) -> str:
        return f"{self.operation}-{self.name}"

    @property
    def document(self) -> dict[str, Any]:
        """What the document says of its operation."""
        said: dict[str, Any] = DOCUMENTS[self.operation.service]["paths"][self.operation.path]
        return dict(said[self.operation.method.lower()])

    @property
    def body(self) -> Any:
        """What is sent."""
        return self.document["requestBody"]["content"][JSON]["examples"][self.name]["value"]


OF_THE_MATCHER = [
    Sent(operation, name)
    for operation in OPERATIONS
    if operation.service == "matcher" and operation.has_body
    for name in sorted(REQUESTS)
]
EVERY_REQUEST = pytest.mark.parametrize(
    "sent", [Sent(operation, name) for operation in WRITES for name in sorted(REQUESTS)], ids=str
)


def of_today(body: dict[str, Any]) -> dict[str, Any]:
    """A body whose release was signed yesterday, and holds as long as the one in it."""
    body = copy.deepcopy(body)
    if "signed_on" in body:
        late = (
            local_date(datetime.now(UTC), PACIFIC) - timedelta(days=1) - date.fromisoformat(body["signed_on"])
        )
        for name in {"signed_on", "expires_on"} & body.keys():
            body[name] = (date.fromisoformat(body[name]) + late).isoformat()
    return body


async def mother(world: World, family: Family) -> str:
    """The mother of a family as child welfare calls her."""
    token = world.county.token("case_worker", program="cws", county=family.county)
    path = f"/v1/referrals/{family.refs['cws']['referrals']}"
    referral = (await world.county.call("cws", "GET", path, token)).json()
    return str(next(one["client"] for one in referral["participants"] if one["role"] == "parent"))


@pytest.fixture
async def api(sent: Sent, sqlite_databases: Databases, tmp_path: Path) -> AsyncIterator[Api]:
    service = sent.operation.service
    with sqlite_databases.fresh(service, tmp_path) as stored:
        async with running(PROGRAMS[service], stored, tmp_path) as api:
            yield api


@pytest.mark.parametrize("service", sorted(DOCUMENTS))
def test_every_operation_has_its_examples(service: str) -> None:
    assert not without_examples(DOCUMENTS[service])
    addresses = {one.path for one in OPERATIONS if one.service == service and one.path.startswith("/v1/")}
    looked_at = dict(operations(DOCUMENTS[service]))
    assert looked_at.keys() == {
        operation["operationId"]
        for path in addresses
        for operation in DOCUMENTS[service]["paths"][path].values()
    }


@pytest.mark.parametrize("service", sorted(DOCUMENTS))
def test_a_full_example_has_every_field_of_the_small_one(service: str) -> None:
    for name, operation in operations(DOCUMENTS[service]):
        body = operation.get("requestBody", {}).get("content", {}).get(JSON)
        if body is not None:
            examples = body["examples"]
            assert set(examples["small"]["value"]) <= set(examples["full"]["value"]), name


@pytest.mark.parametrize("service", sorted(DOCUMENTS))
def test_nobody_can_be_called_or_looked_up_by_what_stands_in_an_example(service: str) -> None:
    text = json.dumps([operation for _, operation in operations(DOCUMENTS[service])])
    telephones = re.findall(r"\b\d{3}-\d{3}-\d{4}\b", text)
    assert telephones
    assert all("-555-01" in one for one in telephones)
    assert set(re.findall(r"\b\d{3}-\d{2}-\d{4}\b", text)) <= {"000-00-0000"}


@pytest.mark.parametrize("taken", ["requestBody", "responses"])
def test_a_planted_operation_without_examples_is_found(taken: str) -> None:
    document = copy.deepcopy(DOCUMENTS["cws"])
    planted = copy.deepcopy(document["paths"]["/v1/cases"]["post"]) | {"operationId": "planted"}
    part = planted[taken] if taken == "requestBody" else planted["responses"]["201"]
    del part["content"][JSON]["examples"]
    document["paths"]["/v1/planted"] = {"post": planted}
    assert without_examples(document) == {"planted"}


@pytest.mark.parametrize("service", sorted(DOCUMENTS))
def test_every_answer_example_is_what_its_schema_says(service: str) -> None:
    document = DOCUMENTS[service]
    for name, operation in operations(document):
        status, answer = success(operation)
        assert status == NO_CONTENT or not wrong(document, answer), name


@pytest.mark.parametrize("service", sorted(DOCUMENTS))
def test_every_answer_example_shows_no_field_that_is_not_documented(service: str) -> None:
    document = DOCUMENTS[service]
    closed = copy.deepcopy(document)
    for schema in closed["components"]["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    for name, operation in operations(closed):
        status, answer = success(operation)
        assert status == NO_CONTENT or not wrong(closed, answer), name


@EVERY_REQUEST
async def test_every_request_example_is_accepted_and_answered_as_documented(sent: Sent, api: Api) -> None:
    operation, document = sent.operation, DOCUMENTS[sent.operation.service]
    found = await records(api, operation)
    roles = (api.program.sealer,) if operation.name.startswith("seal_") else ()
    answer = await api.call(
        operation.method,
        address(operation, found),
        *roles,
        json=body_of(api.program, sent.body, found),
        headers={"if-match": "*"},
    )
    status, content = success(sent.document)
    assert str(answer.status_code) == status, answer.text
    if status == NO_CONTENT:
        assert not answer.content
    else:
        of_document(document, content["schema"]).validate(answer.json())


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("sent", OF_THE_MATCHER, ids=str)
async def test_every_request_example_of_the_matcher_is_accepted_and_answered_as_documented(
    sent: Sent, world: World
) -> None:
    family = world.home if sent.name == "small" else world.elsewhere
    token = world.somebody(sent.operation, family.county)
    body = of_today(sent.body)
    for person in body.get("persons", ()):
        own = person["signed_by"] == "self"
        person["ref"] = await mother(world, family) if own else family.refs["cws"]["clients"]
    ref = family.refs["matcher"].get(sent.operation.noun, "")
    if sent.operation.name == "complete_release":
        draft = release_of((family.refs["cws"]["clients"], "self")) | {"signature": "oral"}
        ref = (await world.county.made("matcher", "/v1/releases", draft, token))["ref"]
    if sent.operation.name == "give_verdict":
        await world.county.call("matcher", "POST", f"/v1/reviews/{ref}/claim", token)
    answer = await world.send(sent.operation, token, ref, json=body)
    status, content = success(sent.document)
    assert str(answer.status_code) == status, answer.text
    of_document(DOCUMENTS["matcher"], content["schema"]).validate(answer.json())


@EVERY_REQUEST
def test_a_request_example_is_what_its_schema_says(sent: Sent) -> None:
    schema = sent.document["requestBody"]["content"][JSON]["schema"]
    of_document(DOCUMENTS[sent.operation.service], schema).validate(sent.body)
