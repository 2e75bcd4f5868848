"""A compiled training step, called through ctypes on the memory of tensors."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.lowering.c.errors import NoLibrary
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_ALIGNMENT = 64


class _Call(ctypes.Structure):
    """``struct call`` of the C source."""

    _fields_ = (
        ("threads", ctypes.c_int64),
        ("samples", ctypes.c_int64),
        ("whole", ctypes.c_int64),
        ("order", ctypes.c_void_p),
        ("inputs", ctypes.c_void_p),
        ("targets", ctypes.c_void_p),
        ("classes", ctypes.c_void_p),
        ("outputs", ctypes.c_void_p),
        ("weights", ctypes.c_void_p),
        ("gradients", ctypes.c_void_p),
        ("state", ctypes.c_void_p),
        ("taken", ctypes.c_int64),
        ("arguments", ctypes.c_void_p),
        ("next_arguments", ctypes.c_int64),
        ("keys", ctypes.c_void_p),
        ("gemm", ctypes.c_void_p),
        ("prepared", ctypes.c_void_p),
        ("work", ctypes.c_void_p),
    )


class Library:
    """For up to so many ``threads``.  Raises NoLibrary if ``file`` cannot be loaded."""

    def __init__(self, file: Path, threads: int) -> None:
        library = load(file)
        for size in (library.work_size, library.prepared_size, library.evaluated_size):
            size.restype = ctypes.c_size_t
        library.train.restype, library.train.argtypes = None, [ctypes.POINTER(_Call)]
        library.update_weights.restype = library.evaluate.restype = None
        library.update_weights.argtypes = library.evaluate.argtypes = [ctypes.POINTER(_Call)]
        self._train, self._update = library.train, library.update_weights
        self._evaluate = library.evaluate
        self._prepared = _Memory(library.prepared_size())
        self._work = _Memory(library.work_size() * threads)
        self._evaluated_size = library.evaluated_size()
        self._evaluated = _Memory(0)

    def train(
        self,
        threads: int,
        order: Tensor,
        inputs: Tensor,
        targets: Tensor,
        outputs: Tensor,
        weights: Tensor,
        gradients: Tensor,
        state: Sequence[Tensor],
        taken: int,
        arguments: Sequence[Sequence[float]],
        keys: Sequence[int],
        whole: int = 0,
    ) -> None:
        """Steps over the samples ``order``.

        Or the gradients of a part of a batch of ``whole`` samples; inputs are then its own, [n, *].

        Shape: order [n] int64, inputs those of the whole data set, targets and outputs [n, *] in
        that order, weights and each of ``state`` [weights], gradients [slices, weights], zeros at
        first, arguments the optimizer's for each step, or once for all. All tensors are contiguous,
        on the CPU, and but for ``order`` and for targets that are class numbers, int64, of the type
        that the C was written for.
        """
        are_classes = targets.dtype == torch.int64
        vectors, numbers = _pointers(state), _numbers([*chain.from_iterable(arguments)])
        words = (ctypes.c_uint64 * max(1, len(keys)))(*keys)
        call = _Call(
            threads,
            len(order),
            whole,
            order.data_ptr(),
            inputs.data_ptr(),
            None if are_classes else targets.data_ptr(),
            targets.data_ptr() if are_classes else None,
            outputs.data_ptr(),
            weights.data_ptr(),
            gradients.data_ptr(),
            ctypes.addressof(vectors),
            taken,
            ctypes.addressof(numbers),
            len(arguments[0]) if len(arguments) > 1 else 0,
            ctypes.addressof(words),
            gemm_address(weights.dtype == torch.float64),
            self._prepared.address,
            self._work.address,
        )
        self._train(ctypes.byref(call))

    def update(
        self,
        weights: Tensor,
        gradients: Tensor,
        state: Sequence[Tensor],
        taken: int,
        arguments: Sequence[float],
    ) -> None:
        """The optimizer's step by ``gradients`` [slices, weights], as which ``train`` has them."""
        vectors, numbers = _pointers(state), _numbers(arguments)
        call = _Call(
            weights=weights.data_ptr(),
            gradients=gradients.data_ptr(),
            state=ctypes.addressof(vectors),
            taken=taken,
            arguments=ctypes.addressof(numbers),
        )
        self._update(ctypes.byref(call))

    def evaluate(self, threads: int, inputs: Tensor, outputs: Tensor, weights: Tensor) -> None:
        """Fill ``outputs``, dropout off.

        Shape: inputs and outputs [n, *], weights [weights]; contiguous, and of the type of the C.
        """
        if self._evaluated.size < self._evaluated_size * threads:
            self._evaluated = _Memory(self._evaluated_size * threads)
        call = _Call(
            threads=threads,
            samples=len(inputs),
            inputs=inputs.data_ptr(),
            outputs=outputs.data_ptr(),
            weights=weights.data_ptr(),
            gemm=gemm_address(weights.dtype == torch.float64),
            prepared=self._prepared.address,
            work=self._evaluated.address,
        )
        self._evaluate(ctypes.byref(call))


def _pointers(vectors: Sequence[Tensor]) -> ctypes.Array[ctypes.c_void_p]:
    return (ctypes.c_void_p * max(1, len(vectors)))(*(one.data_ptr() for one in vectors))


def _numbers(values: Sequence[float]) -> ctypes.Array[ctypes.c_double]:
    return (ctypes.c_double * max(1, len(values)))(*values)


def load(file: Path) -> ctypes.CDLL:
    """Raises NoLibrary."""
    try:
        return ctypes.CDLL(str(file))
    except OSError as error:
        raise NoLibrary(f"the compiled code could not be loaded: {error}") from None


class _Memory:
    """Zeros, that begin at a multiple of 64 bytes."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._bytes = torch.zeros(size + _ALIGNMENT, dtype=torch.uint8)
        self.address = -(-self._bytes.data_ptr() // _ALIGNMENT) * _ALIGNMENT


@cache
def gemm_address(double: bool) -> int | None:
    """Where torch's own BLAS has its product of matrices; None if it exports none."""
    name = "dgemm_" if double else "sgemm_"
    for file in sorted(Path(torch.__file__).parent.glob("lib/*torch_cpu.*")):
        try:
            return ctypes.cast(getattr(ctypes.CDLL(str(file)), name), ctypes.c_void_p).value
        except (OSError, AttributeError):
            continue
    return None
