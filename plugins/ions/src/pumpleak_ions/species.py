"""Ion species: valence, hydration free energy at 298.15 K, and the radius of the bare ion.

Radii are effective ones for six neighbours. A number that was not read in the work itself, or in a
table that quotes it, says "assumed, after ...".
"""

from __future__ import annotations

from typing import Final

from pumpleak import IonSpecies

_MARCUS: Final = (
    "assumed, after Marcus 1991, J Chem Soc Faraday Trans 87:2995, doi 10.1039/FT9918702995"
)
_SHANNON: Final = "Shannon 1976, Acta Cryst A32:751, doi 10.1107/S0567739476001551"
_SHANNON_QUOTED: Final = f"{_SHANNON}, as quoted in PMC5974906, table 2"
_AFTER_SHANNON: Final = f"assumed, after {_SHANNON}"

#: No filter data: a proton is never bare in water, and passes filters in other ways.
H: Final = IonSpecies(name="H", valence=1)

Li: Final = IonSpecies(
    name="Li",
    valence=1,
    dG_hydration_kJ_per_mol=-475,
    radius_pm=76,
    source_hydration=_MARCUS,
    source_radius=_AFTER_SHANNON,
)
Na: Final = IonSpecies(
    name="Na",
    valence=1,
    dG_hydration_kJ_per_mol=-365,
    radius_pm=102,
    source_hydration=_MARCUS,
    source_radius=_AFTER_SHANNON,
)
K: Final = IonSpecies(
    name="K",
    valence=1,
    dG_hydration_kJ_per_mol=-295,
    radius_pm=138,
    source_hydration=_MARCUS,
    source_radius=_AFTER_SHANNON,
)
Rb: Final = IonSpecies(
    name="Rb",
    valence=1,
    dG_hydration_kJ_per_mol=-275,
    radius_pm=152,
    source_hydration=_MARCUS,
    source_radius=_AFTER_SHANNON,
)
Cs: Final = IonSpecies(
    name="Cs",
    valence=1,
    dG_hydration_kJ_per_mol=-250,
    radius_pm=167,
    source_hydration=_MARCUS,
    source_radius=_SHANNON,
)
Mg: Final = IonSpecies(
    name="Mg",
    valence=2,
    dG_hydration_kJ_per_mol=-1830,
    radius_pm=72,
    source_hydration=_MARCUS,
    source_radius=_SHANNON_QUOTED,
)
Ca: Final = IonSpecies(
    name="Ca",
    valence=2,
    dG_hydration_kJ_per_mol=-1505,
    radius_pm=100,
    source_hydration=_MARCUS,
    source_radius=_SHANNON,
)
Cl: Final = IonSpecies(
    name="Cl",
    valence=-1,
    dG_hydration_kJ_per_mol=-340,
    radius_pm=181,
    source_hydration=_MARCUS,
    source_radius=_SHANNON,
)
Br: Final = IonSpecies(
    name="Br",
    valence=-1,
    dG_hydration_kJ_per_mol=-315,
    radius_pm=196,
    source_hydration=_MARCUS,
    source_radius=_SHANNON,
)
I: Final = IonSpecies(  # noqa: E741 - the element's own symbol
    name="I",
    valence=-1,
    dG_hydration_kJ_per_mol=-275,
    radius_pm=220,
    source_hydration=_MARCUS,
    source_radius=_AFTER_SHANNON,
)

#: No filter data: the sources give no hydration energy and no radius for this flat, polyatomic ion.
HCO3: Final = IonSpecies(name="HCO3", valence=-1)
