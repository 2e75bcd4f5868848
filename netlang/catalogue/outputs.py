"""A network of several outputs has a loss for each of them, and what is trained is their sum.

Outputs lie side by side in one row, in the order in which the network ends in them, and so do their
targets: class numbers as whole floats beside numbers to predict. So batches, engines, checkpoints
and exports know one tensor of outputs and one of targets, as they do for a network of one output.
An ``OutputPart`` says where an output and its target lie; losses and metrics ask it for theirs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Self

from netlang.catalogue.arguments import as_source
from netlang.catalogue.items import Item
from netlang.catalogue.losses import Loss
from netlang.catalogue.losses.loss import Whole
from netlang.catalogue.metrics import Metric
from netlang.catalogue.targets import OutputPart, check_classes
from netlang.language.shapes import Shape
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.data import Description


class Measure(Record):
    """A ``metric`` of one ``part`` of the outputs, None where there is one output; ``names`` are
    those of its classes or labels.
    """

    metric: Metric
    part: OutputPart | None = None
    names: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """What its numbers are called behind the part of the data: ``accuracy``, or
        ``kind.accuracy``.
        """
        begin = f"{self.part.name}." if self.part else ""
        return tuple(f"{begin}{label}" for label in self.metric.labels(self.names))


def measures(
    metrics: Sequence[Metric], outputs: Sequence[OutputPart], described: Description | None = None
) -> tuple[Measure, ...]:
    """What is measured by the ``metrics``, of data that are ``described``: of several outputs, each
    by those that fit it. Tables are not among it.
    """
    metrics = [metric for metric in metrics if not metric.is_table]
    targets = described.for_outputs(len(outputs) or 1) if described else None
    names = [one.names for _, one in targets or ()] or [()] * (len(outputs) or 1)
    if not outputs:
        return tuple(Measure(metric, None, names[0]) for metric in metrics)
    both = ((metric, *one) for one in zip(outputs, names, strict=True) for metric in metrics)
    return tuple(Measure(*one) for one in both if one[1].task in one[0].tasks)


def loss_of(loss: Loss, part: OutputPart | None) -> Loss:
    """The loss of one ``part`` of the outputs, or of the only one."""
    if part is None or not isinstance(loss, SumOfLosses):
        return loss
    return next(term.loss for term in loss.terms if term.part == part)


class Term(Record):
    """A ``loss`` times its ``weight``, of one ``part`` of the outputs; None is all of them."""

    loss: Loss
    weight: float = 1.0
    part: OutputPart | None = None

    def parts(self, y: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """The outputs and targets that the loss takes."""
        return (self.part.of_outputs(y), self.part.of_targets(t)) if self.part else (y, t)

    def of_whole(self, whole: Whole) -> Whole:
        """The loss's own of the targets of a whole batch, or of how many samples it has."""
        if self.part is None or whole is None or isinstance(whole, int):
            return whole
        return self.part.of_targets(whole)

    def text(self, written: Callable[[Item], str]) -> str:
        """The term as a file has it; the loss is ``written`` with its arguments."""
        loss = written(self.loss)
        return loss if self.weight == 1 else f"{as_source(self.weight)} * {loss}"


