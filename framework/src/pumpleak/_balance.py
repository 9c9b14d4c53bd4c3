"""Balance, the inverse of rest: the smallest change to named densities that makes a wanted rest one.

Currents are linear in densities, so whether densities that cannot be negative exist is decided for
certain, and where none do, it is said which demand fails and by how much.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import attrs
import numpy as np

from ._errors import CompositionError, UnitError, near
from ._impermeant import closed
from ._least_change import Change as _Solution
from ._least_change import Demands, least_change
from ._membrane import Membrane
from ._problem import ClampedProblem
from ._quantity import AREA, VOLTAGE, Dimension, Quantity, internal, quantity

if TYPE_CHECKING:
    from ._equilibria import RestingState
    from ._mechanism import Mechanism
    from ._steady_state import SteadyState

Mode = Literal["clamped", "steady"]
Status = Literal["balanced", "cannot be balanced"]

_RESISTANCE = Dimension(voltage=1, current=-1)
#: Currents that are linear in densities double with them to this share.
_LINEAR = 1e-9
#: The state found again may differ from the wanted one by this much.
_SAME_MV = 1e-4
_SAME_SHARE = 1e-6


@attrs.frozen(kw_only=True)
class DensityChange:
    """What balancing did to one density.

    Args:
        name: such as ``"pump.density"``.
        old, new: densities, in the unit that the membrane gives.
        factor: new over old; None where the old one is zero.
    """

    name: str
    old: Quantity
    new: Quantity
    factor: float | None


@attrs.frozen(kw_only=True)
class Unmet:
    """A demand that no densities meet.

    Args:
        demand: an ion whose net current must vanish, ``"total current"``, ``"input resistance"`` or
            ``"osmolarity"``.
        amount: what is left over, outward positive for currents.
        unit: of it: pA, nS or mM.
        reason: a sentence.
    """

    demand: str
    amount: float
    unit: str
    reason: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Balanced:
    """What came of balancing.

    Args:
        status: ``"balanced"`` or ``"cannot be balanced"``.
        message: a sentence or two.
        mode: ``"clamped"``: no total current; ``"steady"``: no net current of any free ion.
        V_mV: the wanted membrane potential, mV.
        changes: per free density; where it cannot be balanced, those that come closest.
        unmet: demands that cannot be met.
        membrane: the balanced membrane; None where there is none.
        state: the wanted state, found again by solving; None where there is none.
        others_mV: where else the balanced membrane rests, mV.
        notes: what was changed beside densities, and what else has to be known.
    """

    status: Status
    message: str
    mode: Mode
    V_mV: float
    changes: tuple[DensityChange, ...]
    unmet: tuple[Unmet, ...] = ()
    membrane: Membrane | None = None
    state: RestingState | SteadyState | None = None
    others_mV: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        factors = ", ".join(f"{c.name} {c.old} -> {c.new}" for c in self.changes if c.old != c.new)
        return f"Balanced({self.status}: {factors or self.message})"

    def __str__(self) -> str:
        from .report._balanced import document
        from .report._text import render

        return render(tuple(document(self)), 100)

    def _repr_html_(self) -> str:
        from .report._balanced import document
        from .report._html import render

        return render(tuple(document(self)))

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: the JSON form."""
        from .report._balanced import as_dict

        return as_dict(self)


