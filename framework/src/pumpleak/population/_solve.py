"""Solving members block by block, and reducing them on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ._reduce import Block, Reduction
from ._tally import Tally, merged

if TYPE_CHECKING:
    from ._population import Population

#: Members that are solved at once: memory does not grow beyond what these need.
AT_ONCE = 1 << 18
#: As many where each takes long, so that Ctrl-C need not wait for the others.
_SLOW_AT_ONCE = 1 << 12
#: Members that are reduced at once, so that they stay in the processor's cache.
_REDUCED_AT_ONCE = 1 << 16


def solved(population: Population, start: int, stop: int, threads: int | None = None) -> Block:
    """Solve the members between two indices.

    Args:
        population: whose.
        start: index of the first member.
        stop: index after the last.
        threads: of the kernel.

    Returns:
        A row a member; with all states, a row a state.
    """
    from ..many import solve_many

    values = population.values(start, stop)
    found = solve_many(
        population.membrane,
        values,
        mode=population.mode,
        all_states=population.all_states,
        threads=threads,
        outputs=population.outputs,
    )
    rows: dict[str, Any] = {"V": found.V_mV}
    rows |= {name: found.unknowns[name] for name in population.unknowns}
    if population.mode == "clamped":
        rows["slope"] = found.slope_nS
    rows["residual"] = found.residual
    rows |= {name: found.outputs[name] for name in population.outputs}
    member = found.member if population.all_states else None
    for of in population.varied:
        rows[of.name] = values[of.name] if member is None else values[of.name][member]
    return Block(
        members=stop - start,
        values=rows,
        status=found.status,
        kind=found.kind,
        retried=found.retried,
        member=member,
    )


def notes(population: Population) -> tuple[str, ...]:
    """Return what there is to say of how members are solved, one sentence each."""
    from ..many._solve import prepared

    ready = prepared(
        population.membrane,
        tuple(population.values(0, 1)),
        mode=population.mode,
        outputs=tuple(population.outputs),
    )
    return ready.notes


def opaque(population: Population) -> list[str]:
    """Return the names of mechanisms without equations, which are solved point by point."""
    return [item.label for item in population.membrane.mechanisms if item.opaque]


def at_once(population: Population) -> int:
    """Return how many members to solve at once: fewer where no kernel finds their states."""
    return _SLOW_AT_ONCE if population.all_states or notes(population) else AT_ONCE


def pieces(block: Block) -> Iterator[Block]:
    """Yield a solved block in pieces that stay in the processor's cache."""
    if block.member is not None or block.members <= _REDUCED_AT_ONCE:
        yield block
        return
    for start in range(0, block.members, _REDUCED_AT_ONCE):
        rows = slice(start, min(block.members, start + _REDUCED_AT_ONCE))
        yield Block(
            members=rows.stop - rows.start,
            values={name: values[rows] for name, values in block.values.items()},
            status=block.status[rows],
            kind=block.kind[rows],
            retried=block.retried[rows],
        )


def tallied(block: Block, reductions: Sequence[Reduction]) -> Tally:
    """Return what a solved block adds to each reduction."""
    whole: Tally = {}
    for piece in pieces(block):
        for reduction in reductions:
            whole = merged(whole, reduction.tally(piece))
    return whole


def summarised(population: Population, threads: int | None = None) -> Tally:
    """Solve every member, and return what the reductions know in the end."""
    from ..many._machine import default_threads
    from ._summary import reductions

    wanted = reductions(population)
    members = at_once(population)
    starts = range(0, population.size, members)
    side_by_side = min(threads or default_threads(), len(starts))

    def part(start: int, threads: int | None) -> Tally:
        block = solved(population, start, min(population.size, start + members), threads)
        return tallied(block, wanted)

    whole: Tally = {}
    if side_by_side < 2 or opaque(population):
        for start in starts:
            whole = merged(whole, part(start, threads))
        return whole
    # kernels and NumPy let go of the interpreter, so that several blocks are done side by side
    with ThreadPoolExecutor(side_by_side) as pool:
        for tally in pool.map(lambda start: part(start, 1), starts):
            whole = merged(whole, tally)
    return whole


def first_failing(population: Population, start: int, stop: int, threads: int | None) -> int:
    """Return the first member between two indices that raises, when some member does.

    Halves the interval again and again, so that it costs as much as solving it once more.
    """
    while stop - start > 1:
        middle = (start + stop) // 2
        try:
            solved(population, start, middle, threads)
        except Exception:  # whatever a plugin raises is what we look for
            stop = middle
        else:
            start = middle
    return start
