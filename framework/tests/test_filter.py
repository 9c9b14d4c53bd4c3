"""`SelectivityFilter`, with made-up ions: the model knows none."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpleak._errors import CompositionError, PhysicsError
from pumpleak.parts._filter import COULOMB_KJ_PM_PER_MOL, SelectivityFilter
from pumpleak.parts._species import IonSpecies

R_KJ = 8.314462618e-3


def ion(name: str, valence: int, energy: float, radius: float) -> IonSpecies:
    return IonSpecies(
        name=name,
        valence=valence,
        dG_hydration_kJ_per_mol=energy,
        radius_pm=radius,
        source_hydration="assumed",
        source_radius="assumed",
    )


SMALL = ion("small", 1, -400, 80)
MIDDLE = ion("middle", 1, -300, 140)
LARGE = ion("large", 1, -260, 170)
TWICE = ion("twice", 2, -1500, 100)
NEGATIVE = ion("negative", -1, -330, 180)
ALL = (SMALL, MIDDLE, LARGE, TWICE, NEGATIVE)


def site(**changes: Any) -> SelectivityFilter:
    values: dict[str, Any] = {
        "name": "test",
        "site_charge_e": -1.0,
        "site_radius_pm": 140.0,
        "relative_permittivity": 3.0,
        "shed_fraction": 0.4,
        "cavity_radius_pm": 140.0,
        "stiffness_kJ_per_mol_pm2": 0.01,
        "source": "assumed",
    }
    return SelectivityFilter(**{**values, **changes})


def test_coulomb_constant_is_codata() -> None:
    """N_A e^2 / (4 pi eps_0) follows from the constants of nature."""
    e, n_a, eps_0 = 1.602176634e-19, 6.02214076e23, 8.8541878128e-12
    by_hand = n_a * e**2 / (4 * math.pi * eps_0) * 1e12 / 1e3

    assert by_hand == pytest.approx(COULOMB_KJ_PM_PER_MOL, rel=1e-9)


def test_energy_is_dehydration_plus_coordination_plus_strain() -> None:
    """Each term is the one in the docstring, computed by hand."""
    (row,) = site().energies([SMALL])

    assert row.dehydration_kJ_per_mol == pytest.approx(160.0)
    assert row.coordination_kJ_per_mol == pytest.approx(-138935.4576 / 3 / 220)
    assert row.strain_kJ_per_mol == pytest.approx(18.0)
    assert row.net_kJ_per_mol == pytest.approx(160 - 138935.4576 / 660 + 18)
    assert 1.0 == row.permeability_ratio


def test_ratio_is_boltzmann_of_the_net_difference() -> None:
    """P_j/P_i = exp(-(G_j - G_i)/RT), at the temperature asked for."""
    barriers = site().barriers([SMALL, MIDDLE])
    cold = site().permeability_ratios([SMALL, MIDDLE], "middle", temperature_K=280.0)
    expected = math.exp(-(barriers["small"] - barriers["middle"]) / (R_KJ * 280.0))

    assert cold == pytest.approx({"small": expected, "middle": 1.0})


def test_without_reference_the_most_permeant_is_one() -> None:
    """The default names no ion: the best is 1 and all others are below."""
    ratios = site().permeability_ratios(ALL)
    best = site().sequence(ALL)[0]

    assert 1.0 == ratios[best]
    assert max(ratios.values()) == 1.0


def test_sign_of_the_site_decides_who_is_caught() -> None:
    """Turning the site's sign turns attraction into repulsion for every ion."""
    for row, turned in zip(
        site().energies(ALL), site(site_charge_e=1.0).energies(ALL), strict=True
    ):
        assert row.coordination_kJ_per_mol == -turned.coordination_kJ_per_mol
        assert (row.valence > 0) == (row.coordination_kJ_per_mol < 0)


def test_divalent_is_paid_twice() -> None:
    """Coordination is linear in the ion's and in the site's charge."""
    double = ion("double", 2, -1500, SMALL.radius_pm or 0)
    one, two = site().energies([SMALL, double])
    (strong,) = site(site_charge_e=-2.0).energies([SMALL])

    assert two.coordination_kJ_per_mol == pytest.approx(2 * one.coordination_kJ_per_mol)
    assert strong.coordination_kJ_per_mol == pytest.approx(2 * one.coordination_kJ_per_mol)


def test_stiffness_favours_the_ion_that_fits() -> None:
    """A stiffer site lowers the ratio of every ion that does not fit, and of no other."""
    soft = site(stiffness_kJ_per_mol_pm2=0.0).permeability_ratios(ALL, "middle")
    stiff = site(stiffness_kJ_per_mol_pm2=0.02).permeability_ratios(ALL, "middle")

    assert 1.0 == stiff["middle"]
    assert all(stiff[name] < soft[name] for name in stiff if name != "middle")


def test_walk_turns_the_order_round_one_pair_at_a_time() -> None:
    """From no field to a strong one, each pair changes places at most once, neighbours only."""
    steps = site().walk([SMALL, MIDDLE, LARGE])
    orders = [step.order for step in steps]

    assert 0.0 == steps[0].charge_from_e
    assert -math.inf == steps[-1].charge_to_e
    assert ("small", "middle", "large") == orders[-1]
    for before, after in itertools.pairwise(orders):
        moved = [index for index in range(3) if before[index] != after[index]]
        assert 2 == len(moved) == moved[-1] - moved[0] + 1


