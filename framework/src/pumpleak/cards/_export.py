"""Write the card of a mechanism that is there as code: its functions are run once, on names."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from importlib import metadata
from typing import Any

from .._errors import CardError, CompositionError, PumpleakError
from ..parts._channel import Channel
from ..parts._gating import Boltzmann, Constant, TwoState
from ..parts._mechanism import Mechanism
from ..parts._part import _RECORD, ParameterInfo, Part, part_fields
from ..parts._permeation import GHK, Ohmic
from ..parts._transporter import Transporter
from ..units._quantity import CONDUCTANCE, NUMBER, PERMEABILITY, Dimension, Quantity
from ._limits import PROSE_CHARS
from ._model import (
    Author,
    Card,
    CardClaims,
    CardParameter,
    CardReference,
    PartText,
    PermeationText,
    Physics,
)
from ._parameters import AMOUNTS
from ._read import loads_card
from ._recording import Recorded, names_for, recorded_states, used_definitions
from ._source import Source
from ._write import dumps_card

_LAWS = ("activity", "cycle_rate", "driving_force", "affinity")
_KINDS: Mapping[type, str] = {Boltzmann: "boltzmann", TwoState: "two-state", Constant: "constant"}


def export_card(
    mechanism: Mechanism | type[Mechanism] | str,
    *,
    id: str | None = None,
    version: str | None = None,
    license: str | None = None,
    authors: tuple[Author, ...] | None = None,
) -> str:
    """Return the text of a card with the physics of a mechanism.

    What the card says about itself is by default what the mechanism's distribution says.

    Args:
        mechanism: a registered name such as ``"k2p.TREK1"``, a class, or an instance, whose values
            then become the card's.
        id: of the card; by default that of a registered mechanism with ``-card`` after the plugin.
        version: of the card.
        license: SPDX expression.
        authors: of the card.

    Raises:
        CompositionError: it is opaque, branches on numbers, or a name or licence must be given.
        UnknownNameError: no plugin supplies the name.
    """
    made = _made(mechanism)
    if made.opaque:
        raise CompositionError(
            f"{_called(made)} is declared opaque: its numerics cannot be written as equations, so "
            "no card can hold them"
        )
    own = _identity(made)
    identity = id or own.get("id")
    if identity is None:
        raise CompositionError(
            f"{_called(made)} is registered by no plugin; give the card an id such as 'lab.leak'"
        )
    licensed = license or own.get("license")
    if not licensed:
        raise CompositionError(
            f"{_called(made)}: its distribution states no SPDX licence; give license='CC-BY-4.0' "
            "or whichever it is under"
        )
    parameters, physics = _physics(made)
    kind = own.get("kind") or _kind(made)
    text = inspect.getdoc(type(made)) or ""
    card = Card(
        source=Source(text="", sha256="", path=None, tables=()),
        id=identity,
        version=version or own.get("version") or "0.1.0",
        kind=kind,
        summary=own.get("summary") or text.partition("\n")[0] or type(made).__name__,
        license=licensed,
        authors=authors or own.get("authors") or (Author(name="not stated"),),
        description=_description(text),
        citation=_section(text, "References"),
        claims=_claims(made),
        references=_references(made),
        parameters=parameters,
        physics=physics,
    )
    written = dumps_card(card)
    try:
        loads_card(written)
    except CardError as error:
        raise CompositionError(f"{_called(made)} makes no card: {error}") from error
    return written


def _made(mechanism: Mechanism | type[Mechanism] | str) -> Mechanism:
    if isinstance(mechanism, str):
        from ..membranes._lookup import mechanism_named

        mechanism = mechanism_named(mechanism)
    if isinstance(mechanism, type):
        cls = mechanism
        try:
            mechanism = cls()
        except TypeError as error:
            raise CompositionError(
                f"{cls.__name__} cannot be made without values ({error}); give an instance"
            ) from error
    if not isinstance(mechanism, Mechanism):
        raise CompositionError(
            f"expected a mechanism or its name, such as 'k2p.TREK1', got {mechanism!r:.60}"
        )
    return mechanism


def _kind(mechanism: Mechanism) -> str:
    if not isinstance(mechanism, Transporter):
        return "channel"
    if mechanism.atp:
        return "pump"
    same = len({count > 0 for count in mechanism.stoichiometry.values()}) == 1
    return "cotransporter" if same else "exchanger"


def _called(mechanism: Mechanism) -> str:
    from ..membranes._lookup import owner_text

    return owner_text(type(mechanism))


def _identity(mechanism: Mechanism) -> dict[str, Any]:
    """Return what the host and the distribution's metadata say about a registered mechanism."""
    from ..host import MechanismRecord, default_host

    card = getattr(type(mechanism), "card", None)
    if isinstance(card, Card):
        fields = ("id", "version", "license", "authors", "kind", "summary")
        return {field: getattr(card, field) for field in fields}
    host = default_host()
    identity = host.id_of(type(mechanism))
    if identity is None:
        return {}
    found = host.locate(identity)
    plugin, _, thing = identity.partition(".")
    known: dict[str, Any] = {
        "id": f"{plugin}-card.{thing}",
        "version": found.plugin.version,
        "summary": found.record.summary,
    }
    if isinstance(found.record, MechanismRecord):
        known["kind"] = found.record.kind
    try:
        about = metadata.metadata(found.plugin.distribution)
    except metadata.PackageNotFoundError:
        return known
    if "License-Expression" in about:
        known["license"] = about["License-Expression"]
    if "Author" in about:
        known["authors"] = (Author(name=about["Author"][:200]),)
    return known


