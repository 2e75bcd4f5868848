"""About how many numbers a thread works in while it trains, told without writing any C."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from netlang.lowering.c.generator.buffers import Buffer, length_in
from netlang.lowering.c.generator.lengths import estimated
from netlang.lowering.c.generator.plan import Plan
from netlang.lowering.c.kernels import Array, Routine

_IS_PADDED = re.compile(r"IS_PADDED\((\d+)\)")
_LANES = 16  # of the widest vectors


def room(plan: Plan, samples: int, in_flight: int) -> int:
    """For the passes of so many ``samples`` there and back: the values that the way back reads,
    what layers keep for it, the room that one of them works in, sums over a slice, and the values
    of a sample that are ``in_flight``.
    """
    read = (number for number in (0, *plan.live) if plan.is_read_backwards(number))
    values = (length_in(plan.value(number), plan.graph) for number in read)
    back = sorted(plan.wanted)
    kept = (length for number in back for length in _named(plan, number, plan.kept(number)))
    scratch = (
        _together(_named(plan, number, plan.scratch(number)), samples) for number in plan.live
    )
    sums = (
        array.length
        for arrays in plan.arrays.values()
        for array in arrays.sums.values()
        if _is_there(array)
    )
    lengths = (*values, *kept, *sums)
    return _together(lengths, samples) + max(scratch, default=0) + samples * in_flight


def _named(plan: Plan, number: int, own: Mapping[str, tuple[Buffer, str]]) -> Iterator[str]:
    """The lengths of those arrays that a kernel's texts name."""
    kernel = plan.kernels[number]
    if not isinstance(kernel, Routine):
        return
    texts = (kernel.forward, kernel.inward, kernel.gradients, *kernel.backward)
    for name, (_, length) in own.items():
        if any(name in text for text in texts):
            yield length


def _is_there(array: Array) -> bool:
    """Whether rows have to be padded for it, if that is the condition on which it is there."""
    sizes = _IS_PADDED.findall(array.when)
    return not sizes or any(int(size) % _LANES for size in sizes)


def _together(lengths: Iterable[str], samples: int) -> int:
    """Of arrays of these lengths; one that says more than sums and products is not counted."""
    return sum(estimated(length, samples) or 0 for length in lengths)
