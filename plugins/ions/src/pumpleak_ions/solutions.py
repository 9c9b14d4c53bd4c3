"""Named solutions, in pairs: a cell's inside and what bathes it.

A source's own numbers come first in `source`; what it does not give is named there as assumed. The
impermeant solute stands for everything else: inside it makes up the osmolarity of the bath, and its
mean charge makes the solution electroneutral.
"""

from __future__ import annotations

from typing import Final

from pumpleak import Solution

_CLOSED: Final = "impermeant solute assumed, closing charge and osmolarity"
_BALANCED: Final = "impermeant solute assumed, closing charge"

mammalian_cytosol: Final = Solution(
    name="mammalian-cytosol",
    concentrations={
        "Na": "12 mM",
        "K": "140 mM",
        "Cl": "6 mM",
        "HCO3": "12 mM",
        "Ca": "0.0001 mM",
        "Mg": "0.5 mM",
    },
    pH=7.2,
    impermeant="134.1 mM",
    impermeant_valence=-135.0002 / 134.1,
    source=(
        f"Na, K, Cl, HCO3: textbook row for a mammal; pH, free Ca and free Mg assumed; {_CLOSED}"
    ),
)

csf: Final = Solution(
    name="csf",
    concentrations={
        "Na": "145 mM",
        "K": "4 mM",
        "Cl": "110 mM",
        "HCO3": "24 mM",
        "Ca": "1.2 mM",
        "Mg": "1 mM",
    },
    pH=7.4,
    impermeant="19.4 mM",
    impermeant_valence=-1.0,
    source=(
        "Na, K, Cl, HCO3: textbook row for a mammal's extracellular fluid; pH, free Ca and free Mg "
        f"assumed; {_BALANCED}"
    ),
)

hippocampal_cytosol: Final = Solution(
    name="hippocampal-cytosol",
    concentrations={"Na": "18 mM", "K": "99 mM", "Cl": "7 mM", "Ca": "0.0001 mM"},
    pH=7.2,
    impermeant="167.8999 mM",
    impermeant_valence=-110.0002 / 167.8999,
    source=(
        "Na, K, Cl, free Ca: public code of the edPR model of a hippocampal neuron; pH assumed; "
        f"{_CLOSED}"
    ),
)

hippocampal_bath: Final = Solution(
    name="hippocampal-bath",
    concentrations={"Na": "140 mM", "K": "4.3 mM", "Cl": "134 mM", "Ca": "1.1 mM"},
    pH=7.4,
    impermeant="12.5 mM",
    impermeant_valence=-1.0,
    source=(
        "Na, K, Cl, Ca: public code of the edPR model of a hippocampal neuron; pH assumed; "
        f"{_BALANCED}"
    ),
)

squid_axoplasm: Final = Solution(
    name="squid-axoplasm",
    concentrations={
        "Na": "50 mM",
        "K": "400 mM",
        "Cl": "40 mM",
        "Ca": "0.0001 mM",
        "Mg": "3 mM",
    },
    pH=7.3,
    impermeant="604.9999 mM",
    impermeant_valence=-416.0002 / 604.9999,
    source=(
        "Na, K, Cl (lower end of 40-150 mM): assumed, after Hodgkin 1964; pH, free Ca and free Mg "
        f"assumed; {_CLOSED} of squid-blood"
    ),
)

squid_blood: Final = Solution(
    name="squid-blood",
    concentrations={
        "Na": "440 mM",
        "K": "20 mM",
        "Cl": "560 mM",
        "Ca": "10 mM",
        "Mg": "54 mM",
    },
    pH=7.5,
    impermeant="14 mM",
    impermeant_valence=-2.0,
    source=(
        "Na, K, Cl: assumed, after Hodgkin 1964; pH, Ca and Mg assumed; "
        f"{_BALANCED}, in place of sulphate"
    ),
)

squid_seawater: Final = Solution(
    name="squid-seawater",
    concentrations={
        "Na": "460 mM",
        "K": "10 mM",
        "Cl": "540 mM",
        "Ca": "10 mM",
        "Mg": "54 mM",
    },
    pH=8.0,
    impermeant="29 mM",
    impermeant_valence=-2.0,
    source=(
        f"assumed: usual artificial sea water, no source checked; {_BALANCED}, in place of sulphate"
    ),
)

