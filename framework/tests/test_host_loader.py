"""Stage 2: thin modules are imported in isolation, checked, and registered whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_host_lab import GOOD, Lab, open_lab, species

from pumpleak.host import KINDS, Host, PluginState

HEAD = "from pumpleak.host import MechanismRecord, SpeciesRecord, hookimpl\n"
K = "SpeciesRecord(name='K', factory='a:b', summary='x', valence=1)"


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    yield from open_lab(tmp_path, monkeypatch)


def refused(lab: Lab, source: str) -> PluginState:
    """Load a bad plugin between two good ones and return its state."""
    lab.plugin("aaa", species("K"))
    lab.plugin("bad", source)
    lab.plugin("zzz", species("Na"))
    host = lab.host()
    first, state, last = host.load()

    assert ("loaded", "failed", "loaded") == (first.state, state.state, last.state)
    assert ["aaa.K", "zzz.Na"] == [key for kind in KINDS for key in host.records(kind)]
    assert "Plugin 'bad' (pumpleak-bad 1.0)" in state.reason
    assert "PUMPLEAK_DENY=bad" in state.reason
    assert "\n" not in state.reason
    assert_left_nothing(host)
    return state


def assert_left_nothing(host: Host) -> None:
    assert {"aaa", "zzz"} == {name for name, _ in host._manager.list_name_plugin()}


def test_good_plugin_is_loaded(lab: Lab) -> None:
    """A good plugin is loaded and its records are there under plugin.thing."""
    lab.plugin("k2p")
    host = lab.host()
    (state,) = host.load()

    assert "loaded" == state.state
    assert state.reason.endswith("is loaded and supplies 1 record.")
    assert ["k2p.TREK1"] == list(host.records("mechanisms"))
    assert state == host.records("mechanisms")["k2p.TREK1"].plugin


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("raise RuntimeError('no luck')", "RuntimeError: no luck"),
        ("import no_such_library_at_all", "ModuleNotFoundError: No module named"),
        ("def (:", "SyntaxError"),
        ("import sys\nsys.exit(3)", "SystemExit: 3"),
        ("raise SystemExit", "SystemExit"),
        ("class Odd(BaseException): pass\nraise Odd('odd')", "Odd: odd"),
        ("raise GeneratorExit", "GeneratorExit"),
        (
            "class Mute(Exception):\n    def __str__(self): raise ValueError\nraise Mute",
            "Mute: (its message cannot be read)",
        ),
    ],
)
def test_import_failure_is_isolated(lab: Lab, source: str, said: str) -> None:
    """Whatever a module raises on import makes one failed plugin, with its traceback kept."""
    state = refused(lab, source)

    assert said in state.reason
    assert "could not be imported" in state.reason
    assert state.traceback is not None
    assert "Traceback (most recent call last)" in state.traceback
    assert "lab_bad.py" in state.traceback


def test_asking_the_host_while_being_loaded_is_refused(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thin module that asks for records fails, and does not send the host round in circles."""
    lab.plugin("bad", "from pumpleak.host import default_host\ndefault_host().records('species')")
    lab.plugin("k2p")
    host = lab.host()
    monkeypatch.setattr("pumpleak.host._host._default", host)
    bad, good = host.load()

    assert ("failed", "loaded") == (bad.state, good.state)
    assert "may not ask the host for records while plugins are being loaded" in bad.reason


def test_missing_module_is_a_failure(lab: Lab) -> None:
    """An entry point to a module that is not there fails and names the module."""
    lab.plugin("bad", value="lab_nowhere")
    (state,) = lab.host().load()

    assert "failed" == state.state
    assert "'lab_nowhere' could not be imported" in state.reason


