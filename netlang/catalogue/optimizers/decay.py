"""Weight decay: a step moves weights towards 0, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from netlang.catalogue.arguments import arg
from netlang.catalogue.optimizers.optimizer import LR_WORDS
from netlang.catalogue.optimizers.selective import Selective

if TYPE_CHECKING:
    from torch import Tensor


class WeightDecay(Selective, abstract=True):
    """An optimizer that lets weights decay: all that are trained, or all but biases and norms.

    Decay is a part of the gradient, which is then that of a loss with λ/2 · Σ w² added, or it is
    ``decoupled`` from it: w ← w - lr λ w.  Source: Loshchilov and Hutter 2019.
    """

    lr: float = arg(default=1e-3, above=0.0, doc="learning rate", known_as=LR_WORDS)
    weight_decay: float = arg(
        default=0.0, at_least=0.0, doc="λ, how fast weights decay", known_as=("wd",)
    )
    decay_biases: bool = arg(default=True, doc="whether biases and the weights of norms decay, too")

    switches: ClassVar[Sequence[str]] = ("weight_decay",)
    usual_most: ClassVar[Mapping[str, float]] = {"weight_decay": 0.1}
    decoupled_by: ClassVar[str] = ""  # the class, or the argument, if the gradient is scaled
    _decays: Tensor | None = None

    @property
    def decoupled(self) -> bool:
        """Whether decay is a step of its own, and no part of the gradient."""
        return False

    @property
    def scales_decay(self) -> bool:
        """Whether decay is divided by the size of the gradient, of which it is a part."""
        return bool(self.decoupled_by) and not self.decoupled

    def decayed(self) -> Tensor:
        """Let the weights decay. Returns the gradient to go on with, which is not to be changed."""
        weights, dw = self.model.parameters, self.model.gradients
        if not self.weight_decay:
            return dw
        some = self.decays()
        if not self.decoupled:
            decaying = weights if some is None else weights * some
            return dw.add(decaying, alpha=self.weight_decay)
        if some is None:
            weights.mul_(1 - self.lr * self.weight_decay)
        else:
            weights.addcmul_(weights, some, value=-self.lr * self.weight_decay)
        return dw

    def spares(self, frozen: bool) -> bool:
        return bool(self.weight_decay) and (frozen or not self.decay_biases)

    def decays(self) -> Tensor | None:
        if not self.weight_decay:  # it is asked before each call of C, and to look takes as long
            return None
        if not self.spares(any(one.layer.frozen for one in self.model.placed_weights())):
            return None
        if self._decays is None:
            self._decays = self.model.decay_mask(self.decay_biases)
        weights = self.model.parameters
        self._decays = self._decays.to(weights.device, weights.dtype)
        return self._decays