frog_sarcoplasm: Final = Solution(
    name="frog-sarcoplasm",
    concentrations={
        "Na": "9.2 mM",
        "K": "140 mM",
        "Cl": "3.5 mM",
        "Ca": "0.0001 mM",
        "Mg": "0.8 mM",
    },
    pH=7.2,
    impermeant="96.8999 mM",
    impermeant_valence=-147.3002 / 96.8999,
    source=(
        "Na, K, Cl (middle of 3-4 mM): assumed, after Adrian and after Hille 2001; pH, free Ca and "
        f"free Mg assumed; {_CLOSED} of frog-ringer"
    ),
)

frog_ringer: Final = Solution(
    name="frog-ringer",
    concentrations={"Na": "120 mM", "K": "2.5 mM", "Cl": "120 mM", "Ca": "1.8 mM"},
    pH=7.2,
    impermeant="6.1 mM",
    impermeant_valence=-1.0,
    source=(
        "Na, K, Cl: assumed, after Adrian and after Hille 2001; pH and Ca assumed, no Mg; "
        f"{_BALANCED}, in place of the buffer"
    ),
)

myocyte_cytosol: Final = Solution(
    name="myocyte-cytosol",
    concentrations={
        "Na": "10 mM",
        "K": "145 mM",
        "Cl": "15 mM",
        "Ca": "0.0001 mM",
        "Mg": "0.8 mM",
    },
    pH=7.2,
    impermeant="128.3999 mM",
    impermeant_valence=-141.6002 / 128.3999,
    source=(
        "Na, K: public file of the Luo-Rudy 1991 model; pH, Cl, free Ca and free Mg assumed; "
        f"{_CLOSED} of tyrode"
    ),
)

tyrode: Final = Solution(
    name="tyrode",
    concentrations={
        "Na": "140 mM",
        "K": "5.4 mM",
        "Cl": "151 mM",
        "Ca": "1.8 mM",
        "Mg": "1 mM",
    },
    pH=7.4,
    source=(
        "Na, K, Ca: public file of the Luo-Rudy 1991 model; pH and Mg assumed, Cl assumed so that "
        "the chlorides balance; glucose and buffer left out"
    ),
)

red_cell_cytosol: Final = Solution(
    name="red-cell-cytosol",
    concentrations={"Na": "10 mM", "K": "140 mM", "Cl": "95 mM", "Mg": "0.33 mM"},
    pH=7.2,
    impermeant="54.67 mM",
    impermeant_valence=-55.66 / 54.67,
    source=(
        "Na, K, anion (taken as Cl), free Mg: reference state of a public red cell model; pH "
        f"assumed; {_CLOSED} of red-cell-bath"
    ),
)

red_cell_bath: Final = Solution(
    name="red-cell-bath",
    concentrations={"Na": "145 mM", "K": "5 mM", "Cl": "147 mM"},
    pH=7.4,
    impermeant="3 mM",
    impermeant_valence=-1.0,
    source=(
        "Na, K, anion (taken as Cl): reference state of a public red cell model; pH assumed; "
        f"{_BALANCED}"
    ),
)

u937_cytosol: Final = Solution(
    name="u937-cytosol",
    concentrations={"Na": "38 mM", "K": "147 mM", "Cl": "45 mM"},
    pH=7.2,
    impermeant="61.6 mM",
    impermeant_valence=-140.0 / 61.6,
    source=(
        f"Na, K, Cl: assumed, after Yurinskaya and Vereninov; pH assumed; {_CLOSED} of u937-bath"
    ),
)

u937_bath: Final = Solution(
    name="u937-bath",
    concentrations={"Na": "140 mM", "K": "5.8 mM", "Cl": "116 mM"},
    pH=7.4,
    impermeant="29.8 mM",
    impermeant_valence=-1.0,
    source=f"Na, K, Cl: assumed, after Yurinskaya and Vereninov; pH assumed; {_BALANCED}",
)
