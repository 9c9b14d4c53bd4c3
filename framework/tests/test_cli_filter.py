"""``pumpleak filter``, with ions and filters of a plugin made for the test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from test_host_lab import Lab, open_lab

from pumpleak.cli._filter import filter_command

PHYSICS = """
    from pumpleak.parts._filter import SelectivityFilter
    from pumpleak.parts._species import IonSpecies

    def ion(name, valence, energy, radius):
        return IonSpecies(
            name=name, valence=valence, dG_hydration_kJ_per_mol=energy, radius_pm=radius,
            source_hydration="assumed", source_radius="assumed",
        )

    small, middle = ion("small", 1, -400, 80), ion("middle", 1, -300, 140)
    large = ion("large", 1, -260, 170)
    negative = ion("negative", -1, -330, 180)
    bare = IonSpecies(name="bare", valence=1)
    cage = SelectivityFilter(
        name="cage", site_charge_e=-1, site_radius_pm=140, relative_permittivity=3,
        shed_fraction=0.4, cavity_radius_pm=140, stiffness_kJ_per_mol_pm2=0.01, source="assumed",
        summary="a cage",
    )
    ring = SelectivityFilter(
        name="ring", site_charge_e=-2, site_radius_pm=330, relative_permittivity=28,
        shed_fraction=0.02, source="assumed: [for this test]",
    )
    wrong = 3
"""
PLUGIN = """
    from pumpleak.host import FilterRecord, SpeciesRecord, hookimpl

    @hookimpl
    def pumpleak_species():
        for name in ("small", "middle", "large", "negative", "bare"):
            yield SpeciesRecord(
                name=name, factory=f"lab_numbers:{name}", summary="an ion",
                valence=-1 if name == "negative" else 1,
            )

    @hookimpl
    def pumpleak_filters():
        for name in ("cage", "ring"):
            yield FilterRecord(name=name, factory=f"lab_numbers:{name}", summary="a filter")
"""
WRONG = """
    from pumpleak.host import FilterRecord, hookimpl

    @hookimpl
    def pumpleak_filters():
        yield FilterRecord(name="w", factory="lab_numbers:wrong", summary="no filter")
"""
ALONE = """
    from pumpleak.host import FilterRecord, hookimpl

    @hookimpl
    def pumpleak_filters():
        yield FilterRecord(name="cage", factory="lab_numbers:cage", summary="a filter")
"""
SECOND = """
    from pumpleak.host import SpeciesRecord, hookimpl

    @hookimpl
    def pumpleak_species():
        yield SpeciesRecord(name="small", factory="lab_numbers:small", summary="x", valence=1)
"""
NO_FILTER = """
    from pumpleak.host import SolutionRecord, hookimpl

    @hookimpl
    def pumpleak_solutions():
        yield SolutionRecord(name="bath", factory="lab_numbers:bath", summary="x")
"""
NOTHING = "from pumpleak.host import hookimpl\n"


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    for lab in open_lab(tmp_path, monkeypatch):
        lab.module("lab_numbers", PHYSICS)
        lab.plugin("sites", PLUGIN)
        yield lab


def run(lab: Lab, *args: str, **options: Any) -> Result:
    result = CliRunner().invoke(filter_command, args, obj=lab.host(**options))

    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert max(map(len, result.stdout.splitlines()), default=0) <= 100 or "--json" in args
    return result


def test_plugin_name_prints_and_draws_each_of_its_filters(lab: Lab) -> None:
    """A table, a bar and a barrier per ion for every filter; ions without data are named."""
    result = run(lab, "sites")

    assert 0 == result.exit_code
    assert "sites.cage: a cage" in result.stdout
    assert "sites.ring" in result.stdout
    assert 2 == result.stdout.count("energy trade:")
    assert {"█", "░"} <= set(result.stdout)
    assert "[for this test]" in result.stdout
    assert "left out, without hydration energy or radius: bare" in result.stdout


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
@pytest.mark.parametrize("args", [("sites",), ("sites.cage", "--sweep")], ids=["table", "sweep"])
def test_bars_and_tables_fit_the_terminal(
    lab: Lab, args: tuple[str, ...], columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bars shrink with it, tables are cut between columns, and every energy has its unit."""
    monkeypatch.setenv("COLUMNS", str(columns))
    text = run(lab, *args).stdout

    assert max(map(len, text.splitlines())) <= columns
    if "--sweep" not in args:
        # four energies for each of two sites, under the bars once more
        assert 10 <= text.count("kJ/mol)") + text.count(" kJ/mol\n")


@pytest.mark.parametrize("charset", ["cp1252", "ascii"])
def test_a_terminal_without_bars_gets_plain_letters(lab: Lab, charset: str) -> None:
    """What is gained and what is paid still differ, where blocks cannot be shown."""
    runner = CliRunner(charset=charset)
    result = runner.invoke(filter_command, ["sites"], obj=lab.host())

    assert 0 == result.exit_code, result.exception
    assert "gain . to the left; dehydration #, strain % and repulsion + to" in result.stdout
    assert "..|##" in result.stdout


def test_ions_stand_in_the_order_of_their_permeability(lab: Lab) -> None:
    """The most permeant ion is the first row of the table."""
    lines = run(lab, "sites.cage").stdout.splitlines()
    rows = [line.split() for line in lines if line.endswith(("1", "e-09")) and line[0] != " "]

    assert ["middle+", "1"] == [rows[0][0], rows[0][-1]]


