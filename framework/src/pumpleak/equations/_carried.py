"""Carrying an object past a cache's key."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Carried(Generic[T]):
    """An argument of a cached function that does not count for the cache.

    Args:
        item: what the function needs where the other arguments are new.

    >>> Carried(1) == Carried(2)
    True
    """

    def __init__(self, item: T) -> None:
        self.item = item

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Carried)
