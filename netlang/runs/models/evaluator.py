"""An evaluator takes samples in parts of any size, and makes an evaluation of them.

Few are kept: there are sums, counts, and the worst mistakes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue import registry
from netlang.catalogue.metrics import Metric, TopK
from netlang.compiler.answers import (
    Answers,
    ClassAnswers,
    NumberAnswers,
    SeveralAnswers,
    kind_of_outputs,
    own_outputs,
)
from netlang.compiler.ir import Program
from netlang.runs.models.evaluation import Evaluation
from netlang.runs.models.judge import Judge
from netlang.runs.training.measurement import Measurement

if TYPE_CHECKING:
    from torch import Tensor

_PART = "evaluated"  # what the measurement calls the samples
MOST_KEPT = 1 << 23  # outputs, which a metric keeps that the file does not ask for


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
        self._judges = [Judge(one, most) for _, one in self._outputs]
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


def _as_it_is(values: Tensor) -> Tensor:
    return values
