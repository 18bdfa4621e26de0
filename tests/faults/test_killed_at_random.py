"""The system is killed at random while a county streams in, and starts again: nothing is lost and nothing doubled."""

import asyncio
import json
import sys

import pytest

pytestmark = pytest.mark.alone

WITHIN = 300  # seconds


async def test_a_system_killed_three_times_loses_nothing_and_doubles_nothing() -> None:
    demo = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "services.cli", "demo", "--once", "--json"),
        *("--families", "120", "--rate", "20", "--kill", "3", "--seed", "7"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(demo.communicate(), WITHIN)
    finally:
        if demo.returncode is None:
            demo.terminate()
            await demo.wait()
    assert demo.returncode == 0, err.decode()[-2000:]
    figures = json.loads(out)
    assert figures["kills"] == 3
    assert figures["events"] == figures["events_expected"], "every accepted write has its event"
    for nothing in ("lost", "duplicated", "wrong_links", "missed", "disclosed", "refused"):
        assert figures[nothing] == 0, nothing
    assert figures["alerts"]["A01"] > 10
    assert figures["withheld"]
