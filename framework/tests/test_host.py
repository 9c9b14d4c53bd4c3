"""The host's questions: find, make, provenance, events, strictness."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_host_lab import PHYSICS, Lab, open_lab, species

import pumpleak.host
from pumpleak._errors import PluginError, UnknownNameError
from pumpleak.host import Host, PluginWarning, default_host

OBSERVER = """
    from pumpleak.host import hookimpl
    import lab_log

    @hookimpl
    def pumpleak_rest_found(equilibria):
        lab_log.seen.append((__name__, equilibria))
        {then}
"""


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    yield from open_lab(tmp_path, monkeypatch)


def test_find_returns_record_and_plugin(lab: Lab) -> None:
    """A found record comes with its id, its kind and its plugin; nothing else was imported."""
    lab.plugin("k2p")
    found = lab.host().find("mechanisms", "k2p.TREK1")

    assert ("k2p.TREK1", "mechanisms", "TREK1", "k2p") == (
        found.id,
        found.kind,
        found.record.name,
        found.plugin.name,
    )
    assert "lab_physics" not in sys.modules


@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("k2p.TREK", "supplies no 'TREK' (did you mean 'k2p.TREK1'?)"),
        ("trek1", "'trek1' is no id; ids look like 'plugin.thing' (did you mean 'k2p.TREK1'?)"),
        ("k2p.", "is no id"),
        ("k2p.a.b", "is no id"),
        ("nalcn.NALCN", "install pumpleak-nalcn, or, from a lab's registry: pumpleak search nalcn"),
        ("kp2.TREK1", "plugin 'kp2' is not installed (did you mean 'k2p.TREK1'?)"),
        ("broken.X", "plugin 'broken' is not in use (failed): Plugin 'broken' (pumpleak-broken"),
        ("old.X", "plugin 'old' is not in use (incompatible): Plugin 'old' (pumpleak-old 1.0) nee"),
        ("off.X", "plugin 'off' is not in use (disabled)"),
        ("both.X", "plugin 'both' is not in use (conflict)"),
        ("ions.K", "ions.K is of the species, and one of the mechanisms belongs here"),
    ],
)
def test_find_says_why_a_name_is_unknown(lab: Lab, id: str, said: str) -> None:
    """An unknown id is told apart: misspelt, of another kind, not installed, or not in use."""
    lab.plugin("k2p")
    lab.plugin("ions", species("K"))
    lab.plugin("broken", "raise RuntimeError('no luck')")
    lab.plugin("old", requires=["pumpleak>=9"])
    lab.plugin("off")
    lab.plugin("both")
    lab.plugin("both", distribution="other-both", value="lab_other")

    with pytest.raises(UnknownNameError) as caught:
        lab.host(deny=["off"]).find("mechanisms", id)

    assert said in str(caught.value)


def test_records_refuses_an_unknown_kind(lab: Lab) -> None:
    """A misspelt kind is an error with a near name."""
    with pytest.raises(UnknownNameError, match=r"did you mean 'mechanisms'"):
        lab.host().records("mechanism")


def test_records_cannot_be_changed(lab: Lab) -> None:
    """What the host hands out is read-only."""
    lab.plugin("k2p")
    records = lab.host().records("mechanisms")

    with pytest.raises(TypeError):
        records["k2p.TREK1"] = None  # type: ignore[index]


def test_locate_needs_no_kind(lab: Lab) -> None:
    """An id alone is enough, because ids are unique over kinds."""
    lab.plugin("ions", species("K"))

    assert "species" == lab.host().locate("ions.K").kind
    with pytest.raises(UnknownNameError, match=r"did you mean 'ions.K'"):
        lab.host().locate("ions.k")


def test_make_imports_the_factory(lab: Lab) -> None:
    """The object that the factory names comes back, imported when it is asked for."""
    lab.plugin("k2p")
    lab.module("lab_physics", PHYSICS)
    made = lab.host().make("mechanisms", "k2p.TREK1")

    assert sys.modules["lab_physics"].TREK1 is made


def test_make_follows_dots(lab: Lab) -> None:
    """A factory may name an attribute of an attribute."""
    lab.module("lab_physics", "class Ions:\n    K = object()\n")
    lab.plugin("ions", species("K", factory="lab_physics:Ions.K"))

    assert sys.modules.get("lab_physics") is None
    made = lab.host().make("species", "ions.K")

    assert sys.modules["lab_physics"].Ions.K is made


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import no_such_library_at_all", "ModuleNotFoundError: No module named 'no_such_library"),
        ("raise ValueError('bad number')", "ValueError: bad number"),
        ("import sys; sys.exit(1)", "SystemExit: 1"),
        ("class TREK2: pass", "has no 'TREK1' (did you mean 'TREK2'?)"),
        ("def __getattr__(name): raise OSError('no disk')", "'TREK1' in 'lab_physics'"),
    ],
)
def test_make_names_the_owner_of_a_failure(lab: Lab, source: str, said: str) -> None:
    """A factory that cannot be had is a PluginError that names id, plugin and distribution."""
    lab.plugin("k2p")
    lab.module("lab_physics", source)

    with pytest.raises(PluginError) as caught:
        lab.host().make("mechanisms", "k2p.TREK1")

    assert said in str(caught.value)
    assert str(caught.value).startswith("k2p.TREK1: ")
    assert "plugin 'k2p' (pumpleak-k2p 1.0)" in str(caught.value)
    assert caught.value.__cause__ is not None


def test_make_lets_the_users_interrupt_through(lab: Lab) -> None:
    """Ctrl-C while a factory is imported is the user's."""
    lab.plugin("k2p")
    lab.module("lab_physics", "raise KeyboardInterrupt")

    with pytest.raises(KeyboardInterrupt):
        lab.host().make("mechanisms", "k2p.TREK1")


