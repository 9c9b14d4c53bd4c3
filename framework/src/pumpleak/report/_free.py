"""What steady ions leave free, what they keep, and Donnan's ratio."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from ..equilibria._steady import SteadyProblem
    from ..membranes._membrane import Membrane

#: Donnan ratios that agree to this are the same: states are solved to rounding.
_SAME = 1e-6


@attrs.frozen(kw_only=True)
class Total:
    """Something that no mechanism of the membrane can change.

    Args:
        name: in words, such as ``"K - Cl, inside"``.
        value: in `unit`.
        unit: amol, fL or fC.
    """

    name: str
    value: float
    unit: str


@attrs.frozen(kw_only=True)
class Impermeant:
    """The impermeant solute inside.

    Args:
        amount_amol: that stays, amol.
        valence: its mean charge.
        start_mM: its concentration at the start's volume, mM.
        inferred: whether it was chosen to close charge and osmolarity at the start.
    """

    amount_amol: float
    valence: float
    start_mM: float
    inferred: bool


@attrs.frozen(kw_only=True)
class FreeRecord:
    """What was free and what was kept.

    Args:
        free: ions whose inside concentration was found.
        held: ions inside that stay at their concentration.
        start_mV, start_mM, start_fL: where the search began: V, free ions, volume.
        swells: whether volume was found too.
        outside_fL: of a finite space outside at the start, fL; None for an infinite bath.
        charge: ``"capacitance"`` or ``"electroneutral"``.
        shape: ``"fixed"``, ``"sphere"`` or ``"cylinder"``.
        impermeant: inside.
        totals: what no mechanism can change.
        notes: what has to be known about the start.
    """

    free: tuple[str, ...]
    held: tuple[str, ...]
    start_mV: float
    start_mM: tuple[tuple[str, float], ...]
    start_fL: float
    swells: bool
    outside_fL: float | None
    charge: str
    shape: str
    impermeant: Impermeant
    totals: tuple[Total, ...]
    notes: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Donnan:
    """How near a state is to Donnan's equilibrium, where one ratio holds for every free ion.

    Args:
        ratios: per ion (outside over inside concentration)^(1/valence).
        V_mV: the voltage that goes with the ratio; None where the free ions disagree.
    """

    ratios: tuple[tuple[str, float], ...]
    V_mV: float | None


def free_record(problem: SteadyProblem) -> FreeRecord:
    """Return what a problem left free and what it kept."""
    values, compartments = problem.values, problem.compartments
    outside = compartments.outside_volume
    start = problem.unscaled(problem.start)
    return FreeRecord(
        free=problem.closure.free,
        held=tuple(
            ion for ion in problem.membrane.inside.concentrations if ion not in problem.closure.free
        ),
        start_mV=start["V"],
        start_mM=tuple((ion, start[f"inside.{ion}"]) for ion in problem.closure.free),
        start_fL=start.get("volume", values["volume"]),
        swells=problem.closure.swells,
        outside_fL=None if outside is None else outside.value,
        charge=compartments.charge,
        shape=compartments.shape,
        impermeant=Impermeant(
            amount_amol=values["impermeant"],
            valence=values["impermeant_valence"],
            start_mM=values["impermeant"] / values["volume"],
            inferred=compartments.infer_impermeant,
        ),
        totals=tuple(_totals(problem)),
        notes=tuple(problem.notes),
    )


def _totals(problem: SteadyProblem) -> Iterator[Total]:
    values = problem.values
    for position, total in enumerate(problem.closure.totals):
        yield Total(
            name=f"{total.words}, inside", value=values[f"conserved.{position}"], unit="amol"
        )
    if problem.compartments.outside_volume is not None:
        for ion in problem.closure.free:
            yield Total(
                name=f"{ion}, inside and outside", value=values[f"total.{ion}"], unit="amol"
            )
        if problem.closure.swells:
            yield Total(name="volume, inside and outside", value=values["both_volumes"], unit="fL")
    if problem.compartments.charge == "electroneutral":
        yield Total(name="charge, inside", value=values["start_charge"], unit="fC")


def donnan(
    membrane: Membrane,
    free: tuple[str, ...],
    inside_mM: Mapping[str, float],
    outside_mM: Mapping[str, float],
) -> Donnan:
    """Return Donnan's ratio of every ion that is on both sides.

    Args:
        membrane: with the ions' valences.
        free: ions that have to agree.
        inside_mM: concentrations, mM.
        outside_mM: likewise.
    """
    ratios = {
        ion: (outside_mM[ion] / inside) ** (1.0 / membrane.species[ion].valence)
        for ion, inside in inside_mM.items()
        if inside > 0.0 and outside_mM.get(ion, 0.0) > 0.0 and membrane.species[ion].valence
    }
    own = [ratios[ion] for ion in free if ion in ratios]
    agreed = bool(own) and max(own) - min(own) <= _SAME * max(own)
    return Donnan(
        ratios=tuple(ratios.items()),
        V_mV=membrane.thermal_voltage_mV * math.log(own[0]) if agreed else None,
    )
