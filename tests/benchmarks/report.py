"""Every benchmark, one report in Markdown.

    python tests/benchmarks/report.py [--quick] [--without peers,sweep] [--environments FOLDER]
                                      [--limits FOLDER] [--json]

Runs each script of this folder in turn, in a process of its own, and puts its tables under what
machine and versions they were made with. `--json` prints what each prints with `--json` instead.
A script that cannot run says why in its place.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from turns import table

FOLDER = Path(__file__).parent


class Part(NamedTuple):
    """One script: its heading, its file, and its options in a whole and in a trimmed run."""

    title: str
    file: str
    whole: tuple[str, ...] = ()
    quick: tuple[str, ...] = ("--quick",)


PARTS = {
    "yardstick": Part(
        "Beside hand-written C", "yardstick.py", (), ("--members", "100000", "--repeat", "3")
    ),
    "scaling": Part("Scaling", "scaling.py"),
    "starting": Part("Cold and cached start", "starting.py"),
    "peers": Part("Beside other tools", "peers.py"),
    "sweep": Part(
        "Sweeps",
        "sweep_scaling.py",
        (),
        ("--members", "1000000", "--large", "2000000", "--repeat", "1"),
    ),
}


def processor() -> str:
    """Return the processor's name."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else "unknown"


def machine() -> dict[str, str]:
    """Return what the figures depend on: date, machine, its load, versions."""
    gcc = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True, check=False)
    names = ("pumpleak", "numpy", "llvmlite")
    return {
        "date": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC",
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()) + " (1, 5, 15 minutes)",
        "system": platform.platform(terse=True),
        "versions": ", ".join(
            [f"Python {platform.python_version()}"]
            + [f"{name} {version(name)}" for name in names]
            + [f"gcc {gcc.stdout.strip()}"]
        ),
    }


def ran(part: Part, given: argparse.Namespace) -> str:
    """Run one script and return what it printed, or why it could not."""
    words = [sys.executable, str(FOLDER / part.file), *(part.quick if given.quick else part.whole)]
    if part.file == "yardstick.py" and given.limits:
        words += ["--limits", given.limits]
    if part.file == "peers.py" and given.environments:
        words += ["--environments", given.environments]
    if given.json:
        words.append("--json")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        return json.dumps({"not_run": last[0]}) if given.json else f"Not run: {last[0]}"
    return done.stdout.strip()


def main() -> None:
    """Run everything and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="a trimmed run")
    options.add_argument("--without", default="", help="parts to leave out, with commas between")
    options.add_argument("--environments", help="where the other tools are kept")
    options.add_argument("--limits", help="the folder of the C kernels")
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    without = [name for name in given.without.split(",") if name]
    for name in without:
        if name not in PARTS:
            options.error(f"--without: no part {name!r}; there are {', '.join(PARTS)}")
    about = machine()
    parts = {
        name: part
        for name, part in PARTS.items()
        if name not in without and (FOLDER / part.file).exists()
    }
    if given.json:
        found: dict[str, Any] = {"machine": about}
        found |= {name: json.loads(ran(part, given)) for name, part in parts.items()}
        print(json.dumps(found))
        return
    print(table(["", ""], [[key, value] for key, value in about.items()]))
    for part in parts.values():
        print(f"\n## {part.title}\n\n{ran(part, given)}", flush=True)


if __name__ == "__main__":
    main()
