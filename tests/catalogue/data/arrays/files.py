"""Files of arrays for tests, and the message that a data set is refused with."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netlang.catalogue.data.dataset import DataSet
from netlang.language.diagnostics import Diagnostic, NetError

Named = Callable[[DataSet], DataSet]

CODES = {"uint8": 8, "int8": 9, "int16": 11, "int32": 12, "float32": 13, "float64": 14}


def idx(array: np.ndarray) -> bytes:
    """The bytes of an IDX file."""
    head = struct.pack(
        f">BBBB{array.ndim}I", 0, 0, CODES[str(array.dtype)], array.ndim, *array.shape
    )
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


def digits(seed: int, count: int, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of 4 x 3 pixels with labels from 0 on, which the pictures are brighter by."""
    draw = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.uint8) % classes
    noise = draw.integers(0, 50, (count, 4, 3))
    return (noise + 80 * labels[:, None, None]).astype(np.uint8), labels


def write_idx(folder: Path, packed: bool = False, sign: str = "-", classes: int = 3) -> Path:
    """MNIST's four files, of 40 and 12 pictures."""
    folder.mkdir(exist_ok=True)
    made = {"train": digits(0, 40, classes), "t10k": digits(1, 12, classes)}
    for beginning, (images, labels) in made.items():
        for name, array in {f"images{sign}idx3": images, f"labels{sign}idx1": labels}.items():
            data = gzip.compress(idx(array)) if packed else idx(array)
            (folder / f"{beginning}-{name}-ubyte{'.gz' if packed else ''}").write_bytes(data)
    return folder


def write_pictures(folder: Path, count: int, *, size: tuple[int, int] = (4, 3)) -> Path:
    """So many pictures of each of two classes, cats brighter than dogs."""
    draw = np.random.default_rng(count)
    for number, name in enumerate(("cat", "dog")):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for index in range(count):
            pixels = draw.integers(0, 100, (*size, 3)) + 100 * (1 - number)
            picture = Image.fromarray(pixels.astype(np.uint8))
            picture.save(folder / name / f"{index:03}.png")
    return folder


def refusal(data: DataSet) -> Diagnostic:
    """The one diagnostic that a data set is refused with."""
    with pytest.raises(NetError) as caught:
        data.describe()
    (found,) = caught.value.diagnostics
    return found


def said(data: DataSet) -> str:
    return refusal(data).title
