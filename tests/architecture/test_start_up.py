"""A process reads the code of the part that it runs, and no other's: a part that was killed is waited for."""

import subprocess
import sys

import pytest

LARGE = ("services.cws_api.app", "services.calworks_api.app", "services.matcher.app", "services.demo")


@pytest.mark.parametrize("module", ["services.cli", "services.running", "services.watching"])
def test_what_starts_a_part_reads_no_app(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import {module}, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert module in done.stdout.split()
    assert set(LARGE).isdisjoint(done.stdout.split())
