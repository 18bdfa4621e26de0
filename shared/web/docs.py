"""The page `/docs` of a service: its OpenAPI document, to read and to try, from files of the installation alone."""

import sys
from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, HTMLResponse

from shared.errors import NotFound, Unavailable

ASSETS = Path(sys.prefix, "share", "linkages", "node_modules", "swagger-ui-dist")
_FILES = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
_HEADERS = {
    # Its style sheet holds pictures as data; nothing is loaded from, sent to, or framed by another place.
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Linkages: the addresses of this service</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<main id="docs"><p>This page needs JavaScript. What it shows is <a href="openapi.json">openapi.json</a>.</p></main>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
});
"""


def docs_routes() -> APIRouter:
    """The page and its files. They say what `/openapi.json` says, so they need no caller."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def docs() -> HTMLResponse:
        return HTMLResponse(_PAGE, headers={**_HEADERS, "cache-control": "no-cache"})

    @router.get("/docs/{name}")
    async def docs_file(name: str) -> Response:
        headers = {"x-content-type-options": "nosniff", "cache-control": "max-age=3600"}
        if name == "start.js":
            return Response(_START, media_type="text/javascript", headers=headers)
        if name not in _FILES:
            raise NotFound
        if not (ASSETS / name).is_file():
            raise Unavailable("What this page loads is not installed: run `make install`")
        return FileResponse(ASSETS / name, media_type=_FILES[name], headers=headers)

    return router
