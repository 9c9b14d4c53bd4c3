"""Populations given what they cannot take say what was expected, what came, and where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from building import K2P, membrane

import pumpleak as pl
from pumpleak.population import Correlation, Histogram, Map, Moments, Quantiles, Table, Uniform

NEURON = pl.load(pl.bundled())
LISTED = {"outside.K": ["3 mM", "6 mM"]}
DRAWN = {"outside.K": Uniform(low="3 mM", high="6 mM")}
MASKED = np.ma.masked_array([3.0, 4.0], [False, True])


@pytest.mark.parametrize("given", [5, None, [], {}, b"neuron.toml", 3.5, np.array([1.0])])
def test_what_is_no_membrane_or_file_is_refused_in_words(given: Any) -> None:
    """A population wants a membrane or its file, and a population file is named by its path."""
    with pytest.raises(pl.CompositionError, match="expected a membrane, or the path of its file"):
        pl.Population(given, LISTED)
    with pytest.raises(pl.CompositionError, match="expected the path of a file"):
        pl.load_population(given)
    with pytest.raises(pl.CompositionError, match="expected the path of a file"):
        pl.load(given)


def test_a_folder_is_told_as_one(tmp_path: Path) -> None:
    """The path of a folder names no file."""
    for make in (lambda: pl.Population(tmp_path, LISTED), lambda: pl.load_population(tmp_path)):
        with pytest.raises(pl.FileError, match="is a folder"):
            make()


@pytest.mark.parametrize(
    ("vary", "says"),
    [
        (5, r"vary: expected values by name, such as \{'outside.K'"),
        ([("outside.K", ["3 mM"])], "vary: expected values by name"),
        ({5: ["3 mM"]}, "vary: names are text, such as 'outside.K', got 5"),
        ({"outside.K": MASKED}, r"outside.K: a masked array, 1 of whose values are hidden"),
        ({"outside.K": ["3 mM", None]}, "outside.K: expected a concentration .* got None"),
        ({"outside.K": ["nan mM"]}, "expected a finite number"),
        ({"outside.K": ["-3 mM"]}, "lies between 0 and"),
        ({"outside.K": [3 + 1j]}, "expected a concentration"),
        ({"outside.k": ["3 mM"]}, r"did you mean 'outside.K'\?"),
    ],
)
def test_what_varies_nothing_is_refused_in_words(vary: Any, says: str) -> None:
    """No mapping, no name, no numbers: each is told."""
    with pytest.raises((pl.CompositionError, pl.UnitError), match=says):
        pl.Population(NEURON, vary)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"outputs": 5}, r"outputs: expected a list, such as \['ATP_per_s'\], got 5"),
        ({"outputs": [5]}, "outputs: expected names"),
        ({"outputs": {"ATP_per_s"}}, "outputs: expected a list"),
        ({"outputs": ["ATP"]}, r"outputs: no 'ATP' \(did you mean 'ATP_per_s'\?\)"),
        ({"summary": 5}, r"summary: expected a list, such as \[Moments\(\)\], got 5"),
        ({"summary": [Moments(), "V"]}, r"summary\[1\]: expected a Histogram, .* got 'V'"),
        ({"summary": [Histogram(of=5)]}, r"summary\[0\].of: expected a name"),  # type: ignore[arg-type]
        ({"summary": [Histogram(bins=0)]}, r"summary\[0\].bins: expected a whole number"),
        ({"summary": [Histogram(edges=5)]}, r"summary\[0\].edges: expected a list"),  # type: ignore[arg-type]
        ({"summary": [Quantiles(probabilities=["x"])]}, r"summary\[0\].probabilities: numbers"),  # type: ignore[list-item]
        ({"summary": [Map(by=5)]}, r"summary\[0\].by: expected a list of names"),  # type: ignore[arg-type]
        ({"summary": [Map(by=[5])]}, r"summary\[0\].by\[0\]: expected a name or"),  # type: ignore[list-item]
        ({"summary": [Map(by=["outside.Na"])]}, r"summary\[0\].by\[0\]: members have no"),
        ({"table": 5}, "table: expected the path of a file, such as 'cells.csv', got 5"),
        ({"table": Table(file=5)}, "table.file: expected the path"),  # type: ignore[arg-type]
        ({"together": 5}, "together: expected values by name"),
        ({"together": {"outside.Na": 5}}, "together.outside.Na: expected a list"),
        ({"correlation": [[1]]}, "correlation: expected a Correlation"),
        ({"correlation": Correlation(of=5, matrix=[[1]])}, "correlation.of: expected"),  # type: ignore[arg-type]
        ({"all_states": "yes"}, "all_states: expected True or False, got 'yes'"),
        ({"members": "10"}, "members: expected a whole number above zero"),
    ],
)
def test_fields_of_the_wrong_kind_are_refused_by_name(more: dict[str, Any], says: str) -> None:
    """What, got, and what it should have been."""
    with pytest.raises(pl.CompositionError, match=says):
        pl.Population(NEURON, DRAWN, **{"members": 10, **more})


def test_one_summary_needs_no_list() -> None:
    """As one name of an output does not."""
    found = pl.Population(NEURON, LISTED, summary=Moments(), outputs="ATP_per_s")  # type: ignore[arg-type]

    assert found.summary == (Moments(),)
    assert found.outputs == ("ATP_per_s",)


@pytest.mark.parametrize(
    ("values", "more", "says"),
    [
        ({"outside.K": MASKED}, {}, "outside.K: a masked array, 1 of whose values are hidden"),
        ({5: [4.0]}, {}, "values: names are text"),
        ({"outside.K": [4.0, np.nan]}, {}, "member 1 has nan"),
        ({"outside.K": [4j]}, {}, "expected numbers in mM"),
        ({"outside.K": ["4"]}, {}, "expected numbers in mM"),
        ({"outside.K": [4.0]}, {"outputs": 5}, "outputs: expected a list of names"),
        ({"outside.K": [4.0]}, {"all_states": "x"}, "all_states: expected True or False"),
        ({"outside.K": [4.0]}, {"threads": True}, "threads: expected a whole number"),
    ],
)
def test_members_of_the_wrong_kind_are_refused(
    values: Any, more: dict[str, Any], says: str
) -> None:
    """What is hidden, no name or no number is no member."""
    with pytest.raises(pl.CompositionError, match=says):
        pl.solve_many(NEURON, values, **more)


def test_a_masked_array_that_hides_nothing_is_an_array() -> None:
    """Its values are all there."""
    plain = np.array([3.0, 4.0])

    found = pl.solve_many(NEURON, {"outside.K": np.ma.masked_array(plain, [False, False])})

    assert (found.V_mV == pl.solve_many(NEURON, {"outside.K": plain}).V_mV).all()


# --- in files -----------------------------------------------------------------------------------

A = (Path(__file__).parents[2] / "docs" / "examples" / "reference_a.toml").read_text()
HEAD = '[population]\nmembrane = "a.toml"\n'
VARY = '[population.vary]\noutside.K = ["3 mM", "6 mM"]\n'
SUMMARY = HEAD + VARY + '[[population.summary]]\nkind = "moments"\n[[population.summary]]\n'


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (SUMMARY + 'kind = "histogram"\nbins = -2', "population.summary[1].bins: "),
        (SUMMARY + 'kind = "histogram"\nlow = -90', "population.summary[1].low: "),
        (SUMMARY + 'kind = "histogram"\nof = "Vm"', "population.summary[1].of: "),
        (SUMMARY + 'kind = "histogram"\nbin = 5', "population.summary[1].bin: "),
        (SUMMARY + 'kind = "histo"', "population.summary[1].kind: "),
        (SUMMARY + 'kind = "map"\nby = [{of = "V", bins = 0}]', "population.summary[1].by[0].bins"),
        (SUMMARY + 'kind = "moments"', "population.summary[1]: V.moments is asked for twice"),
        (HEAD + 'table = "t.csv"', "population.table: "),
        (HEAD + 'table = { file = "t.csv" }', "population.table.file: "),
        (HEAD + 'table = { file = "t.csv", ignore = ["x"] }', "population.table.ignore: "),
        (HEAD + VARY + '"K.out" = ["5 mM"]', "population.vary.outside.K: it is varied twice"),
        (HEAD + 'together = { outside.K = ["3 mM"], inside.K = [] }', "population.together: "),
        (HEAD + 'together = { outside.K = [3] }', "population.together.outside.K: "),
        (HEAD + 'outputs = ["x"]\n' + VARY, "population.outputs: "),
        (HEAD, "population.vary: nothing varies"),
    ],
)  # fmt: skip
def test_errors_name_the_place_as_the_author_wrote_it(
    tmp_path: Path, text: str, place: str
) -> None:
    """The path of the field in the file, and nothing that the file does not have."""
    (tmp_path / "a.toml").write_text(A)
    (tmp_path / "t.csv").write_text("outside.K (mM)\nfour\n")
    path = tmp_path / "population.toml"
    path.write_text(text)

    with pytest.raises(pl.FileError) as caught:
        pl.load_population(path)

    (problem,) = caught.value.problems
    assert problem.startswith(place)


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ('use = "k2p.TREK"\ndensity = "1 nS"', "mechanism[4].use: k2p.TREK: "),
        (
            'use = "channel"\nname = "x"\ndensity = "1 nS"\n'
            'permeation = { kind = "filter", filter = "k2p.TVGY", ions = ["K"] }',
            "mechanism[4].permeation.filter: k2p.TVGY: ",
        ),
    ],
)
def test_a_misspelt_part_is_told_where_it_stands(tmp_path: Path, entry: str, place: str) -> None:
    """A mechanism at its `use`, a filter at its `permeation.filter`."""
    path = tmp_path / "a.toml"
    path.write_text(f"{A}\n[[mechanism]]\n{entry}\n")

    with pytest.raises(pl.FileError) as caught:
        pl.load(path)

    assert caught.value.problems[0].startswith(place)


def test_a_mechanism_that_raises_is_told_by_its_name() -> None:
    """Its name is no field of the population."""

    class Mirror(K2P):
        """Looks at what is not there."""

        def open_probability(self, s: Any) -> Any:
            """Raise."""
            raise RuntimeError("no glass")

    cell = membrane(Mirror(name="mirror", density="1e-6 cm/s"))
    with pytest.raises(pl.PhysicsError, match=r"^mirror \(class .*no glass"):
        pl.Population(cell, LISTED)


@pytest.mark.parametrize("beside", [False, True])
def test_a_mechanism_that_does_not_fit_is_told_as_of_the_membrane(
    tmp_path: Path, beside: bool
) -> None:
    """In a file of its own by the field that names it; in the same file by itself."""
    cell = A.replace('density = "1.5 uA/cm^2"', 'density = "1 nS"')
    assert cell != A
    (tmp_path / "a.toml").write_text(cell)
    path = tmp_path / "population.toml"
    path.write_text(f"{VARY}\n{cell}" if beside else HEAD + VARY)

    with pytest.raises(pl.FileError) as caught:
        pl.load_population(path)

    (problem,) = caught.value.problems
    assert problem.startswith("pump (" if beside else "population.membrane: pump (")


def parquet(path: Path, column: Any) -> bytes:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet as module

    module.write_table(arrow.table({"outside.K (mM)": column}), path)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (["3", "4"], "column 'outside.K .mM.': it holds string, not numbers"),
        ([True, False], "it holds bool, not numbers"),
        ([[3.0], [4.0]], "it holds list.*, not numbers"),
        ([3.0, None], "row 2, column 'outside.K .mM.': no number is there"),
    ],
)
def test_parquet_without_numbers_is_refused_in_words(
    tmp_path: Path, column: Any, says: str
) -> None:
    """Whatever a column holds is told."""
    path = tmp_path / "t.parquet"
    parquet(path, column)
    with pytest.raises(pl.CompositionError, match=says):
        pl.Population(NEURON, table=path)


def test_damaged_parquet_is_told_as_damaged(tmp_path: Path) -> None:
    """Cut short, or with a hole in its pages: words, none of the library's own."""
    path = tmp_path / "t.parquet"
    whole = parquet(path, [3.0, 4.0])

    for damaged in (b"", whole[:-9], whole[:8] + b"\xff" * 30 + whole[38:]):
        path.write_bytes(damaged)
        with pytest.raises(pl.CompositionError, match="damaged") as caught:
            pl.Population(NEURON, table=path)
        assert "thrift" not in str(caught.value)


@pytest.mark.parametrize("given", ["a", "0", 1.5, None, [0], True], ids=repr)
def test_an_index_of_members_is_a_whole_number(given: Any) -> None:
    """Anything else is told with what it should be; numpy's whole numbers are some."""
    population = pl.Population(NEURON, LISTED)

    fix = r"arrays by name: outside\.K" if isinstance(given, str) else "index, from 0 to 2"
    with pytest.raises(pl.CompositionError, match=f"start: expected a whole number, got .*{fix}"):
        population.values(given)
    if given is not None:
        with pytest.raises(pl.CompositionError, match="stop: expected a whole number"):
            population.values(0, given)
    assert [6.0] == list(population.values(np.int64(1), np.uint8(2))["outside.K"])


def test_a_name_in_place_of_an_index_is_told_how_to_get_its_values() -> None:
    """With the near name."""
    with pytest.raises(pl.CompositionError, match=r"arrays by name: outside.K \(did you mean"):
        pl.Population(NEURON, LISTED).values("outside.k")  # type: ignore[arg-type]
