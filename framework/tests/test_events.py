"""Events: their text, what they may change, and what is said about a wrong one."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from building import reference_a
from swelling import cell

import pumpleak as pl
from pumpleak import CompositionError, Event, Solution, UnitError
from pumpleak.timecourses._events import duration_s, events_in_order


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30min", 1800.0),
        ("30 min", 1800.0),
        ("1800 s", 1800.0),
        ("1 h", 3600.0),
        ("250 ms", 0.25),
        ("0 s", 0.0),
    ],
)
def test_times_are_read_with_their_unit(text: str, expected: float) -> None:
    """Minutes, hours, seconds and milliseconds, with or without a space."""
    assert expected == pytest.approx(duration_s(text, "until"), rel=1e-15)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("30", "until: expected a time such as '5 ms', got '30'"),
        ("30 mV", "until: expected a time"),
        ("-5 s", "until: a time cannot be negative, got '-5 s'"),
        ("soon", "until: expected a time"),
        (1800, "until: expected a time"),
    ],
)
def test_what_is_no_time_is_refused(given: object, said: str) -> None:
    """A bare number, another dimension and a negative time are errors that say so."""
    with pytest.raises(UnitError, match=said):
        duration_s(given, "until")


@pytest.mark.parametrize(
    "text",
    [
        "60 s: pump.density = 0",
        "60 s: outside.K = 8 mM, pump.density *= 0.5",
        "1.5 min: outside.solution = ions.csf",
        "250 ms: temperature = 25 degC",
    ],
)
def test_the_text_of_an_event_reads_back(text: str) -> None:
    """Reading the text of an event gives the same event."""
    event = Event.read(text)

    assert text == event.text
    assert text == Event.read(event.text).text
    assert event is Event.read(event)


@pytest.mark.parametrize(
    "text", ["", "60 s", "60 s:", "60 s: pump.density", ": a = 1", "60 s: = 3"]
)
def test_another_form_is_refused_with_an_example(text: str) -> None:
    """A text that is no event is answered with one that is."""
    with pytest.raises(CompositionError, match=r'write an event as "60 s: pump\.density = 0 uA'):
        Event.read(text)


def test_a_name_given_twice_is_refused() -> None:
    """One event gives each parameter one value."""
    with pytest.raises(CompositionError, match=r"outside\.K is changed twice"):
        Event.read("60 s: outside.K = 8 mM, outside.K = 4 mM")


def test_what_is_no_event_is_refused() -> None:
    """An event is an Event or a text, and it changes something."""
    given: Any = 60
    with pytest.raises(CompositionError, match="expected a text, got 60"):
        Event.read(given)
    with pytest.raises(CompositionError, match="changes: expected"):
        Event(time="60 s", changes={})


@pytest.mark.parametrize(
    ("change", "name", "expected"),
    [
        ("pump.density = 500 uA/cm^2", "pump.density", 5.0),
        ("pump.density = 0", "pump.density", 0.0),
        ("pump.density *= 0.25", "pump.density", 2.5),
        ("outside.K = 8 mM", "outside.K", 8.0),
        ("outside.K *= 2", "outside.K", 7.0),
        ("temperature = 25 degC", "temperature", 298.15),
        ("capacitance *= 2", "capacitance", 15.707963268),
        ("area = 2000 um^2", "area", 2000.0),
    ],
)
def test_an_event_changes_any_parameter(change: str, name: str, expected: float) -> None:
    """Densities, concentrations and the membrane's own values; 0 needs no unit."""
    after = Event.read(f"60 s: {change}").applied(cell())

    assert expected == pytest.approx(after.values[name], rel=1e-12)


