"""Training on a few samples of a program's data: can it learn these, and does all of it work?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

from netlang.catalogue import registry
from netlang.catalogue.data import DataSet, Description, Samples, Split
from netlang.catalogue.layers import Dropout
from netlang.catalogue.metrics import Metric
from netlang.catalogue.randomness import generator
from netlang.catalogue.targets import NO_CLASS
from netlang.compiler.ir import Graph, Node, Program
from netlang.runs.training.events import EpochDone, Finished, Started, StepsDone
from netlang.runs.training.training import Training
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

FAST_STEPS = 3
_LEAST_STEPS, _MOST_STEPS = 2_000, 20_000  # that a network gets to learn a few samples
_LEARNED = 0.99  # of a metric whose best value is 1


class FewSamples(DataSet):
    """A few samples of each part of other data, drawn by the seed: of classes one after the other,
    as a table may be sorted by them, and those last that have no class at any of their places. A
    part of none is left out.
    """

    data: DataSet
    described: Description

    @classmethod
    def of(cls, program: Program, train: int, others: int = 0) -> Self:
        """At most so many samples of the program's data to train on, and of each other part."""
        found, few = program.description, cls.declared({})
        assert program.data
        assert found
        few.data = program.data
        few.described = found.replace(
            train=min(found.train, train),
            validation=min(found.validation, others),
            test=min(found.test, others),
            counts=(),  # which are those of all rows
        )
        return few

    def describe(self, seed: int = 0) -> Description:
        return self.described

    def load(self, seed: int = 0) -> Split:
        whole, sizes = self.data.load(seed), self.described
        train = self._some(whole.train, sizes.train, seed)
        assert train
        test = self._some(whole.test, sizes.test, seed)
        validation = self._some(whole.validation, sizes.validation, seed)
        return Split(train, test, validation, whole.pipeline)

    def _some(self, samples: Samples | None, count: int, seed: int) -> Samples | None:
        if samples is None or not count:
            return None
        samples = samples.some()
        order = torch.randperm(len(samples), generator=generator(seed, "few samples"))
        if self.described.task == "classification":
            order = order[_turns(samples.targets[order]).argsort(stable=True)]
        rows = order[:count]
        weights = None if samples.weights is None else samples.weights[rows]
        return Samples(samples.inputs[rows], samples.targets[rows], weights)

    def border(self) -> Tensor | None:
        return self.data.border()


def _turns(classes: Tensor) -> Tensor:
    """How many samples before each are of its class; of classes at each place, 1 for those that
    have none at all, and 0 for others.  Shape: [N, *] -> [N].
    """
    if classes.dim() > 1:
        return (classes == NO_CLASS).flatten(1).all(1).int()
    by_class = classes.argsort(stable=True)
    sizes = classes.bincount()
    firsts = sizes.cumsum(0) - sizes
    turns = torch.empty_like(by_class)
    turns[by_class] = torch.arange(len(classes)) - firsts[classes[by_class]]
    return turns


def fast_program(program: Program) -> Program:
    """The program with an epoch of a few steps, and as many batches of each other part. Nothing is
    expected of it.
    """
    few = FewSamples.of(program, *[FAST_STEPS * program.batch_size] * 2)
    short = program.replace(description=few.describe(), expectations=())
    augment = tuple(one for one in program.augment if not one.in_order)
    return short.with_settings(data=few, epochs=1, augment=augment)


class Learned(Record):
    """Whether a network can learn ``samples`` samples: ``metric`` was ``value`` after ``steps``
    steps, and ``before`` in the first epoch. Of them, ``contradicting`` have the inputs of another
    sample and not its target.
    """

    samples: int
    metric: str
    value: float
    before: float
    steps: int
    contradicting: int

    @property
    def ok(self) -> bool:
        return self.value >= _LEARNED

    def as_data(self) -> dict[str, object]:
        """The answer as JSON holds it."""
        return {"event": "overfit", **self.as_dict(), "learned": self.ok}


def overfit(
    program: Program, backend: str, samples: int
) -> Iterator[Started | StepsDone | EpochDone | Learned]:
    """Train on so many training samples alone, as they are, without dropout and penalties and with
    one learning rate, until the network gives all of them, or has had the steps of the file's own
    training, but 2,000 at least and 20,000 at most.

    Raises NetError where training diverges.
    """
    training = Training(_to_overfit(program, samples), backend)
    metric, *others = [path for one in training.program.measures for path in one.paths]
    first = value = 0.0
    for event in training.events():
        if isinstance(event, Finished):
            break
        yield event
        if isinstance(event, EpochDone):
            found = {path: event.metrics[f"train.{path}"] for path in (metric, *others)}
            metric, value = min(found.items(), key=lambda one: one[1])  # of several, the worst
            others = [path for path in found if path != metric]
            first = value if event.epoch == 1 else first
            if value >= _LEARNED:
                break
    train, steps = training.split.train, training.optimizer.steps
    yield Learned(len(train), metric, value, first, steps, _contradicting(train))


def _to_overfit(program: Program, samples: int) -> Program:
    few = FewSamples.of(program, samples)
    found = few.describe()
    assert program.description
    own = program.epochs * -(-program.description.train // program.batch_size)
    short = program.replace(
        description=found, expectations=(), graph=_without_dropout(program.graph)
    )
    each = -(-found.train // short.batch_size)
    epochs = -(-min(max(own, _LEAST_STEPS), _MOST_STEPS) // each)
    tasks = dict.fromkeys(one.task for _, one in found.tasks or [("", found)])
    metrics = tuple(map(_metric, tasks))
    alone = dict.fromkeys(("stop", "schedule", "penalty", "average", "augment"))
    return short.with_settings(data=few, epochs=epochs, metrics=metrics, **alone)


def _metric(task: str) -> Metric:
    """The metric that says whether samples are learned: 1 is the best that it can be."""
    fitting = (one for one in registry.items("metric") if one.by_default and task in one.tasks)
    return next(one for one in fitting if one.bounds[1] == 1).declared({})


def _without_dropout(graph: Graph) -> Graph:
    return graph.replace(nodes=tuple(map(_kept, graph.nodes)))


def _kept(node: Node) -> Node:
    name = "p" if isinstance(node.layer, Dropout) else "dropout"
    if name not in node.layer.values:
        return node
    return node.replace(layer=type(node.layer).declared({**node.layer.values, name: 0.0}))


def _contradicting(samples: Samples) -> int:
    """How many samples have the inputs of another one before them, and another target."""
    seen: dict[Sequence[Any], Any] = {}
    with torch.inference_mode():
        inputs, targets = samples.inputs.flatten(1).tolist(), samples.targets.tolist()
    pairs = zip(map(tuple, inputs), targets, strict=True)
    return sum(seen.setdefault(inputs, target) != target for inputs, target in pairs)
