"""Penalties draw weights to 0: their gradients are added to those of the loss."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, dataclass_transform

from netlang.catalogue.arguments import arg
from netlang.catalogue.items import Item
from netlang.language.part_name import PartName

if TYPE_CHECKING:
    from torch import Tensor


@dataclass_transform(field_specifiers=(arg,))
class Penalty(Item, abstract=True):
    """A number that training makes small beside the loss, and its gradient at the weights.

    It is one of all weights, or of those of the parts that it is ``on``. Biases and the weights of
    norms are left out, and so is what is frozen.
    """

    kind = "penalty"
    usual_most: ClassVar[Mapping[str, float]] = {"strength": 0.1}
    decays: ClassVar[bool] = False  # whether it shrinks weights in proportion, as weight decay

    strength: float = arg(
        above=0.0,
        doc="λ, what it counts beside the loss",
        known_as=("lambda_", "lambd", "l1", "l2", "factor", "weight"),
        like=("alpha", "weight_decay"),  # of which others have other multiples
    )
    on: PartName | tuple[PartName, ...] | None = arg(
        default=None, doc="the parts whose weights it is of; by default, all of the network"
    )
    biases: bool = arg(default=False, doc="whether it is of biases and of norms, too")

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts that it is on; none for all of the network."""
        return self.on if isinstance(self.on, tuple) else tuple(filter(None, (self.on,)))

    @abstractmethod
    def value(self, weights: Tensor) -> Tensor:
        """The number.  Shape: [size] -> []."""

    @abstractmethod
    def gradient(self, weights: Tensor) -> Tensor:
        """Its gradient.  Shape: [size] -> [size]."""


class L1(Penalty, like=("Lasso",)):
    """λ Σ |w|, whose gradient is λ sign(w).  Source: Tibshirani 1996."""

    def value(self, weights: Tensor) -> Tensor:
        return self.strength * weights.abs().sum()

    def gradient(self, weights: Tensor) -> Tensor:
        return self.strength * weights.sign()


class L2(Penalty, known_as=("Tikhonov",), like=("Ridge",)):
    """λ Σ w², whose gradient is 2λw.  Source: Hoerl and Kennard 1970; Keras's L2.

    In SGD without momentum it is torch's ``weight_decay`` of 2λ. Beside MSE of one output, it is
    scikit-learn's Ridge with alpha = nλ for n samples.
    """

    decays = True

    def value(self, weights: Tensor) -> Tensor:
        return self.strength * weights.square().sum()

    def gradient(self, weights: Tensor) -> Tensor:
        return 2 * self.strength * weights
