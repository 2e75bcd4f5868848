"""An answer is what a network's outputs say of a sample: its class, its labels, or numbers.

A network knows no names and no units: it has outputs. What they mean is known from the data that it
was trained on, its loss and its last layer. Here that is put into columns for people.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.data import Description
from netlang.catalogue.data.pipeline import AnyPipeline, Goal, Inputs, Labels
from netlang.catalogue.losses import Loss
from netlang.catalogue.outputs import SumOfLosses, loss_of
from netlang.catalogue.targets import OutputPart, classes_of
from netlang.compiler.ir import Program
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

Names = Sequence[str | None]  # what each sample is, None where a network's outputs are no numbers


class Answers(ABC):
    """``names`` are those of the columns that answer. ``note`` says what a reader of the numbers
    has to know and would not expect. The ``loss`` says what outputs predict.
    """

    names: tuple[str, ...]
    note: str = ""
    loss: Loss

    @abstractmethod
    def columns(self, outputs: Tensor) -> list[Names | Tensor]:
        """A column for each of ``names``.  Shape: [N, outputs] -> N names, or numbers [N]."""


class ClassAnswers(Answers):
    """The class of the largest output, and a number for each class.

    These numbers are the network's outputs, bit for bit, if they are of the ``kind``
    "probabilities"; of "logits", they are the probabilities that the loss makes of them, and of
    "scores" what it takes for a prediction. A single one is that of the second of two classes, and
    the first has the rest to 1. ``target`` is what the classes are of, where there are several
    outputs.
    """

    def __init__(self, classes: Sequence[str], kind: str, loss: Loss, target: str = "") -> None:
        self.classes, self.kind, self.loss = tuple(classes), kind, loss
        of, is_class = "output" if kind == "scores" else "p", f"{target}=" if target else ""
        prediction = _prediction_of(target) if target else "prediction"
        self.names = (prediction, *(f"{of}({is_class}{name})" for name in classes))
        self.note = _NOTES.get(kind, "")

    def labels(self, outputs: Tensor) -> Tensor:
        """The number of each sample's class.  Shape: [N, outputs] -> [N] int64."""
        return classes_of(self.loss.prediction(outputs)).long()

    def by_class(self, outputs: Tensor) -> Tensor:
        """The number of each class.  Shape: [N, outputs] -> [N, classes]."""
        if self.kind == "logits":
            outputs = self.loss.probabilities(outputs)
        elif self.kind == "scores":
            outputs = self.loss.prediction(outputs)
        return torch.cat([1 - outputs, outputs], -1) if outputs.shape[-1] == 1 else outputs

    def columns(self, outputs: Tensor) -> list[Names | Tensor]:
        are_numbers = outputs.isfinite().flatten(1).all(-1).tolist()
        labels = zip(self.labels(outputs).tolist(), are_numbers, strict=True)
        names = [self.classes[label] if is_number else None for label, is_number in labels]
        return [names, *self.by_class(outputs).unbind(-1)]


class LabelAnswers(Answers):
    """For each of several labels, 1 where what its output predicts is above one half, and that."""

    def __init__(self, labels: Sequence[str], kind: str, loss: Loss) -> None:
        self.loss, of = loss, "output" if kind == "scores" else "p"
        both = ((_prediction_of(label), f"{of}({label})") for label in labels)
        self.targets, self.names = tuple(labels), tuple(name for pair in both for name in pair)

    def columns(self, outputs: Tensor) -> list[Names | Tensor]:
        predicted = self.loss.prediction(outputs).unbind(-1)
        return [column for one in predicted for column in ((one > 0.5).to(torch.int8), one)]


class NumberAnswers(Answers):
    """The numbers that are predicted, in their own units, which ``to_values`` makes of predictions;
    behind them what else the loss reads out of outputs, such as other quantiles.
    """

    def __init__(
        self,
        targets: Sequence[str],
        to_values: Callable[[Tensor], Tensor],
        loss: Loss,
        is_one_of_several: bool = False,
    ) -> None:
        self.targets, self.to_values, self.loss = tuple(targets), to_values, loss
        several = len(targets) > 1 or is_one_of_several
        names = tuple(map(_prediction_of, targets)) if several else ("prediction",)
        ends = [f" of {target}" for target in targets] if several else [""]
        self.names = *names, *(f"{one}{end}" for one in loss.further for end in ends)

    def numbers(self, outputs: Tensor) -> Tensor:
        """What is predicted, in its own units.  Shape: [N, *] -> that of targets."""
        return self.to_values(self.loss.prediction(outputs))

    def columns(self, outputs: Tensor) -> list[Names | Tensor]:
        further = map(self.to_values, self.loss.further_of(outputs))
        every = self.numbers(outputs), *further
        return [column for one in every for column in one.flatten(1).unbind(-1)]


