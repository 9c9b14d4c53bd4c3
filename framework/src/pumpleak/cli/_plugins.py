"""``pumpleak plugins``: which plugins there are, what they supply, and what is wrong with them.

``list`` and ``doctor`` read metadata only; ``doctor --load`` and ``show`` import plugins, each in
isolation.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import click

from .._tables import Column, Table, drawn
from .._words import counted
from ._terminal import Refused, showable, tell, width

if TYPE_CHECKING:
    from ..host import CardState, Host, LoadedRecord, PluginState

_EMPTY = (
    "No plugins are installed. A plugin is an installed distribution with an entry point in the "
    "group 'pumpleak.plugins'; most are named pumpleak-..., and 'pip install' adds them."
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def plugins() -> None:
    """Look at the installed plugins."""


@plugins.command("list")
@_json_option
@click.pass_context
def list_plugins(context: click.Context, as_json: bool) -> None:
    """List the installed plugins without importing them."""
    host = _host(context)
    states, cards = host.plugins(), host.cards(".")
    if as_json:
        data = [_state_data(state) for state in states]
        _print_json({"host": host.version, "plugins": data, "cards": list(map(_card_data, cards))})
        return
    if not states:
        tell(_EMPTY)
    else:
        _print_plugins(states)
    if cards:
        _print_cards(cards)


def _print_plugins(states: Sequence[PluginState]) -> None:
    _print_table(
        ("plugin", "distribution", "version", "state", "needs"),
        [(s.name, s.distribution, s.version, s.state, s.requires or "no bound") for s in states],
    )
    for state in states:
        if not state.good:
            tell(f"[{state.state}] {state.reason}")


def _print_cards(cards: Sequence[CardState]) -> None:
    rows = [(c.name, c.version, c.state, f"{c.origin}: {c.path}") for c in cards]
    _print_table(("card", "version", "state", "origin"), rows)
    for state in cards:
        if not state.good:
            tell(f"[{state.state}] {state.reason}")


@plugins.command()
@click.argument("name")
@_json_option
@click.pass_context
def show(context: click.Context, name: str, as_json: bool) -> None:
    """Show a plugin's records (k2p), or one of them, or a card, with its parameters (k2p.TREK1)."""
    with _user_errors():
        card = next((c for c in _host(context).cards(".") if c.name == name), None)
        if card is not None:
            _show_card(card, as_json)
        elif "." in name:
            _show_record(_host(context), name, as_json)
        else:
            _show_plugin(_host(context), name, as_json)


@plugins.command()
@click.option("--load", is_flag=True, help="Import every plugin, and all it points at.")
@click.option("--traceback", is_flag=True, help="Print where a plugin raised (with --load).")
@_json_option
@click.pass_context
def doctor(context: click.Context, load: bool, traceback: bool, as_json: bool) -> None:
    """Say what is wrong with the plugins, and how to mend it; exit code 1 if anything is."""
    host = _host(context)
    problems: list[str] = []
    states = host.plugins()
    if load:
        with _plugin_output_to_stderr():
            states = _load(host)
            problems += _broken_factories(host)
    problems = [f"[{state.state}] {state.reason}" for state in states if not state.good] + problems
    cards = host.cards(".")
    problems += [f"[{state.state}] {state.reason}" for state in cards if not state.good]
    if load:
        problems += _broken_cards(cards)
    notes = [f"{s.label}: {text}" for s in states if s.state != "disabled" for text in s.warnings]
    notes += host.notes()
    if as_json:
        data = {
            "host": host.version,
            "ok": not problems,
            "loaded": load,
            "problems": problems,
            "warnings": notes,
            "plugins": [_state_data(state) for state in states],
            "cards": [_card_data(state) for state in cards],
        }
        _print_json(data)
    else:
        for state in states:
            if traceback and state.traceback:
                click.echo(showable(state.traceback))
        _print_diagnosis(host.version, states, problems, notes, load)
    if problems:
        context.exit(1)


def _host(context: click.Context) -> Host:
    from ..host import Host, default_host

    return context.find_object(Host) or default_host()


@contextlib.contextmanager
def _user_errors() -> Iterator[None]:
    """Turn a plugin's or a name's error into a message without traceback."""
    from .._errors import PluginError

    try:
        yield
    except PluginError as error:
        raise Refused(str(error)) from error


def _plugin_output_to_stderr() -> contextlib.redirect_stdout[Any]:
    """Keep what plugins print while they are imported out of our own output."""
    return contextlib.redirect_stdout(sys.stderr)


def _load(host: Host) -> tuple[PluginState, ...]:
    from .._errors import PluginError

    # a strict host raises after it has tried them all; the states say the same and more
    with contextlib.suppress(PluginError):
        host.load()
    return host.plugins()


def _broken_factories(host: Host) -> list[str]:
    from .._errors import PluginError
    from ..host import KINDS

    problems = []
    for kind in KINDS:
        with contextlib.suppress(PluginError):
            for id in host.records(kind):
                try:
                    host.make(kind, id)
                except PluginError as error:
                    problems.append(f"[factory] {error}")
    return problems


