"""The gate: may this fact cross? Pure, default deny, forbid wins.

Every refusing override and every role limit is looked at, and any one of them refuses, whatever a release
says. After that each ground that is in force and covers the person must carry the decision alone, by its
cell in the table; the widest outcome stands. What nobody foresaw is a refusal.

Only this module makes a `Permit`. The special categories (K9 to K18) have overrides that name the release
which would open them; those releases cannot be taken yet, so here their overrides always refuse.
"""

from collections.abc import Iterable
from dataclasses import InitVar, dataclass
from datetime import datetime
from enum import StrEnum

from services.matcher.disclosure.policy import Cell, Column, RoleLimit, Row, Table
from services.matcher.disclosure.request import (
    Basis,
    BasisKind,
    Breadth,
    Category,
    Direction,
    Purpose,
    Reason,
    Request,
    Sensitivity,
    faults,
)
from shared.calendars import months_after

__all__ = ["Outcome", "Permit", "Reason", "Refusal", "decide"]

_Hit = tuple[str, Reason]  # the rule that refuses, and why
_GATE = object()  # whoever holds it may make a Permit; it never leaves this module


class Outcome(StrEnum):
    """What the gate says. REDACT is a permit that shows less."""

    PERMIT = "PERMIT"
    REDACT = "REDACT"
    DENY = "DENY"


@dataclass(frozen=True, kw_only=True)
class Permit:
    """What may be shown, and on what ground. Made by the gate alone; TypeError elsewhere.

    `fields` are the field names of the category that may be rendered, no others. `redaction` says in words
    what remains. `basis`, `source` and `expires` are of the widest ground that carries it (`source`: our
    release, None for a ground without one); `sources` are all releases that carry a part of it.
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


@dataclass(frozen=True)
class _Grant:
    """One ground that carries one category, by its cell."""

    rule: str
    cell: Cell
    fields: frozenset[str]
    basis: Basis
    expires: datetime | None

    @property
    def width(self) -> tuple[bool, int]:
        return self.cell.outcome == Outcome.PERMIT, len(self.fields)


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
    categories = _judged(request)
    hits = [*_overrides(request, table, categories), *_role_limits(request, table, categories)]
    grants: list[tuple[_Grant, ...]] = []
    for category in categories:
        carried, missed = _grants(request, table, category)
        if carried:
            grants.append(carried)
        else:
            hits += missed
    if hits:
        reasons = tuple(dict.fromkeys(reason for _, reason in hits))
        return Refusal(request=request.id, rule=hits[0][0], reasons=reasons, table=table.version)
    return _permit(request, table, grants)


def _judged(request: Request) -> tuple[Category, ...]:
    """The item's own category first, then each that it gives away. All of them must be carried.

    Where the reason code of a K3 item is removed, what only the code gave away goes with it. K12 that is
    given away is no category to carry: its override takes out the fields that would tell it.
    """
    item, own = request.item, request.category
    implied = dict.fromkeys((own, *item.implies))
    if _code_removed(request):
        for hidden in _HIDDEN_BY_CODE - {own}:
            implied.pop(hidden, None)
    if item.minor_consented:
        implied[Category.K13] = None
    if item.names_hiv:
        implied[Category.K14] = None
    return tuple(one for one in implied if one is own or one is not Category.K12)


def _code_removed(request: Request) -> bool:
    return request.category is Category.K3 and request.item.reason_code is not None


def _overrides(request: Request, table: Table, categories: tuple[Category, ...]) -> list[_Hit]:
    """Every override that refuses, in the order in which one is reported."""
    subject, item = request.subject, request.item
    hits: list[_Hit] = [
        (rule, reason) for rule, reason, special in _SPECIAL if not special.isdisjoint(categories)
    ]
    if subject.sensitivity is Sensitivity.SEALED:
        hits.append(("O3", Reason.SUBJECT_SEALED))
    elif subject.sensitivity is Sensitivity.SENSITIVE and request.role not in table.roles.sensitive:
        hits.append(("O3", Reason.SUBJECT_SENSITIVE))
    if item.alleged_abuser_in_recipient_clients and Category.K12 in item.implies:
        # The item as it is held, before any code is removed: here taking a field out is not enough.
        hits.append(("O5", Reason.DOMESTIC_VIOLENCE))
    if not request.assigned:
        hits.append(("O10", Reason.NOT_ASSIGNED))
    if subject.limited_access:
        hits.append(("O11", Reason.LIMITED_ACCESS))
    return sorted(hits, key=lambda hit: int(hit[0].removeprefix("O"))) if len(hits) > 1 else hits


def _role_limits(request: Request, table: Table, categories: tuple[Category, ...]) -> list[_Hit]:
    """What the role, the purpose and the holder rule out whatever the ground."""
    limit = table.roles.limits[request.role]
    reasons = []
    if request.holder is request.recipient:
        reasons.append(Reason.SAME_PROGRAM)
    if limit.program is not None and limit.program is not request.recipient:
        reasons.append(Reason.ROLE_OF_OTHER_PROGRAM)
    if any(not _role_takes(limit, category) for category in categories):
        reasons.append(Reason.ROLE_NOT_FOR_CATEGORY)
    if not _role_has_purpose(limit, request.purpose, table):
        reasons.append(Reason.ROLE_NOT_FOR_PURPOSE)
    if any(table.holders.of.get(one, request.holder) is not request.holder for one in categories):
        reasons.append(Reason.NOT_HOLDERS_OWN)
    return [("ROLE", reason) for reason in reasons]


def _role_takes(limit: RoleLimit, category: Category) -> bool:
    return category not in limit.never and (limit.only is None or category in limit.only)


def _role_has_purpose(limit: RoleLimit, purpose: Purpose, table: Table) -> bool:
    return purpose not in table.roles.refused_purposes and (
        limit.purposes is None or purpose in limit.purposes
    )


def _grants(request: Request, table: Table, category: Category) -> tuple[tuple[_Grant, ...], list[_Hit]]:
    """The grounds that carry the category, or, where none does, why not: a cell's refusal first."""
    row = table.rows.get(category)
    if row is None:
        return (), [("NONE", Reason.CATEGORY_NOT_OPEN)]
    carried: list[_Grant] = []
    by_cell: list[_Hit] = []
    inactive: list[_Hit] = []
    for basis in request.bases:
        name = _column_of(basis, table)
        if name is None:
            inactive.append(("NONE", Reason.BASIS_NOT_OPEN))
            continue
        column = table.columns[name]
        missing = _inactive(request, basis, column, category)
        if missing is not None:
            inactive.append(("NONE", missing))
            continue
        refused = _refused_by_cell(request, row.cells[name], column)
        if refused is not None:
            by_cell.append((f"{category}/{name}", refused))
            continue
        carried.append(_grant(f"{category}/{name}", row, row.cells[name], basis, column))
    if carried:
        return tuple(carried), []
    return (), [*by_cell, *inactive] or [("NONE", Reason.NO_BASIS)]


