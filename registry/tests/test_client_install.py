"""Getting plugins into a clean environment with real uv and pip, and every reason not to."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from clean_env import CleanEnvironment
from market import Market, looked_at, wheel

from pumpleak_registry._errors import RegistryError
from pumpleak_registry.client._environment import Environment, here
from pumpleak_registry.client._get import get
from pumpleak_registry.client._plan import check_outside
from pumpleak_registry.client._wheel import read_wheel

NAME = "pumpleak-leaky"


def trusted(market: Market) -> list[str]:
    return ["--registry", str(market.folder), "--root", str(market.root)]


def at(market: Market) -> list[str]:
    return ["--registry", str(market.folder)]


def fetched(environment: CleanEnvironment) -> dict[str, str]:
    """Return the plugins that the environment finds, with their versions."""
    listed = json.loads(environment.good("plugins", "list", "--json"))["plugins"]
    ours = ("pumpleak-ions", "pumpleak-solvers")
    return {
        row["distribution"]: row["version"] for row in listed if row["distribution"] not in ours
    }


@pytest.mark.parametrize("installer", ["uv", pytest.param("pip", marks=pytest.mark.slow)])
def test_get_installs_upgrades_and_says_what_changes(
    market: Market, environment: CleanEnvironment, installer: str
) -> None:
    """A dry run says it and changes nothing; a second run finds nothing to do."""
    market.plugin(NAME, "1.0")
    market.plugin(NAME, "1.1")
    before = environment.snapshot()
    dry = environment.good("get", f"{NAME}==1.0", *trusted(market), "--dry-run")
    after = environment.snapshot()
    first = environment.good("get", f"{NAME}==1.0", *at(market), "--installer", installer)
    there = fetched(environment)
    newer = environment.good("get", "leaky", *at(market), "--installer", installer)
    again = environment.good("get", "leaky", *at(market))
    environment.plugin_file("pumpleak_leaky/__init__.py").write_text("evil = True\n")
    mended = environment.good("get", "leaky", *at(market))

    assert f"+ {NAME} 1.0 (of lab-a)" in dry
    assert "This would change in" in dry
    assert before == after
    assert f"+ {NAME} 1.0 (of lab-a)" in first
    assert f"Installed by {installer}, offline" in first
    assert {NAME: "1.0"} == there
    assert f"~ {NAME} 1.0 -> 1.1 (of lab-a)" in newer
    assert {NAME: "1.1"} == fetched(environment)
    assert again.startswith("Nothing to change")
    assert f"~ {NAME} 1.1, anew (of lab-a)" in mended
    assert environment.good("get", "leaky", *at(market)) == again


@pytest.mark.slow
def test_a_plugin_comes_with_what_it_needs_of_the_registry(
    market: Market, environment: CleanEnvironment
) -> None:
    """And it stands where pip sees it, and can take it away."""
    market.plugin("pumpleak-base", "1.0", lab="lab-b")
    market.plugin("pumpleak-base", "2.0", lab="lab-b")
    market.plugin(NAME, requires=["pumpleak>=0.1,<0.2", "pumpleak-base<2", "numpy>=1"])
    said = environment.good("get", NAME, *trusted(market))
    both = fetched(environment)
    pip = [str(environment.python), "-m", "pip", "--disable-pip-version-check"]
    shown = subprocess.run([*pip, "list"], capture_output=True, text=True, check=True).stdout
    subprocess.run([*pip, "uninstall", "-qy", NAME], capture_output=True, check=True)
    market.plugin("pumpleak-third")
    environment.good("get", "pumpleak-third", *at(market))

    assert "+ pumpleak-base 1.0 (of lab-b)" in said
    assert {NAME: "1.0", "pumpleak-base": "1.0"} == both
    assert re.search(rf"{NAME}\s+1\.0", shown)
    assert {"pumpleak-base": "1.0", "pumpleak-third": "1.0"} == fetched(environment)


REFUSED = {
    "missing dependency": (
        {"requires": ["pumpleak>=0.1,<0.2", "lab-helper>=3"]},
        "R608: pumpleak-leaky 1.0 needs lab-helper>=3, which is not installed",
    ),
    "other version of a dependency": (
        {"requires": ["pumpleak>=0.1,<0.2", "numpy>=99"]},
        "R608: pumpleak-leaky 1.0 needs numpy>=99, have ",
    ),
    "extra of a dependency": (
        {"requires": ["pumpleak[nosuch]>=0.1,<0.2", "click>=99; extra == 'x'", "attrs>=99"]},
        "R608: pumpleak-leaky 1.0 needs attrs>=99, have ",
    ),
    "newer host": (
        {"requires": ["pumpleak>=0.9"]},
        "R609: pumpleak-leaky 1.0 needs another pumpleak: pumpleak>=0.9, have 0.1.0",
    ),
    "older host": (
        {"requires": ["pumpleak<0.1"]},
        "R609: pumpleak-leaky 1.0 needs another pumpleak: pumpleak<0.1, have 0.1.0",
    ),
    "newer Python": ({"python": ">=3.99"}, "R605: pumpleak-leaky 1.0 needs Python >=3.99, have "),
    "another system": (
        {"tag": "cp311-cp311-win_arm64"},
        "R604: pumpleak-leaky 1.0 is not made for this Python and system",
    ),
    "module of the host": (
        {"files": {"pumpleak/__init__.py": ""}},
        "R607: pumpleak-leaky 1.0 brings 'pumpleak', which is here already",
    ),
    "module of Python": (
        {"files": {"json/__init__.py": "", "pumpleak_leaky/__init__.py": ""}},
        "R607: pumpleak-leaky 1.0 brings 'json', which is here already",
    ),
    "plugin name that another has": (
        {"plugin": "solvers"},
        "R607: Plugin 'solvers' (pumpleak-leaky 1.0): the name 'solvers' is claimed by",
    ),
}


def test_what_does_not_fit_is_refused_in_words_and_nothing_is_changed(
    market: Market, environment: CleanEnvironment
) -> None:
    """The environment is the same before and after, byte for byte."""
    wheels = []
    for number, (options, _) in enumerate(REFUSED.values()):
        wheels.append(wheel(market.work, NAME, f"{number}.0", **options))
    market.repository.admit_all(wheels, "lab-a", examine=looked_at)
    market.repository.publish_all(wheels, "lab-a")
    before = environment.snapshot()
    for number, (why, (_, said)) in enumerate(REFUSED.items()):
        told = environment.refused("get", f"{NAME}=={number}.0", *trusted(market))

        assert said.replace(f"{NAME} 1.0", f"{NAME} {number}.0") in told, why
        assert "nothing was changed" in told, why
        assert before == environment.snapshot(), why


def test_a_yanked_version_is_refused_and_another_is_named(
    market: Market, environment: CleanEnvironment
) -> None:
    """By exact version as well; the newest that is not yanked is taken when none is asked for."""
    market.plugin(NAME, "1.0")
    market.plugin(NAME, "1.1")
    market.repository.yank(NAME, "1.1", "the sign was wrong")
    before = environment.snapshot()
    told = environment.refused("get", f"{NAME}==1.1", *trusted(market))
    unknown = environment.refused("get", f"{NAME}==7", *at(market))
    nothing = before == environment.snapshot()
    taken = environment.good("get", NAME, *at(market))

    assert f"R603: {NAME} 1.1 was yanked by its lab: the sign was wrong; take {NAME}==1.0" in told
    assert f"R602: there is no {NAME} ==7; its versions are: 1.1, 1.0" in unknown
    assert nothing
    assert f"+ {NAME} 1.0" in taken


@pytest.mark.parametrize(
    ("there", "command"),
    [("pip", "'pip uninstall packaging'"), ("uv", "'uv pip uninstall packaging'")],
)
def test_what_is_installed_by_other_means_has_two_ways_out(
    monkeypatch: pytest.MonkeyPatch, there: str, command: str
) -> None:
    """Out with it, by what the environment has for that, or keep it."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name if name == there else None)
    with pytest.raises(RegistryError) as refused:
        check_outside(here(), "packaging", "99")

    assert "R606" == refused.value.code
    assert command in refused.value.fix
    assert "'pumpleak lock' writes it down as it is" in refused.value.fix


