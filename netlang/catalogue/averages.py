"""A running average of the weights is often better than the weights of the last step."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import dataclass_transform

from netlang.catalogue.arguments import arg
from netlang.catalogue.items import Item

_USUAL = (0.9999, 0.999, 0.99, 0.95, 0.9, 0.8)  # decays that people take
_NOTHING = 0.001  # the share of an average that is next to nothing


@dataclass_transform(field_specifiers=(arg,))
class Average(Item, abstract=True):
    """A mean of the weights over the steps, and of the statistics that layers keep. It is what is
    evaluated and kept, while training goes on with the weights themselves.
    """

    kind = "average"

    @abstractmethod
    def share(self, step: int) -> float:
        """How much of the way to the weights the average goes after a ``step``, from 1 on."""

    @abstractmethod
    def of_first(self, steps: int) -> float:
        """How much of it are the weights of the first step, after so many ``steps``."""

    @abstractmethod
    def shorter(self, steps: int) -> Mapping[str, float]:
        """The argument with which next to nothing of it is, after so many ``steps``."""


def _of_new(decay: float) -> str | None:
    """What to write for a decay by which next to nothing of the average stays."""
    if not 0 < decay <= 0.1:
        return None
    return f"what comes to it in a step is 1 less this: write `{1 - decay:.6g}`"


class EMA(
    Average,
    known_as=("ExponentialMovingAverage", "ModelEMA"),
    like=("AveragedModel",),  # whose steps all count alike
):
    """a ← decay · a + (1 - decay) · w after each step; it begins with the weights after the first.

    Source: Polyak and Juditsky 1992; torch's AveragedModel with get_ema_multi_avg_fn.
    """

    decay: float = arg(
        default=0.999,
        at_least=0.0,
        below=1.0,
        doc="how much of the average stays",
        doubt=_of_new,
        known_as=("ema_decay", "ema_momentum"),
    )

    def share(self, step: int) -> float:
        return 1.0 if step == 1 else 1 - self.decay

    def of_first(self, steps: int) -> float:
        return self.decay ** (steps - 1)

    def shorter(self, steps: int) -> Mapping[str, float]:
        usual = (decay for decay in _USUAL if decay ** (steps - 1) < _NOTHING)
        return {"decay": next(usual, 0.5)}