class SumOfLosses(Loss, abstract=True):
    """Σ weight · loss, of several outputs each of its own; or of one, which may have several.

    Shape: y [N, row of outputs], t [N, row of targets].  Source: the sum rule; the gradient of the
    row is the row of the gradients.
    """

    terms: tuple[Term, ...]

    @classmethod
    def of(cls, *terms: Term) -> Self:
        found = cls.declared({})
        found.terms = terms
        names = found.text(lambda item: item.name)
        vars(found)["name"] = names
        return found

    def anew(self) -> Self:
        return self.of(*(term.replace(loss=term.loss.anew()) for term in self.terms))

    def text(self, written: Callable[[Item], str]) -> str:
        """The sum as a file has it; each loss is ``written`` with its arguments."""
        texts = [term.text(written) for term in self.terms]
        return f"[{', '.join(texts)}]" if self.parts else " + ".join(texts)

    @property
    def parts(self) -> tuple[OutputPart, ...]:
        return tuple(term.part for term in self.terms if term.part)

    @property
    def expects(self) -> str:  # type: ignore[override]
        """What the outputs have to be, where there is one."""
        if self.parts:
            return ""
        return next((term.loss.expects for term in self.terms if term.loss.expects), "")

    @property
    def tasks(self) -> Sequence[str]:  # type: ignore[override]
        if self.parts:
            return ()
        first, *others = (term.loss.tasks for term in self.terms)
        return [task for task in first if all(task in tasks for tasks in others)]

    @property
    def skips(self) -> bool:  # type: ignore[override]
        return not self.parts and all(term.loss.skips for term in self.terms)

    @property
    def takes_one_output(self) -> bool:  # type: ignore[override]
        return all(term.loss.takes_one_output for term in self.terms)

    @property
    def outputs_per_number(self) -> int:  # type: ignore[override]
        return 1 if self.parts else self.terms[0].loss.outputs_per_number

    @property
    def target_range(self) -> tuple[float, float] | None:  # type: ignore[override]
        ranges = (term.loss.target_range for term in self.terms)
        return None if self.parts else next(filter(None, ranges), None)

    def outputs_for(self, wanted: Shape) -> Shape:
        return wanted if self.parts else self.terms[0].loss.outputs_for(wanted)

    @property
    def is_mean(self) -> bool:
        return all(term.loss.is_mean for term in self.terms)

    def bounds_for(self, outputs: int) -> tuple[float, float]:
        least = most = 0.0
        for term in self.terms:
            own = outputs if term.part is None else math.prod(term.part.shape)
            ends = [term.weight * end for end in term.loss.bounds_for(own)]
            least, most = least + min(ends), most + max(ends)
        return least, most

    def value(self, y: Tensor, t: Tensor) -> Tensor:
        return self._sum(lambda term: term.loss.value(*term.parts(y, t)), y)

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        return self._sum(lambda term: term.loss.each(*term.parts(y, t)), y)

    def per_sample(self, y: Tensor, t: Tensor, weights: Tensor | None = None) -> Tensor:
        return self._sum(lambda term: term.loss.per_sample(*term.parts(y, t), weights), y)

    def means(
        self, y: Tensor, t: Tensor, weights: Tensor | None = None
    ) -> Sequence[tuple[float, float]]:
        return [
            (term.weight * mean, count)
            for term in self.terms
            for mean, count in term.loss.means(*term.parts(y, t), weights)
        ]

    def weighted(self, y: Tensor, t: Tensor, weights: Tensor | None, whole: Whole = None) -> Tensor:
        def of(term: Term) -> Tensor:
            return term.loss.weighted(*term.parts(y, t), weights, term.of_whole(whole))

        return self._sum(of, y)

    def gradient(self, y: Tensor, t: Tensor) -> Tensor:
        return self._row(lambda term: term.loss.gradient(*term.parts(y, t)))

    def weighted_gradient(
        self, y: Tensor, t: Tensor, weights: Tensor | None, whole: Whole = None
    ) -> Tensor:
        def of(term: Term) -> Tensor:
            return term.loss.weighted_gradient(*term.parts(y, t), weights, term.of_whole(whole))

        return self._row(of)

    def check_row(self, t: Tensor, count: int) -> None:
        """Raises ValueError unless ``t`` has the targets of ``count`` samples for all outputs."""
        row = self.parts[-1].target_end
        if t.shape != (count, row):
            raise ValueError(f"targets have shape {list(t.shape)}, not [{count}, {row}]")
        for term in self.terms:
            if term.part and term.part.classes:
                own, outputs = term.part.of_targets(t), term.loss.predicted(term.part.shape)
                check_classes(own, outputs[-1], term.loss.skips)

    def predicted(self, outputs: Sequence[int]) -> tuple[int, ...]:
        return tuple(outputs) if self.parts else self.terms[0].loss.predicted(outputs)

    def stands_by(self, outputs: int) -> str:
        return "" if self.parts else self.terms[0].loss.stands_by(outputs)

    def prediction(self, y: Tensor) -> Tensor:
        return y if self.parts else self.terms[0].loss.prediction(y)

    @property
    def further(self) -> Sequence[str]:  # type: ignore[override]
        return () if self.parts else self.terms[0].loss.further

    def further_of(self, y: Tensor) -> Sequence[Tensor]:
        return () if self.parts else self.terms[0].loss.further_of(y)

    def probabilities(self, y: Tensor) -> Tensor:
        return y if self.parts else self.terms[0].loss.probabilities(y)

    def check(self, y: Tensor, t: Tensor) -> None:
        for term in self.terms:
            term.loss.check(*term.parts(y, t))

    def _sum(self, of: Callable[[Term], Tensor], y: Tensor) -> Tensor:
        """Σ weight · what ``of`` gives of each term."""
        found = (term.weight * of(term) for term in self.terms)
        return sum(found, start=y.new_zeros(()))

    def _row(self, of: Callable[[Term], Tensor]) -> Tensor:
        """The same of gradients, which lie side by side where outputs do."""
        first, *others = (term.weight * of(term) for term in self.terms)
        if self.parts:
            return torch.cat([one.flatten(1) for one in (first, *others)], 1)
        return sum(others, start=first)

    def __repr__(self) -> str:
        return self.text(repr)


def mean_of_members(loss: Loss, members: int) -> Loss:
    """The mean of the losses of ``members``, as a loss of the rows of all of them, N · members:
    what is a sum over rows counts a member's share there, and a mean over them is it already.
    """
    terms = loss.terms if isinstance(loss, SumOfLosses) else (Term(loss),)
    if loss.is_mean:
        return loss
    shares = (1 if term.loss.is_mean else members for term in terms)
    weighted = zip(terms, shares, strict=True)
    return SumOfLosses.of(*(term.replace(weight=term.weight / share) for term, share in weighted))
