"""The exponential function."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def exp(x: Tensor, factor: float = 1.0) -> Tensor:
    """exp(factor·x), as a power of 2, which torch computes in a third of the time.

    The product is rounded: where it is large, the last digits are others than ``torch.exp`` gives.
    """
    return (x * (factor / math.log(2))).exp2_()
