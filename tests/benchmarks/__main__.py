"""`make bench`: the path's latency and knee as the demo sees them, a REST write and the log beside their peers, and
where the time of one intake goes.

Each figure is one JSON line in `results/NAME.jsonl`: name, ours, peer, unit, ratio, goal, holds, runs, spread, machine,
date. The demo measures from outside, in another process, over the real REST APIs and streams.
"""

import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared import logs
from tests.benchmarks.drain import drain_rates
from tests.benchmarks.identity import latencies
from tests.benchmarks.importing import import_rates
from tests.benchmarks.log import log_rates
from tests.benchmarks.rest import rest_writes
from tests.benchmarks.rest_postgres import rest_writes_on_postgresql
from tests.benchmarks.stages import stage_times

RESULTS = Path(__file__).parent / "results"
RUNS = 3
PIIPAN_TARGET_MS = 5000.0  # from a write to the match it causes, on average: the peer's published target


@dataclass(frozen=True)
class Figure:
    """One measured figure beside its peer; `ratio` is ours to the peer's, `spread` the lowest and highest run."""

    name: str
    ours: float
    peer: float | None
    unit: str
    goal: str
    holds: bool | None
    runs: int
    spread: tuple[float, float]

    def line(self) -> dict[str, Any]:
        """As it is written."""
        ratio = None if not self.peer else round(self.ours / self.peer, 4)
        machine = f"{os.cpu_count()} cores, {_memory()} GiB, {platform.system()} {platform.machine()}"
        return asdict(self) | {
            "ratio": ratio,
            "machine": machine,
            "date": datetime.now(UTC).date().isoformat(),
        }


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _demo(*options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "services.cli", "demo", "--once", "--json", *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, timeout=1800)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _figure(name: str, values: list[float], unit: str, goal: str, **more: Any) -> Figure:
    return Figure(
        name=name,
        ours=round(statistics.median(values), 2),
        unit=unit,
        goal=goal,
        runs=len(values),
        spread=(round(min(values), 2), round(max(values), 2)),
        **more,
    )


def measure() -> list[Figure]:
    """Every figure of the path."""
    figures = []
    seen = [_demo("--families", "200", "--seed", str(seed + 1)) for seed in range(RUNS)]
    p95 = [run["latency_ms"]["p95"] for run in seen]
    p50 = [run["latency_ms"]["p50"] for run in seen]
    rates = [run["rate"] for run in seen]
    lost = [float(run["lost"] + run["duplicated"]) for run in seen]
    figures.append(_figure("alert_latency_p50", p50, "ms", "-", peer=PIIPAN_TARGET_MS, holds=None))
    figures.append(
        _figure("alert_latency_p95", p95, "ms", "< 300", peer=PIIPAN_TARGET_MS, holds=max(p95) < 300)
    )
    figures.append(_figure("rate_reached", rates, "intakes/s", ">= 18", peer=20.0, holds=min(rates) >= 18))
    figures.append(_figure("lost_or_doubled", lost, "alerts", "0", peer=None, holds=max(lost) == 0))
    knee = [_demo("--families", "60", "--knee")["knee"]]
    figures.append(_figure("knee", knee, "intakes/s", ">= 30", peer=20.0, holds=min(knee) >= 30))
    logs.configure("error", "bench")
    figures += _writes("rest_write", asyncio.run(rest_writes()), bare=0.4)
    figures += _writes("rest_write_postgresql", asyncio.run(rest_writes_on_postgresql()), bare=0.55)
    figures += _log(asyncio.run(log_rates()))
    figures += _on_kafka_and_postgresql()
    figures += _one_new_record()
    figures.append(_figure("import", import_rates(), "rows/s", "-", peer=None, holds=None))
    stages = [asyncio.run(stage_times()) for _ in range(RUNS)]
    for stage in stages[0]:
        values = [run[stage] for run in stages]
        figures.append(_figure(f"stage_{stage}", values, "ms/intake", "-", peer=None, holds=None))
    return figures


