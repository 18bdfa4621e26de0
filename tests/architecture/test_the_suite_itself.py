"""The suite keeps its own rules: what is skipped fails, settings from outside stay outside."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROBES = {
    "skipped": "import pytest\n\n@pytest.mark.skip\ndef test_it() -> None: ...\n",
    "skipped while running": "import pytest\n\ndef test_it() -> None:\n    pytest.skip('no browser here')\n",
    "skipped as a module": "import pytest\npytest.skip('not here', allow_module_level=True)\n",
    "passes": "def test_it() -> None: ...\n",
    "sees settings": "import os\n\ndef test_it() -> None:\n    assert 'LINKAGES_ISSUER' not in os.environ\n",
}


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize("probe", PROBES)
def test_only_what_ran_and_passed_counts(tmp_path: Path, probe: str, workers: str) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (tmp_path / "test_probe.py").write_text(PROBES[probe])
    (tmp_path / "test_passes.py").write_text(PROBES["passes"])
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", workers, "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "LINKAGES_ISSUER": "outside"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode == 0) == ("skipped" not in probe), ran.stdout + ran.stderr
    assert ("counts as a failure" in ran.stdout) == ("skipped" in probe)


def test_the_checks_of_a_change_are_check_and_test() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "set -euo pipefail" in script
    assert [line for line in script.splitlines() if line.startswith("make")] == ["make check", "make test"]
