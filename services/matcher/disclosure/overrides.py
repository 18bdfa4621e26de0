"""What refuses whatever the ground: the overrides, and the limits of roles, purposes and holders.

All of them are looked at. The order of the rules decides only which is reported.
"""

from collections.abc import Iterable

from services.matcher.disclosure.implied import code_removed, judged
from services.matcher.disclosure.request import Category, Purpose, Reason, Request, Sensitivity
from services.matcher.disclosure.table import RoleLimit, Table

Hit = tuple[str, Reason]  # the rule that refuses, and why

NO_RULE = "NONE"
ROLE = "ROLE"

REASONS = {
    "O1": Reason.ALWAYS_WITHHELD,
    "O2": Reason.ADOPTION_OR_SEALED_FACT,
    "O3": Reason.SUBJECT_SEALED,
    "O4": Reason.PROTECTED_ADDRESS,
    "O5": Reason.DOMESTIC_VIOLENCE,
    "O6": Reason.SUBSTANCE_USE_RECORD,
    "O7": Reason.MINOR_CONSENTED,
    "O8": Reason.HIV,
    "O9": Reason.IMMIGRATION,
    "O10": Reason.NOT_ASSIGNED,
    "O11": Reason.LIMITED_ACCESS,
}


def refusing(request: Request, table: Table) -> list[Hit]:
    """Every override and role limit that refuses, whichever bases there are; `unopened` has those of categories."""
    subject = request.subject
    given = judged(request, table, reason_hidden=code_removed(request))
    hits: list[Hit] = []
    if subject.sensitivity is Sensitivity.SEALED:
        hits.append(("O3", Reason.SUBJECT_SEALED))
    elif subject.sensitivity is Sensitivity.SENSITIVE and request.role not in table.roles.sensitive:
        hits.append(("O3", Reason.SUBJECT_SENSITIVE))
    if request.item.alleged_abuser_in_recipient_clients:
        # The item as it is held, before any reason is taken out: here taking a field out is not enough.
        held = {*given, *request.item.implies}
        hits += [
            (rule, REASONS[rule])
            for rule, one in table.overrides.items()
            if not held.isdisjoint(one.abuser_among_clients)
        ]
    if not request.assigned:
        hits.append(("O10", Reason.NOT_ASSIGNED))
    if subject.limited_access:
        hits.append(("O11", Reason.LIMITED_ACCESS))
    return [*hits, *_role_limits(request, table, given)]


def unopened(request: Request, table: Table, opened: Iterable[Category]) -> list[Hit]:
    """The overrides of special categories that no basis opens, for a request that nothing carries.

    What a K3R item gives away is the matter of its own cell.
    """
    hidden = code_removed(request) or request.category is Category.K3R
    return [
        (rule, REASONS[rule])
        for category in judged(request, table, reason_hidden=hidden)
        if (rule := table.specials.get(category)) is not None and category not in opened
    ]


def in_order(hits: Iterable[Hit]) -> list[Hit]:
    """Overrides by their number, then limits of roles, then cells, then what says nothing of the request."""
    return sorted(dict.fromkeys(hits), key=lambda hit: _rank(hit[0]))


def _rank(rule: str) -> int:
    if rule.startswith("O"):
        return int(rule.removeprefix("O"))
    return 100 + (ROLE, "cell", NO_RULE).index(rule if rule in {ROLE, NO_RULE} else "cell")


def _role_limits(request: Request, table: Table, given: tuple[Category, ...]) -> list[Hit]:
    """What the role, the purpose and the holder rule out."""
    limit = table.roles.limits[request.role]
    reasons = []
    if request.holder is request.recipient:
        reasons.append(Reason.SAME_PROGRAM)
    if limit.program is not None and limit.program is not request.recipient:
        reasons.append(Reason.ROLE_OF_OTHER_PROGRAM)
    if any(not _role_takes(limit, category) for category in given):
        reasons.append(Reason.ROLE_NOT_FOR_CATEGORY)
    if not _role_has_purpose(limit, request.purpose, table):
        reasons.append(Reason.ROLE_NOT_FOR_PURPOSE)
    if any(table.holders.of.get(one, request.holder) is not request.holder for one in given):
        reasons.append(Reason.NOT_HOLDERS_OWN)
    return [(ROLE, reason) for reason in reasons]


def _role_takes(limit: RoleLimit, category: Category) -> bool:
    return category not in limit.never and (limit.only is None or category in limit.only)


def _role_has_purpose(limit: RoleLimit, purpose: Purpose, table: Table) -> bool:
    return purpose not in table.roles.refused_purposes and (
        limit.purposes is None or purpose in limit.purposes
    )