def balance(
    membrane: Membrane,
    *,
    free: Iterable[str],
    V: object = None,
    at: Mapping[str, object] | None = None,
    mode: Mode | None = None,
    input_resistance: object = None,
) -> Balanced:
    """Make a wanted rest one, by the smallest change to named densities.

    The change is the sum of |new - old|/old, so that as few densities as can be move; one that is
    zero is measured against the density at which it would carry all other currents' size.

    Args:
        membrane: what is to rest.
        free: mechanisms whose densities may change, ``"pump"`` or ``"pump.density"``.
        V: where it is to rest, ``"-68 mV"``; by default, at steady ions, where they start.
        at: concentrations and other values that are wanted too, ``{"inside.Na": "12 mM"}``; what is
            not named is the membrane's.
        mode: ``"clamped"``: the total current vanishes; ``"steady"``: each free ion's net current
            does, and where charge or volume follow, the impermeant solute is set to close them. By
            default steady where the membrane says what is free.
        input_resistance: slope resistance wanted as well, gates at rest, ``"200 MOhm"``.

    Returns:
        The balanced membrane and what changed, or which demand cannot be met and by how much.

    Raises:
        CompositionError: no such mechanism, or one whose current is not linear in its density.
        UnitError: a value of the wrong dimension.
    """
    wanted = membrane.evolve(dict(at)) if at else membrane
    chosen = _mode(mode, wanted)
    voltage = _voltage(V, wanted, chosen)
    labels = _labels(free, wanted)
    notes: list[str] = []
    unmet: list[Unmet] = []
    if chosen == "steady":
        wanted, said, lacking = closed(wanted, voltage)
        notes += said
        if lacking:
            unmet.append(
                Unmet(
                    demand="osmolarity",
                    amount=lacking,
                    unit="mM",
                    reason="the inside's ions alone exceed the outside's osmolarity, so that no "
                    "impermeant solute fits; lower the inside's concentrations",
                )
            )
    columns = _Columns(_sized(wanted) if chosen == "steady" else wanted, voltage, labels)
    names, demands = columns.demands(chosen, _slope(input_resistance))
    solution = least_change(demands)
    if not solution.met:
        unmet += _explained(names, demands, solution, labels)
    changes = tuple(
        _change(wanted.mechanism(label), float(value))
        for label, value in zip(labels, solution.values, strict=True)
    )
    if unmet:
        return Balanced(
            status="cannot be balanced",
            message=_refusal(unmet),
            mode=chosen,
            V_mV=voltage,
            changes=changes,
            unmet=tuple(unmet),
            notes=tuple(notes),
        )
    made = wanted.evolve(
        {change.name: change.new for change in changes if change.new != change.old}
    )
    state, others, remark = _found_again(made, voltage, chosen)
    if chosen == "steady":
        remark += _left_to_holders(state, made)
    moved = sum(change.new != change.old for change in changes)
    what = (
        "no density had to change" if not moved else f"{moved} of {len(changes)} densities changed"
    )
    doubt = "" if state.stable else f"; but this state is {state.kind}, so nothing stays there"
    return Balanced(
        status="balanced",
        message=f"rests at {voltage:.6g} mV, {state.kind}: {what}{doubt}",
        mode=chosen,
        V_mV=voltage,
        changes=changes,
        membrane=made,
        state=state,
        others_mV=others,
        notes=(*notes, *remark),
    )


def _mode(mode: Mode | None, membrane: Membrane) -> Mode:
    if mode is None:
        return "clamped" if membrane.compartments is None else "steady"
    if mode not in ("clamped", "steady"):
        raise CompositionError(f"mode: expected 'clamped' or 'steady', got {mode!r}")
    return mode


def _voltage(given: object, membrane: Membrane, mode: Mode) -> float:
    if given is None:
        if mode == "steady" and membrane.compartments is not None:
            return membrane.compartments.start_voltage.value
        raise CompositionError('V: say where the membrane is to rest, such as V = "-68 mV"')
    try:
        voltage = quantity(given, VOLTAGE).value
    except UnitError as error:
        raise UnitError(f"V: {error}") from error
    low, high = membrane.range
    if not low <= voltage <= high:
        raise CompositionError(
            f"V: {voltage:g} mV is outside the membrane's range [{low:g}, {high:g}] mV"
        )
    return voltage


def _slope(given: object) -> float | None:
    """Return the wanted slope conductance, nS."""
    if given is None:
        return None
    try:
        resistance = quantity(given, _RESISTANCE).value
    except UnitError as error:
        raise UnitError(f"input_resistance: {error}") from error
    if not resistance > 0:
        raise CompositionError(f"input_resistance: must be above zero, got '{given}'")
    return 1.0 / resistance


