"""Metrics are numbers beside the loss that say how good a network's outputs are."""

# isort: off
# Messages name them in this order.
from netlang.catalogue.metrics.metric import Metric
from netlang.catalogue.metrics.sums import Sum
from netlang.catalogue.metrics.confusion import confusion
from netlang.catalogue.metrics.classes import Accuracy, LabelAccuracy
from netlang.catalogue.metrics.values import MeanAbsoluteError, MeanSquaredError, RSquared

__all__ = [
    "Accuracy",
    "LabelAccuracy",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "RSquared",
    "Sum",
    "confusion",
]
