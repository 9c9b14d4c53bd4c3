"""Locks as commands: written, compared, installed from."""

from __future__ import annotations

import json
import re
import tomllib
from importlib import metadata
from pathlib import Path

import clean_env
import pytest
from clean_env import CleanEnvironment
from click.testing import CliRunner
from market import Market, open_market, wheel
from packaging.pylock import Pylock

import pumpleak_registry
from pumpleak.cli import main
from pumpleak_registry._errors import RegistryError
from pumpleak_registry.client._place import Place, embedded, place, trusted_root
from pumpleak_registry.client._search import listing
from pumpleak_registry.repository import Repository

NAME = "pumpleak-leaky"
CODE = """
from pumpleak import Channel, Ohmic, parameter
from lab_tools import STRENGTH

class Leak(Channel):
    unitary = parameter(f"{STRENGTH} pS", source="assumed")
    permeation = Ohmic("K")

    def open_probability(self, s):
        return 1
"""
PLUGIN = """
from pumpleak.host import MechanismRecord, hookimpl

@hookimpl
def pumpleak_mechanisms():
    return [MechanismRecord(name="Leak", factory="pumpleak_leaky.leak:Leak", summary="a leak",
                            kind="channel", ions=("K",))]
"""
FILES = {"pumpleak_leaky/__init__.py": PLUGIN, "pumpleak_leaky/leak.py": CODE}
MEMBRANE = """
[membrane]
name = "one leak"
temperature = "37 degC"
area = "1000 um^2"
[inside]
solution = "ions.mammalian-cytosol"
[outside]
solution = "ions.csf"
[[mechanism]]
use = "leaky.Leak"
density = "1 / um^2"
"""


def tools(folder: Path, strength: int) -> Path:
    return wheel(
        folder, "lab-tools", requires=(), files={"lab_tools/__init__.py": f"STRENGTH = {strength}"}
    )


@pytest.mark.slow
def test_a_lock_holds_what_a_plugin_needs_and_follows_the_file(
    market: Market, environment: CleanEnvironment, tmp_path: Path
) -> None:
    """A helper beside the plugin gives numbers too; it is locked with it, by version and hash."""
    clean_env.install(environment, [tools(tmp_path / "one", 10)])
    needs = ["pumpleak>=0.1,<0.2", "lab-tools", "numpy"]
    market.plugin(NAME, requires=needs, files=FILES)
    where = ["--registry", str(market.folder)]
    environment.good("get", NAME, *where, "--root", market.root)
    (environment.home / "a.toml").write_text(MEMBRANE)
    dry = environment.good("lock", "a.toml", "--dry-run")
    lock = environment.home / "pylock.a.toml"
    early = lock.exists()
    environment.good("lock", "a.toml", *where)
    data = tomllib.loads(lock.read_text())
    Pylock.from_dict(data)
    environment.good("rest", "a.toml", "--locked", "--no-prove")

    assert "Would be written to pylock.a.toml" in dry
    assert not early
    held = {item["name"] for item in data["tool"]["pumpleak"]["distributions"]}
    assert {"pumpleak", "pumpleak-ions", "pumpleak-solvers", NAME, "lab-tools"} == held
    assert [NAME] == [package["name"] for package in data["packages"]]
    assert {"python", "numpy", "scipy", "sympy"} == set(data["tool"]["pumpleak"]["libraries"])

    # another build of the helper, under the same version
    clean_env.install(environment, [tools(tmp_path / "two", 20)])
    told = environment.refused("rest", "a.toml", "--locked")
    seen = environment.run("verify", "pylock.a.toml", "--json")
    parts = {part["name"]: part["problems"] for part in json.loads(seen.stdout)["parts"]}
    assert "lab-tools 1.0: its list of files is not the one in the lock" in told
    assert 1 == seen.returncode
    assert [True, False] == [bool(parts["lab-tools"]), bool(parts[NAME])]
    lacking = environment.refused("sync", "a.toml")
    assert f"R602: {market.folder} has no lab-tools 1.0, which the lock names" in lacking

    # a plugin that the file did not use when it was locked
    clean_env.install(environment, [tools(tmp_path / "one", 10)])
    market.plugin("pumpleak-other", files={"pumpleak_other/__init__.py": ""})
    environment.good("get", "other", *where)
    environment.good("rest", "a.toml", "--locked", "--no-prove")
    (environment.home / "a.toml").write_text(MEMBRANE.replace("leaky.Leak", "other.Leak"))
    told = environment.refused("rest", "a.toml", "--locked")
    assert "other.Leak comes from pumpleak-other, which is not in the lock; lock again" in told


@pytest.mark.slow
def test_sync_installs_the_locked_version_though_it_was_yanked_since(
    market: Market, environment: CleanEnvironment, tmp_path: Path
) -> None:
    """A number stays reproducible; the yank is told. Another pumpleak is refused."""
    clean_env.install(environment, [tools(tmp_path / "one", 10)])
    market.plugin(NAME, requires=["pumpleak>=0.1,<0.2", "lab-tools"], files=FILES)
    where = ["--registry", str(market.folder)]
    environment.good("get", NAME, *where, "--root", market.root)
    (environment.home / "a.toml").write_text(MEMBRANE)
    environment.good("lock", "a.toml", *where)
    market.plugin(NAME, "2.0", requires=["pumpleak>=0.1,<0.2", "lab-tools"], files=FILES)
    market.repository.yank(NAME, "1.0", "too leaky")
    environment.good("get", NAME, *where)
    differs = environment.refused("rest", "a.toml", "--locked")
    dry = environment.good("sync", "a.toml", "--dry-run")
    still = environment.refused("rest", "a.toml", "--locked")
    done = environment.run("sync", "pylock.a.toml")
    environment.good("rest", "a.toml", "--locked", "--no-prove")
    lock = environment.home / "pylock.a.toml"
    text = lock.read_text()
    version = metadata.version("pumpleak")
    lock.write_text(
        text.replace(
            f'name = "pumpleak"\nversion = "{version}"', 'name = "pumpleak"\nversion = "7"'
        )
    )
    host = environment.refused("sync", "a.toml")

    assert f"{NAME} is 2.0 here, and 1.0 in the lock" in differs
    assert f"~ {NAME} 2.0 -> 1.0, older (of lab-a)" in dry
    assert differs == still
    assert 0 == done.returncode
    assert f"Note: {NAME} 1.0 is yanked: too leaky" in done.stderr
    assert "R613: the lock was made with pumpleak 7" in host
    assert "the host is never changed from here" in host


