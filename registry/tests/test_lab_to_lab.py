"""One lab writes a channel; another trusts it, installs it and gets the same number.

The commands are read out of the guide, docs/guide/share-a-channel.md, and run as people type them,
in clean environments, over HTTP on loopback.
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
from pages import blocks
from serving import Server, serving
from test_docs import not_printed

GUIDE = clean_env.ROOT / "docs" / "guide" / "share-a-channel.md"
WRITTEN_ADDRESS = "https://lab-a.example/registry"


def rested(environment: CleanEnvironment, *options: str) -> list[dict[str, Any]]:
    """Return all states as JSON has them, with digits enough to tell any two floats apart."""
    document = json.loads(environment.good("rest", "soma.toml", "--json", *options))
    states: list[dict[str, Any]] = document["equilibria"]
    assert states
    return states


def follow(lab: str, environment: CleanEnvironment, address: str) -> None:
    """Run every command that the guide gives to a lab, and compare what it prints with the page."""
    variables: dict[str, str] = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    for block in blocks(GUIDE):
        if block.info != f"text {lab}":
            continue
        for part in block.text.split("$ ")[1:]:
            command, *shown = part.replace(WRITTEN_ADDRESS, address).splitlines()
            if command.startswith("export "):
                variables |= dict(word.split("=", 1) for word in command.split()[1:])
                continue
            done = subprocess.run(
                ["bash", "-c", command],
                env=environment.variables(variables),
                cwd=environment.home,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
            missing = not_printed(shown, done.stdout)
            assert missing is None, f"{command} did not print {missing!r}:\n{done.stdout}"


@pytest.fixture
def labs(tmp_path: Path, new_environment: CleanEnvironment) -> list[CleanEnvironment]:
    """Three labs, each with the membrane file of the guide."""
    names = ("lab-a", "lab-b", "lab-c")
    made = [clean_env.copied(new_environment, tmp_path / name) for name in names]
    (soma,) = [block.text for block in blocks(GUIDE) if block.title == "soma.toml"]
    for lab in made:
        (lab.home / "soma.toml").write_text(soma)
    return made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Serves lab A's registry, once that is made."""
    with serving(tmp_path / "lab-a" / "home" / "registry") as made:
        yield made


def test_a_channel_from_the_template_to_another_lab(
    labs: list[CleanEnvironment], server: Server
) -> None:
    """Made, checked, admitted, published; searched, fetched, locked: the same to the last bit."""
    lab_a, lab_b, lab_c = labs
    follow("lab-a", lab_a, server.address)
    number = rested(lab_a)
    for lab in (lab_b, lab_c):
        lab.refused("rest", "soma.toml")
        root = lab_a.home / "registry" / "root" / "1.root.json"
        (lab.home / "1.root.json").write_bytes(root.read_bytes())
    follow("lab-b", lab_b, server.address)

    assert number == rested(lab_b)

    # one file of the plugin is altered, in lab B's environment
    physics = lab_b.plugin_file("pumpleak_leaky/leaky.py")
    physics.write_text(physics.read_text().replace('"-40 mV"', '"-41 mV"', 1))
    told = lab_b.refused("rest", "soma.toml", "--locked")
    assert "pumpleak-leaky 0.1.0: pumpleak_leaky/leaky.py was altered" in told
    assert "pumpleak-ions" not in told
    lab_b.good("sync", "soma.toml")
    assert number == rested(lab_b, "--locked")

    # a third lab has the membrane file and the lock, and nothing else
    (lab_c.home / "pylock.soma.toml").write_text((lab_b.home / "pylock.soma.toml").read_text())
    told = lab_c.refused("rest", "soma.toml", "--locked")
    assert "pumpleak-leaky 0.1.0 is not installed; 'pumpleak sync' installs it" in told
    _installers_read_the_lock(lab_c)
    follow("lab-c", lab_c, server.address)
    assert number == rested(lab_c, "--locked")


@pytest.mark.slow
def test_a_card_to_another_lab(labs: list[CleanEnvironment], server: Server) -> None:
    """The same with data alone: no byte of lab B's environment changes, the number is the same."""
    lab_a, lab_b, _ = labs
    # lab A
    lab_a.good("new", "channel", "leaky", "--lab", "lab-a")
    clean_env.install(lab_a, clean_env.build([lab_a.home / "pumpleak-leaky"], lab_a.home / "d"))
    said = ["--id", "lab-a.leak", "--version", "1.0", "--license", "CC0-1.0", "--author", "A. Lab"]
    card = "lab-a.leak.card.toml"
    lab_a.good("card", "export", "leaky.Leaky", *said, "--out", card)
    lab_a.good("card", "check", card)
    by_code = rested(lab_a)
    options = ["--registry", "registry", "--keys", "keys"]
    lab_a.good("registry", "init", *options)
    lab_a.good("registry", "add-lab", "lab-a", *options)
    lab_a.good("registry", "admit", card, "--lab", "lab-a", *options)
    lab_a.good("registry", "publish", card, "--lab", "lab-a", *options)

    # lab B
    there = {"PUMPLEAK_REGISTRY": server.address}
    root = lab_a.home / "registry" / "root" / "1.root.json"
    file = lab_b.home / "soma.toml"
    file.write_text(file.read_text().replace("leaky.Leaky", "lab-a.leak"))
    before = lab_b.snapshot()
    found = lab_b.good("search", "lab-a.leak", "--root", root, variables=there)
    told = lab_b.good("info", "lab-a.leak", variables=there)
    dry = lab_b.good("get", "lab-a.leak", "--dry-run", variables=there)
    missing = lab_b.refused("rest", "soma.toml")
    got = lab_b.good("get", "lab-a.leak==1.0", variables=there)
    number = rested(lab_b)
    lab_b.good("lock", "soma.toml", variables=there)

    assert found.startswith("lab-a.leak ")  # the name that the membrane file uses, everywhere
    assert told.startswith("lab-a.leak, of lab lab-a")
    assert "would put among your cards" in dry
    assert "site-packages" not in dry
    assert "+ card lab-a.leak 1.0 (of lab-a)" in dry
    assert "lab-a.leak" in missing
    assert "+ card lab-a.leak 1.0 (of lab-a)" in got
    assert before == lab_b.snapshot()
    assert number == rested(lab_b, "--locked")
    assert [state["V_mV"] for state in by_code] == [state["V_mV"] for state in number]

    # altered, refused, and fetched again
    kept = lab_b.home / "data" / "pumpleak" / "cards" / card
    whole = kept.read_text()
    kept.write_text(whole + "\n# another hand\n")
    refused = lab_b.refused("rest", "soma.toml", "--locked")
    assert "card lab-a.leak" in refused
    assert "is altered, and 1.0 is in the lock" in refused
    lab_b.good("sync", "soma.toml", variables=there)
    assert whole == kept.read_text()
    assert number == rested(lab_b, "--locked")


def _installers_read_the_lock(lab: CleanEnvironment) -> None:
    """What uv makes of the lock is the locked wheel, fetched and compared by its hash."""
    command = [clean_env.find_uv_bin(), "pip", "install", "--dry-run", "--no-config", "--no-index"]
    done = subprocess.run(
        [*command, "--no-cache", "--python", str(lab.python), "-r", "pylock.soma.toml"],
        cwd=lab.home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "+ pumpleak-leaky==0.1.0" in done.stderr
