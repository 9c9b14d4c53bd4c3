"""Stage 1: states from metadata alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from test_host_lab import BOUND, GOOD, Lab, open_lab

from pumpleak.host import Host

EXPLODES = "raise RuntimeError('imported')"


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    yield from open_lab(tmp_path, monkeypatch)


def test_plugins_are_found_in_name_order(lab: Lab) -> None:
    """A plugin that is installed is found, with its distribution, version and requirement."""
    lab.plugin("nalcn")
    lab.plugin("k2p", version="2.3")
    first, second = lab.host().plugins()

    assert ("k2p", "nalcn") == (first.name, second.name)
    assert ("pumpleak-k2p", "2.3", "found", BOUND) == (
        first.distribution,
        first.version,
        first.state,
        first.requires,
    )
    assert "Plugin 'k2p' (pumpleak-k2p 2.3) is installed" in first.reason


def test_plugins_imports_nothing(lab: Lab) -> None:
    """Asking which plugins there are does not import any of them, good or bad."""
    lab.plugin("boom", EXPLODES)

    assert ["found"] == [state.state for state in lab.host().plugins()]
    assert "lab_boom" not in sys.modules


def test_listing_imports_no_physics(lab: Lab) -> None:
    """In a new process, a list of plugins leaves numpy, scipy, sympy and pint alone."""
    lab.plugin("k2p")
    code = (
        "import sys; sys.path[:0] = [sys.argv[1]]\n"
        "from pumpleak.host import default_host\n"
        "assert 'k2p' in [state.name for state in default_host().plugins()]\n"
        "heavy = {'numpy', 'scipy', 'sympy', 'pint', 'lab_k2p', 'rich', 'click'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(lab.root)], capture_output=True, text=True, check=False
    )

    assert ("[]\n", "") == (run.stdout, run.stderr)


def test_too_new_a_requirement_is_incompatible_before_import(lab: Lab) -> None:
    """A plugin made for another host is refused, in words with both versions, and not imported."""
    lab.plugin("k2p", EXPLODES, requires=["pumpleak>=9"])
    host = lab.host()
    host.load()
    (state,) = host.plugins()

    assert "incompatible" == state.state
    assert "Plugin 'k2p' (pumpleak-k2p 1.0) needs pumpleak>=9, have 0.1.0." in state.reason
    assert "lab_k2p" not in sys.modules


def test_unreadable_requirement_fails(lab: Lab) -> None:
    """A requirement that is no version range is a failure, not a pass."""
    lab.plugin("k2p", requires=["pumpleak >== 1"])
    (state,) = lab.host().plugins()

    assert "failed" == state.state
    assert "pumpleak-k2p 1.0" in state.reason
    assert "cannot be read as a version range" in state.reason


def test_missing_bound_is_only_a_warning(lab: Lab) -> None:
    """A plugin without a bound on pumpleak is loaded and carries a warning."""
    lab.plugin("k2p", requires=[])
    (state,) = lab.host().load()

    assert "loaded" == state.state
    assert "does not say which versions" in state.warnings[0]


def test_one_name_in_two_distributions_refuses_both(lab: Lab) -> None:
    """Two distributions that claim a name are both refused, and both named in both reasons."""
    lab.plugin("k2p", EXPLODES, distribution="pumpleak-k2p")
    lab.plugin("k2p", distribution="evil-k2p", version="7.0", value="lab_other")
    lab.plugin("nalcn")
    states = lab.host().load()

    assert [("k2p", "conflict"), ("k2p", "conflict"), ("nalcn", "loaded")] == [
        (state.name, state.state) for state in states
    ]
    for state in states[:2]:
        assert "pumpleak-k2p 1.0" in state.reason
        assert "evil-k2p 7.0" in state.reason
    assert "lab_k2p" not in sys.modules


def test_one_name_twice_in_one_distribution_is_a_conflict(lab: Lab) -> None:
    """A distribution that gives one name to two modules is refused."""
    lab.plugin("k2p", entry_points="[pumpleak.plugins]\nk2p = lab_a\nk2p = lab_b\n")

    assert ["conflict", "conflict"] == [state.state for state in lab.host().plugins()]


def test_one_module_under_two_names_is_a_conflict(lab: Lab) -> None:
    """Two names for one module would be the same things under two ids; both are refused."""
    lab.plugin("k2p")
    lab.plugin("tandem", value="lab_k2p")
    states = lab.host().plugins()

    assert ["conflict", "conflict"] == [state.state for state in states]
    assert "the module 'lab_k2p' is claimed by" in states[0].reason


def test_denying_a_distribution_settles_a_conflict(lab: Lab) -> None:
    """With one claimant on the deny list the other one is used."""
    lab.plugin("k2p")
    lab.plugin("k2p", distribution="evil-k2p", value="lab_other")
    host = lab.host(deny=["Evil_K2P"])
    states = host.load()

    assert [("evil-k2p", "disabled"), ("pumpleak-k2p", "loaded")] == [
        (state.distribution, state.state) for state in states
    ]
    assert "pumpleak-k2p" == host.find("mechanisms", "k2p.TREK1").plugin.distribution


def test_one_distribution_seen_twice_is_no_conflict(lab: Lab, tmp_path: Path) -> None:
    """An editable install shows up as dist-info and egg-info; it is still one plugin."""
    lab.plugin("k2p")
    egg = tmp_path / "src" / "pumpleak_k2p.egg-info"
    egg.mkdir(parents=True)
    (egg / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: pumpleak.k2p\nVersion: 0.9\n")
    (egg / "entry_points.txt").write_text("[pumpleak.plugins]\nk2p = lab_k2p\n")
    (state,) = lab.host(path=[str(lab.root), str(egg.parent)]).load()

    assert ("pumpleak-k2p", "1.0", "loaded") == (state.distribution, state.version, state.state)


def test_an_earlier_copy_hides_a_later_one(lab: Lab, tmp_path: Path) -> None:
    """The copy that an import would find counts, even if it declares no plugin."""
    front = tmp_path / "front"
    front.mkdir()
    lab.plugin("k2p")
    lab.plugin("k2p", version="0.1", value="lab_k2p", entry_points="", root=front)

    assert () == lab.host(path=[str(front), str(lab.root)]).plugins()


@pytest.mark.parametrize(
    ("options", "variables"),
    [
        ({"deny": ["boom"]}, {}),
        ({"deny": "pumpleak-boom"}, {}),
        ({"allow": ["k2p"]}, {}),
        ({"allow": ["PUMPLEAK.K2P"]}, {}),
        ({}, {"PUMPLEAK_DENY": "other, boom"}),
        ({}, {"PUMPLEAK_ALLOW": "k2p"}),
        ({"deny": ["boom"]}, {"PUMPLEAK_DENY": "k2p"}),
    ],
)
def test_allow_and_deny_act_before_import(
    lab: Lab,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, list[str]],
    variables: dict[str, str],
) -> None:
    """A plugin that is switched off, by name or distribution, is disabled and never imported."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    lab.plugin("boom", EXPLODES)
    lab.plugin("k2p")
    boom, k2p = lab.host(**options).load()

    assert ("disabled", "loaded") == (boom.state, k2p.state)
    assert "Plugin 'boom' (pumpleak-boom 1.0) is" in boom.reason
    assert "lab_boom" not in sys.modules