def test_walk_agrees_with_the_table() -> None:
    """In the middle of each step the site's own sequence is the step's order."""
    for step in site().walk([SMALL, MIDDLE, LARGE]):
        charge = (
            step.charge_from_e - 1
            if math.isinf(step.charge_to_e)
            else (step.charge_from_e + step.charge_to_e) / 2
        )
        here = attrs.evolve(site(), site_charge_e=charge)

        assert step.order == here.sequence([SMALL, MIDDLE, LARGE])


def test_walk_of_anions_grows_a_positive_charge() -> None:
    """The charge takes the sign that attracts."""
    steps = site().walk([NEGATIVE, ion("other", -1, -280, 210)])

    assert math.inf == steps[-1].charge_to_e


def test_ions_of_equal_radius_never_change_places() -> None:
    """Two ions that feel the same field keep their order in every field."""
    twin = ion("twin", 1, -310, 140)

    assert [("middle", "twin")] == [step.order for step in site().walk([MIDDLE, twin])]


@pytest.mark.parametrize("ions", [[], [SMALL], [SMALL, TWICE], [SMALL, NEGATIVE]])
def test_walk_refuses_ions_it_cannot_compare(ions: list[IonSpecies]) -> None:
    """One valence, two ions or more."""
    with pytest.raises(CompositionError, match="two or more ions of one valence"):
        site().walk(ions)


def test_ion_without_data_is_named_with_what_it_lacks() -> None:
    """The error says what is missing and the two ways out."""
    bare = IonSpecies(name="bare", valence=1)
    expected = "no hydration free energy and no radius.*permeability ratio as a number"

    with pytest.raises(CompositionError, match=f"cannot weigh 'bare'.*{expected}"):
        site().energies([SMALL, bare])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: site().energies([]), "at least one ion"),
        (lambda: site().energies([SMALL, SMALL]), "given twice"),
        (lambda: site().energies([SMALL], temperature_K=0), "must be positive"),
        (lambda: site().energies([SMALL], temperature_K=math.nan), "must be positive"),
        (lambda: site().energies([SMALL], reference="smal"), "did you mean 'small'"),
        (lambda: site(site_radius_pm=0), r"'site_radius_pm' .*got 0.0"),
        (lambda: site(shed_fraction=1.1), "'shed_fraction'"),
        (lambda: site(relative_permittivity=math.nan), "'relative_permittivity'"),
        (lambda: site(stiffness_kJ_per_mol_pm2=-1), "'stiffness_kJ_per_mol_pm2'"),
        (lambda: site(site_charge_e="-1 e"), "bare, their unit is in the name"),
        (lambda: site(source=""), "'source' of a filter"),
    ],
)
def test_what_cannot_be_is_refused(call: Any, words: str) -> None:
    """Each refusal says what it got."""
    with pytest.raises(CompositionError, match=words):
        call()


def test_reference_that_cannot_enter_is_refused() -> None:
    """A ratio beyond any double is an error that proposes a usable reference, never infinity."""
    strong = site(site_charge_e=-10.0, relative_permittivity=1.0)

    with pytest.raises(PhysicsError, match="take 'twice' as the reference"):
        strong.permeability_ratios(ALL, "negative")
    assert 0.0 == strong.permeability_ratios(ALL)["negative"]


def test_parameter_table_has_a_row_with_unit_for_each_number() -> None:
    """Every number of a site is on record, with the site's own source."""
    rows = site(source="assumed: for this test").parameter_table()

    assert 6 == len(rows)
    assert {"assumed: for this test"} == {row["source"] for row in rows}
    assert all(row["unit"] and row["bounds"] and row["doc"] for row in rows)
    assert not any(row["measured"] for row in rows)


@given(
    charge=st.floats(-4, 4),
    radius=st.floats(60, 400),
    stiffness=st.floats(0, 0.05),
    temperature=st.floats(270, 330),
)
def test_ratios_do_not_depend_on_the_reference(
    charge: float, radius: float, stiffness: float, temperature: float
) -> None:
    """Ratios of ratios are the same whichever ion is 1."""
    here = site(site_charge_e=charge, site_radius_pm=radius, stiffness_kJ_per_mol_pm2=stiffness)
    ions = [SMALL, MIDDLE, LARGE]
    by_small = here.permeability_ratios(ions, "small", temperature)
    by_large = here.permeability_ratios(ions, "large", temperature)

    assert by_small["middle"] / by_small["large"] == pytest.approx(by_large["middle"], rel=1e-9)


def test_core_filter_names_no_ion() -> None:
    """Renaming every ion changes names only: the model does not know who is who."""
    renamed = [attrs.evolve(item, name=f"n{index}") for index, item in enumerate(ALL)]
    before = [row.net_kJ_per_mol for row in site().energies(ALL)]

    assert before == [row.net_kJ_per_mol for row in site().energies(renamed)]


def test_import_is_light() -> None:
    """A filter needs neither numpy nor pint nor sympy."""
    code = (
        "import sys, pumpleak.parts._filter, pumpleak.parts._species; "
        "print([m for m in ('numpy', 'pint', 'sympy', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()
