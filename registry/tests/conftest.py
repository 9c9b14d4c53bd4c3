"""What the tests of the registry share."""

from __future__ import annotations

from pathlib import Path

import clean_env
import pytest
from attacking import NAME
from clean_env import CleanEnvironment
from market import Market, copied, open_market

from pumpleak_registry.client._get import get


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers on loopback are asked directly, whatever the machine's settings."""
    for variable in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(variable, "127.0.0.1")


@pytest.fixture(scope="session")
def our_wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Wheels of pumpleak, the ions, the solvers and the registry."""
    sources = [clean_env.ROOT / name for name in clean_env.OURS]
    return clean_env.build(sources, tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="session")
def new_environment(
    our_wheels: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> CleanEnvironment:
    """A clean environment with pumpleak and the client, to be copied."""
    return clean_env.make(tmp_path_factory.mktemp("environment") / "new", our_wheels)


@pytest.fixture
def environment(tmp_path: Path, new_environment: CleanEnvironment) -> CleanEnvironment:
    """A clean environment with pumpleak and the client, and a home of its own."""
    return clean_env.copied(new_environment, tmp_path / "lab-b")


@pytest.fixture(scope="session")
def new_market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    """A registry with two labs, to be copied."""
    return open_market(tmp_path_factory.mktemp("market") / "new")


@pytest.fixture
def market(tmp_path: Path, new_market: Market) -> Market:
    """A registry with two labs."""
    return copied(new_market, tmp_path / "market")


@pytest.fixture(scope="session")
def one_plugin(new_market: Market, tmp_path_factory: pytest.TempPathFactory) -> Market:
    """A registry with two labs and one plugin, to be copied."""
    made = copied(new_market, tmp_path_factory.mktemp("market") / "one")
    made.plugin(NAME)
    return made


@pytest.fixture
def seen_market(one_plugin: Market, tmp_path: Path, home: Path) -> Market:
    """A registry that the client trusts, and has seen with one plugin."""
    market = copied(one_plugin, tmp_path / "market")
    get(market.place, NAME, root=market.root, dry_run=True)
    return market


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of its own for a client in this process."""
    for variable in ("DATA", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{variable}_HOME", str(tmp_path / "home" / variable.lower()))
    monkeypatch.delenv("PUMPLEAK_REGISTRY", raising=False)
    return tmp_path / "home"
