"""An evaluation says how good a trained network is on samples whose targets are known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from netlang.system.record import Record


class ClassScore(Record):
    """How well the class or label ``name`` is found: ``support`` samples are of it, and it is
    ``predicted`` for so many.

    ``precision`` is the share of these that are of it; ``recall`` the share of its own for which it
    is predicted; ``f1`` their harmonic mean. A share of nothing is 0.
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int
    predicted: int


class Mistake(Record):
    """The sample of the number ``row``, which is not what was ``predicted``.

    ``size`` is how wrong that is: the number that the network gave the wrong class or label, or how
    far the prediction is from what is ``true``, in the scale in which it was trained.
    ``target`` names the number or the label, where there is more than one.
    """

    row: int
    true: str | float
    predicted: str | float
    size: float
    target: str = ""


class Evaluation(Record):
    """What is known of ``samples`` samples.

    ``metrics`` has the loss and all metrics that fit. ``scores`` has each class or label, and
    ``macro`` their mean, without classes that do not occur and that none is taken for.
    ``confusion`` counts samples by their class, and then by that which they are taken for.
    ``mistakes`` are the worst, from the worst on. Of several outputs, each has all of this in
    ``outputs``, by its name.
    """

    samples: int
    metrics: Mapping[str, float]
    scores: tuple[ClassScore, ...] = ()
    macro: ClassScore | None = None
    confusion: tuple[tuple[int, ...], ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    outputs: Mapping[str, Evaluation] = MappingProxyType({})

    def as_data(self) -> dict[str, object]:
        """The evaluation as JSON holds it, which has no number for what is none."""
        found = self.as_dict() | {
            "metrics": dict(self.metrics),
            "scores": [score.as_dict() for score in self.scores],
            "macro": self.macro.as_dict() if self.macro else None,
            "mistakes": [mistake.as_dict() for mistake in self.mistakes],
        }
        del found["outputs"]
        if self.outputs:
            found["outputs"] = {name: one.as_data() for name, one in self.outputs.items()}
        return {name: _in_json(value) for name, value in found.items()}


def _in_json(value: Any) -> Any:
    """``value`` with None for each number that is infinite or none."""
    match value:
        case dict():
            return {name: _in_json(one) for name, one in value.items()}
        case list() | tuple():
            return [_in_json(one) for one in value]
        case float() if not math.isfinite(value):
            return None
    return value