@pytest.mark.slow
def test_what_is_installed_editable_is_not_locked(
    environment: CleanEnvironment, tmp_path: Path
) -> None:
    """Its files may change at any time: it is said, and nothing is written."""
    (environment.home / "a.toml").write_text(
        MEMBRANE.replace("leaky.Leak", "channel").replace(
            'density = "1 / um^2"', 'density = "1 nS"\npermeation = {kind = "ohmic", ion = "K"}'
        )
    )
    environment.good("rest", "a.toml", "--no-prove")
    info = next(environment.site.glob("pumpleak_ions-*.dist-info"))
    (info / "direct_url.json").write_text('{"dir_info": {"editable": true}, "url": "file:///x"}')
    told = environment.refused("lock", "a.toml")

    assert "cannot be locked: pumpleak-ions 0.1.0 is installed editable" in told
    assert not (environment.home / "pylock.a.toml").exists()


def test_the_registry_of_ones_own_is_trusted_as_it_was_made(home: Path, tmp_path: Path) -> None:
    """Without an option, and without a root; before it is made, how to make one is said."""
    before = CliRunner().invoke(main, ["search"])
    repository, _ = Repository.create(embedded(), [tmp_path / "keys"])
    repository.add_lab("lab-a")
    market = Market(folder=embedded(), keys=tmp_path / "keys", work=tmp_path, repository=repository)
    market.plugin(NAME)
    after = CliRunner().invoke(main, ["search", "leaky"])

    assert 2 == before.exit_code
    assert "make a registry of your own with 'pumpleak registry init'" in before.output
    assert 0 == after.exit_code, after.output
    assert NAME in after.output


def test_a_lock_that_is_no_pylock_is_refused(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is fetched."""
    market = open_market(tmp_path / "market")
    lock = tmp_path / "pylock.a.toml"
    head = 'lock-version = "1.0"\ncreated-by = "me"\n'
    bad = 'packages = [{name = "pumpleak-leaky", wheels = [{name = "x.whl"}]}]\n'
    own = f'name = "pumpleak-leaky", version = "1.0", files = "sha256:{"0" * 64}"'
    rest = 'file = "a.toml"\nregistry = ""\nlibraries = {}\ncards = []\n'
    rest += f"distributions = [{{{own}}}]\n"
    lock.write_text(f"{head}{bad}[tool.pumpleak]\nformat = 1\n{rest}")
    options = ["--registry", str(market.folder), "--root", str(market.root)]
    refused = CliRunner().invoke(main, ["sync", str(lock), *options])

    assert 2 == refused.exit_code
    assert "pylock.a.toml: is no pylock.toml" in refused.output


def test_which_registry_is_meant(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The option first, then the variable; a folder in any spelling is one registry."""
    market = open_market(tmp_path / "a market")
    spelled = [str(market.folder), f"{market.folder}/", market.folder.as_uri()]
    monkeypatch.setenv("PUMPLEAK_REGISTRY", "https://lab-a.example/registry/")

    assert {market.place} == {place(text) for text in spelled}
    assert Place(location="https://lab-a.example/registry") == place(None)
    for odd in ("ftp://lab-a.example/registry", str(tmp_path)):
        refused = CliRunner().invoke(main, ["search", "--registry", odd])
        assert 2 == refused.exit_code
        assert "R501" in refused.output


def test_pins_that_were_damaged_are_refused(home: Path, tmp_path: Path) -> None:
    """Trust is not begun anew by itself, as it would be if the file were ignored."""
    market = open_market(tmp_path / "market")
    listing(market.place, market.root)
    (pins,) = home.rglob("registries.json")
    (root,) = (home / "config").rglob("*.root.json")
    whole = root.read_bytes()
    root.write_bytes(whole + b" ")
    with pytest.raises(RegistryError, match="R503"):
        trusted_root(market.place, None)
    root.write_bytes(whole)
    pins.write_text("{")
    with pytest.raises(RegistryError, match="R503"):
        trusted_root(market.place, market.root)


def test_every_code_of_the_client_is_explained() -> None:
    """The guide's table names each code that the client raises, and no other."""
    raised = set()
    source = Path(pumpleak_registry.__file__).parent / "client"
    for path in source.glob("*.py"):
        raised |= set(re.findall(r'"(R[56]\d\d)"', path.read_text(encoding="utf-8")))
    guide = clean_env.ROOT / "docs" / "guide" / "share-a-channel.md"
    rows = [line.split("|")[1] for line in guide.read_text().splitlines() if line.startswith("| R")]
    told = set()
    for row in rows:
        ends = re.findall(r"R(\d\d\d)", row)
        told |= (
            {f"R{n}" for n in range(int(ends[0]), int(ends[-1]) + 1)}
            if " to " in row
            else {f"R{n}" for n in ends}
        )

    assert raised == told