def test_id_of_knows_classes_instances_and_objects(lab: Lab) -> None:
    """A registered class, its instances, and a registered object have an id; nothing else does."""
    lab.plugin("k2p")
    lab.plugin("ions", species("K"))
    lab.module("lab_physics", PHYSICS + "    K = object()\n")
    host = lab.host()
    trek = host.make("mechanisms", "k2p.TREK1")
    assert isinstance(trek, type)
    potassium = host.make("species", "ions.K")
    subclass = type("Sub", (trek,), {})

    assert ("k2p.TREK1", "k2p.TREK1", "ions.K") == tuple(map(host.id_of, (trek, trek(), potassium)))
    assert (None, None, None) == tuple(map(host.id_of, (subclass, subclass(), object())))


def test_id_of_follows_a_reexport(lab: Lab) -> None:
    """A class that the factory names through another module is still recognised."""
    lab.plugin("k2p")
    lab.module("lab_inner", PHYSICS)
    lab.module("lab_physics", "from lab_inner import TREK1")
    host = lab.host()

    assert "k2p.TREK1" == host.id_of(host.make("mechanisms", "k2p.TREK1"))


def test_id_of_imports_no_factory(lab: Lab) -> None:
    """Looking for an id does not import anybody's physics."""
    lab.plugin("k2p")
    lookalike = type("TREK1", (), {"__module__": "lab_physics"})

    assert "k2p.TREK1" == lab.host().id_of(lookalike)
    assert "lab_physics" not in sys.modules


def test_provenance_names_each_plugin_once_and_the_host(lab: Lab) -> None:
    """Results can say which plugin, distribution and version took part, and which host."""
    lab.plugin("k2p", version="1.4")
    lab.plugin("ions", species("K", "Na"))
    rows = lab.host().provenance(["k2p.TREK1", "ions.Na", "ions.K"])

    assert (
        ("ions", "pumpleak-ions", "1.0"),
        ("k2p", "pumpleak-k2p", "1.4"),
        ("pumpleak", "pumpleak", "0.1.0"),
    ) == rows


def test_provenance_refuses_unknown_ids(lab: Lab) -> None:
    """A result cannot be credited to a plugin that is not there."""
    with pytest.raises(UnknownNameError, match=r"'k2p' is not installed"):
        lab.host().provenance(["k2p.TREK1"])


