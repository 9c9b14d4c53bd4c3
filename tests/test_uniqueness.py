"""Mori's theorem: a pump-leak cell with linear currents has one stable rest, or swells for ever.

Random cells in a bath: ohmic leaks of Na, K and Cl, a pump that runs faster the more sodium there
is inside, impermeant solute of negative charge, and water. Whether a rest exists is decided here by
a calculation of its own, which knows nothing of the solver.

References:
    Mori 2012, J Math Biol 65:875 (arXiv:1104.4097).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq

import pumpleak as pl
from pumpleak_atpase.cubic import Cubic
from pumpleak_atpase.linear import Linear
from pumpleak_atpase.switched import Switched

VT_MV = 8.314462618 * 310.15 / 96.48533212
#: Median net current at full rate, uA/cm2; and the rate by inside and outside sodium, K outside.
LAWS = {
    Linear: (10.0, lambda na, out, _: na / out),
    Cubic: (1000.0, lambda na, out, _: (na / out) ** 3),
    Switched: (30.0, lambda na, _, k: 1 / (1 + math.exp((25 - na) / 3)) / (1 + math.exp(5.5 - k))),
}


def drawn(law, rng):
    """Return one random cell's numbers: conductances mS/cm2, pump uA/cm2, mM outside, valence."""
    sodium = 0.02 * rng.lognormal(0, 1)
    return {
        "Na": sodium,
        # Below some 0.02 of sodium's, potassium let in by the pump cannot leave again.
        "K": sodium * 10 ** rng.uniform(-2.5, 2),
        "Cl": 0.1 * rng.lognormal(0, 1),
        "pump": LAWS[law][0] * rng.lognormal(0, 1),
        "Na_out": rng.uniform(120, 150),
        "K_out": rng.uniform(2, 8),
        "impermeant_out": rng.uniform(0, 30) if rng.random() < 0.5 else 0.0,
        "valence": rng.uniform(-2, -0.2),
    }


def cell(law, n):
    leaks = [
        pl.CustomChannel(
            name=ion.lower(), density=f"{float(n[ion])!r} mS/cm^2", permeation=pl.Ohmic(ion)
        )
        for ion in ("Na", "K", "Cl")
    ]
    outside = {"Na": n["Na_out"], "K": n["K_out"], "Cl": n["Na_out"] + n["K_out"]}
    return pl.Membrane(
        mechanisms=[*leaks, law(name="pump", density=f"{float(n['pump'])!r} uA/cm^2")],
        inside=pl.Solution(
            concentrations={"Na": "15 mM", "K": "130 mM", "Cl": "10 mM"},
            impermeant="100 mM",
            impermeant_valence=float(n["valence"]),
        ),
        outside=pl.Solution(
            concentrations={ion: f"{float(value)!r} mM" for ion, value in outside.items()},
            impermeant=f"{float(n['impermeant_out'])!r} mM",
        ),
        temperature="310.15 K",
        area="1000 um^2",
        compartments=pl.Compartments(free=["Na", "K", "Cl"], volume="2 pL", swells=True),
    )


def osmotic_margin_mM(law, n):
    """Return how much the outside's osmolarity exceeds that of an endlessly diluted inside.

    There the impermeant solute counts for nothing and Na + K = Cl inside. With room left it can be
    filled by the solute at some finite volume; without, there is no volume to rest at.
    """
    rate = LAWS[law][1]

    def inside(V_mV):
        """Return the logarithms of Na, K and Cl inside where no net current flows at V."""
        u = V_mV / VT_MV
        alone = math.log(n["Na_out"]) - u

        def pumped(log_na):  # uA/cm2 over mS/cm2 is mV
            return n["pump"] * rate(math.exp(log_na), n["Na_out"], n["K_out"]) / VT_MV

        least = alone - 3 * pumped(alone) / n["Na"] - 1.0
        sodium = brentq(
            lambda x: x - alone + 3 * pumped(x) / n["Na"], least, alone, xtol=1e-14, maxiter=1000
        )
        potassium = math.log(n["K_out"]) - u + 2 * pumped(sodium) / n["K"]
        return sodium, potassium, math.log(n["Na_out"] + n["K_out"]) + u

    def charge(V_mV):
        sodium, potassium, chloride = inside(V_mV)
        return np.logaddexp(sodium, potassium) - chloride

    V_mV = brentq(charge, -300.0, 1e5, xtol=1e-10, maxiter=1000)
    outside = 2 * (n["Na_out"] + n["K_out"]) + n["impermeant_out"]
    # the anion alone, cations being as many
    return outside - 2 * math.exp(min(inside(V_mV)[2], 700.0))


def rest_or_runaway(count, seed):
    rng = np.random.default_rng(seed)
    kinds = {True: 0, False: 0}
    for position in range(count):
        law = list(LAWS)[position % len(LAWS)]
        n = drawn(law, rng)
        exists = osmotic_margin_mM(law, n) > 0
        kinds[exists] += 1

        found = pl.steady(cell(law, n))

        which = f"cell {position} of seed {seed}: {law.__name__}, {n}"
        if exists:
            assert ("found", 1) == (found.status, len(found)), which
            assert "stable" == found[0].kind, which
        else:
            assert ("runs away", 0) == (found.status, len(found)), which
            assert found.message.startswith("volume runs away: the cell swells"), which
    return kinds


def test_a_hundred_random_cells_have_one_stable_rest_or_swell():
    """Exactly where a rest must exist one is found; where none can, the volume is named."""
    kinds = rest_or_runaway(100, seed=2)

    assert min(kinds.values()) > 20


@pytest.mark.slow
def test_a_thousand_random_cells_have_one_stable_rest_or_swell():
    """The same for ten times as many."""
    kinds = rest_or_runaway(1000, seed=3)

    assert min(kinds.values()) > 200
