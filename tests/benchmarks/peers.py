"""The reference membranes with other tools, beside pumpleak on the same members in the same run.

    python tests/benchmarks/peers.py [--only casadi,scipy,copasi,neuron] [--environments FOLDER]
                                     [--here] [--json] [--quick]

Each tool gets an environment of its own, made with `venv` and `pip` (in FOLDER, kept, or in a
temporary one; `--here`: this interpreter's, nothing is installed); one that cannot be had is
reported so. Each solves as many members as take about a second, on one thread, as pumpleak does
too, in turns before and after it. Ratios are pumpleak's members per second over theirs, in
processor time and on the clock. Only solving is timed, not building models and compiling. A2 has
rests at -78.89 (stable), -61.58 (unstable) and -33.33 mV (stable).
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from turns import by_turns, table
from yardstick import EXAMPLES, MEMBRANES, members

import pumpleak as pl

FOLDER = Path(__file__).parent / "peers"
#: Per tool, what pip installs, and which membranes it solves.
PEERS = {
    "casadi": (("casadi", "numpy"), "AB"),
    "scipy": (("scipy", "numpy"), "A"),
    "copasi": (("copasi-basico", "numpy"), "AB"),
    "neuron": (("neuron", "numpy", "setuptools"), "AB"),
}
STARTS_A2 = (-65.0, -62.0, -61.0)


class UnavailableError(Exception):
    """A tool could not be installed or run; the reason is its text."""


def drawn(name: str, count: int) -> list[Any]:
    """Return the parameters of the members, in the order of C's kernel, each of shape (count,)."""
    rng = np.random.default_rng(0)
    found = [value * rng.lognormal(0, 0.3, count) for value in MEMBRANES[name]["nominal"]]
    return [*found, rng.uniform(2, 12 if name == "A" else 8, count)]


def interpreter(peer: str, environments: Path) -> Path:
    """Return the interpreter of a tool's environment, made where it is missing."""
    folder = environments / peer
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        command(sys.executable, "-m", "venv", "--clear", str(folder))
        command(
            str(python), "-m", "pip", "install", "-q", "--only-binary", ":all:", *PEERS[peer][0]
        )
        (folder / "complete").touch()
    return python


def command(*words: str, seconds: float = 900) -> str:
    """Run a command and return what it printed, or raise `UnavailableError` with its last line."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=seconds)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(str(error)) from error
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise UnavailableError(last[0])
    return done.stdout


def ours(name: str, parameters: list[Any], repeat: int) -> tuple[Any, dict[str, float]]:
    """Return pumpleak's voltages and its time per member on one thread."""
    membrane, values = members(name, parameters)
    mode = MEMBRANES[name]["mode"]

    def call() -> Any:
        return pl.solve_many(membrane, values, mode=mode, threads=1)

    found = call()
    timing = by_turns({"ours": call}, repeat)["ours"]
    count = len(parameters[0])
    return found.V_mV, {"wall_s": timing.wall_s / count, "cpu_s": timing.cpu_s / count}


def beside(python: Path, peer: str, count: int, repeat: int) -> dict[str, Any]:
    """Return one tool's rows, with pumpleak's time before and after it."""
    parameters = {name: drawn(name, count) for name in PEERS[peer][1]}
    with tempfile.TemporaryDirectory() as folder:
        for name, arrays in parameters.items():
            np.save(Path(folder) / f"{name}.npy", np.array(arrays))
        before = {name: ours(name, arrays, repeat) for name, arrays in parameters.items()}
        script = FOLDER / f"{peer}_peer.py"
        answer = json.loads(command(str(python), str(script), folder).splitlines()[-1])
        found = {name: np.load(Path(folder) / f"{name}.found.npy") for name in answer["membranes"]}
    after = {name: ours(name, parameters[name], repeat)[1] for name in found}
    rows = {}
    for name, row in answer["membranes"].items():
        exact, first = before[name]
        mine = {key: (first[key] + after[name][key]) / 2 for key in first}
        away = np.abs(found[name] - exact[: row["members"]])
        theirs = {key: row[key] / row["members"] for key in ("wall_s", "cpu_s")}
        rows[name] = {
            "members": row["members"],
            "members_per_s": 1 / theirs["wall_s"],
            "ratio": theirs["wall_s"] / mine["wall_s"],
            "cpu_ratio": theirs["cpu_s"] / mine["cpu_s"],
            "max_deviation_mV": float(np.nanmax(away)),
            "refused": int(np.isnan(away).sum()),
        }
    return {"note": answer["note"], "A2": answer["A2"], "membranes": rows}


def rests_of_a2() -> list[dict[str, Any]]:
    """Return every rest of A2 that pumpleak finds, with its kind."""
    found = pl.rest(pl.load(EXAMPLES / "reference_a2.toml"))
    return [{"V_mV": state.V_mV, "kind": str(state.kind)} for state in found]


def measured(given: argparse.Namespace, environments: Path) -> dict[str, Any]:
    """Return what each tool found, or why it could not be asked."""
    count, repeat = (20_000, 2) if given.quick else (200_000, 5)
    found: dict[str, Any] = {}
    for peer in given.only:
        try:
            python = Path(sys.executable) if given.here else interpreter(peer, environments)
            found[peer] = beside(python, peer, count, repeat)
        except UnavailableError as error:
            found[peer] = {"unavailable": str(error)}
    return {"peers": found, "A2": rests_of_a2()}


def markdown(found: dict[str, Any]) -> str:
    """Return what was found as tables."""
    head = ["tool", "membrane", "ours over theirs, processor time", "on the clock"]
    head += ["theirs, members/s", "members", "largest deviation, mV", "refused"]
    body, said = [], []
    for peer, answer in found["peers"].items():
        if "unavailable" in answer:
            body.append([peer, "", f"not measured: {answer['unavailable']}", "", "", "", "", ""])
            continue
        for name, row in answer["membranes"].items():
            body.append(
                [
                    re.split(r"[,;]| \(", answer["note"])[0],
                    name,
                    f"{row['cpu_ratio']:,.1f}",
                    f"{row['ratio']:,.1f}",
                    f"{row['members_per_s']:,.0f}",
                    f"{row['members']:,}",
                    f"{row['max_deviation_mV']:.1e}",
                    f"{row['refused']:,}",
                ]
            )
        at = ["nothing" if V is None else f"{V:.4f}" for V in answer["A2"]]
        said.append([answer["note"], *at])
    rests = ", ".join(f"{state['V_mV']:.4f} ({state['kind']})" for state in found["A2"])
    starts = [f"from {start:g} mV" for start in STARTS_A2]
    return (
        table(head, body)
        + "\n\nA2, with three rests, from three starts (mV):\n\n"
        + table(["tool", *starts], [*said, ["pumpleak, all states", rests, "", ""]])
    )


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default=",".join(PEERS), help="tools, with commas between")
    options.add_argument("--environments", type=Path, help="where the tools are, or will be")
    options.add_argument("--here", action="store_true", help="install nothing")
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="fewer members of pumpleak's own")
    given = options.parse_args()
    given.only = [name for name in given.only.split(",") if name]
    for name in given.only:
        if name not in PEERS:
            options.error(f"--only: no tool {name!r}; there are {', '.join(PEERS)}")
    with tempfile.TemporaryDirectory() as folder:
        found = measured(given, (given.environments or Path(folder)).resolve())
    print(json.dumps(found) if given.json else markdown(found))


if __name__ == "__main__":
    main()
