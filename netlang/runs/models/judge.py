"""What is said of one output is judged: how well each class is found, and the worst mistakes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.metrics import confusion
from netlang.catalogue.metrics.counts import counts_of_labels, f1, precision, recall
from netlang.compiler.answers import Answers, ClassAnswers, LabelAnswers, NumberAnswers
from netlang.runs.models.evaluation import ClassScore, Evaluation, Mistake
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class Judge:
    """Judges what ``answers`` says of one output; it keeps the ``most`` worst mistakes."""

    def __init__(self, answers: Answers, most: int) -> None:
        self._answers, self._most = answers, most
        self._counts: Tensor | int = 0
        self._mistakes: list[Mistake] = []

    def add(self, first: int, outputs: Tensor, targets: Tensor) -> None:
        """Add samples, which are numbered from ``first`` on."""
        match self._answers:
            case ClassAnswers() as answers:
                outputs, targets, sample_of = _by_position(outputs, targets)
                labels = answers.labels(outputs)
                self._counts = self._counts + confusion(labels, targets, len(answers.classes))
                wrong = _wrong_classes(answers, outputs, labels, targets, self._most)
                found = [one.replace(row=int(sample_of[one.row])) for one in wrong]
            case LabelAnswers() as answers:
                predicted = answers.loss.prediction(outputs)
                counts = counts_of_labels(predicted > 0.5, targets > 0.5, None)[:3]
                self._counts = self._counts + counts
                found = [*_wrong_labels(answers, predicted, targets, self._most)]
            case NumberAnswers() as answers:
                predicted = answers.loss.prediction(outputs).view_as(targets)
                found = [*_wrong_numbers(answers, predicted, targets, self._most)]
        numbered = (one.replace(row=first + one.row) for one in found)
        self._mistakes = sorted([*self._mistakes, *numbered], key=lambda one: (-one.size, one.row))
        del self._mistakes[self._most :]

    def evaluation(self, samples: int) -> Evaluation:
        """What is known of so many ``samples``, but for the metrics."""
        scores: tuple[ClassScore, ...] = ()
        matrix: tuple[tuple[int, ...], ...] = ()
        occur = scores
        match self._answers, self._counts:
            case ClassAnswers(), torch.Tensor() as counts:
                matrix = tuple(map(tuple, counts.tolist()))
                of_each = torch.stack([counts.diagonal(), counts.sum(0), counts.sum(1)])
                scores = _scores(self._answers.classes, of_each)
                occur = tuple(one for one in scores if one.support or one.predicted)
            case LabelAnswers(), torch.Tensor() as counts:
                scores = occur = _scores(self._answers.targets, counts)
        macro = _macro(occur) if occur else None
        return Evaluation(samples, {}, scores, macro, matrix, tuple(self._mistakes))


def _scores(names: Iterable[str], counts: Tensor) -> tuple[ClassScore, ...]:
    """The score of each class, or label.  Shape: found, taken and true, [3, classes]."""
    shares = (score(*counts.double()).tolist() for score in (precision, recall, f1))
    _, taken, true = counts.long().tolist()
    return tuple(map(ClassScore, names, *shares, true, taken))


def _macro(scores: Sequence[ClassScore]) -> ClassScore:
    count = len(scores)
    precision = sum(one.precision for one in scores) / count
    recall = sum(one.recall for one in scores) / count
    f1 = sum(one.f1 for one in scores) / count
    support, predicted = sum(one.support for one in scores), sum(one.predicted for one in scores)
    return ClassScore("macro", precision, recall, f1, support, predicted)


def _worst(sizes: Tensor, are_wrong: Tensor, most: int) -> list[int]:
    """The indices of the ``most`` largest sizes of what is wrong; no number is the largest.

    Shape: [N], both.
    """
    wrong = are_wrong.nonzero().squeeze(1)
    order = sizes[wrong].nan_to_num(math.inf).argsort(descending=True, stable=True)
    found: list[int] = wrong[order[:most]].tolist()
    return found


def _by_position(outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The outputs and the class numbers of all positions of samples, without those that have no
    class, and the sample that each is of.

    Shape: [N, *, outputs], [N, *] -> [positions, outputs], [positions], [positions].
    """
    known = targets >= 0
    return outputs[known], targets[known], known.nonzero()[:, 0]


def _wrong_classes(
    answers: ClassAnswers, outputs: Tensor, labels: Tensor, targets: Tensor, most: int
) -> Iterable[Mistake]:
    sizes = answers.by_class(outputs).gather(1, labels.unsqueeze(1)).squeeze(1)
    for row in _worst(sizes, labels != targets, most):
        true, predicted = answers.classes[int(targets[row])], answers.classes[int(labels[row])]
        yield Mistake(row, true, predicted, sizes[row].item())


def _wrong_labels(
    answers: LabelAnswers, outputs: Tensor, targets: Tensor, most: int
) -> Iterable[Mistake]:
    """A label that is taken for there has its output as its size, and else the rest to 1."""
    predicted, true = outputs > 0.5, targets > 0.5
    sizes = outputs.where(predicted, 1 - outputs).flatten()
    for index in _worst(sizes, (predicted != true).flatten(), most):
        row, label = divmod(index, len(answers.targets))
        is_it, taken = (str(int(one[row, label])) for one in (true, predicted))
        yield Mistake(row, is_it, taken, sizes[index].item(), answers.targets[label])


def _wrong_numbers(
    answers: NumberAnswers, outputs: Tensor, targets: Tensor, most: int
) -> Iterable[Mistake]:
    sizes = (outputs - targets).abs().flatten()
    predicted, true = (answers.to_values(one).flatten(1) for one in (outputs, targets))
    for index in _worst(sizes, sizes != 0, most):
        row, number = divmod(index, len(answers.targets))
        name = answers.targets[number] if len(answers.targets) > 1 else ""
        both = true[row, number].item(), predicted[row, number].item()
        yield Mistake(row, *both, sizes[index].item(), name)
