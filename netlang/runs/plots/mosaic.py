"""Small pictures beside each other make a large one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def mosaic(tiles: Tensor, across: int) -> Tensor:
    """Pictures beside each other, so many in a row, with white lines between.

    Shape: [tiles, height, width, 3] -> [*, *, 3].
    """
    count, height, width = tiles.shape[:3]
    down = -(-count // across)
    whole = tiles.new_ones(down, 1 + height, across, 1 + width, 3)
    for number, tile in enumerate(tiles):
        whole[number // across, 1:, number % across, 1:] = tile
    return whole.flatten(2, 3).flatten(0, 1)
