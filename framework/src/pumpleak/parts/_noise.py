"""Channel-number noise: how much a count of flickering channels fluctuates."""

from __future__ import annotations

import math

from .._errors import CompositionError


def relative_conductance_noise(count: float, open_probability: float) -> float:
    """Return standard deviation over mean of the conductance of independent channels.

    The number of open channels is binomial, so this is sqrt((1 - p)/(N p)).

    Args:
        count: number of channels N, above 0.
        open_probability: p, above 0 and up to 1.

    Raises:
        CompositionError: no such population.

    References:
        Hille 2001, ch. 12.

    >>> relative_conductance_noise(100, 0.1)
    0.3
    """
    if not count > 0 or not 0 < open_probability <= 1:
        raise CompositionError(
            f"expected a count above 0 and an open probability in (0, 1], got {count!r} and "
            f"{open_probability!r}"
        )
    return math.sqrt((1.0 - open_probability) / (count * open_probability))
