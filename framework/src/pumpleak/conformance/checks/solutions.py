"""Rules for solutions."""

from __future__ import annotations

from typing import Any, Final

import attrs

from ..._errors import PumpleakError
from ...parts._solution import Solution
from .._bench import species_for
from .._check import broken, check, not_applicable
from .._subject import Subject

#: Charge that may be left over: rounding of published concentrations, mM and share of all charge.
_LEFT_MM: Final = 0.05
_LEFT_SHARE: Final = 1e-3
#: From pond water to the Dead Sea.
_OSMOLARITY_MM: Final = (1.0, 12000.0)


@check(
    "C070",
    "solution",
    fix="Add the ion that is missing, or give impermeant_valence; a solution has no net charge.",
)
def electroneutral(subject: Subject) -> None:
    """Its charges add up to nothing, the impermeant solute's included."""
    solution: Solution = subject.thing
    if solution.impermeant is not None and solution.impermeant_valence is None:
        not_applicable("the charge of its impermeant solute is not given")
    species = species_for(solution.concentrations, subject.species)
    left = solution.charge_imbalance_mM(species)
    gross = sum(
        abs(species[ion].valence) * given.value for ion, given in solution.concentrations.items()
    )
    if not abs(left) <= _LEFT_MM + _LEFT_SHARE * gross:
        broken(f"{left:+.4g} mM of charge are left over among {gross:.4g} mM")


@check(
    "C071",
    "solution",
    fix="Look at the units, and list what is dissolved: an osmolarity counts all of it.",
)
def osmolarity_is_possible(subject: Subject) -> None:
    """What is dissolved adds up to an osmolarity that water can have, solute by solute."""
    solution: Solution = subject.thing
    parts = [given.value for given in solution.concentrations.values()]
    if solution.impermeant is not None:
        parts.append(solution.impermeant.value)
    whole = solution.osmolarity_mM
    if not _OSMOLARITY_MM[0] <= whole <= _OSMOLARITY_MM[1]:
        broken(f"its osmolarity is {whole:.4g} mM")
    if not abs(whole - sum(parts)) <= 1e-9 * whole:
        broken(f"its osmolarity is {whole:.6g} mM, but its solutes add up to {sum(parts):.6g} mM")


@check(
    "C072",
    "solution",
    fix="Give source a reference, or 'assumed: ...' where there is none.",
)
def says_where_it_is_from(subject: Subject) -> None:
    """It is named, and its numbers have a source."""
    solution: Solution = subject.thing
    if not str(solution.source).strip() or solution.source == attrs.fields(Solution).source.default:
        broken(f"its source says {solution.source!r}")
    if solution.name == attrs.fields(Solution).name.default:
        broken("it has no name of its own")
    rows = solution.parameter_table()
    lost = [ion for ion in solution.concentrations if ion not in {row["name"] for row in rows}]
    if [ion for ion in lost if ion != "H"]:
        broken(f"its table leaves out {', '.join(lost)}")


@check(
    "C073",
    "solution",
    fix="Name ions that an installed plugin supplies, or list them in the plugin's own species.",
)
def its_ions_are_known(subject: Subject) -> None:
    """Each of its ions has a species, so that its charge is known."""
    solution: Solution = subject.thing
    for ion in solution.concentrations:
        try:
            species_for([ion], subject.species)
        except PumpleakError as error:
            broken(str(error))


@check(
    "C074",
    "solution",
    fix="Return a new solution; never write to the one that is changed.",
)
def changing_leaves_it_untouched(subject: Subject) -> None:
    """A changed copy has the new value, and the solution itself is what it was."""
    solution: Solution = subject.thing
    before = _values(solution)
    for ion, given in solution.concentrations.items():
        if ion == "H" and solution.pH is not None:
            continue
        wanted = given.value / 2 + 1
        changed = solution.changed({ion: f"{wanted!r} mM"})
        value = changed.concentrations[ion].value
        if not abs(value - wanted) <= 1e-9 * wanted:
            broken(f"changed to {wanted:g} mM its {ion} is {value:g} mM")
        others = {name: item for name, item in _values(changed).items() if name != ion}
        if others != {name: item for name, item in before.items() if name != ion}:
            broken(f"with its {ion} something else changed too")
    if _values(solution) != before:
        broken("a change to a copy changed the solution itself")


def _values(solution: Solution) -> dict[str, Any]:
    found: dict[str, Any] = {ion: item.value for ion, item in solution.concentrations.items()}
    solute = None if solution.impermeant is None else solution.impermeant.value
    return {**found, "impermeant": solute, "impermeant_valence": solution.impermeant_valence}
