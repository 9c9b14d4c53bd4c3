"""What went in: settings and defaults, solutions, parameters with their sources, versions."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING

import attrs

from .._errors import UnknownNameError
from ..membranes._compose_mechanism import GENERIC, CustomChannel
from ..membranes._lookup import owner_text
from ..parts._part import ParameterInfo
from ..parts._transporter import Transporter
from ..units._constants import FARADAY, GAS_CONSTANT
from ..units._scalars import DEFAULTS

if TYPE_CHECKING:
    from ..equilibria._equilibria import Equilibria
    from ..membranes._membrane import Membrane
    from ..parts._mechanism import Mechanism

_LIBRARIES = ("numpy", "sympy")


@attrs.frozen(kw_only=True)
class SettingRecord:
    """One of the membrane's own values.

    Args:
        name: as in a membrane file.
        value: with its unit.
        is_default: whether the file left it to the default.
        source: where a default is from; empty for what was given.
    """

    name: str
    value: str
    is_default: bool
    source: str


@attrs.frozen(kw_only=True)
class SolutionRecord:
    """The solution on one side.

    Args:
        side: inside or outside.
        name: what the solution is called.
        source: where its numbers are from.
        pH: if it was given.
        concentrations_mM: by ion, mM.
        impermeant_mM: solutes that cannot cross, mM.
        impermeant_valence: their mean charge.
        charge_imbalance_mM: sum of valence x concentration, mM.
        osmolarity_mM: sum of concentrations, mM.
    """

    side: str
    name: str
    source: str
    pH: float | None
    concentrations_mM: tuple[tuple[str, float], ...]
    impermeant_mM: float | None
    impermeant_valence: float | None
    charge_imbalance_mM: float
    osmolarity_mM: float


@attrs.frozen(kw_only=True)
class MechanismRecord:
    """One mechanism and its parameters.

    Args:
        name: its label.
        id: as registered by a plugin; None for a class that none registered.
        owner: who wrote it, in words.
        kind: ``"channel"``, ``"transporter"`` or ``"mechanism"``.
        ions: those it carries.
        opaque: whether its physics could not be traced.
        fixed_reversals_mV: by ion, reversal potentials that are numbers, mV.
        parameters: with source, and whether measured.
    """

    name: str
    id: str | None
    owner: str
    kind: str
    ions: tuple[str, ...]
    opaque: bool
    fixed_reversals_mV: tuple[tuple[str, float], ...]
    parameters: tuple[ParameterInfo, ...]


@attrs.frozen(kw_only=True)
class PluginVersion:
    """A distribution that took part, and the ids that came from it."""

    plugin: str
    distribution: str
    version: str
    supplied: tuple[str, ...]


@attrs.frozen(kw_only=True)
class CardVersion:
    """A mechanism card that took part.

    Args:
        id: ``namespace.name``.
        version: as the card says.
        sha256: of its file's bytes.
        supplied: the mechanisms that it describes here.
    """

    id: str
    version: str
    sha256: str
    supplied: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Provenance:
    """Versions of what took part.

    Args:
        pumpleak: this program's.
        libraries: (name, version) of Python and of what computes.
        solver: id; None if the solver did not say.
        plugins: in name order.
        cards: in name order.
        unregistered: mechanisms whose class no plugin registers.
    """

    pumpleak: str
    libraries: tuple[tuple[str, str], ...]
    solver: str | None
    plugins: tuple[PluginVersion, ...]
    cards: tuple[CardVersion, ...]
    unregistered: tuple[str, ...]


def setting_records(equilibria: Equilibria) -> tuple[SettingRecord, ...]:
    """Return the membrane's own values in the order of a file."""
    membrane: Membrane = equilibria.membrane
    low, high = membrane.range
    texts = {
        "temperature": f"{membrane.temperature.value - 273.15:.2f} degC",
        "area": str(membrane.area),
        "capacitance": str(membrane.capacitance),
        "dG_ATP": str(membrane.dG_ATP),
        "gas_constant": f"{membrane.gas_constant.value:.10g} J/(mol K)",
        "faraday": f"{membrane.faraday.value * 1000:.10g} C/mol",
        "range": f"{low:g} mV .. {high:g} mV",
        "solver": equilibria.solver or "not named",
    }
    found = []
    for name, text in texts.items():
        default, source = DEFAULTS.get(name, ("", ""))
        standard = {"gas_constant": GAS_CONSTANT, "faraday": FARADAY}.get(name)
        if standard is not None:
            is_default, source = getattr(membrane, name).value == standard, "CODATA 2018"
        elif name == "solver":
            is_default, source = membrane.solver is None, "the only solver for this mode"
        else:
            # built in Python, a membrane does not say what it left out, but the value tells
            left_out = membrane.defaulted
            is_default = name in left_out if left_out else text == default
        found.append(
            SettingRecord(
                name=name, value=text, is_default=is_default, source=source if is_default else ""
            )
        )
    return tuple(found)