def _labels(free: Iterable[str], membrane: Membrane) -> tuple[str, ...]:
    given = (free,) if isinstance(free, str) else tuple(free)
    labels: list[str] = []
    for name in given:
        label, _, path = str(name).partition(".")
        mechanism = membrane.mechanism(label)
        if path not in ("", "density"):
            raise CompositionError(
                f"{name}: only densities can be balanced, as currents are linear in them; "
                f"give {label!r}{near(path, ['density'])}"
            )
        if getattr(mechanism, "density", None) is None:
            raise CompositionError(f"{label} has no density, so it cannot be balanced")
        if label not in labels:
            labels.append(label)
    if not labels:
        raise CompositionError("free: name at least one mechanism whose density may change")
    return tuple(labels)


def _sized(membrane: Membrane) -> Membrane:
    """Return the membrane with the area that goes with its volume, where it follows that."""
    assert membrane.compartments is not None
    area = membrane.compartments.area_um2(membrane.compartments.volume.value)
    return membrane if area is None else membrane.evolve({"area": internal(area, AREA)})


class _Columns:
    """What one of each density adds to every current, at the wanted state.

    Args:
        membrane: with the wanted concentrations.
        voltage: wanted, mV.
        labels: of the free mechanisms.
    """

    def __init__(self, membrane: Membrane, voltage: float, labels: tuple[str, ...]) -> None:
        self.membrane, self.voltage, self.labels = membrane, voltage, labels
        densities = [membrane.mechanism(label).density for label in labels]  # type: ignore[attr-defined]
        self.start = np.array([density.value for density in densities])
        self.dimensions = [density.dimension for density in densities]
        self.base = np.where(self.start > 0, self.start, 1.0)
        self.now = self._currents(self.base)
        self._refuse_nonlinear()
        #: pA per unit of density, by ion, per free mechanism
        self.per_unit = [
            {ion: self.now[label, ion] / base for ion in membrane.mechanism(label).carried()}
            for label, base in zip(labels, self.base, strict=True)
        ]

    def _problem(self, densities: Any) -> ClampedProblem:
        changes: dict[str, object] = {
            f"{label}.density": internal(value, dimension)
            for label, value, dimension in zip(self.labels, densities, self.dimensions, strict=True)
        }
        return ClampedProblem(self.membrane.evolve(changes))

    def _currents(self, densities: Any) -> dict[tuple[str, str], float]:
        problem = self._problem(densities)
        pools = pools_at(problem, self.voltage)
        found = problem.currents(self.voltage, pools)
        for (label, _), current in found.items():
            if not math.isfinite(current):
                raise CompositionError(f"{label} has no finite current at {self.voltage:g} mV")
        return found

    def _refuse_nonlinear(self) -> None:
        doubled = self._currents(2 * self.base)
        size = max(abs(value) for value in self.now.values())
        for (label, ion), current in self.now.items():
            expected = 2 * current if label in self.labels else current
            if abs(doubled[label, ion] - expected) > _LINEAR * max(abs(expected), 1e-6 * size):
                raise CompositionError(
                    f"the {ion} current of {self.membrane.owner_of(self.membrane.mechanism(label))} "
                    f"is not linear in the density of {' or '.join(self.labels)}, so it cannot be balanced"
                )

    def demands(self, mode: Mode, slope: float | None) -> tuple[list[str], Demands]:
        """Return the demands' names, and the demands."""
        ions = [ion for _, ion in self.now]
        groups: dict[str, set[str]] = {"total current": set(ions)}
        if mode == "steady":
            assert self.membrane.compartments is not None
            groups = {ion: {ion} for ion in self.membrane.compartments.free}
        matrix = [
            [math.fsum(per_unit.get(ion, 0.0) for ion in group) for per_unit in self.per_unit]
            for group in groups.values()
        ]
        fixed = [
            [
                current
                for (label, ion), current in self.now.items()
                if ion in group and label not in self.labels
            ]
            for group in groups.values()
        ]
        held = [math.fsum(parts) for parts in fixed]
        gross = [
            math.fsum(map(abs, parts)) + float(np.abs(row) @ self.base)
            for parts, row in zip(fixed, matrix, strict=True)
        ]
        weight = [1.0] * len(held)
        names = list(groups)
        if slope is not None:
            slopes, rest = self._slopes()
            names.append("input resistance")
            matrix.append(list(slopes))
            held.append(rest - slope)
            gross.append(abs(rest) + slope + float(np.abs(slopes) @ self.base))
            # a conductance weighs what it would carry at RT/F
            weight.append(self.membrane.thermal_voltage_mV)
        array, whole = np.array(matrix), math.fsum(abs(value) for value in self.now.values())
        carried = [math.fsum(map(abs, per_unit.values())) for per_unit in self.per_unit]
        size = [
            start or (whole / most if most and whole else 1.0)
            for start, most in zip(self.start, carried, strict=True)
        ]
        low, high = self._bounds()
        return names, Demands(
            matrix=array,
            held=np.array(held),
            gross=np.array([value or 1.0 for value in gross]),
            weight=np.array(weight),
            start=self.start,
            size=np.array(size),
            low=low,
            high=high,
        )

    def _slopes(self) -> tuple[Any, float]:
        """Return slope conductance per unit of density (m,), and that of everything else, nS."""
        nothing = np.zeros_like(self.base)
        if self._problem(self.base).has_pools:
            raise CompositionError("input_resistance: not with pools, which follow the currents")
        rest = float(self._problem(nothing).total_at(self.voltage)[1])
        found = []
        for position, base in enumerate(self.base):
            alone = nothing.copy()
            alone[position] = base
            found.append((self._problem(alone).total_at(self.voltage)[1] - rest) / base)
        return np.array(found), rest

    def _bounds(self) -> tuple[Any, Any]:
        low, high = np.zeros_like(self.start), np.full_like(self.start, np.inf)
        for position, label in enumerate(self.labels):
            for info in self.membrane.mechanism(label).parameters():
                if info.path == "density":
                    one = quantity(f"1 {info.value.unit}").value
                    low[position] = max(0.0, (info.bounds[0] or 0.0) * one)
                    if info.bounds[1] is not None:
                        high[position] = info.bounds[1] * one
        return low, high


