"""How a batch is tiled for C: threads may share its slices, and each slice is cut into chunks."""

from __future__ import annotations

import math

from netlang.catalogue.layers.recurrence import Recurrent
from netlang.compiler.ir import Graph
from netlang.lowering.c.rows import row_sizes
from netlang.lowering.lowerings import Unsupported
from netlang.system.record import Record

_LARGEST_CHUNK, _LARGEST_CHUNK_FOR_BLAS = 64, 512
_WIDEST_CHUNK = 1 << 21  # numbers in one value of a chunk, which may have many values
_SLICES_FROM = 3_000_000  # multiply-adds in a step, about 50 microseconds of one core
_SMALL_SLICE, _MOST_SLICES = 32, 8  # rows of a slice, and slices
_LARGEST_ROWS = 256  # of a chunk, whose values then stay in a cache
_FEWER_ROWS = 128  # where gradients do, too: to add to them once more is quick
_BLOCK = 16  # samples, which are whole blocks for vectors of up to 16 numbers
_CACHED = 1 << 18  # weights whose gradients stay in a core's own cache
_FEW_WEIGHTS = 1 << 16  # whose gradients of all slices do
_MOST_PADDING = 16  # numbers that PAD() adds to a row


class Tiling(Record):
    """``slices`` of ``chunks`` of ``chunk`` samples, which the last ones need not have."""

    slices: int
    chunks: int
    chunk: int


def tile(
    graph: Graph, batch: int, calls_blas: bool, in_blocks: bool = False, measures: bool = False
) -> Tiling:
    """The tiling depends on the program alone, as it decides in which order gradients are summed.

    The BLAS has threads of its own, and wants many samples at a time. Values ``in_blocks`` are
    large: a chunk is one block of any machine. Where a layer ``measures`` the whole batch, slices
    are not cut.  Raises Unsupported for thousands of millions of numbers.
    """
    least = min(batch, _BLOCK) if in_blocks else 1
    slices = 1 if calls_blas else _slices(graph, batch, least)
    share = -(-batch // (slices * least)) * least
    largest = share if measures else least if in_blocks else _largest(graph, calls_blas)
    chunks = -(-share // largest)
    chunk = -(-share // (chunks * least)) * least
    found = Tiling(-(-batch // (chunks * chunk)), chunks, chunk)
    check_count(_largest_count(graph, found, in_blocks))
    return found


def check_count(count: int) -> None:
    """Raises Unsupported for more numbers than one index of the C counts."""
    if count >= 1 << 31:
        raise Unsupported("the network or its batch is too large for the C, which counts to 2³¹")


def _largest(graph: Graph, calls_blas: bool) -> int:
    """How many samples a chunk has at most."""
    widest = max(node.numbers for node in graph.nodes)
    most_rows = _FEWER_ROWS if graph.weights < _CACHED else _LARGEST_ROWS
    largest = min(_LARGEST_CHUNK, most_rows // _rows(graph))
    return max(1, min(_LARGEST_CHUNK_FOR_BLAS if calls_blas else largest, _WIDEST_CHUNK // widest))


def _rows(graph: Graph) -> int:
    """How many rows of a sample products take at once, in the mean over all multiply-adds.
    Recurrent layers take one step after another.
    """
    rows = sum(
        node.macs * math.prod(node.takes[0].sizes[:-1])
        for node in graph.layers
        if node.takes and not isinstance(node.layer, Recurrent)
    )
    return max(1, rows // max(1, graph.macs))


def _slices(graph: Graph, batch: int, block: int) -> int:
    """So many that each has work for a thread, and whole blocks."""
    if 3 * graph.macs * batch < _SLICES_FROM:
        return 1
    if block > 1:
        return max(1, min(_MOST_SLICES, batch // block))
    # Where gradients leave the cache between slices, larger ones are better.
    rows, smallest = _rows(graph), _SMALL_SLICE if graph.weights < _CACHED else 2 * _SMALL_SLICE
    most = _MOST_SLICES if rows == 1 or graph.weights < _FEW_WEIGHTS else _MOST_SLICES // 2
    return max(1, min(most, batch * rows // smallest, batch))


def _largest_count(graph: Graph, parts: Tiling, in_blocks: bool) -> int:
    """The most numbers that one index of the C counts. Blocks are whole."""
    chunk = -(-parts.chunk // _BLOCK) * _BLOCK if in_blocks else parts.chunk
    rows_of = ((node.members, *row_sizes(node.shape)) for node in graph.nodes)
    widest = max(members * rows * (last + _MOST_PADDING) for members, rows, last in rows_of)
    samples = parts.slices * parts.chunks * parts.chunk
    return max(graph.weights, chunk * widest, samples * max(1, graph.output.size))
