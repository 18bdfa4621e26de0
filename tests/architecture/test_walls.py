"""The walls of the import contracts hold, and each is known to stop what it is there to stop."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
NAMES = {contract["id"]: contract["name"] for contract in CONTRACTS}

# contract, module that gets the import, what it imports
PLANTED = [
    ("shared-is-below", "shared/crypto.py", "services.matcher.due"),
    ("shared-is-below", "shared/events/cws.py", "services.cws_api.domain.client"),
    ("services-are-strangers", "services/cws_api/work.py", "services.calworks_api.work"),
    ("services-are-strangers", "services/calworks_api/handlers/persons.py", "services.cws_api.tables"),
    ("services-are-strangers", "services/matcher/index.py", "services.cws_api.tables"),
    ("services-are-strangers", "services/cws_api/app.py", "services.matcher.due"),
    ("composition-root", "services/another.py", "services.matcher.app"),
    ("composition-root", "services/demo/run.py", "services.calworks_api.settings"),
    ("composed-from-above", "services/matcher/app.py", "services.local"),
    ("composed-from-above", "services/cws_api/app.py", "services.cli"),
    ("composed-from-above", "services/calworks_api/app.py", "services.contracts"),
    ("demo-stands-outside", "services/demo/calls.py", "services.local"),
    ("demo-stands-outside", "services/demo/county.py", "services.matcher.identity.names"),
    ("program-rules-are-pure", "services/cws_api/domain/removal.py", "sqlalchemy"),
    ("program-rules-are-pure", "services/calworks_api/domain/sanction.py", "fastapi"),
    # by way of something else
    ("program-rules-are-pure", "services/cws_api/domain/client.py", "shared.database"),
    ("matcher-rules-are-pure", "services/matcher/disclosure/decide.py", "httpx"),
    ("matcher-rules-are-pure", "services/matcher/identity/names.py", "services.matcher.due"),
    *(
        ("matcher-rules-are-pure", f"{module.replace('.', '/')}.py", "sqlalchemy")
        for contract in CONTRACTS
        if contract["id"] == "matcher-rules-are-pure"
        for module in contract["source_modules"]
    ),
]


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a tree, which goes before this one on the path."""
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--no-logo"],
        cwd=tree,
        env={"PYTHONPATH": str(tree), "PATH": "", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The modules of the project in another place."""
    tree = tmp_path_factory.mktemp("tree")
    (tree / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    for package in ("services", "shared"):
        for file in (ROOT / package).rglob("*.py"):
            to = tree / file.relative_to(ROOT)
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_text(file.read_text())
    return tree


def test_the_walls_hold_and_a_copy_of_the_tree_is_judged_by_itself(copy: Path) -> None:
    for tree in (ROOT, copy):
        judged = lint(tree)
        assert judged.returncode == 0, judged.stdout + judged.stderr
        assert f"{len(CONTRACTS)} kept, 0 broken" in judged.stdout


@pytest.mark.parametrize(("contract", "module", "imported"), PLANTED)
def test_a_planted_import_breaks_the_wall_it_goes_through(
    copy: Path, contract: str, module: str, imported: str
) -> None:
    file = copy / module
    before = file.read_text() if file.exists() else None
    file.write_text(f'"""Planted."""\nimport {imported}\n{before or ""}'.replace("from __future__", "# "))
    try:
        judged = lint(copy)
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_text(before)
    assert judged.returncode == 1, judged.stdout + judged.stderr
    assert f"{NAMES[contract]} BROKEN" in judged.stdout


def test_every_wall_has_been_seen_to_stop_something() -> None:
    assert {contract for contract, *_ in PLANTED} == set(NAMES)


def test_every_module_of_rules_is_behind_the_wall() -> None:
    """A new pure module of the matcher joins the contract; what is left out says why it cannot."""
    behind = {
        module for c in CONTRACTS if c["id"] == "matcher-rules-are-pure" for module in c["source_modules"]
    }
    named = {
        "identity": "person names blocking scoring decision cluster record register",
        "disclosure": "release policy decide request",
        "coordination": "household mutual_case fact",
        "alerts": "catalogue circumstances derive deadlines routing inbox content",
    }
    assert {
        f"services.matcher.{part}.{module}" for part, modules in named.items() for module in modules.split()
    } <= behind
