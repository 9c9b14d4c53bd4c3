"""Admission with the real clean environment, the real kit, and plugins that go wrong."""

from __future__ import annotations

import json

import pytest
from test_registry_refusals import CARD, fingerprint
from wheelwright import LEAK, View, make_wheel, quick

from pumpleak_registry import layout
from pumpleak_registry._errors import RegistryError
from pumpleak_registry.admission import examine, findings_of
from pumpleak_registry.artifact import read_artifact
from pumpleak_registry.report import Report
from pumpleak_registry.repository import Repository

REFERENCE = """
    claims = Claims(
        references=[
            ReferencePoint(
                V="0 mV", inside={{"K": "140 mM"}}, outside={{"K": "4 mM"}}, temperature="37 degC",
                current="{current}", values={{"density": "1 channel"}}, tolerance=0.01,
                source="E_K = 26.73 mV ln(140/4) = 95.0 mV, times 10 pS, by hand",
            )
        ]
    )
"""
WITH_REFERENCE = LEAK.replace("import Channel", "import Channel, Claims, ReferencePoint")


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    place = tmp_path_factory.mktemp("admission")
    made, _ = Repository.create(place / "registry", keys=[place / "keys"])
    made.add_lab("lab-a")
    return made


def test_a_good_plugin_is_admitted_and_its_report_published(repository, tmp_path):
    """Installed alone, checked, drawn; the report says what ran, and is signed with the wheel."""
    code = WITH_REFERENCE + REFERENCE.format(current="0.95 pA")
    wheel = make_wheel(
        tmp_path, "pumpleak-good", plugin="good", files={"pumpleak_good/leak.py": code}
    )
    report = repository.admit(wheel, "lab-a")

    assert report.problems == ()
    assert (report.runs, report.reproduces) == (True, True)
    assert (report.provides, report.makes, report.ions) == (("good.leak",), ("channel",), ("K",))
    outcomes = {row["code"]: row["outcome"] for row in report.checks["runs"][0]["results"]}
    assert len(outcomes) >= 10
    assert outcomes["C010"] == "passed"
    [figure] = report.figures
    assert "zero at -95 mV" in figure.text

    repository.publish(wheel, "lab-a")
    view = View(repository.folder, tmp_path / "trust")
    release = view.index("lab-a").of("pumpleak-good")[0]
    assert layout.from_json(Report, view.read(release.report)) == report
    assert view.read(release.files[1].path).startswith(b"<?xml")


def test_a_card_goes_through_the_same_without_installing(repository, tmp_path):
    """Its report, figure and row are like a plugin's; pip's index does not list it."""
    path = tmp_path / "leak.card.toml"
    path.write_text(CARD.format(id="lab-a.leak", version="1.0"))
    report = repository.admit(path, "lab-a")

    assert report.problems == ()
    assert (report.runs, report.reproduces) == (True, None)
    assert report.provides == ("lab-a.leak",)
    [item] = report.sheet["objects"]
    assert "10.1085/jgp.1" in item["bibtex"]
    repository.publish(path, "lab-a")
    view = View(repository.folder, tmp_path / "trust")
    [release] = view.index("lab-a").of("lab-a.leak")
    assert view.read(release.payload.path) == path.read_bytes()
    assert not (repository.folder / "simple" / "lab-a-leak").exists()
    page = (repository.folder / "people" / "lab-a-leak" / "index.html").read_text()
    assert "https://doi.org/10.1085/jgp.1" in page
    assert "https://orcid.org/0000-0002-1825-0097" in page


def not_admitted(repository, tmp_path, code, **changes):
    """The first problem of a plugin that is refused; the registry is as it was."""
    before = fingerprint(repository.folder)
    wheel = make_wheel(tmp_path, "pumpleak-bad", plugin="bad", **changes)
    reports, done = repository.admit_all([wheel], "lab-a")
    problem = reports[0].problems[0]

    assert reports[0].runs is False
    assert problem.code == code, str(problem)
    assert problem.fix
    assert done.keys == ()
    assert fingerprint(repository.folder) == before
    return problem.cause


