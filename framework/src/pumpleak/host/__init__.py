"""The plugin host: finds plugins, loads them one by one, and hands out what they supply.

Finding reads metadata only, loading imports each plugin's thin module, and a factory is imported
when it is first asked for. Nothing here imports any physics.
"""

from ._cards import CardState as CardState
from ._host import Host as Host
from ._host import default_host as default_host
from ._records import FilterRecord as FilterRecord
from ._records import MechanismRecord as MechanismRecord
from ._records import Record as Record
from ._records import SolutionRecord as SolutionRecord
from ._records import SolverRecord as SolverRecord
from ._records import SpeciesRecord as SpeciesRecord
from ._specs import GROUP as GROUP
from ._specs import KINDS as KINDS
from ._specs import HookSpecs as HookSpecs
from ._specs import hookimpl as hookimpl
from ._state import LoadedRecord as LoadedRecord
from ._state import PluginState as PluginState
from ._state import PluginWarning as PluginWarning
from ._state import Provenance as Provenance

__all__ = [
    "GROUP",
    "KINDS",
    "CardState",
    "FilterRecord",
    "HookSpecs",
    "Host",
    "LoadedRecord",
    "MechanismRecord",
    "PluginState",
    "PluginWarning",
    "Provenance",
    "Record",
    "SolutionRecord",
    "SolverRecord",
    "SpeciesRecord",
    "default_host",
    "hookimpl",
]
