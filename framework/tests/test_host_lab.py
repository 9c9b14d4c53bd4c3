"""A folder of really installed-looking plugins for the host's tests, and proof that it is one."""

from __future__ import annotations

import importlib
import os
import sys
import textwrap
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from pumpleak.host import Host

BOUND = "pumpleak>=0.1,<0.2"

GOOD = """
    from pumpleak.host import MechanismRecord, hookimpl

    @hookimpl
    def pumpleak_mechanisms():
        return [
            MechanismRecord(
                name="TREK1", factory="lab_physics:TREK1", summary="a leak", kind="channel",
                ions=("K", "Na"),
            )
        ]
"""

PHYSICS = """
    class TREK1:
        pass
"""


def species(*names: str, factory: str = "lab_physics:K") -> str:
    """Return the source of a plugin that registers species of these names."""
    records = ", ".join(
        f"SpeciesRecord(name={name!r}, factory={factory!r}, summary='an ion', valence=1)"
        for name in names
    )
    return (
        "from pumpleak.host import SpeciesRecord, hookimpl\n"
        "@hookimpl\n"
        f"def pumpleak_species():\n    return [{records}]\n"
    )


class Lab:
    """A directory on sys.path in which distributions are put down as an installer would."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def module(self, name: str, source: str) -> None:
        """Write an importable module."""
        (self.root / f"{name}.py").write_text(textwrap.dedent(source))
        importlib.invalidate_caches()

    def plugin(
        self,
        name: str,
        source: str = GOOD,
        *,
        distribution: str | None = None,
        version: str = "1.0",
        requires: Sequence[str] = (BOUND,),
        value: str | None = None,
        entry_points: str | None = None,
        root: Path | None = None,
    ) -> None:
        """Install a plugin: metadata, entry point, and a thin module ``lab_<name>``."""
        distribution = distribution or f"pumpleak-{name}"
        module = f"lab_{name}".replace("-", "_")
        if value is None:
            self.module(module, source)
            value = module
        info = (root or self.root) / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        needs = "".join(f"Requires-Dist: {text}\n" for text in requires)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n{needs}"
        )
        points = f"[pumpleak.plugins]\n{name} = {value}\n" if entry_points is None else entry_points
        (info / "entry_points.txt").write_text(points)
        importlib.invalidate_caches()

    def host(self, **options: Any) -> Host:
        """Return a host, version 0.1.0, that sees this directory only."""
        return Host(**{"path": [str(self.root)], "version": "0.1.0", **options})


def open_lab(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """Yield a lab on sys.path, and forget its modules afterwards."""
    monkeypatch.syspath_prepend(str(root))
    monkeypatch.delenv("PUMPLEAK_ALLOW", raising=False)
    monkeypatch.delenv("PUMPLEAK_DENY", raising=False)
    yield Lab(root)
    for name in [name for name in sys.modules if name.startswith("lab_")]:
        del sys.modules[name]


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    yield from open_lab(tmp_path, monkeypatch)


def test_lab_plugin_is_installed_for_python(lab: Lab) -> None:
    """What the lab puts down is a distribution in the eyes of importlib.metadata."""
    lab.plugin("k2p")
    (point,) = (
        point
        for point in metadata.entry_points(group="pumpleak.plugins")
        if point.value == "lab_k2p"
    )

    assert point.dist is not None
    assert ("pumpleak-k2p", "1.0") == (point.dist.name, point.dist.version)
    assert [BOUND] == point.dist.requires
    assert os.path.samefile(lab.root, sys.path[0])
