"""Membranes at rest: every resting state, what holds it, and what it costs.

>>> import pumpleak as pl
>>> rest = pl.rest("neuron.toml")  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from .budgets._audit import Audit as Audit
    from .budgets._audit import audit as audit
    from .budgets._balance import Balanced as Balanced
    from .budgets._balance import balance as balance
    from .cards import Card as Card
    from .cards import export_card as export_card
    from .cards import load_card as load_card
    from .cards import loads_card as loads_card
    from .cite import Citations as Citations
    from .cite import citations as citations
    from .equations._equations import Equations as Equations
    from .equations._equations import trace as trace
    from .equations._evaluate import evaluate as evaluate
    from .equilibria._equilibria import Equilibria as Equilibria
    from .equilibria._equilibria import RestingState as RestingState
    from .equilibria._problem import ClampedProblem as ClampedProblem
    from .equilibria._rest import rest as rest
    from .equilibria._rest import steady as steady
    from .equilibria._steady import SteadyProblem as SteadyProblem
    from .equilibria._steady_state import SteadyState as SteadyState
    from .host import hookimpl as hookimpl
    from .many import ManyRests as ManyRests
    from .many import solve_many as solve_many
    from .membranes._compose import compose as compose
    from .membranes._compose_mechanism import CustomChannel as CustomChannel
    from .membranes._file import bundled as bundled
    from .membranes._file import dumps as dumps
    from .membranes._file import load as load
    from .membranes._file import loads as loads
    from .membranes._file import save as save
    from .membranes._membrane import Membrane as Membrane
    from .parts._channel import Channel as Channel
    from .parts._claims import Claims as Claims
    from .parts._claims import ReferencePoint as ReferencePoint
    from .parts._compartments import Compartments as Compartments
    from .parts._filter import SelectivityFilter as SelectivityFilter
    from .parts._gating import Boltzmann as Boltzmann
    from .parts._gating import Constant as Constant
    from .parts._gating import Gating as Gating
    from .parts._gating import MarkovScheme as MarkovScheme
    from .parts._gating import TwoState as TwoState
    from .parts._local import LocalState as LocalState
    from .parts._mechanism import Mechanism as Mechanism
    from .parts._noise import relative_conductance_noise as relative_conductance_noise
    from .parts._part import ParameterInfo as ParameterInfo
    from .parts._part import parameter as parameter
    from .parts._permeation import GHK as GHK
    from .parts._permeation import Ohmic as Ohmic
    from .parts._permeation import Permeation as Permeation
    from .parts._permeation import ThroughFilter as ThroughFilter
    from .parts._solution import Solution as Solution
    from .parts._species import IonSpecies as IonSpecies
    from .parts._state import Gate as Gate
    from .parts._state import Occupancies as Occupancies
    from .parts._state import Pool as Pool
    from .parts._state import stationary_occupancy as stationary_occupancy
    from .parts._transporter import Transporter as Transporter
    from .population import Population as Population
    from .population import load_population as load_population
    from .report._timecourse_plot import plot_timecourse as plot_timecourse
    from .timecourses._events import Event as Event
    from .timecourses._timecourse import relax as relax
    from .timecourses._timecourse_record import save_timecourse as save_timecourse
    from .units._quantity import Quantity as Quantity
    from .units._quantity import quantity as quantity

# Listing plugins and help must import no physics, so every public name is imported on first use.
_HOMES = {
    "budgets._audit": ("Audit", "audit"),
    "budgets._balance": ("Balanced", "balance"),
    "parts._channel": ("Channel",),
    "parts._claims": ("Claims", "ReferencePoint"),
    "parts._compartments": ("Compartments",),
    "membranes._compose": ("compose",),
    "membranes._compose_mechanism": ("CustomChannel",),
    "equations._equations": ("Equations", "trace"),
    "equilibria._equilibria": ("Equilibria", "RestingState"),
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
    "equations._evaluate": ("evaluate",),
    "timecourses._events": ("Event",),
    "membranes._file": ("bundled", "dumps", "load", "loads", "save"),
    "parts._filter": ("SelectivityFilter",),
    "parts._gating": ("Boltzmann", "Constant", "Gating", "MarkovScheme", "TwoState"),
    "parts._local": ("LocalState",),
    "parts._mechanism": ("Mechanism",),
    "membranes._membrane": ("Membrane",),
    "parts._noise": ("relative_conductance_noise",),
    "parts._part": ("ParameterInfo", "parameter"),
    "parts._permeation": ("GHK", "Ohmic", "Permeation", "ThroughFilter"),
    "equilibria._problem": ("ClampedProblem",),
    "units._quantity": ("Quantity", "quantity"),
    "equilibria._rest": ("rest", "steady"),
    "parts._solution": ("Solution",),
    "parts._species": ("IonSpecies",),
    "parts._state": ("Gate", "Occupancies", "Pool", "stationary_occupancy"),
    "equilibria._steady": ("SteadyProblem",),
    "equilibria._steady_state": ("SteadyState",),
    "timecourses._timecourse": ("relax",),
    "timecourses._timecourse_record": ("save_timecourse",),
    "parts._transporter": ("Transporter",),
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
