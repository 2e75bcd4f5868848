"""How a batch is cut: into slices, which threads may share, and these into chunks."""

from __future__ import annotations

from netlang.ir import Graph
from netlang.record import Record

LARGE = 1 << 22  # weights of a layer whose products are left to the BLAS, threads and all

_LARGEST_CHUNK, _LARGEST_CHUNK_FOR_BLAS = 64, 512
_WORTH_SHARING = 3_000_000  # multiply-adds in a step, about 50 microseconds of one core
_SMALL_SLICE, _MOST_SLICES = 32, 8
_CACHED = 1 << 18  # weights whose gradients stay in a core's own cache


class Cut(Record):
    """``slices`` of ``chunks`` of ``chunk`` samples, which the last ones need not have."""

    slices: int
    chunks: int
    chunk: int


def cut(graph: Graph, batch: int) -> Cut:
    """It depends on the program alone, as the order in which gradients are summed does on it."""
    slices = _slices(graph, batch)
    share = -(-batch // slices)
    largest = _LARGEST_CHUNK_FOR_BLAS if calls_blas(graph) else _LARGEST_CHUNK
    chunks = -(-share // largest)
    return Cut(slices, chunks, chunk=-(-share // chunks))


def calls_blas(graph: Graph) -> bool:
    return any(node.weights > LARGE for node in graph.nodes)


def _slices(graph: Graph, batch: int) -> int:
    if 3 * graph.macs * batch < _WORTH_SHARING or calls_blas(graph):
        return 1
    # Where gradients leave the cache between slices, larger ones are better.
    smallest = _SMALL_SLICE if graph.weights < _CACHED else 2 * _SMALL_SLICE
    return max(1, min(_MOST_SLICES, batch // smallest))
