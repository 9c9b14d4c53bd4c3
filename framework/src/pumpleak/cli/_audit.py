"""``pumpleak audit``: is every flux paid for, and where does the power of ATP go?"""

from __future__ import annotations

import json
from pathlib import Path

import click

from ._plugins import _plugin_output_to_stderr
from ._rest import _membrane, _pair, _print, _told
from ._terminal import width


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--mode",
    type=click.Choice(["clamped", "steady"]),
    help="Hold concentrations, or let them rest too; by default steady where FILE has [steady].",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="Draw power and fluxes too (Sankey); the suffix (png, svg, pdf) says how.",
)
@click.option(
    "--state",
    "number",
    type=click.IntRange(min=1),
    metavar="N",
    help="Only the Nth state in order of voltage; --plot draws it, or else the first stable one.",
)
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="NAME=VALUE",
    help="Change a value, such as outside.K='8 mM'; repeatable.",
)
@click.pass_context
def audit(
    context: click.Context,
    file: Path | None,
    mode: str | None,
    as_json: bool,
    plot: Path | None,
    number: int | None,
    changes: tuple[str, ...],
) -> None:
    """Audit the free energy of every state of the membrane in FILE, or of the bundled neuron.

    For each transporter and channel its cycle's free energy, what it dissipates, and whether flux
    and affinity agree in sign; for the cell, power given by ATP against power dissipated.

    The exit code is 0 if all is sound, 1 if there is no state or a rate law runs uphill for free,
    2 if something is wrong with what was given.
    """
    pairs = dict(_pair(change) for change in changes)
    with _told():
        with _plugin_output_to_stderr():
            from ..budgets._audit import audit as audited
            from ..equilibria._rest import rest, steady

            membrane = _membrane(file, pairs, None)
            chosen = mode or ("clamped" if membrane.compartments is None else "steady")
            found = rest(membrane) if chosen == "clamped" else steady(membrane)
            if number is not None and number > len(found):
                raise click.UsageError(f"--state {number}: there are {len(found)} states")
            states = list(found) if number is None else [found[number - 1]]
            audits = [audited(state) for state in states]
            if as_json:
                document = {
                    "schema": "pumpleak.audits/1",
                    "status": found.status,
                    "message": found.message,
                    "audits": [item.to_dict() for item in audits],
                }
                text = json.dumps(document, indent=2, allow_nan=False)
            else:
                text = "\n\n".join(item.as_text(width()) for item in audits)
                text = text or f"{found.status}: {found.message}"
        # before drawing: a picture that fails must not cost the report
        _print(text)
        if plot is not None and audits:
            stable = [item for item, state in zip(audits, states, strict=True) if state.stable]
            drawn = (stable or audits)[0]
            with _plugin_output_to_stderr():
                drawn.sankey(plot)
            if not as_json:
                _print(f"Drawn in {plot}: the state at {drawn.V_mV:.2f} mV.")
    if not audits or any(item.problems for item in audits):
        context.exit(1)
