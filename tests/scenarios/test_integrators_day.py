"""The day of an integrator: every block of the guide is run, in order, against the real system."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.living import SECRET, System, social_worker

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "deploy" / "guides" / "integrate.md"
BLOCK = re.compile(r"^```(bash|python|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    one = System(tmp_path / "system")
    one.data_dir.mkdir()
    try:
        one.start()
        yield one
    finally:
        one.stop()


def as_one_script(guide: str, folder: Path) -> str:
    """The shell blocks in one shell; a Python block is a program that it runs."""
    lines = ["set -euo pipefail"]
    for number, (language, code) in enumerate(BLOCK.findall(guide)):
        if language == "bash":
            lines.append(code)
        if language == "python":
            file = folder / f"block_{number}.py"
            file.write_text(code)
            lines.append(f"python3 {file.name}")
    return "\n".join(lines)


def test_every_block_of_the_guide_works_in_order(system: System, tmp_path: Path) -> None:
    folder = tmp_path / "integrator"
    folder.mkdir()
    ran = subprocess.run(
        ["bash", "-c", as_one_script(GUIDE.read_text(), folder)],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": f"{folder}:{ROOT}",
            "LINKAGES": f"http://127.0.0.1:{system.port}",
            "LINKAGES_DATA_DIR": str(system.data_dir),
            "LINKAGES_TOKEN_SECRET": SECRET,
            "NO_PROXY": "127.0.0.1",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert '"pointer":"/received_at"' in ran.stdout
    assert re.search(r"^verdict \S+$", ran.stdout, re.MULTILINE)
    acknowledged = [one for one in system.alerts(social_worker("w-1001")) if one["state"] == "acknowledged"]
    assert [one["type"] for one in acknowledged] == ["A01"]


def test_the_guide_says_only_what_is_run() -> None:
    fences = re.findall(r"^```(\w+)$", GUIDE.read_text(), re.MULTILINE)
    assert set(fences) == {"bash", "console", "python"}
    (console,) = (code for language, code in BLOCK.findall(GUIDE.read_text()) if language == "console")
    assert console.startswith("$ linkages up --port 8000\n")  # what the test starts by itself
