"""Run kernels over arrays of members, in threads."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np

from . import _compile
from ._nodes import evaluate
from ._program import Program, Text, written

#: Threads share members in multiples of this: whole vectors, so that who shares one never changes.
_PART = 256
#: Of glibc's mallopt.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


@lru_cache(maxsize=4)
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="pumpleak")


# Threads do not live on in a forked process; it makes its own.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)


def default_threads() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@lru_cache(maxsize=1)
def _keep_memory() -> None:
    """Let glibc keep freed memory for the next results: fresh pages cost more than solving does.

    At most 256 MB stay with the process; allocations above 32 MB still go back at once.
    """
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):  # another C library has no mallopt
        adjust = ctypes.CDLL(None).mallopt
        adjust(_M_MMAP_THRESHOLD, 32 << 20)
        adjust(_M_TRIM_THRESHOLD, 256 << 20)


class Machine:
    """A program as machine code, made when it is first run.

    Args:
        program: what to compute.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        width = 2 * _compile.width()
        self.width = width
        self.text: Text = written(program, width, approximate=_compile.approximate())

    def uniforms(self, values: Mapping[str, Any]) -> Any:
        """Return what is the same for all members, computed once.

        Args:
            values: of every leaf that is not a column.
        """
        return np.array([float(value) for value in evaluate(self.text.uniforms, values)])

    def run(
        self, columns: Sequence[Any], uniforms: Any, *, threads: int, members: int = 1
    ) -> tuple[list[Any], list[Any]]:
        """Return numbers and codes of every member.

        Args:
            columns: of the program, in its order, each of shape (n,).
            uniforms: from `uniforms`.
            threads: how many to use.
            members: how many there are, where no column tells.

        Returns:
            Unknowns and outputs, float64 (n,); then, where there are unknowns, status and kind,
            uint8 (n,).
        """
        count = len(columns[0]) if columns else members
        size = max(count, self.width)
        if count < self.width:
            columns = [np.concatenate([c, np.repeat(c[-1:], size - count)]) for c in columns]
        columns = [np.ascontiguousarray(column, dtype=np.float64) for column in columns]
        _keep_memory()
        program = self.program
        numbers = [np.empty(size) for _ in (*program.unknowns, *program.outputs)]
        codes = [np.empty(size, dtype=np.uint8) for _ in range(2 if program.unknowns else 0)]
        # Held while it runs: other threads may push it out of those that are remembered.
        kernel = _compile.load(self.text.module)
        given = _pointers(columns)
        results = _pointers([*numbers, *codes])
        at_uniforms = uniforms.ctypes.data if uniforms.size else None

        def part(first: int, end: int) -> None:
            kernel.call(first, end, given, at_uniforms, results)

        # The calling thread takes a share: two that wake together may land on one processor.
        own, *others = _parts(size, threads, self.width)
        waiting = [_pool(threads).submit(part, *pair) for pair in others]
        part(*own)
        for done in waiting:
            done.result()
        return [array[:count] for array in numbers], [array[:count] for array in codes]


def _pointers(arrays: Sequence[Any]) -> Any:
    found: Any = (ctypes.c_void_p * max(1, len(arrays)))(*(array.ctypes.data for array in arrays))
    # Ctrl-C may end the call while another thread still works: what it writes to lives as long
    found.arrays = tuple(arrays)
    return found


def _parts(size: int, threads: int, width: int) -> list[tuple[int, int]]:
    """Return (first, end) of each thread's share: whole parts, the rest to the last."""
    share = -(-size // max(1, threads))
    share = -(-share // _PART) * _PART
    ends = [*range(share, size, share), size]
    if len(ends) > 1 and ends[-1] - ends[-2] < width:
        ends.pop(-2)
    return list(zip([0, *ends[:-1]], ends, strict=True))
