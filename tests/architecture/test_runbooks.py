"""The runbooks name commands, metrics and log lines that exist."""

import ast
import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from shared import metrics
from tests.architecture.commands import fault_in

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "runbooks"
RUNBOOKS = sorted(path.name for path in FOLDER.glob("*.md"))
PARTS = ("What you see", "What it means", "What to do", "How you know that it is over")
NOT_COMMANDS = {"linkages", "linkages serve", "linkages work"}  # named as things, without their service


def commands_of(text: str) -> list[str]:
    """What stands after `linkages` in code: a block's line that begins with it, or a whole span."""
    blocks = re.findall(r"^ {4,}linkages (.+)$", text, re.MULTILINE)
    spans = re.findall(r"`(linkages(?: [^`]+)?)`", text)
    return blocks + [span.removeprefix("linkages ") for span in spans if span not in NOT_COMMANDS]


def metric_names(registry: CollectorRegistry) -> set[str]:
    """Every name that a scrape may hold."""
    found = set()
    for family in registry.collect():
        found |= {family.name, *(sample.name for sample in family.samples)}
        found.add(f"{family.name}_total" if family.type == "counter" else family.name)
    return found


def log_names() -> set[str]:
    """The fixed names of our log lines."""
    return {
        node.args[0].value
        for package in ("services", "shared")
        for file in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "log"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def test_there_is_a_runbook_for_each_trouble() -> None:
    assert {"lag.md", "dead-letters.md", "broker-loss.md", "restore.md", "README.md"} == set(RUNBOOKS)


@pytest.mark.parametrize("name", [name for name in RUNBOOKS if name != "README.md"])
def test_a_runbook_says_what_is_seen_meant_done_and_how_it_ends(name: str) -> None:
    headings = re.findall(r"^## (.+)$", (FOLDER / name).read_text(), re.MULTILINE)
    assert [part for part in PARTS if not any(heading.startswith(part) for heading in headings)] == []


@pytest.mark.parametrize("name", RUNBOOKS)
def test_every_command_in_a_runbook_is_one_that_the_command_takes(name: str) -> None:
    found = commands_of((FOLDER / name).read_text())
    assert found
    assert [fault for command in found if (fault := fault_in(command))] == []


@pytest.mark.parametrize("name", RUNBOOKS)
def test_every_metric_and_log_line_in_a_runbook_is_there(name: str) -> None:
    spans = re.findall(r"`([^`\n]+)`", (FOLDER / name).read_text())
    named = {match[0] for span in spans if (match := re.match(r"linkages_[a-z_]+", span))}
    assert named - metric_names(metrics.REGISTRY) == set()
    lines = {span for span in spans if re.fullmatch(r"(relay|reader|decider|alert|loop)\.[a-z_]+", span)}
    assert lines - log_names() == set()


@pytest.mark.parametrize("name", RUNBOOKS)
def test_every_link_of_a_runbook_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (FOLDER / name).read_text())
    assert [link for link in links if not (FOLDER / link).exists()] == []


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("       linkages dead-letters retry --every", "dead-letters retry --every"),
        ("see `linkages dead-letter list`", "dead-letter list"),
        (
            "       linkages replay cws --since 2026-01-31 --county 43",
            "replay cws --since 2026-01-31 --county 43",
        ),
    ],
)
def test_a_planted_wrong_command_is_found(text: str, command: str) -> None:
    assert commands_of(text) == [command]
    assert fault_in(command)