def pools_at(problem: ClampedProblem, voltage: float) -> tuple[float, ...]:
    """Return the pools at rest at a voltage.

    Raises:
        CompositionError: they have no rest there, or several.
    """
    if not problem.has_pools:
        return ()
    branches = problem.pool_branches(np.array([voltage]))
    if len(branches) != 1 or not all(np.isfinite(value[0]) for value in branches[0]):
        names = ", ".join(pool.name for pool in problem.kernel.pools)
        raise CompositionError(f"{names} does not have one rest at {voltage:g} mV")
    return tuple(float(value[0]) for value in branches[0])


def _change(mechanism: Mechanism, value: float) -> DensityChange:
    old: Quantity = mechanism.density  # type: ignore[attr-defined]
    new = old
    if value != old.value:
        text = old.unit
        magnitude = value / quantity(f"1 {text}").value
        new = quantity(f"{magnitude!r} {text}")
    return DensityChange(
        name=f"{mechanism.label}.density",
        old=old,
        new=new,
        factor=new.value / old.value if old.value else None,
    )


def _explained(
    names: list[str], demands: Demands, solution: _Solution, labels: tuple[str, ...]
) -> list[Unmet]:
    found = []
    for position, name in enumerate(names):
        left = float(solution.unmet[position])
        if left == 0:
            continue
        conductance = name == "input resistance"
        row = demands.matrix[position]
        carriers = [label for label, part in zip(labels, row, strict=True) if part]
        more, less = ("too much", "too little") if conductance else ("outward", "inward")
        carry = "add to the slope conductance" if conductance else f"carry {name}"
        if name == "total current":
            carry = "carry current"
        if not carriers:
            reason = f"no free mechanism can {carry} here"
        elif all(part * left >= 0 for part in row):
            way = "adds" if conductance else f"carries it {more if left > 0 else less}"
            reason = f"every free mechanism that can {carry} ({', '.join(carriers)}) {way} here"
        else:
            reason = _combined(names, demands, solution)
        found.append(
            Unmet(demand=name, amount=left, unit="nS" if conductance else "pA", reason=reason)
        )
    return found


