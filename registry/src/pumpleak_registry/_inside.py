"""Runs inside the clean environment: loads one plugin or card, runs the kit, and writes what came.

This file is run as a script. Of the registry it may import nothing: the plugin does not see it.
Usage: ``_inside.py RESULT plugin NAME...`` or ``_inside.py RESULT card FILE``.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
import traceback
from pathlib import Path
from typing import Any

_POINTS = 121
_LARGEST_FILE = 100_000_000
_REFERENCE = "reference points reproduced"


class _FailedError(Exception):
    """The plugin or card cannot be loaded, in words."""


def _plugin(names: list[str]) -> tuple[list[dict[str, Any]], list[Any]]:
    from pumpleak._errors import PluginError
    from pumpleak.conformance import run_checks, subjects
    from pumpleak.host import default_host
    from pumpleak.parts._mechanism import NONSPECIFIC

    host = default_host()
    try:
        host.load()
    except PluginError as error:
        raise _FailedError(str(error)) from error
    bad = [s.reason for s in host.plugins() if s.name in names and s.state != "loaded"]
    if bad:
        raise _FailedError(" ".join(bad))
    try:
        found = [subject for name in names for subject in subjects(name, host)]
    except PluginError as error:
        raise _FailedError(str(error)) from error
    objects = []
    for subject in found:
        record: Any = subject.record
        kind = "species" if subject.kind == "ion" else subject.kind
        objects.append(
            {
                "id": subject.name,
                "kind": getattr(record, "kind", kind),
                "summary": record.summary,
                "ions": [ion for ion in getattr(record, "ions", ()) if ion != NONSPECIFIC],
                **_told(subject),
            }
        )
    return objects, [run_checks(name).to_dict() for name in names]


def _card(files: list[str]) -> tuple[list[dict[str, Any]], list[Any]]:
    from pumpleak._errors import PumpleakError
    from pumpleak.cards import load_card
    from pumpleak.conformance import run_checks, subjects
    from pumpleak.parts._mechanism import NONSPECIFIC

    try:
        card = load_card(Path(files[0]))
        [subject] = subjects(card)
    except PumpleakError as error:
        raise _FailedError(str(error)) from error
    item = {
        "id": card.id,
        "kind": card.kind,
        "summary": card.summary,
        "ions": [ion for ion in subject.thing.carried() if ion != NONSPECIFIC],
        **_told(subject),
        "doc": card.description,
        "biology": dict(card.biology),
    }
    return [item], [run_checks(card).to_dict()]


def _told(subject: Any) -> dict[str, Any]:
    """Return what a sheet shows of an object; what cannot be had is left out."""
    text = inspect.getdoc(subject.thing) or ""
    body, _, references = text.partition("References:\n")
    told: dict[str, Any] = {
        "doc": body.partition("Args:\n")[0].strip(),
        "references": [part.strip() for part in re.split(r"[;\n]", references) if part.strip()],
        "biology": {},
        "parameters": [],
    }
    if subject.kind in {"channel", "transporter"} and not subject.trouble:
        thing = subject.thing() if isinstance(subject.thing, type) else subject.thing
        told["parameters"] = [
            {
                "name": info.path,
                "value": str(info.value),
                "source": info.source,
                "basis": info.basis,
                "doc": info.doc,
            }
            for info in thing.parameters()
        ]
        curve = _curve(subject)
        if curve:
            told["curve"] = curve
        told.update(_cited(subject))
    return told


def _cited(subject: Any) -> dict[str, Any]:
    """Return the works behind a mechanism, as text and as BibTeX; none where it cannot be had."""
    import attrs

    from pumpleak.cite import citations

    try:
        # of a bench, which names no solver that would be cited too
        whole, label = citations(subject.bench), subject.bench.label
    except Exception:
        return {}
    own = [
        entry
        for entry in whole.entries
        if any(user == label or user.startswith(f"{label}.") for user in entry.used_by)
    ]
    text = attrs.evolve(whole, entries=tuple(own), assumed=(), given=()).bibtex()
    bibtex = text.partition("\n\n")[2]  # without the summary, which is of a whole membrane
    return {"references": [str(entry) for entry in own], "bibtex": bibtex} if own else {}


def _curve(subject: Any) -> dict[str, Any] | None:
    """Return the I-V curve in the kit's membrane, by ion; None where there is none."""
    import numpy as np

    from pumpleak._errors import PumpleakError
    from pumpleak.conformance import NotApplicableError

    try:
        voltages, currents = subject.curve(_POINTS)
    except (NotApplicableError, PumpleakError, ArithmeticError, ValueError):
        return None
    curves = {ion: np.asarray(values, float).tolist() for ion, values in currents.items()}
    if not all(np.isfinite(values).all() for values in curves.values()):
        return None
    density = next(
        (i.value for i in subject.bench.mechanism.parameters() if i.path == "density"), ""
    )
    return {"V_mV": voltages.tolist(), "currents_pA": curves, "density": str(density)}


def _reference_codes() -> list[str]:
    from pumpleak.conformance import CHECKS

    return [check.code for check in CHECKS.values() if check.name == _REFERENCE]


def _limit() -> None:
    """Keep what the plugin writes within bounds; where the system cannot, it is not kept."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(result: str, what: str, *names: str) -> None:
    """Look at what is named and write what came of it, whatever that is."""
    _limit()
    found: dict[str, Any]
    try:
        objects, checks = {"plugin": _plugin, "card": _card}[what](list(names))
        found = {"objects": objects, "checks": checks, "reference": _reference_codes()}
    except _FailedError as error:
        found = {"failed": str(error)}
    except BaseException as error:
        lines = traceback.format_exception(error)
        found = {"failed": f"{type(error).__name__}: {error}", "traceback": "".join(lines)[-4000:]}
    Path(result).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
