"""Callers: who calls, typed from the first route.

A token is a JWT with `iss`, `aud` = linkages, `sub`, `exp`, `county`, `program`, `roles`, `scope`, `worker`. Which key
verifies it is asked of a `Verifier`, so that an outside identity provider can take the place of our own secret.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal, Protocol

import jwt
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.errors import Forbidden, Unauthenticated

AUDIENCE = "linkages"
ALGORITHM = "HS256"

Program = Literal["cws", "calworks"]

CWS_ROLES = frozenset({"er_worker", "case_worker", "cws_supervisor", "tdm_facilitator", "cws_clerk"})
CALWORKS_ROLES = frozenset({"eligibility_worker", "wtw_worker", "calworks_supervisor", "calworks_clerk"})
BOTH_ROLES = frozenset({"linkages_liaison", "linkages_coordinator"})
ROLES_OF_THE_OTHER = {"cws": CALWORKS_ROLES, "calworks": CWS_ROLES}
OTHER_ROLES = frozenset({"analyst", "auditor", "integration", "privacy_officer", "ops"})
ROLES = CWS_ROLES | CALWORKS_ROLES | BOTH_ROLES | OTHER_ROLES

_bearer = HTTPBearer(
    auto_error=False, bearerFormat="JWT", description="`linkages token` makes one to try things out"
)


@dataclass(frozen=True)
class Caller:
    """Who calls: county and program are the token's, never the path's or the body's. `expires_at`: POSIX seconds."""

    subject: str
    county: str
    program: Program | None
    roles: frozenset[str]
    worker: str
    expires_at: float = 0.0
    scope: frozenset[str] = frozenset()

    def has(self, *roles: str) -> bool:
        """Whether the caller holds one of the roles."""
        return not self.roles.isdisjoint(roles)


class Verifier(Protocol):
    """Turns a token into its claims, or raises Unauthenticated."""

    def claims(self, token: str) -> dict[str, Any]:
        """The verified claims."""
        ...


@dataclass(frozen=True)
class SecretVerifier:
    """Tokens signed with a shared secret: the embedded default."""

    secret: str
    issuer: str

    def claims(self, token: str) -> dict[str, Any]:
        """The verified claims."""
        claims = _verified(self.secret, self.issuer, token)
        if float(claims["exp"]) <= time.time():  # it may have run out since it was verified
            raise Unauthenticated
        return claims


@lru_cache(maxsize=4096)
def _verified(secret: str, issuer: str, token: str) -> dict[str, Any]:
    """What a token says. A worker's token comes with every request and is verified once."""
    try:
        return jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=issuer,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except jwt.PyJWTError:
        raise Unauthenticated from None


def sign(
    secret: str,
    issuer: str,
    *,
    county: str,
    roles: list[str],
    worker: str,
    now: datetime,
    program: str | None = None,
    scope: str = "",
    lifetime: timedelta = timedelta(hours=12),
) -> str:
    """A token of our own, for development and the demo."""
    claims = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": worker,
        "exp": int((now + lifetime).timestamp()),
        "county": county,
        "program": program,
        "roles": roles,
        "scope": scope,
        "worker": worker,
    }
    return jwt.encode(claims, secret, algorithm=ALGORITHM)


def caller_of(claims: dict[str, Any]) -> Caller:
    """The caller that claims describe; raises Unauthenticated when they are not ours."""
    county, roles, worker = claims.get("county"), claims.get("roles"), claims.get("worker")
    if not (isinstance(county, str) and len(county) == 2 and county.isdigit() and "01" <= county <= "58"):
        raise Unauthenticated("The token names no county")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise Unauthenticated("The token names no roles")
    if not isinstance(worker, str) or not worker:
        raise Unauthenticated("The token names no worker")
    program = claims.get("program")
    if program not in ("cws", "calworks", None):
        raise Unauthenticated("The token names an unknown program")
    # A role counts in its own program only, whatever else a token says.
    strange = ROLES_OF_THE_OTHER.get(program or "", frozenset())
    scope = claims.get("scope") or ""
    if not isinstance(scope, str):
        raise Unauthenticated("The token's scope is malformed")
    return Caller(
        subject=str(claims["sub"]),
        county=county,
        program=program,
        roles=frozenset(roles) - strange,
        worker=worker,
        expires_at=float(claims["exp"]),
        scope=frozenset(scope.split()),
    )


async def authenticate(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Caller:
    """The caller of a request, from its bearer token."""
    if credentials is None:
        raise Unauthenticated
    verifier: Verifier = request.app.state.verifier
    caller = caller_of(verifier.claims(credentials.credentials))
    if caller.county not in request.app.state.counties:
        raise Unauthenticated("The token's county is not served here")
    return caller


def allow(program: Program | None, *roles: str, scope: str | None = None) -> Callable[..., Any]:
    """A dependency: the caller, if of this program and with one of these roles (or `integration` with the scope).

    `program` None: either program.
    """

    async def check(caller: Annotated[Caller, Depends(authenticate)]) -> Caller:
        if program is not None and caller.program != program:
            raise Forbidden("This address belongs to the other program")
        if program is None and caller.program is None:
            raise Forbidden("The token names no program")
        if caller.has(*roles) or (scope is not None and caller.has("integration") and scope in caller.scope):
            return caller
        raise Forbidden("The token holds none of the roles that may do this")

    return check
