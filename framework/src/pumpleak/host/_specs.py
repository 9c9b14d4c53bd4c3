"""The hooks: what the host asks plugins, and what it tells them.

A hook whose unit, sign or shape changes gets a new name.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable

import pluggy

from ._records import (
    FilterRecord,
    MechanismRecord,
    Record,
    SolutionRecord,
    SolverRecord,
    SpeciesRecord,
)

PROJECT = "pumpleak"
GROUP = "pumpleak.plugins"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class HookSpecs:
    """Every hook that a plugin may implement.

    *Register* hooks return records; *event* hooks are told of something and change nothing.
    """

    @hookspec
    def pumpleak_species(self) -> Iterable[SpeciesRecord]:
        """Register ion species.

        Returns:
            One record per species.

        >>> from pumpleak.host import SpeciesRecord, hookimpl
        >>> @hookimpl
        ... def pumpleak_species():
        ...     yield SpeciesRecord(
        ...         name="K", factory="my_ions.species:K", summary="potassium", valence=1
        ...     )
        >>> [record.valence for record in pumpleak_species()]
        [1]
        """
        return ()

    @hookspec
    def pumpleak_solutions(self) -> Iterable[SolutionRecord]:
        """Register named solutions.

        Returns:
            One record per solution.

        >>> from pumpleak.host import SolutionRecord, hookimpl
        >>> @hookimpl
        ... def pumpleak_solutions():
        ...     return [
        ...         SolutionRecord(name="csf", factory="my_ions.baths:csf", summary="human CSF")
        ...     ]
        >>> [record.name for record in pumpleak_solutions()]
        ['csf']
        """
        return ()

    @hookspec
    def pumpleak_mechanisms(self) -> Iterable[MechanismRecord]:
        """Register channels, pumps, cotransporters and exchangers.

        Returns:
            One record per mechanism.

        >>> from pumpleak.host import MechanismRecord, hookimpl
        >>> @hookimpl
        ... def pumpleak_mechanisms():
        ...     return [
        ...         MechanismRecord(
        ...             name="TREK1",
        ...             factory="my_channels.trek:TREK1",
        ...             summary="an outwardly rectifying background K channel",
        ...             kind="channel",
        ...             ions=("K", "Na"),
        ...         )
        ...     ]
        >>> [record.ions for record in pumpleak_mechanisms()]
        [('K', 'Na')]
        """
        return ()

    @hookspec
    def pumpleak_filters(self) -> Iterable[FilterRecord]:
        """Register selectivity filters.

        Returns:
            One record per filter.

        >>> from pumpleak.host import FilterRecord, hookimpl
        >>> @hookimpl
        ... def pumpleak_filters():
        ...     return [
        ...         FilterRecord(
        ...             name="TVGYG", factory="my_channels.filters:TVGYG", summary="K2P carbonyls"
        ...         )
        ...     ]
        >>> [record.name for record in pumpleak_filters()]
        ['TVGYG']
        """
        return ()

    @hookspec
    def pumpleak_solvers(self) -> Iterable[SolverRecord]:
        """Register solvers.

        Returns:
            One record per solver.

        >>> from pumpleak.host import SolverRecord, hookimpl
        >>> @hookimpl
        ... def pumpleak_solvers():
        ...     return [
        ...         SolverRecord(
        ...             name="scan",
        ...             factory="my_solvers.scan:Scan",
        ...             summary="scans the voltage for sign changes",
        ...             mode="clamped",
        ...             guarantee="searched",
        ...         )
        ...     ]
        >>> [record.guarantee for record in pumpleak_solvers()]
        ['searched']
        """
        return ()

    @hookspec
    def pumpleak_membrane_assembled(self, membrane: object) -> None:
        """Observe that a membrane was put together.

        Args:
            membrane: the membrane, frozen.

        >>> from types import SimpleNamespace
        >>> from pumpleak.host import hookimpl
        >>> seen = []
        >>> @hookimpl
        ... def pumpleak_membrane_assembled(membrane):
        ...     seen.append(membrane.name)
        >>> pumpleak_membrane_assembled(SimpleNamespace(name="cortical neuron"))
        >>> seen
        ['cortical neuron']
        """

    @hookspec
    def pumpleak_rest_found(self, equilibria: object) -> None:
        """Observe that a search for resting states has ended, found or not.

        Args:
            equilibria: the result, with its status.

        >>> from types import SimpleNamespace
        >>> from pumpleak.host import hookimpl
        >>> seen = []
        >>> @hookimpl
        ... def pumpleak_rest_found(equilibria):
        ...     seen.append(equilibria.status)
        >>> pumpleak_rest_found(SimpleNamespace(status="found"))
        >>> seen
        ['found']
        """


RECORD_TYPES: dict[str, type[Record]] = {
    cls.KIND: cls
    for cls in (SpeciesRecord, SolutionRecord, MechanismRecord, FilterRecord, SolverRecord)
}
KINDS = tuple(RECORD_TYPES)

HOOK_ARGUMENTS: dict[str, tuple[str, ...]] = {
    name: tuple(inspect.signature(function).parameters)[1:]
    for name, function in vars(HookSpecs).items()
    if name.startswith(f"{PROJECT}_")
}
REGISTER_HOOKS = {f"{PROJECT}_{kind}": kind for kind in KINDS}
EVENT_HOOKS = tuple(name for name in HOOK_ARGUMENTS if name not in REGISTER_HOOKS)


def new_manager() -> pluggy.PluginManager:
    """Return a plugin manager that knows the hooks and no plugin."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(HookSpecs)
    return manager
