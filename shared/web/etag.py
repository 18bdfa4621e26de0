"""Entity tags: a resource's version, so that nobody overwrites what they have not seen (RFC 9110)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from shared.errors import BadRequest, PreconditionFailed, PreconditionRequired


class Stale(PreconditionFailed):
    """If-Match names an earlier version than the present one.

    `record` is what the handler found; `current` the same as its GET shows it, once a route has said how.
    """

    def __init__(self, version: int, record: object) -> None:
        super().__init__("Read the object again and repeat your change on what it is now")
        self.version = version
        self.record = record
        self.current: BaseModel | None = None


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def require_match(if_match: str | None, version: int, record: object = None) -> None:
    """Raise unless If-Match names the present version (or `*`); who is stale may be shown `record`."""
    if if_match is None:
        raise PreconditionRequired("Send If-Match with the ETag that you read")
    tags = {tag.strip() for tag in if_match.split(",")}
    if not all(tag == "*" or (len(tag) > 2 and tag[0] == tag[-1] == '"') for tag in tags):
        raise BadRequest("If-Match must be an ETag in double quotes")
    if "*" not in tags and etag(version) not in tags:
        raise Stale(version, record)


@contextmanager
def showing(present: Callable[[Any, str], BaseModel], county: str) -> Iterator[None]:
    """Who is stale inside is answered with the record as `present` shows it to a caller of the county."""
    try:
        yield
    except Stale as stale:
        if stale.record is not None:
            stale.current = present(stale.record, county)
        raise
