"""How good a model is: the samples that it is judged by, and what was measured of its outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netlang.api.given import is_in_memory
from netlang.api.history import Measures
from netlang.catalogue.data import Samples
from netlang.compiler.answers import Answers
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.python import NoSuchAnswer
from netlang.runs.models.evaluator import Evaluator
from netlang.runs.models.own_data import NoData, own_data
from netlang.runs.models.trained import TrainedModel

if TYPE_CHECKING:
    from torch import Tensor


def are_given(X: Any, y: Any, sample_weight: Any) -> bool:
    """Whether ``evaluate`` is given samples.  Raises TypeError for targets without inputs."""
    if X is None and not (y is None and sample_weight is None):
        raise TypeError("evaluate takes X and y, or neither: then it is about the file's data")
    return X is not None


def samples_kept(name: str, run: str, trained: TrainedModel) -> Samples:
    """Those that the model of the file ``name`` is judged by, which the ``run`` that keeps it says.

    Raises NetError where they cannot be had again.
    """
    try:
        if is_in_memory(trained.program):
            raise NoData("the data were in memory, and the model does not keep them")
        return own_data(run, trained).judged
    except NoData as reason:
        help = "give samples: `model.evaluate(X, y)`"
        raise NetError(NoSuchAnswer(None, name, str(reason), help)) from None


def measures(
    trained: TrainedModel, answers: Answers, samples: Samples, outputs: Tensor
) -> Measures:
    """All metrics of the ``outputs`` for the ``samples``, and the loss, by name."""
    evaluator = Evaluator(trained.program, answers)
    evaluator.add(outputs, samples.targets, samples.weights)
    return Measures(evaluator.evaluation().metrics)