def _combined(names: list[str], demands: Demands, solution: _Solution) -> str:
    """Return the combination of demands that no free mechanism moves towards zero."""
    # a demand that no free mechanism touches fails by itself and proves nothing about the others
    touched = np.any(demands.matrix != 0, axis=1)
    weights = np.where(touched, solution.witness, 0.0)
    weights = weights / np.abs(weights).max()
    terms = " ".join(
        f"{'-' if weight < 0 else '+'} {abs(weight):.4g} x {name}"
        for weight, name in zip(weights, names, strict=True)
        if abs(weight) > _LINEAR
    ).removeprefix("+ ")
    left = float(weights @ solution.unmet)
    return (
        f"in {terms} every free mechanism adds or does nothing, so that {left:.6g} pA of it stays"
    )


def _refusal(unmet: list[Unmet]) -> str:
    said = []
    for item in unmet:
        way = ""
        if item.unit == "pA":
            way = " outward" if item.amount > 0 else " inward"
        said.append(
            f"{item.demand}: {abs(item.amount):.6g} {item.unit}{way} left over, {item.reason}"
        )
    return "no densities of these make it rest there; " + "; ".join(said)


def _has_wanted(state: Any, membrane: Membrane) -> bool:
    """Whether a state's concentrations are the membrane's own."""
    inside: Mapping[str, float] = getattr(state, "inside_mM", {})
    own = membrane.inside.concentrations
    return all(
        math.isclose(value, own[ion].value, rel_tol=_SAME_SHARE) for ion, value in inside.items()
    )


def _left_to_holders(state: RestingState | SteadyState, membrane: Membrane) -> list[str]:
    """Say which ions that are held at steady ions carry a net current."""
    assert membrane.compartments is not None
    net: dict[str, list[float]] = {}
    for (_, ion), current in state.currents_pA.items():
        if ion not in membrane.compartments.free:
            net.setdefault(ion, []).append(current)
    return [
        f"{ion} is held, so its net current of {math.fsum(parts):.4g} pA is left to whatever holds it"
        for ion, parts in net.items()
    ]


def _found_again(
    membrane: Membrane, voltage: float, mode: Mode
) -> tuple[RestingState | SteadyState, tuple[float, ...], list[str]]:
    """Solve the balanced membrane; return the wanted state, other states' voltages, and remarks."""
    from ._equilibria import Equilibria, RestingState
    from ._rest import rest, steady
    from ._steady import SteadyProblem
    from ._steady_state import SteadyState

    found: Equilibria = rest(membrane) if mode == "clamped" else steady(membrane)
    near_by = sorted(
        (state for state in found if _has_wanted(state, membrane)),
        key=lambda state: abs(state.V_mV - voltage),
    )
    if near_by and abs(near_by[0].V_mV - voltage) <= _SAME_MV:
        others = tuple(state.V_mV for state in found if state is not near_by[0])
        return near_by[0], others, []
    wanted: Any
    if mode == "clamped":
        problem = ClampedProblem(membrane)
        wanted = RestingState(problem, voltage, pools_at(problem, voltage))
    else:
        closed_problem = SteadyProblem(membrane)
        wanted = SteadyState(closed_problem, closed_problem.start)
    remark = (
        f"solving it again gave no state at {voltage:g} mV ({found.status}: {found.message}), though "
        f"its currents balance there to {wanted.residual_pA:.2g} pA"
    )
    return wanted, tuple(state.V_mV for state in found), [remark]
