"""Losses that have a number for each output, or for each row of outputs: their mean, or their sum.

Such a loss says what the number is, and how it changes with the outputs; the rest stands here.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.losses.loss import Loss, Whole
from netlang.catalogue.targets import NO_CLASS
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class ReducedLoss(Loss, abstract=True):
    """Many numbers, of which the loss is the mean or the sum."""

    reduction: str = arg(
        default="mean", choices=("mean", "sum"), doc="how all numbers make one, their mean or sum"
    )

    @property
    def is_mean(self) -> bool:
        return self.reduction == "mean"


class ElementLoss(ReducedLoss, abstract=True):
    """A number for each output by itself: the mean over all outputs, or their sum.

    ``element`` is the number, and ``slope`` its derivative with respect to the output. Both make a
    tensor of their own, of the shape of ``t``, which has the outputs' shape.
    """

    @abstractmethod
    def element(self, y: Tensor, t: Tensor) -> Tensor: ...

    @abstractmethod
    def slope(self, y: Tensor, t: Tensor) -> Tensor: ...

    def value(self, y: Tensor, t: Tensor) -> Tensor:
        each = self.element(y, self.as_values(y, t))
        return each.mean() if self.is_mean else each.sum()

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        each = self.element(y, self.as_values(y, t)).reshape(len(y), -1)
        return each.mean(1) if self.is_mean else each.sum(1)

    def gradient(self, y: Tensor, t: Tensor) -> Tensor:
        slope = self.slope(y, self.as_values(y, t))
        return slope.mul_(1 / slope.numel()) if self.is_mean else slope


class RowLoss(ReducedLoss, abstract=True):
    """A number for each row of outputs, which are those of all classes at one position: the mean
    over samples and their positions, or the sum.

    ``row`` is the number, of shape [N, *], and ``slope`` its gradient with respect to the outputs
    [N, *, classes]; both make a tensor of their own. A target there is a class number, or a row of
    values, as it always is with one output. What says nothing is left out of mean and sum.
    """

    skips = True

    @abstractmethod
    def row(self, y: Tensor, t: Tensor) -> Tensor: ...

    @abstractmethod
    def slope(self, y: Tensor, t: Tensor) -> Tensor: ...

    def value(self, y: Tensor, t: Tensor) -> Tensor:
        return self._rows(y, t).sum() / self._divisor(y, t)

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        return self._of_samples(y, t) / self._divisor(y, t, dim=1)

    def per_sample(self, y: Tensor, t: Tensor, weights: Tensor | None = None) -> Tensor:
        if weights is None:
            return super().per_sample(y, t)
        weighted = self._of_samples(y, t) * weights.to(y)
        return weighted.sum() / self._divisor(y, t) if self.is_mean else weighted.mean()

    def gradient(self, y: Tensor, t: Tensor) -> Tensor:
        nothing = self.says_nothing(y, t)
        slope = self.slope(y, self._targets(y, t, nothing))
        if nothing is not None:
            slope.masked_fill_(nothing.unsqueeze(-1), 0)
        return slope.div_(self._divisor(y, t)) if self.is_mean else slope

    def share(self, y: Tensor, t: Tensor, whole: Whole) -> Tensor | float:
        if whole is None or isinstance(whole, int):
            return super().share(y, t, whole)
        own, all = self._divisor(y, t), self._divisor(y, whole)
        return own.double() / all if isinstance(own, torch.Tensor) else own / all

    def says_nothing(self, y: Tensor, t: Tensor) -> Tensor | None:
        """Which rows have no target, of shape [N, *]; None where all have one."""
        return None if t.dim() == y.dim() or t.dim() == 1 else t == NO_CLASS

    def counts(self, y: Tensor, t: Tensor) -> Tensor | None:
        """How much each row counts in the mean, of shape [N, *]; None where all count the same."""
        return None

    def counted(self, y: Tensor, t: Tensor) -> Tensor | int:
        return self._counted(y, t) if self.is_mean else super().counted(y, t)

    def _divisor(self, y: Tensor, t: Tensor, dim: int = 0) -> Tensor | int:
        """What the sum of all rows is divided by, or from ``dim`` 1 on that of each sample [N]."""
        total = self._counted(y, t, dim) if self.is_mean else 1
        return total if isinstance(total, int) else total.masked_fill(total == 0, 1)

    def _counted(self, y: Tensor, t: Tensor, dim: int = 0) -> Tensor | int:
        """How much those rows count that have a target."""
        nothing = self.says_nothing(y, t)
        counts = self.counts(y, self._targets(y, t, nothing))
        if nothing is not None:
            counts = ~nothing if counts is None else counts.masked_fill(nothing, 0)
        if counts is None:
            rows = t.shape[:-1] if t.dim() == y.dim() else t.shape
            return math.prod(rows[dim:])
        return counts.reshape(*counts.shape[:dim], -1).sum(-1)

    def _of_samples(self, y: Tensor, t: Tensor) -> Tensor:
        return self._rows(y, t).reshape(len(y), -1).sum(1)

    def _rows(self, y: Tensor, t: Tensor) -> Tensor:
        nothing = self.says_nothing(y, t)
        rows = self.row(y, self._targets(y, t, nothing))
        return rows if nothing is None else rows.masked_fill_(nothing, 0)

    def _targets(self, y: Tensor, t: Tensor, nothing: Tensor | None) -> Tensor:
        if t.dim() == y.dim():
            return t.to(y.dtype)
        classes = t.long() if nothing is None else t.long().clamp_min(0)
        return classes if y.shape[-1] > 1 else self.as_values(y, classes)
