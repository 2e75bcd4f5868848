"""How losses read outputs ``y``: what they predict, as expressions of NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from netlang.catalogue.losses import (
    KL,
    NLL,
    CosineEmbedding,
    Focal,
    GaussianNLL,
    Hinge,
    Loss,
    PoissonNLL,
    Quantile,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
    Triplet,
)
from netlang.catalogue.outputs import SumOfLosses
from netlang.lowering.lowerings import Unsupported
from netlang.system.record import Record


class Reading(Record):
    """``prediction`` is what outputs ``y`` predict, ``probabilities`` those of classes, and
    ``further`` what else they say.
    """

    prediction: str = "y"
    probabilities: str = ""
    further: Sequence[str] = ()


_SIGMOID, _SOFTMAX = "sigmoid(y)", "softmax(y)"


def _of_quantiles(loss: Quantile, outputs: int) -> Reading:
    q = loss.q
    if not isinstance(q, tuple):
        return Reading()
    each = [f"np.split(y, {len(q)}, -1)[{place}]" for place in range(len(q))]
    middle = min(range(len(q)), key=lambda place: abs(q[place] - 0.5))
    return Reading(each[middle], further=each)


def _of_gauss(loss: GaussianNLL, outputs: int) -> Reading:
    mean, variance = (f"np.split(y, 2, -1)[{place}]" for place in (0, 1))
    deviation = f"np.sqrt(np.maximum({variance}, {loss.eps!r}))"
    return Reading(mean, further=[f"{mean} - {deviation}", f"{mean} + {deviation}"])


_READINGS: dict[type[Loss], Callable[..., Reading]] = {
    SigmoidCrossEntropy: lambda loss, outputs: Reading(_SIGMOID, _SIGMOID),
    SoftmaxCrossEntropy: lambda loss, outputs: Reading("y", _SOFTMAX),
    NLL: lambda loss, outputs: Reading("y", "np.exp(y)"),
    KL: lambda loss, outputs: Reading("y", "np.exp(y)"),
    Focal: lambda loss, outputs: (
        Reading(_SIGMOID, _SIGMOID) if outputs == 1 else Reading("y", _SOFTMAX)
    ),
    Hinge: lambda loss, outputs: Reading("(1 + y) / 2" if outputs == 1 else "y"),
    PoissonNLL: lambda loss, outputs: Reading("np.exp(y)" if loss.log_input else "y"),
    GaussianNLL: _of_gauss,
    Quantile: _of_quantiles,
    CosineEmbedding: lambda loss, outputs: Reading(
        "np.stack([1 - cosine(y), 1 + cosine(y)], -1) / 2"
    ),
    Triplet: lambda loss, outputs: Reading(f"-distances(y, {loss.p!r}, {loss.eps!r})"),
}


def reading_of(loss: Loss, outputs: int) -> Reading:
    """How a loss reads so many outputs.  Raises Unsupported."""
    if isinstance(loss, SumOfLosses):
        return reading_of(loss.terms[0].loss, outputs)
    if type(loss) in _READINGS:
        found = _READINGS[type(loss)](loss, outputs)
    elif type(loss).prediction is not Loss.prediction:
        raise Unsupported(f"what outputs predict by {loss.name} has no counterpart in Python yet")
    else:
        found = Reading()
    return found if found.probabilities else found.replace(probabilities=found.prediction)
