"""Changes of a registry made in a process that is killed, for the tests of what is left."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path

from pumpleak_registry.repository import Repository

#: Audit events that change files; a change is cut before each of them in turn.
_EVENTS = {"open", "os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree"}

# a server that has imported everything forks quickly, and forks nothing of pytest's threads
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["pumpleak_registry.repository"])


def change(place: str, method: str, *arguments) -> None:
    """Make a change of the registry in `place` with the keys beside it."""
    folder, keys = Path(place) / "registry", [Path(place) / "keys"]
    if method == "create":
        Repository.create(folder, keys)
    else:
        getattr(Repository(folder, keys), method)(*arguments)


def _with_hook(event_number, place, method, arguments):
    left = event_number
    folder = str(Path(place) / "registry")

    def hook(event, values):
        nonlocal left
        if event in _EVENTS and folder in str(values[0]) and not _only_reads(event, values):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    change(place, method, *arguments)


def _only_reads(event, values):
    return event == "open" and not values[2] & (os.O_WRONLY | os.O_RDWR)


def _with_rename_hook(name, place, method, arguments):
    def hook(event, values):
        if event == "os.rename" and Path(str(values[1])).name == name:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    change(place, method, *arguments)


def cut_before(name: str, place: Path, method: str, *arguments) -> bool:
    """Make a change that is killed before it moves a file of that name into place."""
    process = _context.Process(target=_with_rename_hook, args=(name, str(place), method, arguments))
    process.start()
    process.join(60)
    return process.exitcode == -signal.SIGKILL


def cut_at(event_number: int, place: Path, method: str, *arguments) -> bool:
    """Make a change that is killed before its n-th file operation; return whether it was."""
    process = _context.Process(
        target=_with_hook, args=(event_number, str(place), method, arguments)
    )
    process.start()
    process.join(60)
    assert process.exitcode in {0, -signal.SIGKILL}
    return process.exitcode != 0


def cut_after(seconds: float, place: Path, method: str, *arguments) -> bool:
    """Make a change that is killed after a time; return whether it was still at work."""
    process = _begun(place, method, arguments)
    time.sleep(seconds)
    process.kill()
    process.join(60)
    return process.exitcode == -signal.SIGKILL


def lasts(place: Path, method: str, *arguments) -> float:
    """Make a change; return how long it took, in seconds."""
    process = _begun(place, method, arguments)
    begun = time.perf_counter()
    process.join(60)
    assert process.exitcode == 0
    return time.perf_counter() - begun


def _begun(place, method, arguments):
    ready, told = _context.Pipe(duplex=False)
    process = _context.Process(target=_told, args=(told, str(place), method, arguments))
    process.start()
    ready.recv()
    return process


def _told(told, place, method, arguments):
    told.send("ready")
    change(place, method, *arguments)
