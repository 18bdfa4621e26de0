"""Which tests one worker runs one after another: those of a file, and of files that share what there is one of."""

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "tests/contract/test_postgres_setup.py": "the roles of a PostgreSQL server",
    "tests/contract/test_row_security.py": "the roles of a PostgreSQL server",
}


class ByFile(LoadScopeScheduling):
    """A file at a time: what its tests share is made once."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, _ = nodeid.partition("::")
        return TOGETHER.get(file, file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    """In place of xdist's own: its groups by marker need names of tests that pytest no longer lets it change."""
    return ByFile(config, log)  # type: ignore[arg-type]