def _description(text: str) -> str:
    """Return a docstring's paragraphs before its sections, each as one line."""
    plain = re.split(r"\n(?=(?:Args|References|Raises|Example):)", text)[0]
    paragraphs = [" ".join(part.split()) for part in plain.split("\n\n")]
    return "\n".join(part for part in paragraphs if part)[:PROSE_CHARS]


def _section(text: str, title: str) -> str:
    match = re.search(rf"^{title}:\n((?:[ \t]+\S.*\n?|\n)+)", text, re.MULTILINE)
    return "" if match is None else " ".join(match[1].split())[:PROSE_CHARS]


def _claims(mechanism: Mechanism) -> CardClaims:
    claims = getattr(type(mechanism), "claims", None)
    if claims is None:
        return CardClaims()
    low, high = claims.voltage
    usual = type(claims)().voltage
    return CardClaims(
        voltage=None if (low, high) == usual else (str(low), str(high)),
        monotone=claims.monotone,
        irreversible=claims.irreversible,
        expected_failures=dict(claims.expected_failures),
    )


def _references(mechanism: Mechanism) -> tuple[CardReference, ...]:
    claims = getattr(type(mechanism), "claims", None)
    return tuple(
        CardReference(
            V=str(point.V),
            inside=_texts(point.inside),
            outside=_texts(point.outside),
            temperature=str(point.temperature),
            current=(
                str(point.current) if isinstance(point.current, Quantity) else _texts(point.current)
            ),
            values=_texts(point.values),
            states=_texts(point.states),
            tolerance=point.tolerance,
            source=point.source,
        )
        for point in getattr(claims, "references", ())
    )


def _texts(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        str(key): str(value) if isinstance(value, Quantity) else value
        for key, value in values.items()
    }


# --- physics --------------------------------------------------------------------------------------


def _physics(mechanism: Mechanism) -> tuple[dict[str, CardParameter], Physics]:
    """Return a mechanism's parameters and its equations."""
    cls = type(mechanism)
    channel = isinstance(mechanism, Channel) and _plain(cls, Channel, "currents", "all_open")
    transporter = isinstance(mechanism, Transporter) and _plain(
        cls, Transporter, "currents", "cycles", "carried"
    )
    direct = not channel and not transporter
    gating = _gating(mechanism) if channel else None
    apart = ("permeation.", "gating.") if gating is not None else ("permeation.",)
    infos = [
        info for info in mechanism.parameters() if not (channel and info.path.startswith(apart))
    ]
    base = Mechanism if direct else Channel if channel else Transporter
    names = names_for([info.path for info in infos], base, "gating.")
    parameters = {names[info.path]: _parameter(mechanism, info, base) for info in infos}
    parameters |= _unset(mechanism, base, parameters)
    recorded = Recorded(mechanism, names, parameters)
    known: dict[str, Any] = {}
    laws: list[tuple[str, Callable[[Any, Any], Any]]] = []
    if channel:
        known["permeation"] = _permeation(mechanism)
        known["gating"] = None if gating == "usual" else gating
        if gating is None and (hasattr(cls, "open_probability") or not hasattr(cls, "gates")):
            laws = [("open_probability", lambda bound, s: bound.open_fraction(s))]
    elif transporter:
        assert isinstance(mechanism, Transporter)
        known["stoichiometry"], known["atp"] = dict(mechanism.stoichiometry), mechanism.atp
        laws = [
            (law, lambda bound, s, law=law: getattr(bound, law)(s))  # type: ignore[misc]
            for law in _LAWS
            if hasattr(mechanism, law)
        ]
    equations = {law: recorded.equation(run) for law, run in laws}
    if direct:
        known["currents"] = recorded.equations(lambda bound, s: dict(bound.currents(s)))
    states = recorded_states(recorded) if gating is None else {}
    for kind in ("gates", "schemes"):
        known[kind] = states.get(kind, {})
    known["pools"] = states.get("pools", {})
    if cls.needed not in (Mechanism.needed, Channel.needed):
        known["needs"] = tuple(mechanism.needed())
    roots = [
        *equations.values(),
        *known.get("currents", {}).values(),
        *states.get("nodes", ()),
    ]
    physics = Physics(
        definitions=used_definitions(recorded.record.definitions, roots),
        equations=equations,
        links={name: gate for gate, name in recorded.record.links.items()},
        **known,
    )
    return parameters, physics


