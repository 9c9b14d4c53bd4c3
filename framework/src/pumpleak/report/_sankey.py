"""The audit as a picture: where the power of ATP goes, and what each ion does.

Two Sankey diagrams, widths in proportion: power from ATP through the pumps into gradients and out
of them as heat; and each ion's flux through every mechanism, into the cell from the left, out of it
to the right.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from ._format import rounded
from ._ledger import ions_of
from ._plot import _COLOURS, _INK, _figure, _short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..budgets._audit import Audit

_PW = 1e12
_MILLION = 1e6
_ATP, _HEAT, _CLAMP = "#B8860B", "#999999", "#555555"
#: Thinner than this share of the widest layer, a ribbon is not drawn.
_LEAST = 1e-4
_GAP = 0.075
_BAR = 0.016
_SWEEPS = 6


@attrs.define(eq=False)
class _Node:
    """A bar; `label` is empty for a place where a ribbon passes a layer."""

    label: str
    colour: str
    layer: int = 0
    into: float = 0.0
    out: float = 0.0
    low: float = 0.0

    @property
    def size(self) -> float:
        return max(self.into, self.out)

    @property
    def centre(self) -> float:
        return self.low + self.size / 2


@attrs.define(eq=False)
class _Ribbon:
    source: Any
    target: Any
    width: float
    colour: str
    low: float = 0.0


class _Diagram:
    """Nodes in layers, and ribbons between them."""

    def __init__(self) -> None:
        self.nodes: dict[Any, _Node] = {}
        self.ribbons: list[_Ribbon] = []
        self.scale = 1.0

    def node(self, key: Any, label: str, colour: str) -> Any:
        """Add a node unless it is there; return its key."""
        self.nodes.setdefault(key, _Node(label, colour))
        return key

    def ribbon(self, source: Any, target: Any, width: float, colour: str) -> None:
        """Add what flows from one node to another; nothing if there is nothing."""
        if width > 0:
            self.ribbons.append(_Ribbon(source, target, width, colour))

    def arrange(self, last: Iterable[Any] = ()) -> None:
        """Give every node its layer and place; `last` are the keys that go to the right end."""
        widest = sum(ribbon.width for ribbon in self.ribbons)
        self.ribbons = [r for r in self.ribbons if r.width >= _LEAST * widest]
        for ribbon in self.ribbons:
            self.nodes[ribbon.source].out += ribbon.width
            self.nodes[ribbon.target].into += ribbon.width
        self.nodes = {key: node for key, node in self.nodes.items() if node.size}
        self._layers(last)
        self._pass_layers()
        self._stack()

    def _layers(self, last: Iterable[Any]) -> None:
        """Let each node stand right of what feeds it; a ribbon that goes round goes back."""
        onward: dict[Any, list[Any]] = {key: [] for key in self.nodes}
        for ribbon in self.ribbons:
            onward[ribbon.source].append(ribbon.target)
        done: list[Any] = []
        open_: set[Any] = set()
        back: set[tuple[Any, Any]] = set()

        def visit(key: Any) -> None:
            open_.add(key)
            for following in onward[key]:
                if following in open_:
                    back.add((key, following))
                elif following not in done:
                    visit(following)
            open_.discard(key)
            done.append(key)

        for key in self.nodes:
            if key not in done:
                visit(key)
        for key in reversed(done):
            for following in onward[key]:
                if (key, following) not in back:
                    node = self.nodes[following]
                    node.layer = max(node.layer, self.nodes[key].layer + 1)
        end = max((node.layer for node in self.nodes.values()), default=0)
        for key in last:
            if key in self.nodes:
                self.nodes[key].layer = end

    def _pass_layers(self) -> None:
        """Give a ribbon over several layers a place in each, so that it covers no bar."""
        number = itertools.count()
        short: list[_Ribbon] = []
        for ribbon in self.ribbons:
            here, end = self.nodes[ribbon.source].layer, self.nodes[ribbon.target].layer
            source = ribbon.source
            for layer in range(here + 1, end):
                key = ("pass", next(number))
                self.nodes[key] = _Node("", ribbon.colour, layer, ribbon.width, ribbon.width)
                short.append(_Ribbon(source, key, ribbon.width, ribbon.colour))
                source = key
            short.append(_Ribbon(source, ribbon.target, ribbon.width, ribbon.colour))
        self.ribbons = short

    def _stack(self) -> None:
        """Place the nodes of each layer one below the other, near what they are joined to."""
        layers = [
            [node for node in self.nodes.values() if node.layer == layer]
            for layer in range(1 + max((node.layer for node in self.nodes.values()), default=0))
        ]
        tallest = max((sum(node.size for node in layer) for layer in layers), default=1.0) or 1.0
        self.scale = tallest
        for node in self.nodes.values():
            node.into, node.out = node.into / tallest, node.out / tallest
        for ribbon in self.ribbons:
            ribbon.width /= tallest
        for layer in layers:
            _pile(layer)
        joined: dict[int, list[tuple[_Node, float]]] = {id(n): [] for n in self.nodes.values()}
        for ribbon in self.ribbons:
            source, target = self.nodes[ribbon.source], self.nodes[ribbon.target]
            joined[id(source)].append((target, ribbon.width))
            joined[id(target)].append((source, ribbon.width))
        for sweep in range(_SWEEPS):
            for layer in layers if sweep % 2 == 0 else layers[::-1]:
                wanted = {
                    id(node): sum(other.centre * width for other, width in joined[id(node)])
                    / (sum(width for _, width in joined[id(node)]) or 1.0)
                    for node in layer
                }
                # heat passes at the bottom, out of the way of what it came from
                layer.sort(key=lambda node: (-wanted[id(node)], not node.label))
                _pile(layer)


def _pile(layer: list[_Node]) -> None:
    whole = sum(node.size for node in layer) + _GAP * (len(layer) - 1)
    top = whole / 2
    for node in layer:
        node.low = top - node.size
        top = node.low - _GAP


def _paint(axis: Any, diagram: _Diagram, text: Mapping[Any, str], *, left: bool = False) -> None:
    """Draw a diagram.

    Args:
        axis: where.
        diagram: arranged.
        text: of each labelled node.
        left: whether the first layer's text stands left of its bars.
    """
    from matplotlib.patches import PathPatch, Rectangle
    from matplotlib.path import Path
    from matplotlib.patheffects import withStroke

    end = max((node.layer for node in diagram.nodes.values()), default=1) or 1
    starts = {key: node.low + node.size for key, node in diagram.nodes.items()}
    ends = dict(starts)
    order = diagram.nodes
    for ribbon in sorted(diagram.ribbons, key=lambda r: -order[r.target].centre):
        starts[ribbon.source] -= ribbon.width
        ribbon.low = starts[ribbon.source]
    for ribbon in sorted(diagram.ribbons, key=lambda r: -order[r.source].centre):
        ends[ribbon.target] -= ribbon.width
        low, high = ribbon.low, ends[ribbon.target]
        x0, x1 = order[ribbon.source].layer / end, order[ribbon.target].layer / end
        mid = (x0 + x1) / 2
        corners = [
            (x0, low), (mid, low), (mid, high), (x1, high),
            (x1, high + ribbon.width), (mid, high + ribbon.width), (mid, low + ribbon.width),
            (x0, low + ribbon.width), (x0, low),
        ]  # fmt: skip
        codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
        axis.add_patch(
            PathPatch(Path(corners, codes), facecolor=ribbon.colour, alpha=0.45, lw=0, zorder=1)
        )
    for key, node in diagram.nodes.items():
        if not node.label:
            continue
        x = node.layer / end
        axis.add_patch(
            Rectangle((x - _BAR / 2, node.low), _BAR, node.size, color=node.colour, lw=0, zorder=3)
        )
        before = left and node.layer == 0
        axis.text(
            x + (-0.012 if before else 0.012),
            node.centre,
            text[key],
            ha="right" if before else "left",
            va="center",
            fontsize="small",
            color=_INK,
            zorder=5,
            path_effects=[withStroke(linewidth=3, foreground="white", alpha=0.85)],
        )
    low = min((node.low for node in diagram.nodes.values()), default=0.0)
    high = max((node.low + node.size for node in diagram.nodes.values()), default=1.0)
    axis.set_xlim(-0.17 if left else -0.03, 1.2)
    axis.set_ylim(low - 0.04, high + 0.04)
    axis.axis("off")


def draw(found: Audit) -> Figure:
    """Draw the power above and the fluxes below.

    Args:
        found: the audit.

    Raises:
        CompositionError: matplotlib is not installed.
    """
    power, fluxes = power_diagram(found), flux_diagram(found)
    tall = [_height(diagram) for diagram in (power, fluxes)]
    layers = 1 + max((node.layer for node in power.nodes.values()), default=0)
    # a label stands between its bar and the next
    figure = _figure((max(11.0, 2.4 * layers), 1.2 + sum(tall)))
    above, below = figure.subplots(2, 1, height_ratios=tall)
    held = " and the clamp" if found.clamp else ""
    lost = f"; left out: {', '.join(_left_out(found))}" if _left_out(found) else ""
    above.set_title(
        f"{found.name[:50]} at {found.V_mV:.2f} mV, {found.mode} ions: "
        f"where the power of ATP{held} goes{lost}",
        loc="left", fontsize="medium", color=_INK,
    )  # fmt: skip
    _paint(above, power, _told(power, found.dissipated_W * _PW, "pW"))
    below.set_title(
        "what each ion does, in million ions per second: into the cell from the left, out of it "
        "to the right",
        loc="left", fontsize="medium", color=_INK,
    )  # fmt: skip
    _paint(below, fluxes, _told(fluxes, None, "M/s"), left=True)
    return figure


def power_diagram(found: Audit) -> _Diagram:
    """Return the power's way from ATP to heat, pW."""
    diagram = _Diagram()
    colour = _colours(found)
    for row in found.rows:
        if row.dissipated_W is None:
            continue
        key = diagram.node(("mechanism", row.name), row.name, _INK)
        atp = diagram.node("ATP", "ATP", _ATP)
        heat = diagram.node("heat", "heat", _HEAT)
        paid, lost = _PW * row.ATP_W, _PW * row.dissipated_W
        diagram.ribbon(atp, key, paid, _ATP)
        diagram.ribbon(key, diagram.node("ATP made", "ATP made", _ATP), -paid, _ATP)
        for ion, watt in row.drawn_W:
            gradient = diagram.node(("gradient", ion), f"{ion} gradient", colour[ion])
            diagram.ribbon(gradient, key, _PW * watt, colour[ion])
            diagram.ribbon(key, gradient, -_PW * watt, colour[ion])
        diagram.ribbon(key, heat, lost, _HEAT)
        nowhere = diagram.node("nowhere", "from nowhere", "#CC0000")
        diagram.ribbon(nowhere, key, -lost, "#CC0000")
    for held in found.clamp:
        gradient = diagram.node(("gradient", held.ion), f"{held.ion} gradient", colour[held.ion])
        gives = diagram.node("clamp", "clamp", _CLAMP)
        takes = diagram.node("clamp takes", "to the clamp", _CLAMP)
        diagram.ribbon(gives, gradient, _PW * held.power_W, _CLAMP)
        diagram.ribbon(gradient, takes, -_PW * held.power_W, _CLAMP)
    diagram.arrange(last=("heat", "clamp takes", "ATP made"))
    return diagram