def test_the_users_interrupt_goes_through(lab: Lab) -> None:
    """Ctrl-C during loading stops it, and the host can load again afterwards."""
    lab.plugin("ions", species("K"))
    lab.plugin("k2p", "raise KeyboardInterrupt")
    host = lab.host()

    with pytest.raises(KeyboardInterrupt):
        host.load()

    lab.module("lab_k2p", GOOD)

    assert ["loaded", "loaded"] == [state.state for state in host.load()]
    assert ["k2p.TREK1"] == list(host.records("mechanisms"))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "@hookimpl\ndef pumpleak_mechanism():\n    return []",
            "'pumpleak_mechanism' is no hook (did you mean 'pumpleak_mechanisms'?)",
        ),
        ("@hookimpl\ndef mechanisms():\n    return []", "'mechanisms' is no hook"),
        ("@hookimpl(optionalhook=True)\ndef pumpleak_pumps():\n    return []", "is no hook"),
        (
            "@hookimpl(specname='pumpleak_specie')\ndef anything():\n    return []",
            "'anything' is no hook (did you mean 'pumpleak_species'?)",
        ),
        (
            "@hookimpl\ndef pumpleak_species():\n    return []\n"
            "def pumpleak_mechanims():\n    return []",
            "'pumpleak_mechanims' is no hook (did you mean 'pumpleak_mechanisms'?)",
        ),
        (
            "def pumpleak_species():\n    return []",
            "'pumpleak_species' is not marked; put @pumpleak.hookimpl above it",
        ),
        ("pumpleak_answer = 42", "'pumpleak_answer' is no hook"),
        ("", "implements no hook"),
        (
            "@hookimpl\ndef pumpleak_species(membrane):\n    return []",
            "'pumpleak_species' takes 'membrane', which the hook does not give; it gives no arg",
        ),
        (
            "@hookimpl\ndef pumpleak_membrane_assembled(membranes):\n    pass",
            "which the hook does not give (did you mean 'membrane'?)",
        ),
        (
            "@hookimpl\ndef pumpleak_membrane_assembled(membrane, extra=1):\n    pass",
            "takes 'extra', which the hook does not give",
        ),
        ("@hookimpl\ndef pumpleak_rest_found(*, equilibria):\n    pass", "may not take"),
        ("@hookimpl\ndef pumpleak_rest_found(**facts):\n    pass", "may not take '**facts'"),
        ("@hookimpl\nasync def pumpleak_species():\n    return []", "must not be async"),
        ("@hookimpl\nasync def pumpleak_species():\n    yield 1", "must not be async"),
        ("@hookimpl(wrapper=True)\ndef pumpleak_species():\n    return (yield)", "is a wrapper"),
        (
            "@hookimpl(hookwrapper=True)\ndef pumpleak_species():\n    yield",
            "is a wrapper, and a plugin may not change what others say",
        ),
        ("@hookimpl\nclass pumpleak_species:\n    pass", "must be a plain function (got type)"),
    ],
)
def test_a_hook_that_would_not_work_is_refused(lab: Lab, body: str, said: str) -> None:
    """A misspelt, unmarked or wrongly declared hook refuses the plugin and says what was meant."""
    state = refused(lab, HEAD + body)

    assert said in state.reason


def test_every_problem_of_a_module_is_told_at_once(lab: Lab) -> None:
    """Two misspelt hooks are reported together."""
    state = refused(
        lab,
        HEAD
        + "@hookimpl\ndef pumpleak_specis():\n    pass\n@hookimpl\ndef pumpleak_filtrs(): pass",
    )

    assert "pumpleak_specis" in state.reason
    assert "pumpleak_filtrs" in state.reason


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("None", "pumpleak_species() returned None; return a list"),
        ("3", "(got a int)"),
        (K, "(got a SpeciesRecord)"),
        ("'K'", "(got a str)"),
        (f"{{'K': {K}}}", "(got a dict)"),
        ("['K']", "must give only SpeciesRecord (got 'K')"),
        (
            "[MechanismRecord(name='A', factory='a:A', summary='x', kind='pump', ions=('K',))]",
            "must give only SpeciesRecord (got MechanismRecord(",
        ),
        (f"[{K}, None]", "must give only SpeciesRecord (got None)"),
        ("[" + K.replace("'K'", "'a.K'") + "]", "(got 'a.K')"),
        ("[" + K.replace("'K'", "''") + "]", "(got '')"),
        (f"[{K.replace('a:b', 'a.b')}]", "'factory' must be text like"),
        ("[][0]", "pumpleak_species() raised IndexError"),
        ("exit(4)", "pumpleak_species() raised SystemExit: 4"),
        (f"(x for x in [{K}, 1/0])", "raised ZeroDivisionError"),
        (f"[{K}, {K}]", "bad.K is given twice, by pumpleak_species() and pumpleak_species()"),
    ],
)
def test_a_wrong_answer_is_refused(lab: Lab, answer: str, said: str) -> None:
    """A hook that returns something else than good records fails its plugin: what, got, fix."""
    state = refused(lab, f"{HEAD}@hookimpl\ndef pumpleak_species():\n    return {answer}\n")

    assert said in state.reason


