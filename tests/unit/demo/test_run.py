"""A whole run against a stand-in for the system; and the child, which leaves nothing behind."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from services.demo.child import Child, ChildDied
from services.demo.run import Options, run_demo, run_once
from services.demo.workers import Worker

FAKE = (sys.executable, str(Path(__file__).with_name("fake_system.py")))


@pytest.fixture(autouse=True)
def _import_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    monkeypatch.setenv("LINKAGES_DATA_DIR", "/nowhere/of/anybody")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_run_finds_every_due_alert_and_leaves_nothing_behind(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with Child(program=FAKE) as child:
        directory, pid = child.directory, child.pid
        figures = await run_once(Options(families=14, seed=3, rate=40, once=True), child)
    assert figures.ok
    assert figures.lost == figures.duplicated == figures.disclosed == figures.refused == 0
    assert figures.wrong_links == 0
    assert figures.events == figures.events_expected > 50
    assert figures.intakes > 14
    assert set(figures.alerts) >= {"A01", "A05", "A09"}
    assert figures.latency_ms.p99 is not None
    assert figures.rate > 5
    assert capsys.readouterr().out == ""
    assert not directory.exists()
    assert pid is not None
    assert not _alive(pid)


async def test_the_demo_shows_both_personas_their_first_alerts_within_seconds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def link(worker: Worker) -> str:
        return f"http://here/{worker.ref}"

    async with Child(program=FAKE) as child:
        demo = asyncio.create_task(run_demo(Options(seed=3), child, link))
        said = ""
        async with asyncio.timeout(20):
            while not all(f"an alert for {name}" in said for name in ("Rosa Delgado", "Kim Tran")):
                await asyncio.sleep(0.1)
                said += capsys.readouterr().err
        demo.cancel()
        await asyncio.gather(demo, return_exceptions=True)
    assert "social worker: http://here/cws-case-01" in said
    assert "employment specialist: http://here/calworks-wtw-01" in said


async def test_a_child_that_never_starts_says_why() -> None:
    words = (sys.executable, "-c", "import sys; sys.exit('no database here')")
    with pytest.raises(ChildDied, match="no database here"):
        async with Child(program=words):
            pass


async def test_a_child_that_dies_by_itself_ends_the_run() -> None:
    async with Child(program=FAKE) as child:
        assert child.pid is not None
        running = asyncio.create_task(run_once(Options(families=40, rate=10, once=True), child))
        await asyncio.sleep(1.0)
        os.kill(child.pid, 9)
        with pytest.raises(ChildDied, match="ended with status -9"):
            async with asyncio.timeout(10):
                await running


async def test_a_child_that_was_killed_on_purpose_starts_again_on_its_port() -> None:
    async with Child(program=FAKE) as child:
        before, port = child.pid, child.port
        watching = asyncio.create_task(child.died())
        await child.kill()
        await child.start()
        await asyncio.sleep(0.5)
        assert not watching.done()
        watching.cancel()
        assert (child.port, child.kills) == (port, 1)
        assert child.pid != before


async def test_a_failing_command_is_told() -> None:
    async with Child(program=FAKE) as child:
        with pytest.raises(ChildDied, match="linkages links --out"):
            await child.command("links", "--out", "/nowhere/of/anybody/links.csv")
