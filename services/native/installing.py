"""Finds the programs that a service needs; installs them where this machine lets us."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import Unavailable

_INSTALL_WITHIN = 600.0  # seconds
SHARE = Path(sys.prefix) / "share" / "linkages"
"""Where what the environment brings beside its packages is kept."""


def say(line: str) -> None:
    """A line about what is being fetched, on standard error."""
    sys.stderr.write(f"==> {line}\n")
    sys.stderr.flush()


def found_or_installed(what: str, find: Callable[[], Path | None], packages: tuple[str, ...]) -> Path:
    """Where something is; if nowhere, after asking apt for the packages, where we may.

    Unavailable: it could not be had; the sentence says what to install.
    """
    if (path := find()) is not None:
        return path
    said = _apt(what, packages)
    if (path := find()) is not None:
        return path
    raise Unavailable(
        f"{what} is missing: install it, on Debian and Ubuntu `apt-get install {' '.join(packages)}`{said}"
    )


def _apt(what: str, packages: tuple[str, ...]) -> str:
    """Install by apt; what it said if that failed, and nothing where we may not."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return ""
    say(f"{what}, by apt-get")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *packages]):
        try:
            ran = subprocess.run(  # noqa: S603 - names from this package
                [apt, *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_INSTALL_WITHIN,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f" (apt-get {arguments[0]} took more than {_INSTALL_WITHIN:.0f} s)"
    return "" if ran.returncode == 0 else f" (apt-get said: {ran.stderr.strip()[-300:]})"


def java() -> Path:
    """A Java that is new enough for the broker. Unavailable: there is none."""
    return found_or_installed("Java 17", _java, ("default-jre-headless",))


def maven() -> Path:
    """Maven. Unavailable: there is none."""
    return found_or_installed("Maven", lambda: _which("mvn"), ("maven",))


def _java() -> Path | None:
    home = os.environ.get("JAVA_HOME")
    for path in (Path(home) / "bin" / "java" if home else None, _which("java")):
        if path is None or not path.exists():
            continue
        said = subprocess.run([path, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
        version = re.search(r'version "(\d+)', said.stderr)
        if version is not None and int(version[1]) >= 17:  # noqa: PLR2004 - the first that Kafka 4 runs on
            return path
    return None


def _which(name: str) -> Path | None:
    path = shutil.which(name)
    return None if path is None else Path(path)


@contextmanager
def one_at_a_time(file: Path) -> Iterator[None]:
    """Only one process at a time does what stands in this block."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
