"""What holds for every test: no settings from outside, no skipping, no time limit on a single example."""

import os
from collections.abc import Iterator

import hypothesis
import pytest
import structlog

_KEPT = "LINKAGES_TEST_"

pytest_plugins = ["tests.scheduling", "tests.services", "tests.databases"]


def pytest_configure() -> None:
    """Keep the settings of whoever runs the tests out of them, but for those of the tests themselves."""
    for name in [name for name in os.environ if name.startswith("LINKAGES_") and not name.startswith(_KEPT)]:
        del os.environ[name]
    hypothesis.settings.register_profile("linkages", deadline=None, print_blob=True)
    hypothesis.settings.load_profile("linkages")


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command that is run in a test sends logs to the test's own stream, which is closed after it."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test is a failure: what it needs is to be installed, or the test is to go."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        reporter.write_line("Some tests were skipped, which counts as a failure here.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
