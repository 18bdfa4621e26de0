"""What tests of faults have in common."""

from collections.abc import Iterator

import pytest

from tests.faults.stand import Stand


@pytest.fixture(scope="package")
def stand() -> Iterator[Stand]:
    """The county's system, on one broker and one database server, for every test that leaves it running."""
    with Stand(brokers=1) as one:
        yield one
