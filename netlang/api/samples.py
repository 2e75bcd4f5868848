"""Samples that a program has in memory become a trained network's inputs and targets."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netlang.api.frames import Columns, array_of, columns_of, kind_of_frame, unfit
from netlang.api.sequences import of_training
from netlang.api.targets import plain, warn_of_order, weights_of
from netlang.catalogue.data import Description, Samples
from netlang.catalogue.data.arrays.in_parts import Part
from netlang.catalogue.data.pipeline import (
    ArrayPipeline,
    Classes,
    ColumnError,
    Inputs,
    Pipeline,
    SeveralArrays,
    TextPipeline,
)
from netlang.catalogue.data.pipeline.text_pipeline import windows
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.data import DataFileUnreadable
from netlang.language.diagnostics.wording import counted, in_code, listed, type_of
from netlang.runs.models.new_samples import NewArray, NewTable
from netlang.runs.models.trained import TrainedModel
from netlang.system.lazy import np, torch

if TYPE_CHECKING:
    from torch import Tensor

_NAMED = 12  # columns or classes that are named


def inputs_of(X: Any, model: TrainedModel) -> Tensor:
    """The inputs that the pipeline of ``model`` makes of X.

    Where training left out rows that lack cells, such rows are NaN. A UserWarning says of what the
    network is not told, as of categories that no training row had.
    Shape: [N, *].  Raises NetError, and TypeError.
    """
    pipeline = model.kept.pipeline
    if isinstance(pipeline, Pipeline | ArrayPipeline) and isinstance(X, np.ndarray):
        plain = pipeline.of_array(X)
        if plain is not None:
            return torch.from_numpy(plain)
    match pipeline:
        case Pipeline():
            drops = getattr(model.program.data, "missing", "") == "drop"
            table = NewTable(pipeline, "X", [(1, _columns(X, pipeline.columns))], drops=drops)
            inputs = torch.cat([*table.inputs()])
            for said in table.unread():
                warnings.warn(f"X: {said}", stacklevel=2)
            return inputs
        case ArrayPipeline():
            found = of_training(X, pipeline) if pipeline.lengths else _array(X)
        case SeveralArrays():
            found = _arrays(X, [one.name for one in pipeline.arrays])
        case TextPipeline():
            return torch.cat([inputs for _, inputs in _of_text(X, pipeline)])
        case None:
            return _as_they_are(X, model)
    count = len(found if isinstance(pipeline, ArrayPipeline) else found[0])
    part = Part("sample", range(1, count + 1), found)
    try:
        return torch.cat([*NewArray(pipeline, "X", [part]).inputs()])
    except NetError as error:
        (wrong,) = error.diagnostics
        if not isinstance(wrong, DataFileUnreadable):
            raise
        help = "give samples as those of training"
        raise unfit("X", f"X cannot be used: {wrong.reason}", help) from None


def _columns(X: Any, names: Sequence[str]) -> Columns:
    """The columns of X by the ``names`` that the model takes; those of a frame in their order where
    an array was given in training, which has no names.
    """
    columns = columns_of(X, names)
    is_of_array = tuple(names) == tuple(f"x{place}" for place in range(len(names)))
    if not is_of_array or not kind_of_frame(X) or {*names} & {*columns}:
        return columns
    if len(columns) != len(names):
        problem = f"X has {counted(len(columns), 'column')}, and the model takes {len(names)}"
        help = "give as many as the array had that it learned from, in the same order"
        raise unfit("X", problem, help)
    if all(isinstance(name, str) for name in X.columns):
        of_array = "the model learned from an array, whose columns have no names"
        warnings.warn(f"{of_array}: those of X are taken in their order", stacklevel=5)
    return dict(zip(names, columns.values(), strict=True))


def samples_of(
    X: Any, y: Any, sample_weight: Any, model: TrainedModel, labels: Any = None
) -> Samples:
    """X and y as samples for ``model``, without those that lack cells where training left such
    out. Weights become 1 on average. ``labels`` are its classes as Python has them, if it does.

    Raises NetError, and TypeError.
    """
    inputs = inputs_of(X, model)
    if not len(inputs):
        raise unfit("X", "X has no rows", "give one at least")
    warn_of_order(X, y)
    targets = _of_labels(y, labels, len(inputs), model)
    targets = targets_of(X, y, inputs, model) if targets is None else targets
    weights = weights_of(sample_weight, len(inputs))
    if weights is not None:
        weights = torch.as_tensor(weights / weights.mean()).float()
    kept = ~inputs.isnan().flatten(1).all(1)
    return Samples(inputs[kept], targets[kept], None if weights is None else weights[kept])


def targets_of(X: Any, y: Any, inputs: Tensor, model: TrainedModel) -> Tensor:
    """The targets that ``y`` stands for, or where it is None, that the columns of X have.

    Shape: [N, *].  Raises NetError, and TypeError.
    """
    pipeline, description = model.kept.pipeline, model.program.description
    assert description
    if isinstance(pipeline, TextPipeline):
        return torch.cat([targets for targets, _ in _of_text(X, pipeline)])
    if pipeline and isinstance(pipeline.goal, Inputs):
        return inputs
    if y is None:
        table = _own_targets(X, pipeline.target if pipeline else ())
    elif pipeline is None or (description.classes and description.target_shape):
        return _numbers_as_they_are(y, description, len(inputs))
    else:
        table = _as_columns(y, pipeline.target)
    assert pipeline
    try:
        targets = pipeline.goal.of_table(table)
    except ColumnError as error:
        raise unfit("y", f"y: {error}", "give targets as those of training") from None
    _check_count(len(targets), len(inputs))
    return targets


def _of_labels(y: Any, labels: Any, count: int, model: TrainedModel) -> Tensor | None:
    """The numbers of the classes y [N]; None where one of them is none of the ``labels``, and for a
    model without any.  Raises NetError.
    """
    pipeline = model.kept.pipeline
    if y is None or labels is None or kind_of_frame(y) or isinstance(y, Mapping):
        return None
    if not (pipeline and isinstance(pipeline.goal, Classes)):
        return None
    numbers = {label: number for number, label in enumerate(labels.tolist())}
    found = [numbers.get(one) for one in plain(y).flatten().tolist()]
    _check_count(len(found), count)
    return None if None in found else torch.tensor(found)


def _own_targets(X: Any, names: Sequence[str]) -> Columns:
    """The columns of X, which have to be those of targets, too.  Raises TypeError."""
    table = columns_of(X, names) if kind_of_frame(X) or isinstance(X, Mapping) else {}
    if not names or not {*names} <= {*table}:
        what = f"y, or an X that has {listed(in_code(names))}, too" if names else "y beside X"
        raise TypeError(f"evaluate takes {what}; without both, it is about the file's own data")
    return table


def _as_columns(y: Any, names: Sequence[str]) -> Columns:
    """The columns of targets; a single one may have another name than in training."""
    if type(y).__name__ == "Series" and len(names) == 1:
        y = y.to_frame()
    table = columns_of(y, names, "y")
    if len(names) == len(table) == 1:
        return {names[0]: next(iter(table.values()))}
    return table


def _numbers_as_they_are(y: Any, description: Description, count: int) -> Tensor:
    """Class numbers, or numbers to predict, of data without a pipeline."""
    found = torch.as_tensor(array_of(y, "y"))
    _check_count(len(found), count)
    if description.classes:
        return found.long().reshape(count, *description.target_shape)
    return found.to(torch.get_default_dtype()).reshape(count, *description.target_shape)


def _check_count(targets: int, samples: int) -> None:
    """Raises NetError unless there are as many of both."""
    if targets != samples:
        problem = f"X has {counted(samples, 'sample')}, and y {counted(targets, 'target')}"
        raise unfit("y", problem, "give a target for each sample")


def _of_text(X: Any, pipeline: TextPipeline) -> list[tuple[Tensor, Tensor]]:
    """The targets and the inputs of a text, in samples as those of training, one behind the other.

    Raises NetError, and TypeError for what is no text.
    """
    if not isinstance(X, str):
        raise TypeError(f"X is a text, as this model was trained on one, not {type_of(X)}")
    try:
        tokens = torch.tensor(pipeline.tokens(X))
    except ValueError as wrong:
        raise unfit("X", str(wrong), "leave it out") from None
    context = pipeline.context
    if len(tokens) <= context:
        problem = f"X has {counted(len(tokens), 'symbol')}"
        raise unfit("X", problem, f"give more than {context:,}, which a sample of training has")
    inputs, targets = windows(tokens, context, context)
    return [(targets, pipeline.to_inputs(inputs))]


def _array(X: Any, called: str = "X") -> Any:
    """X as an array of NumPy.  Raises NetError, and TypeError."""
    return X.to_numpy() if kind_of_frame(X) else array_of(X, called)


def _arrays(X: Any, names: Sequence[str]) -> list[Any]:
    """The arrays of a model of several, which come in a dict, or in a list in their order."""
    takes = f"X is a dict of the arrays {listed(in_code(names))}, or a list of them"
    if isinstance(X, Mapping):
        if missing := [name for name in names if name not in X]:
            raise unfit("X", f"X lacks {listed(in_code(missing))}", f"{takes}, in this order")
        return [_array(X[name], name) for name in names]
    if not isinstance(X, list | tuple) or len(X) != len(names):
        raise unfit(
            "X", f"the model takes {counted(len(names), 'array')}", f"{takes}, in this order"
        )
    return [_array(one, name) for one, name in zip(X, names, strict=True)]


def _as_they_are(X: Any, model: TrainedModel) -> Tensor:
    """Inputs of data without a pipeline.  Raises NetError."""
    found, shape = _array(X), model.program.graph.input
    if found.dtype.kind not in "biuf" or tuple(found.shape[1:]) != shape.sizes:
        problem = f"X has the shape {[*found.shape]} of {found.dtype}"
        raise unfit("X", problem, f"give an array of numbers, {shape}")
    inputs = torch.as_tensor(found)
    return inputs.long() if shape.vocabulary else inputs.to(torch.get_default_dtype())
