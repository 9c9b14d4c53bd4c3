"""One lab writes a channel; another trusts it, installs it and gets the same number.

Everything is done by the commands that people type, in clean environments, over HTTP on loopback.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import clean_env
import pytest
from clean_env import CleanEnvironment
from serving import Server, serving

MEMBRANE = """
[membrane]
name = "soma with a leak of lab A"
temperature = "37 degC"
area = "1000 um^2"

[inside]
solution = "ions.mammalian-cytosol"

[outside]
solution = "ions.csf"

[[mechanism]]
use = "leaky.Leaky"
density = "0.9 / um^2"

[[mechanism]]
use = "channel"
name = "sodium-leak"
density = "3e-9 cm/s"
permeation = { kind = "ghk", Na = 1, source = "assumed" }
"""


def rested(environment: CleanEnvironment, *options: str) -> dict[str, Any]:
    """Return the rest as JSON, which has digits enough to tell any two floats apart."""
    document: dict[str, Any] = json.loads(environment.good("rest", "soma.toml", "--json", *options))
    assert document["status"] == "found"
    return document


def build(source: Path, folder: Path) -> Path:
    (wheel,) = clean_env.build([source], folder)
    return wheel


@pytest.fixture
def lab_a(tmp_path: Path, our_wheels: list[Path]) -> CleanEnvironment:
    made = clean_env.make(tmp_path / "lab-a", our_wheels)
    (made.home / "soma.toml").write_text(MEMBRANE)
    return made


@pytest.fixture
def lab_b(tmp_path: Path, our_wheels: list[Path]) -> CleanEnvironment:
    made = clean_env.make(tmp_path / "lab-b", our_wheels)
    (made.home / "soma.toml").write_text(MEMBRANE)
    return made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Serves lab A's registry, once that is made."""
    with serving(tmp_path / "lab-a" / "home" / "registry") as made:
        yield made


def open_registry(lab_a: CleanEnvironment) -> list[str]:
    """Make lab A's registry; return the options that every keeper's command takes."""
    options = ["--registry", "registry", "--keys", "keys"]
    lab_a.good("registry", "init", *options)
    lab_a.good("registry", "add-lab", "lab-a", *options)
    return options


def test_a_channel_from_the_template_to_another_lab(
    lab_a: CleanEnvironment,
    lab_b: CleanEnvironment,
    server: Server,
    tmp_path: Path,
    our_wheels: list[Path],
) -> None:
    """Made, checked, admitted, published; searched, fetched, locked: the same to the last bit."""
    # lab A
    lab_a.good("new", "channel", "leaky", "--lab", "lab-a")
    wheel = build(lab_a.home / "pumpleak-leaky", lab_a.home / "dist")
    clean_env.install(lab_a, [wheel])
    checked = lab_a.good("check", "leaky")
    number = rested(lab_a)
    options = open_registry(lab_a)
    lab_a.good("registry", "admit", wheel, "--lab", "lab-a", *options)
    published = lab_a.good("registry", "publish", wheel, "--lab", "lab-a", *options)
    root = tmp_path / "handed-over.root.json"
    root.write_bytes((lab_a.home / "registry" / "root" / "1.root.json").read_bytes())

    # lab B
    there = {"PUMPLEAK_REGISTRY": server.address}
    missing = lab_b.refused("rest", "soma.toml")
    found = lab_b.good("search", "leaky", "--root", root, variables=there)
    told = lab_b.good("info", "leaky", variables=there)
    got = lab_b.good("get", "leaky", variables=there)
    same = rested(lab_b)
    lab_b.good("lock", "soma.toml", variables=there)
    locked = rested(lab_b, "--locked")
    verified = lab_b.good("verify", "soma.toml")

    assert "failed" not in checked.lower() or " 0 failed" in checked.lower()
    assert "Signed with: " in published
    assert "'leaky' is not installed" in missing
    assert "pumpleak-leaky" in found
    assert "lab-a" in found
    assert "supplies leaky.Leaky" in told
    assert "+ pumpleak-leaky 0.1.0 (of lab-a)" in got
    assert number["equilibria"] == same["equilibria"] == locked["equilibria"]
    assert len(number["equilibria"]) > 0
    assert "pumpleak-leaky 0.1.0: as locked" in verified

    # one file altered, in lab B's site-packages
    physics = next(lab_b.prefix.rglob("pumpleak_leaky/leaky.py"))
    physics.write_text(physics.read_text().replace('"-40 mV"', '"-41 mV"', 1))
    refused = lab_b.refused("rest", "soma.toml", "--locked")
    assert "pumpleak-leaky 0.1.0: pumpleak_leaky/leaky.py was altered" in refused
    assert "pumpleak-ions" not in refused
    lab_b.good("sync", "soma.toml", variables=there)
    assert number["equilibria"] == rested(lab_b, "--locked")["equilibria"]

    # a third lab has the membrane file and the lock, and nothing else
    lab_c = clean_env.make(tmp_path / "lab-c", our_wheels)
    for name in ("soma.toml", "pylock.soma.toml"):
        (lab_c.home / name).write_text((lab_b.home / name).read_text())
    without = lab_c.refused("rest", "soma.toml", "--locked")
    lab_c.good("sync", "soma.toml", "--root", root)
    assert "pumpleak-leaky 0.1.0 is not installed; 'pumpleak sync' installs it" in without
    assert number["equilibria"] == rested(lab_c, "--locked")["equilibria"]

    # the lock is a pylock.toml that installers read
    uv = subprocess.run(
        [
            clean_env.find_uv_bin(),
            "pip",
            "install",
            "--dry-run",
            "--no-config",
            "--no-index",
            "--python",
            str(lab_c.python),
            "-r",
            "pylock.soma.toml",
        ],
        cwd=lab_c.home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert uv.returncode == 0, uv.stderr
