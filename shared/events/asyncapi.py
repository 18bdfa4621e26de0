"""The AsyncAPI document of the topics, generated from the event classes: which messages stand where, and how."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shared.bus import PARTITIONS
from shared.events import Event, Types
from shared.events.contracts import header_schema

VERSION = "3.0.0"


@dataclass(frozen=True)
class Topic:
    """A topic of the log: its address, what it is for, who may read it, and the types in it."""

    name: str
    title: str
    description: str
    types: Types


def document(topics: Iterable[Topic]) -> dict[str, Any]:
    """One document for all topics. Payloads are the `data` of the JSON Schemas that stand in `events/` beside it."""
    topics = tuple(topics)
    return {
        "asyncapi": VERSION,
        "info": {
            "title": "Linkages: events",
            "version": "1",
            "description": (
                "CloudEvents 1.0 in the binary mode of the Kafka binding: attributes are headers with the prefix "
                "`ce_`, the value is the data as JSON. Delivery is at least once: a repeat carries the same `ce_id`."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.title: _channel(topic) for topic in topics},
        "operations": {f"publish_{topic.title}": _operation(topic) for topic in topics},
        "components": {
            "messages": {
                name: _message(kind) for topic in topics for name, kind in sorted(topic.types.items())
            },
            "schemas": {"headers": header_schema()},
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": topic.description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in sorted(topic.types)},
        "bindings": {"kafka": {"topic": topic.name, "partitions": PARTITIONS}},
    }


def _operation(topic: Topic) -> dict[str, Any]:
    channel = f"#/channels/{topic.title}"
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "summary": topic.description,
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in sorted(topic.types)],
    }


def _message(kind: type[Event]) -> dict[str, Any]:
    name = kind.type()
    return {
        "name": name,
        "title": kind.NAME,
        "summary": " ".join((kind.__doc__ or "").split()),
        "contentType": "application/json",
        "headers": {
            "allOf": [
                {"$ref": "#/components/schemas/headers"},
                {"type": "object", "properties": {"ce_type": {"const": name}}},
            ]
        },
        "payload": {"$ref": f"./events/{name}.json#/properties/data"},
        "bindings": {
            "kafka": {"key": {"type": "string", "description": f"The event's partition key: `{kind.KEY}`"}}
        },
    }
