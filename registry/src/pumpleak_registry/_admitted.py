"""Reports between `admit` and `publish`: kept in the registry, signed by ``catalogue``.

They stand in ``.admitted/<sha256 of the file>.json``: a report belongs to one file and no other.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import CryptoSigner, Key, Signature

from . import layout
from ._errors import RecordError, RegistryError
from ._files import Change
from .artifact import Artifact
from .report import Report

_DIR = ".admitted"


def keep(change: Change, report: Report, figures: dict[str, bytes], signer: CryptoSigner) -> None:
    """Put a report and its figures into a change, signed."""
    data = layout.to_json(report)
    signed = {"report": data.decode(), "signature": signer.sign(data).to_dict()}
    change.put(f"{_DIR}/{report.sha256}.json", json.dumps(signed).encode())
    for figure in report.figures:
        change.put(f"{_DIR}/{figure.sha256}.svg", figures[figure.name])


def take(
    folder: Path, artifact: Artifact, lab: str, keys: list[Key]
) -> tuple[Report, bytes, dict[str, bytes]]:
    """Return the report of a file as it was signed, with its figures.

    Raises:
        RegistryError: the file was not admitted for this lab, or the report is not as signed.
    """
    fix = f"admit it first: 'pumpleak registry admit {artifact.path} --lab {lab}'"
    try:
        signed = json.loads((folder / _DIR / f"{artifact.sha256}.json").read_bytes())
        data = str(signed["report"]).encode()
        signature = Signature.from_dict(signed["signature"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise RegistryError(
            "R305", f"{artifact.file} was not admitted, as it is now", fix
        ) from None
    if not any(_signed(data, signature, key) for key in keys):
        raise RegistryError(
            "R305", f"the report on {artifact.file} is not signed by the catalogue's key", fix
        )
    try:
        report = layout.from_json(Report, data)
    except RecordError as error:
        raise RegistryError("R305", f"the report on {artifact.file}: {error.cause}", fix) from None
    if (report.sha256, report.file, report.lab) != (artifact.sha256, artifact.file, lab):
        raise RegistryError(
            "R305",
            f"{artifact.file} was admitted as {report.file} for {report.lab}, not for {lab}",
            fix,
        )
    figures = {}
    for figure in report.figures:
        path = folder / _DIR / f"{figure.sha256}.svg"
        content = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(content).hexdigest() != figure.sha256:
            raise RegistryError("R305", f"figure {figure.name} is not as it was drawn", fix)
        figures[figure.name] = content
    return report, data, figures


def forget(folder: Path, report: Report) -> None:
    """Remove a report that was published."""
    (folder / _DIR / f"{report.sha256}.json").unlink(missing_ok=True)
    for figure in report.figures:
        (folder / _DIR / f"{figure.sha256}.svg").unlink(missing_ok=True)


def _signed(data: bytes, signature: Signature, key: Key) -> bool:
    if key.keyid != signature.keyid:
        return False
    try:
        key.verify_signature(signature, data)
    except UnverifiedSignatureError:
        return False
    return True