def _broken_cards(cards: Sequence[CardState]) -> list[str]:
    from .._errors import PumpleakError
    from ..cards import load_card

    problems = []
    for state in cards:
        if state.state == "found":
            try:
                _ = load_card(state.path).mechanism_class
            except PumpleakError as error:
                problems.append(f"[card] {error}")
    return problems


def _print_diagnosis(
    version: str,
    states: Sequence[PluginState],
    problems: Sequence[str],
    notes: Sequence[str],
    loaded: bool,
) -> None:
    for problem in problems:
        tell(f"PROBLEM {problem}")
    for note in notes:
        tell(f"WARNING {note}")
    if not states:
        tell(_EMPTY)
        return
    how = (
        "imported with all they point at"
        if loaded
        else "by their metadata; nothing was imported, --load does"
    )
    tell(
        f"pumpleak {version}: {counted(len(states), 'plugin')} checked ({how}); "
        f"{counted(len(problems), 'problem')}, {counted(len(notes), 'warning')}."
    )


def _show_plugin(host: Host, name: str, as_json: bool) -> None:
    from .._errors import UnknownNameError, near
    from ..host import KINDS

    known = [state.name for state in host.plugins()]
    if name not in known:
        raise UnknownNameError(
            f"plugin {name!r} is not installed{near(name, known)}; 'pumpleak plugins list' lists "
            "those that are"
        )
    with _plugin_output_to_stderr():
        states = [state for state in _load(host) if state.name == name]
    state = next((state for state in states if state.state == "loaded"), states[0])
    if state.state != "loaded":
        raise Refused(f"[{state.state}] {state.reason}")
    records = [
        found
        for kind in KINDS
        for found in host.records(kind).values()
        if found.plugin.name == name
    ]
    if as_json:
        _print_json({**_state_data(state), "records": [_record_data(item) for item in records]})
        return
    tell(f"{state.name}: {state.distribution} {state.version}, needs {state.requires or 'any'}")
    rows = [(item.id, item.kind, item.record.summary) for item in records]
    _print_table(("id", "kind", "summary"), rows)


def _show_card(card: CardState, as_json: bool) -> None:
    from pathlib import Path

    from .._errors import PluginError
    from ._card import show_card

    if not card.good:
        raise PluginError(card.reason)
    show_card(Path(card.path), as_json)


def _show_record(host: Host, id: str, as_json: bool) -> None:
    with _plugin_output_to_stderr():
        found = host.locate(id)
        rows = _parameters(found, host.make(found.kind, id))
    data = _record_data(found)
    if as_json:
        _print_json({**data, "parameters": rows})
        return
    _print_table(("field", "value"), [(key, _text(value)) for key, value in data.items()])
    if rows:
        columns = ("parameter", "value", "unit", "source", "basis", "bounds")
        _print_table(columns, [_parameter_row(row) for row in rows], ("value",))


def _parameters(found: LoadedRecord, made: object) -> list[dict[str, Any]] | None:
    """Return the rows of the object's ``parameter_table()``; None if it has none."""
    table = getattr(made, "parameter_table", None)
    if table is None:
        return None
    try:
        return [dict(row) for row in table()]
    except Exception as error:
        _refuse(found, f"its parameter_table() failed: {type(error).__name__}: {error}", error)


def _refuse(found: LoadedRecord, what: str, error: Exception) -> NoReturn:
    advice = f"update {found.plugin.distribution}, or tell its author"
    raise Refused(f"{found.id} of {found.plugin.label}: {what}; {advice}") from error


def _parameter_row(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        _text(row.get("name")),
        _text(row.get("value")),
        _text(row.get("unit")),
        _text(row.get("source")),
        _text(row.get("basis") or ("measured" if row.get("measured") else "assumed")),
        _bounds_text(row.get("bounds")),
    )


def _bounds_text(bounds: object) -> str:
    if not isinstance(bounds, list | tuple) or len(bounds) != 2:
        return _text(bounds)
    low, high = bounds
    if low is None:
        return "" if high is None else f"at most {_text(high)}"
    return f"at least {_text(low)}" if high is None else f"{_text(low)} to {_text(high)}"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    return str(value)


def _state_data(state: PluginState) -> dict[str, Any]:
    import attrs

    return attrs.asdict(state)


def _card_data(state: CardState) -> dict[str, Any]:
    import attrs

    return attrs.asdict(state)


def _record_data(found: LoadedRecord) -> dict[str, Any]:
    import attrs

    fields = attrs.asdict(found.record)
    del fields["name"]
    plugin = {
        "plugin": found.plugin.name,
        "distribution": found.plugin.distribution,
        "version": found.plugin.version,
    }
    return {"id": found.id, "type": found.kind, **fields, **plugin}


def _print_json(data: object) -> None:
    click.echo(json.dumps(data, indent=2, default=str))


def _print_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Container[str] = ()
) -> None:
    """Print a table, with an empty line below.

    Args:
        columns: headings.
        rows: cells.
        numbers: headings of the columns that hold numbers.
    """
    headed = tuple(Column(heading=name, numeric=name in numbers) for name in columns)
    cells = tuple(tuple(map(showable, row)) for row in rows)
    for line in drawn(Table(columns=headed, rows=cells), width()):
        click.echo(showable(line))
    click.echo()
