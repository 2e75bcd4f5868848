"""Metrics of the probability of the true class, in PyTorch."""

from __future__ import annotations

from netlang.catalogue.metrics import BitsPerCharacter, Brier, LogLoss, Perplexity
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchMetric
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.metrics.shared import ROWS


@lowers(LogLoss)
def log_loss(metric: LogLoss, y: Shape) -> TorchMetric:
    return TorchMetric("log_loss(*rows_of_classes(y, t))", (ROWS, _LOG_LOSS))


@lowers(Perplexity)
def perplexity(metric: Perplexity, y: Shape) -> TorchMetric:
    return TorchMetric("torch.exp(log_loss(*rows_of_classes(y, t)))", (ROWS, _LOG_LOSS))


@lowers(BitsPerCharacter)
def bits_per_character(metric: BitsPerCharacter, y: Shape) -> TorchMetric:
    text = "(log_loss(*rows_of_classes(y, t)) / math.log(2))"
    return TorchMetric(text, (ROWS, _LOG_LOSS))


@lowers(Brier)
def brier(metric: Brier, y: Shape) -> TorchMetric:
    return TorchMetric("brier(*rows_of_classes(y, t))", (ROWS, _BRIER))


_LOG_LOSS = TorchDefinition(
    '''\
def log_loss(y, t):
    """-log of the probability of the true class, on average."""
    eps = torch.finfo(y.dtype).eps
    return F.nll_loss(y.clamp(eps, 1 - eps).double().log(), t)
'''
)

_BRIER = TorchDefinition(
    '''\
def brier(y, t):
    """The squared distance of the probabilities from the true class, half of it for two classes."""
    squares = (y.double() - F.one_hot(t, y.shape[1])).square().sum(1).mean()
    return squares / 2 if y.shape[1] == 2 else squares
'''
)
