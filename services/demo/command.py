"""What `linkages demo` does, from its options to its exit status."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer

from services.demo.child import Child, ChildDied
from services.demo.figures import Figures
from services.demo.run import Options, find_knee, run_demo, run_once, say
from services.demo.workers import Worker
from shared.web.session import one_time_link

_DEMO_PORT = 8000
_FAILED, _STOPPED = 1, 130


def demo(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Run the stream to its end and print the figures")
    ] = False,
    families: Annotated[int, typer.Option(min=1, help="Families in the stream")] = 200,
    seed: Annotated[int, typer.Option(help="Another seed makes another county")] = 1,
    rate: Annotated[float | None, typer.Option(min=0.1, help="Intakes a second; measured runs: 20")] = None,
    kill: Annotated[int, typer.Option(min=0, help="Kill the system this often, at random")] = 0,
    knee: Annotated[bool, typer.Option("--knee", help="Raise the pace until alerts take a second")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object")] = False,
    port: Annotated[
        int | None, typer.Option(help="Port of the system; a free one for a measured run")
    ] = None,
    native: Annotated[bool, typer.Option("--native", help="On Apache Kafka and PostgreSQL")] = False,
) -> None:
    """Stream a made-up county through the real system. Ctrl-C leaves nothing behind."""
    raise typer.Exit(
        _run(
            Options(
                families=families,
                seed=seed,
                rate=rate,
                kill=kill,
                once=once or knee,
                knee=knee,
                json=as_json,
                port=port,
                native=native,
            )
        )
    )


def _run(options: Options) -> int:
    """Run the demo; the exit status. The figures go to standard output, everything else to standard error.

    Without `once` it goes on until Ctrl-C. `port` None: 8000 then, a free one for a measured run.
    """
    children: list[Child] = []
    try:
        return asyncio.run(_main(options, children))
    except (KeyboardInterrupt, asyncio.CancelledError):
        say("\nStopped.")
        return _STOPPED if options.once else 0
    except ChildDied as died:
        say(f"The demo ends: {died}")
        return _FAILED
    finally:
        for child in children:  # what a second Ctrl-C interrupted
            child.clear()


async def _main(options: Options, children: list[Child]) -> int:
    _stop_on_signals()
    if not options.once:
        async with _child(children, options, options.port or _DEMO_PORT) as child:
            await run_demo(options, child, _links(child))
        return 0
    async with _child(children, options, options.port) as child:
        figures = await run_once(options, child)
    if options.knee:
        async with _child(children, options, options.port) as child:
            figures.knee = await find_knee(options, child)
    _print(figures, as_json=options.json)
    return 0 if figures.ok else _FAILED


def _child(children: list[Child], options: Options, port: int | None) -> Child:
    child = Child(port=port, native=options.native)
    children.append(child)
    return child


def _links(child: Child) -> Callable[[Worker], str]:
    def link(worker: Worker) -> str:
        return one_time_link(
            child.secret,
            child.address("matcher"),
            county=child.county,
            program=worker.side,
            roles=list(worker.roles),
            worker=worker.ref,
            now=datetime.now(UTC),
        )

    return link


def _stop_on_signals() -> None:
    """SIGTERM and SIGHUP end the demo as Ctrl-C does."""
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def _print(figures: Figures, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(figures.told()) + "\n")
        sys.stdout.flush()
        return
    for name, value in figures.told().items():
        say(f"{name:16} {value}")
