"""Where a time course begins: at rest, at the membrane's own values, or where it is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from .._errors import CompositionError, SolverError, UnitError, near
from ..equilibria._equilibria import RestingState
from ..equilibria._problem import ClampedProblem
from ..equilibria._rest import rest, steady
from ..equilibria._steady import SteadyProblem
from ..equilibria._steady_state import SteadyState
from ..units._quantity import CONCENTRATION, NUMBER, VOLTAGE, VOLUME, quantity
from ._free_ions import HIGHEST_MV, FreeIons
from ._held_ions import HeldIons

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane
    from ._moving import Moving

_WORDS = ("rest", "given")


@attrs.frozen(kw_only=True, eq=False)
class Beginning:
    """Where a time course begins.

    Args:
        moving: the membrane as something that moves.
        x: its variables.
        words: what the start is.
        notes: what the user should know about it.
    """

    moving: Moving
    x: Any
    words: str
    notes: tuple[str, ...] = ()


def beginning(membrane: Membrane, start: object) -> Beginning:
    """Return where a time course begins.

    Args:
        membrane: what will move.
        start: None or ``"rest"``, ``"given"``, a state, or values by name.

    Raises:
        CompositionError: a start that does not fit this membrane.
        SolverError: there is no stable state to start from, or the charge inside stands for a
            voltage that no membrane stands.
        UnitError: a value of another dimension.
    """
    if isinstance(start, str) and start not in _WORDS:
        raise CompositionError(
            f"start: expected 'rest', 'given', a state or values by name, got {start!r}"
            f"{near(start, _WORDS)}"
        )
    if start is None:
        start = "rest"
    if membrane.compartments is None:
        return _held(membrane, start)
    return _free(membrane, start)


def _unfit(start: object) -> CompositionError:
    hint = "; give one of its states, such as rest[0]" if hasattr(start, "stable") else ""
    return CompositionError(
        "start: expected 'rest', 'given', a state of such a membrane, or values such as "
        f"{{'V': -65.0}}, got {type(start).__name__}{hint}"
    )


# --- concentrations held --------------------------------------------------------------------------


def _held(membrane: Membrane, start: object) -> Beginning:
    moving = HeldIons(ClampedProblem(membrane))
    if start == "given":
        raise CompositionError(
            "start: ions are held here, so the membrane gives no voltage to start from; give one, "
            "such as start={'V': '-65 mV'}"
        )
    if isinstance(start, Mapping):
        return _held_at(moving, start)
    notes: tuple[str, ...] = ()
    if start == "rest":
        found = rest(membrane)
        if not found.stable:
            raise _no_rest(found.status, found.message)
        state = found.stable[0]
        if len(found.stable) > 1:
            others = ", ".join(f"{other.V_mV:.2f}" for other in found.stable)
            notes = (
                f"{len(found.stable)} stable resting states ({others} mV); started at the lowest, "
                "start={'V': ...} chooses",
            )
    elif isinstance(start, RestingState):
        state = start
    else:
        raise _unfit(start)
    return Beginning(
        moving=moving,
        x=np.array([state.V_mV, *_values(moving.names[1:], state.states)]),
        words=f"the {state.kind} resting state at {state.V_mV:.2f} mV",
        notes=notes,
    )


def _values(names: tuple[str, ...], states: Mapping[str, float]) -> list[float]:
    missing = [name for name in names if name not in states]
    if missing:
        raise CompositionError(
            f"start: that state has no {missing[0]!r}; it is of another membrane"
        )
    return [states[name] for name in names]


def _held_at(moving: HeldIons, given: Mapping[Any, object]) -> Beginning:
    values = _read(given, moving.names)
    if "V" not in values:
        raise CompositionError("start: V is missing; give for example start={'V': '-65 mV'}")
    voltage = values["V"]
    states = _resting_states(moving.problem, voltage) | values
    return Beginning(
        moving=moving,
        x=np.array([states[name] for name in moving.names]),
        words=f"V {voltage:g} mV, as given; gates not given stand at their values at rest there",
    )


def _resting_states(problem: ClampedProblem, voltage: float) -> dict[str, float]:
    if not problem.kernel.states:
        return {}
    pools: list[float] = []
    if problem.has_pools:
        pools = [float(pool[0]) for pool in problem.pool_branches(np.array([voltage]))[0]]
        if not np.isfinite(pools).all():
            name = problem.kernel.pools[0].name
            raise SolverError(
                f"start: the pool {name} has no balance at {voltage:g} mV; give it too"
            )
    return problem.states(voltage, pools)


# --- ions free ------------------------------------------------------------------------------------


def _free(membrane: Membrane, start: object) -> Beginning:
    if start == "rest":
        state, notes = _nearest(membrane)
        return _at_state(membrane, state, tuple(notes))
    if isinstance(start, SteadyState):
        return _at_state(membrane, start, ())
    if start == "given":
        return _free_at(membrane, {}, "the membrane's own values")
    if isinstance(start, Mapping):
        return _free_at(membrane, start, "values as given")
    raise _unfit(start)


def _nearest(membrane: Membrane) -> tuple[SteadyState, list[str]]:
    """Return the stable steady state nearest the membrane's own values."""
    found: Any = steady(membrane, starts=0)
    if not found.stable:
        found = steady(membrane)
    if not found.stable:
        raise _no_rest(found.status, found.message)
    problem: SteadyProblem = found.problem
    nearest = min(found.stable, key=lambda state: float(np.abs(state.y - problem.start).max()))
    return nearest, problem.notes


