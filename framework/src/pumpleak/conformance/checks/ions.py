"""Rules for ion species."""

from __future__ import annotations

from typing import Final

from ...parts._filter import COULOMB_KJ_PM_PER_MOL
from ...parts._solution import Solution
from ...parts._species import NO_SOURCE, IonSpecies
from .._bench import SURROUNDINGS
from .._check import broken, check, not_applicable
from .._subject import Subject

#: Relative permittivity of water at 25 degC.
_WATER: Final = 78.4
#: Share of Born's energy at the bare radius that measured hydration energies have, with room: it is
#: 0.48 (Mg) to 0.90 (F) with the radii of Shannon 1976 and the energies of Marcus 1991.
_SHARES: Final = (0.3, 1.2)
#: Bare radius of any ion that a channel passes, pm.
_RADII_PM: Final = (20.0, 500.0)


@check(
    "C060",
    "ion",
    fix="Correct the valence: the charge of one ion in elementary charges, with its sign.",
)
def valence_is_that_of_its_symbol(subject: Subject) -> None:
    """An ion called by a chemical symbol has that ion's charge."""
    ion: IonSpecies = subject.thing
    if ion.name not in SURROUNDINGS:
        not_applicable(f"the kit knows no ion {ion.name!r}")
    if ion.valence != SURROUNDINGS[ion.name][0]:
        broken(f"{ion.name} has valence {SURROUNDINGS[ion.name][0]:+d}, not {ion.valence:+d}")


@check(
    "C061",
    "ion",
    fix="Give the Gibbs energy in kJ/mol (not kcal, not the enthalpy) and the bare radius in pm.",
)
def hydration_energy_fits_its_radius(subject: Subject) -> None:
    """Its hydration energy and radius agree with each other as Born's formula has them."""
    ion: IonSpecies = subject.thing
    if ion.dG_hydration_kJ_per_mol is None or ion.radius_pm is None:
        not_applicable("it has no hydration energy, or no radius")
    if not _RADII_PM[0] <= ion.radius_pm <= _RADII_PM[1]:
        broken(f"a radius of {ion.radius_pm:g} pm is no ion's; Na has 102 pm")
    born = ion.valence**2 * COULOMB_KJ_PM_PER_MOL / (2 * ion.radius_pm) * (1 - 1 / _WATER)
    share = -ion.dG_hydration_kJ_per_mol / born
    if not _SHARES[0] <= share <= _SHARES[1]:
        broken(
            f"{ion.dG_hydration_kJ_per_mol:g} kJ/mol is {share:.2g} of what Born's formula gives "
            f"at {ion.radius_pm:g} pm ({-born:.4g} kJ/mol), and should be {_SHARES[0]:g} to "
            f"{_SHARES[1]:g} of it"
        )


@check(
    "C062",
    "ion",
    fix="Say in source_hydration and source_radius where each number is from, or 'assumed: ...'.",
)
def every_number_has_a_source(subject: Subject) -> None:
    """Its table lists each number it knows, with where it is from."""
    ion: IonSpecies = subject.thing
    known = {
        name: getattr(ion, name)
        for name in ("dG_hydration_kJ_per_mol", "radius_pm")
        if getattr(ion, name) is not None
    }
    if not known:
        not_applicable("it has no numbers beside its valence")
    rows = {row["name"]: row for row in ion.parameter_table()}
    for name, value in known.items():
        row = rows.get(name)
        if row is None or row["value"] != value or not row["unit"]:
            broken(f"its table does not give {name} = {value:g} with its unit")
        if str(row["source"]).strip() in ("", NO_SOURCE):
            broken(f"its {name} has no source")


@check(
    "C063",
    "ion",
    fix="Let valence be a whole number, and leave Nernst potentials to the membrane.",
)
def reverses_where_Nernst_says(subject: Subject) -> None:
    """In a membrane its reversal potential is (RT/zF) ln(outside/inside)."""
    import math

    from ...equilibria._problem import ClampedProblem
    from ...membranes._membrane import Membrane
    from ...parts._channel import Channel
    from ...parts._permeation import Ohmic

    ion: IonSpecies = subject.thing

    class Leak(Channel):
        permeation = Ohmic(ion.name)

    for inside, outside in ((140.0, 4.0), (3.0, 120.0), (20.0, 20.0)):
        membrane = Membrane(
            mechanisms=[Leak(density="1 nS")],
            inside=Solution(concentrations={ion.name: f"{inside} mM"}),
            outside=Solution(concentrations={ion.name: f"{outside} mM"}),
            temperature="310.15 K",
            area="1000 um^2",
            species={ion.name: ion},
        )
        expected = 8.314462618 * 310.15 / 96.48533212 * math.log(outside / inside)
        charge = SURROUNDINGS.get(ion.name, (ion.valence,))[0]
        current, _ = ClampedProblem(membrane).total_at(expected / charge)
        if not abs(current) <= 1e-9:
            broken(
                f"between {inside:g} and {outside:g} mM it does not reverse at "
                f"{expected / charge:.6g} mV: {current:.6g} pA flow through 1 nS"
            )
