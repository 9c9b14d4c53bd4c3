"""What a solver returns: every resting state found, and what is certain about them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import attrs
import numpy as np

from ..units._constants import MOLECULES_PER_AMOL, MS_PER_S, WATT_PER_PA_MV

if TYPE_CHECKING:
    from ..cite import Citations
    from ._problem import ClampedProblem

Status = Literal["found", "none in range", "unphysical", "runs away", "not converged"]
Kind = Literal["stable", "unstable", "saddle", "marginal"]


class RestingState:
    """One resting state; what is costly to know is computed when first asked for.

    Args:
        problem: what it solves.
        V_mV: membrane potential.
        pools: values of the pools, in the problem's order.
    """

    def __init__(self, problem: ClampedProblem, V_mV: float, pools: Sequence[float] = ()) -> None:
        self.problem = problem
        self.V_mV = V_mV
        self._pools = tuple(pools)

    def __repr__(self) -> str:
        return f"RestingState(V_mV={self.V_mV:.6g}, {self.kind})"

    @cached_property
    def states(self) -> Mapping[str, float]:
        """Gates, occupancies and pools by name."""
        return self.problem.states(self.V_mV, self._pools) if self.problem.kernel.states else {}

    @cached_property
    def _full(self) -> tuple[Any, Any]:
        return self.problem.full(self.V_mV, tuple(self.states.values()))

    @cached_property
    def residual_pA(self) -> float:
        """Total current left over, pA."""
        return float(self._full[0][0])

    @cached_property
    def jacobian(self) -> Any:
        """d(dV/dt, rates)/d(V, states), per ms; shape (n + 1, n + 1)."""
        matrix = self._full[1].copy()
        matrix[0] /= -self.problem.values["capacitance"]
        return matrix

    @cached_property
    def eigenvalues_per_ms(self) -> tuple[complex, ...]:
        """Eigenvalues of the voltage-and-gates Jacobian, largest real part first."""
        if len(self.jacobian) == 1:
            return (complex(self.jacobian[0, 0]),)
        if not np.isfinite(self.jacobian).all():
            return (complex(math.nan),) * len(self.jacobian)
        found = np.linalg.eigvals(self.jacobian)
        order = np.argsort(-found.real, kind="stable")
        return tuple(complex(value) for value in found[order])

    @cached_property
    def slope_scale_nS(self) -> float:
        """Sum of the sizes of all currents over RT/F, nS: the scale of slope conductances."""
        values = self.problem.values
        thermal = values["gas_constant"] * values["temperature"] / values["faraday"]
        return self.problem.gross(self.V_mV, self._pools) / thermal

    @cached_property
    def kind(self) -> Kind:
        """Stable, unstable, saddle, or marginal where rounding hides the sign."""
        real = [value.real for value in self.eigenvalues_per_ms]
        # Slow gates have small but certain eigenvalues: only the slope itself can be undecided.
        slope = self.slope_nS
        if not math.isfinite(slope) or abs(slope) <= 1e-9 * self.slope_scale_nS:
            return "marginal"
        rising = sum(value > 0 for value in real)
        if rising == 0:
            return "stable"
        return "unstable" if rising == len(real) else "saddle"

    @property
    def unstable_directions(self) -> int:
        """Number of eigenvalues with positive real part."""
        return sum(value.real > 0 for value in self.eigenvalues_per_ms)

    @property
    def stable(self) -> bool:
        """Whether small disturbances of voltage, gates and pools die out."""
        return self.kind == "stable"

    @cached_property
    def slope_frozen_nS(self) -> float:
        """Slope conductance with gates frozen, nS."""
        return float(self._full[1][0, 0])

    @cached_property
    def slope_nS(self) -> float:
        """Slope conductance with gates and pools at steady state, nS."""
        matrix = self._full[1]
        if len(matrix) == 1:
            return float(matrix[0, 0])
        inner, across = matrix[1:, 1:], matrix[1:, 0]
        try:
            follow = np.linalg.solve(inner, across)
        except np.linalg.LinAlgError:
            return float("inf")
        return float(matrix[0, 0] - matrix[0, 1:] @ follow)

    @property
    def input_resistance_MOhm(self) -> float:
        """1/slope conductance, gates at steady state, MOhm; negative where the slope is."""
        return 1e3 / self.slope_nS if self.slope_nS else float("inf")

    @property
    def time_constant_ms(self) -> float:
        """C/slope conductance with gates frozen, ms."""
        slope = self.slope_frozen_nS
        return self.problem.values["capacitance"] / slope if slope else float("inf")

    @cached_property
    def currents_pA(self) -> Mapping[tuple[str, str], float]:
        """Outward current by (mechanism, ion), pA."""
        return self.problem.currents(self.V_mV, self._pools)

    @cached_property
    def cycles(self) -> Mapping[str, float]:
        """Cycles per time by transporter, amol/ms."""
        return self.problem.cycles(self.V_mV, self._pools)

    @cached_property
    def open_probability(self) -> Mapping[str, float]:
        """Open probability by channel."""
        return self.problem.open_probabilities(self.V_mV, self._pools)

    @cached_property
    def ATP_per_s(self) -> float:
        """ATP molecules spent per second."""
        spent = 0.0
        for label, cycles in self.cycles.items():
            atp = getattr(self.problem.membrane.mechanism(label), "atp", 0)
            spent += atp * cycles
        return spent * MOLECULES_PER_AMOL * MS_PER_S

    @property
    def power_W(self) -> float:
        """Power that this ATP stands for, W."""
        amol_per_ms = self.ATP_per_s / MOLECULES_PER_AMOL / MS_PER_S
        return -amol_per_ms * self.problem.membrane.dG_ATP.value * WATT_PER_PA_MV


@attrs.frozen(kw_only=True, eq=False, slots=False, repr=False)
class Equilibria:
    """Every resting state found, and how sure one can be.

    Args:
        problem: what was solved.
        states: resting states in order of voltage.
        status: what came of it.
        guarantee: ``"proved complete in [a, b] mV"``, ``"searched [a, b] mV"`` or ``"local"``.
        message: a sentence that says what to do.
        solver: id of the solver.
    """

    problem: Any  # ClampedProblem or SteadyProblem
    states: tuple[Any, ...]  # RestingState or SteadyState
    status: Status
    guarantee: str
    message: str
    solver: str = ""

    @property
    def mode(self) -> str:
        """``"clamped"``: concentrations held; ``"steady"``: they rest by themselves."""
        mode: str = self.problem.mode
        return mode

    @property
    def membrane(self) -> Any:
        """What was solved for."""
        return self.problem.membrane

    @property
    def stable(self) -> tuple[Any, ...]:
        """The stable resting states."""
        return tuple(state for state in self.states if state.stable)

    def __len__(self) -> int:
        return len(self.states)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.states)

    def __getitem__(self, index: int) -> Any:
        return self.states[index]

    def __repr__(self) -> str:
        found = ", ".join(f"{state.V_mV:.4f} mV {state.kind}" for state in self.states)
        return f"Equilibria({self.status}: {found or self.message}; {self.guarantee})"

    def __str__(self) -> str:
        from ..report import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from ..report import as_html

        return as_html(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the documented JSON form."""
        from ..report import as_dict

        return as_dict(self)

    def citations(self) -> Citations:
        """Return every work behind the membrane, pumpleak and the plugins that took part too."""
        from ..cite import citations

        return citations(self)
