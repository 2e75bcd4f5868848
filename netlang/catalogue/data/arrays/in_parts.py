"""The samples of arrays, or pictures, come in parts, so that there may be any number of them."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from io import BufferedReader
from pathlib import Path
from typing import Any

from netlang.catalogue.data.arrays import idx_format, npy_format
from netlang.catalogue.data.arrays.ends import check_inside, check_lengths, ended
from netlang.catalogue.data.arrays.opened import Refused
from netlang.catalogue.data.arrays.pictures import PARTS, bytes_of, checked_size, decoded, is_hidden
from netlang.catalogue.data.arrays.pixels import ENDINGS
from netlang.catalogue.data.arrays.stored import Stored
from netlang.catalogue.data.arrays.targets import labels_in, places_in, plain
from netlang.catalogue.data.pipeline import ArrayPipeline, SeveralArrays
from netlang.language.diagnostics.wording import in_code, listed
from netlang.system.files import Irregular, open_regular
from netlang.system.lazy import np
from netlang.system.packages import Unusable, work_of
from netlang.system.record import Record

_INDEX = re.compile(r"\[\d+\]$")  # behind the name of an array, in that of one of its columns
_NUMBERS = 1 << 20  # of the samples in a part
_TAKES = "a model of arrays takes NPY, NPZ and IDX files"
_ENDS = f"pictures end in {', '.join(ENDINGS)}"
_TEST = ("t10k", "test")  # begin the names of files to test on, in a folder of IDX files


_Samples = tuple[int, Iterator[Any]]  # how many there are, and they themselves in parts


class Part(Record):
    """Some ``samples`` [N, *], or a list of those of each array, and the columns of their
    ``targets`` where there are any; those of classes at each place are class numbers [N, *]. A
    column ``called`` so has their ``names``, which are numbers from 1 on, or those of files.
    """

    called: str
    names: Sequence[int | str]
    samples: Any
    targets: Mapping[str, Any] = {}


class Asked(Record):
    """What a model asks of files: samples that ``pipeline`` makes inputs of, and ``targets`` with
    them or not. Where the model's classes are ``named``, an array has their numbers.
    """

    pipeline: ArrayPipeline | SeveralArrays
    targets: bool = False
    named: bool = False

    @property
    def arrays(self) -> tuple[ArrayPipeline, ...]:
        """The pipeline of each array of samples."""
        found = self.pipeline
        return found.arrays if isinstance(found, SeveralArrays) else (found,)

    @property
    def needed(self) -> list[str]:
        """What the arrays were called in training, those of targets if they are asked for."""
        found = [one.name for one in self.arrays]
        found += [one.lengths for one in self.arrays if one.lengths]
        return [*found, *(self.columns_of if self.targets else ())]

    @property
    def columns_of(self) -> dict[str, list[str]]:
        """The columns that each array of targets has, by what it was called in training."""
        names = self.pipeline.target
        found = dict[str, list[str]]()
        for name in names:
            array = _INDEX.sub("", name) if len(names) > 1 else name
            found.setdefault(array, []).append(name)
        return found

    @property
    def target(self) -> str:
        """What the first array of targets was called in training."""
        return next(iter(self.columns_of))

    @property
    def at_a_time(self) -> int:
        """How many samples a part has."""
        return max(1, _NUMBERS // math.prod(self.pipeline.shape))


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
        if len(asked.arrays) > 1 and not start.startswith(b"PK\3\4"):
            help = f"save an NPZ file of the arrays {listed(in_code(asked.needed))}"
            raise Refused("it holds one array, and the model takes several", help)
        if start.startswith(b"PK\3\4"):
            with npy_format.opened_archive(file) as archive:
                yield from _archive_in_parts(archive, asked)
        elif start == npy_format.SIGN:
            stored = npy_format.stored_in(file, length)
            yield from _of_array(stored, _targets_beside(path, stored, asked), asked)
        elif start.startswith((b"\0\0", b"\x1f\x8b")):
            with idx_format.opened(file, length) as stored:
                yield from _of_array(stored, _targets_beside(path, stored, asked), asked)
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
    needed, names = asked.needed, [one.name for one in asked.arrays]
    if len(needed) == len(archive.names) == 1:
        names = [*archive.names]
    are = f"arrays {listed(in_code(needed))}"
    if len(needed) == 1:
        are = f"samples as the array `{names[0]}`"
    help = f"save the {are}, as training had them"
    targets = {}
    if asked.targets:
        targets = {name: archive.stored(name, help).whole() for name in asked.columns_of}
    each = list[_Samples]()
    for name, pipeline in zip(names, asked.arrays, strict=True):
        count, samples = _samples(archive.stored(name, help), pipeline, asked.at_a_time)
        if pipeline.lengths:
            lengths = archive.stored(pipeline.lengths, help).whole().reshape(-1)
            _check_counts(lengths, "lengths", count)
            samples = _ended(samples, lengths, pipeline)
        each.append((count, samples))
    yield from _parts(each, targets, asked)


def _ended(parts: Iterator[Any], lengths: Any, pipeline: ArrayPipeline) -> Iterator[Any]:
    """The samples with NaN behind the ends of their sequences.  Raises Refused."""
    first, (steps, *features) = 0, pipeline.shape
    for part in parts:
        samples = part.reshape(len(part), steps, *features)
        own = lengths[first : first + len(part)]
        check_lengths(own, pipeline.lengths, len(part), steps)
        check_inside(samples, own)
        yield ended(samples, own)
        first += len(part)


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


def _of_array(stored: Stored, targets: Any, asked: Asked) -> Iterator[Part]:
    """The samples of a file that holds them alone.  Raises Refused."""
    each = [_samples(stored, asked.arrays[0], asked.at_a_time)]
    return _parts(each, {} if targets is None else {asked.target: targets}, asked)


def _samples(stored: Stored, pipeline: ArrayPipeline, at_a_time: int) -> _Samples:
    """How many samples there are, and so many of them at a time.  Raises Refused."""
    shape = stored.shape
    if _sizes(shape) == _sizes(pipeline.shape) != _sizes(shape[1:]):
        stored = stored.replace(shape=(1, *shape))  # one sample alone
    try:
        pipeline.check(stored.shape, stored.dtype)
    except ValueError as error:
        raise Refused(str(error), "save samples as those of training") from None
    return stored.shape[0], stored.parts(at_a_time)


def _parts(each: Sequence[_Samples], targets: Mapping[str, Any], asked: Asked) -> Iterator[Part]:
    """The samples of each array together, with their targets.  Raises Refused."""
    columns = {
        name: one for array, found in targets.items() for name, one in _columns(array, found, asked)
    }
    count, first = each[0][0], 0
    for other, _ in each:
        if other != count:
            reason = f"its arrays have {count:,} samples, and {other:,}"
            raise Refused(reason, "save as many in each")
    for one in columns.values():
        _check_counts(one, "targets", count)
    for some in zip(*(samples for _, samples in each), strict=True):
        end = first + len(some[0])
        own = {name: one[first:end] for name, one in columns.items()}
        samples = some[0] if len(some) == 1 else [*some]
        yield Part("sample", range(first + 1, end + 1), samples, own)
        first = end


def _check_counts(found: Any, what: str, samples: int) -> None:
    """Raises Refused unless there are as many as samples."""
    if len(found) != samples:
        reason = f"there are {len(found):,} {what}, and {samples:,} samples"
        raise Refused(reason, "save as many of both")


def _columns(array: str, targets: Any, asked: Asked) -> Iterator[tuple[str, Any]]:
    """The targets [N] or [N, targets] of an array, by their names.  Raises Refused."""
    names, classes = asked.columns_of[array], asked.pipeline.classes
    if classes and targets.ndim > 1 and targets.size != len(targets):
        known = np.arange(len(classes)) if asked.named else np.array([*map(int, classes)])
        yield names[0], places_in(targets, known)
        return
    targets = plain(targets)
    if targets.size != len(targets) * len(names):
        each = "a number" if len(names) == 1 else f"{len(names)} numbers"
        reason = f"its targets {[*targets.shape]} are not {each} for each sample"
        raise Refused(reason, "save targets as those of training")
    columns = targets.reshape(len(targets), len(names)).T
    if classes and asked.named and targets.dtype.kind in "biuf":
        columns = [np.array(classes)[labels_in(columns[0], np.arange(len(classes)))]]
    yield from zip(names, columns, strict=True)


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
    count = asked.at_a_time
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


def _sizes(shape: tuple[int, ...]) -> list[int]:
    """A shape without its dimensions of 1, which may be left out."""
    return [size for size in shape if size != 1]
