"""What a step does to the weights once their gradients are known: the way down."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import LARGEST, SMALLEST
from netlang.catalogue.averages import Average
from netlang.catalogue.clipping import Clipping
from netlang.catalogue.optimizers import Hyper, Optimizer
from netlang.catalogue.penalties import Penalty
from netlang.catalogue.schedules import PlateauState, Rates
from netlang.engine.network import Network
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

UNCHANGED: Hyper = MappingProxyType({})  # a step then takes the optimizer's own arguments


class Descent:
    """In this order: the gradients of ``penalties`` are added to those of the loss, which are then
    clipped; the ``optimizer`` takes its step, with the learning rate that the ``rates`` say; and
    the ``average`` follows the weights.
    """

    def __init__(
        self,
        network: Network,
        optimizer: Optimizer,
        rates: Rates | None = None,
        penalties: Sequence[Penalty] = (),
        clipping: Clipping | None = None,
        average: Average | None = None,
    ) -> None:
        self.network, self.optimizer, self.rates = network, optimizer, rates
        self.penalties, self.clipping, self.average = penalties, clipping, average
        self._masks: list[Tensor] | None = None
        self._plateau = _packed(PlateauState())
        # Its weights are the average: whatever evaluates takes it as it takes the network.
        self._averaged = self._copy() if average else None

    @property
    def result(self) -> Network:
        """The network that is evaluated and kept: the one that is trained, or where there is an
        average, another one with the averaged weights.
        """
        return self._averaged or self.network

    def hyper(self, ahead: int = 0) -> Hyper:
        """The values of the optimizer's next step, or of the one so many steps ``ahead``."""
        if self.rates is None:
            return UNCHANGED
        return self.scaled(self.rates.factor(self.optimizer.steps + ahead, self._plateau[0].item()))

    def factors(self, steps: int) -> list[float]:
        """What the schedule makes of the rates in each of the next ``steps``."""
        if self.rates is None:
            return [1.0] * steps
        return self.rates.factors(self.optimizer.steps, steps, self._plateau[0].item())

    def scaled(self, factor: float) -> Hyper:
        """The values of a step whose learning rates are all ``factor`` times the optimizer's."""
        return {name: _held(value) for name, value in self.optimizer.scaled(factor).items()}

    def rate(self, ahead: int = 0) -> float | None:
        """The learning rate of the next step, or of one so many steps ahead, where a schedule
        changes it; that of the first of several optimizers.
        """
        return next(iter(self.hyper(ahead).values()), None)

    def step(self, hyper: Hyper = UNCHANGED, evaluate: Callable[[], float] | None = None) -> None:
        """Change the weights by what the network's gradients say. The gradients are changed, too,
        where there are penalties or clipping. Where the optimizer needs the loss, ``evaluate`` sets
        the gradients anew and returns it.

        Raises TypeError or ValueError as ``Optimizer.check`` does.
        """
        if self.optimizer.needs_loss:
            self.optimizer.evaluate = evaluate and partial(self._evaluated, evaluate)
        else:
            self._change_gradients()
        self.optimizer.step_with({**self.hyper(), **hyper})
        if self.average:
            self._follow(self.average.share(self.optimizer.steps))

    def _change_gradients(self) -> None:
        network = self.network
        for penalty, mask in zip(self.penalties, self._penalized(), strict=True):
            network.gradients.addcmul_(penalty.gradient(network.parameters), mask)
        if self.clipping:
            self.clipping.clip(network.gradients)

    def _evaluated(self, evaluate: Callable[[], float]) -> float:
        """The loss with its penalties, whose gradients are then the network's."""
        loss, weights = evaluate(), self.network.parameters
        for penalty, mask in zip(self.penalties, self._penalized(), strict=True):
            loss += penalty.value(weights * mask).item()
        self._change_gradients()
        return loss

    def tensors(self) -> dict[str, Tensor]:
        """The tensors that it keeps from one step to the next, by name, apart from those of the
        network and of the result. A change of them in place changes what the next step does.
        """
        optimizer = self.optimizer
        kept = dict(zip(optimizer.state, optimizer.vectors(), strict=True))
        if self.rates and self.rates.plateau:
            kept |= {"plateau": self._plateau}
        return kept

    def look_at(self, metrics: Mapping[str, float], rises: bool) -> None:
        """Let a Plateau see the metrics of an epoch that is over, if it is at work already;
        ``rises`` says whether the one that it looks at is better where it is higher.
        """
        rates, last = self.rates, self.optimizer.steps - 1
        if rates and (plateau := rates.plateau) and rates.part(last).schedule is plateau:
            factor, best, waited, cooling = self._plateau.tolist()
            state = PlateauState(factor, best, int(waited), int(cooling))
            self._plateau.copy_(_packed(plateau.after(state, metrics[plateau.metric], rises)))

    def _penalized(self) -> list[Tensor]:
        """For each penalty, 1 at the weights that it is of, and 0 at the others."""
        weights = self.network.parameters
        if self._masks is None or any(one.dtype != weights.dtype for one in self._masks):
            self._masks = [
                self.network.mask(penalty.parts, penalty.biases).to(weights)
                for penalty in self.penalties
            ]
        return self._masks

    def _follow(self, share: float) -> None:
        for own, averaged in zip(_vectors(self.network), _vectors(self.result), strict=True):
            averaged.lerp_(own, share) if share < 1 else averaged.copy_(own)

    def _copy(self) -> Network:
        graph = self.network.graph
        return copy.deepcopy(self.network, {id(graph): graph})


def descent_of(network: Network, optimizer: Optimizer | Descent) -> Descent:
    """The descent of a ``network`` by an optimizer alone, or the one that is given."""
    return optimizer if isinstance(optimizer, Descent) else Descent(network, optimizer)


def _held(value: float) -> float:
    """The number nearest to ``value`` that 32 bits hold: a rate may fall, or grow, beyond that."""
    return 0.0 if abs(value) < SMALLEST else min(value, LARGEST)


def _packed(state: PlateauState) -> Tensor:
    """The state as a tensor, which is kept and restored as others are.  Shape: [4]."""
    numbers = [state.factor, state.best, state.waited, state.cooling]
    return torch.tensor(numbers, dtype=torch.float64, device="cpu")


def _vectors(network: Network) -> list[Tensor]:
    return [network.parameters, network.statistics]
