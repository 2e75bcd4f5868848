"""Training samples that are pictures, as the data have them and as some epochs see them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from netlang.runs.plots.canvas import figure
from netlang.runs.plots.mosaic import mosaic
from netlang.runs.plots.style import TITLE
from netlang.runs.plots.text import end_of

if TYPE_CHECKING:
    from torch import Tensor

_TILE = 0.9  # inches of a picture


def draw_samples(title: str, pictures: Tensor, file: Path) -> None:
    """Draw a row for each time that pictures are seen, in grey or in colours, from the least number
    of the first row to its largest.

    Shape: [times, pictures, 1 or 3, height, width].  Raises Unusable and OSError.
    """
    least, most = (one.item() for one in pictures[0].aminmax())
    tones = ((pictures - least) / max(most - least, 1e-300)).clamp(0, 1)
    times, count, _, height, width = pictures.shape
    tiles = tones.expand(times, count, 3, height, width).flatten(0, 1).permute(0, 2, 3, 1)
    wide = max(3.0, _TILE * count)
    with figure(wide, 0.5 + _TILE * times * height / width, file) as made:
        axes = made.subplots()
        axes.axis("off")
        axes.imshow(mosaic(tiles, count).numpy(), vmin=0, vmax=1, interpolation="nearest")
        axes.set_title(end_of(title, wide - 0.2, TITLE))