def test_a_dependency_that_nobody_has(repository, tmp_path):
    """Found before anything is installed, and named."""
    said = not_admitted(
        repository, tmp_path, "A201", requires=("pumpleak>=0.1,<0.2", "nonesuch>=3")
    )
    assert said == "pumpleak-bad needs nonesuch>=3, and it is not installed here"
    said = not_admitted(repository, tmp_path, "A201", requires=("pumpleak>=0.1,<0.2", "numpy>=99"))
    assert "numpy>=99, and this host has" in said


def test_a_version_that_needs_another_host_or_python(repository, tmp_path):
    """A newer pumpleak, another Python, and a plugin that does not say which pumpleak."""
    said = not_admitted(repository, tmp_path, "A108", requires=("pumpleak>=9,<10",))
    assert "needs pumpleak>=9,<10, and this host is pumpleak 0.1" in said
    said = not_admitted(repository, tmp_path, "A109", requires_python=">=4")
    assert "needs Python >=4" in said
    said = not_admitted(repository, tmp_path, "A110", requires=("pumpleak>=0.1",))
    assert "no version of pumpleak at which it stops working" in said


def test_a_package_of_the_host_is_not_replaced(repository, tmp_path):
    """A wheel that brings its own numpy would stand in front of the host's."""
    said = not_admitted(repository, tmp_path, "A111", files={"numpy/__init__.py": ""})
    assert "brings 'numpy'" in said


def test_a_package_that_is_installed_here_but_not_declared(repository, tmp_path):
    """pytest runs this very test, and is not there for a plugin that does not ask for it."""
    files = {"pumpleak_bad/_plugin.py": "import pytest\n"}
    said = not_admitted(repository, tmp_path, "A203", files=files)
    assert "No module named 'pytest'" in said


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise RuntimeError('no luck')", "no luck"),
        ("import os; os._exit(3)", "ended or disturbed the process"),
        pytest.param("import sys; sys.exit(0)", "does not load", marks=pytest.mark.slow),
        pytest.param("x = (", "could not be imported", marks=pytest.mark.slow),
        ("import os; assert 'SECRET' not in os.environ; raise OSError(os.getcwd())", "admission"),
    ],
)
def test_a_plugin_that_breaks_when_it_is_loaded(repository, tmp_path, code, said, monkeypatch):
    """Raising, ending the process, or no Python at all; our environment is not shown to it."""
    monkeypatch.setenv("SECRET", "x")
    files = {"pumpleak_bad/_plugin.py": code + "\n"}
    assert said in not_admitted(repository, tmp_path, "A203", files=files)


@pytest.mark.parametrize(
    "left",
    [
        '{"objects": 3}',
        "[" * 100000,
        '{"objects": [{"id": "k2p.TREK1", "kind": "channel", "ions": []}], "checks": '
        '[{"results": [{"code": "C001", "outcome": "passed"}]}], "reference": []}',
        pytest.param('{"objects": [], "checks": [3], "reference": []}', marks=pytest.mark.slow),
        pytest.param("null", marks=pytest.mark.slow),
    ],
)
def test_a_plugin_that_tampers_with_the_result(repository, tmp_path, left):
    """What it leaves is read as carefully as everything else of it."""
    code = (
        "import atexit, pathlib, sys\n"
        f"atexit.register(lambda: pathlib.Path(sys.argv[1]).write_text({left!r}))\n"
    )
    wheel = make_wheel(
        tmp_path, "pumpleak-bad", plugin="bad", files={"pumpleak_bad/_plugin.py": code}
    )
    found = examine(read_artifact(wheel), repository.folder)

    assert found.runs is False
    assert [problem.code for problem in found.problems] == ["A203"]


@pytest.mark.slow
def test_a_plugin_that_writes_without_end(repository, tmp_path):
    """Its messages and files end at a size, and its children with it."""
    code = (
        "import subprocess, sys\n"
        "subprocess.Popen(['sleep', '300'])\n"
        "while True:\n    sys.stderr.write('x' * 1000000)\n"
    )
    wheel = make_wheel(
        tmp_path, "pumpleak-bad", plugin="bad", files={"pumpleak_bad/_plugin.py": code}
    )
    found = examine(read_artifact(wheel), repository.folder, seconds=60)

    assert found.runs is False
    assert found.problems[0].code in {"A203", "A206"}


def test_a_plugin_that_does_not_end(repository, tmp_path):
    """It is ended after the time it was given."""
    wheel = make_wheel(
        tmp_path, "pumpleak-bad", plugin="bad", files={"pumpleak_bad/_plugin.py": "while 1: pass\n"}
    )
    found = examine(read_artifact(wheel), repository.folder, seconds=3)

    assert found.runs is False
    assert [problem.code for problem in found.problems] == ["A206"]


