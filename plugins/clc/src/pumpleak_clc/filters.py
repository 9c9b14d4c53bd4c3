"""The chloride filter: backbone amides whose N-H dipoles point at the pore."""

from __future__ import annotations

from typing import Final

from pumpleak import Claims, SelectivityFilter

#: The positive ends of dipoles make a place for anions and repel every cation. Larger halides gain
#: less here than their cheaper dehydration saves, and strain a cavity that fits Cl.
AMIDES: Final = SelectivityFilter(
    name="amides",
    site_charge_e=0.95,
    site_radius_pm=100.0,
    relative_permittivity=4.0,
    shed_fraction=0.2,
    cavity_radius_pm=181.0,
    stiffness_kJ_per_mol_pm2=0.003,
    source=(
        "assumed: chosen so that the order Cl > Br > I comes out (Rychkov et al. 1998, J Gen "
        "Physiol 111:653, for ClC-1); cavity radius that of Cl, Shannon 1976"
    ),
    summary="CLC amide dipoles: a positive place; anions only, Cl > Br > I",
)

CLAIMS: Final = {"AMIDES": Claims(order=("Cl", "Br", "I"))}
