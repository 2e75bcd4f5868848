"""Metrics are numbers beside the loss that say how good a network's outputs are."""

# isort: off
# Messages name them in this order.
from netlang.catalogue.metrics.metric import Metric
from netlang.catalogue.metrics.sums import Sum
from netlang.catalogue.metrics.confusion import confusion
from netlang.catalogue.metrics.classes import Accuracy, Hamming, LabelAccuracy, TopK
from netlang.catalogue.metrics.counts import (
    F1,
    BalancedAccuracy,
    CohenKappa,
    FBeta,
    Jaccard,
    MatthewsCorrelation,
    Precision,
    Recall,
    Specificity,
)
from netlang.catalogue.metrics.matrix import Confusion
from netlang.catalogue.metrics.ranking import AveragePrecision, RocAuc
from netlang.catalogue.metrics.probabilities import BitsPerCharacter, Brier, LogLoss, Perplexity
from netlang.catalogue.metrics.values import (
    ExplainedVariance,
    MaxError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MedianAbsoluteError,
    RootMeanSquaredError,
    RSquared,
)

__all__ = [
    "F1",
    "Accuracy",
    "AveragePrecision",
    "BalancedAccuracy",
    "BitsPerCharacter",
    "Brier",
    "CohenKappa",
    "Confusion",
    "ExplainedVariance",
    "FBeta",
    "Hamming",
    "Jaccard",
    "LabelAccuracy",
    "LogLoss",
    "MatthewsCorrelation",
    "MaxError",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MedianAbsoluteError",
    "Metric",
    "Perplexity",
    "Precision",
    "RSquared",
    "Recall",
    "RocAuc",
    "RootMeanSquaredError",
    "Specificity",
    "Sum",
    "TopK",
    "confusion",
]
