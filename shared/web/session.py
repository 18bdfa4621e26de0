"""Sessions in the browser: a one-time link becomes a signed cookie, and every form carries a token of that session.

Link and cookie carry the claims of a token (auth.py), each signed for its own use, so that neither passes for the
other or for a bearer token.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import Response
from itsdangerous import BadSignature, URLSafeSerializer

from shared.errors import Forbidden, Unauthenticated
from shared.web.auth import Caller, Program, caller_of

COOKIE = "linkages_session"
CSRF_FIELD = "csrf"
LINK_LIFETIME = timedelta(hours=1)
SESSION_LIFETIME = timedelta(hours=12)

_TICKET, _SESSION = "linkages.ticket", "linkages.session"


class FormExpired(Forbidden):
    """A form without the token of the session that sends it: another site's, or one from before a new sign-in."""

    slug, title = "form-expired", "The form does not belong to this session"


@dataclass(frozen=True)
class Ticket:
    """An opened one-time link. Whoever opens it keeps `id`, so that it works once."""

    id: str
    caller: Caller


@dataclass(frozen=True)
class Session:
    """A signed-in browser: who it is, and the token that its forms carry."""

    caller: Caller
    csrf: str


def one_time_link(
    secret: str,
    base_url: str,
    *,
    county: str,
    program: Program | None,
    roles: Sequence[str],
    worker: str,
    now: datetime,
    lifetime: timedelta = LINK_LIFETIME,
) -> str:
    """A link that signs a worker in, once, until `lifetime` is over. `base_url`: where the matcher is served."""
    claims = {
        "sub": worker,
        "county": county,
        "program": program,
        "roles": list(roles),
        "scope": "",
        "worker": worker,
    }
    ticket = _signed(secret, _TICKET, claims, now + lifetime)
    return f"{base_url.rstrip('/')}/login?{urlencode({'ticket': ticket})}"


def open_ticket(secret: str, ticket: str, now: datetime) -> Ticket:
    """What a one-time link says. Unauthenticated: it is not ours, or too old."""
    claims = _verified(secret, _TICKET, ticket, now)
    return Ticket(str(claims["jti"]), caller_of(claims))


def make_session(secret: str, caller: Caller, now: datetime) -> str:
    """The value of the cookie for a caller who has just signed in."""
    claims = {
        "sub": caller.subject,
        "county": caller.county,
        "program": caller.program,
        "roles": sorted(caller.roles),
        "scope": " ".join(sorted(caller.scope)),
        "worker": caller.worker,
    }
    return _signed(secret, _SESSION, claims, now + SESSION_LIFETIME)


def read_session(secret: str, cookie: str | None, now: datetime) -> Session:
    """The session of a cookie. Unauthenticated: there is none, it is not ours, or it is over."""
    if cookie is None:
        raise Unauthenticated
    claims = _verified(secret, _SESSION, cookie, now)
    return Session(caller_of(claims), _csrf_token(secret, str(claims["jti"])))


def require_csrf(session: Session, given: object) -> None:
    """Raise FormExpired unless a form carries the session's token. The comparison takes the same time for all."""
    sent = given if isinstance(given, str) else ""
    if not hmac.compare_digest(sent.encode(), session.csrf.encode()):
        raise FormExpired


def set_session(response: Response, value: str, *, path: str, secure: bool) -> None:
    """Give the browser its cookie: out of reach of scripts, and not sent with another site's forms."""
    response.set_cookie(
        COOKIE,
        value,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        path=path or "/",
        secure=secure,
        httponly=True,
        samesite="lax",  # strict would lose it on the way from a link in a mail
    )


def clear_session(response: Response, *, path: str, secure: bool) -> None:
    """Take the cookie away."""
    response.delete_cookie(COOKIE, path=path or "/", secure=secure, httponly=True, samesite="lax")


def _serializer(secret: str, use: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        secret, salt=use, signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
    )


def _signed(secret: str, use: str, claims: dict[str, Any], expires: datetime) -> str:
    whole = {**claims, "exp": int(expires.timestamp()), "jti": secrets.token_urlsafe(18)}
    return str(_serializer(secret, use).dumps(whole))


def _verified(secret: str, use: str, text: str, now: datetime) -> dict[str, Any]:
    try:
        claims = _serializer(secret, use).loads(text)
    except BadSignature:
        raise Unauthenticated from None
    if not isinstance(claims, dict) or not {"sub", "exp", "jti"} <= claims.keys():
        raise Unauthenticated
    if claims["exp"] <= now.timestamp():
        raise Unauthenticated
    return claims


def _csrf_token(secret: str, session_id: str) -> str:
    return hmac.new(secret.encode(), f"linkages.csrf/{session_id}".encode(), hashlib.sha256).hexdigest()
