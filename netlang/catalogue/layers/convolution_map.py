"""The mathematics of convolutions: a map that is linear in its input, and in its weights.

Backwards, its transposed map brings dy to the input, and a convolution of x with dy gives the
gradient of the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.modules import Window
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor


class ConvolutionMap(Record):
    """A convolution and its transposed map, between a wide side and a narrow one: each number of
    the narrow side belongs to a window of the wide one, which moves along each axis.

    Shape: wide [N, C, *], narrow [N, O, *], w [O, C / groups, kernel along each axis].
    """

    windows: tuple[Window, ...]
    groups: int

    def narrowed(self, wide: Tensor, w: Tensor, bias: Tensor | None) -> Tensor:
        """The convolution: narrow[o, p] = Σ w[o, c, i] wide[c, stride·p + dilation·i - padding],
        over channels c of its group and places i of the kernel.
        """
        stride, padding, dilation, none = self._geometry()
        options = (stride, padding, dilation, False, none, self.groups)
        return torch.convolution(wide, w, bias, *options)

    def widened(
        self, narrow: Tensor, w: Tensor, bias: Tensor | None, rest: Sequence[int]
    ) -> Tensor:
        """The transposed map: each number adds w, as often as it is large, to its window. ``rest``
        is how much longer each axis is than the windows need.
        """
        stride, padding, dilation, _ = self._geometry()
        options = (stride, padding, dilation, True, rest, self.groups)
        return torch.convolution(narrow, w, bias, *options)

    def accumulate(self, dw: Tensor, wide: Tensor, narrow: Tensor) -> None:
        """Add to ``dw`` what each weight has brought together: dw[o, c, i] +=
        Σ narrow[o, p] wide[c, stride·p + dilation·i - padding], over samples and windows p.

        That is a convolution, too, in which samples and channels change places. Its kernel is the
        narrow side, so that stride and dilation change places as well.
        """
        stride, padding, dilation, none = self._geometry()
        groups, (batch, channels, *sizes) = self.groups, wide.shape
        options = (dilation, padding, stride, False, none)
        if not batch:
            return  # samples become channels here, of which torch takes one at least
        if groups == 1 and self._are_apart():
            self._accumulate_apart(dw, wide, narrow)
            return
        if channels == groups:
            # Each sample by itself takes torch a tenth of the time.
            apart, kernel = wide.reshape(1, batch * channels, *sizes), narrow.flatten(0, 1)
            found = torch.convolution(apart, kernel.unsqueeze(1), None, *options, batch * groups)
            found = found.view(*narrow.shape[:2], *found.shape[2:]).sum(0).unsqueeze(1)
        else:
            apart = wide.reshape(batch, groups, channels // groups, *sizes).transpose(0, 2)
            apart = apart.reshape(channels // groups, groups * batch, *sizes)
            found = torch.convolution(apart, narrow.transpose(0, 1), None, *options, groups)
            found = found.transpose(0, 1)
        for at, size in enumerate(dw.shape[2:], 2):
            found = found.narrow(at, 0, size)  # behind it are rows that no window has met
        dw.add_(found)

    def _are_apart(self) -> bool:
        """Whether each number of the wide side is in one window at most, and no padding is."""
        return all(
            one.kernel <= one.stride and one.dilation == 1 and not (one.before or one.after)
            for one in self.windows
        )

    def _accumulate_apart(self, dw: Tensor, wide: Tensor, narrow: Tensor) -> None:
        """``accumulate`` where windows are apart: a product of matrices for each sample, which has
        no number twice, and takes half the time.
        """
        windows, axes = wide, range(2, wide.dim())
        for at, one in zip(axes, self.windows, strict=True):
            windows = windows.unfold(at, one.kernel, one.stride)  # its places are the last axis
        columns = windows.permute(0, 1, *(at + len(self.windows) for at in axes), *axes)
        columns = columns.reshape(len(wide), dw[0].numel(), -1)
        dw.flatten(1).addbmm_(narrow.flatten(2), columns.mT)

    def _geometry(self) -> tuple[tuple[int, ...], ...]:
        """Stride, padding and dilation along each axis, and a 0 for each."""
        each = [(one.stride, one.before, one.dilation, 0) for one in self.windows]
        return tuple(zip(*each, strict=True))
