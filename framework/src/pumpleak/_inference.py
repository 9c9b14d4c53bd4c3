"""The impermeant solute that a cell must hold so that charge and osmolarity close at its start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._errors import CompositionError
from ._quantity import CAPACITANCE

if TYPE_CHECKING:
    from ._membrane import Membrane


def inferred_impermeant(membrane: Membrane) -> tuple[float, float]:
    """Return the concentration (mM) and mean valence of the inside's impermeant solute.

    Its concentration makes up for what the inside's ions lack of the outside's osmolarity, its
    valence for the charge that the start's voltage asks for.

    Args:
        membrane: with compartments.

    Raises:
        CompositionError: the ions alone exceed the osmolarity, so that nothing fits.
    """
    compartments = membrane.compartments
    assert compartments is not None
    volume = compartments.volume.value
    ions = membrane.inside.concentrations
    lacking = membrane.outside.osmolarity_mM - sum(given.value for given in ions.values())
    if not lacking > 0:
        raise CompositionError(
            "infer_impermeant: the inside's ions alone are no less than the outside's osmolarity, "
            "so no impermeant solute fits; lower the inside's concentrations"
        )
    charge = sum(membrane.species[ion].valence * given.value for ion, given in ions.items())
    need = 0.0
    if compartments.charge == "capacitance":
        area = compartments.area_um2(volume)
        capacitance = membrane.capacitance_pF
        if area is not None and membrane.capacitance.dimension != CAPACITANCE:
            capacitance = membrane.capacitance.value * area
        held = capacitance * compartments.start_voltage.value
        need = held / (membrane.faraday.value * volume)
    return lacking, (need - charge) / lacking
