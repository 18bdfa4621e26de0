"""The gate: may this fact cross? Pure, default deny, forbid wins.

Every refusing override and every role limit is looked at, and any one of them refuses, whatever a release
says. After that each ground that is in force and covers the person must carry the decision alone, by its
cells in the table; the widest outcome stands. What nobody foresaw is a refusal.

Only this module makes a `Permit`.
"""

from collections.abc import Sequence
from dataclasses import InitVar, dataclass
from datetime import datetime

from services.matcher.disclosure.grants import Grant, in_words, said_by
from services.matcher.disclosure.overrides import NO_RULE, in_order, refusing, unopened
from services.matcher.disclosure.request import BasisKind, Category, Reason, Request, faults
from services.matcher.disclosure.table import Outcome, Table

__all__ = ["Outcome", "Permit", "Reason", "Refusal", "decide"]

_GATE = object()  # whoever holds it may make a Permit; it never leaves this module


@dataclass(frozen=True, kw_only=True)
class Permit:
    """What may be shown, and on what ground. Made by the gate alone; TypeError elsewhere.

    `fields` are the field names of the category that may be rendered, no others. `redaction` says in words
    what remains. `basis`, `source` and `expires` are of the widest ground that carries it (`source`: our
    release, None for a ground without one); `sources` are all releases that carry a part of it. `obligations`
    are what must go with it.
    """

    request: str
    category: Category
    outcome: Outcome
    rule: str
    fields: frozenset[str]
    redaction: str | None
    basis: BasisKind
    source: str | None
    sources: frozenset[str]
    expires: datetime | None
    obligations: tuple[str, ...]
    table: str
    made_by: InitVar[object]

    def __post_init__(self, made_by: object) -> None:
        if made_by is not _GATE:
            raise TypeError("only the disclosure gate makes a Permit")

    def allows(self, field: str) -> bool:
        """Whether that field of the item may be rendered."""
        return field in self.fields


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The fact stays where it is. `reasons` are coded, the first belongs to `rule`; `detail` names the
    malformed fields where the rule is INPUT. `request` is None where it has no readable id."""

    request: str | None
    rule: str
    reasons: tuple[Reason, ...]
    detail: tuple[str, ...] = ()
    table: str | None = None

    @property
    def outcome(self) -> Outcome:
        """DENY, as the audit writes it."""
        return Outcome.DENY

    @property
    def reason(self) -> Reason:
        """The one reason under which it is counted."""
        return self.reasons[0]


def decide(request: Request, table: Table) -> Permit | Refusal:
    """Decide one request by one version of the table. Never raises, whatever the request holds."""
    wrong = faults(request)
    if wrong:
        known = getattr(request, "id", None)
        return Refusal(
            request=known if isinstance(known, str) and known else None,
            rule="INPUT",
            reasons=(Reason.INPUT,),
            detail=wrong,
            table=table.version,
        )
    hits = refusing(request, table)
    said = [said_by(basis, request, table) for basis in request.bases]
    grants = [one.grant for one in said if one.grant is not None]
    if grants and not hits:
        return _permit(request, table, grants)
    if not grants:
        hits += unopened(request, table, frozenset().union(*(one.opened for one in said)))
        hits += [hit for one in said for hit in one.missed] or [(NO_RULE, Reason.NO_BASIS)]
    hits = in_order(hits)
    reasons = tuple(dict.fromkeys(reason for _, reason in hits))
    return Refusal(request=request.id, rule=hits[0][0], reasons=reasons, table=table.version)


def _permit(request: Request, table: Table, grants: Sequence[Grant]) -> Permit:
    """The widest of the grants, with the fields of all of them."""
    widest = max(grants, key=lambda grant: grant.width)
    fields: frozenset[str] = frozenset().union(*(grant.fields for grant in grants))
    whole = fields == widest.fields
    return Permit(
        request=request.id,
        category=request.category,
        outcome=widest.outcome,
        rule=widest.rule,
        fields=fields,
        redaction=widest.redaction if whole else in_words(grant.redaction for grant in grants),
        basis=widest.basis.basis,
        source=widest.basis.source,
        sources=frozenset(one.basis.source for one in grants if one.basis.source is not None),
        expires=widest.expires,
        obligations=widest.attachments,
        table=table.version,
        made_by=_GATE,
    )
