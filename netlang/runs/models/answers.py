"""An answer is what a network's outputs say of a sample: its class, its labels, or numbers.

A network knows no names and no units: it has outputs. What they mean is known from the data that it
was trained on, its loss and its last layer. Here that is put into columns for people.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.data.pipeline import AnyPipeline, Inputs, Labels
from netlang.catalogue.targets import classes_of
from netlang.compiler.ir import Program
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

Names = Sequence[str | None]  # what each sample is, None where a network's outputs are no numbers


class Answers(ABC):
    """``names`` are those of the columns that answer. ``note`` says what a reader of the numbers
    has to know and would not expect.
    """

    names: tuple[str, ...]
    note: str = ""

    @abstractmethod
    def columns(self, outputs: Tensor) -> list[Names | Tensor]:
        """A column for each of ``names``.  Shape: [N, outputs] -> N names, or numbers [N]."""


class ClassAnswers(Answers):
    """The class of the largest output, and a number for each class.

    These numbers are the network's outputs, bit for bit, if they are of the ``kind``
    "probabilities" or "scores"; of "logits", they are the softmax. A single output is that of the
    second of two classes, and the first has the rest to 1.
    """

    def __init__(self, classes: Sequence[str], kind: str) -> None:
        self.classes, self.kind = tuple(classes), kind
        of = "output" if kind == "scores" else "p"
        self.names = ("prediction", *(f"{of}({name})" for name in classes))
        self.note = _NOTES.get(kind, "")

    def labels(self, outputs: Tensor) -> Tensor:
        """The number of each sample's class.  Shape: [N, outputs] -> [N] int64."""
        return classes_of(outputs).long()

    def by_class(self, outputs: Tensor) -> Tensor:
        """The number of each class.  Shape: [N, outputs] -> [N, classes]."""
        if outputs.shape[-1] == 1:
            return torch.cat([1 - outputs, outputs], -1)
        return torch.softmax(outputs, -1) if self.kind == "logits" else outputs

    def columns(self, outputs: Tensor) -> list[Names | Tensor]:
        are_numbers = outputs.isfinite().all(-1).tolist()
        labels = zip(self.labels(outputs).tolist(), are_numbers, strict=True)
        names = [self.classes[label] if is_number else None for label, is_number in labels]
        return [names, *self.by_class(outputs).unbind(-1)]


class LabelAnswers(Answers):
    """For each of several labels, 1 where its output is above one half, and that output."""

    def __init__(self, labels: Sequence[str], kind: str) -> None:
        of = "p" if kind == "probabilities" else "output"
        both = ((_prediction_of(label), f"{of}({label})") for label in labels)
        self.targets, self.names = tuple(labels), tuple(name for pair in both for name in pair)

    def columns(self, outputs: Tensor) -> list[Names | Tensor]:
        both = (((one > 0.5).to(torch.int8), one) for one in outputs.unbind(-1))
        return [column for pair in both for column in pair]


class NumberAnswers(Answers):
    """The numbers that are predicted, in their own units, which ``to_values`` makes of outputs."""

    def __init__(self, targets: Sequence[str], to_values: Callable[[Tensor], Tensor]) -> None:
        self.targets, self.to_values = tuple(targets), to_values
        several = len(targets) > 1
        self.names = tuple(map(_prediction_of, targets)) if several else ("prediction",)

    def columns(self, outputs: Tensor) -> list[Names | Tensor]:
        return [*self.to_values(outputs).flatten(1).unbind(-1)]


def answers_of(program: Program, pipeline: AnyPipeline | None) -> Answers:
    """How the outputs of a trained program's network are read."""
    description, kind = program.description, kind_of_outputs(program)
    assert description
    if description.classes:
        return ClassAnswers(description.classes, kind)
    if pipeline is None:
        return NumberAnswers([f"output {n}" for n in range(1, description.targets + 1)], _as_it_is)
    if isinstance(pipeline.goal, Inputs):
        return NumberAnswers(pipeline.input_names, pipeline.to_values)
    if isinstance(pipeline.goal, Labels):
        return LabelAnswers(pipeline.target, kind)
    return NumberAnswers(pipeline.target, pipeline.to_values)


def _as_it_is(outputs: Tensor) -> Tensor:
    return outputs


def kind_of_outputs(program: Program) -> str:
    """What the network's outputs are: "probabilities", "logits", or else "scores"."""
    last, loss = program.graph.last, program.loss
    if last and last.layer.gives == "probabilities":
        return "probabilities"
    return "logits" if loss and loss.expects == "logits" else "scores"


def _prediction_of(target: str) -> str:
    return f"prediction of {target}"


_NOTES = {
    "logits": "p(...) are probabilities, made of the network's outputs by softmax",
    "scores": "output(...) are the network's outputs as they are, and no probabilities",
}
