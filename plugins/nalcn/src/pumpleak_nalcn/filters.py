"""NALCN's filter against the calcium channel's: one site, two charges."""

from __future__ import annotations

from typing import Final

import attrs

from pumpleak import Claims, SelectivityFilter

#: Four glutamates, for comparison. The site is wide, so ions keep most of their water; a strong
#: field pays twice for a divalent's double charge and more than its dehydration costs.
EEEE: Final = SelectivityFilter(
    name="EEEE",
    site_charge_e=-4.0,
    site_radius_pm=330.0,
    relative_permittivity=28.0,
    shed_fraction=0.025,
    cavity_radius_pm=138.0,
    stiffness_kJ_per_mol_pm2=0.0,
    source=(
        "assumed: one charge per glutamate; radius, permittivity and shed fraction chosen so that "
        "Ca >> Na > K comes out here and Na like K above Ca with the lysine"
    ),
    summary="calcium channel's four glutamates: a strong field that catches Ca",
)

_LYSINE: Final = (
    "assumed: as EEEE, with a lysine for one glutamate and so two charges less; "
    "nothing else differs"
)

#: NALCN. Half the field: too weak to pay for a divalent's water, about even between Na and K.
EEKE: Final = attrs.evolve(
    EEEE,
    name="EEKE",
    site_charge_e=-2.0,
    source=_LYSINE,
    summary="NALCN: the lysine weakens the field; Na like K, divalents poorly",
)

#: The other place of the lysine. The model sees the net charge only, so this is EEKE again.
EKEE: Final = attrs.evolve(
    EEKE,
    name="EKEE",
    source=_LYSINE + "; the place of the lysine does not enter the model",
    summary="NALCN's other motif: same net charge, hence the same ratios as EEKE",
)

_WEAK: Final = Claims(order=("Na", "K", "Ca"))
CLAIMS: Final = {"EEEE": Claims(order=("Ca", "Na", "K")), "EEKE": _WEAK, "EKEE": _WEAK}
