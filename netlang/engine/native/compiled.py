"""Calls the compiled code of a network, through ctypes, on the memory of tensors."""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache, cached_property
from itertools import takewhile
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from netlang.engine.native.cc import NotCompiled
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_ALIGNMENT = 64
_PRIVATE = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}
_HUGE = 1 << 21  # bytes of a page of memory that spares looking up many small ones


class _Call(ctypes.Structure):
    """``struct call`` of the C source, which says what each field holds."""

    _fields_ = (
        ("threads", ctypes.c_int64),
        ("samples", ctypes.c_int64),
        ("laid_out", ctypes.c_int64),
        ("order", ctypes.c_void_p),
        ("inputs", ctypes.c_void_p),
        ("targets", ctypes.c_void_p),
        ("classes", ctypes.c_void_p),
        ("sample_weights", ctypes.c_void_p),
        ("outputs", ctypes.c_void_p),
        ("weights", ctypes.c_void_p),
        ("statistics", ctypes.c_void_p),
        ("gradients", ctypes.c_void_p),
        ("state", ctypes.POINTER(ctypes.c_void_p)),
        ("average", ctypes.c_void_p),
        ("average_statistics", ctypes.c_void_p),
        ("steps_before", ctypes.c_int64),
        ("arguments", ctypes.c_void_p),
        ("next_arguments", ctypes.c_int64),
        ("batch_samples", ctypes.c_int64),
        ("first_slice", ctypes.c_int64),
        ("last_slice", ctypes.c_int64),
        ("first_counted", ctypes.c_int64),
        ("last_counted", ctypes.c_int64),
        ("phase", ctypes.c_int64),
        ("keys", ctypes.POINTER(ctypes.c_uint64)),
        ("gemm", ctypes.c_void_p),
        ("prepared", ctypes.c_void_p),
        ("slices", ctypes.c_void_p),
        ("work", ctypes.c_void_p),
    )


class CompiledCode:
    """The compiled functions of ``file``, for batches of so many ``slices``. They take the fields
    of ``struct call``, except memory to work in, which this class allocates.

    Tensors have to be contiguous and on the CPU. Their numbers are those that the C was written
    for, or int64 where it says so.  Raises NotCompiled if the file cannot be loaded.
    """

    def __init__(self, file: Path, slices: int) -> None:
        self._functions, self._slice_count = load(file), slices
        self._alone = Lock()  # calls share this memory, and ctypes lets other threads run
        self._prepared = Memory(self._functions.prepared_size)
        self._slices = Memory(self._functions.slices_size)
        self._parts = self._functions.work_parts
        self._parts.argtypes, self._parts.restype = (ctypes.c_int64,), ctypes.c_int64
        self._work = Memory(self._functions.work_size)
        self._evaluated = Memory(self._functions.evaluated_size)

    def train(self, threads: int, **fields: Any) -> None:
        """Do steps on the samples of ``order``."""
        self._call("train", self._work, threads, fields)

    def gradients(self, threads: int, **fields: Any) -> Iterator[list[Tensor]]:
        """Fill ``gradients`` for a batch, or some slices of it, phase by phase. Between two phases,
        yields what slices measured: those of other slices have to be there before the next.

        Shape: [slices, bytes], uint8.
        """
        for phase in range(self._phases):
            self._call("find_gradients", self._work, threads, {**fields, "phase": phase})
            if found := self._measured(phase):
                yield found

    def update(self, **fields: Any) -> None:
        """Do the optimizer's step with ``gradients``."""
        self._call("update_weights", self._work, 1, fields)

    def evaluate(self, threads: int, **fields: Any) -> None:
        """Fill ``outputs`` from ``inputs``, with dropout off."""
        self._call("evaluate", self._evaluated, threads, fields)

    @cached_property
    def _measuring(self) -> list[tuple[int, int, int]]:
        """The rows of ``measured_of_slices`` in the C."""
        rows = (ctypes.c_int64 * 3).in_dll(self._functions, "measured_of_slices")
        each = iter(ctypes.cast(rows, ctypes.POINTER(ctypes.c_int64 * 3)))
        return [*takewhile(lambda row: row[0] >= 0, (tuple(row) for row in each))]

    @property
    def _phases(self) -> int:
        return 1 + max((phase + 1 for phase, _, _ in self._measuring), default=0)

    def _measured(self, phase: int) -> list[Tensor]:
        start = self._prepared.address(1)
        return [
            torch.frombuffer(
                (ctypes.c_uint8 * (self._slice_count * size)).from_address(start + begin),
                dtype=torch.uint8,
            ).view(self._slice_count, size)
            for of_phase, begin, size in self._measuring
            if of_phase == phase
        ]

    def _call(self, name: str, work: Memory, threads: int, fields: Mapping[str, Any]) -> None:
        call = _Call(threads=threads)
        for field, value in fields.items():
            setattr(call, field, _in_c(field, value))
        with self._alone:
            call.prepared, call.slices = self._prepared.address(1), self._slices.address(1)
            call.work = work.address(self._parts(threads) if work is self._work else threads)
            self._functions[name](ctypes.byref(call))


def _in_c(field: str, value: Any) -> Any:
    """A tensor's address, or an array of a list's items; other values as they are."""
    if isinstance(value, torch.Tensor):
        return value.data_ptr()
    if isinstance(value, list):
        return (_TYPES[field]._type_ * len(value))(*value)
    return value


_TYPES: Mapping[str, Any] = dict(_Call._fields_)


def load(file: Path) -> ctypes.CDLL:
    """The functions of a compiled file.  Raises NotCompiled if they cannot be loaded."""
    try:
        return ctypes.CDLL(str(file))
    except OSError as error:
        reason = str(error).removeprefix(f"{file}: ")
        raise NotCompiled(f"the compiled code could not be loaded: {reason}") from None


class Memory:
    """Parts of as many bytes as ``size`` says, which are zeros at first.

    What is large lies in huge pages where the system has them: values of a whole batch are more
    than the processor remembers small pages of, and a step looks all of them up several times.
    Raises MemoryError if there is not so much.
    """

    def __init__(self, size: Any) -> None:
        size.restype = ctypes.c_size_t
        self._size, self._parts = size(), 0

    def address(self, parts: int) -> int:
        """The address of so many parts, a multiple of 64."""
        if parts > self._parts:
            self._address = self._allocated(self._size * parts)
            self._parts = parts  # as they are there now
        return self._address

    def _allocated(self, size: int) -> int:
        alignment = _HUGE if size >= 2 * _HUGE else _ALIGNMENT
        try:
            self._bytes = mmap.mmap(-1, size + alignment, **_PRIVATE)
        except OSError as error:
            raise MemoryError(f"{size:,} bytes to work in: {error.strerror}") from None
        if alignment == _HUGE and hasattr(mmap, "MADV_HUGEPAGE"):
            with suppress(OSError):  # a system built without them has small pages
                self._bytes.madvise(mmap.MADV_HUGEPAGE)
        start = ctypes.addressof(ctypes.c_char.from_buffer(self._bytes))
        return -(-start // alignment) * alignment


@cache
def gemm_address(double: bool) -> int | None:
    """The address of the matrix product in torch's own BLAS; None if torch exports none."""
    name = "dgemm_" if double else "sgemm_"
    for file in sorted(Path(torch.__file__).parent.glob("lib/*torch_cpu.*")):
        try:
            return ctypes.cast(getattr(ctypes.CDLL(str(file)), name), ctypes.c_void_p).value
        except (OSError, AttributeError):
            continue
    return None
