"""What `pumpleak new` makes installs and passes its own tests, and every way of breaking it shows.

One clean environment is shared: it sees the packages of this one, and nothing is fetched.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
import uv
from pages import ROOT

from pumpleak.new import KINDS, make

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="tests run in copies of one process, which this system lacks"
)

# no compiled files: two edits within a second, of equal length, would pass for one
ENVIRONMENT = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}


#: Imports once what every run needs, and runs pytest in a copy of itself for each line it reads.
SERVER = """
import json, os, sys
import numpy, pytest, scipy.optimize, sympy
import pumpleak, pumpleak.conformance
pumpleak.conformance.CHECKS, pumpleak.rest, pumpleak.loads
for line in sys.stdin:
    given = json.loads(line)
    child = os.fork()
    if not child:
        said = os.open(given["said"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(said, 1), os.dup2(said, 2)
        code = int(pytest.main(given["arguments"]))
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@attrs.frozen(kw_only=True)
class Workshop:
    """The four distributions, and the environment that they are installed in."""

    folder: Path
    python: Path
    site: Path
    server: subprocess.Popen[str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a module of the environment's Python."""
        return subprocess.run(
            [str(self.python), "-m", *arguments],
            cwd=self.folder,
            capture_output=True,
            encoding="utf-8",
            env=ENVIRONMENT,
            check=False,
        )

    def test(self, *kinds: str) -> tuple[int, str]:
        """Run the tests that distributions brought along; return pytest's exit code and words."""
        # known answers first: they take less time than the kit, and a run ends at the first fault
        places = [
            f"pumpleak-my-{kind}/tests/test_{what}.py"
            for kind in kinds
            for what in (f"my_{kind}", "conformance")
        ]
        options = ["-x", "-q", "--import-mode=importlib", "-p", "no:cacheprovider", "-W", "error"]
        # the server has imported pumpleak already, whose asserts pytest would rewrite
        options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
        said = self.folder / "said.txt"
        arguments = ["--rootdir", ".", "-c", os.devnull, *options, *places]
        asked, told = self.server.stdin, self.server.stdout
        assert asked is not None
        assert told is not None
        asked.write(json.dumps({"said": str(said), "arguments": arguments}) + "\n")
        asked.flush()
        return int(told.readline()), said.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory) -> Iterator[Workshop]:
    folder = tmp_path_factory.mktemp("workshop")
    made = [make(kind, f"my_{kind}", into=folder, author="The tests") for kind in KINDS]
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / "bin" / "python"
    (site,) = (folder / "env" / "lib").glob("python*/site-packages")
    here = sysconfig.get_path("purelib")
    (site / "here.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    options = ["--quiet", "--offline", "--no-deps", "--no-build-isolation", "--link-mode", "copy"]
    done = subprocess.run(
        [uv.find_uv_bin(), "pip", "install", *options, "--python", str(python), *map(str, made)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with subprocess.Popen(
        [str(python), "-c", SERVER],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=ENVIRONMENT,
    ) as server:
        yield Workshop(folder=folder, python=python, site=site, server=server)
        server.communicate()


def test_each_kind_installs_and_is_listed(workshop):
    """`pumpleak plugins list` shows all four beside the others, ready."""
    done = workshop.run("pumpleak", "plugins", "list", "--json")

    assert done.returncode == 0, done.stderr
    states = {plugin["name"]: plugin for plugin in json.loads(done.stdout)["plugins"]}
    for kind in KINDS:
        mine = states[f"my_{kind}"]
        assert (f"pumpleak-my-{kind}", "0.1.0", "found") == tuple(
            mine[field] for field in ("distribution", "version", "state")
        )


def test_the_doctor_finds_nothing_wrong(workshop):
    """All that the four point at can be imported."""
    done = workshop.run("pumpleak", "plugins", "doctor", "--load")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 problems, 0 warnings" in done.stdout


def test_each_passes_its_own_tests(workshop):
    """The tests that came with each are green, the conformance kit's among them."""
    code, said = workshop.test(*KINDS)

    assert code == 0, said
    passed = int(said.rsplit(" passed", 1)[0].split()[-1])
    assert passed >= 20


def test_each_wheel_carries_its_bibliography(workshop):
    """What `pumpleak cite` reads is installed with the code."""
    for kind in KINDS:
        assert (workshop.site / f"pumpleak_my_{kind}" / "references.toml").is_file()


def test_the_wheel_of_pumpleak_carries_the_template(tmp_path):
    """Every file of it, those with a leading dot too, is where `pumpleak new` looks."""
    source = ROOT / "framework"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("pumpleak-*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    shipped = [path for path in (source / "src").rglob("template/**/*") if path.is_file()]

    assert len(shipped) > 25
    names = {path.relative_to(source / "src").as_posix() for path in shipped}
    assert set() == names - packed
    assert any("/.github/" in name for name in names)
    assert "pumpleak/references.toml" in packed


#: Kind, what is wrong, file below the package or the tests, text, and what stands there instead.
BREAKS = [
    ("channel", "wrong sign", "my_channel.py", "exp(-self.z_g", "exp(self.z_g"),
    ("channel", "misspelt hook", "_plugin.py", "def pumpleak_mechanisms", "def pumpleak_mechanism"),
    ("channel", "broken import", "my_channel.py", "import GHK,", "import GHQ,"),
    ("channel", "wrong units", "my_channel.py", "self.V_half) / s.VT", "self.V_half) / s.ms"),
    ("channel", "wrong scale", "my_channel.py", '"10 pS"', '"10 nS"'),
    ("channel", "wrong ion", "my_channel.py", "GHK(K=1, Na=0.03", "GHK(Na=1, K=0.03"),
    ("channel", "wrong reference value", "my_channel.py", '"-0.2 pA"', '"-0.21 pA"'),
    ("channel", "wrong known answer", "tests", "-75.42", "-75.62"),
    ("transporter", "wrong stoichiometry", "my_transporter.py", '"Na": 3,', '"Na": 2,'),
    ("transporter", "wrong sign", "my_transporter.py", '"K": -2}', '"K": 2}'),
    ("transporter", "free of charge", "my_transporter.py", "[int] = 1", "[int] = 0"),
    ("transporter", "misspelt hook", "_plugin.py", "@hookimpl\n", ""),
    ("transporter", "broken import", "_plugin.py", "import Mech", "import Mach"),
    ("transporter", "wrong units", "my_transporter.py", "self.K_K / s", "1.5 / s"),
    ("transporter", "wrong scale", "my_transporter.py", '"100 /s"', '"100 /ms"'),
    ("transporter", "wrong side", "my_transporter.py", "s.outside.K)", "s.inside.K)"),
    ("transporter", "wrong reference value", "my_transporter.py", '"Na": "3 pA"', '"Na": "3.1 pA"'),
    ("ion", "wrong sign", "my_ion.py", "return -AVOGADRO", "return AVOGADRO"),
    ("ion", "misspelt hook", "_plugin.py", "def pumpleak_species", "def pumpleak_specie"),
    ("ion", "broken import", "my_ion.py", "import math", "import maths"),
    ("ion", "wrong valence", "my_ion.py", "valence=1,", "valence=2,"),
    ("ion", "wrong units", "my_ion.py", "1e-12)", "1e-9)"),
    ("ion", "wrong reference value", "my_ion.py", "(1, 230)", "(1, 240)"),
    ("ion", "a bath with a charge", "my_ion.py", '"Cl": "100 mM"', '"Cl": "90 mM"'),
    ("solver", "wrong sign", "my_solver.py", "[1:] < 0)", "[1:] > 0)"),
    ("solver", "misspelt hook", "_plugin.py", "def pumpleak_solvers", "def pumpleak_solver"),
    ("solver", "broken import", "my_solver.py", "import brentq", "import brentk"),
    ("solver", "wrong units", "my_solver.py", "State(problem, V)", "State(problem, V / 1e3)"),
    ("solver", "a promise too much", "my_solver.py", 'f"searched [', 'f"proved complete in ['),
    ("solver", "wrong reference value", "tests", "-69.08", "-69.18"),
]  # fmt: skip


@pytest.fixture
def broken(workshop, request) -> Iterator[str]:
    """Break what is installed, or its tests, and mend it afterwards."""
    kind, _, file, old, new = request.param
    path = workshop.site / f"pumpleak_my_{kind}" / file
    if file == "tests":
        path = workshop.folder / f"pumpleak-my-{kind}" / "tests" / f"test_my_{kind}.py"
    whole = path.read_text(encoding="utf-8")
    assert old in whole
    path.write_text(whole.replace(old, new), encoding="utf-8")
    yield kind
    path.write_text(whole, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    "broken", BREAKS, ids=[f"{item[0]}: {item[1]}" for item in BREAKS], indirect=True
)
def test_what_is_broken_shows_red(workshop, broken):
    """Each fault that an author can make turns the distribution's own tests red."""
    code, said = workshop.test(broken)

    # 1: a test failed; 2: the tests could not even be read
    assert code in (1, 2), said
    assert "failed" in said or "error" in said


def test_every_kind_is_broken_in_every_way():
    """No kind has fewer than six faults, among them a hook, an import and a reference value."""
    for kind in KINDS:
        ways = {what for which, what, *_ in BREAKS if which == kind}

        assert len(ways) >= 6
        assert {"wrong sign", "misspelt hook", "broken import", "wrong units"} <= ways
        assert "wrong reference value" in ways