def test_a_bath_is_swapped_by_name_or_as_a_solution() -> None:
    """The whole solution is replaced, its impermeant solute too."""
    named = Event.read("60 s: outside.solution = ions.csf").applied(cell())
    bath = Solution(name="bath", concentrations={"Na": "150 mM", "K": "5 mM", "Cl": "155 mM"})
    event = Event(time="60 s", changes={"outside.solution": bath})
    made = event.applied(cell())

    assert "60 s: outside.solution = bath" == event.text
    assert bath is made.outside
    assert {"Na", "K", "Cl", "Ca"} <= named.outside.concentrations.keys()
    assert made.outside.impermeant is None


def test_of_steady_ions_water_permeability_may_change() -> None:
    """The rest of [steady] is what the cell is, not a parameter."""
    after = Event.read("60 s: steady.water_permeability *= 2").applied(cell())

    assert after.compartments is not None
    assert "0.03 cm/s" == str(after.compartments.water_permeability)
    with pytest.raises(CompositionError, match=r"only steady\.water_permeability may change"):
        Event.read("60 s: steady.volume = 3 pL").applied(cell())
    with pytest.raises(CompositionError, match=r"this membrane has no \[steady\]"):
        Event.read("60 s: steady.water_permeability *= 2").applied(reference_a())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("pmp.density = 0", r"no 'pmp\.density' \(did you mean 'pump\.density'\?\)"),
        ("pump.densty = 0", r"pump: no parameter 'densty' \(did you mean 'density'\?\)"),
        ("outside.Kk = 8 mM", r"outside has no 'Kk' \(did you mean 'K'\?\)"),
        ("temprature = 25 degC", r"no parameter 'temprature' \(did you mean 'temperature'\?\)"),
        ("outside.solution = ions.csv", r"did you mean 'ions\.csf'\?"),
        ("inside.K = 100 mM", r"inside\.K: K inside is free"),
        ("inside.solution = ions.csf", "the inside cannot be swapped"),
        ("V = -60 mV", "V follows from the currents"),
        ("name = other", "no parameter 'name'"),
        ("outside.K = 8", r"expected a concentration such as '4 mM', got '8'"),
        ("outside.K = -8 mM", "cannot be negative"),
        ("outside.K = 8 mV", "expected a concentration"),
        ("temperature = 0", "expected a temperature"),
        ("temperature *= 1.1", "give the temperature itself"),
        ("pump.density *= 2 uA/cm^2", "expected a pure number"),
        ("outside.Ca *= 2", "no value yet to multiply"),
    ],
)
def test_a_wrong_change_is_explained(change: str, said: str) -> None:
    """The message quotes the event, says what is wrong, and offers near names."""
    with pytest.raises((CompositionError, UnitError), match=said) as caught:
        Event.read(f"60 s: {change}").applied(cell())

    assert str(caught.value).startswith(f"event '60 s: {change}': ")


def test_the_area_of_a_sphere_is_no_parameter() -> None:
    """Where the area follows the volume an event cannot set it."""
    with pytest.raises(CompositionError, match="follows the volume of this sphere"):
        Event.read("60 s: area = 1000 um^2").applied(cell(shape="sphere"))


def test_pH_is_a_number_in_a_text_too() -> None:
    """The value of a pH is read from the text."""
    bath = attrs.evolve(cell(), outside=attrs.evolve(cell().outside, pH=7.4))
    after = Event.read("60 s: outside.pH = 6.4").applied(bath)

    assert 6.4 == after.outside.pH


def test_events_are_put_in_order_and_stay_before_the_end() -> None:
    """Later ones come later; of the same time the first given is the first."""
    texts = ["2 min: a = 3", "1 min: a = 1", "60 s: b = 2"]

    assert ["a = 1", "b = 2", "a = 3"] == [e.words for e in events_in_order(texts, 600.0)]
    assert ["a = 1"] == [e.words for e in events_in_order("1 min: a = 1", 600.0)]
    with pytest.raises(CompositionError, match="no earlier than the end at 60 s"):
        events_in_order(["60 s: a = 1"], 60.0)


def test_the_door_shows_events() -> None:
    """Events are public."""
    assert Event is pl.Event