def _column_of(basis: Basis, table: Table) -> str | None:
    for name, column in table.columns.items():
        if column.basis is basis.basis and column.breadth is _breadth(basis):
            return name
    return None


def _breadth(basis: Basis) -> Breadth | None:
    """Breadth belongs to WIC 10850 alone; elsewhere it says nothing."""
    return basis.breadth if basis.basis is BasisKind.ADMIN_10850 else None


def _inactive(request: Request, basis: Basis, column: Column, category: Category) -> Reason | None:
    """Why a basis says nothing of this request; None: it is in force and covers it. Lists narrow."""
    ends = _ends(basis, column)
    if column.must_expire and basis.expires is None:
        return Reason.NO_EXPIRY
    if basis.revoked_at is not None and basis.revoked_at <= request.now:
        return Reason.REVOKED
    if request.now < basis.valid_from:
        return Reason.NOT_YET_IN_FORCE
    if ends is not None and ends <= request.now:
        return Reason.EXPIRED
    return _uncovered(request, basis, column, category)


def _uncovered(request: Request, basis: Basis, column: Column, category: Category) -> Reason | None:
    """What of this request a basis in force does not cover; None: it covers it all."""
    must, recipients = column.must_name, basis.recipients
    if not _listed(request.subject.id, basis.persons, "persons" in must):
        return Reason.PERSON_NOT_COVERED
    if not _listed(category, basis.categories, "categories" in must):
        return Reason.CATEGORY_NOT_NAMED
    if not _goes(request, basis.directions, "directions" in must):
        return Reason.DIRECTION_NOT_COVERED
    if not _listed(request.purpose, basis.purposes, "purposes" in must):
        return Reason.PURPOSE_NOT_COVERED
    if recipients is not None and request.role not in recipients and request.recipient not in recipients:
        return Reason.RECIPIENT_NOT_NAMED
    return None


def _listed(value: str, names: tuple[str, ...] | None, must_name: bool) -> bool:  # noqa: FBT001
    return not must_name if names is None else value in names


def _goes(request: Request, directions: tuple[Direction, ...] | None, must_name: bool) -> bool:  # noqa: FBT001
    if directions is None:
        return not must_name
    return any(one.covers(request.holder, request.recipient) for one in directions)


