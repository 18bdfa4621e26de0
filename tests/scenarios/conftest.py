"""The matchers of tests/order serve here too."""

from tests.order.conftest import arena

__all__ = ["arena"]
