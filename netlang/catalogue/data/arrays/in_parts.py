"""The samples of an array, or pictures, come in parts, so that there may be any number of them."""

from __future__ import annotations

import math
import mmap
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from netlang.catalogue.data.arrays import idx_format, npy_format
from netlang.catalogue.data.arrays.opened import Refused
from netlang.catalogue.data.pipeline import ArrayPipeline
from netlang.system.lazy import np
from netlang.system.record import Record

_NUMBERS = 1 << 20  # of the samples in a part
_FILES = "NPY, NPZ and IDX files"


class Part(Record):
    """Some ``samples`` [N, *], and their ``targets`` where there are any. A column ``called`` so
    has their ``names``, which are numbers from 1 on, or those of files.
    """

    called: str
    names: list[int] | list[str]
    samples: Any
    targets: Any = None


def in_parts(path: Path, pipeline: ArrayPipeline, with_targets: bool = False) -> Iterator[Part]:
    """The samples of an NPY, NPZ or IDX file. In an NPZ file, arrays have the names that they had
    in training; ``with_targets``, it has these, too.

    Raises Refused, OSError and ValueError.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b"")
    targets, start = None, bytes(content[:6])
    if start.startswith(b"PK\3\4"):
        samples = npy_format.member_in(content, pipeline.name)
        targets = npy_format.member_in(content, pipeline.target[0]) if with_targets else None
    elif with_targets:
        arrays = f"`{pipeline.name}` and `{pipeline.target[0]}`"
        raise Refused("it holds no targets", f"save an NPZ file of the arrays {arrays}")
    elif start == b"\x93NUMPY":
        samples = npy_format.array_in(content)
    elif start.startswith((b"\0\0", b"\x1f\x8b")):
        samples = idx_format.array_in(content)
    else:
        raise Refused("it holds no array that can be read", f"a model of arrays takes {_FILES}")
    if _sizes(samples.shape) == _sizes(pipeline.shape) != _sizes(samples.shape[1:]):
        samples = samples[None]  # one sample alone
    if targets is not None and len(targets) != len(samples):
        reason = f"there are {len(targets):,} targets, and {len(samples):,} samples"
        raise Refused(reason, "save as many of both")
    count = max(1, _NUMBERS // max(1, math.prod(pipeline.shape)))
    for first in range(0, len(samples), count):
        rows = slice(first, first + count)
        some = None if targets is None else targets[rows]
        names = [*range(first + 1, min(first + count, len(samples)) + 1)]
        yield Part("sample", names, np.asarray(samples[rows]), some)


def _sizes(shape: tuple[int, ...]) -> list[int]:
    """A shape without its dimensions of 1, which may be left out."""
    return [size for size in shape if size != 1]
