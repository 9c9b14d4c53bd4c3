"""The fifteen-state pump as a cycle: what must hold whatever its constants are."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pumpleak as pl
from pumpleak_atpase.fifteen_state import FifteenState

VT_MV = 8.314462618 * 310.15 / 96.48533212


class Floats:
    """Enough of a number system to step through the physics by hand."""

    exp, log = math.exp, math.log

    @staticmethod
    def let(x, name=""):
        return x


def pump(**given):
    return FifteenState(density="1 pump", **given).bound(lambda path, quantity: quantity.value)


def local(V_mV=-70.0, Na=(10.0, 140.0), K=(145.0, 5.4)):
    return SimpleNamespace(
        xp=Floats,
        V=V_mV,
        VT=VT_MV,
        R=8.314462618,
        T=310.15,
        inside=SimpleNamespace(Na=Na[0], K=K[0]),
        outside=SimpleNamespace(Na=Na[1], K=K[1]),
    )


CONCENTRATION = st.floats(0.01, 500)
STATES = st.builds(
    local,
    st.floats(-250, 150),
    st.tuples(CONCENTRATION, CONCENTRATION),
    st.tuples(CONCENTRATION, CONCENTRATION),
)


@given(STATES)
def test_occupancies_are_probabilities(s):
    """None is negative and they add up to one."""
    occupancies = list(pump().occupancies(s).values())

    assert min(occupancies) >= 0
    assert 1 == pytest.approx(sum(occupancies), rel=1e-14)


@given(STATES)
def test_the_cycle_runs_where_its_affinity_points(s):
    """Rate and affinity have one sign: free energy is dissipated, never made."""
    cycle = pump()

    assert cycle.cycle_rate(s) * cycle.affinity(s) >= 0


@given(STATES)
def test_the_rate_is_the_net_flux_of_every_step(s):
    """Forward minus backward flux is the same for all fifteen steps, as far as it can be told."""
    cycle = pump()
    rate = cycle.cycle_rate(s)
    forward, backward = cycle._rates(s)
    occupied = list(cycle.occupancies(s).values())

    for i in range(15):
        there, back = occupied[i] * forward[i], occupied[(i + 1) % 15] * backward[i]
        assert there - back == pytest.approx(rate, rel=1e-12, abs=1e-13 * max(there, back))


@given(STATES)
def test_rates_obey_detailed_balance_with_the_affinity(s):
    """The product of forward over backward rates is exp(affinity/RT), the K cancelling."""
    cycle = pump()
    forward, backward = cycle._rates(s)

    logarithm = sum(map(math.log, forward)) - sum(map(math.log, backward))

    assert cycle.affinity(s) / (s.R * s.T) == pytest.approx(logarithm, abs=1e-11)


@given(STATES, st.floats(0.1, 10))
def test_the_affinity_knows_only_the_reaction(s, factor):
    """No rate constant changes it; changing where the charge moves does not either."""
    expected = pump().affinity(s)

    assert expected == pump(kappa_7=f"{factor} fmol/s", K_9=f"{factor} /fmol").affinity(s)
    assert expected == pump(share_5=0.5).affinity(s)


def test_near_reversal_subtracting_fluxes_would_lose_what_the_cycle_keeps():
    """A picovolt from reversal the rate follows the affinity; the fluxes of a fast step do not."""
    cycle = pump()
    reversal_mV = -VT_MV * cycle.affinity(local(0.0)) / (8.314462618 * 310.15)
    s, far = local(reversal_mV + 1e-9), local(reversal_mV + 1e-3)

    per_affinity = cycle.cycle_rate(s) / cycle.affinity(s)
    expected = cycle.cycle_rate(far) / cycle.affinity(far)
    forward, backward = cycle._rates(s)
    occupied = list(cycle.occupancies(s).values())
    subtracted = occupied[3] * forward[3] - occupied[4] * backward[3]

    assert expected == pytest.approx(per_affinity, rel=1e-4)
    assert expected != pytest.approx(subtracted / cycle.affinity(s), rel=1e-4)


def test_its_density_is_a_count():
    """A current cannot be its density, since the rate is that of one copy."""
    species = {name: pl.IonSpecies(name=name, valence=1) for name in ("Na", "K")}
    cell = pl.Membrane(
        mechanisms=[FifteenState(density="1 uA/cm^2")],
        inside=pl.Solution(concentrations={"Na": "10 mM", "K": "145 mM"}),
        outside=pl.Solution(concentrations={"Na": "140 mM", "K": "5.4 mM"}),
        temperature="37 degC",
        area="100 um^2",
        species=species,
    )

    with pytest.raises(pl.CompositionError, match="density must be a count"):
        pl.ClampedProblem(cell)
