"""A layout for each value: rows of numbers, one sample behind the other, or blocks of samples,
whose numbers lie side by side. A lone sample lies flat where many would lie in blocks.

Most routines want one of the two. What is left is chosen so that few numbers change their layout
on the way from a layer to its readers.
"""

from __future__ import annotations

from collections.abc import Mapping

from netlang.compiler.ir import Graph
from netlang.lowering.c.kernels import ANY, BLOCKS, ROWS, Elementwise, LayerKernel, Layout, Routine

_SWEEPS = 4  # which settle what is chosen; more of them would change little


def layouts(
    graph: Graph, kernels: Mapping[int, LayerKernel], in_blocks: Layout = BLOCKS
) -> dict[int, Layout]:
    """That of the value of each node that has a kernel, and of the input, which comes in rows.

    What wants blocks lies ``in_blocks``.
    """
    found: dict[int, Layout] = {0: ROWS}
    for number, kernel in kernels.items():
        if wanted := _wanted(kernel):
            found[number] = in_blocks if wanted == BLOCKS else wanted
    free = [number for number in kernels if number not in found]
    if in_blocks not in found.values():
        return found | dict.fromkeys(free, ROWS)
    around = _around(graph, kernels)
    for sweep in range(_SWEEPS):
        for number in free if sweep % 2 == 0 else reversed(free):
            found[number] = _cheapest(around[number], found, in_blocks)
    return found


def _wanted(kernel: LayerKernel) -> Layout | None:
    """The only layout in which a layer is computed; None if it can be either."""
    if isinstance(kernel, Elementwise):
        return None
    if isinstance(kernel, Routine):
        return None if kernel.layout == ANY else kernel.layout
    return ROWS


_Neighbours = list[tuple[int, int]]  # nodes, and how many numbers go between them and this one


def _around(graph: Graph, kernels: Mapping[int, LayerKernel]) -> dict[int, _Neighbours]:
    around: dict[int, _Neighbours] = {number: [] for number in (0, *kernels)}
    for reader in kernels:
        for source in dict.fromkeys(graph.nodes[reader].inputs):
            size = graph.nodes[source].shape.size
            around[reader].append((source, size))
            around[source].append((reader, size))
    return around


def _cheapest(around: _Neighbours, found: Mapping[int, Layout], in_blocks: Layout) -> Layout:
    """The layout with which the fewest numbers go to or come from another one."""
    costs: dict[Layout, int] = {
        layout: sum(size for other, size in around if found.get(other, layout) != layout)
        for layout in (ROWS, in_blocks)
    }
    return in_blocks if costs[in_blocks] < costs[ROWS] else ROWS
