"""What outputs say of their targets, in ONNX: a loss knows it.

Below ``@reads(Loss)``, a function gives the prediction that the loss reads out of outputs, and what
else it reads. The outputs of other losses are predictions as they are.
"""

from __future__ import annotations

from netlang.catalogue.arguments import LARGEST, SMALLEST
from netlang.catalogue.losses import (
    CosineEmbedding,
    Focal,
    GaussianNLL,
    Hinge,
    Loss,
    PoissonNLL,
    Quantile,
    SigmoidCrossEntropy,
    Triplet,
)
from netlang.catalogue.outputs import SumOfLosses
from netlang.lowering.lowerings import Lowerings
from netlang.lowering.onnx.values import Value, concat, constant, op

Read = tuple[Value, ...]

reads = Lowerings("ONNX", {"loss": tuple})


def read(loss: Loss, y: Value) -> Read:
    """The prediction, and what else the loss reads out of outputs.  Raises Unsupported."""
    if isinstance(loss, SumOfLosses):  # whose first one says what outputs are
        return read(loss.terms[0].loss, y)
    own = type(loss)
    if own.prediction is Loss.prediction and own.further_of is Loss.further_of:
        return (y,)
    found: Read = reads.lowered(loss, y)
    return found


def probabilities(loss: Loss, y: Value) -> Value:
    """What the loss makes of outputs that stand for probabilities."""
    match loss.stands_by(y.sizes[-1]):
        case "softmax":
            return op("Softmax", y, axis=-1)
        case "sigmoid":
            return op("Sigmoid", y)
        case "exp":
            return op("Exp", y)
    return y


@reads(SigmoidCrossEntropy)
def sigmoid(loss: SigmoidCrossEntropy, y: Value) -> Read:
    return (op("Sigmoid", y),)


@reads(Focal)
def focal(loss: Focal, y: Value) -> Read:
    return (op("Sigmoid", y) if y.sizes[-1] == 1 else y,)


@reads(Hinge)
def hinge(loss: Hinge, y: Value) -> Read:
    return ((y + 1.0) / 2.0 if y.sizes[-1] == 1 else y,)


@reads(PoissonNLL)
def poisson(loss: PoissonNLL, y: Value) -> Read:
    return (op("Exp", y) if loss.log_input else y,)


@reads(GaussianNLL)
def gaussian(loss: GaussianNLL, y: Value) -> Read:
    mean, variance = _parts(y, 2)
    deviation = op("Sqrt", op("Max", variance, loss.eps))
    return mean, mean - deviation, mean + deviation


@reads(Quantile)
def quantile(loss: Quantile, y: Value) -> Read:
    q = loss.q
    if not isinstance(q, tuple):
        return (y,)
    parts = _parts(y, len(q))
    middle = min(range(len(q)), key=lambda index: abs(q[index] - 0.5))
    return parts[middle], *parts


@reads(CosineEmbedding)
def cosine_embedding(loss: CosineEmbedding, y: Value) -> Read:
    a, b = (one.squeezed(1) for one in y.split(1, 1, 1))
    left, right = (op("Sqrt", (one * one).sum(-1) + 1e-12) for one in (a, b))
    cosine = (a * b).sum(-1) / (left * right)
    return (concat(-1, 1.0 - cosine, cosine + 1.0) / 2.0,)


@reads(Triplet)
def triplet(loss: Triplet, y: Value) -> Read:
    anchor, *others = (one.squeezed(1) for one in y.split(1, 1, 1, 1))

    def distance(other: Value) -> Value:
        sizes = op("Abs", anchor - other + loss.eps)
        largest = op("Clip", sizes.max(-1), SMALLEST, LARGEST)
        powers = op("Pow", sizes / largest, constant(loss.p))  # which do not overflow
        return largest * op("Pow", powers.sum(-1), constant(1 / loss.p))

    return (concat(-1, *(-distance(one) for one in others)),)


def _parts(y: Value, count: int) -> list[Value]:
    """So many equal parts along the last dimension."""
    return y.split(-1, *[y.sizes[-1] // count] * count)