def _plain(cls: type, base: type, *methods: str) -> bool:
    return all(getattr(cls, name) is getattr(base, name) for name in methods)


def _gating(mechanism: Mechanism) -> Any:
    """Return a gating that cards know by its kind, ``"usual"`` for the default; None for others."""
    cls = type(mechanism)
    gating = mechanism.gating  # type: ignore[attr-defined]
    written = any(hasattr(cls, name) for name in ("gates", "open_probability", "states"))
    if written or type(gating) not in _KINDS:
        return None
    fields = part_fields(type(gating))
    values = {
        field.name: _value(getattr(gating, field.name))
        for field in fields
        if getattr(gating, field.name) != field.default
    }
    if type(gating) is Constant and not values:
        return "usual"
    return PartText(kind=_KINDS[type(gating)], values=values)


def _value(value: Any) -> Any:
    if isinstance(value, Quantity):
        return str(value) if value.unit else value.magnitude
    return value


def _permeation(channel: Any) -> PartText | PermeationText:
    part = channel.permeation
    about = {"source": part.source} if part.source != "assumed" else {}
    known: dict[str, Any] = {**about, **({"measured": True} if part.measured else {})}
    if type(part) is Ohmic:
        known["ion"] = part.ion
        if part.reversal is not None:
            known["reversal"] = _value(part.reversal)
        return PartText(kind="ohmic", values=known)
    if type(part) is GHK:
        known["ratios"] = {ion: _value(ratio) for ion, ratio in part.ratios.items()}
        if part.symmetric is not None:
            known["symmetric"] = _value(part.symmetric)
        return PartText(kind="ghk", values=known)
    from ..parts._permeation import Permeation

    infos = [info for info in channel.parameters() if info.path.startswith("permeation.")]
    names = names_for([info.path for info in infos], Permeation, "permeation.")
    parameters = {names[info.path]: _parameter(part, info, Permeation) for info in infos}
    recorded = Recorded(channel, names, parameters)
    found: dict[Any, dict[str, Any]] = {}
    refusals: list[PumpleakError] = []
    for dimension in (CONDUCTANCE, PERMEABILITY):
        try:
            found[dimension] = recorded.equations(_through(recorded.maximum, dimension))
        except PumpleakError as error:
            found[dimension] = {}
            refusals.append(error)
    if len(refusals) == len(found):
        raise refusals[0]
    roots = [node for equations in found.values() for node in equations.values()]
    return PermeationText(
        parameters=parameters,
        definitions=used_definitions(recorded.record.definitions, roots),
        conductance=found[CONDUCTANCE],
        permeability=found[PERMEABILITY],
    )


def _through(maximum: Any, dimension: Dimension) -> Callable[[Any, Any], Mapping[str, Any]]:
    def run(bound: Any, s: Any) -> Mapping[str, Any]:
        currents: Mapping[str, Any] = bound.permeation.currents(s, maximum, dimension)
        return currents

    return run


def _parameter(part: Part, info: ParameterInfo, base: type) -> CardParameter:
    return CardParameter(
        value=info.value,
        source=info.source,
        measured=info.measured,
        bounds=info.bounds,
        accepts=_accepts(part, info.path, base, info.value),
        doc=info.doc,
    )


def _declared(cls: type, name: str) -> Any:
    fields = {field.name: field for field in part_fields(cls)}
    return fields[name].metadata.get(_RECORD) if name in fields else None


def _accepts(part: Part, name: str, base: type, value: Quantity | None) -> tuple[str, ...]:
    """Return the units of what a parameter takes, where that is not what a card would take."""
    declared = _declared(type(part), name)
    if declared is None:
        return ()
    usual = _declared(base, name)
    otherwise = usual.dimensions if usual is not None else (value.dimension,) if value else ()
    if set(declared.dimensions) == set(otherwise):
        return ()
    one = "channel" if base is Channel else "transporter"
    return tuple(
        one if dimension == NUMBER else dimension.unit for dimension in declared.dimensions
    )


def _unset(
    mechanism: Mechanism, base: type, known: Mapping[str, CardParameter]
) -> dict[str, CardParameter]:
    """Return the amounts without a default whose dimensions the class narrows."""
    found = {}
    for name in AMOUNTS:
        declared = _declared(type(mechanism), name)
        accepts = () if declared is None else _accepts(mechanism, name, base, None)
        if accepts and name not in known:
            found[name] = CardParameter(value=None, source=declared.source, accepts=accepts)
    return found
