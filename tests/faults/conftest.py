"""The small folder of the tests of writing."""

from tests.writing.conftest import numbers, write

__all__ = ["numbers", "write"]