def _ends(basis: Basis, column: Column) -> datetime | None:
    """When the basis ends: at its expiry, and never later than the ground's longest time from its start."""
    if column.longest_months is None:
        return basis.expires
    try:
        longest = months_after(basis.valid_from, column.longest_months)
    except (OverflowError, ValueError):  # no instant can hold it: such a basis never was in force
        return basis.valid_from
    return longest if basis.expires is None else min(basis.expires, longest)


def _refused_by_cell(request: Request, cell: Cell, column: Column) -> Reason | None:
    """Why an active ground still does not open the category; None: it does."""
    purposes = cell.purposes if cell.purposes is not None else column.purposes
    conditions = (
        (cell.outcome != Outcome.DENY, Reason.NOT_IN_TABLE),
        (purposes is None or request.purpose in purposes, Reason.PURPOSE_NOT_COVERED),
        (cell.recipient is None or cell.recipient is request.recipient, Reason.RECIPIENT_NOT_NAMED),
        (cell.roles is None or request.role in cell.roles, Reason.ROLE_NOT_FOR_CATEGORY),
        (cell.topics is None or request.topic in cell.topics, Reason.NOT_IN_TABLE),
    )
    return next((reason for holds, reason in conditions if not holds), None)


def _grant(rule: str, row: Row, cell: Cell, basis: Basis, column: Column) -> _Grant:
    fields = row.fields if cell.fields is None else cell.fields
    return _Grant(rule, cell, fields, basis, _ends(basis, column))


def _permit(request: Request, table: Table, grants: list[tuple[_Grant, ...]]) -> Permit:
    """The widest over the grounds of the own category; the narrower of it and of all it gives away."""
    own, *implied = grants
    widest = max(own, key=lambda grant: grant.width)
    fields: frozenset[str] = frozenset().union(*(grant.fields for grant in own))
    redaction = widest.cell.redaction if fields == widest.fields else _remaining(own)
    outcome, rule = Outcome(widest.cell.outcome), widest.rule
    if outcome is Outcome.PERMIT:
        for others in implied:
            carrier = max(others, key=lambda grant: grant.width)
            if carrier.cell.outcome == Outcome.REDACT:
                outcome, rule, redaction = Outcome.REDACT, carrier.rule, carrier.cell.redaction
    if _code_removed(request):
        redaction = "; ".join(filter(None, (redaction, _WITHOUT_CODE)))
    elif _hides_violence(request, table):
        fields -= table.rows[request.category].revealing
        redaction = "; ".join(filter(None, (redaction, _WITHOUT_VIOLENCE)))
        if outcome is Outcome.PERMIT:
            outcome, rule = Outcome.REDACT, "O5"
    return Permit(
        request=request.id,
        category=request.category,
        outcome=outcome,
        rule=rule,
        fields=fields,
        redaction=redaction,
        basis=widest.basis.basis,
        source=widest.basis.source,
        sources=_releases(grant for one in grants for grant in one),
        expires=widest.expires,
        obligations=(),
        table=table.version,
        made_by=_GATE,
    )


def _hides_violence(request: Request, table: Table) -> bool:
    """Whether fields must go because they, or a reason code, would tell of domestic violence."""
    code = request.item.reason_code
    gives_away = Category.K12 in request.item.implies
    return gives_away or (code is not None and code not in table.reason_codes.open)


def _remaining(own: Iterable[_Grant]) -> str | None:
    """What remains where several grounds each show a part."""
    return "; ".join(dict.fromkeys(grant.cell.redaction for grant in own if grant.cell.redaction)) or None


def _releases(grants: Iterable[_Grant]) -> frozenset[str]:
    return frozenset(grant.basis.source for grant in grants if grant.basis.source is not None)


_HIDDEN_BY_CODE = frozenset({Category.K10, Category.K11, Category.K12, Category.K13, Category.K14})
_WITHOUT_CODE = "the class alone, without the reason"
_WITHOUT_VIOLENCE = "without what could tell the reason or the place"
_SPECIAL: tuple[tuple[str, Reason, frozenset[Category]], ...] = (
    ("O1", Reason.ALWAYS_WITHHELD, frozenset({Category.K9, Category.K17})),
    ("O2", Reason.ADOPTION_OR_SEALED_FACT, frozenset({Category.K15})),
    ("O4", Reason.PROTECTED_ADDRESS, frozenset({Category.K18})),
    ("O5", Reason.DOMESTIC_VIOLENCE, frozenset({Category.K12})),
    ("O6", Reason.SUBSTANCE_USE_RECORD, frozenset({Category.K10})),
    ("O7", Reason.MINOR_CONSENTED, frozenset({Category.K13})),
    ("O8", Reason.HIV, frozenset({Category.K14})),
    ("O9", Reason.IMMIGRATION, frozenset({Category.K16})),
)
