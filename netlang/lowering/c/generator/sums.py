"""How C sums the gradients of slices: neighbours first, then the sums of neighbours.

So processes that have a block of 2, 4 or 8 slices each have a branch of this tree.
"""

from __future__ import annotations

from string import Template

_SUM = """\
    case $slices:
#pragma omp simd
        for (int i = begin; i < end; i++) {
            const real *const of = gradients + i;
            to[i] = $tree;
        }
        break;
"""


def tree(slices: int, first: int = 0) -> str:
    """The sum of so many slices: ``((0 + 1) + (2 + 3)) + 4``."""
    if slices == 1:
        return f"of[{first} * next]"
    there = 1 << (slices - 1).bit_length() - 1
    left, right = tree(there, first), tree(slices - there, first + there)
    return f"({left} + {right})"


def loops(slices: int) -> str:
    """Loops for as many as a process may have of ``slices``: all of them, or a power of two, or
    what such blocks leave for the last process.
    """
    powers = [1 << power for power in range((slices - 1).bit_length())]
    counts = {slices, *powers, *(slices % power for power in powers)} - {0}
    loop = Template(_SUM)
    return "".join(loop.substitute(slices=one, tree=tree(one)) for one in sorted(counts))
