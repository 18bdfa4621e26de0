"""Importing a module builds names and nothing else: no file, no socket, no process, no thread, no settings."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

GUARD = textwrap.dedent(
    """
    import importlib, json, os, sys, threading
    # What these do when they are first imported is not ours.
    import fastapi, uvicorn, structlog, typer, holidays, sqlalchemy.ext.asyncio, alembic.command, httpx, jwt
    import logging, pydantic_settings

    root, here, seen = sys.argv[1], [""], []
    WATCHED = ("sqlite3.connect", "socket.", "subprocess.", "os.mkdir", "os.remove", "os.rename", "os.exec",
               "os.fork", "os.system", "os.posix_spawn", "os.link", "tempfile.", "_thread.start_new_thread",
               "signal.")

    def watch(event, details):
        if event == "open":
            path, mode, flags = details
            written = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
            place = os.path.abspath(path) if isinstance(path, str) else str(path)
            ours = place.startswith(root) and "/.venv/" not in place
            if written or (ours and not place.endswith((".py", ".pyc"))):
                seen.append([here[0], event, place])
        elif event.startswith(WATCHED):
            seen.append([here[0], event, repr(details)[:200]])

    made = pydantic_settings.BaseSettings.__init__
    def init(self, *args, **kwargs):
        seen.append([here[0], "settings", type(self).__name__])
        made(self, *args, **kwargs)
    pydantic_settings.BaseSettings.__init__ = init

    handlers = logging.getLogger().handlers[:]
    sys.addaudithook(watch)
    for module in json.loads(sys.argv[2]):
        here[0] = module
        importlib.import_module(module)
    here[0] = "afterwards"
    if threading.active_count() > 1:
        seen.append(["afterwards", "threads", ""])
    if logging.getLogger().handlers != handlers or structlog.is_configured():
        seen.append(["afterwards", "logging", ""])
    json.dump(seen, sys.stdout)
    """
)


def modules(root: Path) -> list[str]:
    """Every module but the migrations, which Alembic loads in order to run them."""
    return sorted(
        ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        for package in ("services", "shared")
        for file in (root / package).rglob("*.py")
        if "migrations" not in file.parts[:-1] or file.name == "__init__.py"
    )


def work_at_import(root: Path) -> list[list[str]]:
    """What importing does beyond making names: module, kind, detail."""
    ran = subprocess.run(
        [sys.executable, "-c", GUARD, str(root), json.dumps(modules(root))],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found: list[list[str]] = json.loads(ran.stdout)
    return found


def test_importing_every_module_does_no_work() -> None:
    assert work_at_import(ROOT) == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("import sqlite3; sqlite3.connect(':memory:')", "sqlite3.connect"),
        ("import pathlib; pathlib.Path('made').write_text('x')", "open"),
        ("import pathlib; pathlib.Path('pyproject.toml').read_text()", "open"),
        ("import socket; socket.socket()", "socket.__new__"),
        ("import shared.settings; shared.settings.CommonSettings()", "settings"),
        ("import logging; logging.basicConfig()", "logging"),
        ("import shared.logs; shared.logs.configure('info', 'x')", "logging"),
    ],
)
def test_a_planted_line_of_work_is_found(tmp_path: Path, line: str, kind: str) -> None:
    for name in (
        "services/planted.py",
        "shared/settings.py",
        "shared/logs.py",
        "shared/metrics.py",
        "shared/crypto.py",
        "shared/errors.py",
    ):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        (file.parent / "__init__.py").touch()
        file.write_text((ROOT / name).read_text() if (ROOT / name).exists() else f"{line}\n")
    (tmp_path / "pyproject.toml").touch()
    assert kind in {found for _, found, _ in work_at_import(tmp_path)}
