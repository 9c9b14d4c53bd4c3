"""Take each installed plugin away in turn: the core must import, list, and say what is missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import Distribution, distributions
from pathlib import Path

NEURON = Path(__file__).parents[1] / "docs" / "examples" / "neuron.toml"


def plugins() -> list[Distribution]:
    """Return the installed distributions that are pumpleak plugins."""
    return [
        found
        for found in distributions()
        if any(point.group == "pumpleak.plugins" for point in found.entry_points)
    ]


def folders(found: Distribution) -> list[Path]:
    """Return the distribution's top-level folders in site-packages."""
    if found.files is None:
        raise SystemExit(f"{found.name} has no record of its files; install it from its folder")
    tops = {Path(str(file)).parts[0] for file in found.files if not str(file).startswith("..")}
    return [Path(str(found.locate_file(top))) for top in tops if top != "__pycache__"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of pumpleak."""
    return subprocess.run(
        [sys.executable, "-m", "pumpleak", *arguments], capture_output=True, text=True, check=False
    )


def plugin_name(found: Distribution) -> str:
    """Return the name under which a distribution registers."""
    (name,) = {point.name for point in found.entry_points if point.group == "pumpleak.plugins"}
    return name


def check(name: str) -> list[str]:
    """Return what does not hold while the distribution of plugin `name` is away."""
    problems = []
    core = subprocess.run([sys.executable, "-c", "import pumpleak; pumpleak.Channel"], check=False)
    if core.returncode:
        problems.append("the core does not import")
    listing = run("plugins", "list")
    if listing.returncode or name in listing.stdout.split():
        problems.append(f"plugins list: exit {listing.returncode}, or it still lists {name}")
    resting = run("rest", str(NEURON))
    if "Traceback" in resting.stderr + resting.stdout:
        problems.append("pumpleak rest ends in a traceback")
    used = f'"{name}.' in NEURON.read_text() or name in ("ions", "solvers")
    if used and (resting.returncode == 0 or f"pumpleak-{name}" not in resting.stderr):
        problems.append(f"rest does not say that pumpleak-{name} is missing: {resting.stderr}")
    if not used and resting.returncode:
        problems.append(f"rest fails though the neuron does not use {name}: {resting.stderr}")
    return problems


def main() -> None:
    """Check every plugin."""
    installed = plugins()
    if len(installed) < 5:
        raise SystemExit(f"expected the workspace's plugins, found {len(installed)} installed")
    wrong = []
    # Names are read before anything moves: metadata is read when asked for.
    for title, name, found in [(item.name, plugin_name(item), item) for item in installed]:
        with tempfile.TemporaryDirectory() as away:
            moved = [(folder, Path(away) / folder.name) for folder in folders(found)]
            for folder, place in moved:
                shutil.move(folder, place)
            try:
                problems = check(name)
            finally:
                for folder, place in moved:
                    shutil.move(place, folder)
        print(f"without {title}: {'; '.join(problems) or 'fine'}")
        wrong += problems
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
