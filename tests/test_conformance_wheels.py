"""All bundled plugins obey the kit as people get them: from wheels, without the source."""

from __future__ import annotations

import json
import subprocess

import pytest
from clean_env import ROOT, CleanEnvironment, build, make

PLUGINS = sorted(path.name for path in (ROOT / "plugins").iterdir() if path.is_dir())

#: Runs inside: where each distribution was imported from, and what the kit says of it.
CHECK = """
import importlib, json, sys
import pumpleak
from pumpleak.conformance import CHECKS, MUTANTS, SOUND, run_checks
from pumpleak.conformance._run import run_one
from pumpleak.conformance._subject import subject_of

names = sys.argv[1:]
places = [pumpleak.__file__, *(importlib.import_module(f"pumpleak_{n}").__file__ for n in names)]
survivors = []
for code, mutants in MUTANTS.items():
    for mutant in mutants:
        given = {} if mutant.claims is None else {"claims": mutant.claims}
        broken = subject_of(mutant.thing, record=mutant.record, **given)
        if run_one(broken, CHECKS[code]).outcome != "failed":
            survivors.append(mutant.wrong)
print(json.dumps({
    "places": places,
    "reports": {name: run_checks(name).to_dict() for name in names},
    "checks": len(CHECKS), "mutants": sum(map(len, MUTANTS.values())), "survivors": survivors,
    "unsound": [str(specimen.check()) for specimen in SOUND if not specimen.check().ok],
}))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> CleanEnvironment:
    """Return an environment with wheels of the core and of every plugin."""
    folder = tmp_path_factory.mktemp("wheels")
    sources = [ROOT / "framework", *(ROOT / "plugins" / name for name in PLUGINS)]
    return make(folder, build(sources, folder / "wheels"))


def call(environment: CleanEnvironment, *words: str) -> str:
    done = subprocess.run(
        [str(environment.python), "-W", "error", *words],
        cwd=environment.home,
        env=environment.variables(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_every_bundled_plugin_passes_from_its_wheel(environment) -> None:
    """Every object of the eight, and every mutant of the kit is killed there too."""
    found = json.loads(call(environment, "-c", CHECK, *PLUGINS))

    assert 8 == len(PLUGINS)
    for name, report in found["reports"].items():
        bad = [result for result in report["results"] if result["outcome"] == "failed"]
        assert [] == bad
        assert report["ok"]
        assert f"pumpleak-{name}" in report["versions"]
    assert [] == found["survivors"]
    assert found["mutants"] > found["checks"] > 40
    assert found["places"] == [place for place in found["places"] if "site-packages" in place]
    results = [item for report in found["reports"].values() for item in report["results"]]
    objects = {item["object"] for item in results}
    ran = sum(report["counts"]["ran"] for report in found["reports"].values())
    print(f"{ran} checks ran on {len(objects)} objects; {found['mutants']} mutants killed")
    assert 86 == len(objects)
    assert ran > 850


@pytest.mark.slow
def test_pytest_and_the_command_find_the_kit_there(environment) -> None:
    """An installed pumpleak is all that a third party needs."""
    said = call(environment, "-m", "pytest", "-q", "--pumpleak-plugin", "nalcn")
    table = call(environment, "-m", "pumpleak", "check", "nalcn")

    assert "passed" in said
    assert "failed" not in said
    assert "nalcn.NALCN (channel): ok" in table


@pytest.mark.slow
def test_the_kit_needs_no_plugin(tmp_path_factory) -> None:
    """With the core alone every mutant is killed, and what is sound passes."""
    folder = tmp_path_factory.mktemp("core")
    bare = make(folder, build([ROOT / "framework"], folder / "wheels"))

    found = json.loads(call(bare, "-c", CHECK))

    assert [] == found["survivors"]
    assert [] == found["unsound"]
    assert {} == found["reports"]
