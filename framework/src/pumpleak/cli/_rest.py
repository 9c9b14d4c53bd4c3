"""``pumpleak rest``: where a membrane rests, who holds it there, and what it costs."""

from __future__ import annotations

import contextlib
import json
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._plugins import _plugin_output_to_stderr
from ._terminal import Refused, showable, warn, width

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane
    from ..report import Breakdown


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--mode",
    type=click.Choice(["clamped", "steady", "both"]),
    help="Hold concentrations, let them rest too, or show both side by side; by default both where "
    "FILE has [steady], else clamped.",
)
@click.option(
    "--starts",
    type=click.IntRange(min=0),
    metavar="N",
    help="Steady ions: random starts beside the file's own; 0 looks for one state.  [default: 64]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="Draw the I-V curve and the votes too; the suffix (png, svg, pdf) says how.",
)
@click.option("--parameters", is_flag=True, help="List every parameter with its source.")
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="NAME=VALUE",
    help="Change a value, such as outside.K='8 mM' or pump.density='0 uA/cm^2'; repeatable.",
)
@click.option(
    "--range",
    "ends",
    nargs=2,
    metavar="LOW HIGH",
    help="Clamped ions: voltages to search, such as '-100 mV' '50 mV'.",
)
@click.option(
    "--prove/--no-prove",
    default=True,
    show_default=True,
    help="Clamped ions: prove that no resting state was missed.",
)
@click.option(
    "--locked",
    is_flag=True,
    help="Run only with the plugins and cards of FILE's lock, unaltered; else say what differs.",
)
@click.pass_context
def rest(
    context: click.Context,
    file: Path | None,
    mode: str | None,
    starts: int | None,
    as_json: bool,
    plot: Path | None,
    parameters: bool,
    changes: tuple[str, ...],
    ends: tuple[str, str] | None,
    prove: bool,
    locked: bool,
) -> None:
    """Find every resting state of the membrane in FILE; without FILE, of the bundled neuron.

    With clamped ions concentrations are held, and V rests. With steady ions concentrations, and
    volume if it is free, rest by themselves too; what is free is said in FILE's [steady].

    The exit code is 0 if resting states were found, 1 if not (with both, if either were not), 2 if
    something is wrong with what was given.
    """
    pairs = dict(_pair(change) for change in changes)
    with _told(), _locked(file) if locked else contextlib.nullcontext():
        with _plugin_output_to_stderr():
            from .. import report
            from ..report._plot import check_picture

            if plot is not None:
                check_picture(plot)
            found = _found(_membrane(file, pairs, ends), mode, starts, prove)
            if as_json:
                text = json.dumps(report.as_dict(found), indent=2, allow_nan=False)
            else:
                text = report.as_text(found, width(), parameters=parameters)
        # before drawing: a picture that fails must not cost the report
        _print(text)
        if plot is not None:
            with _plugin_output_to_stderr():
                report.iv(found, plot)
            if not as_json:
                _print(f"Drawn in {plot}.")
    both = [found] if found.clamped is None else [found, found.clamped]
    if any(each.equilibria.status != "found" for each in both):
        context.exit(1)


@contextlib.contextmanager
def _locked(file: Path | None) -> Iterator[None]:
    """Refuse what is not as FILE's lock says, before anything of a plugin is imported."""
    from ..host._host import only
    from ..lock import notes, require

    if file is None:
        raise click.UsageError("--locked needs FILE: the bundled neuron has no lock")
    lock = require(file)
    for note in notes(lock):
        warn(f"Note: {note}", hang=2)
    # what the lock does not hold cannot take part
    names = [item.name for item in lock.distributions] + [card.identity for card in lock.cards]
    with only(names):
        yield


def _found(membrane: Membrane, mode: str | None, starts: int | None, prove: bool) -> Breakdown:
    """Return what rests, taken apart."""
    from ..equilibria._rest import rest, steady
    from ..report import breakdown

    chosen = mode or ("clamped" if membrane.compartments is None else "both")
    if chosen == "clamped":
        if starts is not None:
            raise click.UsageError("--starts is for steady ions, and ions are clamped here")
        return breakdown(rest(membrane, prove=prove))
    found = steady(membrane) if starts is None else steady(membrane, starts=starts)
    return breakdown(found, clamped=rest(membrane, prove=prove) if chosen == "both" else None)


def _membrane(file: Path | None, changes: dict[str, str], ends: Sequence[str] | None) -> Membrane:
    from ..membranes._file import bundled, load

    membrane = load(bundled() if file is None else file)
    wanted: dict[str, Any] = dict(changes)
    if ends:
        wanted["range"] = tuple(ends)
    return membrane.evolve(wanted) if wanted else membrane


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise click.UsageError(f"--set takes NAME=VALUE such as outside.K='8 mM', got {text!r}")
    return name.strip(), value.strip()


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn errors and warnings into a paragraph each on standard error, without traceback."""
    from .._errors import PumpleakError

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        warn(f"Warning: {message}", hang=2)

    try:
        with warnings.catch_warnings():
            warnings.showwarning = show
            yield
    except PumpleakError as error:
        raise Refused(str(error)) from error
    except BrokenPipeError:
        raise  # a reader that stopped reading is for click to handle
    except OSError as error:
        what = error.strerror or str(error)
        raise Refused(f"{error.filename}: {what}" if error.filename else what) from error


def _print(text: str) -> None:
    click.echo(showable(text))
