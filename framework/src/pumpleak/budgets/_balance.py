"""Balance, the inverse of rest: the smallest change to densities that makes a wanted rest one.

Currents are linear in densities, so whether densities that cannot be negative exist is decided for
certain, and where none do, it is said which demand fails and by how much.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import attrs

from .._errors import CompositionError, UnitError, near
from ..equilibria._problem import ClampedProblem
from ..membranes._given import membrane_of
from ..membranes._impermeant import closed
from ..membranes._membrane import Membrane
from ..units._quantity import RESISTANCE, VOLTAGE, Quantity, quantity
from ._density_columns import Columns, Mode, pools_at
from ._least_change import least_change
from ._unmet import Unmet, explained, nothing_left, refusal

if TYPE_CHECKING:
    from ..cite import Citations
    from ..equilibria._equilibria import RestingState
    from ..equilibria._steady_state import SteadyState
    from ..parts._mechanism import Mechanism

Status = Literal["balanced", "cannot be balanced"]

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

    def citations(self) -> Citations:
        """Return every work behind the balanced membrane.

        Raises:
            CompositionError: it could not be balanced, so there is no membrane.
        """
        from ..cite import citations

        if self.membrane is None:
            raise CompositionError(f"there is no balanced membrane to cite for: {self.message}")
        return citations(self.membrane, mode=self.mode)

    def __str__(self) -> str:
        return self.as_text()

    def as_text(self, width: int = 100) -> str:
        """Return the report as plain text.

        Args:
            width: columns to stay within.
        """
        from ..report._balanced import document
        from ..report._text import render

        return render(tuple(document(self)), width)

    def _repr_html_(self) -> str:
        from ..report._balanced import document
        from ..report._html import render

        return render(tuple(document(self)))

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: the JSON form."""
        from ..report._balanced import as_dict

        return as_dict(self)


def balance(
    membrane: Membrane | str | os.PathLike[str],
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
        membrane: what is to rest: a membrane, or the path of its file.
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
    membrane = membrane_of(membrane)
    wanted = membrane.evolve(at) if at else membrane
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
    columns = Columns(wanted, voltage, labels)
    names, demands = columns.demands(chosen, _slope(input_resistance))
    solution = least_change(demands)
    if not solution.met:
        unmet += explained(names, demands, solution, labels)
    else:
        unmet += nothing_left(*columns.stopped(chosen, solution.values))
    changes = tuple(
        _change(wanted.mechanism(label), float(value))
        for label, value in zip(labels, solution.values, strict=True)
    )
    if unmet:
        return Balanced(
            status="cannot be balanced",
            message=refusal(unmet),
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
        raise CompositionError(
            "V: say where the membrane is to rest, such as V='-68 mV' or, on the command line, "
            "-V '-68 mV'"
        )
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
        resistance = quantity(given, RESISTANCE).value
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
        f"{ion} is held: its net current of {math.fsum(parts):.4g} pA is left to whatever holds it"
        for ion, parts in net.items()
    ]


def _found_again(
    membrane: Membrane, voltage: float, mode: Mode
) -> tuple[RestingState | SteadyState, tuple[float, ...], list[str]]:
    """Solve the balanced membrane; return the wanted state, other states' voltages, and remarks."""
    from ..equilibria._equilibria import Equilibria, RestingState
    from ..equilibria._rest import rest, steady
    from ..equilibria._steady import SteadyProblem
    from ..equilibria._steady_state import SteadyState

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
        f"solving it again gave no state at {voltage:g} mV ({found.status}: {found.message}), "
        f"though its currents balance there to {wanted.residual_pA:.2g} pA"
    )
    return wanted, tuple(state.V_mV for state in found), [remark]
