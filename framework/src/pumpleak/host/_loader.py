"""Stage 2: import one plugin's thin module, check it, and take its records.

Everything is checked on the side. A plugin that fails leaves nothing behind in the host.
"""

from __future__ import annotations

import importlib
import inspect
import textwrap
import traceback
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

import attrs

from .._errors import near
from .._place import place
from ._records import Record
from ._specs import EVENT_HOOKS, HOOK_ARGUMENTS, PROJECT, RECORD_TYPES, REGISTER_HOOKS, new_manager
from ._state import PluginState


class RefusedError(Exception):
    """A plugin that breaks a rule; the message says which, and what to do."""


@attrs.frozen(kw_only=True)
class Loaded:
    """A plugin that passed: its module, and its records by kind."""

    module: ModuleType
    records: Mapping[str, tuple[Record, ...]]


def load(plugin: PluginState) -> tuple[PluginState, Loaded | None]:
    """Import a found plugin and take its records; whatever it raises ends here.

    Args:
        plugin: a plugin in state ``found``.

    Returns:
        Its new state, and what it supplies if it is ``loaded``.

    Raises:
        KeyboardInterrupt: the user's, passed on.
    """
    step = f"its module {plugin.module!r} could not be imported"
    try:
        module = importlib.import_module(plugin.module)
        step = "its hooks could not be checked"
        _check_hooks(module)
        step = "its records could not be taken"
        records = _take_records(plugin, module)
    except KeyboardInterrupt:
        raise
    except RefusedError as error:
        return _failed(plugin, str(error), error.__cause__), None
    except BaseException as error:  # a plugin that calls sys.exit() is only a broken plugin
        return _failed(plugin, f"{step}: {_located(error, plugin.module)}", error), None
    count = sum(map(len, records.values()))
    reason = f"{plugin.title} is loaded and supplies {count} record{'s' * (count != 1)}."
    return attrs.evolve(plugin, state="loaded", reason=reason), Loaded(
        module=module, records=records
    )


def describe(error: BaseException) -> str:
    """Return an exception as one line, even if its own message fails."""
    try:
        message = " ".join(str(error).split())
    except Exception:
        message = "(its message cannot be read)"
    name = type(error).__name__
    return f"{name}: {message}" if message else name


def _located(error: BaseException, module: str) -> str:
    """Return an exception as one line, with the line of the plugin's own files that led to it."""
    where = place(error, [module.partition(".")[0]])
    return f"{describe(error)} ({where})" if where else describe(error)


def _failed(plugin: PluginState, what: str, error: BaseException | None) -> PluginState:
    text = None if error is None else "".join(traceback.format_exception(error))
    reason = (
        f"{plugin.title}: {what.rstrip('.')}. Nothing of it is used. Mend it, ask its author to, "
        f"or switch it off (PUMPLEAK_DENY={plugin.name})."
    )
    return attrs.evolve(plugin, state="failed", reason=reason, traceback=text)


def _check_hooks(module: ModuleType) -> None:
    """Refuse a module with a function that looks like a hook and would never be called."""
    problems = list(_hook_problems(module))
    if problems:
        raise RefusedError("; ".join(problems))


def _hook_problems(module: ModuleType) -> Iterator[str]:
    implemented = 0
    for name, value in sorted(vars(module).items()):
        options = getattr(value, f"{PROJECT}_impl", None)
        if not isinstance(options, dict):
            # the plugin's own package may stand here under its name: pumpleak_k2p
            if name.startswith(f"{PROJECT}_") and not isinstance(value, ModuleType):
                yield _unmarked(name)
            continue
        implemented += 1
        hook = options.get("specname") or name
        if hook not in HOOK_ARGUMENTS:
            yield f"{name!r} is no hook{near(hook, HOOK_ARGUMENTS)}"
        elif options.get("wrapper") or options.get("hookwrapper"):
            yield f"{name!r} is a wrapper, and a plugin may not change what others say"
        else:
            yield from _signature_problems(name, value, HOOK_ARGUMENTS[hook])
    if not implemented:
        yield (
            f"the module {module.__name__!r} implements no hook; mark functions with "
            f"@{PROJECT}.hookimpl"
        )


def _unmarked(name: str) -> str:
    if name in HOOK_ARGUMENTS:
        return f"{name!r} is not marked; put @{PROJECT}.hookimpl above it"
    return (
        f"{name!r} is no hook{near(name, HOOK_ARGUMENTS)}; names that begin with '{PROJECT}_' are "
        "kept for hooks, so call it otherwise if it is none"
    )


def _signature_problems(name: str, function: Any, allowed: tuple[str, ...]) -> Iterator[str]:
    if not inspect.isfunction(function):
        yield f"{name!r} must be a plain function (got {type(function).__name__})"
        return
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        yield f"{name!r} must not be async; nobody awaits it"
    told = ", ".join(allowed) or "no arguments"
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
            yield f"{name!r} may not take {str(parameter)!r}; write plain arguments ({told})"
        elif parameter.name not in allowed:
            yield (
                f"{name!r} takes {parameter.name!r}, which the hook does not give"
                f"{near(parameter.name, allowed)}; it gives {told}"
            )


def _take_records(plugin: PluginState, module: ModuleType) -> dict[str, tuple[Record, ...]]:
    """Ask one plugin, alone in a manager of its own, for its records."""
    manager = new_manager()
    manager.register(module, plugin.name)
    manager.check_pending()
    taken: dict[str, tuple[Record, ...]] = {}
    owners: dict[str, str] = {}
    for hook, kind in REGISTER_HOOKS.items():
        caller = getattr(manager.hook, hook)
        try:
            answers: list[object] = caller()
            # pluggy drops a None, which is a forgotten return
            if len(answers) < len(caller.get_hookimpls()):
                raise RefusedError(
                    f"{hook}() returned None; return a list of records, or yield them"
                )
            taken[kind] = tuple(
                record for answer in answers for record in _checked(hook, kind, answer)
            )
        except (KeyboardInterrupt, RefusedError):
            raise
        except BaseException as error:
            raise RefusedError(f"{hook}() raised {_located(error, module.__name__)}") from error
        for record in taken[kind]:
            if record.name in owners:
                raise RefusedError(
                    f"{plugin.name}.{record.name} is given twice, by {owners[record.name]}() and "
                    f"{hook}(); an id stands for one thing, so rename one"
                )
            owners[record.name] = hook
    return taken


def _checked(hook: str, kind: str, answer: object) -> Iterator[Record]:
    expected = RECORD_TYPES[kind]
    fix = f"return a list of {expected.__name__}"
    if not isinstance(answer, Iterable) or isinstance(answer, str | bytes | Mapping):
        raise RefusedError(
            f"{hook}() must return records one after another (got a {type(answer).__name__}); {fix}"
        )
    for record in answer:
        if not isinstance(record, expected):
            got = textwrap.shorten(repr(record), 80, placeholder=" ...")
            raise RefusedError(f"{hook}() must give only {expected.__name__} (got {got}); {fix}")
        yield record


def observers(module: ModuleType) -> frozenset[str]:
    """Return the event hooks that a module implements."""
    names = {
        options.get("specname") or name
        for name, value in vars(module).items()
        if isinstance(options := getattr(value, f"{PROJECT}_impl", None), dict)
    }
    return frozenset(names & set(EVENT_HOOKS))
