"""Answers as arrays, for networks that tell a class or a number at each place of a sample."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlang.catalogue.targets import NO_CLASS
from netlang.compiler.answers import ClassAnswers, NumberAnswers
from netlang.engine.pieces import evaluation_samples
from netlang.runs.models.new_samples import NewRows
from netlang.runs.models.predictions import regrouped
from netlang.runs.models.trained import TrainedModel
from netlang.system.files import replacing
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

ARRAY_ENDINGS = (".npy", ".npz")


def is_array_file(name: str) -> bool:
    """Whether the name's ending is one of ARRAY_ENDINGS."""
    return name.lower().endswith(ARRAY_ENDINGS)


def arrays_of(
    model: TrainedModel, answers: ClassAnswers | NumberAnswers, samples: NewRows
) -> dict[str, Tensor]:
    """What ``model`` says of all ``samples``: the ``prediction``, [N, *places], and for classes the
    number of each, [N, *places, classes], as ``p``, or as ``output`` where it is no probability.

    A class is its number, in the order of the classes, or -1 where outputs are no numbers;
    other numbers are in the target's units.
    Raises NetError.
    """
    description = model.program.description
    assert description
    size = evaluation_samples(model.program.graph)
    parts = regrouped(samples.frames(typed=True), size, lambda frames: frames[0])
    outputs = torch.cat([model.outputs(inputs) for _, inputs in parts])
    if isinstance(answers, NumberAnswers):
        values = answers.numbers(outputs).float()
        return {"prediction": values.reshape(len(values), *description.target_shape)}
    name = "output" if answers.kind == "scores" else "p"
    labels = answers.labels(outputs)
    labels = labels.where(answers.loss.prediction(outputs).isfinite().all(-1), NO_CLASS)
    return {"prediction": labels, name: answers.by_class(outputs)}


def write_arrays(path: Path, arrays: dict[str, Tensor]) -> None:
    """Replace the file ``path`` by an NPZ of all ``arrays``, or by an NPY of the first alone.

    Raises OSError where it cannot be written; it then stays as it was.
    """
    import numpy

    try:
        with replacing(path.resolve()) as part, part.open("wb") as file:
            if path.name.lower().endswith(".npz"):
                each: dict[str, Any] = {name: one.numpy() for name, one in arrays.items()}
                numpy.savez(file, **each)
            else:
                numpy.save(file, next(iter(arrays.values())).numpy())
    except OSError as error:  # of a part of the file, whose name nobody knows
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
