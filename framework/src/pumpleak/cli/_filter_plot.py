"""The pictures of ``pumpleak filter``; matplotlib is imported only when one is drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._errors import CompositionError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..parts._filter import FieldStep, FilterEnergy, SelectivityFilter
    from ..parts._species import IonSpecies

#: Ratios below this are drawn on the edge: nobody measures them.
_LEAST_RATIO = 1e-9
_COST, _STRAIN, _PULL, _INK = "#c44e52", "#dd8452", "#4c72b0", "#222222"


def draw_tables(path: Path, tables: Mapping[str, Sequence[FilterEnergy]], kelvin: float) -> None:
    """Draw each filter's energy trade and permeability ratios into a file.

    Args:
        path: written whole or not at all.
        tables: rows of the energy table by filter id.
        kelvin: temperature of the ratios, K.
    """
    figure = _figure(11, 0.9 + 3.4 * len(tables))
    axes = figure.subplots(len(tables), 2, squeeze=False, width_ratios=(1.6, 1))
    for (trade, ratio), (id, rows) in zip(axes, tables.items(), strict=True):
        ordered = sorted(rows, key=lambda row: row.net_kJ_per_mol)
        _trade(trade, id, ordered)
        _ratios(ratio, ordered, kelvin)
    axes[0][0].legend(frameon=False, fontsize="small", loc="best")
    _save(figure, path)


def draw_walks(
    path: Path,
    sites: Mapping[str, SelectivityFilter],
    walks: Mapping[str, Sequence[FieldStep]],
    ions: Sequence[IonSpecies],
) -> None:
    """Draw how each ion's place changes as a site's charge grows.

    Args:
        path: written whole or not at all.
        sites: by id.
        walks: steps by the same ids.
        ions: those that the steps name, and perhaps more.
    """
    import attrs

    figure = _figure(9, 0.6 + 4.2 * len(sites))
    axes = figure.subplots(len(sites), 1, squeeze=False)[:, 0]
    for axis, (id, site) in zip(axes, sites.items(), strict=True):
        steps = walks[id]
        compared = [ion for ion in ions if ion.name in steps[0].order]
        sign = math.copysign(1.0, steps[-1].charge_to_e)
        here = abs(site.site_charge_e)
        end = min(max(abs(steps[-1].charge_from_e), here) * 1.12 or 1.0, 10.0)
        charges = [end * index / 240 for index in range(241)]
        above: dict[str, list[float]] = {ion.name: [] for ion in compared}
        for charge in charges:
            barriers = attrs.evolve(site, site_charge_e=sign * charge).barriers(compared)
            mean = sum(barriers.values()) / len(barriers)
            for name, barrier in barriers.items():
                above[name].append(barrier - mean)
        for name, values in above.items():
            axis.plot(charges, values, label=name)
        for step in steps[1:]:
            axis.axvline(abs(step.charge_from_e), color="#bbbbbb", lw=0.6, zorder=0)
        axis.axvline(here, color=_INK, lw=0.9, ls="--", zorder=0, label="this site")
        axis.set_xlim(0, end)
        axis.set_title(f"{id}, swept in charge: {len(steps)} orders", loc="left")
        axis.set_xlabel("size of the site's charge (e)")
        axis.set_ylabel("energy against\ntheir mean (kJ/mol)")
        axis.legend(frameon=False, ncols=len(compared) + 1, fontsize="small", loc="best")
    _save(figure, path)


def _trade(axis: Any, id: str, rows: Sequence[FilterEnergy]) -> None:
    places = range(len(rows))
    cost = [row.dehydration_kJ_per_mol for row in rows]
    strain = [row.strain_kJ_per_mol for row in rows]
    pull = [row.coordination_kJ_per_mol for row in rows]
    # repulsion stands on top of the other costs; attraction hangs below zero
    base = [a + b if c > 0 else 0.0 for a, b, c in zip(cost, strain, pull, strict=True)]
    axis.use_sticky_edges = False  # a bar of no height would cut the tallest one's margin
    axis.bar(places, cost, color=_COST, label="dehydration")
    axis.bar(places, strain, bottom=cost, color=_STRAIN, label="strain")
    axis.bar(places, pull, bottom=base, color=_PULL, label="coordination")
    net = [row.net_kJ_per_mol for row in rows]
    axis.plot(places, net, "D", color=_INK, mec="white", ms=6, label="net")
    axis.axhline(0, color=_INK, lw=0.8)
    axis.set_xticks(places, [row.ion for row in rows])
    axis.set_ylabel("kJ/mol")
    axis.set_title(f"{id}: energy trade", loc="left")


def _ratios(axis: Any, rows: Sequence[FilterEnergy], kelvin: float) -> None:
    places = range(len(rows))
    ratios = [max(row.permeability_ratio, _LEAST_RATIO) for row in rows]
    axis.vlines(places, _LEAST_RATIO, ratios, color=_INK, lw=1)
    for place, row, ratio in zip(places, rows, ratios, strict=True):
        below = row.permeability_ratio < _LEAST_RATIO
        axis.plot(place, ratio, "v" if below else "o", color=_INK, clip_on=False)
    axis.set_yscale("log")
    axis.set_ylim(_LEAST_RATIO, max(3.0, 3 * max(ratios)))
    axis.set_xticks(places, [row.ion for row in rows])
    axis.set_title(f"permeability ratio at {kelvin:.2f} K", loc="left")


def _figure(width: float, height: float) -> Figure:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise CompositionError(
            "a picture needs matplotlib, which is not installed; pip install 'pumpleak[plot]'"
        ) from error
    return Figure(figsize=(width, height), layout="constrained")


def _save(figure: Figure, path: Path) -> None:
    from ..report._plot import save

    save(figure, path)
