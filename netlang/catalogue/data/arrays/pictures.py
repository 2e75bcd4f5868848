"""The pictures in a folder are found and opened here, each in the folder of its class."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from netlang.catalogue.data.arrays.opened import Refused
from netlang.catalogue.data.arrays.pixels import (
    ENDINGS,
    MOST_PIXELS,
    pictures_in,
    pixels_of,
    size_of,
)
from netlang.system.files import Irregular, TooLarge, read_regular, why_unreadable
from netlang.system.fingerprint import Fingerprint
from netlang.system.packages import silence
from netlang.system.record import Record

_LARGEST = 1 << 28  # bytes of a picture's file
PARTS = ("train", "test")  # folders that are the parts, where both are there
_OTHER_PARTS = ("val", "valid", "validation")  # which people have beside `train`


_MOST = f"a picture may have up to {MOST_PIXELS // 1_000_000} million"


class Picture(Record):
    """A picture's file, as it is ``named`` from the folder on, its class, and its SHA-256."""

    file: Path
    named: str
    label: int
    sha256: str


class Found(Record):
    """What a folder has: its pictures by part, the rows and columns of the first one, and files
    that are none.
    """

    root: Path
    classes: tuple[str, ...]
    parts: Mapping[str, Sequence[Picture]]
    size: tuple[int, int]
    others: tuple[str, ...]

    @property
    def fingerprint(self) -> Fingerprint:
        """One digest for all pictures: that of a line for each, sorted by name, with its own."""
        pictures = (one for part in self.parts.values() for one in part)
        lines = sorted(f"{one.named}\0{one.sha256}\n" for one in pictures)
        digest = hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
        return Fingerprint(self.root, os.path.realpath(self.root), digest)


def find_pictures(root: Path, any_size: bool, confine: Callable[[str], object]) -> Found:
    """Find and open the pictures in a folder; without ``any_size``, they have to be of one.

    ``confine`` is called for each link, and raises an error if it may not be followed.  Raises
    Refused, OSError.
    """
    below = _folders_of_parts(root)
    classes = _folders(below["train"])
    if not classes:
        help = "put the pictures of each class into a folder: pets/cat/1.png, pets/dog/1.png"
        raise Refused("it has no folder for each class", help)
    for name in classes:
        if not name.isprintable():
            reason = f"the name of its folder `{name}` is no text that can be printed"
            raise Refused(reason, "rename it, as that is the name of a class")
    parts = dict[str, list[Picture]]()
    sizes = dict[str, tuple[int, int]]()
    for part, folder in below.items():
        if folder != root and folder.is_symlink():
            confine(part)
        for below_it in map(folder.joinpath, _folders(folder)):
            if below_it.is_symlink():
                confine(below_it.relative_to(root).as_posix())
        if more := [name for name in _folders(folder) if name not in classes]:
            reason = f"its `{part}` has a class `{more[0]}`, which `train` lacks"
            raise Refused(reason, "give both the same classes")
        parts[part] = []
        for file, label in pictures_in(folder, classes):
            named = file.relative_to(root).as_posix()
            if file.is_symlink() or file.parent.is_symlink():
                confine(named)
            digest, sizes[named] = _opened(file, named)
            parts[part].append(Picture(file, named, label, digest))
    _check_classes(below["train"], parts, classes)
    first, size = next(iter(sizes.items()))
    other = next((named for named in sizes if sizes[named] != size), None)
    if other and not any_size:
        pixels = f"{list(sizes[other])} pixels, and `{first}` {list(size)}"
        raise Refused(f"`{other}` has {pixels}", f"bring all to one size: `size={list(size)}`")
    others = [name for folder in below.values() for name in _others(root, folder, classes)]
    if len(below) > 1:
        others += [one.name for one in sorted(root.iterdir()) if _is_other(one, PARTS)]
    return Found(root, tuple(classes), parts, size, tuple(others))


def _folders_of_parts(root: Path) -> dict[str, Path]:
    """The folder of each part, or the root for all.  Raises Refused, OSError."""
    there = _folders(root)
    if {*PARTS} <= {*there}:
        return {part: root / part for part in PARTS}
    if {"train"} <= {*there} <= {"train", *_OTHER_PARTS}:
        help = "put pictures to test on into `test`, or name the folder `train` in it"
        raise Refused("it has a folder `train`, and none called `test`", help)
    return {"train": root}


