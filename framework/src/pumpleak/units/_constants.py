"""The only constants of nature in pumpleak, in its coherent unit set.

mV, pA, nS, pF, ms, mM, fL, amol, um, K: nS x mV = pA, pF x mV / ms = pA, mM x fL = amol,
and 1 J/mol = 1 mV pA ms / amol, so that no other factor is ever needed.
"""

from __future__ import annotations

from typing import Final

#: Molar gas constant, J/(mol K) = mV pA ms / (amol K). CODATA 2018.
GAS_CONSTANT: Final = 8.314462618
#: Faraday constant, pA ms / amol. CODATA 2018: 96485.33212 C/mol.
FARADAY: Final = 96.48533212
#: Molecules in an amol. CODATA 2018: 6.02214076e23 per mol, exact.
MOLECULES_PER_AMOL: Final = 602214.076
MS_PER_S: Final = 1000.0
#: 1 pA mV = 1e-15 W.
WATT_PER_PA_MV: Final = 1e-15
#: Standard concentration of the pH scale, mM.
MOLAR_MM: Final = 1000.0
