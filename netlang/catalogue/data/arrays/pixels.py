"""Pictures become pixels by Pillow, which is an extra.

An exported file has copies of these functions and of both tables, so they use nothing but each
other, Pillow and numpy.
"""

from __future__ import annotations

import io
from pathlib import Path

from netlang.system.lazy import np

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
MOST_PIXELS = 100_000_000
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF")  # others may start programs to be read


def size_of(data: bytes) -> tuple[str, int, int]:
    """How a picture's pixels are written, and its rows and columns when it is upright; without
    decoding it.

    Raises errors of many kinds for bytes that are no picture of these formats.
    """
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        width, height = image.size
        # A PNG that says no EXIF before its pixels would be decoded to look for it behind them.
        may_turn = width * height <= MOST_PIXELS and (image.format != "PNG" or "exif" in image.info)
        turned = may_turn and image.getexif().get(274, 1) >= 5  # the camera's orientation
        return image.mode, *((width, height) if turned else (height, width))


def pixels_of(data: bytes, rows: int, columns: int, channels: int) -> np.ndarray:
    """A picture, upright, in that size.  Shape: [channels, rows, columns], uint8."""
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        upright = ImageOps.exif_transpose(image)
        upright = upright.convert("L" if channels == 1 else "RGB")
    if upright.size != (columns, rows):
        upright = upright.resize((columns, rows), Image.Resampling.BILINEAR)
    pixels = np.asarray(upright, np.uint8).reshape(rows, columns, channels)
    return pixels.transpose(2, 0, 1)


def pictures_in(folder: Path, classes: list[str]) -> list[tuple[Path, int]]:
    """The pictures in the folder of each class, by their names, and its number."""
    return [
        (folder / name / file, label)
        for label, name in enumerate(classes)
        if (folder / name).is_dir()
        for file in sorted(one.name for one in (folder / name).iterdir())
        if file.lower().endswith(ENDINGS) and not file.startswith(".")
    ]
