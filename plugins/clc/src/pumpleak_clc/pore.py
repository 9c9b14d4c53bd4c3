"""Permeation of CLC channels."""

from __future__ import annotations

from pumpleak import GHK, CompositionError

#: P_X/P_Cl. The order is measured (Rychkov et al. 1998, J Gen Physiol 111:653), the sizes are not.
RATIOS = {"Cl": 1.0, "Br": 0.6, "I": 0.2, "HCO3": 0.05}
_ORDER = "assumed sizes in the order of Rychkov et al. 1998, J Gen Physiol 111:653, for ClC-1"


def anions(*ions: str, symmetric: str = "150 mM") -> GHK:
    """Return constant-field permeation for some of the anions that a CLC channel can carry.

    Args:
        ions: those that the membrane holds, chloride first.
        symmetric: chloride on both sides at which a conductance holds.

    Raises:
        CompositionError: an ion without a ratio, or another ion first.

    >>> anions("Cl", "HCO3").carried()
    ('Cl', 'HCO3')
    """
    unknown = [ion for ion in ions if ion not in RATIOS]
    if unknown or ions[:1] != ("Cl",):
        raise CompositionError(
            f"a CLC pore takes 'Cl' first, then any of {', '.join(RATIOS)} (got "
            f"{', '.join(ions) or 'none'}); for other ions give GHK(...) with their ratios"
        )
    source = "by definition: Cl is the reference" if ions == ("Cl",) else _ORDER
    return GHK({ion: RATIOS[ion] for ion in ions}, symmetric=symmetric, source=source)