@pytest.mark.slow
def test_what_is_installed_by_other_means_is_not_replaced(
    market: Market, environment: CleanEnvironment, tmp_path: Path
) -> None:
    """It would go on being the one that Python finds."""
    own = wheel(tmp_path / "own", NAME, "0.5")
    pip = [str(environment.python), "-m", "pip", "install", "-q", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--disable-pip-version-check", str(own)], check=True)
    market.plugin(NAME, "1.0")
    before = environment.snapshot()
    told = environment.refused("get", NAME, *trusted(market))

    assert f"R606: {NAME} 0.5 is installed in" in told
    assert f"take it out with 'pip uninstall {NAME}' and run this again" in told
    assert before == environment.snapshot()
    uninstall = [str(environment.python), "-m", "pip", "uninstall", "-q", "-y", NAME]
    subprocess.run([*uninstall, "--disable-pip-version-check"], check=True)
    assert f"+ {NAME} 1.0" in environment.good("get", NAME, *at(market))


@pytest.mark.slow
def test_an_upgrade_that_another_plugin_cannot_bear_is_refused(
    market: Market, environment: CleanEnvironment
) -> None:
    """What was fetched before keeps what it needs."""
    market.plugin("pumpleak-base", "1.0")
    market.plugin(NAME, requires=["pumpleak>=0.1,<0.2", "pumpleak-base<2"])
    environment.good("get", NAME, *trusted(market))
    market.plugin("pumpleak-base", "2.0")
    before = environment.snapshot()
    told = environment.refused("get", "pumpleak-base", *at(market))

    assert f"R608: {NAME} 1.0 needs pumpleak-base<2, have 2.0" in told
    assert before == environment.snapshot()


def test_a_version_that_was_asked_for_is_not_changed_for_a_dependency(
    market: Market, home: Path
) -> None:
    """Two that need each other, in versions that do not go together."""
    market.plugin("pumpleak-base", "1.0", requires=["pumpleak>=0.1,<0.2", NAME])
    market.plugin("pumpleak-base", "2.0")
    market.plugin(NAME, requires=["pumpleak>=0.1,<0.2", "pumpleak-base>=2"])
    with pytest.raises(RegistryError) as refused:
        get(market.place, "base==1.0", root=market.root, dry_run=True)
    both = [str(change) for change in get(market.place, NAME, dry_run=True).changes]

    assert f"{NAME} 1.0 needs pumpleak-base>=2, and 1.0 was asked for" in refused.value.cause
    assert ["+ pumpleak-base 2.0 (of lab-a)", f"+ {NAME} 1.0 (of lab-a)"] == both


def test_who_asks_for_a_name_near_one_is_told(
    market: Market, environment: CleanEnvironment
) -> None:
    """And for no name at all."""
    market.plugin(NAME)
    near = environment.refused("get", "pumpleak-leeky", *trusted(market))
    odd = environment.refused("get", "leaky=1", *at(market))

    assert f"has no 'pumpleak-leeky' (did you mean '{NAME}'?)" in near
    assert "R600: 'leaky=1' is no name, and no name with a version" in odd


@pytest.mark.slow
def test_two_at_once_wait_for_each_other(market: Market, environment: CleanEnvironment) -> None:
    """Neither loses what the other installed."""
    market.plugin("pumpleak-one")
    market.plugin("pumpleak-two")
    environment.good("search", *trusted(market))
    both = [environment.start("get", name, *at(market)) for name in ("one", "two")]
    said = [process.communicate()[0] for process in both]

    assert [0, 0] == [process.returncode for process in both], said
    assert {"pumpleak-one": "1.0", "pumpleak-two": "1.0"} == fetched(environment)


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_an_installer_that_refuses_leaves_nothing_behind(
    tmp_path: Path, home: Path, installer: str
) -> None:
    """A file that is not what was verified is refused by its hash; every folder is as it was."""
    site = tmp_path / "env" / "lib" / "site-packages"
    site.mkdir(parents=True)
    path = wheel(tmp_path / "work", NAME)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    environment = Environment(site=site, home=tmp_path / "env" / "share" / "pumpleak")
    read = read_wheel(path, sha256, "lab-a")
    wheel(tmp_path / "work", NAME, files={"pumpleak_leaky/__init__.py": "evil = True\n"})
    with pytest.raises(RegistryError) as refused:
        environment.change([read], installer)

    assert "R621" == refused.value.code
    assert installer in refused.value.cause
    assert [site] == [p for p in (tmp_path / "env").rglob("*") if p != site.parent]


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_a_wheel_that_lies_about_its_files_is_refused(
    tmp_path: Path, home: Path, installer: str
) -> None:
    """Its own list of files names other hashes: a lock made of it would hold other files."""
    path = wheel(tmp_path / "work", NAME)
    with zipfile.ZipFile(path) as archive:
        texts = {name: archive.read(name) for name in archive.namelist()}
    texts["pumpleak_leaky/__init__.py"] += b"evil = True\n"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    site = tmp_path / "env" / "site-packages"
    site.mkdir(parents=True)
    environment = Environment(site=site, home=tmp_path / "env" / "share" / "pumpleak")
    read = read_wheel(path, hashlib.sha256(path.read_bytes()).hexdigest(), "lab-a")
    with pytest.raises(RegistryError) as refused:
        environment.change([read], installer)

    assert refused.value.code in ("R621", "R624")
    assert [site] == list((tmp_path / "env").rglob("*"))


def test_an_environment_that_cannot_be_written_is_said(tmp_path: Path, home: Path) -> None:
    """With its folder, and what to do."""
    site = tmp_path / "env" / "site-packages"
    site.mkdir(parents=True)
    (tmp_path / "env" / "share").write_text("a file where a folder belongs")
    path = wheel(tmp_path / "work", NAME)
    read = read_wheel(path, hashlib.sha256(path.read_bytes()).hexdigest(), "lab-a")
    environment = Environment(site=site, home=tmp_path / "env" / "share" / "pumpleak")
    with pytest.raises(RegistryError) as refused:
        environment.change([read], "uv")

    assert "R622" == refused.value.code
    assert "nothing was changed" in refused.value.fix


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"leaky.pth": "import os"}, "leaky.pth"),
        ({"sitecustomize.py": ""}, "sitecustomize.py"),
        ({"pumpleak_leaky-1.0.data/scripts/run": ""}, "scripts/run"),
        ({"../outside.py": ""}, "../outside.py"),
    ],
)
def test_a_wheel_that_reaches_beyond_its_package_is_refused(
    tmp_path: Path, files: dict[str, str], said: str
) -> None:
    """Though its lab signed it: Python would run some of these at every start."""
    path = wheel(tmp_path, NAME, files={"pumpleak_leaky/__init__.py": "", **files})
    with pytest.raises(RegistryError) as refused:
        read_wheel(path, "0" * 64, "lab-a")

    assert "R611" == refused.value.code
    assert said in refused.value.cause


