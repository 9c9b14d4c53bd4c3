"""A client killed at any moment leaves the registry, its own files and the environment whole.

PUMPLEAK_KILLS says how many times the long test kills (50 if not given).
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from clean_env import CleanEnvironment
from market import Market
from serving import Server, serving

from pumpleak_registry.client._place import Place

NAME = "pumpleak-leaky"
#: What an environment says of the plugin: its version, and every way in which it is not whole.
LOOK = """
import json
from pumpleak.host import Host
from pumpleak.lock import installed
found = installed("pumpleak-leaky")
print(json.dumps({
    "version": None if found is None else found.version,
    "problems": [] if found is None else list(found.problems()),
    "bad": [state.reason for state in Host().plugins() if not state.good],
    "module": __import__("pumpleak_leaky").VERSION if found is not None else None,
}))
"""


def hashes(folder: Path) -> dict[str, str]:
    """Return every file of a folder with its hash."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def look(environment: CleanEnvironment) -> dict[str, object]:
    done = subprocess.run(
        [str(environment.python), "-c", LOOK],
        env=environment.variables(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def check_kept(market: Market, state: Path) -> None:
    """What the client keeps is what was signed, or a part that it will not look at."""
    signed = set(hashes(market.folder / "targets").values())
    for path, digest in hashes(state / "targets").items():
        assert digest in signed or path.endswith(".part"), path
    for path in (state / "metadata").glob("*.json"):
        assert json.loads(path.read_bytes())["signed"]["version"] >= 1


def kill_often(market: Market, environment: CleanEnvironment, times: int) -> list[str]:
    """Kill `pumpleak get` at random moments; return the versions that were there after each."""
    files = [f"pumpleak_leaky/part_{number}.py" for number in range(40)]
    for version in ("1.0", "1.1"):
        body = {name: f'VERSION = "{version}"\n' + "x = 1\n" * 2000 for name in files}
        body["pumpleak_leaky/__init__.py"] = f'VERSION = "{version}"\n'
        market.plugin(NAME, version, files=body)
    with serving(market.folder) as server:
        # so that much of the time is spent in downloads
        server.slowness_s = 0.01
        return _kill_often(market, server, environment, times)


def _kill_often(
    market: Market, server: Server, environment: CleanEnvironment, times: int
) -> list[str]:
    where = ["--registry", server.address]
    began = time.monotonic()
    environment.good("get", f"{NAME}==1.0", *where, "--root", market.root)
    takes = time.monotonic() - began
    registry = hashes(market.folder)
    place = Place(location=server.address)
    state = environment.home / "data" / "pumpleak" / "client" / place.key
    seen = []
    dice = random.Random(5)
    for number in range(times):
        there = look(environment)["version"]
        wanted = "1.1" if there == "1.0" else "1.0"
        if number % 2:
            shutil.rmtree(state / "targets", ignore_errors=True)  # fetch anew
        process = environment.start("get", f"{NAME}=={wanted}", *where)
        time.sleep(dice.uniform(0, 1.3 * takes))
        with_children = number % 3 == 0
        if process.poll() is None:
            if with_children:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.communicate()
        found = look(environment)

        assert found["version"] in (there, wanted)
        assert found["module"] == found["version"]
        assert [] == found["problems"]
        assert [] == found["bad"]
        assert registry == hashes(market.folder)
        check_kept(market, state)
        seen.append(str(found["version"]))
        # however busy the machine, some shall die before the change and some after it
        takes *= 0.95 if found["version"] == wanted else 1.1
    environment.good("get", f"{NAME}==1.1", *where)
    assert "1.1" == look(environment)["version"]
    generations = environment.prefix / "share" / "pumpleak" / "generations"
    assert 2 >= len(list(generations.iterdir()))
    print(f"killed {times} times: {server.cut_off} in the middle of a file; then there were {seen}")
    return seen


def test_killed_a_few_times(market: Market, environment: CleanEnvironment) -> None:
    """The next run needs no mending, and leaves nothing of the killed ones behind."""
    kill_often(market, environment, 3)


@pytest.mark.slow
def test_killed_fifty_times(market: Market, environment: CleanEnvironment) -> None:
    """Some are killed before they change anything, and some after."""
    times = int(os.environ.get("PUMPLEAK_KILLS", "50"))
    seen = kill_often(market, environment, times)

    assert times == len(seen)
    assert times < 20 or len(set(seen)) == 2
