"""The loss of how far one distribution is from another."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.losses.class_loss import times
from netlang.catalogue.losses.reduced import RowLoss
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class KL(RowLoss, known_as=("KLDivLoss", "KLDiv"), like=("KLDivergence",)):
    """Σ t (log t - y), where t are probabilities and outputs y logarithms of some.

    How far the distribution of the outputs is from that of the target, where both have several
    classes, as ``LogSoftmax`` gives them. A class number is a distribution, too, of one class
    alone.  Source: Kullback and Leibler 1951.
    """

    log_target: bool = arg(default=False, doc="whether targets are logarithms, too")

    argument_order = ("log_target",)
    tasks = ("classification", "regression")
    expects = "log-probabilities"
    takes_one_output = False
    of_shares = True
    examples = ("KL", 'KL(reduction="sum")', "KL(log_target=true)")

    @property
    def target_range(self) -> tuple[float, float]:  # type: ignore[override]
        return (-math.inf, 0) if self.log_target else (0, 1)

    def row(self, y: Tensor, t: Tensor) -> Tensor:
        t = self.as_values(y, t)
        if self.log_target:
            return (t.exp() * (t - y)).sum(-1)
        return (torch.xlogy(t, t) - times(t, y)).sum(-1)

    def slope(self, y: Tensor, t: Tensor) -> Tensor:
        t = self.as_values(y, t)
        return 0 - (t.exp() if self.log_target else t)

    def probabilities(self, y: Tensor) -> Tensor:
        return y.exp()
