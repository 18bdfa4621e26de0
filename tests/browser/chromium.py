"""A Chromium to test with: an installed one, else Debian's, else Playwright's own; a test never does without."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_MISSING = (
    "No Chromium was found: install `chromium` or `google-chrome`, or run "
    "`python -m playwright install --with-deps chromium`, then run the tests again."
)


def launch(playwright: Playwright) -> Browser:
    """A headless browser. Fails the test with one sentence when there is none."""
    path = _installed() or _from_debian() or _playwrights_own(playwright)
    if path is None:
        pytest.fail(_MISSING, pytrace=False)
    return playwright.chromium.launch(executable_path=path, headless=True, args=list(_FLAGS))


def _installed() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def _from_debian() -> str | None:
    """Install it where that needs nobody's leave: on Debian, as root."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", "chromium"],
    ):
        subprocess.run(command, env=environment, capture_output=True, check=False, timeout=600)
    return _installed()


def _playwrights_own(playwright: Playwright) -> str | None:
    path = playwright.chromium.executable_path
    if not Path(path).exists():
        install = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(install, capture_output=True, check=False, timeout=600)
    return path if Path(path).exists() else None
