"""The impermeant solute that a cell must hold so that charge and osmolarity close at its start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .._errors import CompositionError
from ..units._quantity import CAPACITANCE

if TYPE_CHECKING:
    from ._membrane import Membrane


def inferred_impermeant(
    membrane: Membrane, given: Mapping[str, Any] | None = None
) -> tuple[Any, Any]:
    """Return the concentration (mM) and mean valence of the inside's impermeant solute.

    Its concentration makes up for what the inside's ions lack of the outside's osmolarity, its
    valence for the charge that the start's voltage asks for.

    Args:
        membrane: with compartments.
        given: inputs of the equations by name, numbers or arrays; by default the membrane's own.

    Raises:
        CompositionError: the ions alone exceed the osmolarity, so that nothing fits.
    """
    compartments = membrane.compartments
    assert compartments is not None
    values = membrane.values if given is None else given
    volume = compartments.volume.value
    impermeant = membrane.outside.impermeant
    outside = 0.0 if impermeant is None else impermeant.value
    outside = outside + sum(values[f"outside.{ion}"] for ion in membrane.outside.concentrations)
    inside = sum(values[f"inside.{ion}"] for ion in membrane.inside.concentrations)
    lacking = outside - inside
    if not np.all(lacking > 0):
        which = f"member {int(np.argmin(lacking > 0))}: " if np.ndim(lacking) else ""
        raise CompositionError(
            f"infer_impermeant: {which}the inside's ions alone are no less than the outside's "
            "osmolarity, so no impermeant solute fits; lower the inside's concentrations"
        )
    charge = sum(
        membrane.species[ion].valence * values[f"inside.{ion}"]
        for ion in membrane.inside.concentrations
    )
    need: Any = 0.0
    if compartments.charge == "capacitance":
        area = compartments.area_um2(volume)
        capacitance = values["capacitance"]
        if area is not None and membrane.capacitance.dimension != CAPACITANCE:
            capacitance = values.get("specific_capacitance", membrane.capacitance.value) * area
        need = capacitance * compartments.start_voltage.value / (values["faraday"] * volume)
    return lacking, (need - charge) / lacking
