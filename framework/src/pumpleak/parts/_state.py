"""States that a mechanism owns beside the membrane's: gates, occupancies, pools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from .._errors import PhysicsError


@attrs.frozen(kw_only=True, eq=False)
class Gate:
    """A gate in 0..1, by its rates or by its steady value.

    Give `alpha` and `beta` (opening and closing rates), or `steady` with a time constant `tau`.
    `steady` alone is an instantaneous gate, which follows the voltage without delay.

    Args:
        alpha: opening rate, 1/time.
        beta: closing rate, 1/time.
        steady: steady value.
        tau: time constant, time.
        power: how many such gates one channel has.
        scale: speeds both rates up, such as a Q10 factor.
    """

    alpha: Any = None
    beta: Any = None
    steady: Any = None
    tau: Any = None
    power: float = 1
    scale: Any = 1

    def __attrs_post_init__(self) -> None:
        by_rates = self.alpha is not None and self.beta is not None
        if by_rates == (self.steady is not None) or (self.tau is not None and by_rates):
            raise PhysicsError("a Gate takes alpha and beta, or steady with or without tau")

    @property
    def is_instantaneous(self) -> bool:
        """Whether it follows without delay."""
        return self.alpha is None and self.tau is None

    def steady_value(self) -> Any:
        """Return the value at which it rests."""
        return self.alpha / (self.alpha + self.beta) if self.steady is None else self.steady

    def rate(self, x: Any) -> Any:
        """Return dx/dt at value `x`."""
        if self.steady is None:
            return self.scale * (self.alpha * (1 - x) - self.beta * x)
        return self.scale * (self.steady - x) / self.tau


@attrs.frozen(kw_only=True, eq=False)
class Pool:
    """A quantity with a rate of change of its own, such as a calcium pool.

    The mechanism's class declares it: ``pools = {"Ca": ("1e-6 mM", "10 mM")}`` gives its unit and
    where to search.

    Args:
        change: its rate of change, in its own unit per time.
    """

    change: Any


@attrs.frozen(kw_only=True, eq=False)
class Occupancies:
    """All states of a Markov scheme: rates between them, and the stationary occupancies.

    Args:
        rates: transition rate by (from, to), 1/time.
        states: names in order.
    """

    rates: Mapping[tuple[str, str], Any]
    states: tuple[str, ...]


State = Gate | Pool | Occupancies


def stationary_occupancy(
    rates: Mapping[tuple[str, str], Any], xp: Any, states: Iterable[str] | None = None
) -> dict[str, Any]:
    """Return the stationary occupancy of each state of a Markov scheme.

    Grassmann, Taksar and Heyman's elimination: no subtraction, so every occupancy is right to
    rounding however far the rates lie apart, in any number system.

    Args:
        rates: transition rate by (from, to), 1/time; absent pairs do not communicate.
        xp: the number system.
        states: names in order; by default as they appear.

    Returns:
        Occupancies that add up to 1.

    Raises:
        PhysicsError: a state that cannot be left for the rest of the scheme.

    References:
        Grassmann, Taksar and Heyman 1985, Operations Research 33:1107.

    >>> from pumpleak.numbers._numbers import Floats
    >>> stationary_occupancy({("C", "O"): 1.0, ("O", "C"): 3.0}, Floats())
    {'C': 0.75, 'O': 0.25}
    """
    every = tuple(dict.fromkeys(states or (name for pair in rates for name in pair)))
    names = _visited_for_ever(every, rates)
    k: dict[tuple[int, int], Any] = {
        (names.index(a), names.index(b)): rate
        for (a, b), rate in rates.items()
        if a != b and a in names and b in names
    }
    leaving: dict[int, Any] = {}
    for n in range(len(names) - 1, 0, -1):
        into = [j for j in range(n) if (n, j) in k]
        leaving[n] = xp.let(_total(k[n, j] for j in into))
        for i in range(n):
            if (i, n) not in k:
                continue
            share = xp.let(k[i, n] / leaving[n])
            for j in into:
                if i != j:
                    detour = share * k[n, j]
                    k[i, j] = xp.let(k[i, j] + detour if (i, j) in k else detour)
    weight: dict[int, Any] = {0: 1.0}
    for n in range(1, len(names)):
        flows = [weight[i] * k[i, n] for i in range(n) if (i, n) in k]
        weight[n] = xp.let(_total(flows) / leaving[n]) if flows else 0.0
    total = xp.let(_total(weight.values()))
    stays = {name: xp.let(weight[i] / total) for i, name in enumerate(names)}
    return {name: stays.get(name, 0.0) for name in every}


def _visited_for_ever(
    names: tuple[str, ...], rates: Mapping[tuple[str, str], Any]
) -> tuple[str, ...]:
    """Return the states that can be reached from every other; the rest are left for good.

    Raises:
        PhysicsError: there is none, so that what is stationary depends on the start.
    """
    reach = {name: {name} for name in names}
    for _ in names:
        for a, b in rates:
            if a != b:
                for name in names:
                    if a in reach[name]:
                        reach[name].add(b)
    common = set(names).intersection(*reach.values())
    if not common or len(common) == 1 < len(names):
        # An absorbing state is a rate forgotten; two closed parts have no stationary occupancy.
        stuck = next(name for name in names if all(name in reach[other] for other in reach[name]))
        raise PhysicsError(
            f"state {stuck!r} of a Markov scheme cannot be left for the rest of it; "
            f"give a rate from {stuck!r} to another state"
        )
    return tuple(name for name in names if name in common)


def _total(values: Iterable[Any]) -> Any:
    values = list(values)
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total