def flux_diagram(found: Audit) -> _Diagram:
    """Return every ion's way into the cell and out of it, million ions per second."""
    diagram = _Diagram()
    colour = _colours(found)
    for ion in ions_of(found):
        centre = diagram.node(("ion", ion), ion, colour[ion])
        net = 0.0
        for row in found.rows:
            count = dict(row.moves).get(ion)
            if row.flux_per_s is None or count is None:
                continue
            out = count * row.flux_per_s / _MILLION
            net += out
            side = "out" if out > 0 else "in"
            key = diagram.node((side, ion, row.name), row.name, _INK)
            ends = (centre, key) if out > 0 else (key, centre)
            diagram.ribbon(*ends, abs(out), colour[ion])
        if ion in [held.ion for held in found.clamp]:
            side = "in" if net > 0 else "out"
            key = diagram.node((side, ion, "clamp"), "clamp", _CLAMP)
            diagram.ribbon(*((key, centre) if net > 0 else (centre, key)), abs(net), _CLAMP)
    diagram.arrange()
    return diagram


def _height(diagram: _Diagram) -> float:
    """Return how tall a diagram has to be for its text, inches."""
    layers = [node.layer for node in diagram.nodes.values()]
    most = max((layers.count(layer) for layer in layers), default=1)
    return max(2.6, 0.42 * most + 1.6)


def _colours(found: Audit) -> dict[str, str]:
    return {ion: _COLOURS[i % (len(_COLOURS) - 1)] for i, ion in enumerate(ions_of(found))}


def _left_out(found: Audit) -> list[str]:
    return [row.name for row in found.rows if row.dissipated_W is None]


def _told(diagram: _Diagram, whole: float | None, unit: str) -> dict[Any, str]:
    """Return each node's text: name, amount, and its share of the whole."""
    scale = diagram.scale
    told = {}
    for key, node in diagram.nodes.items():
        amount = node.size * scale
        share = "" if not whole else f" ({_per_cent(amount / whole)})"
        told[key] = f"{_short(node.label)}  {rounded(amount, 3)} {unit}{share}"
    return told


def _per_cent(share: float) -> str:
    return "below 1 %" if share < 0.005 else f"{100 * share:.0f} %"