def test_a_generator_that_raises_leaves_nothing(lab: Lab) -> None:
    """Records that were yielded before the exception are dropped too, and the traceback is kept."""
    state = refused(
        lab, f"{HEAD}@hookimpl\ndef pumpleak_species():\n    yield {K}\n    raise OSError('gone')\n"
    )

    assert "pumpleak_species() raised OSError: gone" in state.reason
    assert "OSError: gone" in (state.traceback or "")


def test_one_id_in_two_kinds_is_refused(lab: Lab) -> None:
    """An id stands for one thing, whatever its kind."""
    state = refused(
        lab,
        f"{HEAD}from pumpleak.host import FilterRecord\n"
        f"@hookimpl\ndef pumpleak_species():\n    return [{K}]\n"
        "@hookimpl\ndef pumpleak_filters():\n"
        "    return [FilterRecord(name='K', factory='a:F', summary='x')]\n",
    )

    assert "bad.K is given twice, by pumpleak_species() and pumpleak_filters()" in state.reason


def test_a_good_first_hook_is_taken_back_by_a_bad_second(lab: Lab) -> None:
    """Registration is atomic: one bad hook and none of the plugin's records stay."""
    refused(
        lab,
        f"{HEAD}@hookimpl\ndef pumpleak_species():\n    return [{K}]\n"
        "@hookimpl\ndef pumpleak_solvers():\n    return None\n",
    )


def test_the_same_name_in_two_plugins_is_fine(lab: Lab) -> None:
    """Ids carry the plugin's name, so two plugins may both have a K."""
    lab.plugin("ions", species("K"))
    lab.plugin("others", species("K"))
    host = lab.host()

    assert ["ions.K", "others.K"] == list(host.records("species"))


def test_own_package_and_yielded_records_are_accepted(lab: Lab) -> None:
    """A package called pumpleak_something in the module is no misspelt hook; hooks may yield."""
    lab.module("pumpleak_labpackage", "")
    lab.plugin(
        "k2p",
        f"{HEAD}import pumpleak_labpackage\n@hookimpl(specname='pumpleak_species')\n"
        f"def ions():\n    yield {K}\n",
    )
    (state,) = lab.host().load()
    sys.modules.pop("pumpleak_labpackage", None)

    assert "loaded" == state.state, state.reason


def test_two_functions_may_share_a_hook(lab: Lab) -> None:
    """Records of two implementations of one hook in a module are both taken, None still is not."""
    first = f"{HEAD}@hookimpl\ndef pumpleak_species():\n    return [{K}]\n"
    second = "@hookimpl(specname='pumpleak_species')\ndef more():\n    return {}\n"
    lab.plugin("two", first + second.format("[" + K.replace("'K'", "'Na'") + "]"))
    lab.plugin("lost", first + second.format("None"))
    host = lab.host()
    lost, two = host.load()

    assert ("failed", "loaded") == (lost.state, two.state)
    assert "returned None" in lost.reason
    assert {"two.K", "two.Na"} == set(host.records("species"))


def test_hooks_are_called_in_name_order(lab: Lab) -> None:
    """Plugins are asked in the order of their names, not of their installation."""
    lab.module("lab_log", "calls = []")
    for name in ("zeta", "alpha", "mid"):
        lab.plugin(
            name,
            f"{HEAD}import lab_log\n@hookimpl\ndef pumpleak_species():\n"
            f"    lab_log.calls.append({name!r})\n    return [{K}]\n",
        )
    lab.host().load()

    assert ["alpha", "mid", "zeta"] == sys.modules["lab_log"].calls
