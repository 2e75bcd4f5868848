"""How a batch is tiled for C: threads may share its slices, and each slice is cut into chunks."""

from __future__ import annotations

from netlang.compiler.ir import Graph
from netlang.lowering.c.rows import row_sizes
from netlang.lowering.lowerings import Unsupported
from netlang.system.record import Record

_LARGEST_CHUNK, _LARGEST_CHUNK_FOR_BLAS = 64, 512
_WIDEST_CHUNK = 1 << 21  # numbers in one value of a chunk, which may have many values
_SLICES_FROM = 3_000_000  # multiply-adds in a step, about 50 microseconds of one core
_SMALL_SLICE, _MOST_SLICES = 32, 8
_BLOCK = 16  # samples, which are whole blocks for vectors of up to 16 numbers
_CACHED = 1 << 18  # weights whose gradients stay in a core's own cache
_MOST_PADDING = 16  # numbers that PAD() adds to a row


class Tiling(Record):
    """``slices`` of ``chunks`` of ``chunk`` samples, which the last ones need not have."""

    slices: int
    chunks: int
    chunk: int


def tile(graph: Graph, batch: int, calls_blas: bool, in_blocks: bool = False) -> Tiling:
    """The tiling depends on the program alone, as it decides in which order gradients are summed.

    The BLAS has threads of its own, and wants many samples at a time. Where values are
    ``in_blocks`` of samples, a chunk is one of these.  Raises Unsupported for thousands of millions
    of numbers.
    """
    if in_blocks:
        return _of_blocks(graph, batch)
    slices = 1 if calls_blas else _slices(graph, batch)
    share = -(-batch // slices)
    widest = max(node.shape.size for node in graph.nodes)
    largest = _LARGEST_CHUNK_FOR_BLAS if calls_blas else _LARGEST_CHUNK
    chunks = -(-share // max(1, min(largest, _WIDEST_CHUNK // widest)))
    found = Tiling(slices, chunks, chunk=-(-share // chunks))
    _check_counts(graph, found)
    return found


def _check_counts(graph: Graph, found: Tiling) -> None:
    if _largest_count(graph, found) >= 1 << 31:
        raise Unsupported("the network or its batch is too large for the C, which counts to 2³¹")


def _of_blocks(graph: Graph, batch: int) -> Tiling:
    """Values in blocks are large: a chunk is one block of any machine."""
    whole = -(-batch // _BLOCK)
    slices = min(_MOST_SLICES, whole) if 3 * graph.macs * batch >= _SLICES_FROM else 1
    chunks = -(-whole // slices)
    found = Tiling(-(-whole // chunks), chunks, min(batch, _BLOCK))
    _check_counts(graph, found)
    return found


def _slices(graph: Graph, batch: int) -> int:
    if 3 * graph.macs * batch < _SLICES_FROM:
        return 1
    # Where gradients leave the cache between slices, larger ones are better.
    smallest = _SMALL_SLICE if graph.weights < _CACHED else 2 * _SMALL_SLICE
    return max(1, min(_MOST_SLICES, batch // smallest))


def _largest_count(graph: Graph, parts: Tiling) -> int:
    """The most numbers that one index of the C counts."""
    rows_of = (row_sizes(node.shape) for node in graph.nodes)
    widest = max(rows * (last + _MOST_PADDING) for rows, last in rows_of)
    samples = parts.slices * parts.chunks * parts.chunk
    return max(graph.weights, parts.chunk * widest, samples * max(1, graph.output.size))
