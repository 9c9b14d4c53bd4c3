"""The conformance kit's run: what it takes, what it reports, and how claims count."""

from __future__ import annotations

import json
import sys
import textwrap
import types
from importlib.metadata import EntryPoint

import pytest

import pumpleak as pl
from pumpleak.conformance import CHECKS, Report, run_checks
from pumpleak.host import Host, MechanismRecord, hookimpl
from pumpleak_clc.clc1 import ClC1
from pumpleak_nalcn.nalcn import NALCNCa

REPORT_KEYS = {"format", "target", "date", "versions", "strict", "ok", "counts", "results"}
RESULT_KEYS = {"object", "kind", "code", "check", "outcome", "message", "fix"}


class Leak(pl.Channel):
    permeation = pl.Ohmic("K")


class Shifted(pl.Mechanism):
    """Reverses 5 mV off, and its author knows."""

    ions = ("K",)
    density = pl.parameter("1 nS", source="assumed")
    claims = pl.Claims(expected_failures={"C020": "as published"})

    def current(self, s):
        return {"K": self.density * (s.V - s.E["K"] - 5 * s.mV)}


class Mended(Shifted):
    """The same, mended, with its claim left in."""

    def current(self, s):
        return {"K": self.density * (s.V - s.E["K"])}


def outcome(report, code):
    (found,) = [result for result in report.results if result.code == code]
    return found


def test_a_report_is_data() -> None:
    """It survives JSON, says who took part, and counts what ran."""
    report = run_checks("clc")
    read = json.loads(json.dumps(report.to_dict(), allow_nan=False))

    assert set(read) == REPORT_KEYS
    assert 1 == read["format"]
    assert {"pumpleak", "pumpleak-clc"} == set(read["versions"])
    assert all(set(result) == RESULT_KEYS for result in read["results"])
    ran = [result for result in read["results"] if result["outcome"] != "not applicable"]
    assert read["counts"]["ran"] == len(ran) > 30


def test_a_class_an_instance_an_id_and_a_plugin_can_be_checked() -> None:
    """Each stands for what it names."""
    assert ("Leak",) == run_checks(Leak).objects
    assert ("mine",) == run_checks(Leak(density="3 nS", name="mine")).objects
    assert ("k2p.TREK1",) == run_checks("k2p.TREK1").objects
    assert {"nalcn.NALCN", "nalcn.NALCNCa"} < set(run_checks("nalcn").objects)


def test_a_registered_object_is_checked_as_such() -> None:
    """Given the class itself, the record's word is checked too."""
    assert ("clc.ClC1",) == run_checks(ClC1).objects


def test_an_expected_failure_carries_its_reason_and_is_no_failure() -> None:
    """Unless it is asked to count as one."""
    report = run_checks(Shifted)

    assert report.ok
    assert "expected failure" == outcome(report, "C020").outcome
    assert outcome(report, "C020").message.startswith("as published (its current of K is")
    assert 1 == report.counts["expected failure"]
    assert not run_checks(Shifted, strict=True).ok


def test_an_expected_failure_that_passes_fails() -> None:
    """A claim that no longer holds must go."""
    report = run_checks(Mended)

    assert not report.ok
    assert "failed" == outcome(report, "C020").outcome
    assert "expected to fail (as published), but it passed" in outcome(report, "C020").message


def test_an_expected_failure_of_what_does_not_apply_fails() -> None:
    """There is nothing to expect."""
    claims = pl.Claims(expected_failures={"C010": "no numbers yet"})
    report = run_checks(Leak, claims=claims)

    assert "does not apply" in outcome(report, "C010").message
    assert not report.ok


def test_an_expected_failure_of_no_check_fails() -> None:
    """A misspelt code is no silent exception."""
    report = run_checks(Leak, claims=pl.Claims(expected_failures={"C999": "who knows"}))

    assert "C999" in outcome(report, "C001").message
    assert not report.ok


@pytest.mark.parametrize("reason", ["", "  ", None])
def test_an_expected_failure_needs_a_reason(reason) -> None:
    """In words."""
    with pytest.raises(pl.CompositionError, match="needs a reason"):
        pl.Claims(expected_failures={"C020": reason})


def test_claims_are_inherited() -> None:
    """What holds of a class holds of its kin, unless they say otherwise."""
    assert "rising" == NALCNCa.claims.monotone


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"voltage": ("50 mV", "-50 mV")}, "first must be below"),
        ({"voltage": "-50 mV"}, "two voltages"),
        ({"voltage": ("5 mM", "10 mM")}, "expected a voltage"),
        ({"monotone": "upwards"}, "monotone"),
    ],
)
def test_claims_that_make_no_sense_are_refused(given, message) -> None:
    """At once, in words."""
    with pytest.raises(ValueError, match=message):
        pl.Claims(**given)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"tolerance": 0.0}, "a share in 0..1"),
        ({"tolerance": 2.0}, "a share in 0..1"),
        ({"source": " "}, "where its number is from"),
        ({"current": "3 mV"}, "expected a current"),
        ({"V": -60}, "bare number"),
    ],
)
def test_reference_points_that_make_no_sense_are_refused(changed, message) -> None:
    """A point without unit, tolerance or source proves nothing."""
    given = {
        "V": "-60 mV",
        "inside": {"K": "140 mM"},
        "outside": {"K": "4 mM"},
        "temperature": "37 degC",
        "current": "1 pA",
        "source": "assumed",
    }
    pl.ReferencePoint(**given)

    with pytest.raises(ValueError, match=message):
        pl.ReferencePoint(**{**given, **changed})


