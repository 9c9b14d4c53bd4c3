"""Commands that other distributions add, by entry points in the group ``pumpleak.commands``.

```toml
[project.entry-points."pumpleak.commands"]
search = "pumpleak_registry.client.cli:search"
```

Help reads metadata only: a command is imported when it is asked for, so a broken one breaks itself
and nothing else.
"""

from __future__ import annotations

from importlib import metadata

import click

from ._terminal import Refused

GROUP = "pumpleak.commands"

#: What a distribution of ours adds, so that its absence can be said by name.
_KNOWN = {
    "search": ("pumpleak-registry", "Search a registry."),
    "info": ("pumpleak-registry", "Show a plugin or card of a registry."),
    "get": ("pumpleak-registry", "Fetch, verify and install."),
    "lock": ("pumpleak-registry", "Write down what a file uses."),
    "sync": ("pumpleak-registry", "Install what a lock names."),
    "verify": ("pumpleak-registry", "Compare with a lock."),
    "registry": ("pumpleak-registry", "Keep a registry: admit, sign and publish."),
}


def commands(builtin: frozenset[str]) -> dict[str, click.Command]:
    """Return the commands of other distributions by name, in name order.

    Args:
        builtin: the core's own commands; no other distribution can take their place.

    Returns:
        Commands that import what they stand for when they are used; for a known one that is not
        installed, one that says what to install.
    """
    claims: dict[str, dict[str, metadata.EntryPoint]] = {}
    for point in metadata.entry_points(group=GROUP):
        if point.name not in builtin:
            claims.setdefault(point.name, {}).setdefault(_owner(point), point)
    names = sorted(claims.keys() | _KNOWN.keys())
    return {name: _command(name, claims.get(name, {})) for name in names}


def _command(name: str, claims: dict[str, metadata.EntryPoint]) -> click.Command:
    if not claims:
        distribution, summary = _KNOWN[name]
        return _Unusable(
            name,
            f"Needs {distribution}: {summary[0].lower()}{summary[1:]}",
            f"'pumpleak {name}' needs {distribution}, which is not installed; "
            f"pip install {distribution}",
        )
    owners = " and ".join(sorted(claims))
    if len(claims) > 1:
        return _Unusable(
            name,
            f"Claimed by {owners}; cannot be used.",
            f"'pumpleak {name}' is claimed by {owners}, and which is meant cannot be guessed; "
            "uninstall all but one",
        )
    ((owner, point),) = claims.items()
    summary = _KNOWN[name][1] if name in _KNOWN and _KNOWN[name][0] in owner else f"From {owner}."
    return Elsewhere(name, summary, owner, point)


def _owner(point: metadata.EntryPoint) -> str:
    try:
        return f"{point.dist.name} {point.dist.version}" if point.dist else "a distribution"
    except Exception:  # metadata of a stranger, and possibly damaged
        return "a distribution"


class _Unusable(click.Command):
    """A command that says why it cannot be used, whatever it is given."""

    def __init__(self, name: str, summary: str, reason: str) -> None:
        super().__init__(name, help=summary, short_help=summary, add_help_option=False)
        self._reason = reason

    def make_context(self, *_: object, **__: object) -> click.Context:
        raise Refused(self._reason)


class Elsewhere(click.Command):
    """A command that is imported when it is used."""

    def __init__(self, name: str, summary: str, owner: str, point: metadata.EntryPoint) -> None:
        super().__init__(name, help=summary, short_help=summary, add_help_option=False)
        self._owner = owner
        self._point = point

    def real(self) -> click.Command:
        """Import the command.

        Raises:
            Refused: it cannot be imported, or is none.
        """
        try:
            found = self._point.load()
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise Refused(
                f"'pumpleak {self.name}' of {self._owner} cannot be imported "
                f"({type(error).__name__}: {error}); reinstall it, or tell its author"
            ) from error
        if not isinstance(found, click.Command):
            raise Refused(
                f"'pumpleak {self.name}' of {self._owner} must be a click command "
                f"(got {type(found).__name__}); tell its author"
            )
        return found
