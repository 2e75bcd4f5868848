"""About how many numbers C works in, told by its calls before any of them is written."""

from __future__ import annotations

from collections.abc import Iterable

from netlang.lowering.c.generator.arrays import length
from netlang.lowering.c.generator.lengths import estimated
from netlang.lowering.c.generator.losses import Losses
from netlang.lowering.c.generator.passes import Passes
from netlang.lowering.c.generator.plan import Plan
from netlang.lowering.c.rows import row_sizes
from netlang.lowering.c.tiling import Tiling


def room(plan: Plan, parts: Tiling, losses: Losses | None = None) -> int:
    """That a thread has of its own: for a chunk and, in training by ``losses``, sums over a slice,
    and what is known of the chunk's samples.
    """
    numbers = Passes(plan, parts.chunk, losses).memory.numbers
    if not losses:
        return numbers
    sums = [one for arrays in plan.arrays.values() for one in arrays.sums.values()]
    rows, _ = row_sizes(losses.targets)
    samples = parts.chunk * (1 + plan.members * rows) + losses.classes
    return numbers + samples + _together(map(length, sums), parts)


def prepared(plan: Plan, parts: Tiling) -> int:
    """That all threads read: what is made of the weights, drawn, and measured by slices."""
    made = [one for arrays in plan.arrays.values() for one in arrays.prepared.values()]
    drawn = sum(plan.units(number).size for number in plan.random)
    measured = [size for number in plan.live for _, size in plan.batch_sums(number).values()]
    of_slices = parts.slices * _together(measured, parts)
    return drawn + of_slices + _together(map(length, made), parts)


def _together(lengths: Iterable[str], parts: Tiling) -> int:
    """Of arrays of these lengths; one that cannot be told is not counted."""
    return sum(estimated(length, parts.chunk) or 0 for length in lengths)
