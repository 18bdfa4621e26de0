"""What the embedded default does without: libraries that `linkages[county]` and `linkages[bulk]` bring."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import Unavailable


@contextmanager
def county_libraries(who: str) -> Iterator[None]:
    """Around an import of them; `who` needs them ("Kafka needs"). Unavailable: they are not installed."""
    with _libraries(who, "county"):
        yield


@contextmanager
def bulk_libraries(who: str) -> Iterator[None]:
    """The same for those of `linkages[bulk]`."""
    with _libraries(who, "bulk"):
        yield


@contextmanager
def _libraries(who: str, extra: str) -> Iterator[None]:
    try:
        yield
    except ImportError:
        raise Unavailable(f"{who} libraries that are not here: install linkages[{extra}]") from None
