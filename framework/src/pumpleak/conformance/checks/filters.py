"""Rules for selectivity filters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import attrs

from ..._errors import PumpleakError
from ...parts._filter import SelectivityFilter
from ...parts._species import IonSpecies
from ...units._constants import GAS_CONSTANT
from .._bench import species_for
from .._check import broken, check, not_applicable
from .._subject import Subject

_SAME: Final = 1e-9
_TEMPERATURES_K: Final = (283.15, 310.15)


def _ion(name: str, valence: int, energy: float, radius: float) -> IonSpecies:
    return IonSpecies(
        name=name,
        valence=valence,
        dG_hydration_kJ_per_mol=energy,
        radius_pm=radius,
        source_hydration="assumed: made up for checks",
        source_radius="assumed: made up for checks",
    )


#: Made-up ions, small and large, of either sign; their order is what a claim can name.
TRIAL_IONS: Final[Mapping[str, IonSpecies]] = {
    ion.name: ion
    for ion in (
        _ion("small", 1, -420.0, 90.0),
        _ion("middle", 1, -330.0, 120.0),
        _ion("large", 1, -260.0, 160.0),
        _ion("double", 2, -1500.0, 100.0),
        _ion("anion", -1, -340.0, 180.0),
    )
}


@check(
    "C080",
    "filter",
    fix="Let ratios be exp(-(G_j - G_i)/RT) of the net energies, 1 for the reference.",
)
def ratios_follow_from_energies(subject: Subject) -> None:
    """Each permeability ratio is Boltzmann's factor of the difference of net energies."""
    site: SelectivityFilter = subject.thing
    ions = list(TRIAL_IONS.values())
    for kelvin in _TEMPERATURES_K:
        rows = site.energies(ions, kelvin)
        lowest = min(row.net_kJ_per_mol for row in rows)
        for row in rows:
            exponent = -(row.net_kJ_per_mol - lowest) * 1000 / (GAS_CONSTANT * kelvin)
            expected, ratio = math.exp(exponent), row.permeability_ratio
            if not (ratio >= 0 and abs(ratio - expected) <= _SAME * max(expected, 1e-300)):
                broken(
                    f"at {kelvin:g} K {row.ion} lies {row.net_kJ_per_mol - lowest:.6g} kJ/mol "
                    f"above the most permeant ion, so its ratio is {expected:.6g}, not {ratio:.6g}"
                )


@check(
    "C081",
    "filter",
    fix="Weigh each ion by itself: its energy may not depend on the others or on their order.",
)
def ions_are_weighed_one_by_one(subject: Subject) -> None:
    """An ion's barrier does not depend on which ions it is compared with, nor on their order."""
    site: SelectivityFilter = subject.thing
    ions = list(TRIAL_IONS.values())
    together = site.barriers(ions)
    backward = site.barriers(reversed(ions))
    again = site.barriers(ions)
    for ion in ions:
        alone = site.barriers([ion])[ion.name]
        for how, found in (
            ("backward", backward[ion.name]),
            ("a second time", again[ion.name]),
            ("alone", alone),
        ):
            if found != together[ion.name]:
                broken(
                    f"the barrier of {ion.name} is {together[ion.name]:.8g} kJ/mol among others, "
                    f"and {found:.8g} kJ/mol {how}"
                )


@check(
    "C082",
    "filter",
    fix="Divide each ratio by that of the reference ion, whichever it is.",
)
def ratios_do_not_depend_on_the_reference(subject: Subject) -> None:
    """P_a/P_b times P_b/P_c is P_a/P_c."""
    site: SelectivityFilter = subject.thing
    barriers = site.barriers(TRIAL_IONS.values())
    low, high = min(barriers.values()), max(barriers.values())
    thermal = GAS_CONSTANT * _TEMPERATURES_K[1] / 1000
    ions = [
        ion
        for ion in TRIAL_IONS.values()
        if (barriers[ion.name] - low) / thermal < 300 or high == low
    ]
    base = site.permeability_ratios(ions)
    for reference in base:
        ratios = site.permeability_ratios(ions, reference=reference)
        if ratios[reference] != 1:
            broken(f"the ratio of the reference {reference} to itself is {ratios[reference]:g}")
        for ion, ratio in ratios.items():
            expected = base[ion] / base[reference]
            if not abs(ratio - expected) <= _SAME * abs(expected):
                broken(
                    f"P_{ion}/P_{reference} is {ratio:.6g}, but by way of the most permeant ion "
                    f"{expected:.6g}"
                )


@check(
    "C083",
    "filter",
    fix="Look at the sign of site_charge_e: a negative site attracts cations.",
)
def the_site_attracts_what_is_charged_oppositely(subject: Subject) -> None:
    """Coordination lowers the energy of ions of opposite sign, in proportion to their charge."""
    site: SelectivityFilter = subject.thing
    rows = {row.ion: row for row in site.energies(TRIAL_IONS.values())}
    for name, row in rows.items():
        if row.coordination_kJ_per_mol * row.valence * site.site_charge_e < 0:
            broken(
                f"a site of {site.site_charge_e:+g} e gives {name} of valence {row.valence:+d} "
                f"{row.coordination_kJ_per_mol:+.4g} kJ/mol of coordination"
            )
        if row.strain_kJ_per_mol < 0:
            broken(f"bending the site to {name} sets {-row.strain_kJ_per_mol:.4g} kJ/mol free")
        if row.dehydration_kJ_per_mol < 0:
            broken(f"shedding water sets {-row.dehydration_kJ_per_mol:.4g} kJ/mol free in {name}")


@check(
    "C084",
    "filter",
    fix="Correct the site's numbers until the order comes out, or the claimed order.",
)
def selects_as_claimed(subject: Subject) -> None:
    """It passes ions in the order that its author claims, most permeant first."""
    order = subject.claims.order
    if not order:
        not_applicable("its claims name no order")
    try:
        known = {**species_for(set(order) - set(TRIAL_IONS), subject.species), **TRIAL_IONS}
    except PumpleakError as error:
        not_applicable(str(error))
    ions = [known[name] for name in order]
    bare = [ion.name for ion in ions if not ion.has_filter_data]
    if bare:
        not_applicable(f"no hydration energy or radius is known of {', '.join(bare)}")
    found = subject.thing.sequence(ions)
    if found != order:
        broken(f"the order is {' > '.join(found)}, and was claimed to be {' > '.join(order)}")


@check(
    "C085",
    "filter",
    fix="Give source a reference or 'assumed: ...', and a one-line summary.",
)
def its_table_is_complete(subject: Subject) -> None:
    """Its table gives each number of the site with unit, bounds and source."""
    site: SelectivityFilter = subject.thing
    rows = {row["name"]: row for row in site.parameter_table()}
    for field in attrs.fields(SelectivityFilter):
        if "unit" not in field.metadata:
            continue
        row = rows.get(field.name)
        if row is None or row["value"] != getattr(site, field.name):
            broken(f"its table does not give {field.name} = {getattr(site, field.name)!r}")
        if not str(row["source"]).strip() or not row["unit"]:
            broken(f"its {field.name} has no source, or no unit")
    if not site.summary.strip():
        broken("it has no summary")
