"""Losses say how far outputs are from their targets, and give the gradient of this number."""

# isort: off
# Messages name them in this order.
from netlang.catalogue.losses.loss import Loss
from netlang.catalogue.losses.values import (
    MSE,
    MAE,
    Huber,
    SmoothL1,
    LogCosh,
    Quantile,
    LossMSE,
)
from netlang.catalogue.losses.likelihoods import GaussianNLL, PoissonNLL
from netlang.catalogue.losses.classes import SoftmaxCrossEntropy, NLL, Focal
from netlang.catalogue.losses.hinge import Hinge
from netlang.catalogue.losses.divergence import KL
from netlang.catalogue.losses.labels import CrossEntropy, BinaryCrossEntropy, SigmoidCrossEntropy
from netlang.catalogue.losses.pairs import CosineEmbedding, Triplet
from netlang.catalogue.targets import encode

__all__ = [
    "KL",
    "MAE",
    "MSE",
    "NLL",
    "BinaryCrossEntropy",
    "CosineEmbedding",
    "CrossEntropy",
    "Focal",
    "GaussianNLL",
    "Hinge",
    "Huber",
    "LogCosh",
    "Loss",
    "LossMSE",
    "PoissonNLL",
    "Quantile",
    "SigmoidCrossEntropy",
    "SmoothL1",
    "SoftmaxCrossEntropy",
    "Triplet",
    "encode",
]