def test_json_is_the_table_with_its_site(lab: Lab) -> None:
    """Every energy, the net included, with units in the keys."""
    data = json.loads(run(lab, "sites.cage", "--json", "--temperature", "20 degC").stdout)
    (table,) = data["filters"]
    first = table["ions"][0]

    assert data["temperature_K"] == pytest.approx(293.15)
    assert "sites.cage" == table["id"]
    assert -1.0 == table["site"]["site_charge_e"]
    parts = ("dehydration_kJ_per_mol", "coordination_kJ_per_mol", "strain_kJ_per_mol")
    assert first["net_kJ_per_mol"] == pytest.approx(sum(first[part] for part in parts))


def test_temperature_changes_ratios(lab: Lab) -> None:
    """Ratios are steeper in the cold."""

    def small(*args: str) -> float:
        (table,) = json.loads(run(lab, "sites.cage", "--json", *args).stdout)["filters"]
        (row,) = (row for row in table["ions"] if row["ion"] == "small")
        return float(row["permeability_ratio"])

    assert small("--temperature", "5 degC") < small() < small("--temperature", "60 degC")


def test_sweep_lists_each_order_and_marks_where_the_site_stands(lab: Lab) -> None:
    """Roman steps from weak to strong field, the site's own step marked once."""
    result = run(lab, "sites.cage", "--sweep")

    assert 0 == result.exit_code
    assert 1 == result.stdout.count("<- here")
    assert "IV " in result.stdout or "III" in result.stdout
    assert "negative" not in result.stdout


def test_sweep_without_a_name_takes_a_site_that_it_states(lab: Lab) -> None:
    """The generic site's numbers are printed, for nothing may be a hidden choice."""
    result = run(lab, "--sweep")

    assert 0 == result.exit_code
    assert "generic: a stiff cage of oxygens" in result.stdout
    assert "site charge -1 e at 140 pm" in result.stdout


def test_sweep_json_ends_without_infinity(lab: Lab) -> None:
    """The last stretch has no end, which JSON writes as null."""
    (walk,) = json.loads(run(lab, "sites.cage", "--sweep", "--json").stdout)["walks"]

    assert walk["steps"][-1]["charge_to_e"] is None
    assert ["small", "middle", "large"] == walk["steps"][-1]["order"]


@pytest.mark.parametrize("args", [("sites",), ("sites.cage", "--sweep")])
@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_plot_writes_a_whole_picture(
    lab: Lab, tmp_path: Path, args: tuple[str, ...], suffix: str
) -> None:
    """The file is there, is of its kind, and nothing is left beside it."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    target = folder / f"out.{suffix}"
    result = run(lab, *args, "--plot", str(target))
    start = {"png": b"\x89PNG", "svg": b"<?xml"}[suffix]

    assert 0 == result.exit_code, result.output
    assert target.read_bytes().startswith(start)
    assert [target] == list(folder.iterdir())


def test_failed_plot_leaves_the_old_file_alone(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture is replaced whole or not at all."""
    from matplotlib.figure import Figure

    def full(self: Figure, stream: Any, **_: Any) -> None:
        stream.write(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(Figure, "savefig", full)
    folder = tmp_path / "pictures"
    folder.mkdir()
    target = folder / "out.png"
    target.write_bytes(b"old")
    result = run(lab, "sites.cage", "--plot", str(target))

    assert 2 == result.exit_code
    assert "no space left" in result.output
    assert b"old" == target.read_bytes()
    assert [target] == list(folder.iterdir())


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), "filters there are: sites.cage, sites.ring"),
        (("site",), "did you mean 'sites'?"),
        (("cage",), "did you mean 'sites.cage'?"),
        (("sites.cagee",), "sites.cage"),
        (("empty",), "Plugin 'empty' (pumpleak-empty 1.0) has no filters"),
        (("strange",), "must be a SelectivityFilter (got int)"),
        (("old",), "needs pumpleak"),
        (("sites", "--ions", "smal"), "did you mean 'small'?"),
        (("sites", "--ions", "bare"), "cannot weigh 'bare'"),
        (("sites.cage", "--sweep", "--ions", "small"), "needs two ions of one valence"),
        (("sites", "--temperature", "37"), "temperature"),
        (("sites", "--plot", "out.txt"), "suffix says its format"),
    ],
)
def test_errors_say_what_to_do(lab: Lab, args: tuple[str, ...], words: str) -> None:
    """No traceback, one sentence, an exit code."""
    lab.plugin("empty", NO_FILTER)
    lab.plugin("strange", WRONG)
    lab.plugin("old", NOTHING, requires=["pumpleak>=9"])
    result = run(lab, *args)

    assert 2 == result.exit_code
    assert words in " ".join(result.output.split())


def test_ion_that_two_plugins_supply_has_to_be_chosen(lab: Lab) -> None:
    """No plugin wins silently; ids tell them apart."""
    lab.plugin("second", SECOND)
    refused = run(lab, "sites.cage")
    chosen = run(lab, "sites.cage", "--ions", "second.small,middle")

    assert 2 == refused.exit_code
    assert "supplied by second.small and sites.small" in refused.output
    assert 0 == chosen.exit_code


def test_no_ions_installed_names_the_distribution(lab: Lab) -> None:
    """Without species there is nothing to weigh."""
    lab.plugin("alone", ALONE)
    result = run(lab, "alone", deny=["sites"])

    assert 2 == result.exit_code
    assert "install pumpleak-ions" in result.output
