"""The static files, each under an address that changes with its content."""

import hashlib
from functools import cache
from importlib.resources import files

_TYPES = {
    "style.css": "text/css; charset=utf-8",
    "inbox.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@cache
def content_of(name: str) -> tuple[bytes, str] | None:
    """A file and its media type; None for one that is not served."""
    media_type = _TYPES.get(name)
    if media_type is None:
        return None
    return (files("services.matcher.web") / "static" / name).read_bytes(), media_type


@cache
def address_of(name: str) -> str:
    """Where a file is, below the matcher. KeyError: it is not served."""
    found = content_of(name)
    if found is None:
        raise KeyError(name)
    return f"/static/{name}?v={hashlib.sha256(found[0]).hexdigest()[:12]}"
