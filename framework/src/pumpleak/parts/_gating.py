"""Gating: how the open probability of a channel follows from the local state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from .._errors import CompositionError
from ._local import LocalState
from ._part import Part, parameter
from ._state import Gate, Occupancies, State


class Gating(Part):
    """Base of gatings. A subclass writes ``open_probability(self, s)``, and perhaps ``states``.

    Args:
        source: where its numbers come from.
        measured: whether they were measured there.
    """

    source: str = attrs.field(default="assumed")
    measured: bool = attrs.field(default=False)

    def own_states(self, s: LocalState) -> Mapping[str, State]:
        """Return its gates by name."""
        states = getattr(self, "states", None)
        return states(s) if states is not None else {}

    def open_fraction(self, s: LocalState) -> Any:
        """Return the open probability, 0..1."""
        return self.open_probability(s)  # type: ignore[attr-defined]


class Constant(Gating):
    """An open probability that depends on nothing.

    Args:
        p: open probability.
    """

    p = parameter(1.0, source="by definition: the density counts open channels", bounds=(0, 1))

    def open_probability(self, s: LocalState) -> Any:
        """Return p."""
        return self.p


class Boltzmann(Gating):
    """Two states in voltage-dependent equilibrium.

    Args:
        V_half: voltage of half activation.
        z_g: gating charge, elementary charges; negative where hyperpolarisation opens.

    References:
        Hille 2001, eq. 2.22.
    """

    V_half = parameter("-40 mV", source="assumed")
    z_g = parameter(1.0, source="assumed", bounds=(-50, 50))

    def open_probability(self, s: LocalState) -> Any:
        """Return 1/(1 + exp(-z_g (V - V_half)/VT))."""
        return s.xp.let(1 / (1 + s.xp.exp(-self.z_g * (s.V - self.V_half) / s.VT)), "opening")


class TwoState(Gating):
    """Boltzmann gating written as the flicker it is: closed and open, with rates between.

    The macroscopic open probability is that of `Boltzmann`; the correlation time is
    1/(alpha + beta).

    Args:
        V_half: voltage of half activation.
        z_g: gating charge, elementary charges.
        rate: opening rate at V_half, equal there to the closing rate.
        delta: share of the gating charge that moves before the transition state.
    """

    V_half = parameter("-40 mV", source="assumed")
    z_g = parameter(1.0, source="assumed", bounds=(-50, 50))
    rate = parameter("1000 /s", source="assumed", bounds=(0, None))
    delta = parameter(0.5, source="assumed", bounds=(0, 1))

    def states(self, s: LocalState) -> dict[str, State]:
        """Return the open state's gate."""
        u = self.z_g * (s.V - self.V_half) / s.VT
        alpha = self.rate * s.xp.exp(self.delta * u)
        beta = self.rate * s.xp.exp((self.delta - 1) * u)
        return {"open": Gate(alpha=alpha, beta=beta)}

    def open_probability(self, s: LocalState) -> Any:
        """Return the open state's occupancy."""
        return s.own.open


class MarkovScheme(Gating):
    """A Markov scheme of any size.

    A subclass sets `conducting` (open states with their relative conductance) and writes
    ``rates(self, s) -> {(from, to): rate}``.
    """

    conducting: Mapping[str, float] = {}

    def states(self, s: LocalState) -> dict[str, State]:
        """Return the scheme."""
        rates = self.rates(s)  # type: ignore[attr-defined]
        names = tuple(dict.fromkeys(name for pair in rates for name in pair))
        lost = set(self.conducting) - set(names)
        if lost or not self.conducting:
            raise CompositionError(
                f"{type(self).__name__}.conducting names {sorted(lost) or 'no state'}; "
                f"the scheme's states are {', '.join(names)}"
            )
        return {"scheme": Occupancies(rates=rates, states=names)}

    def open_probability(self, s: LocalState) -> Any:
        """Return the occupancy of the conducting states, weighted by relative conductance."""
        total: Any = 0
        for name, weight in self.conducting.items():
            occupancy = s.own[name]
            total = total + (occupancy if weight == 1 else weight * occupancy)
        return total
