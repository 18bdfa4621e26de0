"""Errors as problem details (RFC 9457), which name the field and the fix and never repeat what was sent."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from shared.errors import (
    BadRequest,
    FieldError,
    Invalid,
    LinkagesError,
    NotFound,
    PreconditionFailed,
    Unavailable,
)
from shared.logs import place_of
from shared.web.etag import Stale, etag
from shared.web.tracing import trace_id

MEDIA_TYPE = "application/problem+json"
TYPE_HOME = "https://linkages.example/problems/"

RETRY_AFTER = "1"  # seconds
# Whatever else a driver says is that its server is away, busy or going; by which name differs from driver to driver.
_OUR_MISTAKES = (
    sa.exc.DataError,
    sa.exc.IntegrityError,
    sa.exc.InternalError,
    sa.exc.NotSupportedError,
    sa.exc.ProgrammingError,
)

log = structlog.get_logger()

# What to do about it, by the kind of the mistake. Pydantic's own words are not used: some repeat the input.
_FIXES = {
    "missing": "is required",
    "extra_forbidden": "has a field that is not known here: remove it",
    "json_invalid": "is not JSON: check the syntax",
    "string_type": "must be text",
    "string_too_long": "is too long",
    "string_too_short": "is too short",
    "string_pattern_mismatch": "does not have the form that is needed",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "model_attributes_type": "must be an object",
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "too_short": "has too few entries",
    "too_long": "has too many entries",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
}


class ProblemField(BaseModel):
    """One thing wrong with the body."""

    pointer: str
    message: str


class Problem(BaseModel):
    """Problem details. `type` opens a page that explains it; `trace_id` finds it in the logs."""

    type: str
    title: str
    status: int
    detail: str
    trace_id: str | None = None
    errors: list[ProblemField] | None = None


Current = TypeVar("Current", bound=BaseModel)


class StaleProblem(Problem, Generic[Current]):
    """Problem details of a stale If-Match: `current` is the object as its GET shows it now, `ETag` is its tag."""

    current: Current


def problems(*kinds: type[LinkagesError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: the errors it may answer, for the OpenAPI document."""
    found: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        entry = found.setdefault(
            kind.status, {"content": {MEDIA_TYPE: {"schema": {"$ref": _REF}}}, "description": ""}
        )
        entry["description"] = "; ".join(filter(None, [entry["description"], kind.title]))
        entry["model"] = Problem
    return found


def stale(shown: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """The 412 of a route whose object is shown like this, for the OpenAPI document."""
    model = StaleProblem.__class_getitem__(shown)
    name = model.__name__.replace("[", "_").replace("]", "_")
    return {
        PreconditionFailed.status: {
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{name}"}}},
            "description": PreconditionFailed.title,
            "headers": {"ETag": {"description": "The present one", "schema": {"type": "string"}}},
            "model": model,
        }
    }


_REF = "#/components/schemas/Problem"


def answer(error: LinkagesError) -> JSONResponse:
    """An error as a response."""
    problem = Problem(
        type=f"{TYPE_HOME}{error.slug}",
        title=error.title,
        status=error.status,
        detail=error.detail,
        trace_id=trace_id(),
        errors=[ProblemField(pointer=e.pointer, message=e.message) for e in error.errors]
        if isinstance(error, Invalid)
        else None,
    )
    headers = {"cache-control": "no-store"}
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    body = problem.model_dump(exclude_none=True)
    if isinstance(error, Stale) and error.current is not None:
        headers["etag"] = etag(error.version)
        body["current"] = error.current.model_dump(mode="json", exclude_none=True)
    return JSONResponse(
        body,
        status_code=error.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def invalid(errors: Sequence[Any]) -> LinkagesError:
    """Pydantic's findings as one problem: 400 for an unreadable query, else 422 with a pointer for each field."""
    fields = []
    for error in errors:
        place, *path = error["loc"]
        if error["type"] == "extra_forbidden":
            path = path[:-1]  # the name of an unknown field is the caller's own text
        if error["type"] == "json_invalid":
            path = []
        fix = _FIXES.get(error["type"])
        if fix is None and error["type"] == "literal_error":
            fix = f"must be {error['ctx']['expected']}"
        if fix is None and error["type"] == "fix":
            fix = str(error["msg"])
        prefix = "" if place == "body" else f"/{place}"
        pointer = prefix + "".join("/" + str(p).replace("~", "~0").replace("/", "~1") for p in path)
        fields.append(FieldError(pointer, fix or "does not have the form that is needed"))
    return Invalid(*fields, detail="Correct the fields named in `errors` and send the body again")


def install(app: FastAPI) -> None:
    """Make an app answer every error as problem details."""

    @app.exception_handler(LinkagesError)
    async def known(_: Request, error: LinkagesError) -> JSONResponse:
        return answer(error)

    @app.exception_handler(sa.exc.DBAPIError)
    async def unreachable(_: Request, error: sa.exc.DBAPIError) -> JSONResponse:
        if isinstance(error, _OUR_MISTAKES):
            raise error
        log.warning("request.database", error=type(error.orig).__name__)
        response = answer(Unavailable("The database is busy or away; send the request again"))
        response.headers["retry-after"] = RETRY_AFTER
        return response

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        return answer(invalid(error.errors()))

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 404:
            return answer(NotFound())
        plain = BadRequest("The request does not fit this address")
        plain.status = error.status_code
        response = answer(plain)
        for name, value in (error.headers or {}).items():
            response.headers[name] = value
        return response

    @app.exception_handler(Exception)
    async def unknown(request: Request, error: Exception) -> JSONResponse:
        log.error(
            "request.failed",
            error=type(error).__name__,
            where=place_of(error),
            route=request.scope.get("path"),
        )
        return answer(LinkagesError())
