"""Pictures of weights: the filters of a convolution, and the tokens of an embedding as points."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlang.runs.plots.canvas import figure
from netlang.runs.plots.mosaic import mosaic
from netlang.runs.plots.palette import BLUE
from netlang.runs.plots.style import TEXT, TITLE
from netlang.runs.plots.text import beginning_of, end_of
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_TILE = 0.55  # inches of a filter
_MOST_FILTERS, _MOST_CHANNELS = 64, 16
_ACROSS = 16  # tiles in a row
_SIDE = 5.0  # inches of the points
_MOST_POINTS, _MOST_LABELS = 5_000, 300
_LABEL = 0.8  # inches of the longest


def draw_filters(title: str, weight: Tensor, file: Path) -> None:
    """Draw each filter as a small picture, grey where it is 0, or in colours if it has three
    channels; with any other number of channels, each has a picture in the filter's row.

    Shape: [filters, channels, height, width].  Raises Unusable and OSError.
    """
    filters, channels = weight.shape[:2]
    weight = weight[:_MOST_FILTERS, :_MOST_CHANNELS].detach().cpu().double().nan_to_num(0, 0, 0)
    largest = weight.abs().amax((1, 2, 3), keepdim=True).clamp_min(1e-300)
    tones = 0.5 + weight / largest / 2  # of each filter, from 0 to 1
    if channels == 3:
        tiles, across = tones.permute(0, 2, 3, 1), _ACROSS
    else:
        tiles = tones.flatten(0, 1).unsqueeze(-1).expand(-1, -1, -1, 3)
        across = _ACROSS if channels == 1 else tones.shape[1]
    said = [title]
    if filters > _MOST_FILTERS:
        said.append(f"{_MOST_FILTERS} of {filters:,} filters")
    if channels > _MOST_CHANNELS:
        said.append(f"{_MOST_CHANNELS} of {channels:,} channels")
    across = min(across, len(tiles))
    wide, high = max(3.0, _TILE * across), _TILE * -(-len(tiles) // across)
    with figure(wide, 0.5 + high, file) as made:
        axes = made.subplots()
        axes.axis("off")
        axes.imshow(mosaic(tiles, across).numpy(), vmin=0, vmax=1, interpolation="nearest")
        axes.set_title(end_of(", ".join(said), wide - 0.2, TITLE))


def draw_embedding(title: str, weight: Tensor, labels: Sequence[str], file: Path) -> None:
    """Draw the tokens of an embedding as points, in the plane in which they differ most.

    That plane is spanned by the first two principal components.  Source: Pearson 1901. Tokens have
    the ``labels``, or their numbers where there are none.

    Shape: [tokens, numbers].  Raises Unusable and OSError.
    """
    points, shares = _in_a_plane(weight.detach().cpu().double())
    drawn = points[:_MOST_POINTS]
    if len(points) > len(drawn):
        title = f"{title}, {len(drawn):,} of {len(points):,} tokens"
    with figure(_SIDE + 0.6, _SIDE + 0.8, file) as made:
        axes = made.subplots()
        size = 10 if len(drawn) <= _MOST_LABELS else 3
        axes.scatter(drawn[:, 0].tolist(), drawn[:, 1].tolist(), s=size, c=BLUE, linewidths=0)
        names = labels or [str(number) for number in range(len(drawn))]
        if len(drawn) <= _MOST_LABELS:
            for (x, y), name in zip(drawn.tolist(), names, strict=False):
                text = beginning_of(name, _LABEL, TEXT)
                beside: Any = {"xytext": (3, 3), "textcoords": "offset points"}
                axes.annotate(text, (x, y), fontsize=TEXT - 2, **beside)
        axes.set_title(end_of(title, _SIDE - 0.2, TITLE))
        axes.margins(0.08)
        axes.grid()
        across, up = (f"{100 * share:.0f} % of the variance" for share in shares)
        axes.set_xlabel(across)
        axes.set_ylabel(up)


def _in_a_plane(rows: Tensor) -> tuple[Tensor, tuple[float, float]]:
    """The first two principal components of each row, and their shares of the variance."""
    rows = rows.nan_to_num(0, 0, 0)
    centred = rows - rows.mean(0)
    variances, axes = torch.linalg.eigh(centred.T @ centred)  # the least comes first
    total = float(variances.sum())
    points = rows.new_zeros(len(rows), 2)
    shares = [0.0, 0.0]
    for at in range(min(2, len(variances))):
        points[:, at] = centred @ axes[:, -1 - at]
        shares[at] = max(0.0, float(variances[-1 - at])) / total if total > 0 else 0.0
    return points, (shares[0], shares[1])
