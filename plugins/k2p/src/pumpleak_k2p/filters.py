"""The potassium filter: backbone carbonyls of TVGYG, stiff and sized for K."""

from __future__ import annotations

from typing import Final

from pumpleak import Claims, SelectivityFilter

#: A cage of carbonyl oxygens that fits K (138 pm, Shannon 1976) and gives little. Na sits loosely
#: in it: what the cage costs to shrink is not paid back. The order of the five alkali ions is
#: Eisenman's IV, and sweeping nothing but this site's charge walks I to XI.
TVGYG: Final = SelectivityFilter(
    name="TVGYG",
    site_charge_e=-1.0,
    site_radius_pm=140.0,
    relative_permittivity=3.0,
    shed_fraction=0.4,
    cavity_radius_pm=138.0,
    stiffness_kJ_per_mol_pm2=0.015,
    source=(
        "assumed: chosen so that the order K > Rb > Cs > Na > Li comes out, with P_Na/P_K below "
        "0.01; site radius about that of an oxygen, cavity radius that of K, Shannon 1976"
    ),
    summary="K2P carbonyl cage: rigid, sized for K; P_K >> P_Na",
)

CLAIMS: Final = {"TVGYG": Claims(order=("K", "Rb", "Cs", "Na", "Li"))}
