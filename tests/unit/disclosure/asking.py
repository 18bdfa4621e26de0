"""Requests and bases for tests of the gate: well formed, with what a test does not name left harmless."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.matcher.disclosure.decide import Permit, Refusal, decide
from services.matcher.disclosure.policy import Table, table_on
from services.matcher.disclosure.request import (
    Basis,
    BasisKind,
    Breadth,
    Category,
    Direction,
    Item,
    Program,
    Purpose,
    Request,
    Role,
    Sensitivity,
    Subject,
)

NOW = datetime(2026, 8, 3, 17, 0, tzinfo=UTC)
PLAIN = Item(implies=(), minor_consented=False, names_hiv=False, alleged_abuser_in_recipient_clients=False)
MOTHER = Subject(id="ps_mother", sensitivity=Sensitivity.NONE, limited_access=False)
CHILD = Subject(id="cl_child", sensitivity=Sensitivity.NONE, limited_access=False)


def table() -> Table:
    return table_on(date(2026, 8, 3))


def roi(**changes: Any) -> Basis:
    """A release of the mother and child that names everything that can be named today."""
    return replace(
        Basis(
            basis=BasisKind.ROI,
            categories=(Category.K0, Category.K1, Category.K2, Category.K3, Category.K4, Category.K6),
            directions=(Direction.BOTH,),
            purposes=(Purpose.P2, Purpose.P3, Purpose.P4, Purpose.P6, Purpose.P7),
            persons=("ps_mother", "cl_child"),
            valid_from=datetime(2026, 8, 1, 7, tzinfo=UTC),
            expires=datetime(2027, 7, 31, 7, tzinfo=UTC),
            source="rl_one",
        ),
        **changes,
    )


def everything(**changes: Any) -> Basis:
    """A release that names all that can be named and carries every element of a special authorisation."""
    elements = {
        "names_protected_address": True,
        "names_hiv": True,
        "dv_specific": True,
        "part2_valid": True,
        "minor_own": True,
    }
    return roi(**{"categories": tuple(Category), "purposes": tuple(Purpose), **elements, **changes})


def other(kind: BasisKind, **changes: Any) -> Basis:
    """A basis of another kind, in force, on whose roster the recipient stands."""
    return replace(
        Basis(
            basis=kind,
            valid_from=NOW - timedelta(days=3),
            persons=("ps_mother", "cl_child"),
            roster_member=True,
            report_at=NOW - timedelta(days=2),
        ),
        **changes,
    )


def court(**changes: Any) -> Basis:
    """An order whose scope is everything."""
    scope = {
        "categories": tuple(Category),
        "directions": (Direction.BOTH,),
        "purposes": tuple(Purpose),
    }
    return other(BasisKind.COURT, **{**scope, **changes})


def admin(breadth: Breadth | None = Breadth.ELIGIBILITY_FACTS, **changes: Any) -> Basis:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    return replace(Basis(basis=BasisKind.ADMIN_10850, breadth=breadth, valid_from=start), **changes)


def sanction(**changes: Any) -> Request:
    """The mother's sanction class, asked for by the child's case worker to help lift it."""
    return replace(
        Request(
            id="one",
            category=Category.K3,
            holder=Program.CALWORKS,
            recipient=Program.CWS,
            purpose=Purpose.P6,
            role=Role.CASE_WORKER,
            assigned=True,
            subject=MOTHER,
            item=PLAIN,
            bases=(roi(),),
            now=NOW,
        ),
        **changes,
    )


def removal(**changes: Any) -> Request:
    """The child's removal, asked for by the eligibility worker of the assistance unit."""
    return replace(
        sanction(
            category=Category.K6,
            holder=Program.CWS,
            recipient=Program.CALWORKS,
            purpose=Purpose.P3,
            role=Role.ELIGIBILITY_WORKER,
            subject=CHILD,
            bases=(admin(),),
        ),
        **changes,
    )


def permitted(request: Request) -> Permit:
    answer = decide(request, table())
    assert isinstance(answer, Permit), answer
    return answer


def refused(request: Request) -> Refusal:
    answer = decide(request, table())
    assert isinstance(answer, Refusal), answer
    return answer
