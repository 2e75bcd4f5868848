"""The samples of arrays, or pictures, come in parts, so that there may be any number of them."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from io import BufferedReader
from pathlib import Path
from typing import Any

from netlang.catalogue.data.arrays import idx_format, npy_format
from netlang.catalogue.data.arrays.ends import check_lengths, ended
from netlang.catalogue.data.arrays.opened import Refused
from netlang.catalogue.data.arrays.pictures import PARTS, bytes_of, checked_size, decoded, is_hidden
from netlang.catalogue.data.arrays.pixels import ENDINGS
from netlang.catalogue.data.arrays.stored import Stored
from netlang.catalogue.data.arrays.targets import labels_in, plain
from netlang.catalogue.data.pipeline import ArrayPipeline
from netlang.language.diagnostics.wording import in_code, listed
from netlang.system.files import Irregular, open_regular
from netlang.system.lazy import np
from netlang.system.packages import Unusable, work_of
from netlang.system.record import Record

_NUMBERS = 1 << 20  # of the samples in a part
_TAKES = "a model of arrays takes NPY, NPZ and IDX files"
_ENDS = f"pictures end in {', '.join(ENDINGS)}"
_TEST = ("t10k", "test")  # begin the names of files to test on, in a folder of IDX files


class Part(Record):
    """Some ``samples`` [N, *], and the columns of their ``targets`` where there are any. A column
    ``called`` so has their ``names``, which are numbers from 1 on, or those of files.
    """

    called: str
    names: Sequence[int | str]
    samples: Any
    targets: Mapping[str, Any] = {}


class Asked(Record):
    """What a model asks of files: samples that ``pipeline`` makes inputs of, and ``targets`` with
    them or not. Where the model's classes are ``named``, an array has their numbers.
    """

    pipeline: ArrayPipeline
    targets: bool = False
    named: bool = False

    @property
    def target(self) -> str:
        """What the array of targets was called in training."""
        name = self.pipeline.target[0]
        return name if len(self.pipeline.target) == 1 else name.removesuffix("[0]")


def in_parts(path: Path, asked: Asked) -> Iterator[Part]:
    """The samples of an NPY, NPZ or IDX file, of a picture or of a folder of pictures.

    With targets, an NPZ file has both arrays, by the names that they had in training; the labels
    of an IDX file are in a file beside it; and a folder has one of pictures for each class. A
    folder may also have the two NPY files, or the files of MNIST. If it has `train` and `test`,
    those of the test are evaluated.

    Raises Refused, OSError and ValueError.
    """
    if str(path) == "-":
        raise Refused("standard input holds no arrays", "name a file")
    if path.is_dir():
        names = [one.name for one in path.iterdir() if one.is_file()]
        if arrays := _arrays_in(names, asked):
            yield from _arrays_in_parts(path / arrays, asked)
            return
    if path.is_dir() or path.name.lower().endswith(ENDINGS):
        yield from _pictures_in_parts(path, asked)
    else:
        yield from _arrays_in_parts(path, asked)


def _arrays_in(names: Sequence[str], asked: Asked) -> str | None:
    """Which of the files in a folder has the samples, if it is a folder of arrays.

    Raises Refused.
    """
    if f"{asked.pipeline.name}.npy" in names:
        return f"{asked.pipeline.name}.npy"
    found = sorted(name for name in names if idx_format.labels_of(name))
    if len(found) > 1:
        found = [name for name in found if name.startswith(_TEST)] or found
    if len(found) > 1:
        raise Refused(f"it has several files of samples: {listed(in_code(found))}", "name one")
    return found[0] if found else None


def _arrays_in_parts(path: Path, asked: Asked) -> Iterator[Part]:
    with _opened(path) as file:
        start, length = file.peek(6)[:6], os.fstat(file.fileno()).st_size
        if asked.pipeline.lengths and not start.startswith(b"PK\3\4"):
            names = asked.pipeline.name, asked.pipeline.lengths
            help = f"save an NPZ file of the arrays {listed(in_code(names))}"
            raise Refused("it does not say how long its sequences are", help)
        if start.startswith(b"PK\3\4"):
            with npy_format.opened_archive(file) as archive:
                yield from _archive_in_parts(archive, asked)
        elif start == npy_format.SIGN:
            stored = npy_format.stored_in(file, length)
            yield from _parts(stored, _targets_beside(path, stored, asked), asked)
        elif start.startswith((b"\0\0", b"\x1f\x8b")):
            with idx_format.opened(file, length) as stored:
                yield from _parts(stored, _targets_beside(path, stored, asked), asked)
        else:
            raise Refused("it holds no array that can be read", _TAKES)


def _opened(path: Path) -> BufferedReader:
    """Raises Refused, OSError."""
    try:
        return open_regular(path)
    except Irregular:
        raise Refused("it is no regular file", _TAKES) from None


def _archive_in_parts(archive: npy_format.Archive, asked: Asked) -> Iterator[Part]:
    """The arrays by their names in training. Samples alone may have any."""
    name, lengths, targets = asked.pipeline.name, asked.pipeline.lengths, None
    needed = [name, *([lengths] if lengths else []), *([asked.target] if asked.targets else [])]
    if len(needed) == len(archive.names) == 1:
        (name,) = archive.names
    are = (
        f"arrays {listed(in_code(needed))}" if len(needed) > 1 else f"samples as the array `{name}`"
    )
    help = f"save the {are}, as training had them"
    if asked.targets:
        targets = archive.stored(asked.target, help).whole()
    parts = _parts(archive.stored(name, help), targets, asked)
    if lengths:
        parts = _ended(parts, archive.stored(lengths, help).whole(), asked)
    yield from parts


def _ended(parts: Iterator[Part], lengths: Any, asked: Asked) -> Iterator[Part]:
    """The parts with NaN behind the ends of their sequences.  Raises Refused."""
    first, (steps, features) = 0, asked.pipeline.shape
    for part in parts:
        count = len(part.samples)
        own = lengths.reshape(-1)[first : first + count]
        check_lengths(own, asked.pipeline.lengths, count, steps)
        samples = part.samples.reshape(count, steps, features)
        yield part.replace(samples=ended(samples, own))
        first += count


def _targets_beside(path: Path, stored: Stored, asked: Asked) -> Any:
    """The targets of the samples that are ``stored`` in a file, from another beside it; None if
    they are not asked for.  Raises Refused, OSError.
    """
    count, *sample = stored.shape
    are_whole = not sample and stored.dtype.kind in "iu"
    if are_whole and math.prod(asked.pipeline.shape) not in (1, count):
        reason = f"it holds a whole number for each of {count:,} samples: these are labels"
        raise Refused(reason, "name the file of the samples; their labels are found beside it")
    if not asked.targets:
        return None
    if path.name == f"{asked.pipeline.name}.npy":
        labels = [f"{asked.target}.npy"]
    else:
        labels = idx_format.labels_of(path.name)
    beside = [file for file in map(path.with_name, labels) if file.exists()]
    if labels and not beside:
        reason = f"there is no `{labels[0]}` beside `{path.name}`"
        raise Refused(reason, "put its targets into that file")
    if not labels:
        arrays = f"`{asked.pipeline.name}` and `{asked.target}`"
        raise Refused("it holds no targets", f"save an NPZ file of the arrays {arrays}")
    with _opened(beside[0]) as file:
        length = os.fstat(file.fileno()).st_size
        try:
            if beside[0].suffix == ".npy":
                return npy_format.stored_in(file, length).whole()
            with idx_format.opened(file, length) as found:
                return found.whole()
        except Refused as why:
            raise Refused(f"`{beside[0].name}` beside it: {why.reason}", why.help) from None


def _parts(stored: Stored, targets: Any, asked: Asked) -> Iterator[Part]:
    """Raises Refused, ValueError."""
    pipeline, shape = asked.pipeline, stored.shape
    if _sizes(shape) == _sizes(pipeline.shape) != _sizes(shape[1:]):
        stored = stored.replace(shape=(1, *shape))  # one sample alone
    try:
        pipeline.check(stored.shape, stored.dtype)
    except ValueError as error:
        raise Refused(str(error), "save samples as those of training") from None
    samples = stored.shape[0]
    if targets is not None and len(targets) != samples:
        reason = f"there are {len(targets):,} targets, and {samples:,} samples"
        raise Refused(reason, "save as many of both")
    columns = {} if targets is None else _columns(targets, asked)
    first, count = 0, _samples_at_a_time(pipeline)
    for some in stored.parts(count):
        rows = slice(first, first + len(some))
        names = range(first + 1, first + len(some) + 1)
        yield Part("sample", names, some, {name: one[rows] for name, one in columns.items()})
        first += len(some)


def _columns(targets: Any, asked: Asked) -> dict[str, Any]:
    """The targets [N] or [N, targets] by their names.  Raises Refused."""
    names, classes = asked.pipeline.target, asked.pipeline.classes
    targets = plain(targets)
    if targets.size != len(targets) * len(names):
        each = "a number" if len(names) == 1 else f"{len(names)} numbers"
        reason = f"its targets {[*targets.shape]} are not {each} for each sample"
        raise Refused(reason, "save targets as those of training")
    columns = targets.reshape(len(targets), len(names)).T
    if classes and asked.named and targets.dtype.kind in "biuf":
        columns = [np.array(classes)[labels_in(columns[0], np.arange(len(classes)))]]
    return dict(zip(names, columns, strict=True))


def _pictures_in_parts(path: Path, asked: Asked) -> Iterator[Part]:
    pipeline, with_targets = asked.pipeline, asked.targets
    match pipeline.shape:
        case (1 | 3 as channels, rows, columns):
            pass
        case shape:
            raise Refused("it is for pictures", f"samples of this model are arrays {[*shape]}")
    if with_targets and all((path / part).is_dir() for part in PARTS):
        path /= "test"
    files = _pictures_in(path, with_targets)
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
            _pixels(file, name, channels, rows, columns)
            for file, name in zip(some, names, strict=True)
        ]
        classes = {asked.target: [file.parent.name for file in some]} if with_targets else {}
        yield Part("file", names, np.stack(pixels), classes)


def _pictures_in(path: Path, by_class: bool) -> list[Path]:
    """A picture, or all in a folder; ``by_class``, those in the folders of classes in it.

    Raises Refused.
    """
    files = [path]
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if _is_picture(file.relative_to(path)))
    if not files:
        raise Refused("it holds no pictures that can be used", f"{_ENDS}; {_TAKES}")
    if not by_class:
        return files
    if found := [file for file in files if file.parent.parent == path]:
        return found
    help = "put the pictures of each class into a folder of its name, and name the folder of these"
    raise Refused("its pictures are in no folder for each class", help)


def _is_picture(path: Path) -> bool:
    return not any(map(is_hidden, path.parts)) and path.name.lower().endswith(ENDINGS)


def _pixels(file: Path, named: str, *shape: int) -> Any:
    """Shape: [channels, rows, columns].  Raises Refused."""
    data = bytes_of(file, named)
    checked_size(data, named)
    return decoded(data, named, *shape)


def _samples_at_a_time(pipeline: ArrayPipeline) -> int:
    return max(1, _NUMBERS // math.prod(pipeline.shape))


def _sizes(shape: tuple[int, ...]) -> list[int]:
    """A shape without its dimensions of 1, which may be left out."""
    return [size for size in shape if size != 1]
