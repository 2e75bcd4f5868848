"""What a model of ONNX answers: the outputs of the network as ``netlang predict`` reads them.

Of classes that are ``probabilities`` and the ``label``, of labels that exclude no other ``labels``,
of numbers the ``prediction`` in their own units. Where outputs are no probabilities, they are
called ``scores``. A network of several outputs has these of each, behind its name and a dot. For a
sample that cannot be used, numbers are NaN, and the label is empty; it is, too, where the network
gives no numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from netlang.catalogue.data.pipeline import ArrayPipeline, Goal, Inputs, Values
from netlang.catalogue.losses import Loss
from netlang.compiler.answers import (
    Answers,
    ClassAnswers,
    LabelAnswers,
    NumberAnswers,
    SeveralAnswers,
    kind_of_outputs,
)
from netlang.language.diagnostics.wording import listed
from netlang.language.shapes import Shape
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.onnx.arrays import scaling
from netlang.lowering.onnx.encoded import both, numbers
from netlang.lowering.onnx.file import STEPS, Port
from netlang.lowering.onnx.predictions import probabilities, read
from netlang.lowering.onnx.values import Value, concat, constant, op, texts
from netlang.lowering.trained import TrainedProgram
from netlang.system.lazy import np
from netlang.system.record import Record

_MOST_NAMED = 20  # classes, in the note of an output


class _Output(Record):
    """One output of a network, and how it is read. ``begin`` is how its answers are called, before
    their own names.
    """

    y: Value
    answers: Answers
    kind: str
    goal: Goal | None = None
    begin: str = ""


def answers_of(
    trained: TrainedProgram, values: Mapping[int, Value], used: Value | None
) -> list[Port]:
    """The outputs of the model, by what each node of the network gives.  Raises Unsupported."""
    found: list[Port] = []
    for output in _outputs(trained, values):
        are_numbers = numbers(output.y, len(output.y.sizes) + 1)
        for port in _read(output):
            value = _if(both(used, are_numbers) if port.value.dtype == "str" else used, port)
            name, shape = output.begin + port.name, _free(port.shape, output.y)
            found.append(port.replace(name=name, value=value, shape=shape))
    return found


def _free(shape: tuple[int | str, ...], y: Value) -> tuple[int | str, ...]:
    """The shape of answers, for any number of steps where the outputs are for as many."""
    return (STEPS, *shape[1:]) if y.is_free and shape else shape


def _if(used: Value | None, port: Port) -> Value:
    """The answers, and no number or no text of samples that cannot be used."""
    if used is None:
        return port.value
    condition = used.unsqueezed(*range(1, len(port.shape) + 1))
    match port.value.dtype:
        case "str":
            return port.value.where(condition, texts(""))
        case "int64":
            return port.value.where(condition, constant(-1, "int64"))
        case dtype:
            return port.value.where(condition, constant(np.nan, dtype))


def _outputs(trained: TrainedProgram, values: Mapping[int, Value]) -> Iterator[_Output]:
    program, answers = trained.program, trained.answers
    y = values[program.graph.result]
    goal = trained.pipeline.goal if trained.pipeline else None
    if not isinstance(answers, SeveralAnswers):
        if isinstance(goal, Inputs) and isinstance(trained.pipeline, ArrayPipeline):
            y = _in_units_of(trained.pipeline, y)
        yield _Output(y, answers, kind_of_outputs(program), goal)
        return
    count = len(answers.outputs)
    goals: Sequence[Goal | None] = goal.for_outputs(count) if goal else [None] * count
    for index, ((part, own), its) in enumerate(zip(answers.outputs, goals, strict=True)):
        row = y.sliced(1, part.begin, part.end).reshaped(0, *part.shape)
        kind = kind_of_outputs(program, index)
        yield _Output(row.of_shape(Shape(part.shape)), own, kind, its, f"{part.name}.")


def _in_units_of(pipeline: ArrayPipeline, y: Value) -> Value:
    """What gives a sample's inputs back, in the units of the array."""
    shift, scale = scaling(pipeline)
    return (y.cast("float64") * scale + shift).of_shape(y.shape)


def _read(output: _Output) -> list[Port]:
    match output.answers:
        case ClassAnswers() as answers:
            return _of_classes(answers, output.y)
        case LabelAnswers() as answers:
            return _of_labels(answers, output)
        case NumberAnswers() as answers:
            return _of_numbers(answers, output)
    raise Unsupported(f"answers of the kind {type(output.answers).__name__} cannot be said in ONNX")


def _of_classes(answers: ClassAnswers, y: Value) -> list[Port]:
    loss, shape = answers.loss, answers.loss.predicted(y.sizes)
    predicted, *_ = read(loss, y)
    by_class = probabilities(loss, y) if answers.kind == "logits" else y
    by_class = predicted if answers.kind == "scores" else by_class
    if shape[-1] == 1:
        label = (predicted > 0.5).cast("int64").squeezed(len(shape))
        by_class, shape = concat(len(shape), 1.0 - by_class, by_class), (*shape[:-1], 2)
    else:
        label = op("ArgMax", predicted, dtype="int64", axis=-1, keepdims=0)
    name = op("Gather", texts(*answers.classes), label)
    of = "scores" if answers.kind == "scores" else "probabilities"
    classes = listed([repr(one) for one in answers.classes], _MOST_NAMED)
    return [
        Port("label", name, shape[:-1], f"one of {classes}"),
        Port(of, by_class, shape, f"of each class: {classes}"),
    ]


def _of_labels(answers: LabelAnswers, output: _Output) -> list[Port]:
    predicted, *_ = read(answers.loss, output.y)
    shape = answers.loss.predicted(output.y.sizes)
    of = "scores" if output.kind == "scores" else "probabilities"
    labels = listed([repr(one) for one in answers.targets], _MOST_NAMED)
    return [
        Port("labels", (predicted > 0.5).cast("int64"), shape, f"1 or 0, of each label: {labels}"),
        Port(of, predicted, shape, f"of each label: {labels}"),
    ]


def _of_numbers(answers: NumberAnswers, output: _Output) -> list[Port]:
    loss: Loss = answers.loss
    shape = loss.predicted(output.y.sizes)
    names = ["prediction", *loss.further]
    targets = listed([repr(one) for one in answers.targets], _MOST_NAMED)
    values = [_in_units(one, output.goal) for one in read(loss, output.y)]
    return [
        Port(name, value, shape, f"of {targets}") for name, value in zip(names, values, strict=True)
    ]


def _in_units(y: Value, goal: Goal | None) -> Value:
    """Numbers in the units of the table."""
    if not isinstance(goal, Values) or ({*goal.shift}, {*goal.scale}) == ({0.0}, {1.0}):
        return y
    return y.cast("float64") * constant(goal.scale, "float64") + constant(goal.shift, "float64")
