"""One tree of errors, coded by what they mean to the caller.

A message stands in problem details and in logs, so it names fields, references and rules, never a value
that a client sent and never personal data.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with a body: a JSON Pointer to the field, and what to do about it."""

    pointer: str
    message: str


class LinkagesError(Exception):
    """The root: `slug` names the problem type, `status` is its HTTP status, `title` says it in words."""

    slug = "internal"
    status = 500
    title = "Something went wrong on our side"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title


class BadRequest(LinkagesError):
    """The request cannot be understood as HTTP: a header is missing or malformed."""

    slug, status, title = "bad-request", 400, "The request cannot be read"


class Unauthenticated(LinkagesError):
    """No valid token."""

    slug, status, title = "unauthenticated", 401, "A valid token is needed"


class Forbidden(LinkagesError):
    """A valid token without the role."""

    slug, status, title = "forbidden", 403, "This caller may not do that"


class NotFound(LinkagesError):
    """No such object for this caller: absent, another county's, or hidden; all look alike."""

    slug, status, title = "not-found", 404, "No such object"


class Conflict(LinkagesError):
    """The object's state does not allow it."""

    slug, status, title = "conflict", 409, "The state of the object does not allow this"


class PreconditionFailed(LinkagesError):
    """The object changed since the caller read it."""

    slug, status, title = "stale", 412, "The object has changed since it was read"


class Invalid(LinkagesError):
    """A malformed body: `errors` names each field and its fix."""

    slug, status, title = "invalid", 422, "The body has errors"

    def __init__(self, *errors: FieldError, detail: str = "") -> None:
        super().__init__(detail)
        self.errors = errors


class PreconditionRequired(LinkagesError):
    """If-Match is missing where two people might write at once."""

    slug, status, title = "if-match-required", 428, "If-Match is needed here"


class Unavailable(LinkagesError):
    """A part that this call needs does not answer; trying again later may help."""

    slug, status, title = "unavailable", 503, "A needed part does not answer"


class InvalidEvent(LinkagesError):
    """An event that cannot be read: it goes to the dead letters and puts its subject on hold."""

    slug, title = "invalid-event", "The event cannot be read"
