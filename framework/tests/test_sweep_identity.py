"""What makes a sweep itself: another definition, version or code is never mixed in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import cloudpickle
import numpy as np
import pytest
from carding import LEAK
from sweeping import CHUNK, bits, here, small

import pumpleak as pl
from pumpleak.population import Grid, Moments, Population
from pumpleak.sweep import SweepError, _run, _work
from pumpleak.sweep._plan import differences, planned

xarray = pytest.importorskip("xarray")
pytest.importorskip("zarr")
pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("whole") / "a.zarr"
    assert here(small(), out).complete
    return out


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"seed": 2}, "the seed was 1, now 2"),
        ({"members": 5000}, "the number of members was 12388, now 5000"),
        ({"rows": False}, "whether members are kept was True, now False"),
        ({"chunk": 2 * CHUNK}, "the size of chunks was 4096, now 8192"),
    ],
)
def test_another_sweep_is_refused_with_what_differs(
    whole: Path, changed: dict[str, Any], says: str
) -> None:
    """Never mixed into a store that is there."""
    before = bits(whole)
    with pytest.raises(SweepError, match=f"(?s)holds another sweep.*{says}"):
        here(small(), whole, **changed)
    assert bits(whole) == before


def test_what_differs_in_a_definition_is_named() -> None:
    """A value of the membrane, what varies and how, the summary, a version."""
    base = small()
    there = json.loads(json.dumps(planned(base, chunk=CHUNK, rows=True).definition))

    def told(population: Population) -> str:
        return "; ".join(differences(there, planned(population, chunk=CHUNK, rows=True).definition))

    membrane = base.membrane.evolve({"outside.Na": "140 mM"})
    other = {**base.vary, "temperature": ["37 degC"]}
    assert told(base) == ""
    fields = {"members": base.members, "seed": 1, "summary": base.summary}
    assert "outside.Na was 145, now 140" in told(Population(membrane, base.vary, **fields))
    assert "what varies was outside.K, pump.density, now" in told(
        Population(base.membrane, other, **fields)
    )
    law = {**base.vary, "outside.K": Grid(low="3 mM", high="5 mM", points=2)}
    assert "how outside.K, pump.density vary" in told(Population(base.membrane, law, **fields))
    assert told(small(summary=[Moments()])) == "the summary"
    assert told(small(seed=5)) == "the seed was 1, now 5"
    there["versions"]["pumpleak"] = "0.0.9"
    assert "pumpleak was 0.0.9, now" in told(base)


def test_a_plugin_edited_in_place_is_another_sweep_though_its_version_is_the_same(
    tmp_path: Path,
) -> None:
    """Named by package; a comment is enough, for nobody can tell what an edit does."""
    package = tmp_path / "edited"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "numbers.py").write_text("SHARE = 0.1\n")
    (package / "pump.py").write_text(
        "import pumpleak as pl\nfrom .numbers import SHARE\n"
        "class Pump(pl.Transporter):\n"
        "    stoichiometry = {'Na': 3, 'K': -2}\n    atp = 1\n"
        "    def activity(self, s):\n        return SHARE + 0 * s.outside.K / s.inside.K\n"
    )
    script = (
        "import sys; sys.path[:0] = sys.argv[1:3]\n"
        "from building import K2P, NALCN, membrane\nfrom edited.pump import Pump\n"
        "from pumpleak.population import Grid, Population\nfrom pumpleak.sweep import run\n"
        "made = membrane(K2P(density='1e-6 cm/s'), NALCN(density='4e-8 cm/s'),\n"
        "                Pump(name='pump', density='1 uA/cm^2'))\n"
        "vary = {'outside.K': Grid(low='3 mM', high='9 mM', points=4)}\n"
        "run(Population(made, vary), sys.argv[3], workers=0)\n"
    )
    command = [sys.executable, "-c", script, str(Path(__file__).parent), str(tmp_path)]

    def ran(out: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, str(tmp_path / out)], capture_output=True, text=True)

    assert ran("a.zarr").returncode == ran("a.zarr").returncode == 0
    stored = xarray.open_zarr(tmp_path / "a.zarr")
    assert {"edited", "pumpleak"} <= set(json.loads(stored.attrs["code_sha256"]))
    (package / "numbers.py").write_text("SHARE = 0.2\n")
    refused = ran("a.zarr")

    assert refused.returncode == 1
    assert "holds another sweep" in refused.stderr
    assert "the code of edited was edited since, though its version is the same" in refused.stderr
    assert ran("b.zarr").returncode == 0
    again = xarray.open_zarr(tmp_path / "b.zarr")
    assert not np.array_equal(stored.V.values, again.V.values)


def test_a_worker_with_other_code_of_the_same_version_is_refused(tmp_path: Path) -> None:
    """The plugin is named."""
    job = _run._job_of(planned(small(), chunk=CHUNK, rows=False), tmp_path)([0])
    other = attrs.evolve(job, code=(("pumpleak_solvers", "0"),))
    with pytest.raises(SweepError, match=r"other code of pumpleak_solvers, plugin 'solvers'"):
        _work.do(other)


def test_a_card_counts_among_the_versions_and_travels_with_its_membrane(tmp_path: Path) -> None:
    """A worker need not have the card; one that was altered makes another sweep."""
    membrane = """
        [membrane]
        temperature = "37 degC"
        area = "1000 um^2"
        [inside]
        K = "140 mM"
        [outside]
        K = "4 mM"
        [[mechanism]]
        use = "lab-a.leak"
        density = "1 / um^2"
        [population]
        vary = { K.out = ["4 mM", "8 mM"] }
    """
    (tmp_path / "cards").mkdir()
    card = tmp_path / "cards" / "leak.card.toml"
    (tmp_path / "p.toml").write_text(membrane)
    definitions = []
    for text in (LEAK, LEAK.replace("value = 20.0", "value = 21.0")):
        card.write_text(text)
        population = pl.load_population(tmp_path / "p.toml")
        definitions.append(planned(population, chunk=CHUNK, rows=True).definition)
        assert here(population, tmp_path / f"{len(definitions)}.zarr").complete
    card.unlink()
    pickled = tmp_path / "population.pkl"
    pickled.write_bytes(cloudpickle.dumps(population))
    code = (
        "import pickle; from pumpleak.population._solve import solved\n"
        f"population = pickle.loads(open({str(pickled)!r}, 'rb').read())\n"
        "print(solved(population, 0, 2).values['V'].tolist())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    stored = xarray.open_zarr(tmp_path / "2.zarr")

    assert json.loads(done.stdout) == stored.V.values.tolist()
    assert "card lab-a.leak 1.0.0 (sha256 " in stored.attrs["versions"]
    assert any("card lab-a.leak was 1.0.0 (sha256" in text for text in differences(*definitions))


def test_a_worker_of_another_version_is_refused(tmp_path: Path) -> None:
    """Bits of two versions are never mixed."""
    plan = planned(small(), chunk=CHUNK, rows=False)
    job = _run._job_of(plan, tmp_path)([0])
    other = attrs.evolve(job, versions=(("numpy", "0.1"),))
    with pytest.raises(
        SweepError, match=r"a worker has numpy .*, but the sweep was begun with 0\.1"
    ):
        _work.do(other)
