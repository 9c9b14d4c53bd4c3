"""The report as plain data: the documented, stable JSON form (docs/reference/json.md)."""

from __future__ import annotations

import math
from typing import Any

import attrs

from ._breakdown import Breakdown, StateBreakdown
from ._free import Donnan, FreeRecord
from ._record import MechanismRecord, SolutionRecord

SCHEMA = "pumpleak.rest/1"


def as_dict(found: Breakdown) -> dict[str, Any]:
    """Return the JSON form; a number that is not finite becomes None."""
    finite: dict[str, Any] = _finite(_document(found))
    return finite


def _document(found: Breakdown) -> dict[str, Any]:
    equilibria = found.equilibria
    low, high = found.membrane.range
    return {
        "schema": SCHEMA,
        "name": found.membrane.name,
        "mode": equilibria.mode,
        "status": equilibria.status,
        "guarantee": equilibria.guarantee,
        "message": equilibria.message,
        "range_mV": [low, high],
        "equilibria": [_state(state) for state in found.states],
        "steady": None if found.free is None else _free(found.free),
        "clamped": None if found.clamped is None else _document(found.clamped),
        "warnings": [_plain(notice) for notice in found.notices],
        "membrane": {
            "temperature_K": found.membrane.temperature.value,
            "area_um2": found.membrane.area.value,
            "capacitance_pF": found.membrane.capacitance_pF,
            "dG_ATP_kJ_per_mol": found.membrane.dG_ATP.value / 1000,
            "settings": [_plain(row) for row in found.settings],
            "sources": list(found.membrane.sources),
        },
        "solutions": [_solution(row) for row in found.solutions],
        "mechanisms": [_mechanism(row) for row in found.mechanisms],
        "provenance": {
            "pumpleak": found.provenance.pumpleak,
            "solver": found.provenance.solver,
            "libraries": _named(found.provenance.libraries, "name", "version"),
            "plugins": [_plain(row) for row in found.provenance.plugins],
            "cards": [_plain(row) for row in found.provenance.cards],
            "unregistered": list(found.provenance.unregistered),
        },
    }


def _free(row: FreeRecord) -> dict[str, Any]:
    return {
        "free": list(row.free),
        "held": list(row.held),
        "swells": row.swells,
        "charge": row.charge,
        "shape": row.shape,
        "start": {
            "V_mV": row.start_mV,
            "inside_mM": dict(row.start_mM),
            "volume_fL": row.start_fL,
            "outside_volume_fL": row.outside_fL,
        },
        "impermeant": _plain(row.impermeant),
        "conserved": [_plain(total) for total in row.totals],
        "notes": list(row.notes),
    }


def _state(state: StateBreakdown) -> dict[str, Any]:
    data = _plain(state)
    data["eigenvalues_per_ms"] = [
        {"real": value.real, "imag": value.imag} for value in state.eigenvalues_per_ms
    ]
    data["inside_mM"] = dict(state.inside_mM)
    data["outside_mM"] = dict(state.outside_mM)
    data["donnan"] = _donnan(state.donnan)
    if state.run_down is not None:
        data["run_down"]["inside_mM"] = dict(state.run_down.inside_mM)
        data["run_down"]["outside_mM"] = dict(state.run_down.outside_mM)
        data["run_down"]["donnan"] = _donnan(state.run_down.donnan)
    data["states"] = _named(state.states, "name", "value")
    for row, cycle in zip(data["cycles"], state.cycles, strict=True):
        row["stoichiometry"] = _named(cycle.stoichiometry, "ion", "out")
        row["uphill"] = cycle.uphill
    return data


def _donnan(found: Donnan | None) -> dict[str, Any] | None:
    return None if found is None else {"ratios": dict(found.ratios), "V_mV": found.V_mV}


def _solution(row: SolutionRecord) -> dict[str, Any]:
    return {
        **_plain(row),
        "concentrations_mM": _named(row.concentrations_mM, "ion", "value"),
    }


def _mechanism(row: MechanismRecord) -> dict[str, Any]:
    return {
        "name": row.name,
        "id": row.id,
        "owner": row.owner,
        "kind": row.kind,
        "ions": list(row.ions),
        "opaque": row.opaque,
        "fixed_reversals_mV": _named(row.fixed_reversals_mV, "ion", "value"),
        "parameters": [
            {
                "name": info.path,
                "value": info.value.magnitude,
                "unit": info.value.unit,
                "basis": info.basis,
                "source": info.source,
                "is_default": info.is_default,
                "bounds": list(info.bounds),
                "doc": info.doc,
            }
            for info in row.parameters
        ],
    }


def _named(rows: Any, first: str, second: str) -> list[dict[str, Any]]:
    return [{first: name, second: value} for name, value in rows]


def _plain(record: Any) -> dict[str, Any]:
    return attrs.asdict(record)


def _finite(item: Any) -> Any:
    """Return plain Python values, with None for what JSON has no number for."""
    if isinstance(item, dict):
        return {key: _finite(value) for key, value in item.items()}
    if isinstance(item, list | tuple):
        return [_finite(value) for value in item]
    if isinstance(item, bool | int | str) or item is None:
        return item
    value = float(item)  # NumPy's floats too
    return value if math.isfinite(value) else None
