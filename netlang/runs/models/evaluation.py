"""An evaluation says how good a trained network is on samples whose targets are known.

Samples come in parts of any size, and few are kept: there are sums, counts, and the worst mistakes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from netlang.catalogue import registry
from netlang.catalogue.metrics import Metric, TopK, confusion
from netlang.catalogue.metrics.counts import counts_of_labels, f1, precision, recall
from netlang.compiler.ir import Program
from netlang.runs.models.answers import (
    Answers,
    ClassAnswers,
    LabelAnswers,
    NumberAnswers,
    SeveralAnswers,
    kind_of_outputs,
    own_outputs,
)
from netlang.runs.training.measurement import Measurement
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor


_PART = "evaluated"  # what the measurement calls the samples


class ClassScore(Record):
    """How well the class or label ``name`` is found: ``support`` samples are of it, and it is
    ``predicted`` for so many.

    ``precision`` is the share of these that are of it; ``recall`` the share of its own for which it
    is predicted; ``f1`` their harmonic mean. A share of nothing is 0.
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int
    predicted: int


class Mistake(Record):
    """The sample of the number ``row``, which is not what was ``predicted``.

    ``size`` is how wrong that is: the number that the network gave the wrong class or label, or how
    far the prediction is from what is ``true``, in the scale in which it was trained.
    ``target`` names the number or the label, where there is more than one.
    """

    row: int
    true: str | float
    predicted: str | float
    size: float
    target: str = ""


class Evaluation(Record):
    """What is known of ``samples`` samples.

    ``metrics`` has the loss and all metrics that fit. ``scores`` has each class or label, and
    ``macro`` their mean, without classes that do not occur and that none is taken for.
    ``confusion`` counts samples by their class, and then by that which they are taken for.
    ``mistakes`` are the worst, from the worst on. Of several outputs, each has all of this in
    ``outputs``, by its name.
    """

    samples: int
    metrics: Mapping[str, float]
    scores: tuple[ClassScore, ...] = ()
    macro: ClassScore | None = None
    confusion: tuple[tuple[int, ...], ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    outputs: Mapping[str, Evaluation] = MappingProxyType({})

    def as_data(self) -> dict[str, object]:
        """The evaluation as JSON holds it, which has no number for what is none."""
        found = self.as_dict() | {
            "metrics": dict(self.metrics),
            "scores": [score.as_dict() for score in self.scores],
            "macro": self.macro.as_dict() if self.macro else None,
            "mistakes": [mistake.as_dict() for mistake in self.mistakes],
        }
        del found["outputs"]
        if self.outputs:
            found["outputs"] = {name: one.as_data() for name, one in self.outputs.items()}
        return {name: _in_json(value) for name, value in found.items()}


class Evaluator:
    """Evaluates the outputs of ``program``'s network, which ``answers`` reads; it keeps the
    ``most`` worst mistakes of each output.
    """

    def __init__(self, program: Program, answers: Answers, most: int = 10) -> None:
        assert program.loss
        assert program.description
        self._program = program
        one = [(None, answers)]
        self._outputs = answers.outputs if isinstance(answers, SeveralAnswers) else one
        units = [one.to_values if isinstance(one, NumberAnswers) else _as_it_is
                 for _, one in self._outputs]  # fmt: skip
        measured = program.with_settings(metrics=all_metrics(program))
        self._measurement = Measurement(measured, program.loss.anew(), _PART, units)
        self._judges = [_Judge(one, most) for _, one in self._outputs]
        self._samples = 0

    def add(self, outputs: Tensor, targets: Tensor, weights: Tensor | None = None) -> None:
        """Add samples with their targets and their ``weights`` in the loss, as a data set has them.

        They are numbered in the order in which they come, from 1 on.
        """
        self._measurement.add(outputs, targets, weights)
        first, self._samples = self._samples + 1, self._samples + len(outputs)
        if self._samples * math.prod(outputs.shape[1:]) > MOST_KEPT:
            self._measurement.leave_out(self._is_too_large)
        for (part, answers), judge in zip(self._outputs, self._judges, strict=True):
            if part is None:
                judge.add(first, outputs, targets)
                continue
            own = part.of_targets(targets)
            own = own if isinstance(answers, ClassAnswers) else own.flatten(1)
            judge.add(first, own_outputs(part, answers, outputs), own)

    def _is_too_large(self, metric: Metric) -> bool:
        """Whether it keeps all outputs, and the file does not ask for it."""
        named = {type(one) for one in self._program.metrics}
        return bool(metric.keeps) and type(metric) not in named

    def evaluation(self) -> Evaluation:
        """What is known of all samples so far, at least one."""
        metrics = self._metrics()
        found = [judge.evaluation(self._samples) for judge in self._judges]
        if self._outputs[0][0] is None:
            return found[0].replace(metrics=metrics)
        each = {}
        for (part, _), one in zip(self._outputs, found, strict=True):
            assert part
            begin = f"{part.name}."
            own = {n.removeprefix(begin): v for n, v in metrics.items() if n.startswith(begin)}
            each[part.name] = one.replace(metrics=own)
        return Evaluation(self._samples, metrics, outputs=each)

    def _metrics(self) -> dict[str, float]:
        measured = self._measurement.values()
        found = {name.removeprefix(f"{_PART}."): value for name, value in measured.items()}
        for one in self._measurement.program.measures:
            if self._samples < one.metric.least_samples:
                found = {path: number for path, number in found.items() if path not in one.paths}
        return found


class _Judge:
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


def _as_it_is(values: Tensor) -> Tensor:
    return values


MOST_KEPT = 1 << 23  # outputs, which a metric keeps that the file does not ask for


def all_metrics(program: Program) -> tuple[Metric, ...]:
    """The metrics of the program, and all others that say something of its outputs, with their
    defaults.
    """
    described, count = program.description, max(1, len(program.outputs))
    assert described
    targets = [one for _, one in described.for_outputs(count) or ()]
    kinds = [kind_of_outputs(program, index) for index in range(count)]
    both = zip(targets, kinds, strict=False)
    are_scores = any(kind == "scores" and one.task != "regression" for one, kind in both)
    own = {type(metric) for metric in program.metrics}

    def fits(item: type[Metric]) -> bool:
        """Whether it is another one, which says something."""
        its = [one for one in targets if one.task in item.tasks]
        return (
            bool(its)
            and item not in own
            and not item.only_named
            and not (item.needs_probabilities and are_scores)
            and not (item is TopK and max(one.outputs for one in its) <= TopK.k)
            and item.suits(program.data)
        )

    others = [item.declared({}) for item in registry.items("metric") if fits(item)]
    return *program.metrics, *others


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


def _in_json(value: Any) -> Any:
    """``value`` with None for each number that is infinite or none."""
    match value:
        case dict():
            return {name: _in_json(one) for name, one in value.items()}
        case list() | tuple():
            return [_in_json(one) for one in value]
        case float() if not math.isfinite(value):
            return None
    return value
