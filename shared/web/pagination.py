"""Pages: an opaque cursor and a Link header (RFC 8288); no counts, which could tell what is hidden."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query, Request, Response
from pydantic import BaseModel

from shared.errors import BadRequest

MAX_LIMIT = 200
Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Entries a page")]
Cursor = Annotated[str | None, Query(max_length=200, description="`next` of the page before")]


class Page(BaseModel, Generic[Item]):
    """One page; `next` is the cursor of the one after it, absent on the last."""

    items: list[Item]
    next: str | None = None


def after(cursor: str | None) -> str | None:
    """The key after which a page begins."""
    if cursor is None:
        return None
    try:
        return base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError):
        raise BadRequest("The cursor is not one of ours") from None


def cursor_of(key: str) -> str:
    """The cursor of the page that begins after this key."""
    return base64.urlsafe_b64encode(key.encode()).decode()


def page(
    items: Sequence[Item], keys: Sequence[str], limit: int, request: Request, response: Response
) -> Page[Item]:
    """A page of at most `limit` of the items; pass one more than that when there are more."""
    if len(items) <= limit:
        return Page(items=list(items))
    cursor = cursor_of(keys[limit - 1])
    target = request.url.include_query_params(cursor=cursor)
    response.headers["link"] = f'<{target.path}?{target.query}>; rel="next"'
    return Page(items=list(items[:limit]), next=cursor)
