"""What a result came from: the membrane's text and numbers, and versions of all that took part."""

from __future__ import annotations

import hashlib
from importlib import metadata
from types import SimpleNamespace
from typing import Any

from .._errors import PumpleakError
from ..membranes._membrane import Membrane
from ._code import code_hashes

#: What stands before the id of a card, which no distribution brings.
_CARD = "card "
#: Libraries whose version can change the last digit of a result.
_LIBRARIES = ("numpy", "scipy", "sympy", "llvmlite")


def membrane_text(membrane: Membrane) -> str:
    """Return the text of the membrane's file; empty where a part has no name in files."""
    from ..membranes._file import dumps

    try:
        return dumps(membrane)
    except PumpleakError:
        return ""


def membrane_definition(membrane: Membrane) -> dict[str, Any]:
    """Return plain data that tells a membrane from any other: its text and every number."""
    text = membrane_text(membrane)
    values = {name: float(value).hex() for name, value in membrane.values.items()}
    parts = [
        f"{mechanism.label}: {type(mechanism).__module__}.{type(mechanism).__qualname__}"
        for mechanism in membrane.mechanisms
    ]
    return {
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "text": text,
        "values": values,
        "parts": parts,
        "dG_ATP": membrane.dG_ATP.value.hex(),
        "range": list(membrane.range),
    }


def versions(membrane: Membrane, mode: str) -> dict[str, str]:
    """Return version by distribution of everything that can change a result.

    Args:
        membrane: what is solved.
        mode: ``"clamped"`` or ``"steady"``.
    """
    record = _record(membrane, mode)
    named = {"pumpleak": record.pumpleak}
    named |= {plugin.distribution: plugin.version for plugin in record.plugins}
    named |= {
        f"{_CARD}{card.id}": f"{card.version} (sha256 {card.sha256})" for card in record.cards
    }
    return named | {library: installed_version(library) for library in _LIBRARIES}


def code(membrane: Membrane, mode: str) -> dict[str, str]:
    """Return the hash of the files of each package that supplied physics, by package.

    Args:
        membrane: what is solved.
        mode: ``"clamped"`` or ``"steady"``.
    """
    record = _record(membrane, mode)
    return code_hashes(membrane, [id for plugin in record.plugins for id in plugin.supplied])


def _record(membrane: Membrane, mode: str) -> Any:
    import sympy  # noqa: F401 - the record reads its version from the modules that are loaded

    from ..membranes._lookup import solver_named
    from ..report._record import provenance

    identity, _ = solver_named(membrane.solver if mode == "clamped" else None, mode)
    found: Any = SimpleNamespace(membrane=membrane, solver=identity)
    return provenance(found)


def comes_along(name: str) -> bool:
    """Whether something with a version travels with the membrane, and need not be installed."""
    return name.startswith(_CARD)


def installed_version(distribution: str) -> str:
    """Return the version of a distribution that is installed here, or that it is not."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"
