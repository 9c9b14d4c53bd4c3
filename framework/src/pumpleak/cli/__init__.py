"""The command line; help and lists of plugins import no physics."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

#: Subcommand, and where it is: imported when it is asked for.
_COMMANDS = {
    "rest": ("._rest", "rest"),
    "audit": ("._audit", "audit"),
    "balance": ("._balance", "balance"),
    "relax": ("._relax", "relax"),
    "sweep": ("._sweep", "sweep"),
    "plugins": ("._plugins", "plugins"),
    "check": ("._check", "check"),
    "card": ("._card", "card"),
    "filter": ("._filter", "filter_command"),
    "new": ("._new", "new"),
    "cite": ("._cite", "cite"),
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_COMMANDS, *self._elsewhere()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return self._elsewhere().get(cmd_name)
        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module, __name__), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from ._elsewhere import Elsewhere

        # help describes it from metadata; here it is wanted in earnest
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.real() if isinstance(command, Elsewhere) else command, rest

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            from ._terminal import Refused, fitted

            usual = (click.ClickException.show, click.UsageError.show)
            if type(error).show not in usual:
                raise  # it is help that is shown
            # click prints "Error: " before it
            text = fitted(error.format_message(), sys.stderr, first=len("Error: "))
            if text == error.format_message():
                raise
            if isinstance(error, click.UsageError):
                raise click.UsageError(text, error.ctx) from error
            if error.exit_code == Refused.exit_code:
                raise Refused(text) from error
            raise click.ClickException(text) from error

    def _elsewhere(self) -> dict[str, click.Command]:
        from ._elsewhere import commands

        return commands(frozenset(_COMMANDS))


def _print_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or context.resilient_parsing:
        return
    from importlib import metadata

    click.echo(f"pumpleak {metadata.version('pumpleak')}")
    context.exit()


@click.group(cls=_Lazy)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and exit.",
)
def main(**_: Any) -> None:
    """Membranes at rest: every resting state, what holds it, and what it costs."""
