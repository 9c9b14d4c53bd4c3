"""What a card holds: frozen records, everything checked, nothing run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from ..units._quantity import Quantity
from ._source import Source
from ._tree import Node

if TYPE_CHECKING:
    from ..parts._mechanism import Mechanism


@attrs.frozen(kw_only=True)
class Author:
    """Who wrote the card; `orcid` is empty if unknown."""

    name: str
    orcid: str = ""


@attrs.frozen(kw_only=True)
class CardParameter:
    """One parameter.

    Args:
        value: with its unit; None where the user must give it.
        source: a reference, or ``"assumed"``.
        measured: whether the source measured it.
        uncertainty: standard uncertainty in the unit of `value`; None if it is not known.
        bounds: smallest and largest sensible value, in the unit of `value`.
        accepts: units of all the dimensions in which it can be given; empty: that of `value`.
        doc: one line.
    """

    value: Quantity | None
    source: str
    measured: bool = False
    uncertainty: float | None = None
    bounds: tuple[float | None, float | None] = (None, None)
    accepts: tuple[str, ...] = ()
    doc: str = ""


@attrs.frozen(kw_only=True)
class GateText:
    """A gate, as `pumpleak.Gate` takes it."""

    alpha: Node | None = None
    beta: Node | None = None
    steady: Node | None = None
    tau: Node | None = None
    power: int | float = 1
    scale: Node | None = None


@attrs.frozen(kw_only=True)
class PoolText:
    """A pool: where to search it, with units, and its rate of change."""

    lowest: str
    highest: str
    change: Node


@attrs.frozen(kw_only=True)
class SchemeText:
    """A Markov scheme: its states in order, and the rates between them."""

    states: tuple[str, ...]
    rates: Mapping[tuple[str, str], Node]


@attrs.frozen(kw_only=True)
class PartText:
    """A gating or permeation of a kind that pumpleak has: its kind, and its values."""

    kind: str
    values: Mapping[str, Any]


@attrs.frozen(kw_only=True)
class PermeationText:
    """A permeation by equations: currents of open channels, by ion.

    Args:
        parameters: its own.
        definitions: equations with a name.
        conductance: where ``maximum`` is a conductance; empty: such a density is refused.
        permeability: where it is a permeability; likewise.
    """

    parameters: Mapping[str, CardParameter]
    definitions: Mapping[str, Node]
    conductance: Mapping[str, Node]
    permeability: Mapping[str, Node]

    @property
    def ions(self) -> tuple[str, ...]:
        """The ions that it lets through, in order."""
        return tuple(self.conductance or self.permeability)


@attrs.frozen(kw_only=True)
class Physics:
    """The physics of a card.

    Args:
        definitions: equations with a name, in order.
        equations: open_probability; or activity, cycle_rate, driving_force, affinity.
        currents: of each ion, for a mechanism that is neither channel nor transporter in form.
        gates, pools, schemes: by name.
        links: names of gates of other mechanisms, by the name used here.
        needs: ions whose concentrations it cannot do without; None: those it carries.
        gating, permeation: of a channel; None for others.
        stoichiometry, atp: of a transporter.
    """

    definitions: Mapping[str, Node] = attrs.field(factory=dict)
    equations: Mapping[str, Node] = attrs.field(factory=dict)
    currents: Mapping[str, Node] = attrs.field(factory=dict)
    gates: Mapping[str, GateText] = attrs.field(factory=dict)
    pools: Mapping[str, PoolText] = attrs.field(factory=dict)
    schemes: Mapping[str, SchemeText] = attrs.field(factory=dict)
    links: Mapping[str, str] = attrs.field(factory=dict)
    needs: tuple[str, ...] | None = None
    gating: PartText | None = None
    permeation: PartText | PermeationText | None = None
    stoichiometry: Mapping[str, int] = attrs.field(factory=dict)
    atp: int = 0

    @property
    def states(self) -> tuple[str, ...]:
        """Names that stand behind ``own.``."""
        of_schemes = [state for scheme in self.schemes.values() for state in scheme.states]
        return (*self.gates, *self.pools, *of_schemes)


@attrs.frozen(kw_only=True)
class CardReference:
    """The current that the mechanism must carry under stated conditions, as text with units."""

    V: str
    inside: Mapping[str, Any]
    outside: Mapping[str, Any]
    temperature: str
    current: str | Mapping[str, str]
    values: Mapping[str, Any] = attrs.field(factory=dict)
    states: Mapping[str, Any] = attrs.field(factory=dict)
    tolerance: float = 1e-6
    source: str


@attrs.frozen(kw_only=True)
class CardClaims:
    """What the author claims: where the card holds, and how it behaves there."""

    voltage: tuple[str, str] | None = None
    monotone: str | None = None
    irreversible: str | None = None
    expected_failures: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True, eq=False, slots=False)
class Card:
    """A channel or transporter as data.

    Args:
        source: the text it was read from.
        id: ``namespace.name``, by which a membrane file uses it.
        version: as packages have it.
        kind: channel, pump, cotransporter or exchanger.
        summary: one line.
        license: SPDX expression.
        authors: of the card.
        description, doi, citation: empty where they are not given.
        biology: gene, motif, species, cell, construct, temperature, Q10, solutions and
            junction_potential, as far as they are stated.
        claims: of the author.
        parameters: by name.
        physics: equations, as trees.
        references: currents that it must reproduce.
    """

    source: Source = attrs.field(repr=False)
    id: str
    version: str
    kind: str
    summary: str = attrs.field(repr=False)
    license: str = attrs.field(repr=False)
    authors: tuple[Author, ...] = attrs.field(repr=False)
    description: str = attrs.field(default="", repr=False)
    doi: str = attrs.field(default="", repr=False)
    citation: str = attrs.field(default="", repr=False)
    biology: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    claims: CardClaims = attrs.field(factory=CardClaims, repr=False)
    parameters: Mapping[str, CardParameter] = attrs.field(factory=dict, repr=False)
    physics: Physics = attrs.field(repr=False)
    references: tuple[CardReference, ...] = attrs.field(default=(), repr=False)

    @property
    def sha256(self) -> str:
        """Of the file's bytes."""
        return self.source.sha256

    @property
    def path(self) -> str | None:
        """Of the file; None for a card from a text."""
        return self.source.path

    @property
    def name(self) -> str:
        """The mechanism's name, without the namespace."""
        return self.id.partition(".")[2]

    @property
    def owner(self) -> str:
        """Identity, version and hash, as messages and reports name them."""
        return f"card {self.id} {self.version} (sha256 {self.sha256[:12]})"

    @property
    def mechanism_class(self) -> type[Mechanism]:
        """The Channel, Transporter or Mechanism class that the card describes."""
        from ._build import class_of

        return class_of(self)

    def mechanism(self, **values: Any) -> Mechanism:
        """Return the mechanism, as a class written in Python would.

        Args:
            values: name, density and other parameters, with their units.

        Raises:
            CompositionError: no such parameter.
            UnitError: a value of another dimension.
        """
        return self.mechanism_class(**values)