class SeveralAnswers(Answers):
    """What each of several outputs says, one after another."""

    def __init__(self, outputs: Sequence[tuple[OutputPart, Answers]]) -> None:
        self.outputs = tuple(outputs)
        self.names = tuple(name for _, one in outputs for name in one.names)
        self.note = "; ".join(dict.fromkeys(one.note for _, one in outputs if one.note))

    def columns(self, outputs: Tensor) -> list[Names | Tensor]:
        each = (one.columns(own_outputs(part, one, outputs)) for part, one in self.outputs)
        return [column for columns in each for column in columns]


def own_outputs(part: OutputPart, answers: Answers, outputs: Tensor) -> Tensor:
    """The outputs of one ``part``, as its ``answers`` take them: labels and numbers in a row."""
    own = part.of_outputs(outputs)
    are_rows = isinstance(answers, LabelAnswers)
    return own.flatten(1) if are_rows else own


def answers_of(program: Program, pipeline: AnyPipeline | None) -> Answers:
    """How the outputs of a trained program's network are read."""
    description, parts, loss = program.description, program.outputs, program.loss
    assert description
    assert loss
    if parts:
        return _several(program, description, pipeline)
    if description.classes:
        return ClassAnswers(description.classes, kind_of_outputs(program), loss)
    if pipeline is None:
        names = [f"output {n}" for n in range(1, description.targets + 1)]
        return NumberAnswers(names, _as_it_is, loss)
    if isinstance(pipeline.goal, Inputs):
        return NumberAnswers(pipeline.input_names, pipeline.to_values, loss)
    if isinstance(pipeline.goal, Labels):
        return LabelAnswers(pipeline.target, kind_of_outputs(program), loss)
    return NumberAnswers(pipeline.target, pipeline.to_values, loss)


def _several(
    program: Program, description: Description, pipeline: AnyPipeline | None
) -> SeveralAnswers:
    """How each of several outputs is read."""
    parts = program.outputs
    assert program.loss
    targets = description.for_outputs(len(parts))
    goals: Sequence[Goal | None] = [None] * len(parts)
    if pipeline:
        goals = pipeline.goal.for_outputs(len(parts))
    assert targets, "a network of several outputs is checked against its data"
    each = zip(parts, targets, goals, strict=True)
    found = []
    for index, (part, (_, described), goal) in enumerate(each):
        kind = kind_of_outputs(program, index)
        own = loss_of(program.loss, part)
        found.append((part, _one_of_several(described, goal, kind, own, part.name)))
    return SeveralAnswers(found)


def _one_of_several(
    found: Description, goal: Goal | None, kind: str, loss: Loss, name: str
) -> Answers:
    """How the output that is called ``name`` is read."""
    if found.classes:
        return ClassAnswers(found.classes, kind, loss, name)
    count = found.targets
    targets = [name] if count == 1 else [f"{name}[{index}]" for index in range(count)]
    if found.labels:
        return LabelAnswers(targets, kind, loss)
    to_values = goal.to_values if goal else _as_it_is
    return NumberAnswers(targets, to_values, loss, is_one_of_several=True)


def _as_it_is(outputs: Tensor) -> Tensor:
    return outputs


def kind_of_outputs(program: Program, index: int = 0) -> str:
    """What the network's outputs are: "probabilities", "logits", or else "scores"; of several, the
    one at ``index``.
    """
    last, loss = program.graph.last, program.loss
    if program.outputs:
        last = program.graph.before_training_only(program.outputs[index].node)
    if isinstance(loss, SumOfLosses):
        loss = loss.terms[index].loss
    if last and last.layer.gives == "probabilities":
        return "probabilities"
    outputs = program.outputs[index].shape if program.outputs else program.graph.output.sizes
    return "logits" if loss and outputs and loss.stands_by(outputs[-1]) else "scores"


def _prediction_of(target: str) -> str:
    return f"prediction of {target}"


_NOTES = {
    "logits": "p(...) are probabilities, made of the network's outputs as the loss takes them",
    "scores": "output(...) are the network's outputs as they are, and no probabilities",
}