def bytes_of(file: Path, named: str) -> bytes:
    """The bytes of a picture's file.  Raises Refused."""
    try:
        return read_regular(file, _LARGEST)
    except Irregular:
        raise Refused(f"`{named}` is no regular file", "remove it") from None
    except TooLarge:
        raise Refused(f"`{named}` is over {_LARGEST >> 20} MiB", "save it smaller") from None
    except OSError as error:
        reason, help = why_unreadable(file, error)
        raise Refused(f"`{named}`: {reason}", help or "mend or remove it") from None


def _check_classes(
    root: Path, parts: Mapping[str, Sequence[Picture]], classes: Sequence[str]
) -> None:
    """Raises Refused for a class without pictures to learn from, and for a test without any."""
    counts = [0] * len(classes)
    for one in parts["train"]:
        counts[one.label] += 1
    if not all(counts):
        empty = classes[counts.index(0)]
        help = f"put some there, which end in {', '.join(ENDINGS)}, or remove the folder"
        if _folders(root / empty):
            help = "call the folders of parts `train` and `test`, with those of the classes in each"
        raise Refused(f"the folder of its class `{empty}` holds no picture", help)
    if not all(parts.values()):
        raise Refused("its `test` holds no picture", "put pictures there, or remove the folder")


def _opened(file: Path, named: str) -> tuple[str, tuple[int, int]]:
    """The SHA-256 of a picture, and its rows and columns.  Raises Refused."""
    data = bytes_of(file, named)
    return hashlib.sha256(data).hexdigest(), checked_size(data, named)


def checked_size(data: bytes, named: str) -> tuple[int, int]:
    """The rows and columns of a picture that can be decoded.  Raises Refused."""
    try:
        with silence():
            mode, rows, columns = size_of(data)
    except Exception as error:  # Pillow's readers fail in many ways
        if type(error).__name__ == "DecompressionBombError":
            reason = f"`{named}` is no picture that can be read: it claims far too many pixels"
            raise Refused(reason, _MOST) from None
        help = "mend or remove it; the formats are PNG, JPEG, BMP, GIF, WebP and TIFF"
        raise Refused(f"`{named}` is no picture that can be read", help) from None
    if rows * columns > MOST_PIXELS:
        reason = f"`{named}` claims {rows:,} rows of {columns:,} pixels"
        raise Refused(reason, _MOST)
    if mode.startswith(("I", "F")):
        help = "save it with 8 bits, or its numbers as an array for `Arrays`"
        raise Refused(f"`{named}` has more than 8 bits for each number", help)
    return rows, columns


def decoded(data: bytes, named: str, channels: int, rows: int, columns: int) -> Any:
    """The pixels of a picture.  Shape: [channels, rows, columns], uint8.  Raises Refused."""
    try:
        with silence():
            return pixels_of(data, rows, columns, channels)
    except Exception:  # of a picture that is damaged behind its header
        raise Refused(f"`{named}` is damaged", "mend or remove the picture") from None


def _folders(folder: Path) -> list[str]:
    """The names of the folders in one, without hidden ones."""
    there = (one for one in folder.iterdir() if one.is_dir())
    return sorted(one.name for one in there if not is_hidden(one.name))


def is_hidden(name: str) -> bool:
    """Whether a name in a folder is none of a person's: `__MACOSX` is in archives from macOS."""
    return name.startswith(".") or name == "__MACOSX"


def _others(root: Path, folder: Path, classes: Sequence[str]) -> list[str]:
    """What is in the folder and those of its classes, and is neither hidden nor a picture."""
    within = [folder / name for name in classes if (folder / name).is_dir()]
    pictures = {file for file, _ in pictures_in(folder, [*classes])}
    others = [one for one in folder.iterdir() if _is_other(one, classes)]
    others += [one for place in within for one in place.iterdir() if _is_other(one, ())]
    return sorted(one.relative_to(root).as_posix() for one in others if one not in pictures)


def _is_other(one: Path, known: Collection[str]) -> bool:
    return not is_hidden(one.name) and not (one.name in known and one.is_dir())
