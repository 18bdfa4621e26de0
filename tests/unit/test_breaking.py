"""What counts as breaking a contract: each kind planted once, and what is allowed beside it."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from services.breaking import breaking

Document = dict[str, Any]

THING = {
    "title": "ThingIn",
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 40},
        "kind": {"type": "string", "enum": ["near", "far"]},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "weight": {"type": "number"},
        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}, "maxItems": 9},
    },
    "required": ["name"],
}
PART = {
    "title": "Part",
    "type": "object",
    "properties": {"code": {"type": "string"}, "inside": {"$ref": "#/components/schemas/Part"}},
    "required": ["code"],
}
JSON = "application/json"


def body(name: str) -> Document:
    return {"content": {JSON: {"schema": {"$ref": f"#/components/schemas/{name}"}}}}


SERVICE: Document = {
    "openapi": "3.1.0",
    "paths": {
        "/v1/things": {
            "post": {
                "parameters": [
                    {"in": "query", "name": "limit", "required": False, "schema": {"type": "integer"}}
                ],
                "requestBody": {**body("ThingIn"), "required": False},
                "responses": {"201": body("ThingOut"), "409": {"description": "There is one already"}},
            }
        }
    },
    "components": {
        "schemas": {"ThingIn": THING, "ThingOut": {**copy.deepcopy(THING), "title": "ThingOut"}, "Part": PART}
    },
}
EVENT: Document = {
    "$id": "e",
    "type": "object",
    "properties": {
        "type": {"const": "thing.made.v1"},
        "data": {
            "type": "object",
            "properties": {
                "thing": {"type": "string"},
                "made_on": {"type": "string", "format": "date"},
                "members": {"type": "array", "items": {"$ref": "#/$defs/Member"}},
                "kind": {"anyOf": [{"enum": ["near", "far"], "type": "string"}, {"type": "null"}]},
            },
            "required": ["thing", "made_on"],
        },
    },
    "required": ["type", "data"],
    "$defs": {
        "Member": {
            "type": "object",
            "title": "Member",
            "properties": {"person": {"type": "string"}},
            "required": ["person"],
        }
    },
}
TOPICS: Document = {
    "asyncapi": "3.0.0",
    "channels": {"things": {"address": "things.v1", "messages": {"thing.made.v1": {}, "thing.lost.v1": {}}}},
}
OLD: Document = {"openapi/things.json": SERVICE, "events/thing.made.v1.json": EVENT, "asyncapi.yaml": TOPICS}


def changed(change: Callable[[Document], Any]) -> list[str]:
    """What is found after a change."""
    new = copy.deepcopy(OLD)
    change(new)
    return breaking(OLD, new)


def taken(new: Document) -> Document:
    """What the address takes."""
    schema: Document = new["openapi/things.json"]["components"]["schemas"]["ThingIn"]
    return schema


def answered(new: Document) -> Document:
    """What the address answers."""
    schema: Document = new["openapi/things.json"]["components"]["schemas"]["ThingOut"]
    return schema


def address(new: Document) -> Document:
    """The address."""
    operation: Document = new["openapi/things.json"]["paths"]["/v1/things"]["post"]
    return operation


def data(new: Document) -> Document:
    """What the event carries."""
    schema: Document = new["events/thing.made.v1.json"]["properties"]["data"]
    return schema


def renamed(schema: Document, old: str, new: str) -> None:
    """Call a property otherwise."""
    schema["properties"][new] = schema["properties"].pop(old)


S, E = "openapi/things.json: POST /v1/things", "events/thing.made.v1.json: "
BREAKS: dict[str, tuple[Callable[[Document], Any], list[str]]] = {
    "a document": (lambda n: n.pop("events/thing.made.v1.json"), ["events/thing.made.v1.json is gone"]),
    "an operation": (lambda n: n["openapi/things.json"]["paths"].clear(), [f"{S} is gone"]),
    "a status": (lambda n: address(n)["responses"].pop("409"), [f"{S} answers 409 no more"]),
    "a content type": (
        lambda n: address(n)["responses"]["201"]["content"].clear(),
        [f"{S} 201 is no more in {JSON}"],
    ),
    "a parameter": (lambda n: address(n)["parameters"].clear(), [f"{S} query limit is gone"]),
    "a parameter that became required": (
        lambda n: address(n)["parameters"][0].update(required=True),
        [f"{S} query limit is required now"],
    ),
    "a new parameter that is required": (
        lambda n: address(n)["parameters"].append({"in": "header", "name": "x", "required": True}),
        [f"{S} header x is required now"],
    ),
    "a body that became required": (
        lambda n: address(n)["requestBody"].update(required=True),
        [f"{S} body is required now"],
    ),
    "a property that is taken": (lambda n: taken(n)["properties"].pop("note"), [f"{S} body/note is gone"]),
    "a property that is answered": (
        lambda n: answered(n)["properties"].pop("note"),
        [f"{S} 201/note is gone"],
    ),
    "a property that became required": (
        lambda n: taken(n)["required"].append("kind"),
        [f"{S} body/kind is required now"],
    ),
    "a new property that is required": (
        lambda n: (
            taken(n)["properties"].update(new={"type": "string"}),
            taken(n)["required"].append("new"),
        ),
        [f"{S} body/new is required now"],
    ),
    "an answer that may lack what it had": (
        lambda n: answered(n)["required"].clear(),
        [f"{S} 201/name may be missing now"],
    ),
    "a type": (
        lambda n: taken(n)["properties"].update(note={"type": "string"}),
        [f"{S} body/note is no more of type null"],
    ),
    "a number that must be whole now": (
        lambda n: taken(n)["properties"].update(weight={"type": "integer"}),
        [f"{S} body/weight is no more of type number"],
    ),
    "a value": (
        lambda n: taken(n)["properties"]["kind"].update(enum=["near"]),
        [f"{S} body/kind has no value far any more"],
    ),
    "a list of values where there was none": (
        lambda n: taken(n)["properties"]["name"].update(enum=["a"]),
        [f"{S} body/name has a list of values now"],
    ),
    "a shorter text": (
        lambda n: taken(n)["properties"]["name"].update(maxLength=30),
        [f"{S} body/name has a narrower maxLength"],
    ),
    "a pattern": (
        lambda n: taken(n)["properties"]["name"].update(pattern="^a"),
        [f"{S} body/name has another pattern"],
    ),
    "something deep inside": (
        lambda n: n["openapi/things.json"]["components"]["schemas"]["Part"]["properties"].pop("code"),
        [f"{S} body/parts/*/code is gone", f"{S} 201/parts/*/code is gone"],
    ),
    "a property of an event": (lambda n: data(n)["properties"].pop("kind"), [f"{E}/data/kind is gone"]),
    "a property of an event by another name": (
        lambda n: renamed(data(n), "made_on", "made_at"),
        [f"{E}/data/made_on is gone"],
    ),
    "a property of an event that may be missing": (
        lambda n: data(n)["required"].remove("made_on"),
        [f"{E}/data/made_on may be missing now"],
    ),
    "a type of an event": (
        lambda n: data(n)["properties"].update(thing={"type": "integer"}),
        [f"{E}/data/thing is no more of type string"],
    ),
    "a value of an event": (
        lambda n: data(n)["properties"]["kind"]["anyOf"][0].update(enum=["far"]),
        [f"{E}/data/kind has no value near any more"],
    ),
    "a property of a part of an event": (
        lambda n: renamed(n["events/thing.made.v1.json"]["$defs"]["Member"], "person", "who"),
        [f"{E}/data/members/*/person is gone"],
    ),
    "the type of an event under its own name": (
        lambda n: n["events/thing.made.v1.json"]["properties"].update(type={"const": "thing.made.v2"}),
        [f"{E}/type has no value thing.made.v1 any more"],
    ),
    "a message of a topic": (
        lambda n: n["asyncapi.yaml"]["channels"]["things"]["messages"].pop("thing.lost.v1"),
        ["asyncapi.yaml: channel things has no thing.lost.v1 any more"],
    ),
    "a topic": (
        lambda n: n["asyncapi.yaml"]["channels"]["things"].update(address="things.v2"),
        ["asyncapi.yaml: channel things is gone or has another address"],
    ),
}


@pytest.mark.parametrize("what", BREAKS)
def test_it_is_found_and_its_place_is_named(what: str) -> None:
    change, wanted = BREAKS[what]
    assert changed(change) == wanted


ALLOWED: dict[str, Callable[[Document], Any]] = {
    "nothing": lambda _: None,
    "a new document": lambda n: n.update({"events/thing.lost.v1.json": EVENT}),
    "a new operation": lambda n: n["openapi/things.json"]["paths"].update({"/v1/more": {"get": {}}}),
    "a new status": lambda n: address(n)["responses"].update({"404": {}}),
    "a new parameter": lambda n: address(n)["parameters"].append({"in": "query", "name": "x"}),
    "a new property that is taken": lambda n: taken(n)["properties"].update(new={"type": "string"}),
    "a new property that is answered": lambda n: (
        answered(n)["properties"].update(new={"type": "string"}),
        answered(n)["required"].append("new"),
    ),
    "a property that need not be sent any more": lambda n: taken(n)["required"].clear(),
    "a property that is always answered": lambda n: answered(n)["required"].append("kind"),
    "a new value": lambda n: taken(n)["properties"]["kind"]["enum"].append("here"),
    "a new type": lambda n: taken(n)["properties"].update(
        name={"anyOf": [{"type": "string"}, {"type": "null"}]}
    ),
    "a longer text": lambda n: taken(n)["properties"]["name"].update(maxLength=50),
    "a text without a limit": lambda n: taken(n)["properties"]["name"].pop("maxLength"),
    "other words": lambda n: taken(n).update(description="Other words"),
    "a new property of an event": lambda n: data(n)["properties"].update(new={"type": "string"}),
}


@pytest.mark.parametrize("what", ALLOWED)
def test_what_only_adds_breaks_nothing(what: str) -> None:
    assert changed(ALLOWED[what]) == []


def test_a_schema_that_was_named_is_followed_where_it_stands_in_place_now() -> None:
    def inline(new: Document) -> None:
        parts = taken(new)["properties"]["parts"]
        parts["items"] = {"type": "object", "title": "Part", "properties": {}, "required": []}

    assert changed(inline) == [f"{S} body/parts/*/code is gone", f"{S} body/parts/*/inside is gone"]
