"""One gate: a Permit is made by `disclosure/decide.py` alone, and without one there is no entry."""

import ast
import copy
import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.matcher.alerts.catalogue import AlertType
from services.matcher.alerts.derive import StandingEntry
from services.matcher.disclosure import decide as gate
from services.matcher.disclosure.decide import Outcome, Permit, Refusal
from services.matcher.disclosure.request import BasisKind, Category

ROOT = Path(__file__).parents[2]
GATE = ROOT / "services" / "matcher" / "disclosure" / "decide.py"

PARTS: dict[str, Any] = {
    "request": "rq-1",
    "category": Category.K0,
    "outcome": Outcome.PERMIT,
    "rule": "K0/ROI",
    "fields": frozenset({"name"}),
    "redaction": None,
    "basis": BasisKind.ROI,
    "source": "rl_1",
    "sources": frozenset({"rl_1"}),
    "expires": datetime(2027, 1, 1, tzinfo=UTC),
    "obligations": (),
    "table": "2026_07",
}


def permit() -> Permit:
    """A permit as the gate makes it, for tests of what must not be done with one."""
    return Permit(**PARTS, made_by=gate._GATE)


@pytest.mark.parametrize("made_by", [{}, {"made_by": None}, {"made_by": object()}, {"made_by": True}])
def test_a_permit_cannot_be_made_elsewhere(made_by: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        Permit(**PARTS, **made_by)  # type: ignore[arg-type]


def test_a_permit_cannot_be_widened() -> None:
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(permit(), fields=frozenset({"name", "address"}))  # type: ignore[call-arg]
    with pytest.raises(dataclasses.FrozenInstanceError):
        permit().fields = frozenset()  # type: ignore[misc]


def names_used(tree: ast.AST) -> set[str]:
    """Names called or read in a module."""
    return {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
    }


def makes_a_permit(source: str) -> bool:
    """Whether a module calls Permit, reaches for the gate's own key, or goes round a frozen class."""
    tree = ast.parse(source)
    calls = {
        call.func.id if isinstance(call.func, ast.Name) else call.func.attr
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name | ast.Attribute)
    }
    return "Permit" in calls or bool(names_used(tree) & {"_GATE", "__new__", "__setattr__"})


@pytest.mark.parametrize(
    "planted",
    [
        "Permit(request='x')",
        "decide.Permit(request='x')",
        "gate._GATE",
        "object.__new__(Permit)",
        "object.__setattr__(permit, 'fields', frozenset())",
    ],
)
def test_a_planted_permit_would_be_found(planted: str) -> None:
    assert makes_a_permit(planted)


def test_no_module_but_the_gate_makes_a_permit() -> None:
    found = [
        str(file.relative_to(ROOT))
        for package in ("services", "shared")
        for file in (ROOT / package).rglob("*.py")
        if file != GATE and makes_a_permit(file.read_text())
    ]
    assert not found
    assert makes_a_permit(GATE.read_text())


class Lookalike:
    """Has all that a permit has, except where it comes from."""

    def __init__(self) -> None:
        vars(self).update(PARTS)


REFUSAL = Refusal(request="rq-1", rule="O3", reasons=(gate.Reason.SUBJECT_SEALED,))


@pytest.mark.parametrize("permits", [(), (("item", None),), (("item", Lookalike()),), (("item", REFUSAL),)])
def test_an_entry_cannot_be_made_without_a_permit(permits: Any) -> None:
    parts: dict[str, Any] = {
        "alert": "al",
        "type": next(iter(AlertType)),
        "mutual_case": "mc",
        "cause": "mc",
        "recipient": None,
        "legal_due": None,
        "notice": None,
    }
    with pytest.raises(TypeError):
        StandingEntry(permits=permits, **parts)
    whole = StandingEntry(permits=(("item", permit()),), **parts)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        dataclasses.replace(whole, permits=permits)
    assert copy.copy(whole).permits