@pytest.fixture
def public_index(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An index as the public one is, on loopback, and the log of what was asked of it."""
    packages, log = tmp_path / "public", tmp_path / "public.log"
    wheel(packages, NAME, "99.0", files={"pumpleak_leaky/__init__.py": 'VERSION = "evil"\n'})
    wheel(packages, "lab-helper", "99.0", files={"lab_helper/__init__.py": "evil = True\n"})
    command = [sys.executable, "-m", "pypiserver", "run", "-i", "127.0.0.1", "-p", "0"]
    port = _free_port()
    command[-1] = str(port)
    process = subprocess.Popen(
        [*command, "-v", "--log-file", str(log), str(packages)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}/simple/"
        _wait(url)
        yield url, log
    finally:
        process.terminate()
        process.wait()


def test_a_name_that_is_on_a_public_index_too_is_not_fetched_from_there(
    market: Market, environment: CleanEnvironment, public_index: tuple[str, Path], tmp_path: Path
) -> None:
    """Though the user's settings name that index, and it has a newer version."""
    url, log = public_index
    variables = {
        "PIP_INDEX_URL": url,
        "PIP_EXTRA_INDEX_URL": url,
        "UV_INDEX_URL": url,
        "UV_DEFAULT_INDEX": url,
        "UV_EXTRA_INDEX_URL": url,
    }
    bait = _pip_would_take(url, tmp_path / "bait")
    asked = log.read_text()
    market.plugin(NAME, "1.0")
    market.plugin("pumpleak-hungry", requires=["pumpleak>=0.1,<0.2", "lab-helper"])
    for installer in ("uv", "pip"):
        environment.good(
            "get", NAME, *trusted(market), "--installer", installer, variables=variables
        )
    told = environment.refused("get", "pumpleak-hungry", *at(market), variables=variables)

    assert "99.0" in bait
    assert "pumpleak-leaky" in asked
    assert {NAME: "1.0"} == fetched(environment)
    assert "R608: pumpleak-hungry 1.0 needs lab-helper, which is not installed" in told
    assert log.read_text() == asked


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str) -> None:
    import urllib.request

    for _ in range(200):
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the index does not answer")


def _pip_would_take(url: str, folder: Path) -> str:
    """Return what pip takes when it is let: the attack works where nothing stops it."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "-d", str(folder)]
    done = subprocess.run(
        [*command, "--disable-pip-version-check", "--index-url", url, NAME],
        capture_output=True,
        text=True,
        env={**os.environ, "PIP_CONFIG_FILE": os.devnull},
        check=True,
    )
    return done.stdout
