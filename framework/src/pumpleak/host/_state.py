"""What the host says about a plugin, and about one thing that a plugin supplies."""

from __future__ import annotations

from typing import Literal, NamedTuple

import attrs

from ._records import Record

State = Literal["found", "loaded", "failed", "incompatible", "disabled", "conflict"]


class PluginWarning(UserWarning):
    """A plugin went wrong where it was only observing; the work went on without it."""


class Provenance(NamedTuple):
    """Who supplied something: plugin, distribution and version."""

    plugin: str
    distribution: str
    version: str


@attrs.frozen(kw_only=True)
class PluginState:
    """One plugin and how it stands.

    Args:
        name: the entry point's name, the first half of every id.
        distribution: the installed distribution that declares it.
        version: that distribution's version.
        state: ``found`` is installed, not yet imported; ``loaded`` is in use; the others are not.
        reason: a paragraph that names plugin and distribution and says what to do.
        traceback: the traceback's text when the plugin raised.
        requires: what it asks of pumpleak, for example ``"pumpleak<2,>=1"``; empty if nothing.
        module: the thin module, empty if the entry point names none.
        warnings: what is not wrong but should be better.
    """

    name: str
    distribution: str
    version: str
    state: State
    reason: str
    traceback: str | None = None
    requires: str = ""
    module: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether nothing needs mending: found, loaded, or disabled on purpose."""
        return self.state in ("found", "loaded", "disabled")

    @property
    def label(self) -> str:
        """The plugin and its distribution, as sentences name them."""
        return f"plugin {self.name!r} ({self.distribution} {self.version})"

    @property
    def title(self) -> str:
        """The label as a sentence begins with it."""
        return f"P{self.label[1:]}"


@attrs.frozen(kw_only=True)
class LoadedRecord:
    """A record with its id, its kind (``"mechanisms"``) and the plugin that supplies it."""

    id: str
    kind: str
    record: Record
    plugin: PluginState