def test_what_cannot_be_imported_fails_and_the_rest_is_checked(monkeypatch) -> None:
    """Its other checks do not apply; the report is not ok."""
    module = types.ModuleType("conformance_broken")

    @hookimpl
    def pumpleak_mechanisms():
        common = {"summary": "a leak", "kind": "channel", "ions": ("K",)}
        yield MechanismRecord(name="Gone", factory="no_such_module:Gone", **common)
        yield MechanismRecord(name="Here", factory=f"{__name__}:Leak", **common)

    module.pumpleak_mechanisms = pumpleak_mechanisms
    monkeypatch.setitem(sys.modules, "conformance_broken", module)
    point = EntryPoint("broken", "conformance_broken", "pumpleak.plugins")

    report = run_checks("broken", host=Host(entry_points=[point]))

    assert not report.ok
    gone = [result for result in report.results if result.object == "broken.Gone"]
    assert {"C001"} == {result.code for result in gone if result.outcome == "failed"}
    assert "no_such_module" in gone[0].message
    here = [result for result in report.results if result.object == "broken.Here"]
    assert all(result.outcome in ("passed", "not applicable") for result in here)


class Quitter(pl.Channel):
    permeation = pl.Ohmic("K")

    def open_probability(self, s):
        raise SystemExit(0)


def test_a_plugin_cannot_end_the_run() -> None:
    """sys.exit() in a physics function is a failure, not the end."""
    report = run_checks(Quitter)

    assert not report.ok
    assert "SystemExit" in outcome(report, "C003").message


class Whole(pl.Channel):
    """Takes whole-cell conductances alone."""

    unitary = pl.parameter("10 pS", source="assumed")
    density = pl.parameter("10 nS", source="assumed", dimensions=(pl.quantity("1 nS").dimension,))
    permeation = pl.Ohmic("K")


def test_a_density_that_is_no_count_is_not_counted() -> None:
    """A rule that cannot speak of a channel does not apply."""
    report = run_checks(Whole)

    assert report.ok, str(report)
    assert "not applicable" == outcome(report, "C025").outcome


def test_a_filter_has_its_claims_beside_it_in_its_module() -> None:
    """k2p.TVGYG claims an order, and keeps it."""
    report = run_checks("k2p.TVGYG")

    assert "passed" == outcome(report, "C084").outcome


def test_nothing_ran_is_not_ok() -> None:
    """A run that checked nothing proves nothing."""
    empty = Report(target="x", results=(), versions={}, date="")

    assert not empty.ok
    assert 0 == empty.counts["ran"]


def test_what_the_kit_cannot_check_is_refused() -> None:
    """In words that say what it can."""
    with pytest.raises(pl.CompositionError, match="give a Channel or Transporter"):
        run_checks(42)
    with pytest.raises(pl.UnknownNameError, match=r"k2p\.TREK1"):
        run_checks("k2p.TREK")
    with pytest.raises(pl.UnknownNameError, match=r"no installed plugin \(did you mean 'nalcn'"):
        run_checks("nalc")


def test_codes_do_not_collide_and_are_in_order() -> None:
    """C001 onwards."""
    assert list(CHECKS) == sorted(CHECKS)
    assert all(code == check.code for code, check in CHECKS.items())


def test_a_source_folder_can_be_checked(tmp_path, monkeypatch) -> None:
    """A plugin that is not installed is checked where it lies, and leaves no trace on the path."""
    package = tmp_path / "src" / "kit_fresh"
    package.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(
        textwrap.dedent(
            """
            [project]
            name = "kit-fresh"
            version = "0.3"
            [project.entry-points."pumpleak.plugins"]
            fresh = "kit_fresh._plugin"
            """
        )
    )
    (package / "__init__.py").write_text("")
    (package / "_plugin.py").write_text(
        textwrap.dedent(
            """
            from pumpleak.host import MechanismRecord, hookimpl

            @hookimpl
            def pumpleak_mechanisms():
                yield MechanismRecord(
                    name="Leak", factory="kit_fresh.leak:Leak", summary="a leak",
                    kind="channel", ions=("K",),
                )
            """
        )
    )
    (package / "leak.py").write_text(
        textwrap.dedent(
            """
            from pumpleak import Channel, Ohmic

            class Leak(Channel):
                permeation = Ohmic("K")
            """
        )
    )

    path = list(sys.path)

    report = run_checks(tmp_path)

    for name in [name for name in sys.modules if name.partition(".")[0] == "kit_fresh"]:
        monkeypatch.delitem(sys.modules, name)
    assert path == sys.path
    assert report.ok, str(report)
    assert ("fresh.Leak",) == report.objects
    assert "0.3" == report.versions["kit-fresh"]


def test_a_source_folder_is_named_by_its_project(tmp_path) -> None:
    """In what goes wrong, as if it were installed."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "kit-lost"\nversion = "0.3"\n'
        '[project.entry-points."pumpleak.plugins"]\nlost = "kit_lost._plugin"\n'
    )

    with pytest.raises(pl.PluginError) as caught:
        run_checks(tmp_path)

    assert "kit-lost 0.3" in str(caught.value)
    assert "unknown" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "does not exist"),
        ("", "neither a pyproject.toml nor a card"),
        ("[project]\nname = 'x'\n", "names no plugin"),
        ("[project", "cannot be read"),
    ],
)
def test_a_folder_without_a_plugin_is_refused(tmp_path, content, message) -> None:
    """With what is missing."""
    folder = tmp_path / "here"
    if content is not None:
        folder.mkdir()
    if content:
        (folder / "pyproject.toml").write_text(content)

    with pytest.raises(pl.FileError, match=message):
        run_checks(folder)