def test_an_empty_allow_list_allows_nothing(lab: Lab) -> None:
    """An allow list that was given and is empty is not the same as none."""
    lab.plugin("k2p")

    assert ["disabled"] == [state.state for state in lab.host(allow=()).plugins()]
    assert ["found"] == [state.state for state in lab.host(allow=None).plugins()]


def test_a_name_on_a_list_that_fits_nothing_is_noted(lab: Lab) -> None:
    """A misspelt deny list protects from nothing, so it is said."""
    lab.plugin("k2p")
    (note,) = lab.host(deny=["k2q", "k2p"]).notes()

    assert "'k2q' is on the allow or deny list and is not installed" in note


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("k2p.x", "lab_k2p", "named 'k2p.x'"),
        ("k 2p", "lab_k2p", "named 'k 2p'"),
        ("pumpleak", "lab_k2p", "is not 'pumpleak'"),
        ("k2p", "lab_k2p:plugin", "without colon"),
        ("k2p", "lab k2p", "where the name of a module belongs"),
        ("k2p", "", "where the name of a module belongs"),
    ],
)
def test_bad_entry_points_fail(lab: Lab, name: str, value: str, said: str) -> None:
    """An entry point with an impossible name or module fails before import."""
    lab.plugin(name, value=value, distribution="pumpleak-bad")
    (state,) = lab.host().plugins()

    assert "failed" == state.state
    assert said in state.reason
    assert "pumpleak-bad 1.0" in state.reason


def test_damaged_entry_points_fail_and_spare_the_others(lab: Lab) -> None:
    """A plugin whose entry_points.txt cannot be parsed is failed; the next one is found."""
    lab.plugin("bad", entry_points="[pumpleak.plugins]\nthis is no entry point\n")
    lab.plugin("k2p")
    states = lab.host().plugins()

    assert [("k2p", "found"), ("pumpleak-bad", "failed")] == [(s.name, s.state) for s in states]
    assert "entry_points.txt cannot be read" in states[1].reason


def test_a_strangers_damaged_metadata_is_ignored(lab: Lab) -> None:
    """A distribution that has nothing to do with us cannot hide plugins."""
    lab.plugin("k2p")
    stranger = lab.root / "stranger-1.0.dist-info"
    stranger.mkdir()
    (stranger / "entry_points.txt").write_bytes(b"\xff\xfe[console_scripts]\nbroken\n")

    assert ["k2p"] == [state.name for state in lab.host().plugins()]


def test_metadata_without_a_name_is_still_reported(lab: Lab) -> None:
    """A distribution whose METADATA is gone does not disappear or crash the list."""
    lab.plugin("k2p")
    (lab.root / "pumpleak_k2p-1.0.dist-info" / "METADATA").unlink()
    (state,) = lab.host().plugins()

    assert ("k2p", "unnamed-distribution") == (state.name, state.distribution)


def test_entry_points_can_be_given(lab: Lab) -> None:
    """A host can be made of given entry points; the same one twice counts once."""
    lab.module("lab_k2p", GOOD)
    point = metadata.EntryPoint("k2p", "lab_k2p", "pumpleak.plugins")
    (state,) = Host(entry_points=[point, point], version="0.1.0").load()

    assert ("k2p", "loaded") == (state.name, state.state)


def test_refresh_sees_what_was_installed_since(lab: Lab) -> None:
    """Nothing is cached behind refresh(): a new plugin appears, a removed one goes."""
    host = lab.host()
    before = host.plugins()
    lab.plugin("k2p")
    still = host.plugins()
    host.refresh()
    after = host.load()

    assert ((), ()) == (before, still)
    assert ["loaded"] == [state.state for state in after]

    (lab.root / "pumpleak_k2p-1.0.dist-info" / "entry_points.txt").unlink()
    host.refresh()

    assert () == host.plugins()
    assert {} == dict(host.records("mechanisms"))
