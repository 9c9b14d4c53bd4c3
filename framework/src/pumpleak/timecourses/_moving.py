"""What a time course follows: variables, their rates, and what can be seen of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane


class Moving(Protocol):
    """What a time course follows; `x` holds its variables, shape (n,)."""

    membrane: Membrane
    names: tuple[str, ...]

    def rates(self, x: Any) -> Any:
        """Return dx/dt, per ms, shape (n,)."""

    def jacobian(self, x: Any) -> Any:
        """Return d(rates)/dx, per ms, shape (n, n)."""

    def coordinates(self, x: Any) -> tuple[Any, Any]:
        """Return a matrix that makes scaled coordinates of x, (n, n), and their rounding, (n,)."""

    def trouble(self, x: Any) -> str | None:
        """Return what has run away, in words, or None."""

    def seen(self, x: Any) -> dict[Any, Any]:
        """Return what can be seen at many times.

        Args:
            x: shape (n, times).

        Returns:
            By name, or by (what, which): V, volume, concentrations, currents; each (times,).
        """

    def after(self, membrane: Membrane, changed: Iterable[str], x: Any) -> tuple[Self, Any]:
        """Return what goes on with other parameters, and its variables; nothing jumps.

        Args:
            membrane: with the new parameters.
            changed: the names that an event gave.
            x: the variables then.
        """
