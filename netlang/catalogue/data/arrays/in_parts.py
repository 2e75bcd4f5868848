"""The samples of an array, or pictures, come in parts, so that there may be any number of them."""

from __future__ import annotations

import math
import mmap
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from netlang.catalogue.data.arrays import idx_format, npy_format
from netlang.catalogue.data.arrays.opened import Refused
from netlang.catalogue.data.arrays.pictures import bytes_of, checked_size
from netlang.catalogue.data.arrays.pixels import ENDINGS, pixels_of
from netlang.catalogue.data.pipeline import ArrayPipeline
from netlang.system.lazy import np
from netlang.system.packages import Unusable, silence, work_of
from netlang.system.record import Record

_NUMBERS = 1 << 20  # of the samples in a part
_TAKES = "a model of arrays takes NPY, NPZ and IDX files"

_ENDS = f"pictures end in {', '.join(ENDINGS)}"


class Part(Record):
    """Some ``samples`` [N, *], and their ``targets`` where there are any. A column ``called`` so
    has their ``names``, which are numbers from 1 on, or those of files.
    """

    called: str
    names: Sequence[int | str]
    samples: Any
    targets: Any = None


def in_parts(path: Path, pipeline: ArrayPipeline, with_targets: bool = False) -> Iterator[Part]:
    """The samples of an NPY, NPZ or IDX file, of a picture or of a folder of pictures.

    ``with_targets``, these come along: an NPZ file then has both arrays, by the names that they had
    in training, and a folder has one of pictures for each class.

    Raises Refused, OSError and ValueError.
    """
    if path.is_dir() or path.name.lower().endswith(ENDINGS):
        yield from _pictures_in_parts(path, pipeline, with_targets)
    else:
        yield from _arrays_in_parts(path, pipeline, with_targets)


def _arrays_in_parts(path: Path, pipeline: ArrayPipeline, with_targets: bool) -> Iterator[Part]:
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
        raise Refused("it holds no array that can be read", _TAKES)
    if _sizes(samples.shape) == _sizes(pipeline.shape) != _sizes(samples.shape[1:]):
        samples = samples[None]  # one sample alone
    if targets is not None and len(targets) != len(samples):
        reason = f"there are {len(targets):,} targets, and {len(samples):,} samples"
        raise Refused(reason, "save as many of both")
    count = _samples_at_a_time(pipeline)
    for first in range(0, len(samples), count):
        rows = slice(first, first + count)
        some = None if targets is None else targets[rows]
        names = [*range(first + 1, min(first + count, len(samples)) + 1)]
        yield Part("sample", names, np.asarray(samples[rows]), some)


def _pictures_in_parts(path: Path, pipeline: ArrayPipeline, with_targets: bool) -> Iterator[Part]:
    match pipeline.shape:
        case (1 | 3 as channels, rows, columns):
            pass
        case shape:
            raise Refused("it is for pictures", f"samples of this model are arrays {[*shape]}")
    files = [path]
    if path.is_dir():
        inside = path.glob("*/*") if with_targets else path.rglob("*")
        files = sorted(file for file in inside if _is_picture(file.relative_to(path)))
    if not files or (with_targets and not path.is_dir()):
        layout = "put the pictures of each class into a folder of its own" if with_targets else ""
        raise Refused("it holds no pictures that can be used", layout or _ENDS)
    try:
        with work_of("PIL"):
            import PIL.Image  # noqa: F401
    except Unusable as why:
        raise Refused(f"Pillow {why.reason}", "pip install netlang[images]") from None
    count = _samples_at_a_time(pipeline)
    for first in range(0, len(files), count):
        some = files[first : first + count]
        names = [file.relative_to(path).as_posix() if file != path else path.name for file in some]
        pixels = [
            _pixels(file, name, rows, columns, channels)
            for file, name in zip(some, names, strict=True)
        ]
        classes = [file.parent.name for file in some] if with_targets else None
        yield Part("file", names, np.stack(pixels), classes)


def _is_picture(path: Path) -> bool:
    is_hidden = any(part.startswith(".") for part in path.parts)
    return not is_hidden and path.name.lower().endswith(ENDINGS)


def _pixels(file: Path, named: str, rows: int, columns: int, channels: int) -> Any:
    """Shape: [channels, rows, columns].  Raises Refused."""
    data = bytes_of(file, named)
    checked_size(data, named)
    try:
        with silence():
            return pixels_of(data, rows, columns, channels)
    except Exception:  # of a picture that is damaged behind its header
        raise Refused(f"`{named}` is damaged", "mend or remove the picture") from None


def _samples_at_a_time(pipeline: ArrayPipeline) -> int:
    return max(1, _NUMBERS // math.prod(pipeline.shape))


def _sizes(shape: tuple[int, ...]) -> list[int]:
    """A shape without its dimensions of 1, which may be left out."""
    return [size for size in shape if size != 1]