def _no_rest(status: str, message: str) -> SolverError:
    return SolverError(
        f"start: there is no stable state to start from ({status}: {message}); start='given' "
        "begins at the membrane's own values, start={...} where you say"
    )


def _at_state(membrane: Membrane, state: SteadyState, notes: tuple[str, ...]) -> Beginning:
    problem = state.problem
    if problem.membrane is not membrane:
        theirs, ours = problem.membrane.compartments, membrane.compartments
        assert theirs is not None
        assert ours is not None
        if theirs.structure != ours.structure:
            raise CompositionError(
                "start: that state is of a membrane with other free ions or other compartments"
            )
        problem = SteadyProblem(membrane, kept=problem.kept)
    moving = FreeIons(problem)
    states = state.clamped.states
    _values(tuple(item.name for item in problem.closure.equations.states), states)
    return Beginning(
        moving=moving,
        x=np.array(problem.movement.variables(state.found, states)),
        words=f"the {state.kind} state at {state.V_mV:.2f} mV",
        notes=notes,
    )


def _free_at(membrane: Membrane, given: Mapping[Any, object], words: str) -> Beginning:
    problem = SteadyProblem(membrane)
    closure = problem.closure
    gates = tuple(state.name for state in closure.equations.states)
    known = ("V", *(f"inside.{ion}" for ion in closure.free), "volume", *gates)
    if not closure.swells:
        known = tuple(name for name in known if name != "volume")
    values = _read(given, known)
    found = {"V": problem.compartments.start_voltage.value, "volume": problem.values["volume"]}
    found |= {f"inside.{ion}": problem.values[f"inside.{ion}"] for ion in closure.free}
    found |= {name: value for name, value in values.items() if name not in gates}
    for name, value in found.items():
        if name != "V" and not value > 0:
            raise CompositionError(f"start: {name} must be above zero, got {value:g}")
    moving = FreeIons(problem)
    notes: list[str] = []
    if "V" not in problem.movement.names:
        _fit_charge(moving, found, "V" in values, notes)
    at_rest = _resting_states(ClampedProblem(problem.membrane_at(found)), found["V"])
    x = problem.movement.variables(found, at_rest | values)
    return Beginning(moving=moving, x=np.array(x), words=words, notes=tuple(dict.fromkeys(notes)))


def _fit_charge(
    moving: FreeIons, found: dict[str, float], voltage_given: bool, notes: list[str]
) -> None:
    """Make V and the charge inside one: V follows, or a trace of the most abundant ion does."""
    problem = moving.problem
    states = {state.name: 0.5 for state in problem.closure.equations.states}
    x = problem.movement.variables(found, states)
    there = problem.movement.voltage(x)
    excess = moving.excess_mM(x, found["V"])
    gap = there - found["V"]
    if abs(there) > HIGHEST_MV and not (voltage_given and abs(gap) <= HIGHEST_MV):
        raise SolverError(
            f"start: {excess:+.4g} mM of charge inside more than {found['V']:g} mV needs; on the "
            f"capacitance that stands for {there:.4g} mV. Change a concentration or "
            "impermeant_valence inside by that much, or let infer_impermeant = true in [steady] "
            "choose the impermeant solute, or start at rest"
        )
    if not voltage_given:
        if abs(gap) > 1.0:
            notes.append(
                f"the charge inside stands for {there:.4g} mV, not for the start_voltage of "
                f"{found['V']:g} mV; started at {there:.4g} mV"
            )
        found["V"] = there
        return
    ion = max(problem.closure.free, key=lambda name: found[f"inside.{name}"])
    change = -excess / problem.membrane.species[ion].valence
    found[f"inside.{ion}"] += change
    if abs(gap) > 1e-9:
        notes.append(f"inside.{ion} changed by {change:+.3g} mM, so that the charge fits V")


def _read(given: Mapping[Any, object], known: tuple[str, ...]) -> dict[str, float]:
    values: dict[str, float] = {}
    for name, value in given.items():
        if name not in known:
            raise CompositionError(
                f"start: no {name!r} here{near(str(name), known)}; there are {', '.join(known)}"
            )
        values[name] = _number(str(name), value)
    return values


def _number(name: str, value: object) -> float:
    """Return a value in pumpleak's unit set; a bare number already is."""
    dimension = {"V": VOLTAGE, "volume": VOLUME}.get(name)
    if name.startswith("inside."):
        dimension = CONCENTRATION
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return quantity(value, NUMBER).value
        return quantity(value, dimension).value
    except UnitError as error:
        raise UnitError(f"start: {name}: {error}") from error
