"""What libraries log is told without values; what is left out is counted."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.logs import ALLOWED
from shared.trace import begin, trace_id_of

ROOT = Path(__file__).parents[2]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def logged(*lines: str) -> list[dict[str, Any]]:
    """What a process that runs these lines writes to its log."""
    program = [
        "import asyncio, logging, structlog",
        "from shared import logs",
        "logs.configure('info', 'cws')",
        *lines,
    ]
    ran = subprocess.run(
        [sys.executable, "-c", "\n".join(program)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ran.stdout == ""
    return [json.loads(line) for line in ran.stderr.splitlines()]


def test_a_librarys_message_keeps_its_fixed_part_and_loses_what_was_put_into_it() -> None:
    (line,) = logged(
        "logging.getLogger('aiokafka.conn').error('Unable to connect to %s as %s', 'kafka:9092', 'Ana')"
    )
    assert (line["event"], line["level"], line["service"]) == ("library.message", "error", "cws")
    assert (line["logger"], line["reason"]) == ("aiokafka.conn", "Unable to connect to %s as %s")
    assert set(line) <= ALLOWED


def test_an_error_in_a_library_is_named_with_its_place_and_not_its_words() -> None:
    (line,) = logged(
        "def parse(text):",
        "    raise ValueError(text)",
        "try:",
        "    parse('Ana Reyes 612-47-8391')",
        "except ValueError:",
        "    logging.getLogger('uvicorn.error').exception('Exception in ASGI application')",
    )
    assert line["error"] == "ValueError"
    assert line["where"].startswith("<string>:")
    assert "Ana" not in json.dumps(line)


def test_a_task_that_failed_unheard_is_told_without_what_it_held() -> None:
    lines = logged(
        "async def fail():",
        "    raise ValueError('Ana Reyes 612-47-8391')",
        "async def main():",
        "    asyncio.ensure_future(fail())",
        "    await asyncio.sleep(0.01)",
        "asyncio.run(main())",
        "import gc; gc.collect()",
    )
    assert [(line["logger"], line["reason"]) for line in lines] == [
        ("asyncio", "Task exception was never retrieved")
    ]
    assert "Ana" not in json.dumps(lines)


def test_what_libraries_chat_about_is_not_kept() -> None:
    assert logged("logging.getLogger('alembic').info('Running upgrade')") == []


def test_fields_that_are_left_out_are_counted() -> None:
    (line, told) = logged(
        "structlog.get_logger().info('request', status=200, name='Ana', ssn='612478391')",
        "from shared.metrics import REGISTRY",
        "count = REGISTRY.get_sample_value('linkages_log_fields_left_out_total')",
        "structlog.get_logger().info('told', count=count)",
    )
    assert line["status"] == 200
    assert told["count"] == 2


def test_configuring_twice_does_not_say_things_twice() -> None:
    assert len(logged("logs.configure('info', 'cws')", "logging.getLogger('x').warning('once')")) == 1


@pytest.mark.parametrize(
    ("given", "trace"),
    [
        (f"00-{TRACE}-00f067aa0ba902b7-01", TRACE),
        (f"00-{TRACE.upper()}-00f067aa0ba902b7-01", None),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"01-{TRACE}-00f067aa0ba902b7-01", None),
        (f"00-{TRACE}-00f067aa0ba902b7-01\n", None),
        ("", None),
        (None, None),
    ],
)
def test_a_trace_is_taken_from_the_caller_only_in_its_form(given: str | None, trace: str | None) -> None:
    assert trace_id_of(given) == trace
    begun = begin(given)
    assert trace_id_of(begun) is not None
    assert (trace_id_of(begun) == trace) == (trace is not None)
    assert begun != given
