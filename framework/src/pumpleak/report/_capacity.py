"""How fast a transporter could run: the most that its rate law gives, if there is a most."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..equilibria._problem import ClampedProblem
from ..units._constants import MOLECULES_PER_AMOL, MS_PER_S
from ..units._quantity import CONCENTRATION, internal

if TYPE_CHECKING:
    from ..equilibria._equilibria import RestingState
    from ..parts._transporter import Transporter

#: Two concentrations that fill every site, mM; the higher is the highest that a solution takes.
_FULL_MM = (5e3, 1e4)
#: A law that still grows by more than this between the two has no most.
_GROWS = 1.01
#: Far beyond any cell, where what depends on voltage has had its say.
_VOLTAGES_MV = tuple(
    sign * size
    for sign in (-1.0, 1.0)
    for size in (0.0, 25.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4)
)


def capacity_per_s(state: RestingState, transporter: Transporter) -> float | None:
    """Return the most cycles that a transporter can make, per second and cell; None without bound.

    What a cycle takes is abundant on the side where it is taken, and voltage is what suits it best;
    temperature and all else stay.

    Args:
        state: whose membrane, pools and delivered ions hold.
        transporter: one of that membrane.
    """
    pools = [state.states[pool.name] for pool in state.problem.kernel.pools]
    least, most = (_fastest(state, transporter, concentration, pools) for concentration in _FULL_MM)
    if least is None or most is None or not 0.0 < most <= _GROWS * least:
        return None
    # what is left to fill falls as 1/concentration, so a step of a factor of two tells how much
    return (2.0 * most - least) * MOLECULES_PER_AMOL * MS_PER_S


def _fastest(
    state: RestingState, transporter: Transporter, concentration: float, pools: list[float]
) -> float | None:
    """Return cycles at the best voltage, amol/ms; None where they grow with voltage for ever."""
    full = state.problem.membrane.evolve(
        {
            f"{'inside' if count > 0 else 'outside'}.{ion}": internal(concentration, CONCENTRATION)
            for ion, count in transporter.stoichiometry.items()
        }
    )
    problem = ClampedProblem(full)
    found = {voltage: problem.cycles(voltage, pools)[transporter.label] for voltage in _VOLTAGES_MV}
    finite = {voltage: cycles for voltage, cycles in found.items() if math.isfinite(cycles)}
    if not finite:
        return None
    best = max(finite.values())
    within = max(
        (cycles for voltage, cycles in finite.items() if abs(voltage) < max(_VOLTAGES_MV)),
        default=0.0,
    )
    return best if best <= _GROWS * within else None
