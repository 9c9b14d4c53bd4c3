"""What this plugin supplies, as text; the numbers are imported when somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterator

from pumpleak.host import SolutionRecord, SpeciesRecord, hookimpl

_SPECIES = (
    ("H", 1, "proton; set through pH, no filter data"),
    ("Li", 1, "lithium"),
    ("Na", 1, "sodium (natrium)"),
    ("K", 1, "potassium (kalium)"),
    ("Rb", 1, "rubidium"),
    ("Cs", 1, "caesium"),
    ("Mg", 2, "magnesium"),
    ("Ca", 2, "calcium"),
    ("Cl", -1, "chloride"),
    ("Br", -1, "bromide"),
    ("I", -1, "iodide"),
    ("HCO3", -1, "bicarbonate; no filter data"),
)

_SOLUTIONS = (
    ("mammalian-cytosol", "inside of a mammalian cell, textbook"),
    ("csf", "extracellular fluid of a mammal, textbook"),
    ("hippocampal-cytosol", "inside of a hippocampal neuron (edPR model)"),
    ("hippocampal-bath", "outside of a hippocampal neuron (edPR model)"),
    ("squid-axoplasm", "inside of the squid giant axon"),
    ("squid-blood", "what the squid axon lives in"),
    ("squid-seawater", "artificial sea water, what it is studied in"),
    ("frog-sarcoplasm", "inside of frog skeletal muscle"),
    ("frog-ringer", "Ringer for frog muscle"),
    ("myocyte-cytosol", "inside of a ventricular myocyte (Luo-Rudy 1991)"),
    ("tyrode", "Tyrode for heart cells (Luo-Rudy 1991)"),
    ("red-cell-cytosol", "inside of a human red cell"),
    ("red-cell-bath", "outside of a human red cell"),
    ("u937-cytosol", "inside of a U937 lymphoid cell"),
    ("u937-bath", "outside of a U937 lymphoid cell"),
)


@hookimpl
def pumpleak_species() -> Iterator[SpeciesRecord]:
    """Register the ion species."""
    for name, valence, summary in _SPECIES:
        yield SpeciesRecord(
            name=name, factory=f"pumpleak_ions.species:{name}", summary=summary, valence=valence
        )


@hookimpl
def pumpleak_solutions() -> Iterator[SolutionRecord]:
    """Register the named solutions."""
    for name, summary in _SOLUTIONS:
        yield SolutionRecord(
            name=name,
            factory=f"pumpleak_ions.solutions:{name.replace('-', '_')}",
            summary=summary,
        )
