"""Following a membrane in time with a stiff integrator: the second opinion on steady ions."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

import attrs
import numpy as np

if TYPE_CHECKING:
    from pumpleak import SteadyProblem

#: Three thousand years: what swells without bound may take decades to swell a thousandfold.
_LONG_MS = 1e14
_MS_PER_DAY = 8.64e7
_SWOLLEN = 1e3
_GONE_MM, _BRINE_MM = 1e-9, 1e4
_MOST_MV = 2000.0
_MOST_CALLS = 20_000
#: How far concentrations may be moved to make a start's charge fit its voltage.
_E_FOLDS = 20.0


@attrs.frozen(kw_only=True)
class Rescue:
    """What following in time showed.

    Args:
        y: scaled unknowns where it came to rest; None if it did not.
        status: of the result if nothing rests.
        message: in words, naming what runs away.
    """

    y: Any
    status: Literal["runs away", "not converged"]
    message: str


def follow_in_time(problem: SteadyProblem) -> Rescue:
    """Integrate from the start until rest, or until something runs away.

    Args:
        problem: steady ions.
    """
    movement = problem.movement
    start = _charged(problem, problem.unscaled(problem.start))
    states = _states_at(problem, start)
    first = np.array(movement.variables(start, states))
    volume = movement.names.index("volume") if "volume" in movement.names else None

    def swollen(_: float, x: Any) -> float:
        return float(math.log(_SWOLLEN) - abs(math.log(max(x[volume], 1e-300) / first[volume])))

    swollen.terminal = True  # type: ignore[attr-defined]
    size = np.maximum(np.abs(first), 1e-9)
    if not (np.isfinite(first).all() and np.isfinite(movement.rates(first)).all()):
        return Rescue(
            y=None,
            status="not converged",
            message="the start has no finite rates of change, so it cannot be followed in time; "
            "start nearer to what a cell is",
        )
    with np.errstate(all="ignore"):
        found = _integrated(
            _counted(movement.rates),
            (0.0, _LONG_MS),
            first,
            method="BDF",
            jac=lambda _, x: movement.jacobian(x),
            rtol=1e-8,
            atol=1e-10 * size,
            events=swollen if volume is not None else None,
        )
    if found is None:
        return Rescue(
            y=None,
            status="not converged",
            message="neither Newton's method nor the integrator found a rest: on the way the rates "
            "of change stop being finite; look at the time course",
        )
    last = found.y[:, -1]
    if volume is not None and found.t_events is not None and found.t_events[0].size:
        direction = "swells without bound" if last[volume] > first[volume] else "shrinks away"
        return Rescue(
            y=None,
            status="runs away",
            message=(
                f"volume runs away: the cell {direction} ({last[volume] / first[volume]:.3g} times "
                f"its start after {found.t[-1] / _MS_PER_DAY:.3g} days), because pump and leaks "
                "balance at no volume; change the pump's density or the leaks, or give the outside "
                "more impermeant solute"
            ),
        )
    at_end = movement.found(last)
    if not abs(at_end["V"]) < _MOST_MV:
        return Rescue(
            y=None,
            status="runs away",
            message=(
                f"V runs away to {at_end['V']:.3g} mV: charge is moved that nothing moves back; "
                "let the ion that must carry it be free, or give it a channel"
            ),
        )
    concentrations = {f"inside.{ion}": at_end[f"inside.{ion}"] for ion in problem.closure.free}
    for ion, value in problem.outside_at(at_end).items():
        concentrations[f"outside.{ion}"] = value
    for name, value in concentrations.items():
        if not value > _GONE_MM or value > _BRINE_MM:
            return Rescue(
                y=None,
                status="runs away",
                message=(
                    f"{name} runs away to {max(value, 0.0):.3g} mM: nothing brings it back; change "
                    "what moves it, or hold it"
                ),
            )
    if found.success:
        y = [at_end["V"] / problem.thermal]
        y += [math.log(at_end[f"inside.{ion}"]) for ion in problem.closure.free]
        if problem.closure.swells:
            y.append(math.log(at_end["volume"] / problem.values["volume"]))
        pools = [pool.name for pool in problem.closure.equations.pools()]
        y += [math.log(last[movement.names.index(name)]) for name in pools]
        return Rescue(
            y=np.array(y),
            status="not converged",
            message="the system did not come to rest; look at its time course",
        )
    return Rescue(
        y=None,
        status="not converged",
        message=f"neither Newton's method nor the integrator converged ({found.message})",
    )


def _charged(problem: SteadyProblem, start: dict[str, float]) -> dict[str, float]:
    """Return a start whose charge inside stands for its voltage.

    Where it does not, cations are multiplied and anions divided by one factor; followed in time, a
    charge that stands for kilovolts would empty the cell of an ion before anything else moved.
    """
    if problem.compartments.charge != "capacitance":
        return start
    species = problem.membrane.species
    free = problem.closure.free

    def scaled(power: float) -> dict[str, float]:
        factor = math.exp(power)
        return start | {
            f"inside.{ion}": start[f"inside.{ion}"]
            * (factor if species[ion].valence > 0 else 1.0 / factor)
            for ion in free
        }

    def excess(power: float) -> float:
        return problem.excess_charge(scaled(power))

    from scipy.optimize import brentq

    if excess(-_E_FOLDS) < 0.0 < excess(_E_FOLDS):
        return scaled(float(brentq(excess, -_E_FOLDS, _E_FOLDS, xtol=1e-14)))
    return start


def _states_at(problem: SteadyProblem, start: dict[str, float]) -> dict[str, float]:
    from pumpleak import ClampedProblem

    pools = [start[pool.name] for pool in problem.closure.equations.pools()]
    return ClampedProblem(problem.membrane).states(start["V"], pools)


def _counted(rates: Any) -> Any:
    """Return the rates as the integrator calls them; too many calls end it where it stands."""
    calls = 0

    def counted(time: float, x: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > _MOST_CALLS:
            raise _StuckError(time, x)
        return rates(x)

    return counted


class _StuckError(Exception):
    """The integrator hardly moves any more: something runs into a wall."""


def _integrated(*given: Any, **options: Any) -> Any:
    """Return what SciPy's solve_ivp returns, or as far as it came.

    None where the rates stop being finite on the way.
    """
    from scipy.integrate import solve_ivp

    try:
        return solve_ivp(*given, **options)
    except _StuckError as stuck:
        time, x = stuck.args
        return SimpleNamespace(
            y=np.array(x)[:, None],
            t=np.array([time]),
            t_events=None,
            success=False,
            message="its steps became too small",
        )
    except (ValueError, ArithmeticError):
        return None