def solution_records(membrane: Membrane) -> tuple[SolutionRecord, ...]:
    """Return both solutions with charge and osmolarity."""
    found = []
    for side, solution in (("inside", membrane.inside), ("outside", membrane.outside)):
        impermeant = solution.impermeant
        found.append(
            SolutionRecord(
                side=side,
                name=solution.name,
                source=solution.source,
                pH=solution.pH,
                concentrations_mM=tuple(
                    (ion, given.value) for ion, given in solution.concentrations.items()
                ),
                impermeant_mM=None if impermeant is None else impermeant.value,
                impermeant_valence=solution.impermeant_valence,
                charge_imbalance_mM=solution.charge_imbalance_mM(membrane.species),
                osmolarity_mM=solution.osmolarity_mM,
            )
        )
    return tuple(found)


def mechanism_records(membrane: Membrane) -> tuple[MechanismRecord, ...]:
    """Return every mechanism with its parameters."""
    return tuple(_mechanism(mechanism) for mechanism in membrane.mechanisms)


def _mechanism(mechanism: Mechanism) -> MechanismRecord:
    from ..host import default_host
    from ..parts._channel import Channel

    kind = "mechanism"
    if isinstance(mechanism, Channel):
        kind = "channel"
    elif isinstance(mechanism, Transporter):
        kind = "transporter"
    return MechanismRecord(
        name=mechanism.label,
        id=GENERIC if type(mechanism) is CustomChannel else default_host().id_of(type(mechanism)),
        owner=_owner(mechanism),
        kind=kind,
        ions=tuple(mechanism.carried()),
        opaque=mechanism.opaque,
        fixed_reversals_mV=tuple(mechanism.fixed_reversals().items()),
        parameters=mechanism.parameters(),
    )


def _owner(mechanism: Mechanism) -> str:
    if type(mechanism) is CustomChannel:
        return "made of parts, by the membrane's author"
    return owner_text(type(mechanism))


def provenance(equilibria: Equilibria) -> Provenance:
    """Return versions of everything that took part."""
    from ..host import default_host

    host = default_host()
    membrane: Membrane = equilibria.membrane
    solver = equilibria.solver or None
    used: list[object] = [type(mechanism) for mechanism in membrane.mechanisms]
    used += membrane.species.values()
    used += [
        found
        for mechanism in membrane.mechanisms
        if (found := getattr(getattr(mechanism, "permeation", None), "filter", None)) is not None
    ]
    ids = [identity for item in used if (identity := host.id_of(item)) is not None]
    plugins: dict[str, PluginVersion] = {}
    for identity in dict.fromkeys([*ids, *([solver] if solver else [])]):
        try:
            plugin = host.locate(identity).plugin
        except UnknownNameError:
            continue  # a solver may call itself what no plugin registered
        known = plugins.get(plugin.name)
        plugins[plugin.name] = PluginVersion(
            plugin=plugin.name,
            distribution=plugin.distribution,
            version=plugin.version,
            supplied=(*(known.supplied if known else ()), identity),
        )
    return Provenance(
        pumpleak=host.version,
        libraries=(
            ("python", platform.python_version()),
            *((name, str(sys.modules[name].__version__)) for name in _LIBRARIES),
        ),
        solver=solver,
        plugins=tuple(plugins[name] for name in sorted(plugins)),
        cards=_cards(membrane),
        unregistered=tuple(
            f"{mechanism.label}: {_owner(mechanism)}"
            for mechanism in membrane.mechanisms
            if type(mechanism) is not CustomChannel and host.id_of(type(mechanism)) is None
        ),
    )


def _cards(membrane: Membrane) -> tuple[CardVersion, ...]:
    found: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for mechanism in membrane.mechanisms:
        card = getattr(mechanism, "card", None)
        if card is not None:
            key = card.id, card.version, card.sha256
            found[key] = (*found.get(key, ()), mechanism.label)
    return tuple(
        CardVersion(id=id, version=version, sha256=sha256, supplied=found[id, version, sha256])
        for id, version, sha256 in sorted(found)
    )
