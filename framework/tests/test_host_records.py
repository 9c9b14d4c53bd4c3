"""Records refuse what is wrong with what, got, fix."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from pumpleak.host import KINDS, MechanismRecord, Record, SolverRecord, SpeciesRecord
from pumpleak.host._specs import RECORD_TYPES, REGISTER_HOOKS, HookSpecs

GOOD: dict[str, Any] = {
    "name": "TREK1",
    "factory": "pumpleak_k2p.trek:TREK1",
    "summary": "a background K channel",
    "kind": "channel",
    "ions": ("K", "Na"),
}


@pytest.mark.parametrize("name", ["K", "NaK", "mammalian-cytosol", "Ca2+", "HCO3-", "5HT_3"])
def test_record_takes_names(name: str) -> None:
    """Names may hold letters, digits, underscore, minus and plus."""
    assert name == Record(name=name, factory="a.b:c.d", summary="x").name


@pytest.mark.parametrize("name", ["", "a.b", "a b", " a", "a\n", "-a", "é", None, 3])
def test_record_refuses_names(name: Any) -> None:
    """A name with a dot or a space, an empty one, or no text is refused with what it got."""
    with pytest.raises(ValueError, match=r"'name' must be letters.*got") as caught:
        Record(name=name, factory="a:b", summary="x")

    assert repr(name) in str(caught.value)


@pytest.mark.parametrize(
    "factory", ["a.b", "a:b:c", "a:", ":b", "a b:c", "a..b:c", "a:1", "", None]
)
def test_record_refuses_factories(factory: Any) -> None:
    """A factory without exactly one colon between two dotted names is refused."""
    with pytest.raises(ValueError, match=r"'factory' must be text like 'package.module:Name'"):
        Record(name="K", factory=factory, summary="x")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("kind", "chanel", "did you mean 'channel'"),
        ("kind", ["channel"], "'kind' must be one of"),
        ("ions", "KNa", "'ions' must be a tuple"),
        ("ions", (), "'ions' must be a tuple"),
        ("ions", ("K", 1), "'ions' must be a tuple"),
        ("summary", "  ", "'summary' must be a line"),
    ],
)
def test_mechanism_record_refuses(field: str, value: Any, said: str) -> None:
    """A mechanism's record checks its kind, ions and summary."""
    with pytest.raises(ValueError, match=r"MechanismRecord 'TREK1'") as caught:
        MechanismRecord(**{**GOOD, field: value})

    assert said in str(caught.value)


def test_mechanism_record_takes_a_list_of_ions() -> None:
    """A list of ions is kept as a tuple, so that the record stays frozen."""
    assert ("K", "Na") == MechanismRecord(**{**GOOD, "ions": ["K", "Na"]}).ions


@pytest.mark.parametrize("valence", [1.0, "1", True, None])
def test_species_record_refuses_valences(valence: Any) -> None:
    """A valence is a whole number."""
    with pytest.raises(ValueError, match=r"'valence' must be a whole number"):
        SpeciesRecord(name="K", factory="a:K", summary="x", valence=valence)


def test_solver_record_refuses_an_empty_guarantee() -> None:
    """A solver says which guarantee it gives."""
    with pytest.raises(ValueError, match=r"'guarantee' must be a line of text"):
        SolverRecord(name="scan", factory="a:b", summary="x", mode="clamped", guarantee="")


def test_records_are_frozen() -> None:
    """A record cannot be changed, nor made without naming its fields."""
    record = MechanismRecord(**GOOD)

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        record.name = "TASK1"  # type: ignore[misc]
    with pytest.raises(TypeError):
        Record("K", "a:b", "x")  # type: ignore[call-arg]


def test_every_kind_has_a_hook_with_an_example() -> None:
    """Each kind of record has its register hook, and each hook an example that doctest runs."""
    assert {f"pumpleak_{kind}" for kind in KINDS} == set(REGISTER_HOOKS)
    assert ("species", "solutions", "mechanisms", "filters", "solvers") == tuple(RECORD_TYPES)
    for name, function in vars(HookSpecs).items():
        if name.startswith("pumpleak_"):
            assert ">>> " in function.__doc__, name
