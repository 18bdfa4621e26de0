"""Examples in an OpenAPI document, so that an integrator can write the first call from it alone.

What these return is the `openapi_extra` of a route. Everybody in an example is made up.
"""

import json
from typing import Any

JSON = "application/json"
NEXT = "cmZfZm5iY2g1dGhuMmFya3duYXFiZzY1dHA0NGI="  # the cursor of a made-up page


def shown(answer: Any, status: int = 200) -> dict[str, Any]:
    """A route without a body that answers like this."""
    examples = {"answer": {"summary": "An answer", "value": answer}}
    return {"responses": {str(status): {"content": {JSON: {"examples": examples}}}}}


def listed(entry: Any) -> dict[str, Any]:
    """A route that answers pages of such entries."""
    return shown({"items": [entry], "next": NEXT})


def streamed(*events: str) -> dict[str, Any]:
    """A route that answers with a stream, which begins with such events."""
    text = "".join(f"{event}\n\n" for event in events)
    examples = {"answer": {"summary": "How it begins", "value": text}}
    return {"responses": {"200": {"content": {"text/event-stream": {"examples": examples}}}}}


def lines(*events: Any) -> dict[str, Any]:
    """A route that answers with events: one a line, or as they come."""
    whole = [json.dumps(event) for event in events]
    said = {"summary": "An answer", "value": "".join(f"{one}\n" for one in whole)}
    live = {
        "summary": "How it begins",
        "value": ": live\n\n" + "".join(f"id: NDI=\ndata: {w}\n\n" for w in whole),
    }
    text = {"type": "string"}
    content = {
        "application/x-ndjson": {"schema": text, "examples": {"answer": said}},
        "text/event-stream": {"schema": text, "examples": {"answer": live}},
    }
    return {"responses": {"200": {"content": content}}}


def sent(small: Any, full: Any, answer: Any = None, status: int = 200) -> dict[str, Any]:
    """A route that takes such bodies: the least that can be sent, and everything; without `answer` it has none."""
    bodies = {
        "small": {"summary": "The least that can be sent", "value": small},
        "full": {"summary": "With everything that can be sent", "value": full},
    }
    body = {"requestBody": {"content": {JSON: {"examples": bodies}}}}
    return body if answer is None else {**body, **shown(answer, status)}