def test_event_reaches_every_observer_in_name_order(lab: Lab) -> None:
    """Each plugin that observes is told, in name order, also after one that raises."""
    lab.module("lab_log", "seen = []")
    lab.plugin("zeta", OBSERVER.format(then="pass"))
    lab.plugin("alpha", OBSERVER.format(then="raise ValueError('no log')"))
    lab.plugin("mid", OBSERVER.format(then="import sys; sys.exit(2)"))
    lab.plugin("quiet", species("K"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        lab.host().event("pumpleak_rest_found", equilibria="E")

    assert [("lab_alpha", "E"), ("lab_mid", "E"), ("lab_zeta", "E")] == sys.modules["lab_log"].seen
    assert [PluginWarning, PluginWarning] == [item.category for item in caught]
    assert (
        "plugin 'alpha' (pumpleak-alpha 1.0) failed in pumpleak_rest_found(): ValueError: no log"
        == str(caught[0].message)
    )
    assert "plugin 'mid'" in str(caught[1].message)
    assert "SystemExit: 2" in str(caught[1].message)


def test_event_reaches_the_others_where_warnings_are_errors(lab: Lab) -> None:
    """A warning that is an error is raised after everybody was told."""
    lab.module("lab_log", "seen = []")
    lab.plugin("alpha", OBSERVER.format(then="raise ValueError"))
    lab.plugin("beta", OBSERVER.format(then="pass"))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(PluginWarning, match=r"'alpha'"):
            lab.host().event("pumpleak_rest_found", equilibria="E")

    assert ["lab_alpha", "lab_beta"] == [name for name, _ in sys.modules["lab_log"].seen]


def test_event_lets_the_users_interrupt_through(lab: Lab) -> None:
    """Ctrl-C inside an observer is the user's."""
    lab.module("lab_log", "seen = []")
    lab.plugin("alpha", OBSERVER.format(then="raise KeyboardInterrupt"))

    with pytest.raises(KeyboardInterrupt):
        lab.host().event("pumpleak_rest_found", equilibria="E")


def test_event_refuses_what_is_no_event(lab: Lab) -> None:
    """A register hook or a misspelt one is no event, and facts must be the hook's."""
    host = lab.host()

    with pytest.raises(UnknownNameError, match=r"did you mean 'pumpleak_rest_found'"):
        host.event("pumpleak_rests_found", equilibria=1)
    with pytest.raises(UnknownNameError, match=r"is no event"):
        host.event("pumpleak_species")
    with pytest.raises(TypeError, match=r"takes equilibria \(got \['membrane'\]\)"):
        host.event("pumpleak_rest_found", membrane=1)


def test_strict_raises_on_any_plugin_that_cannot_be_used(lab: Lab) -> None:
    """A strict host names every plugin that is failed, incompatible or in conflict."""
    lab.plugin("bad", "raise RuntimeError('no luck')")
    lab.plugin("old", requires=["pumpleak>=9"])
    lab.plugin("k2p")
    host = lab.host(strict=True)

    for _ in range(2):
        with pytest.raises(PluginError) as caught:
            host.load()
        assert "2 of 3 plugins cannot be used" in str(caught.value)
        assert "[failed] Plugin 'bad'" in str(caught.value)
        assert "[incompatible] Plugin 'old'" in str(caught.value)


def test_strict_accepts_loaded_and_disabled(lab: Lab) -> None:
    """What was switched off on purpose does not disturb a strict host."""
    lab.plugin("bad", "raise RuntimeError('no luck')")
    lab.plugin("k2p")
    states = lab.host(strict=True, deny=["bad"]).load()

    assert ["disabled", "loaded"] == [state.state for state in states]


def test_loading_twice_imports_once(lab: Lab) -> None:
    """A second load() changes nothing."""
    lab.module("lab_log", "seen = []")
    lab.plugin("k2p", "import lab_log\nlab_log.seen.append(1)\n" + species("K"))
    host = lab.host()

    assert host.load() == host.load()
    assert [1] == sys.modules["lab_log"].seen


def test_default_host_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process has one default host, made when first asked for."""
    monkeypatch.setattr("pumpleak.host._host._default", None)
    first = default_host()

    assert isinstance(first, Host)
    assert first is default_host()


def test_door_lists_exactly_what_is_public() -> None:
    """The public names of pumpleak.host are those in its list."""
    names = {
        name
        for name, value in vars(pumpleak.host).items()
        # pytest puts names with an @ into the modules of a distribution that has a pytest plugin
        if not name.startswith(("_", "@")) and not hasattr(value, "__path__")
    }

    assert set(pumpleak.host.__all__) == names
