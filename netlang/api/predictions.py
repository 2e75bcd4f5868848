"""What a trained network says of samples, as arrays of NumPy or as columns of a frame."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from netlang.api.frames import kind_of_frame, pandas
from netlang.catalogue.losses import Loss
from netlang.compiler.answers import (
    Answers,
    ClassAnswers,
    LabelAnswers,
    NumberAnswers,
    SeveralAnswers,
    own_outputs,
)
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.python import NoSuchAnswer
from netlang.system.lazy import np, torch

if TYPE_CHECKING:
    from torch import Tensor

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,19})")

Predicted = Any  # an array of NumPy; of several outputs, a dict of arrays by their names
_Read = Callable[[Answers, "Tensor"], Any]


def labels_of(classes: Sequence[str]) -> Any:
    """The classes as an array [classes]: whole numbers, or truth values, where their names are
    such.
    """
    if {*classes} == {"false", "true"}:
        return np.array([name == "true" for name in classes])
    if all(map(_WHOLE.fullmatch, classes)):
        found = np.array([*map(int, classes)])
        return found if found.dtype.kind in "iu" else np.array([*classes])
    return np.array([*classes])


def is_of_largest(answers: Answers, outputs: Sequence[int]) -> bool:
    """Whether the class is that of the largest of several outputs, of this shape in a sample."""
    if not isinstance(answers, ClassAnswers) or outputs[-1] == 1:
        return False
    return type(answers.loss).prediction is Loss.prediction


def predictions(answers: Answers, outputs: Tensor, labels: Any = None) -> Predicted:
    """What is predicted: the labels of classes [N, *places], 0 or 1 for each of several labels
    [N, labels], or numbers in their own units, [N] or [N, *].

    Classes are called as in ``labels`` [classes], or else by their names. Where outputs are no
    numbers, there is no class, but None.
    """

    def read(one: Answers, own: Tensor) -> Any:
        match one:
            case ClassAnswers():
                names = labels_of(one.classes) if labels is None else labels
                if is_of_largest(one, own.shape[1:]):
                    numbers = own.numpy()  # which NumPy reads sooner
                    found, are_numbers = names[numbers.argmax(-1)], np.isfinite(numbers).all(-1)
                else:
                    found = names[one.labels(own).numpy()]
                    are_numbers = one.loss.prediction(own).isfinite().all(-1).numpy()
                if are_numbers.all():
                    return found
                found = found.astype(object)
                found[~are_numbers] = None
                return found
            case LabelAnswers():
                return (one.loss.prediction(own) > 0.5).to(torch.int64).numpy()
            case NumberAnswers():
                values = one.numbers(own).double().numpy()
                return values.reshape(len(values)) if values[:1].size <= 1 else values

    return _of_each(answers, outputs, read)


def probabilities(answers: Answers, model: str, outputs: Tensor) -> Predicted:
    """The probability of each class [N, *places, classes], or of each label [N, labels], float64;
    of several outputs, those that have such;
    messages call the ``model`` so.

    Raises NetError for numbers, and for outputs that are no probabilities.
    """

    def read(one: Answers, own: Tensor) -> Any:
        match one:
            case ClassAnswers() if one.kind != "scores":
                found = one.by_class(own).double()
                return (found / found.sum(-1, keepdim=True)).numpy()  # 1, and not nearly
            case LabelAnswers() if not one.names[1].startswith("output"):
                return one.loss.prediction(own).double().numpy()
            case NumberAnswers():
                problem = "this model predicts numbers, which have no probabilities"
                raise NetError(
                    NoSuchAnswer(None, model, problem, "`model.predict(X)` gives the numbers")
                )
        problem = "the outputs of this model are no probabilities"
        help = "`model.outputs(X)` gives them as they are; a network with a `Softmax` has some"
        raise NetError(NoSuchAnswer(None, model, problem, help))

    if isinstance(answers, SeveralAnswers):  # numbers among them have none
        found = [one for one in answers.outputs if not isinstance(one[1], NumberAnswers)]
        answers = SeveralAnswers(found) if found else answers
    return _of_each(answers, outputs, read)


def _of_each(answers: Answers, outputs: Tensor, read: _Read) -> Predicted:
    """What ``read`` gives for the outputs: of several, a dict by their names."""
    if not isinstance(answers, SeveralAnswers):
        return read(answers, outputs)
    return {part.name: read(one, own_outputs(part, one, outputs)) for part, one in answers.outputs}


def framed(answers: Answers, model: str, outputs: Tensor, like: Any) -> Any:
    """The columns that ``netlang predict`` adds to a table, as a frame of the kind of ``like``,
    with its index; of polars for anything that is no frame.

    Raises NetError for classes at places, which are no columns; messages call the ``model`` so.
    """
    import polars

    if isinstance(answers, ClassAnswers) and outputs.dim() > 2:
        problem = "this model tells a class at each place of a sample, which no frame can hold"
        raise NetError(NoSuchAnswer(None, model, problem, "`model.predict(X)` gives an array"))

    columns = zip(answers.names, answers.columns(outputs), strict=True)
    plain = {
        name: cells.numpy() if isinstance(cells, torch.Tensor) else cells for name, cells in columns
    }
    if kind_of_frame(like) == "pandas":
        return pandas().DataFrame(plain, index=like.index)
    return polars.DataFrame(plain)
