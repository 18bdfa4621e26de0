"""What the embedded default does without: libraries that `linkages[county]` brings."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import Unavailable


@contextmanager
def county_libraries(who: str) -> Iterator[None]:
    """Around an import of them; `who` needs them ("Kafka needs"). Unavailable: they are not installed."""
    try:
        yield
    except ImportError:
        raise Unavailable(f"{who} libraries that are not here: install linkages[county]") from None
