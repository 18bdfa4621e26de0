"""A JSON Schema for each event type, generated from its class: what other systems may rely on.

The schema describes the event in the JSON format of CloudEvents. On the log the attributes are headers with the
prefix `ce_`, and `data` is the value.
"""

from typing import Any

from shared.events import SCHEMA_HOME, SPEC_VERSION, Event, Types

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
_INSTANT: dict[str, Any] = {"type": "string", "format": "date-time"}

# Attributes that every type has, in words; those in `_OPTIONAL` may be missing.
_ATTRIBUTES: dict[str, dict[str, Any]] = {
    "id": {**_TEXT, "description": "Of this event; a repeat carries the same"},
    "source": {**_TEXT, "description": "The program that publishes it"},
    "subject": {**_TEXT, "description": "The object that it is about"},
    "time": {**_INSTANT, "description": "When it happened"},
    "partitionkey": {**_TEXT, "description": "The reference whose events are kept in order"},
    "sequence": {
        "type": "string",
        "pattern": "^[1-9][0-9]*$",
        "description": "Its number among the events of the key, from 1, without gaps",
    },
    "county": {"type": "string", "pattern": "^[0-9]{2}$", "description": "01 to 58"},
    "recordedat": {**_INSTANT, "description": "When the program took it in"},
    "effectivedate": {"type": "string", "format": "date", "description": "From which day it has effect"},
    "correlationid": {**_TEXT, "description": "The same for all events of one transaction"},
    "causationid": {**_TEXT, "description": "The event that led to this one"},
    "actor": {**_TEXT, "description": "Who did it, as a worker reference"},
    "cats": {**_TEXT, "description": "Categories of the facts in it, with commas"},
    "traceparent": {**_TEXT, "description": "W3C Trace Context of the request that made it"},
}
_OPTIONAL = frozenset({"effectivedate", "correlationid", "causationid", "actor", "cats", "traceparent"})


def schema(kind: type[Event]) -> dict[str, Any]:
    """The schema of one type. Fields that are not named are allowed: a later version may add some."""
    data = kind.model_json_schema(ref_template="#/$defs/{model}")
    parts = data.pop("$defs", {})
    address = f"{SCHEMA_HOME}{kind.type()}.json"
    fixed = {
        "specversion": {"const": SPEC_VERSION},
        "type": {"const": kind.type()},
        "dataschema": {"const": address},
        "datacontenttype": {"const": "application/json"},
    }
    found = {
        "$schema": _DIALECT,
        "$id": address,
        "title": kind.type(),
        "type": "object",
        "properties": {**fixed, **_ATTRIBUTES, "data": data},
        "required": sorted({"specversion", "type", "dataschema", "data", *(_ATTRIBUTES.keys() - _OPTIONAL)}),
    }
    return {**found, "$defs": parts} if parts else found


def header_schema() -> dict[str, Any]:
    """The attributes of every type as the headers of a message on the log."""
    attributes = {
        "specversion": {"const": SPEC_VERSION},
        "type": _TEXT,
        "dataschema": {"type": "string", "format": "uri"},
        **_ATTRIBUTES,
    }
    return {
        "type": "object",
        "properties": {
            **{f"ce_{name}": said for name, said in attributes.items()},
            "content-type": {"const": "application/json"},
            "generation": {
                **_TEXT,
                "description": "A higher one: the log lost records, and they follow again",
            },
        },
        "required": sorted({"content-type", *(f"ce_{name}" for name in attributes.keys() - _OPTIONAL)}),
    }


def schemas(types: Types) -> dict[str, dict[str, Any]]:
    """The schema of each type, by the type's name on the wire."""
    return {name: schema(kind) for name, kind in sorted(types.items())}
