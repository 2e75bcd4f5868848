"""The augmentation of texts: samples begin elsewhere in each epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.augment.augmentation import Augmentation, Draws, Given, Remark, Seen
from netlang.catalogue.data import Text
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class Windows(Augmentation, known_as=("RandomWindows",), like=("RandomWindow", "RandomOffset")):
    """Samples of a text begin somewhere between their own beginning and that of the next one, so
    that each epoch sees other windows of the text.

    The last sample stays where it is.
    """

    in_order = True

    def apply(self, seen: Seen, draws: Draws) -> Seen:
        stride, count = draws.data.stride, draws.data.count
        by = draws.below("begin", stride)
        by = torch.where(draws.samples == count - 1, 0, by)
        after = draws.others((draws.samples + 1).clamp_max(count - 1))
        inputs, targets = (
            later(one, its[:, -stride:], by)
            for one, its in ((seen.inputs, after.inputs), (seen.targets, after.targets))
        )
        return Seen(inputs, targets)

    def forward(self, x: Tensor, draws: Draws) -> Tensor:
        return self.apply(Seen(x, x.long()), draws).inputs

    def remark(self, given: Given) -> Remark | None:
        data = given.data
        if not isinstance(data, Text):
            return Remark("is for a text, which `Text` reads", "leave it out")
        if data.stride_in("train") > data.context:
            reason = "takes what stands between two samples, and the data leave some of it out"
            return Remark(reason, "leave `stride` of the data out, or take a smaller one")
        return None


def later(
    x: torch.Tensor,
    after: torch.Tensor,
    by: torch.Tensor,
) -> torch.Tensor:
    """Each row from a place of its own on, where it goes on with those ``after`` it.

    Shape: [N, T], [N, more], [N] int64 -> [N, T].
    """
    at = torch.arange(x.shape[1], device=x.device) + by.view(-1, 1)
    return torch.cat([x, after], 1).gather(1, at)
