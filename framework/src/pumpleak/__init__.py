"""Membranes at rest: every resting state, what holds it, and what it costs.

>>> import pumpleak as pl
>>> rest = pl.rest("neuron.toml")  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._audit import Audit as Audit
    from ._audit import audit as audit
    from ._balance import Balanced as Balanced
    from ._balance import balance as balance
    from ._channel import Channel as Channel
    from ._claims import Claims as Claims
    from ._claims import ReferencePoint as ReferencePoint
    from ._compartments import Compartments as Compartments
    from ._compose import compose as compose
    from ._compose_mechanism import CustomChannel as CustomChannel
    from ._equations import Equations as Equations
    from ._equations import trace as trace
    from ._equilibria import Equilibria as Equilibria
    from ._equilibria import RestingState as RestingState
    from ._errors import CardError as CardError
    from ._errors import CompositionError as CompositionError
    from ._errors import DimensionError as DimensionError
    from ._errors import FileError as FileError
    from ._errors import LockError as LockError
    from ._errors import PhysicsError as PhysicsError
    from ._errors import PluginError as PluginError
    from ._errors import PumpleakError as PumpleakError
    from ._errors import SolverError as SolverError
    from ._errors import UnitError as UnitError
    from ._errors import UnknownNameError as UnknownNameError
    from ._evaluate import evaluate as evaluate
    from ._events import Event as Event
    from ._file import bundled as bundled
    from ._file import dumps as dumps
    from ._file import load as load
    from ._file import loads as loads
    from ._file import save as save
    from ._filter import SelectivityFilter as SelectivityFilter
    from ._gating import Boltzmann as Boltzmann
    from ._gating import Constant as Constant
    from ._gating import Gating as Gating
    from ._gating import MarkovScheme as MarkovScheme
    from ._gating import TwoState as TwoState
    from ._local import LocalState as LocalState
    from ._mechanism import Mechanism as Mechanism
    from ._membrane import Membrane as Membrane
    from ._noise import relative_conductance_noise as relative_conductance_noise
    from ._part import ParameterInfo as ParameterInfo
    from ._part import parameter as parameter
    from ._permeation import GHK as GHK
    from ._permeation import Ohmic as Ohmic
    from ._permeation import Permeation as Permeation
    from ._permeation import ThroughFilter as ThroughFilter
    from ._problem import ClampedProblem as ClampedProblem
    from ._quantity import Quantity as Quantity
    from ._quantity import quantity as quantity
    from ._rest import rest as rest
    from ._rest import steady as steady
    from ._solution import Solution as Solution
    from ._species import IonSpecies as IonSpecies
    from ._state import Gate as Gate
    from ._state import Occupancies as Occupancies
    from ._state import Pool as Pool
    from ._state import stationary_occupancy as stationary_occupancy
    from ._steady import SteadyProblem as SteadyProblem
    from ._steady_state import SteadyState as SteadyState
    from ._timecourse import relax as relax
    from ._timecourse_record import save_timecourse as save_timecourse
    from ._transporter import Transporter as Transporter
    from .cards import Card as Card
    from .cards import export_card as export_card
    from .cards import load_card as load_card
    from .cards import loads_card as loads_card
    from .cite import Citations as Citations
    from .cite import citations as citations
    from .host import hookimpl as hookimpl
    from .many import ManyRests as ManyRests
    from .many import solve_many as solve_many
    from .population import Population as Population
    from .population import load_population as load_population
    from .report._timecourse_plot import plot_timecourse as plot_timecourse

# Listing plugins and help must import no physics, so every public name is imported on first use.
_HOMES = {
    "_audit": ("Audit", "audit"),
    "_balance": ("Balanced", "balance"),
    "_channel": ("Channel",),
    "_claims": ("Claims", "ReferencePoint"),
    "_compartments": ("Compartments",),
    "_compose": ("compose",),
    "_compose_mechanism": ("CustomChannel",),
    "_equations": ("Equations", "trace"),
    "_equilibria": ("Equilibria", "RestingState"),
    "_errors": (
        "CardError",
        "CompositionError",
        "DimensionError",
        "FileError",
        "LockError",
        "PhysicsError",
        "PluginError",
        "PumpleakError",
        "SolverError",
        "UnitError",
        "UnknownNameError",
    ),
    "_evaluate": ("evaluate",),
    "_events": ("Event",),
    "_file": ("bundled", "dumps", "load", "loads", "save"),
    "_filter": ("SelectivityFilter",),
    "_gating": ("Boltzmann", "Constant", "Gating", "MarkovScheme", "TwoState"),
    "_local": ("LocalState",),
    "_mechanism": ("Mechanism",),
    "_membrane": ("Membrane",),
    "_noise": ("relative_conductance_noise",),
    "_part": ("ParameterInfo", "parameter"),
    "_permeation": ("GHK", "Ohmic", "Permeation", "ThroughFilter"),
    "_problem": ("ClampedProblem",),
    "_quantity": ("Quantity", "quantity"),
    "_rest": ("rest", "steady"),
    "_solution": ("Solution",),
    "_species": ("IonSpecies",),
    "_state": ("Gate", "Occupancies", "Pool", "stationary_occupancy"),
    "_steady": ("SteadyProblem",),
    "_steady_state": ("SteadyState",),
    "_timecourse": ("relax",),
    "_timecourse_record": ("save_timecourse",),
    "_transporter": ("Transporter",),
    "cards": ("Card", "export_card", "load_card", "loads_card"),
    "cite": ("Citations", "citations"),
    "host": ("hookimpl",),
    "many": ("ManyRests", "solve_many"),
    "population": ("Population", "load_population"),
    "report._timecourse_plot": ("plot_timecourse",),
}
_WHERE = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    module = _WHERE.get(name)
    if module is None:
        raise AttributeError(f"module 'pumpleak' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{module}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__doc__", "__name__"]