def test_a_channel_that_breaks_a_rule(repository, tmp_path):
    """The kit's own words, with its code and fix."""
    code = LEAK.replace("return 1.0", "return 1.0 + s.V")
    said = not_admitted(repository, tmp_path, "A204", files={"pumpleak_bad/leak.py": code})
    assert "bad.leak fails C0" in said


def test_a_reference_point_that_is_missed_is_published_as_such(repository, tmp_path):
    """It runs, and the second column says that it does not reproduce what it promised."""
    code = WITH_REFERENCE + REFERENCE.format(current="0.5 pA")
    wheel = make_wheel(
        tmp_path, "pumpleak-missed", plugin="missed", files={"pumpleak_missed/leak.py": code}
    )
    report = repository.admit(wheel, "lab-a")

    assert (report.runs, report.reproduces) == (True, False)
    assert [problem.code for problem in report.problems] == ["A205"]
    repository.publish(wheel, "lab-a")
    catalogue = View(repository.folder, tmp_path / "trust").read(layout.CATALOGUE)
    rows = {row["name"]: row for row in json.loads(catalogue)["projects"]}
    assert rows["pumpleak-missed"]["reproduces"] is False


def test_a_plugin_may_need_another_of_the_registry(repository, tmp_path):
    """What the registry itself has published is installed beside it."""
    base = make_wheel(
        tmp_path, "pumpleak-base", plugin="base", files={"pumpleak_base/rule.py": "ONE = 1.0\n"}
    )
    repository.admit(base, "lab-a", examine=quick)
    repository.publish(base, "lab-a")
    code = LEAK.replace(
        "from pumpleak import", "from pumpleak_base.rule import ONE\nfrom pumpleak import"
    )
    wheel = make_wheel(
        tmp_path, "pumpleak-upper", plugin="upper",
        requires=("pumpleak>=0.1,<0.2", "pumpleak-base==1.*"),
        files={"pumpleak_upper/leak.py": code.replace("return 1.0", "return ONE")},
    )  # fmt: skip

    report = repository.admit(wheel, "lab-a")
    assert report.problems == ()
    assert report.provides == ("upper.leak",)


def test_no_check_that_ran_is_no_admission():
    """A plugin that supplies nothing has not passed anything."""
    found = findings_of({"objects": [], "checks": [{"results": []}], "reference": ["C010"]})

    assert found.runs is False
    assert [problem.code for problem in found.problems] == ["A207"]


@pytest.fixture
def project(tmp_path):
    """The source folder of pumpleak-told, as the template makes one."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "pumpleak_told"\n[tool.pumpleak]\nlab = "lab-a"\n'
        'doi = "10.1085/jgp.1"\norcid = "0000-0002-1825-0097"\n'
    )
    return tmp_path


def test_what_the_project_says_for_people_comes_to_the_sheet(repository, project):
    """A wheel has no field for a DOI; the folder that it was built from has."""
    wheel = make_wheel(project, "pumpleak-told", plugin="told")
    report = repository.admit(wheel, "lab-a", project=project)

    assert report.sheet["urls"] == {
        "DOI": "https://doi.org/10.1085/jgp.1",
        "ORCID": "https://orcid.org/0000-0002-1825-0097",
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("pumpleak_told", "pumpleak_other", "is of pumpleak-other"),
        ('lab = "lab-a"', 'lab = "lab-b"', "says that its lab is 'lab-b'"),
        ("10.1085/jgp.1", "see paper", "doi is none"),
        ("0097", "x", "orcid is none"),
        ("[project]", "[project", "cannot be read"),
        ('"pumpleak_told"', "3", "must be letters"),
    ],
)
def test_a_project_that_says_something_else_is_refused(repository, project, old, new, said):
    """Another project, another lab, and what is neither DOI nor ORCID."""
    path = project / "pyproject.toml"
    path.write_text(path.read_text().replace(old, new))
    wheel = make_wheel(project, "pumpleak-told", "2.0", plugin="told")
    with pytest.raises(RegistryError, match="A112") as error:
        repository.admit(wheel, "lab-a", project=project, examine=quick)

    assert said in str(error.value)