def _on_kafka_and_postgresql() -> list[Figure]:
    """The path on real services, and how fast a backlog of it drains beside writing the same rows."""
    run = _demo("--native", "--families", "200")
    p95, lost = [run["latency_ms"]["p95"]], [float(run["lost"] + run["duplicated"])]
    drained = drain_rates()
    one, two, peer = [drained["one"]], [drained["two"]], [drained["peer"]]
    memory = [drained["memory"]]
    return [
        _figure("native_alert_latency_p95", p95, "ms", "< 500", peer=None, holds=p95[0] < 500),
        _figure("native_lost_or_doubled", lost, "alerts", "0", peer=None, holds=lost[0] == 0),
        _beside("drain", one, peer, "intakes/s", 0.05),
        _beside("drain_by_two_processes", two, one, "intakes/s", 1.3),
        _figure("drain_memory", memory, "MB", "< 300", peer=None, holds=memory[0] < 300),
    ]


def _one_new_record() -> list[Figure]:
    """Finding and weighing the candidates of one new record, on both databases, beside Splink over the same people."""
    people = int(os.environ.get("BENCH_PEOPLE", "1000000"))
    found = latencies(people)
    peer = found[f"peer_{people}"]["p50_ms"]
    figures = []
    for name in ("sqlite", "postgresql"):
        small, large = found[f"{name}_{people // 100}"], found[f"{name}_{people}"]
        p50, p99 = large["p50_ms"], large["p99_ms"]
        grows, memory = p50 / small["p50_ms"], large["memory_mb"]
        figures += [
            _figure(f"new_record_{name}_p50", [p50], "ms", "1/300", peer=peer, holds=p50 * 300 <= peer),
            _figure(f"new_record_{name}_p99", [p99], "ms", "< 15", peer=None, holds=p99 < 15),
            _figure(f"new_record_{name}_growth", [grows], "times", "< 3", peer=None, holds=grows < 3),
            _figure(f"new_record_{name}_memory", [memory], "MB", "< 500", peer=None, holds=memory < 500),
        ]
    return figures


def _writes(name: str, rates: dict[str, list[float]], *, bare: float) -> list[Figure]:
    """A REST write beside a handler that runs the same statements, and beside the two inserts alone."""
    return [
        _beside(f"{name}_beside_{peer}", rates["ours"], rates[peer], "writes/s", least)
        for peer, least in (("hand_written", 0.8), ("bare", bare))
    ]


def _log(rates: dict[str, list[float]]) -> list[Figure]:
    """The embedded log beside bare SQLite with the same bytes."""
    return [
        _beside("log_publish", rates["publish"], rates["insert"], "messages/s", None),
        _beside("log_read", rates["read"], rates["select"], "messages/s", None),
    ]


def _beside(name: str, ours: list[float], peers: list[float], unit: str, least: float | None) -> Figure:
    """A rate beside a peer's of the same rounds; `least`: the share of it that is the goal."""
    peer = round(statistics.median(peers), 2)
    holds = None if least is None else statistics.median(ours) >= least * peer
    goal = "-" if least is None else f">= {least:.0%} of it"
    return _figure(name, ours, unit, goal, peer=peer, holds=holds)


def main() -> None:
    """Measure, print and keep."""
    RESULTS.mkdir(exist_ok=True)
    failed = False
    for figure in measure():
        line = figure.line()
        with (RESULTS / f"{figure.name}.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")
        failed |= figure.holds is False
        verdict = {True: "holds", False: "FALLS SHORT", None: ""}[figure.holds]
        sys.stdout.write(
            f"{figure.name:22} {figure.ours:>10} {figure.unit:10} goal {figure.goal:8} {verdict:12}"
            f" runs {figure.runs}, {figure.spread[0]} to {figure.spread[1]}\n"
        )
    sys.exit(1 if failed else 0)


main()
