"""Runs inside the clean environment: loads one plugin or card, runs the kit, and writes what came.

This file is run as a script. Of the registry it may import nothing: the plugin does not see it.
Usage: ``_inside.py RESULT plugin NAME...`` or ``_inside.py RESULT card FILE``.
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path
from typing import Any

_VOLTAGES = [-120.0 + 2.0 * step for step in range(91)]  # mV, -120 to 60


def _plugin(names: list[str]) -> dict[str, Any]:
    from pumpleak._errors import PluginError
    from pumpleak.host import KINDS, default_host

    host = default_host()
    try:
        host.load()
    except PluginError as error:
        return {"failed": str(error)}
    bad = [
        state.reason for state in host.plugins() if state.name in names and state.state != "loaded"
    ]
    if bad:
        return {"failed": " ".join(bad)}
    objects = []
    for kind in KINDS:
        for identity, loaded in host.records(kind).items():
            if identity.partition(".")[0] in names:
                objects.append((kind, identity, loaded.record, host.make(kind, identity)))
    return {
        "objects": [
            _told(kind, identity, record, made) for kind, identity, record, made in objects
        ],
        "checks": [_checks(name) for name in names],
    }


def _told(kind: str, identity: str, record: Any, made: Any) -> dict[str, Any]:
    singular = {"mechanisms": getattr(record, "kind", ""), "species": "species"}
    return {
        "id": identity,
        "kind": singular.get(kind, kind.removesuffix("s")),
        "summary": record.summary,
        "ions": list(getattr(record, "ions", ())),
        "doc": _doc(made),
    }


def _doc(made: Any) -> str:
    import inspect

    return inspect.getdoc(made) or ""


def _checks(target: Any) -> Any:
    from pumpleak.conformance import run_checks

    return run_checks(target).to_dict()


def main(result: str, what: str, *names: str) -> None:
    """Look at what is named and write what came of it, whatever that is."""
    try:
        found = _plugin(list(names))
    except BaseException as error:
        lines = traceback.format_exception(error)
        found = {"failed": f"{type(error).__name__}: {error}", "traceback": "".join(lines)[-4000:]}
    Path(result).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
