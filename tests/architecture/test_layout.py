"""What stands where: siblings that look alike, files that can be read, words that do not belong."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MADE = {
    ".git", ".venv", ".venv-linkage", ".linkages", ".hypothesis", ".mypy_cache", ".ruff_cache", ".pytest_cache",
    ".import_linter_cache", "__pycache__", "dist", "results",
}  # fmt: skip
MAX_LINES = 400


def kept_files() -> Iterator[Path]:
    """Every file of the repository."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in MADE]
        yield from (Path(folder) / name for name in files if not name.endswith((".pyc", ".db", ".png")))


def modules(*packages: str) -> list[Path]:
    """The Python files of some folders."""
    return [f for f in kept_files() if f.suffix == ".py" and f.relative_to(ROOT).parts[0] in packages]


def test_siblings_have_the_same_names_at_their_top_level() -> None:
    cws, calworks = (
        {entry.name for entry in (ROOT / "services" / name).iterdir() if entry.name not in MADE}
        for name in ("cws_api", "calworks_api")
    )
    assert cws == calworks


@pytest.mark.parametrize("service", ["cws_api", "calworks_api"])
def test_each_noun_of_a_program_has_address_handler_and_repository_of_one_name(service: str) -> None:
    """A handler or repository without an address of the same name would be out of a reader's sight."""
    names = {
        folder: {file.stem for file in (ROOT / "services" / service / folder).glob("*.py")}
        for folder in ("routes", "handlers", "repository")
    }
    assert names["handlers"] <= names["routes"]
    assert names["repository"] == names["routes"]


def test_every_service_says_what_it_owns_and_where_to_start() -> None:
    for service in ("cws_api", "calworks_api", "matcher"):
        readme = ROOT / "services" / service / "README.md"
        assert readme.is_file(), f"{readme.relative_to(ROOT)} is missing"
        assert "app.py" in readme.read_text()


def test_no_file_is_longer_than_can_be_read() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for file in modules("services", "shared", "tests")
        if (lines := len(file.read_text().splitlines())) > MAX_LINES
    }
    assert not long


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(file.relative_to(ROOT))
        for file in modules("services", "shared", "tests")
        if not ast.get_docstring(ast.parse(file.read_text()))
    ]
    assert not silent


def test_nothing_is_inherited_from_a_base_service() -> None:
    """Siblings call what is shared; they never fill in its hooks."""
    found = [
        f"{file.relative_to(ROOT)}:{node.name}"
        for file in modules("services", "shared")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ClassDef)
        and re.search(r"Base(Service|Handler|Repository|Work)|Mixin$", node.name)
    ]
    assert not found


PROGRAM_IDEAS = re.compile(
    r"referral|removal|sanction|non-?compliance|cal-?works|calsaws|cares\b|\bcws\b|cws_|\bwtw|foster|"
    r"child welfare|assistance unit|household|eligib|medi-cal|placement|\baid\b|welfare|er_worker|case_worker",
    re.IGNORECASE,
)
# Outside `shared/events`: the two topics, the programs' names in keys, and the roles of the token.
ALLOWED_IDEAS = {
    "shared/bus/__init__.py": {'CWS_TOPIC = "linkages.cws.v1"', 'CALWORKS_TOPIC = "linkages.calworks.v1"'},
    "shared/crypto.py": {
        '"""The keyring of `cws`, `calworks` or `matcher` (the matcher\'s own store)."""',
        'def county(programs: tuple[str, ...] = ("cws", "calworks", "matcher")) -> "KeyFile.County":',
    },
    "shared/web/auth.py": {
        'Program = Literal["cws", "calworks"]',
        'CWS_ROLES = frozenset({"er_worker", "case_worker", "cws_supervisor", "tdm_facilitator", "cws_clerk"})',
        'CALWORKS_ROLES = frozenset({"eligibility_worker", "wtw_worker", "calworks_supervisor", "calworks_clerk"})',
        'ROLES_OF_THE_OTHER = {"cws": CALWORKS_ROLES, "calworks": CWS_ROLES}',
        "ROLES = CWS_ROLES | CALWORKS_ROLES | BOTH_ROLES | OTHER_ROLES",
        'if program not in ("cws", "calworks", None):',
    },
}


def test_what_is_shared_names_no_idea_of_a_program() -> None:
    found = []
    for file in modules("shared"):
        path = file.relative_to(ROOT).as_posix()
        if path.startswith("shared/events/"):
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if PROGRAM_IDEAS.search(line) and line.strip() not in ALLOWED_IDEAS.get(path, set()):
                found.append(f"{path}:{number}: {line.strip()}")
    assert not found


# Put together here, so that this file does not hold what it forbids.
FORBIDDEN = re.compile(
    "|".join(
        (
            "/" + "work/",
            r"\.\./" + "shared",
            "/ro" + "ot/",
            "tmp" + "/spec",
            "files.python" + "hosted",
            "pypi" + r"\.org",
            "registry.npm" + "js",
            "repo.maven" + r"\.apache",
            r"--(extra-)?index" + "-url",
            "--find" + "-links",
        )
    )
)


def test_no_file_names_a_place_of_the_machine_it_was_written_on_or_a_registry() -> None:
    found = []
    for file in kept_files():
        try:
            lines = file.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{file.relative_to(ROOT)}:{n}" for n, line in enumerate(lines, 1) if FORBIDDEN.search(line)
        ]
    assert not found


def test_the_lock_has_a_hash_for_each_package_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    packages = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]
    assert packages
    assert all("--hash=sha256:" in package for package in packages)
    assert "://" not in lock


def test_every_target_of_the_makefile_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())  # type: ignore[index]
    explained = set(re.findall(r"^([a-z]+):.*## \S", makefile, re.MULTILINE))
    assert explained == targets
    assert {"help", "install", "demo", "test", "check", "bench"} <= targets
