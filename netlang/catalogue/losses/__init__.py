"""Losses say how far outputs are from their targets, and give the gradient of this number."""

# isort: off
# Messages name them in this order.
from netlang.catalogue.losses.loss import Loss
from netlang.catalogue.losses.values import MSE, LossMSE
from netlang.catalogue.losses.classes import CrossEntropy, SoftmaxCrossEntropy
from netlang.catalogue.targets import encode

__all__ = ["MSE", "CrossEntropy", "Loss", "LossMSE", "SoftmaxCrossEntropy", "encode"]
