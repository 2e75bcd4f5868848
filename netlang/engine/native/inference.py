"""A trained network in C, which answers at once: compiled, laid out, its memory at hand."""

from __future__ import annotations

import ctypes
from threading import Lock
from typing import TYPE_CHECKING, Any

from netlang.compiler.ir import Graph
from netlang.engine.native import cache
from netlang.engine.native.cc import NotCompiled
from netlang.engine.native.compiled import Memory, gemm_address, load
from netlang.engine.native.folding import folded
from netlang.engine.network import Network
from netlang.engine.threads import thread_count, torch_threads
from netlang.lowering.c.generator.emit import emit_inference
from netlang.lowering.lowerings import Unsupported
from netlang.system.lazy import np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

_REALS = {"torch.float32": "float", "torch.float64": "double"}
_TOGETHER = 64  # samples that go through a network together, where there are many


class CompiledNetwork:
    """The ``network`` as it is now, in C: what its weights become later does not reach it.

    It is compiled for a lone sample, or for many, and for the other when it first comes. If that is
    then refused, many go through the network one by one, and one as if it were many. Several
    threads may ask it.

    Raises Unsupported where a layer has no C, and NotCompiled where that cannot be compiled.
    """

    def __init__(self, network: Network, for_many: bool = False) -> None:
        kind = str(network.parameters.dtype)
        if kind not in _REALS or network.parameters.device.type != "cpu":
            raise Unsupported(f"it computes in float32 or float64 on the CPU, not in {kind}")
        network = folded(network)
        self.graph, self._real = network.graph, _REALS[kind]
        self._weights = network.parameters, network.statistics
        self._asked = Lock()  # calls share their memory, and ctypes lets other threads run
        self._alone = 1, *self.graph.input.sizes  # the shape of a lone sample, as a batch
        first = _TOGETHER if for_many else 1
        self._codes = {first: self._compiled(first)}

    def __call__(self, inputs: NDArray[Any]) -> NDArray[Any]:
        """The outputs for ``inputs``, dropout off.  Shape: [N, *] -> [N, *].

        Raises ValueError for samples of another shape.
        """
        is_alone = inputs.shape == self._alone
        if not is_alone and inputs.shape[1:] != self.graph.input.sizes:
            raise ValueError(f"inputs have shape {[*inputs.shape]}, not the network's")
        with self._asked:
            together = 1 if is_alone else _TOGETHER
            code = self._codes.get(together) or self._further(together)
            if is_alone and not code.calls_blas:
                return code.answer_one(inputs)
            return code.answer(inputs)

    def _further(self, together: int) -> _Code:
        """The other code, or what there is if it is refused, as by a compiler that is gone."""
        try:
            found = self._compiled(together)
        except (Unsupported, NotCompiled):
            (found,) = self._codes.values()
        self._codes[together] = found
        return found

    def _compiled(self, together: int) -> _Code:
        return _Code(self.graph, together, self._real, *self._weights)


class _Call(ctypes.Structure):
    """``struct call`` of the C source, which says what each field holds."""

    _fields_ = (
        ("threads", ctypes.c_int64),
        ("samples", ctypes.c_int64),
        ("inputs", ctypes.c_void_p),
        ("outputs", ctypes.c_void_p),
        ("weights", ctypes.c_void_p),
        ("statistics", ctypes.c_void_p),
        ("gemm", ctypes.c_void_p),
        ("prepared", ctypes.c_void_p),
        ("work", ctypes.c_void_p),
    )


class _Code:
    """The compiled functions for so many samples ``together``, and a call of them that is ready."""

    def __init__(
        self, graph: Graph, together: int, real: str, weights: Tensor, statistics: Tensor
    ) -> None:
        emission = emit_inference(graph, together, real)
        gemm = gemm_address(real == "double")
        if emission.calls_blas and gemm is None:
            raise Unsupported("the network is large, and torch brings no BLAS that can be called")
        functions = load(cache.compiled(emission.source))
        self._graph, self._dtype = graph, np.dtype("f8" if real == "double" else "f4")
        self._kept = weights, statistics  # as C reads their memory
        self._prepared, self._work = Memory(functions.prepared_size), Memory(functions.work_size)
        self._call = _Call(1, 1, weights=weights.data_ptr(), statistics=statistics.data_ptr())
        self._call.gemm, self._call.prepared = gemm, self._prepared.address(1)
        self._call.work = self._work.address(1)
        self._x = np.empty((1, *graph.input.sizes), self._dtype)
        self._y = np.empty((1, *graph.output.sizes), self._dtype)
        self._call.inputs, self._call.outputs = self._x.ctypes.data, self._y.ctypes.data
        self.calls_blas = emission.calls_blas
        self._at, self._answer = ctypes.byref(self._call), functions.answer
        self._answer.restype = None
        functions.lay_out(self._at)

    def answer_one(self, inputs: NDArray[Any]) -> NDArray[Any]:
        """The outputs for a lone sample, where the BLAS is not called."""
        self._x[...] = inputs
        self._answer(self._at)
        return self._y.copy()

    def answer(self, inputs: NDArray[Any]) -> NDArray[Any]:
        """The outputs for many samples."""
        x = np.ascontiguousarray(inputs, self._dtype)
        y = np.empty((len(x), *self._graph.output.sizes), self._dtype)
        threads = thread_count(self._graph.macs * len(x))
        self._call.work = self._work.address(threads)  # which is elsewhere for more of them
        call = _Call.from_buffer_copy(self._call)
        call.threads, call.samples = threads, len(x)
        call.inputs, call.outputs = x.ctypes.data, y.ctypes.data
        with torch_threads(1):  # the BLAS has threads of its own, and they change bits
            self._answer(ctypes.byref(call))
        return y
