"""Runs hostile cards, each in a process with limits; says how long they work, how large they are.

A script: it reads a JSON list of [name, how, text or path] and prints a JSON list of findings.
`how` is ``load`` (a file), ``loads`` (a text) or ``use`` (a text, whose equations are evaluated as
floats, as dimensions and symbols, and by the kernel).
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from typing import Any

import sympy  # noqa: F401 - its import is not what is measured

import pumpleak as pl
from pumpleak.cards import load_card, loads_card

#: Far above what any card needs; a card that reaches it ends its own process only.
SECONDS = 20
#: What the process may add to what the imports took.
ROOM_MB = 400


def used_MB() -> float:
    """Return the most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def use(text: str) -> str:
    """Return what became of evaluating a card's equations in each way there is."""
    given: dict[str, Any] = {
        "inside": {"K": "140 mM"}, "outside": {"K": "4 mM"}, "temperature": "22 degC",
        "species": {"K": pl.IonSpecies(name="K", valence=1)},
    }  # fmt: skip
    made = loads_card(text).mechanism(density="1 nS")
    sides = {side: pl.Solution(concentrations=given.pop(side)) for side in ("inside", "outside")}
    membrane = pl.Membrane(mechanisms=[made], area="1000 um^2", **sides, **given)
    said = []
    for way in (
        lambda: pl.evaluate(made, V="-50 mV", **sides, **given),
        lambda: pl.ClampedProblem(membrane).total_at(-50.0),
    ):
        try:
            said.append(f"came to {way()}")
        except pl.PumpleakError as error:
            said.append(f"{type(error).__name__}: {error}")
    return "; ".join(said)


def waste(megabytes: str) -> str:
    """Take as much memory, and 0.3 s of work: what must be seen."""
    taken = bytearray(b"x" * int(megabytes) * 2**20)
    end = time.process_time() + 0.3
    while time.process_time() < end:
        pass
    return f"{len(taken)}"


def finding(how: str, what: str) -> dict[str, Any]:
    """Return what one card did."""
    before, start = used_MB(), time.process_time()
    try:
        said = {"load": load_card, "loads": loads_card, "use": use, "waste": waste}[how](what)
        outcome, message = "accepted", str(said)
    except pl.CardError as error:
        outcome, message = "refused", str(error)
    except BaseException as error:
        outcome, message = "escaped", f"{type(error).__name__}: {error}"
    return {
        "outcome": outcome,
        "message": message[:20_000],
        "seconds": time.process_time() - start,
        "MB": used_MB() - before,
    }


def apart(how: str, what: str) -> dict[str, Any]:
    """Return what one card did in a process of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        limit = int((_virtual_MB() + ROOM_MB) * 2**20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        os.write(writer, json.dumps(finding(how, what)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    lost = {"outcome": "killed", "message": f"status {status}", "seconds": SECONDS, "MB": ROOM_MB}
    return json.loads(said) if said else lost


def _virtual_MB() -> float:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize() / 2**20


if __name__ == "__main__":
    json.dump([[name, apart(how, what)] for name, how, what in json.load(sys.stdin)], sys.stdout)
