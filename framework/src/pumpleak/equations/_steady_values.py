"""What steady ions start from: what is conserved and impermeant, and how large the cell is.

Everything here works for one membrane and, with arrays among the given values, for many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._errors import CompositionError, near
from ..membranes._inference import inferred_impermeant
from ._conserved import Conserved

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane


def steady_values(
    membrane: Membrane,
    totals: Sequence[Conserved],
    *,
    kept: Mapping[str, Any] = {},
    given: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], str]:
    """Return every input of the closed system by name, and a remark on what was inferred.

    Args:
        membrane: with compartments.
        totals: conserved combinations, in the closure's order.
        kept: what goes on from an earlier problem instead of following from the concentrations.
        given: inputs of the equations by name, numbers or arrays of shape (n,); by default the
            membrane's own. ``specific_capacitance`` may be among them.

    Raises:
        CompositionError: a total that is none; an impermeant solute that does not fit.
    """
    compartments = membrane.compartments
    assert compartments is not None
    values: dict[str, Any] = dict(membrane.values if given is None else given)
    specific = values.pop("specific_capacitance", membrane.capacitance.value)
    volume = compartments.volume.value
    values["volume"] = volume
    values["water_permeability"] = compartments.water_permeability.value
    area = compartments.area_um2(volume)
    if area is not None:
        values["area"] = area
        values["length"] = 0.0 if compartments.length is None else compartments.length.value
        values["specific_capacitance"] = specific
    note = ""
    if "impermeant" in kept:
        impermeant, valence = kept["impermeant"], kept["impermeant_valence"]
    else:
        impermeant, valence, note = _impermeant(membrane, given)
    values["impermeant"], values["impermeant_valence"] = impermeant, valence
    outside = membrane.outside.impermeant
    values["outside_impermeant"] = 0.0 if outside is None else outside.value
    if compartments.outside_volume is not None:
        space = compartments.outside_volume.value
        values["outside_volume"] = space
        values["both_volumes"] = volume + space
        values["outside_impermeant"] *= space
        for ion in compartments.free:
            values[f"total.{ion}"] = (
                volume * values[f"inside.{ion}"] + space * values[f"outside.{ion}"]
            )
    ions = sum(
        membrane.species[ion].valence * values[f"inside.{ion}"]
        for ion in membrane.inside.concentrations
    )
    values["start_charge"] = values["faraday"] * (volume * ions + impermeant * valence)
    for position, total in enumerate(totals):
        values[f"conserved.{position}"] = volume * sum(
            weight * values[f"inside.{ion}"] for ion, weight in total.weights.items()
        )
    _fix_totals(membrane, totals, values)
    return values | dict(kept), note


def _fix_totals(membrane: Membrane, totals: Sequence[Conserved], values: dict[str, Any]) -> None:
    """Put the totals that were given in the place of the start's."""
    compartments = membrane.compartments
    assert compartments is not None
    named = {total.words: f"conserved.{i}" for i, total in enumerate(totals)}
    named |= {ion: f"total.{ion}" for ion in compartments.free if f"total.{ion}" in values}
    for name, given in compartments.totals.items():
        if name not in named:
            raise CompositionError(
                f"steady.totals: nothing is conserved under the name {name!r}"
                f"{near(name, named)}; there are: {', '.join(named) or 'none'}"
            )
        values[named[name]] = given.value


def _impermeant(membrane: Membrane, given: Mapping[str, Any] | None) -> tuple[Any, Any, str]:
    """Return the amount (amol) and valence of the impermeant solute inside, and a remark."""
    compartments = membrane.compartments
    assert compartments is not None
    inside = membrane.inside
    volume = compartments.volume.value
    if not compartments.infer_impermeant:
        if compartments.impermeant_amount is not None:
            amount = compartments.impermeant_amount.value
        else:
            amount = 0.0 if inside.impermeant is None else inside.impermeant.value * volume
        return amount, inside.impermeant_valence or 0.0, ""
    concentration, valence = inferred_impermeant(membrane, given)
    note = ""
    if given is None:
        note = (
            f"impermeant solute inside inferred: {concentration:.4g} mM of mean charge "
            f"{valence:.4g}"
        )
    return concentration * volume, valence, note
