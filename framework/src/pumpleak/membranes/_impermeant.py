"""The impermeant solute inside that closes charge and osmolarity at a wanted state."""

from __future__ import annotations

import attrs

from .._errors import CompositionError
from ..units._quantity import CAPACITANCE, CONCENTRATION, VOLTAGE, internal
from ._membrane import Membrane

#: Charge and osmolarity that close to these are left as they are.
_SAME_MV = 1e-6
_SAME_SHARE = 1e-9


def closed(membrane: Membrane, voltage: float) -> tuple[Membrane, list[str], float]:
    """Return the membrane with the impermeant solute that its start needs to be a rest.

    Where charge sits on the capacitance, the solute's valence follows from V; where the volume is
    free, its amount follows from the osmolarity outside.

    Args:
        membrane: with compartments and the wanted concentrations.
        voltage: wanted, mV.

    Returns:
        The membrane, what was changed, and by how much the inside's ions exceed the osmolarity
        outside, mM; zero where an impermeant solute fits.

    Raises:
        CompositionError: the membrane does not say what is free.
    """
    compartments = membrane.compartments
    if compartments is None:
        raise CompositionError(
            "steady ions need to know what is free: give [steady] with free = ['Na', 'K', 'Cl'] "
            "and volume = '2 pL'"
        )
    volume, inside = compartments.volume.value, membrane.inside
    ions = sum(given.value for given in inside.concentrations.values())
    charge = sum(
        membrane.species[ion].valence * given.value for ion, given in inside.concentrations.items()
    )
    osmolarity = membrane.outside.osmolarity_mM
    before = 0.0 if inside.impermeant is None else inside.impermeant.value
    if compartments.impermeant_amount is not None:
        before = compartments.impermeant_amount.value / volume
    inferred = compartments.infer_impermeant
    valence_before = inside.impermeant_valence or 0.0
    after = before
    if compartments.swells or inferred or (before == 0 and compartments.charge == "capacitance"):
        after = osmolarity - ions
        if not after > 0:
            return membrane, [], ions - osmolarity
        if not inferred and abs(after - before) <= _SAME_SHARE * osmolarity:
            after = before
    valence = valence_before
    if compartments.charge == "capacitance":
        area = compartments.area_um2(volume)
        capacitance = membrane.capacitance_pF
        if area is not None and membrane.capacitance.dimension != CAPACITANCE:
            capacitance = membrane.capacitance.value * area
        per_mM = membrane.faraday.value * volume / capacitance
        valence = (voltage / per_mM - charge) / after
        if not inferred and abs(valence - valence_before) * after * per_mM <= _SAME_MV:
            valence = valence_before
    elif inferred:
        valence = -charge / after
    same = after == before and valence == valence_before and not inferred
    solution = inside
    said: list[str] = []
    if not same:
        solution = inside.changed(
            {"impermeant": internal(after, CONCENTRATION), "impermeant_valence": valence}
        )
        compartments = attrs.evolve(compartments, impermeant_amount=None, infer_impermeant=False)
        was = "" if inferred else f" (was {before:.4g} mM of {valence_before:.4g})"
        said.append(
            f"impermeant solute inside set to {after:.4g} mM of mean charge {valence:.4g}{was}, "
            "so that charge and osmolarity close"
        )
    compartments = attrs.evolve(compartments, start_voltage=internal(voltage, VOLTAGE))
    return attrs.evolve(membrane, inside=solution, compartments=compartments), said, 0.0
