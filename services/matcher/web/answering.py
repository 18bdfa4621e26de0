"""How pages answer: templates, strict headers, and errors as pages in plain words."""

from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException

from services.matcher.web.assets import address_of
from shared.errors import BadRequest, Forbidden, LinkagesError, NotFound, Unauthenticated
from shared.logs import place_of
from shared.web.session import Session
from shared.web.tracing import trace_id

HEADERS = {
    "content-security-policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}

log = structlog.get_logger()


class LinkUsed(Unauthenticated):
    """A one-time link that was used before."""

    slug, title = "link-used", "This sign-in link was used before"


class NoLinksHere(Forbidden):
    """One-time links are for trying things out, not for production."""

    slug, title = "no-links-here", "One-time links are turned off"


class Page(APIRoute):
    """A route whose answers carry the headers of pages, and whose errors are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler inside those two."""
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await answer(request)
            except LinkagesError as error:
                response = _error(request, error)
            except RequestValidationError as error:
                response = _error(request, _unreadable(error))
            except HTTPException as error:
                response = _error(
                    request, NotFound() if error.status_code == NotFound.status else BadRequest()
                )
            except Exception as error:  # noqa: BLE001 - whatever fails, a worker reads a page
                _report(error, self.path)
                response = _error(request, LinkagesError())
            for name, value in HEADERS.items():
                response.headers[name] = value
            response.headers.setdefault("cache-control", "no-store")
            return response

        return handle


def page(
    request: Request, template: str, *, status: int = 200, visitor: Session | None = None, **values: object
) -> HTMLResponse:
    """A page from a template. `visitor`: whose name and sign-out button it carries."""
    root = request.scope.get("root_path", "")
    common = {
        "root": root,
        "visitor": visitor,
        "style": root + address_of("style.css"),
        "script": root + address_of("inbox.js"),
        "icon": root + address_of("icon.svg"),
    }
    return HTMLResponse(_templates().get_template(template).render({**common, **values}), status_code=status)


def see_other(request: Request, path: str) -> RedirectResponse:
    """Go on to another page of the matcher, with a GET."""
    return RedirectResponse(f"{request.scope.get('root_path', '')}{path}", status_code=303)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("services.matcher.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _report(error: Exception, route: str) -> None:
    """One line in the log: type and place, no values, unlike a traceback."""
    log.error("page.failed", error=type(error).__name__, where=place_of(error), route=route)


def _unreadable(error: RequestValidationError) -> LinkagesError:
    """An id that cannot be one is an id that is not there."""
    return NotFound() if any(one["loc"][0] == "path" for one in error.errors()) else BadRequest()


def _error(request: Request, error: LinkagesError) -> Response:
    if error.status == Unauthenticated.status:
        used = isinstance(error, LinkUsed)
        response = page(
            request, "sign_in.html", status=error.status, used=used, tried="ticket" in request.query_params
        )
        response.headers["www-authenticate"] = "Cookie"
        return response
    title, advice = _WORDS.get(error.slug) or _WORDS_BY_STATUS.get(error.status, _WORDS_BY_STATUS[500])
    return page(
        request,
        "error.html",
        status=error.status,
        title=title,
        advice=advice,
        trace=trace_id() if error.status >= LinkagesError.status else None,
    )


_WORDS = {
    "no-links-here": (
        "One-time links are turned off here",
        "They are for trying Linkages out. Please sign in the way your county has told you.",
    ),
    "form-expired": (
        "This form cannot be used any more",
        "You may have signed in again since you opened it. Go back to the page, load it again, and send it once more.",
    ),
    "alert-not-standing": (
        "This alert does not stand any more",
        "It was closed or taken back in the meantime. You do not need to do anything.",
    ),
    "review-claimed": (
        "Somebody else looks at this review now",
        "Please take another one, or come back in a quarter of an hour.",
    ),
    "review-not-claimed": (
        "Your time for this review has run out",
        "Nothing was saved. Claim the review again, and then say what you found.",
    ),
    "task-done": (
        "This task is done already",
        "Somebody has marked it as done in the meantime. You do not need to do anything.",
    ),
}
_WORDS_BY_STATUS = {
    400: ("This address cannot be read", "Please go to your inbox and try again from there."),
    403: (
        "You may not do this",
        "Your role does not allow it. Ask your supervisor if you think that it should.",
    ),
    404: (
        "We cannot find this page",
        "It may have moved, or it may not be for you. Please go to your inbox.",
    ),
    409: ("This cannot be done now", "Somebody may have changed it in the meantime. Load the page again."),
    422: ("Something in the form is not right", "Please go back and look at what you filled in."),
    500: ("Something went wrong on our side", "Nothing was changed. Please try again in a minute."),
    503: ("Linkages cannot answer now", "Nothing was changed. Please try again in a minute."),
}
