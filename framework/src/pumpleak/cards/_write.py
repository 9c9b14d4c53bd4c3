"""Write a card as TOML; reading it gives the same card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._head import FORMAT
from ._model import Card, CardParameter, PartText, PermeationText, Physics
from ._tree import Node, text_of


def dumps_card(card: Card) -> str:
    """Return the text of a card's file.

    Args:
        card: any card.
    """
    import tomli_w

    return tomli_w.dumps(tables_of_card(card))


def tables_of_card(card: Card) -> dict[str, Any]:
    """Return a card as the plain data of its file."""
    head: dict[str, Any] = {
        "id": card.id,
        "version": card.version,
        "kind": card.kind,
        "summary": card.summary,
        "license": card.license,
        "authors": [
            {"name": author.name, **({"orcid": author.orcid} if author.orcid else {})}
            for author in card.authors
        ],
    }
    head |= _given(card, ("description", "doi", "citation"))
    claims: dict[str, Any] = _given(card.claims, ("monotone", "irreversible", "expected_failures"))
    if card.claims.voltage is not None:
        claims["voltage"] = list(card.claims.voltage)
    tables = {
        "format": FORMAT,
        "card": head,
        "biology": dict(card.biology),
        "claims": claims,
        "parameters": _parameters(card.parameters),
        "physics": _physics(card.physics),
        "reference": [
            {
                "V": point.V,
                "temperature": point.temperature,
                "current": _plain(point.current),
                "tolerance": point.tolerance,
                "source": point.source,
                "inside": dict(point.inside),
                "outside": dict(point.outside),
                **_given(point, ("values", "states")),
            }
            for point in card.references
        ],
    }
    return {key: value for key, value in tables.items() if value != {} and value != []}


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _given(record: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    return {field: _plain(value) for field in fields if (value := getattr(record, field))}


def _parameters(parameters: Mapping[str, CardParameter]) -> dict[str, Any]:
    return {name: _parameter(entry) for name, entry in parameters.items()}


def _parameter(entry: CardParameter) -> dict[str, Any]:
    table: dict[str, Any] = {}
    if entry.value is not None:
        table["value"] = entry.value.magnitude
        if entry.value.unit:
            table["unit"] = entry.value.unit
    table["source"] = entry.source
    if entry.measured:
        table["measured"] = True
    if entry.uncertainty is not None:
        table["uncertainty"] = entry.uncertainty
    ends = zip(("at_least", "at_most"), entry.bounds, strict=True)
    table |= {key: end for key, end in ends if end is not None}
    if entry.accepts:
        table["accepts"] = list(entry.accepts)
    if entry.doc:
        table["doc"] = entry.doc
    return table


def _physics(physics: Physics) -> dict[str, Any]:
    table: dict[str, Any] = _texts(physics.equations)
    if physics.stoichiometry:
        table["stoichiometry"] = dict(physics.stoichiometry)
    if physics.atp:
        table["atp"] = physics.atp
    if physics.needs is not None:
        table["needs"] = list(physics.needs)
    if physics.gating is not None:
        table["gating"] = _part(physics.gating)
    if isinstance(physics.permeation, PartText):
        table["permeation"] = _part(physics.permeation)
    gates = {
        name: {
            **_texts({key: getattr(gate, key) for key in ("alpha", "beta", "steady", "tau")}),
            **({} if gate.power == 1 else {"power": gate.power}),
            **_texts({"scale": gate.scale}),
        }
        for name, gate in physics.gates.items()
    }
    pools = {
        name: {"lowest": pool.lowest, "highest": pool.highest, "change": text_of(pool.change)}
        for name, pool in physics.pools.items()
    }
    schemes = {
        name: {
            "states": list(scheme.states),
            "rates": {f"{a} -> {b}": text_of(node) for (a, b), node in scheme.rates.items()},
        }
        for name, scheme in physics.schemes.items()
    }
    tables = {
        "links": dict(physics.links),
        "let": _texts(physics.definitions),
        "gates": gates,
        "pools": pools,
        "schemes": schemes,
        "currents": _texts(physics.currents),
    }
    table |= {key: value for key, value in tables.items() if value}
    if isinstance(physics.permeation, PermeationText):
        table["permeation"] = _permeation(physics.permeation)
    return table


def _texts(equations: Mapping[str, Node | None]) -> dict[str, str]:
    return {name: text_of(node) for name, node in equations.items() if node is not None}


def _part(part: PartText) -> dict[str, Any]:
    values = {key: value for key, value in part.values.items() if key != "ratios"}
    return {"kind": part.kind, **dict(part.values.get("ratios", {})), **values}


def _permeation(text: PermeationText) -> dict[str, Any]:
    tables = {
        "parameters": _parameters(text.parameters),
        "let": _texts(text.definitions),
        "conductance": _texts(text.conductance),
        "permeability": _texts(text.permeability),
    }
    return {"kind": "equations", **{key: value for key, value in tables.items() if value}}
