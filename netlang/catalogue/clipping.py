"""Clipping bounds the gradients of a step."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING, dataclass_transform

from netlang.catalogue.arguments import arg
from netlang.catalogue.items import Item
from netlang.catalogue.p_norms import p_norm

if TYPE_CHECKING:
    from torch import Tensor


@dataclass_transform(field_specifiers=(arg,))
class Clipping(Item, abstract=True):
    """Bounds the gradients of all weights, one vector, before the optimizer takes them, to be no
    longer than ``longest``.
    """

    kind = "clipping"

    @property
    def longest(self) -> float:
        return math.inf

    @abstractmethod
    def clip(self, gradients: Tensor) -> None:
        """Bound ``gradients`` in place.  Shape: [size]."""


class Norm(Clipping, known_as=("clip_grad_norm_", "clip_grad_norm", "clip_by_global_norm")):
    """Makes gradients shorter that are longer than ``max_norm``: dw · min(1, max_norm / (‖dw‖ + ε))
    with ε = 1e-6.

    Source: Pascanu et al. 2013; torch's clip_grad_norm_.
    """

    max_norm: float = arg(
        above=0.0, doc="how long all gradients may be together", known_as=("global_clipnorm",)
    )
    norm_type: float = arg(default=2.0, above=0.0, doc="p of the p-norm")

    @property
    def longest(self) -> float:
        """In the 2-norm, which is no larger than those of a smaller p."""
        return self.max_norm if self.norm_type <= 2 else math.inf

    def clip(self, gradients: Tensor) -> None:
        length = p_norm(gradients, self.norm_type)
        gradients.mul_((self.max_norm / (length + 1e-6)).clamp_(max=1.0))


class Value(Clipping, known_as=("clip_grad_value_", "clip_by_value")):
    """Bounds each number of the gradients to -clip_value and clip_value.

    Source: torch's clip_grad_value_.
    """

    clip_value: float = arg(above=0.0, doc="how large a number may be", known_as=("clipvalue",))

    def clip(self, gradients: Tensor) -> None:
        gradients.clamp_(-self.clip_value, self.clip_value)
